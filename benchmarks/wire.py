"""Prints a subject in wire format, in hexadecimal digits as JSON: for contenders that have no builders of their own."""

from __future__ import annotations

import json
import sys

from benchmarks.subjects import SUBJECTS

if __name__ == "__main__":
    plan = json.load(sys.stdin)
    message = SUBJECTS[plan["subject"]].build_by_hand(plan["size"])
    json.dump(message.SerializeToString(deterministic=True).hex(), sys.stdout)

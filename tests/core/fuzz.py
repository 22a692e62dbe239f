"""Feeds the compiled core and protobuf the same bytes for a while: ``fuzz.py [SECONDS [SEED]]``; see `make fuzz`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from wire_check import check, check_built
from wire_classes import set_hooks
from wire_messages import Maker, all_messages, mutate


def main(seconds: float, seed: int) -> None:
    """Check random, merged, mutated and random bytes of all messages; whatever fails is printed as a call."""
    set_hooks()
    messages, end, counts = all_messages(), time.monotonic() + seconds, {True: 0, False: 0}
    while time.monotonic() < end:
        random = Random(seed)
        make = Maker(random)
        descriptor = random.choice(messages)
        data = make.message(descriptor).SerializeToString(deterministic=random.random() < 0.5)
        tried = [data, data + make.message(descriptor).SerializeToString(), random.randbytes(random.randrange(20))]
        tried += [mutate(one, random) for one in tried[:2] for _ in range(5)]
        for one in tried:
            try:
                counts[check(descriptor, one)] += 1
            except BaseException:
                print(f"seed {seed}: {descriptor.full_name} of bytes.fromhex({one.hex()!r})", flush=True)
                raise
        check_built(descriptor, data)
        seed += 1
    print(f"{counts[True]} messages and {counts[False]} other bytes, up to seed {seed}")


if __name__ == "__main__":
    given = sys.argv[1:]
    main(float(given[0]) if given else 60, int(given[1]) if len(given) > 1 else int(time.time()))

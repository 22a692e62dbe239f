"""The inputs of an entry, kept beside it so that a miss can be explained: small ones whole, large ones as a digest."""

from __future__ import annotations

import base64
import hashlib
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flyteidl.core import literals_pb2

__all__ = ["MOST", "LARGE", "pack", "shortened", "unpack"]

LARGE = 4_096
"""Bytes from which on an input is kept as a digest."""

MOST = 65_536
"""Characters that the inputs of an entry may take; where they take more, they aren't kept."""

_SHORT = 512
"""Bytes below which nothing is gained by compressing: that takes longer than all the rest, and nothing is large."""

_AS_THEY_ARE = "="
"""What inputs begin with that aren't compressed. No others do, since this stands at the end of base64 only."""


def shortened(inputs: literals_pb2.LiteralMap) -> literals_pb2.LiteralMap:
    """Give a copy of *inputs* in which the large ones are their digests."""
    short = type(inputs)()
    short.CopyFrom(inputs)
    for literal in short.literals.values():
        size = literal.ByteSize()
        if size >= LARGE:
            digest = hashlib.blake2b(literal.SerializeToString(deterministic=True), digest_size=8).hexdigest()
            literal.Clear()
            literal.hash = f"{digest} of {size:,} bytes"
    return short


def pack(written: bytes) -> str:
    """Give inputs that are *written* so as text to be put after a checksum; nothing where they are too many."""
    if len(written) < _SHORT:
        return f" {_AS_THEY_ARE}{base64.b64encode(written).decode()}"
    from flyteidl.core import literals_pb2

    inputs = literals_pb2.LiteralMap.FromString(written)
    packed = zlib.compress(shortened(inputs).SerializeToString(deterministic=True), 1)
    text = f" {base64.b64encode(packed).decode()}"
    return text if len(text) <= MOST else ""


def unpack(tag: object) -> literals_pb2.LiteralMap | None:
    """Give the inputs in the tag of an entry; None if there are none, or they are damaged."""
    from flyteidl.core import literals_pb2

    packed = tag.partition(" ")[2] if isinstance(tag, str) and len(tag) <= 2 * MOST else ""
    if not packed:
        return None
    try:
        if packed.startswith(_AS_THEY_ARE):
            return literals_pb2.LiteralMap.FromString(base64.b64decode(packed[1:], validate=True))
        # Nobody has to have put them there by this package: what is planted may be made to grow.
        data = zlib.decompressobj().decompress(base64.b64decode(packed, validate=True), 64 * MOST)
        return literals_pb2.LiteralMap.FromString(data)
    except Exception:
        return None

"""What reads, writes, compares and copies models: the compiled core where it is used, or else the pure path.

The two give the same; this is the only place that knows which one is at work.
"""

from __future__ import annotations

from flytekit_models.model.state import CORE

if CORE is None:
    from flytekit_models.model.pure import (
        as_message,
        equal,
        first_read,
        first_write,
        from_bytes,
        from_message,
        hash_of,
        load,
        save,
        set_wire,
        to_bytes,
        to_message,
    )
else:
    from flytekit_models.model.compiled import (
        as_message,
        equal,
        first_read,
        first_write,
        from_bytes,
        from_message,
        hash_of,
        load,
        save,
        set_wire,
        to_bytes,
        to_message,
    )

__all__ = [
    "as_message",
    "equal",
    "first_read",
    "first_write",
    "from_bytes",
    "from_message",
    "hash_of",
    "load",
    "save",
    "set_wire",
    "to_bytes",
    "to_message",
]

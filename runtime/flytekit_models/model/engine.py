"""What reads, writes, compares and copies models: the compiled core where it is used, or else the pure path.

The two give the same; this is the only place that knows which one is at work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flytekit_models._core import MODULE as CORE

if TYPE_CHECKING or CORE is None:
    from flytekit_models.model import pure as engine
else:
    from flytekit_models.model import compiled as engine

as_message = engine.as_message
equal = engine.equal
first_read = engine.first_read
first_write = engine.first_write
from_bytes = engine.from_bytes
from_message = engine.from_message
hash_of = engine.hash_of
load = engine.load
save = engine.save
set_wire = engine.set_wire
to_bytes = engine.to_bytes
to_message = engine.to_message

"""What reads, writes, compares and copies models: the compiled core where it is used, or else the pure path.

The two give the same, and whoever asks here need not know which one is at work. It is loaded when something is first
read or written, so importing models loads none of it: ask for its functions here, as ``engine.load``. Where the core
offers a faster form of something else (the base of models, their properties, what constructors call, enum holders,
modules with parts), the file of that thing chooses it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from flytekit_models._core import MODULE as CORE

if TYPE_CHECKING:
    from flytekit_models.model.pure import as_message as as_message
    from flytekit_models.model.pure import equal as equal
    from flytekit_models.model.pure import from_bytes as from_bytes
    from flytekit_models.model.pure import from_message as from_message
    from flytekit_models.model.pure import hash_of as hash_of
    from flytekit_models.model.pure import level as level
    from flytekit_models.model.pure import load as load
    from flytekit_models.model.pure import save as save
    from flytekit_models.model.pure import set_wire as set_wire
    from flytekit_models.model.pure import to_bytes as to_bytes
    from flytekit_models.model.pure import to_message as to_message

_FUNCTIONS = (
    *("as_message", "equal", "from_bytes", "from_message", "hash_of"),
    *("level", "load", "save", "set_wire", "to_bytes", "to_message"),
)


def __getattr__(name: str) -> Any:
    if name not in _FUNCTIONS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    chosen = _chosen()
    globals().update({each: getattr(chosen, each) for each in _FUNCTIONS})
    return globals()[name]


def _chosen() -> Any:
    return import_module(f"{__package__}.{'pure' if CORE is None else 'compiled'}")


def first_read(model: Any) -> None:
    """Read the members of the first unread instance of a class."""
    _chosen().first_read(model)


def first_write(generated: Any) -> Callable[[Any, Any], None]:
    """What writes the first instance of *generated*: it has the engine make the function that writes all of them."""

    def write(value: Any, message: Any) -> None:
        if generated._fm_write is write:
            generated._fm_write = generated._fm_write_own = _chosen().first_write(generated)
        generated._fm_write(value, message)

    return write

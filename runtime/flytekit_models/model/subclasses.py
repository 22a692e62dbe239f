"""Subclasses of generated classes by others: they may override what is read and written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flytekit_models.model.state import ModelState

TAKES_MEMBERS = "_fm_takes_members"
"""The attribute in which a subclass remembers whether its constructor takes the members."""


def honour_overrides(cls: type[ModelState]) -> None:
    """Have *cls* written by what it overrides: its ``to_flyte_idl``, or the properties of members; and whatever its
    ``__setattr__`` refuses, a model keeps what it was read from.

    Decided once, when the class is made, so that classes that override nothing are written without a question.
    """
    overridden = overridden_members(cls)
    cls._fm_overrides = bool(overridden) or overrides(cls, "to_flyte_idl")
    cls._fm_strict = overrides(cls, "__setattr__")
    cls._fm_write_own = cls._fm_write = _writer(overridden)
    if overrides(cls, "to_flyte_idl"):
        cls._fm_write = _write_by_own_method


def honour_change(cls: type[ModelState], name: str) -> None:
    """Decide again, now that the subclass *cls* has another *name*, or none of its own any more.

    Class decorators and mocks put methods into a class that is made. A generated class itself stays as it is.
    """
    if cls is cls._fm_generated:
        return
    if name == "__init__":
        for each in (cls, *_subclasses(cls)):
            if TAKES_MEMBERS in each.__dict__:
                delattr(each, TAKES_MEMBERS)
    elif name in ("to_flyte_idl", "__setattr__") or name in cls._fm_slots:
        for each in (cls, *_subclasses(cls)):
            honour_overrides(each)


def _subclasses(cls: type[ModelState]) -> Iterator[type[ModelState]]:
    for each in cls.__subclasses__():
        yield each
        yield from _subclasses(each)


def overridden_members(cls: type[ModelState]) -> tuple[str, ...]:
    """The members of which the subclass *cls* overrides the property."""
    return tuple(name for name in cls._fm_generated._fm_slots if overrides(cls, name))


def overrides(cls: type[ModelState], name: str) -> bool:
    """Whether the subclass *cls* has a *name* of its own in the place of the generated class's."""
    inherited = getattr(cls._fm_generated, name, None)
    found = getattr(cls, name, None)
    return found is not inherited and found is not None


def _write_by_own_method(self: ModelState, message: Any) -> None:
    from flytekit_models.model.entities import written_by_itself

    message.SetInParent()
    written = written_by_itself(self, message)
    if written is not None:
        message.CopyFrom(written)


def _writer(overridden: tuple[str, ...]) -> Any:
    """What writes instances of a subclass: like the generated class, but *overridden* members by their properties."""

    def write(self: ModelState, message: Any) -> None:
        from flytekit_models.model.subclass_instances import plain_copy

        generated = self._fm_generated
        generated._fm_write(plain_copy(self, overridden), message)

    return write

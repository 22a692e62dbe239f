"""Subclasses of generated classes by others: they may override what is read and written."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import Parameter, signature
from typing import Any

from flytekit_models.model.state import M, ModelState, new_state, put, set_state

_TAKES_MEMBERS = "_fm_takes_members"


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
            if _TAKES_MEMBERS in each.__dict__:
                delattr(each, _TAKES_MEMBERS)
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
        generated = self._fm_generated
        generated._fm_write(plain_copy(self, overridden), message)

    return write


def plain_copy(model: ModelState, overridden: tuple[str, ...]) -> ModelState:
    """An instance of the generated class that says what *model* does; *overridden* members by their properties."""
    generated = model._fm_generated
    if overridden and model._fm_unread:
        generated._fm_read(model)
    plain = new_state(generated)
    plain._fm_baseline = model._fm_baseline
    plain._fm_unread = None if overridden else model._fm_unread
    if not plain._fm_unread:
        for member, attribute in generated._fm_slots.items():
            value = getattr(model, member) if member in overridden else getattr(model, attribute, None)
            setattr(plain, attribute, value)
    return plain


def takes_members(cls: type[ModelState]) -> bool:
    """Whether the constructor of the subclass *cls* is its own and takes the members of the model by name."""
    if _TAKES_MEMBERS not in cls.__dict__:
        setattr(cls, _TAKES_MEMBERS, _compare_constructors(cls))
    return bool(cls.__dict__[_TAKES_MEMBERS])


def _compare_constructors(cls: type[ModelState]) -> bool:
    if cls.__init__ is cls._fm_generated.__init__:
        return False
    try:
        signature(cls.__init__).bind(None, **dict.fromkeys(positional(cls._fm_generated)))
    except TypeError:
        return False
    return True


def positional(generated: type[ModelState]) -> list[str]:
    """The parameters of the constructor of *generated* that the contract fixes."""
    parameters = list(signature(generated.__init__).parameters.values())[1:]
    return [each.name for each in parameters if each.kind is Parameter.POSITIONAL_OR_KEYWORD]


def constructed(cls: type[M], plain: ModelState) -> M:
    """An instance of the subclass *cls* that its own constructor made, which says what *plain*, a read model, does."""
    held = cls._fm_slots
    names = [name for name in positional(cls._fm_generated) if name in held]
    made = cls(**{name: getattr(plain, held[name]) for name in names})
    for attribute in held.values():
        put(made, attribute, getattr(plain, attribute))
    set_state(made, plain._fm_baseline, None)
    return made

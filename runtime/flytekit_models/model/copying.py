"""Copies of models: ``copy``, ``deepcopy`` and ``pickle``.

A copy has what the model says, and what others put on it: attributes, and the slots of subclasses. The hooks by which
a class decides on its copies itself (``__reduce__``, ``__getstate__``, ``__setstate__``, ``__getnewargs__``) are
honoured; what they say of a model's own attributes comes beside what the model keeps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copyreg import dispatch_table
from typing import Any, NamedTuple

from flytekit_models.model.state import ModelState, description_of, is_generated, new_state, put, set_state

_MISSING = "attributes missing from the pickle"


Wire = bytes | tuple[bytes, bytes | None, tuple[tuple[int, bytes, bytes, bytes | None], ...]]
"""A message; the compiled core adds what the members do not say: the unknown fields, and its notes on fields."""


class Saved(NamedTuple):
    """What a model keeps of itself in a copy."""

    wire: Wire | None
    """The message it stands for, where its members do not say all of it."""
    members: dict[str, Any] | None
    """The members, where they were read, or given."""


def new(cls: type[ModelState], *args: Any, **kwargs: Any) -> Any:
    """An instance of *cls* in no state yet: its constructor has not run. Pickles name this function."""
    return cls.__new__(cls, *args, **kwargs)


def new_with_keywords(cls: type[ModelState], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Like :func:`new`, for a class whose ``__new__`` takes keywords."""
    return new(cls, *args, **kwargs)


def rebuilt(
    cls: type[ModelState], args: tuple[Any, ...], kwargs: dict[str, Any], wire: Wire | None, members: Any
) -> Any:
    """An instance of a class that restores its own state: it has what the model keeps, and waits for the rest."""
    made = new(cls, *args, **kwargs)
    set_saved(made, wire, members)
    return made


# Pickles name the package, since files may be moved.
for _function in (new, new_with_keywords, rebuilt):
    _function.__module__ = __name__.rpartition(".")[0]


def reduce(model: ModelState, saved: Saved) -> Any:
    """What ``__reduce_ex__`` of *model* gives; *saved* is what the model keeps of itself."""
    cls = type(model)
    args, kwargs = _new_arguments(model)
    getstate = getattr(cls, "__getstate__", None)
    if getstate is not None and getstate is not getattr(object, "__getstate__", None):
        others = getstate(model)
    else:
        others = _others(model)
    if cls.__setstate__ is not _own_setstate(model):  # type: ignore[attr-defined]
        # It takes what its own __getstate__ gave, so what the model keeps has to go another way.
        return rebuilt, (cls, args, kwargs, *saved), others
    made = (new_with_keywords, (cls, args, kwargs)) if kwargs else (new, (cls, *args))
    return (*made, (*saved, others))


def _own_setstate(model: ModelState) -> Any:
    return model._fm_generated.__setstate__  # type: ignore[attr-defined]


def _new_arguments(model: ModelState) -> tuple[tuple[Any, ...], dict[str, Any]]:
    if hasattr(model, "__getnewargs_ex__"):
        args, kwargs = model.__getnewargs_ex__()
        return args, kwargs
    if hasattr(model, "__getnewargs__"):
        return model.__getnewargs__(), {}
    return (), {}


def _others(model: ModelState) -> Any:
    """What others put on *model*, as ``object.__getstate__`` gives it: the attributes, and the slots of subclasses."""
    held = set(model._fm_slots.values()) | {"_fm_baseline", "_fm_unread"}
    attributes = {name: value for name, value in vars(model).items() if name not in held}
    slots = {name: getattr(model, name) for name in _own_slots(model) if hasattr(model, name)}
    return (attributes, slots) if slots else attributes


def _own_slots(model: ModelState) -> Iterator[str]:
    """The names of the slots that subclasses by others have."""
    ours = set(model._fm_generated.__mro__)
    for base in type(model).__mro__:
        declared = () if base in ours else base.__dict__.get("__slots__", ())
        for name in (declared,) if isinstance(declared, str) else declared:
            is_private = name.startswith("__") and not name.endswith("__")
            if name not in ("__dict__", "__weakref__"):
                yield f"_{base.__name__.lstrip('_')}{name}" if is_private else name


def has_own_hooks(model: ModelState) -> bool:
    """Whether others may have a say in how *model* is copied."""
    return not is_generated(model) or type(model) in dispatch_table


def twin(model: ModelState) -> Any:
    """A copy of *model*, which is read and has no hooks of its own, that shares its parts and its baseline."""
    made: Any = new_state(type(model))
    made._fm_baseline, made._fm_unread = model._fm_baseline, None
    for slot in model._fm_slots.values():
        if hasattr(model, slot):
            setattr(made, slot, getattr(model, slot))
    vars(made).update(vars(model))
    return made


def shallow_copy(model: ModelState) -> Any:
    """A copy of *model*, which is read, that shares its parts."""
    reducer = dispatch_table.get(type(model))
    reduced = model.__reduce_ex__(4) if reducer is None else reducer(model)
    if isinstance(reduced, str):
        return model
    make, args, *rest = reduced
    made = make(*args)
    state = rest[0] if rest else None
    if state is not None:
        if hasattr(made, "__setstate__"):
            made.__setstate__(state)
        else:
            set_others(made, state)
    return made


def restore(model: ModelState, state: Any) -> None:
    """Give *model*, which is new, the *state* of a copy, or of an object that a hand-written model pickled."""
    if isinstance(state, Mapping):
        _set_hand_written(model, state)
        return
    wire, members, others = state
    set_saved(model, wire, members)
    set_others(model, others)


def set_saved(model: ModelState, wire: Wire | None, members: dict[str, Any] | None) -> None:
    """Give *model*, which is new, what it kept of itself."""
    set_state(model, None, None)
    if wire is not None:
        model._fm_over(wire)
        if members or model._fm_eager:
            model._fm_generated._fm_read(model)
    if not members:
        return
    slots = model._fm_slots
    # Older pickles of this package name the slots.
    given = {slots.get(member) or slots[member.strip("_")]: value for member, value in members.items()}
    for slot in slots.values():
        # One pickled by an older version lacks some.
        if slot in given or not hasattr(model, slot):
            put(model, slot, given.get(slot))
    put(model, "_fm_unread", None)


def set_others(model: ModelState, others: Any) -> None:
    """Put back what others had put on a model."""
    attributes, slots = others if isinstance(others, tuple) and len(others) == 2 else (others, None)
    if attributes:
        model.__dict__.update(attributes)
    for name, value in (slots or {}).items():
        setattr(model, name, value)


def _set_hand_written(model: ModelState, state: Mapping[str, Any]) -> None:
    """Take the state of an object that a hand-written model pickled: the ``__dict__`` of its attributes.

    One pickled by an older version lacks some; they read as None, and ``_x`` of them raises AttributeError.
    """
    set_state(model, None, None)
    rest = dict(state)
    missing = []
    for field in description_of(model).fields:
        name = field.member if model._fm_eager else field.private
        if name not in rest:
            missing.append(name)
        put(model, model._fm_slots[field.member], rest.pop(name, None))
    model.__dict__.update(rest)
    if missing:
        model.__dict__[_MISSING] = frozenset(missing)


def is_missing(model: ModelState, name: str) -> bool:
    """Whether the private attribute *name* was missing from the pickle that *model* was read from."""
    return name in model.__dict__.get(_MISSING, ())

"""The attributes of a generated class, made together with it: slots, what code around flytekit calls ``_x``, refusals.

Importing a package makes hundreds of classes, and inside flytekit all at once, so little is made for each.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from flytekit_models._core import MODULE as CORE
from flytekit_models.model import engine

_MEMBERS = re.compile(r"^\s*\d+ (\w+)", re.MULTILINE)
_RENAMED = {
    option: re.compile(rf"^\s*\d+ (\w+)\b.* {option}=(\w+)", re.MULTILINE) for option in ("private", "property")
}


class _Refusal(partial[Any]):
    """The setter of a read-only property. Type hints can be asked of it, as of a function; it has none."""

    __slots__ = ()
    __annotations__ = {}


def add_attributes(class_name: str, namespace: dict[str, Any]) -> None:
    """Put what the generated class *class_name* says of its message (``_fm_proto``) into its *namespace*.

    >>> namespace = {"_fm_proto": "a.B b_pb2:B\\n 1 name string\\n 2 init__:_init string"}
    >>> add_attributes("Part", namespace)
    >>> namespace["__slots__"]
    ('_Part__name', '_Part__init__0')
    """
    proto = namespace["_fm_proto"]
    members = _MEMBERS.findall(proto)
    if proto.strip().partition("\n")[0].endswith(" eager"):
        namespace["_fm_slots"] = {member: member for member in members}
        namespace["__slots__"] = ()
        return
    # Python adds the class's name to a slot's. One that also ended in two underscores would be one of Python's own.
    prefix = f"_{class_name.lstrip('_')}__"
    slots = {member: f"{prefix}{member}0" if member[-2:] == "__" else prefix + member for member in members}
    namespace["_fm_slots"] = slots
    namespace["__slots__"] = tuple(slots.values())
    renamed = _renamed(proto, "property")
    given = {renamed.get(member, member): slot for member, slot in slots.items()} if renamed else slots
    for name, found in namespace.items():
        if found.__class__ is property:
            namespace[name] = _checked(name, found, given.get(name))
    renamed = _renamed(proto, "private")
    for member, slot in slots.items():
        name = renamed.get(member) or f"_{member}"
        namespace[name] = _Private(name, slot, _missing)


def _renamed(proto: str, option: str) -> dict[str, str]:
    """The members that *proto* says another name of, for the *option* ``property`` or ``private``."""
    return dict(_RENAMED[option].findall(proto)) if f" {option}=" in proto else {}


def refuse(name: str, model: Any, _: Any) -> None:
    """Refuse a value for the read-only property *name* of *model*.

    Raises:
        AttributeError: always; it says how a changed copy is made.
    """
    hint = f"replace({name}=...)" if name in model._fm_slots else "replace(...)"
    text = f"property {name!r} of {type(model).__name__!r} object has no setter; {hint} gives a changed copy"
    raise AttributeError(text, name=name, obj=model)


def is_refusal(setter: Any) -> bool:
    """Whether *setter*, of a property, only says that there is none."""
    return isinstance(setter, partial) and setter.func is refuse


_REFUSALS: dict[str, _Refusal] = {}
"""The setter of each read-only property by its name: many classes have a ``name``."""


def _checked(name: str, made: property, slot: str | None) -> property:
    """The property *name*, which refuses values if it has no setter; that of a *slot* is given by the core."""
    setter = made.fset or _REFUSALS.get(name)
    if setter is None:
        setter = _REFUSALS[name] = _Refusal(refuse, name)
    if CORE is not None and slot is not None:
        given: property = CORE.Member(made.fget, setter, made.__doc__, slot)
        return given
    return property(made.fget, setter)


_UNSET = object()


class _PurePrivate:
    """The attribute ``_x`` onto the slot of the member ``x``."""

    __slots__ = ("_missing", "_name", "_slot")

    def __init__(self, name: str, slot: str, missing: Any) -> None:
        self._name = name
        self._slot = slot
        self._missing = missing

    def __get__(self, model: Any, _: Any = None) -> Any:
        if model is None:
            return self
        if model._fm_unread:
            engine.load(model)
        value = getattr(model, self._slot, _UNSET)
        return self._missing(self._name, self._slot, model) if value is None or value is _UNSET else value

    def __set__(self, model: Any, value: Any) -> None:
        if model._fm_unread:
            engine.load(model)
        # Whatever `__setattr__` a subclass has.
        object.__setattr__(model, self._slot, value)
        object.__setattr__(model, "_fm_unread", None)

    def __delete__(self, model: Any) -> None:
        raise AttributeError(f"attribute {self._name!r} of {type(model).__name__!r} object cannot be deleted")


_Private = _PurePrivate if CORE is None else CORE.Private


def _missing(name: str, slot: str, model: Any) -> None:
    """Say what the private attribute *name* of a *model* that is read holds, where its *slot* is unset or None."""
    from flytekit_models.model.copying import is_missing

    if not hasattr(model, slot) or is_missing(model, name):
        raise AttributeError(f"{type(model).__name__!r} object has no attribute {name!r}")

"""The state of a model, and what every other part of the model object asks about its class.

A model is in one of three states:

* *built*: its constructor made it; it has no baseline.
* *unread*: it stands for a message that nobody has looked into; ``_fm_unread`` is true, ``_fm_baseline`` is what it
  stands for.
* *read*: its members were read. On the pure path the baseline stays; with the compiled core, a model that was read owns
  its values and keeps only what they do not say.

Names that begin with ``_fm_`` are private to this package: a subclass may call its attributes as it likes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from flytekit_models._core import MODULE as CORE
from flytekit_models.entity import FlyteIdlEntity

if TYPE_CHECKING:
    from collections.abc import Callable

    from flytekit_models.model.description import Description

_new = object.__new__


S = TypeVar("S", bound="_PureState")


class _PureState:
    """The state in Python's own slots."""

    __slots__ = ("_fm_baseline", "_fm_unread")

    if TYPE_CHECKING:
        _fm_strict: ClassVar[bool]

    # Of a class whose `__new__` gives Any, type checkers take every instance for anything.
    def __new__(cls: type[S], /, *_: Any, **__: Any) -> S:
        made: Any = _new(cls)
        if made._fm_strict:
            set_state(made, None, None)
        else:
            made._fm_baseline = made._fm_unread = None
        new: S = made
        return new


if TYPE_CHECKING or CORE is None:
    State = _PureState
    new_state = _new
    """Makes an instance in no state at all: both attributes are yet to be set."""
else:
    State = CORE.State
    new_state = CORE.State.__new__


class ModelState(FlyteIdlEntity, State):
    """What all models have: a state, and a class that says how members are stored, read and written."""

    __slots__ = ()

    if TYPE_CHECKING:
        # No annotations at run time: they would be taken for fields of the models that are dataclasses.
        _fm_proto: ClassVar[str]
        """The message and its members: see :mod:`flytekit_models.model.description`."""
        _fm_generated: ClassVar[type[ModelState]]
        """The generated class that this class is, or derives from."""
        _fm_slots: ClassVar[dict[str, str]]
        """Each member: the attribute that holds its value."""
        _fm_eager: ClassVar[bool]
        """Whether instances are read at once and hold their members as plain attributes, as the dataclasses do."""
        _fm_baseline: Any
        _fm_unread: bool | None
        """True until the members are read. None once one was assigned, or could have been; else as good as False."""
        _fm_read: ClassVar[Callable[[Any], None]]
        """Reads the members of an unread instance."""
        _fm_write: ClassVar[Callable[[Any, Any], None]]
        """Writes what stands for a model of this class into a message, which is empty and becomes present."""
        _fm_write_own: ClassVar[Callable[[Any, Any], None]]
        """Like ``_fm_write``, but never by way of a ``to_flyte_idl`` that a subclass overrides."""
        _fm_overrides: ClassVar[bool]
        """Whether it is a subclass that overrides how its instances are written."""
        _fm_strict: ClassVar[bool]
        """Whether it is a subclass that has a say in what is assigned: a ``__setattr__`` of its own."""
        _fm_message_class: ClassVar[Any]

        @classmethod
        def _fm_changed(cls, name: str) -> None:
            """Take notice that an attribute was put into the class, or taken out of it, after it was made."""

        def _fm_over(self, wire: Any) -> None:
            """Make this new instance stand for the message that *wire* is."""

    _fm_eager = _fm_overrides = _fm_strict = False
    _fm_message_class = None


M = TypeVar("M", bound=ModelState)

put = object.__setattr__
"""Sets an attribute that a model keeps for itself, whatever ``__setattr__`` a subclass has."""


def set_state(model: Any, baseline: Any, unread: bool | None) -> None:
    """Put *model* into a state: what it stands for, and whether its members are yet to be read."""
    put(model, "_fm_baseline", baseline)
    put(model, "_fm_unread", unread)


def description_of(model: ModelState) -> Description:
    """What the generated class of *model* says about its message."""
    from flytekit_models.model.description import describe

    return describe(type(model))


def is_model(value: Any) -> bool:
    """Whether *value* is a model. Asked of its class: a mock says that it is whatever it stands for."""
    return ModelState in type(value).__mro__


def is_generated(model: Any) -> bool:
    """Whether *model* is an instance of a generated class itself, not of a subclass by others."""
    return bool(type(model) is model._fm_generated)


def message_class(model: type[ModelState]) -> Any:
    """The protobuf class of the generated class *model*; imports it on first use.

    Raises:
        FlyteIdlTooOld: the installed IDL package lacks the message.
    """
    found = model._fm_message_class
    if found is None:
        from flytekit_models.messages import find_message_class
        from flytekit_models.model.description import describe

        found = model._fm_message_class = find_message_class(describe(model), model.__qualname__)
    return found


def values_of(model: ModelState) -> dict[str, Any]:
    """The members of *model*, which is not unread, by name, as they are stored; None where one has no value."""
    return {member: getattr(model, slot, None) for member, slot in model._fm_slots.items()}


def is_nothing(model: ModelState) -> bool:
    """Whether *model* was built, and nothing in it is set."""
    if model._fm_baseline is not None:
        return False
    return all(getattr(model, slot, None) is None for slot in model._fm_slots.values())


def blank(generated: type[M]) -> M:
    """A built *generated* model in which nothing is set."""
    model: M = new_state(generated)
    model._fm_baseline = model._fm_unread = None
    for attribute in generated._fm_slots.values():
        setattr(model, attribute, None)
    return model


def wrap(model: type[M], message: Any) -> M:
    """An unread *model* over *message*, which from now on belongs to it."""
    wrapped: M = new_state(model)
    if model._fm_strict:
        set_state(wrapped, message, True)
    else:
        wrapped._fm_baseline = message
        wrapped._fm_unread = True
    return wrapped

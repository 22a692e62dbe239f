"""The base of the generated models: a message that is read when it is asked, and written over in place.

A model is in one of three states:

* *built*: it came from its constructor; it has no baseline.
* *unread*: it wraps a message, its baseline, and nothing of it was read yet.
* *read*: its own members were read from the baseline (those of its sub-models when they are asked).

Writing a model that has a baseline starts from a copy of the baseline, so whatever the model does not show (unknown
fields, nanoseconds, absence) is written as it was read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, TypeVar

from flytekit_models.data.methods import DataMethods
from flytekit_models.entity import FlyteIdlEntity
from flytekit_models.messages import Lenient, find_message_class, inside_of, lacking_fields


class Model(DataMethods, FlyteIdlEntity):
    """A generated model of one message.

    A generated class says which message it models, reads its members from it (``_read``) and writes them into a
    new one (``_write``). The value of the member ``x`` is in the slot ``_x_``; ``_x`` is the same value for code that
    reads or sets private attributes, as code around flytekit does.
    """

    __slots__ = ("_baseline", "_unread")

    _MESSAGE: ClassVar[str]
    """Full name of the message."""
    _PB2: ClassVar[str]
    """The Python module that holds the message class, and its name there (dotted where it is nested)."""
    _FIELDS: ClassVar[dict[str, str]]
    """Each member that has a field: the field's name (for a flattened message, the path to what it holds)."""
    _ONEOFS: ClassVar[dict[str, tuple[str, ...]]] = {}
    """Each oneof and its members."""
    _SINCE: ClassVar[dict[str, str]] = {}
    """First IDL version of the members (and, under "", of the message) that not every supported version has."""
    _ALIASES: ClassVar[dict[str, str]] = {}
    """Private attributes that are not named after their member: each one's slot."""

    _GENERATED: ClassVar[type[Model]]
    """The generated class that this class is, or derives from."""
    _SLOTS: ClassVar[dict[str, str]]
    """Each member: the attribute that holds its value."""
    _message_class: ClassVar[Any] = None
    _takes_members: ClassVar[bool]
    """Of a subclass by others: whether its constructor takes the members (see `takes_members`)."""

    _baseline: Any
    _unread: bool | None
    """True until the members are read from the baseline; None once a member was, or could have been, assigned after
    that, which is as good as False, but tells writing to look for it."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "_MESSAGE" in cls.__dict__:
            cls._GENERATED = cls
            cls._write_own = cls.__dict__["_write"]  # type: ignore[method-assign]
            cls._SLOTS = cls._name_slots()
            _add_private_attributes(cls)
        elif hasattr(cls, "_GENERATED"):
            honour_overrides(cls)

    # What a generated class defines.

    def _read(self) -> None:
        """Set every member from the baseline, and last of all the flag, so that two threads may do it at once."""
        raise NotImplementedError

    def _write(self, message: Any) -> None:
        """Write every member that is set into *message*, which is empty, and present in its parent from now on.

        It is called as a function of the class: what it is given may be anything that stands for a model.
        """
        raise NotImplementedError

    def _write_own(self, message: Any) -> None:
        """Like ``_write``, but never by way of a ``to_flyte_idl`` that a subclass overrides."""
        raise NotImplementedError

    # What it builds on.

    @classmethod
    def _name_slots(cls) -> dict[str, str]:
        return {slot[1:-1]: slot for slot in cls.__dict__["__slots__"]}

    def _load(self) -> None:
        """Read the members of an unread model. The first of its class finds out how all others are read."""
        generated = self._GENERATED
        lacks = lacking_fields(generated, self._baseline)
        generated._load = Model._load_leniently if lacks else generated._read  # type: ignore[method-assign]
        self._load()

    def _load_leniently(self) -> None:
        """Read the members though the installed IDL lacks fields: as if these were not set."""
        generated = self._GENERATED
        lenient = wrap(generated, Lenient(self._baseline))
        lenient._read()
        values = {member: getattr(lenient, slot) for member, slot in generated._SLOTS.items()}
        values |= _defaults(generated, lacking_fields(generated, self._baseline))
        for member, value in values.items():
            setattr(self, generated._SLOTS[member], value)
        self._unread = lenient._unread

    def _is_nothing(self) -> bool:
        """Whether this model was built, and nothing in it is set."""
        return self._baseline is None and all(getattr(self, slot) is None for slot in self._SLOTS.values())

    def _as_message(self) -> Any:
        if type(self) is self._GENERATED and self._baseline is not None:
            if self._is_as_read():
                return self._baseline
            from flytekit_models.changes import is_changed

            if not is_changed(self):
                return self._baseline
        return to_message(self)

    def _is_as_read(self) -> bool:
        """Whether it shows at a glance that nothing has changed since this model was read from its baseline."""
        return bool(self._unread) or (self._unread is False and not inside_of(self).places)

    def __copy__(self: M) -> M:
        copied: M = new(type(self))
        copied._baseline = self._baseline
        copied._unread = self._unread
        copied.__dict__.update(self.__dict__)
        for attribute in self._SLOTS.values():
            if hasattr(self, attribute):
                setattr(copied, attribute, getattr(self, attribute))
        return copied

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        wire = None if self._baseline is None else self._baseline.SerializePartialToString(deterministic=True)
        members: Iterable[str] = ()
        if wire is None:
            members = self._SLOTS
        elif not self._is_as_read():
            from flytekit_models.changes import changed

            members = changed(self)
        attributes = [self._SLOTS[member] for member in members]
        values = {attribute: getattr(self, attribute) for attribute in attributes if hasattr(self, attribute)}
        held = self._SLOTS.values()
        others = {name: value for name, value in self.__dict__.items() if name not in held}
        return new, (type(self),), (wire, values, others)

    def __setstate__(self, state: tuple[bytes | None, dict[str, Any], dict[str, Any]] | dict[str, Any]) -> None:
        self._baseline, self._unread = None, False
        if isinstance(state, Mapping):
            self._set_hand_written_state(state)
            return
        wire, values, others = state
        if wire is not None:
            self._baseline, self._unread = message_class(self._GENERATED).FromString(wire), True
            if values or self._EAGER:
                self._load()
        for attribute, value in values.items():
            setattr(self, attribute, value)
            self._unread = None
        self.__dict__.update(others)

    _EAGER: ClassVar[bool] = False
    """Whether instances are read at once: they hold their members as plain attributes (the dataclasses do)."""

    def _set_hand_written_state(self, state: Mapping[str, Any]) -> None:
        """Take the state of an object that a hand-written model pickled: the ``__dict__`` of its attributes.

        One pickled by an older version lacks some; they read as None, and ``_x`` of them raises AttributeError.
        """
        rest = dict(state)
        missing = []
        attributes = {slot: alias for alias, slot in self._ALIASES.items()}
        for member, slot in self._SLOTS.items():
            name = attributes.get(slot, member if self._EAGER else f"_{member}")
            if name not in rest:
                missing.append(name)
            setattr(self, slot, rest.pop(name, None))
        self.__dict__.update(rest)
        if missing:
            self.__dict__[_MISSING] = frozenset(missing)


class MemberlessModel(Model):
    """A generated model of a message without fields."""

    __slots__ = ()

    def __new__(cls, *_: Any, **__: Any) -> Any:
        # The pickle of a hand-written model without members has no state to be set: this is all that runs.
        made = super().__new__(cls)
        made._baseline, made._unread = None, False
        return made


M = TypeVar("M", bound=Model)

_MISSING = "attributes missing from the pickle"


def new(cls: type[M]) -> M:
    """An instance of *cls* in no state yet: its constructor has not run."""
    return cls.__new__(cls)


def message_class(model: type[Model]) -> Any:
    """The protobuf class of the generated class *model*; imports it on first use.

    Raises:
        FlyteIdlTooOld: the installed IDL package lacks the message.
    """
    found = model._message_class
    if found is None:
        found = model._message_class = find_message_class(model)
    return found


def wrap(model: type[M], message: Any) -> M:
    """An unread *model* over *message*, which from now on belongs to it."""
    wrapped: M = _new(model)
    wrapped._baseline = message
    wrapped._unread = True
    return wrapped


def wrap_list(model: type[M], messages: Any) -> list[M]:
    """An unread *model* over each of the repeated *messages*."""
    models = []
    for message in messages:
        wrapped: M = _new(model)
        wrapped._baseline = message
        wrapped._unread = True
        models.append(wrapped)
    return models


def wrap_map(model: type[M], messages: Any) -> dict[Any, M]:
    """An unread *model* over each of the *messages* of a map."""
    models = {}
    for key in messages:
        wrapped: M = _new(model)
        wrapped._baseline = messages[key]
        wrapped._unread = True
        models[key] = wrapped
    return models


def wrap_read(model: type[M], message: Any) -> M:
    """Like :func:`wrap`, and read at once."""
    wrapped = wrap(model, message)
    wrapped._load()
    return wrapped


def from_message(cls: type[M], message: Any) -> M:
    """Read a model of the class *cls* from *message*, which may change afterwards without any effect.

    Raises:
        TypeError: *message* is not of the type that *cls* models.
    """
    kind = type(message)
    # One look-up finds all that is to be checked: for a small model, each further one would be a tenth of it all.
    if _READ_STRAIGHT.get(cls) is not kind:
        return _read_with_care(cls, message)
    baseline = kind()
    baseline.CopyFrom(message)
    model: M = _new(cls)
    model._baseline = baseline
    model._unread = True
    return model


_READ_STRAIGHT: dict[type[Model], Any] = {}
"""Each generated class that was read from a message and needs no care: its message class."""


def _read_with_care(cls: type[M], message: Any) -> M:
    """Read a model of the first message of its kind, of a subclass or of a dataclass.

    Raises:
        TypeError: *message* is not of the type that *cls* models.
    """
    descriptor = getattr(message, "DESCRIPTOR", None)
    if descriptor is None or descriptor.full_name != cls._MESSAGE:
        raise TypeError(f"{cls.__qualname__}.from_flyte_idl takes a {cls._MESSAGE} message, not {message!r}")
    kind = message_class(cls._GENERATED)
    if type(message) is kind:
        baseline = kind()
        baseline.CopyFrom(message)
    else:
        # One of another descriptor pool may lack fields that the installed one has.
        baseline = kind.FromString(message.SerializePartialToString())
    if cls is not cls._GENERATED and takes_members(cls):
        return _constructed(cls, baseline)
    if cls._EAGER:
        return wrap_read(cls, baseline)
    if cls is cls._GENERATED:
        _READ_STRAIGHT[cls] = kind
    return wrap(cls, baseline)


def to_message(model: Model) -> Any:
    """Write *model* into a new message.

    Raises:
        TypeError: a member holds a value of a wrong type; the error names it.
        ValueError: a value is out of range, two arms of one oneof are set, or the installed IDL lacks a field.
    """
    if type(model) is model._GENERATED and model._baseline is not None and model._is_as_read():
        copied = type(model._baseline)()
        copied.CopyFrom(model._baseline)
        return copied
    message = message_class(model._GENERATED)()
    try:
        model._write_own(message)
    except (TypeError, ValueError, AttributeError) as error:
        from flytekit_models.explain import explain

        explained = explain(model, error)
        if explained is error:
            raise
        raise explained from error
    return message


def write_model_list(model: type[Model], values: Any, messages: Any) -> None:
    """Write each of the *values*, a *model* or what stands in for one, into a new one of the repeated *messages*.

    Raises:
        TypeError: one is a model of another message, or has no ``to_flyte_idl`` and is no message of this type.
    """
    write, add = model._write, messages.add
    for value in values:
        write(value, add())


def write_model_map(model: type[Model], values: Mapping[Any, Any], messages: Any) -> None:
    """Write each of the *values* like :func:`write_model_list` does, under its key in the map *messages*."""
    write = model._write
    for key, value in values.items():
        write(value, messages[key])


def write_entity(value: Any, message: Any) -> None:
    """Write *value*, any model, entity or message, into the sub-message *message*, which becomes present.

    Raises:
        TypeError: *value* is a model of another message, or has no ``to_flyte_idl`` and is no message of this type.
    """
    # Looked up on the class: a mock answers for any attribute of an instance.
    model = type(value)
    try:
        write = model._write
    except AttributeError:
        message.SetInParent()
        message.CopyFrom(value.to_flyte_idl() if hasattr(value, "to_flyte_idl") else value)
    else:
        _check_message(model, message)
        write(value, message)


def _check_message(model: type[Model], message: Any) -> None:
    """Refuse a model of another message: it would write those of its members that this one has by chance."""
    wanted = message.DESCRIPTOR
    if wanted.full_name != model._MESSAGE:
        raise TypeError(f"expected a model or message of {wanted.full_name}, got {model.__name__} of {model._MESSAGE}")


def write_model_or_nothing(model: type[Model], value: Any, message: Any) -> None:
    """Write *value*, or leave *message* absent if *value* is a model that is written as None by itself."""
    if not (isinstance(value, Model) and value._is_nothing()):
        model._write(value, message)


_new = object.__new__


def _add_private_attributes(cls: type[Model]) -> None:
    if cls._EAGER:
        return
    names = {f"_{member}": slot for member, slot in cls._SLOTS.items()} | cls._ALIASES
    for name, slot in names.items():
        setattr(cls, name, _private_attribute(name, slot))


def _private_attribute(name: str, slot: str) -> property:
    """The attribute ``_x`` onto the slot ``_x_``."""

    def read(self: Model) -> Any:
        if self._unread:
            self._load()
        value = getattr(self, slot)
        if value is None and name in self.__dict__.get(_MISSING, ()):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return value

    def assign(self: Model, value: Any) -> None:
        # A subclass may assign before it calls the constructor.
        if getattr(self, "_unread", False):
            self._load()
        setattr(self, slot, value)
        self._unread = None

    return property(read, assign)


def _defaults(generated: type[Model], members: frozenset[str]) -> dict[str, Any]:
    """What the *members* of a model are whose constructor was given nothing but what it must be given."""
    from dataclasses import MISSING, fields
    from inspect import signature

    if generated._EAGER:
        # The constructor of a dataclass model may check what it is given.
        held = [each for each in fields(generated) if each.name in members]  # type: ignore[arg-type]
        made = {each.name: each.default_factory() for each in held if each.default_factory is not MISSING}
        return {each.name: None if each.default is MISSING else each.default for each in held} | made
    parameters = list(signature(generated.__init__).parameters.values())[1:]
    bare = generated(**{each.name: None for each in parameters if each.default is each.empty})
    return {member: getattr(bare, generated._SLOTS[member]) for member in members}


# Subclasses by others.


def honour_overrides(cls: type[Model]) -> None:
    """Have *cls* written by what it overrides: its ``to_flyte_idl``, or the properties of members.

    Decided once, when the class is made, so that classes that override nothing are written without a question.
    """
    overridden = tuple(name for name in cls._GENERATED._SLOTS if _overrides(cls, name))
    cls._write_own = cls._write = _writer(overridden)  # type: ignore[method-assign]
    if _overrides(cls, "to_flyte_idl"):
        cls._write = _write_by_own_method  # type: ignore[method-assign]
        cls._as_message = FlyteIdlEntity._as_message  # type: ignore[method-assign]


def _overrides(cls: type[Model], name: str) -> bool:
    inherited = getattr(cls._GENERATED, name, None)
    found = getattr(cls, name, None)
    return found is not inherited and found is not None


def _write_by_own_method(self: Model, message: Any) -> None:
    message.SetInParent()
    written = self.to_flyte_idl()
    if written is not None:
        message.CopyFrom(written)


def _writer(overridden: tuple[str, ...]) -> Any:
    """What writes instances of a subclass: like the generated class, but *overridden* members by their properties."""

    def write(self: Model, message: Any) -> None:
        generated = self._GENERATED
        if overridden and self._unread:
            self._load()
        plain = new(generated)
        plain._baseline, plain._unread = self._baseline, None if overridden else self._unread
        if not plain._unread:
            for member, attribute in generated._SLOTS.items():
                setattr(plain, attribute, getattr(self, member if member in overridden else attribute))
        generated._write(plain, message)

    return write


def takes_members(cls: type[Model]) -> bool:
    """Whether the constructor of the subclass *cls* is its own and takes the members of the model by name."""
    if "_takes_members" not in cls.__dict__:
        cls._takes_members = _compare_constructors(cls)
    return bool(cls.__dict__["_takes_members"])


def _compare_constructors(cls: type[Model]) -> bool:
    from inspect import signature

    if cls.__init__ is cls._GENERATED.__init__:
        return False
    try:
        signature(cls.__init__).bind(None, **dict.fromkeys(_positional(cls._GENERATED)))
    except TypeError:
        return False
    return True


def _positional(generated: type[Model]) -> list[str]:
    from inspect import signature

    parameters = list(signature(generated.__init__).parameters.values())[1:]
    return [parameter.name for parameter in parameters if parameter.kind is parameter.POSITIONAL_OR_KEYWORD]


def _constructed(cls: type[M], baseline: Any) -> M:
    """An instance of the subclass *cls* that its own constructor made, over *baseline*."""
    plain = wrap_read(cls._GENERATED, baseline)
    held = cls._SLOTS
    constructed = cls(**{name: getattr(plain, held[name]) for name in _positional(cls._GENERATED) if name in held})
    for attribute in held.values():
        setattr(constructed, attribute, getattr(plain, attribute))
    constructed._baseline, constructed._unread = baseline, None
    return constructed

"""The message classes behind models, found on first use, and what an older flyteidl lacks of them."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, NamedTuple


class FlyteIdlTooOld(ValueError):
    """The installed IDL package lacks a message or a field that was asked for."""


class MessagesMissing(ImportError):
    """The module with the protobuf classes of a model is not there, or cannot be imported."""


def find_message_class(model: Any) -> Any:
    """The generated protobuf class of the generated model class *model*, imported now if it was not yet.

    Raises:
        FlyteIdlTooOld: the installed package has no such message.
        MessagesMissing: there is no such package, or its module fails to import.
    """
    from importlib import import_module

    module, _, names = model._PB2.partition(":")
    try:
        found: Any = import_module(module)
    except Exception as error:
        # Whatever a module may raise: protobuf refuses what a newer protoc made with errors of several kinds.
        absent = isinstance(error, ModuleNotFoundError) and f"{module}.".startswith(f"{error.name}.")
        if absent and _installed(model):
            raise FlyteIdlTooOld(_lacks(model, model._MESSAGE, "")) from error
        raise MessagesMissing(_missing(model, module, None if absent else error), name=module) from error
    try:
        for name in names.split("."):
            found = getattr(found, name)
    except AttributeError as error:
        raise FlyteIdlTooOld(_lacks(model, model._MESSAGE, "")) from error
    return found


def _missing(model: Any, module: str, error: Exception | None) -> str:
    who = f"{model.__qualname__} needs the protobuf class of {model._MESSAGE}"
    if error is not None:
        return f"{who}, and its module {module} cannot be imported: {type(error).__name__}: {error}"
    return (
        f"{who}, and there is no module {module}: protoc makes it of the .proto file, "
        f"`python -m grpc_tools.protoc -I IDL --python_out=FOLDER FILES`, and FOLDER must be on sys.path"
    )


def _installed(model: Any) -> str | None:
    """The version of the distribution that has the protobuf classes; None if it is not an installed one."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(model._PB2.partition(":")[0].partition(".")[0])
    except (PackageNotFoundError, ValueError):
        return None


def lacking_fields(model: Any, message: Any) -> frozenset[str]:
    """The members of *model* whose field the type of *message* does not have."""
    known = message.DESCRIPTOR.fields_by_name
    return frozenset(member for member, path in model._FIELDS.items() if path.partition(".")[0] not in known)


def is_field_of(model: Any, member: str) -> bool:
    """Whether the installed message type has the field of *member*."""
    found = model._message_class or find_message_class(model)
    return model._FIELDS[member].partition(".")[0] in found.DESCRIPTOR.fields_by_name


class Inside(NamedTuple):
    """The members of a model that can change without being assigned, since they hold something: a model, a list."""

    values_of: Callable[[Any], tuple[Any, ...]]
    """A function of C that gives the values of these members (and the flag after them, lest there be none)."""
    places: tuple[tuple[str, str], ...]
    """Each of these members, and the path to its field."""


def inside_of(model: Any) -> Inside:
    """What there is inside a *model* that has a baseline, and all others of its class."""
    return _INSIDE.get(type(model)) or _find_inside(model)


_INSIDE: dict[type, Inside] = {}


def _find_inside(model: Any) -> Inside:
    generated = model._GENERATED
    found = _INSIDE.get(generated)
    if found is None:
        root = model._baseline.DESCRIPTOR
        places = tuple(place for place in generated._FIELDS.items() if _holds(root, place[1]))
        slots = [generated._SLOTS[member] for member, _ in places]
        found = _INSIDE[generated] = Inside(attrgetter(*slots, "_unread", "_unread"), places)
    return found


_READ_AS_PLAIN_VALUES = frozenset(
    f"google.protobuf.{name}"
    for name in ("Timestamp", "Duration", "BoolValue", "StringValue", "BytesValue", "DoubleValue", "FloatValue")
    + ("Int32Value", "Int64Value", "UInt32Value", "UInt64Value")
)


def _holds(descriptor: Any, path: str) -> bool:
    """Whether what is read from the field at *path* can change inside; so it may if there is no such field."""
    field = None
    for name in path.split("."):
        field = descriptor.fields_by_name.get(name)
        if field is None:
            return True
        descriptor = field.message_type
    return is_repeated(field) or (descriptor is not None and descriptor.full_name not in _READ_AS_PLAIN_VALUES)


def is_repeated(field: Any) -> bool:
    """Whether the *field* is a list or a map."""
    # Newer protobufs have no `label`, older ones no `is_repeated`.
    found = getattr(field, "is_repeated", None)
    return bool(field.label == field.LABEL_REPEATED if found is None else found)


def too_old(model: Any, member: str) -> FlyteIdlTooOld:
    """The error for setting a *member* that the installed IDL package has no field for."""
    return FlyteIdlTooOld(_lacks(model, f"{model._MESSAGE}.{model._FIELDS[member]}", member))


def _lacks(model: Any, element: str, member: str) -> str:
    package = model._PB2.partition(":")[0].partition(".")[0]
    version = _installed(model)
    installed = f"the installed {package} {version}" if version else f"the installed {package}"
    since = model._SINCE.get(member)
    cure = f"; {package} {since} is the first that has it" if since else ""
    who = f"{model.__qualname__}.{member}" if member else model.__qualname__
    return f"{who} cannot be written: {installed} has no {element}{cure}"


class Lenient:
    """A message that answers for the fields its type lacks, as if they were not set."""

    def __init__(self, message: Any) -> None:
        self._of = message

    def __getattr__(self, name: str) -> Any:
        return getattr(self._of, name, _NOTHING)

    def HasField(self, name: str) -> bool:
        """Whether the field is there and set."""
        return name in self._of.DESCRIPTOR.fields_by_name and self._of.HasField(name)

    def WhichOneof(self, name: str) -> str | None:
        """The arm that is set, if the message has the oneof at all."""
        return self._of.WhichOneof(name) if name in self._of.DESCRIPTOR.oneofs_by_name else None


class _Nothing:
    """The value of a field that is not there: empty in every way a reader may look at it."""

    def __getattr__(self, name: str) -> Any:
        return self

    def __iter__(self) -> Any:
        return iter(())

    def __getitem__(self, _: object) -> Any:
        return self

    def __call__(self, *_: Any) -> Any:
        return self

    def __bool__(self) -> bool:
        return False

    def __floordiv__(self, _: object) -> int:
        return 0

    def __truediv__(self, _: object) -> int:
        return 0


_NOTHING = _Nothing()

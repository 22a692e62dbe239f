"""What a generated class says about its message: one line for the message, one for each member.

The generator writes these lines (``_fm_proto``); the compiled core, the pure path and the data operations read them
here. A class is described when something of it is first read or written, not when it is imported.

The first line names the message and where protobuf's class for it is::

    flyteidl.core.Literal flyteidl.core.literals_pb2:Literal [option ...]

Each further line is a member, in the order of the constructor's parameters::

    NUMBER MEMBER[:FIELD] TYPE [option ...]

``TYPE`` is a scalar type of protobuf, or ``KIND:WHAT`` (see :class:`Field`); before it stands ``[]`` for a list,
``{KEY}`` for a map with keys of that type. A member that is no field has the number 0 and the type ``none``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

SCALARS = frozenset(
    ("bool", "bytes", "double", "float", "string")
    + ("fixed32", "fixed64", "int32", "int64", "sfixed32", "sfixed64", "sint32", "sint64", "uint32", "uint64")
)


@dataclass(frozen=True)
class Field:
    """A member of a model and the field behind it."""

    number: int
    """Number of the field; 0 for a member that is no field."""
    member: str
    """Name of the constructor's parameter."""
    name: str
    """Name of the field in the proto."""
    label: str
    """``one``, ``list`` or ``map``."""
    key: str | None
    """Scalar type of the keys of a map."""
    kind: str
    """``scalar``, ``enum``, ``model``, ``message``, ``datetime``, ``naive-datetime``, ``timedelta``,
    ``struct``, ``list-value``, ``value``, ``wrapper``, ``any``, ``key-values``, ``flattened``, ``none``."""
    type: str
    """Of a scalar its type. Of an enum or a model the reference to its class: ``module:Class``, or ``Class`` for one
    of the same module. Of any other kind the full name of the message. In a line, what ``inner`` and ``pair`` say
    follows that name, after slashes."""
    inner: Field | None
    """Of a flattened message, its only field, a map."""
    pair: tuple[int, str, int, str] | None
    """Of key-values, the number and the scalar type of the key, and those of the value."""
    options: dict[str, str]
    """What else the line says; an option without a value is the empty string.

    Of names: ``property`` and ``private``, where the property or the private attribute is not called after the member.
    Of presence: ``oneof``, ``explicit``, ``absent=default`` and ``empty=none``; ``yields``, whether an arm gives way to
    another one (``always``, or if it is ``false``). Of writing: ``written=truthy``, only if the value is true;
    ``written=none-as-empty``, None in a list as an empty message; ``sorted``, a list in the order of the ``value``
    itself or of an attribute. Functions of behaviours: ``read`` and ``write`` for a value, ``read-message`` for a
    model, which is given the whole message. ``since``: the version of the IDL that brought the field.

    Of the wire: ``expanded``, a list that is not packed; ``delimited``, ``required``, ``closed`` (an enum),
    ``unchecked`` (a text that need not be UTF-8); ``not-proto3``: its messages have, at any depth, what those of proto3
    do not."""

    @property
    def oneof(self) -> str | None:
        """The oneof it is an arm of."""
        return self.options.get("oneof")

    @property
    def explicit(self) -> bool:
        """Whether a single plain value has presence: unset and zero are two things."""
        return "explicit" in self.options or self.oneof is not None

    @property
    def absent(self) -> str:
        """What an absent message or an unset value reads as: ``none`` or ``default``."""
        return self.options.get("absent", "none")

    @property
    def empty_is_none(self) -> bool:
        """Whether an empty value reads as None too."""
        return self.options.get("empty") == "none"

    @property
    def property_name(self) -> str:
        """Name of the property that gives the member."""
        return self.options.get("property", self.member)

    @property
    def private(self) -> str:
        """Name of the private attribute that gives it, as in hand-written models."""
        return self.options.get("private", f"_{self.member}")

    @property
    def since(self) -> str | None:
        """First version of the IDL that has the field, where not every supported one does."""
        return self.options.get("since")


@dataclass(frozen=True)
class Description:
    """The message that a class models, and its members."""

    message: str
    """Full name of the message."""
    pb2: str
    """``module:Name`` of protobuf's class for it; the name is dotted where it is nested."""
    fields: tuple[Field, ...]
    """The members, in the order of the constructor's parameters."""
    options: dict[str, str]
    """``since``; ``carrier``: it travels as JSON in a Struct; ``nothing``: None is written where nothing is set;
    ``extensions``: others may extend the message."""
    module: str
    """The Python module that references without one are relative to."""

    @cached_property
    def by_member(self) -> dict[str, Field]:
        """The members by name."""
        return {field.member: field for field in self.fields}

    @cached_property
    def by_number(self) -> dict[int, Field]:
        """The fields by number."""
        return {field.number: field for field in self.fields if field.number}

    @cached_property
    def oneofs(self) -> dict[str, tuple[Field, ...]]:
        """Each oneof and its arms."""
        found: dict[str, list[Field]] = {}
        for field in self.fields:
            if field.oneof is not None:
                found.setdefault(field.oneof, []).append(field)
        return {name: tuple(arms) for name, arms in found.items()}

    def resolve(self, reference: str) -> Any:
        """The class or function that *reference* names; imports its module.

        >>> Description("", "", (), {}, "decimal").resolve("Decimal").__name__
        'Decimal'
        """
        from importlib import import_module

        module, _, path = reference.rpartition(":")
        found: Any = import_module(module or self.module)
        for name in path.split("."):
            found = getattr(found, name)
        return found


def parse(text: str, module: str) -> Description:
    """Read the lines of a class in *module*.

    >>> lines = ["1 names []string", "2 of:ofField {int32}model:x.y:C sorted=id", "3 at datetime:T oneof=w"]
    >>> names, of, at = parse("\\n".join(["a.B a.b_pb2:B", *lines]), "x").fields
    >>> names.label, names.kind, of.key, of.kind, of.type, of.name, at.oneof
    ('list', 'scalar', 'int32', 'model', 'x.y:C', 'ofField', 'w')
    """
    header, *lines = (line.split() for line in text.strip().splitlines())
    fields = tuple(_field(number, name, kind, options) for number, name, kind, *options in lines)
    # The name of a file may have spaces.
    pb2 = header[1].replace("%20", " ").replace("%25", "%")
    return Description(header[0], pb2, fields, _options(header[2:]), module)


def _field(number: str, name: str, kind: str, options: list[str]) -> Field:
    member, _, field = name.partition(":")
    label, key, inner, pair = "one", None, None, None
    if kind.startswith("[]"):
        label, kind = "list", kind[2:]
    elif kind.startswith("{"):
        key, _, kind = kind[1:].partition("}")
        label = "map"
    kind, _, of = kind.partition(":")
    if kind in SCALARS:
        kind, of = "scalar", kind
    elif kind == "flattened":
        of, inner_number, inner_name, inner_kind = of.split("/", 3)
        inner = _field(inner_number, inner_name, inner_kind, [])
    elif kind == "key-values":
        of, key_number, key_type, value_number, value_type = of.split("/")
        pair = (int(key_number), key_type, int(value_number), value_type)
    return Field(int(number), member, field or member, label, key, kind, of, inner, pair, _options(options))


def _options(words: list[str]) -> dict[str, str]:
    return {name: value for name, _, value in (word.partition("=") for word in words)}


def describe(cls: Any) -> Description:
    """What the generated class behind the model class *cls* says about its message.

    Raises:
        TypeError: *cls* is no class of a model.
    """
    found = cls.__dict__.get("_fm_description")
    if found is None:
        generated = getattr(cls, "_fm_generated", None)
        if generated is None:
            raise TypeError(f"{cls!r} is not the class of a model")
        found = generated.__dict__.get("_fm_description")
        if found is None:
            found = parse(generated._fm_proto, generated.__module__)
            generated._fm_description = found
    assert isinstance(found, Description)
    return found

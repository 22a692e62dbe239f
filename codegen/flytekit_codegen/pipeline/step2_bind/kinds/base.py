"""What a kind of field is: it knows which fields are of it, and how a member of its kind is declared.

How its values are read and written is the runtime's affair: it has a class for each kind, under the same name
(``flytekit_models.model.kinds``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from flytekit_codegen.pipeline.step1_read.contract import MemberContract
from flytekit_codegen.pipeline.step1_read.idl import is_map, is_repeated, map_key, map_value, message_of, real_oneof

if TYPE_CHECKING:
    from flytekit_codegen.pipeline.step2_bind.names import Names

SCALAR_TYPES = {
    number: name.removeprefix("TYPE_").lower()
    for name, number in vars(FieldDescriptor).items()
    if name.startswith("TYPE_")
}
"""The number of a type: its name in .proto files."""


@dataclass(frozen=True)
class At:
    """The member that a kind is asked about."""

    field: FieldDescriptor
    contract: MemberContract
    positional: bool
    default: str | None
    """For a parameter of the contract: the Python text of its default, None if it is required."""
    names: Names

    @property
    def element(self) -> FieldDescriptor:
        """The field of one value: of a map, the field of its values."""
        if is_map(self.field):
            return map_value(self.field)
        return self.field

    @property
    def message_type(self) -> Descriptor:
        """The message type of one value."""
        return message_of(self.element)

    @property
    def oneof(self) -> str | None:
        """The oneof that the field is an arm of."""
        return real_oneof(self.field)

    @property
    def absent(self) -> str:
        """What an absent value reads as: ``none`` or ``default``."""
        if self.contract.absent is not None:
            return self.contract.absent
        if self.field.message_type is None:
            return "none" if self.field.has_presence else "default"
        return "default" if self.positional and self.default is None and self.oneof is None else "none"


@dataclass(frozen=True)
class Code:
    """How a member is declared, and what the class's description says of it."""

    annotation: str
    """The type of the property."""
    given: str
    """The type of the constructor's parameter."""
    type: str
    """The type in the description: see ``flytekit_models.model.description``."""
    default: str = "None"
    """Of a keyword-only parameter."""
    stored: str | None = None
    """What the constructor stores, as an expression of the parameter ``{}``, where that is not what it was given."""

    container: str | None = None
    """``list`` or ``dict``, where a model that is not given one gets one of its own."""


class Kind:
    """A kind of field. A subclass says which fields are of it, and what one value is."""

    name: ClassVar[str]
    """What contract files and descriptions call it."""

    is_message: ClassVar[bool] = True

    def fits(self, field: FieldDescriptor) -> bool:
        """Whether a value of *field* is of this kind unless the contract says otherwise."""
        return False

    def takes(self, at: At) -> bool:
        """Whether the member can be of this kind, if the contract says so."""
        return self.fits(at.element)

    def annotation(self, at: At) -> str:
        """The Python type of one value."""
        raise NotImplementedError

    def given(self, at: At) -> str:
        """The Python type of what may be given for one value."""
        return self.annotation(at)

    def type(self, at: At) -> str:
        """The type of one value in the description."""
        return f"{self.name}:{at.message_type.full_name}"

    def zero(self, at: At) -> str:
        """The default of a plain value, as Python text (kinds of plain values only)."""
        raise NotImplementedError

    def stored(self, at: At) -> str | None:
        """What the constructor stores for one value that it was given as ``{}``, where that is not the value."""
        return None

    def stored_list(self, at: At) -> str:
        """What the constructor stores for a list that it was given as ``{}``."""
        return f"{at.names.api('as_list')}({{}})"

    def code(self, at: At) -> Code:
        """The declaration of the member."""
        if is_map(at.field):
            return self._map(at)
        if is_repeated(at.field):
            return self._list(at)
        return self._one(at)

    def _one(self, at: At) -> Code:
        annotation, given = self.annotation(at), _optional(self.given(at))
        code = Code(annotation, given, self.type(at), stored=self.stored(at))
        if self.is_message:
            may_be_none = at.contract.empty == "none" or at.absent == "none"
            return replace(code, annotation=_optional(annotation) if may_be_none else annotation)
        if at.field.has_presence or at.contract.empty == "none":
            return replace(code, annotation=_optional(annotation))
        return replace(code, default=self.zero(at))

    def _list(self, at: At) -> Code:
        one, names = self.annotation(at), at.names
        code = Code(
            f"{names.builtin('list')}[{one}]",
            f"{names.abstract('Sequence')}[{self.given(at)}] | None",
            f"[]{self.type(at)}",
        )
        if at.contract.written == "none-as-empty":
            code = replace(code, given=f"{names.abstract('Sequence')}[{self.given(at)} | None] | None")
        return self._container(at, code, self.stored_list(at), "[]")

    def _map(self, at: At) -> Code:
        one, names = self.annotation(at), at.names
        key = names.plain(map_key(at.field))
        code = Code(
            f"{names.builtin('dict')}[{key}, {one}]",
            f"{names.abstract('Mapping')}[{key}, {self.given(at)}] | None",
            f"{{{SCALAR_TYPES[map_key(at.field).type]}}}{self.type(at)}",
        )
        return self._container(at, code, None, "{}")

    def _container(self, at: At, code: Code, stored: str | None, empty: str) -> Code:
        if at.contract.empty == "none":
            return replace(code, annotation=_optional(code.annotation), stored=stored)
        if not at.positional:
            # Each model gets a container of its own.
            stored = f"{_literal(empty)} if {{}} is None else {stored or '{}'}"
        return replace(code, stored=stored, container={"[]": "list", "{}": "dict"}[empty])


def _literal(empty: str) -> str:
    """An empty container in a format string."""
    return empty.replace("{", "{{").replace("}", "}}")


def _optional(annotation: str) -> str:
    return annotation if annotation in ("Any", "None") or annotation.endswith("| None") else f"{annotation} | None"

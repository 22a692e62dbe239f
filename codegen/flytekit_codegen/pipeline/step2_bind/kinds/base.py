"""What a kind of field is: it knows how to declare, read and write a member of its kind, alone, in a list or a map."""

from __future__ import annotations

import keyword
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from google.protobuf.descriptor import Descriptor, FieldDescriptor, OneofDescriptor

from flytekit_codegen.pipeline.step1_read.contract import MemberContract
from flytekit_codegen.pipeline.step1_read.idl import is_map, is_repeated, map_key, map_value, message_of, real_oneof
from flytekit_codegen.pipeline.step2_bind.member_names import oneof_names

if TYPE_CHECKING:
    from flytekit_codegen.pipeline.step2_bind.names import Names


@dataclass(frozen=True)
class At:
    """The member that a kind is asked about."""

    field: FieldDescriptor
    name: str
    slot: str
    """The expression of its value: ``self._x_``."""
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
    def source(self) -> str:
        """The field, as an expression of ``message``."""
        name = self.field.name
        return f'getattr(message, "{name}")' if _cannot_be_written(name) else f"message.{name}"

    def assign(self, value: str) -> str:
        """The statement that sets the field, which is of a plain value."""
        name = self.field.name
        return f'setattr(message, "{name}", {value})' if _cannot_be_written(name) else f"message.{name} = {value}"

    @property
    def item(self) -> str:
        """The local variable for one value, where several are written; each member has its own, for its type."""
        return self.names.local(f"{self.name}_item")

    @property
    def key(self) -> str:
        """The local variable for the key of one value."""
        return self.names.local(f"{self.name}_key")

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

    @property
    def is_set(self) -> str:
        """The expression that tells whether the field is present in ``message``."""
        if self.arm is not None:
            return f'{self.arm} == "{self.field.name}"'
        return f'message.HasField("{self.field.name}")'

    @property
    def arm(self) -> str | None:
        """The local variable for the arm that is set, where the field is one of several."""
        oneof = self.field.containing_oneof
        # A lone arm is asked for by its own name: that makes no string.
        if oneof is None or self.oneof is None or len(oneof.fields) == 1:
            return None
        return arm_variable(oneof, self.names)


def _cannot_be_written(name: str) -> bool:
    """Whether Python refuses the name after a dot, or changes it inside a class."""
    return keyword.iskeyword(name) or (name.startswith("__") and not name.endswith("__"))


def arm_variable(oneof: OneofDescriptor, names: Names) -> str:
    """The local variable that holds the arm of *oneof* which is set."""
    return names.local(f"{_property(oneof)}_arm")


def arm_counter(oneof: OneofDescriptor, names: Names) -> str:
    """The local variable that counts the arms of *oneof* which a model has set."""
    return names.local(f"{_property(oneof)}_arms")


def _property(oneof: OneofDescriptor) -> str:
    return oneof_names(oneof.containing_type)[oneof.name]


@dataclass(frozen=True)
class Code:
    """The Python of one member."""

    annotation: str
    read: str
    write: tuple[str, ...]
    default: str = "None"
    """Of a keyword-only parameter."""
    given: str | None = None
    """Annotation of the parameter, where it takes more than the member gives."""
    stored: str | None = None
    """What the constructor stores, where that is not the parameter itself."""
    factory: str | None = None
    """The function that makes the default of a keyword-only parameter, where each model gets a container of its own."""
    asks: bool = False
    """Whether ``read`` asks which arm of the field's oneof is set."""
    shows: bool = True
    """Whether the message is not empty, and thereby present in its parent, once ``write`` ran past its guard."""


class Kind:
    """A kind of field. A subclass says which fields are of it, and how one value is declared, read and written."""

    name: ClassVar[str]
    """What contract files call it."""

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

    def read(self, at: At, source: str) -> str:
        """The expression that makes a Python value of *source*."""
        raise NotImplementedError

    def write(self, at: At, value: str, target: str) -> str:
        """The statement that writes *value* into the sub-message *target* (kinds of messages only)."""
        raise NotImplementedError

    def read_list(self, at: At, source: str) -> str:
        """The expression that makes a list of the repeated values *source*."""
        one = self.read(at, "item")
        # A slice of a repeated field is a list, and several times as fast as list().
        return f"{source}[:]" if one == "item" else f"[{one} for item in {source}]"

    def read_map(self, at: At, source: str) -> str:
        """The expression that makes a dict of the map *source*."""
        one = self.read(at, "item")
        if one == "item":
            return f"{at.names.api('read_map')}({source})"
        return f"{{key: {one} for key, item in {source}.items()}}"

    def write_list(self, at: At, values: str, target: str) -> tuple[str, ...]:
        """The statements that write a list into the repeated sub-messages *target* (kinds of messages only)."""
        loop = (f"for {at.item} in {values}:",)
        if at.contract.written == "none-as-empty":
            written = f"        {self.write(at, at.item, 'added')}"
            return (*loop, f"    added = {target}.add()", f"    if {at.item} is not None:", written)
        return (*loop, f"    {self.write(at, at.item, f'{target}.add()')}")

    def write_map(self, at: At, values: str, target: str) -> tuple[str, ...]:
        """The statements that write a dict into the map of sub-messages *target* (kinds of messages only)."""
        written = self.write(at, at.item, f"{target}[{at.key}]")
        return (f"for {at.key}, {at.item} in {values}.items():", f"    {written}")

    def zero(self, at: At) -> str:
        """The default of a plain value, as Python text (kinds of plain values only)."""
        raise NotImplementedError

    def shows(self, at: At) -> bool:
        """Whether a sub-message into which ``write`` wrote is present, whatever the value (kinds of messages only)."""
        return True

    def code(self, at: At) -> Code:
        """The Python of the member."""
        if is_map(at.field):
            return self._map(at)
        if is_repeated(at.field):
            return self._list(at)
        return self._one_message(at) if self.is_message else self._one_plain(at)

    def _one_plain(self, at: At) -> Code:
        annotation, slot = self.annotation(at), at.slot
        read = self.read(at, at.source)
        if at.field.has_presence:
            asks = at.absent == "none"
            if asks:
                read = f"{read} if {at.is_set} else None"
            write = (f"if {slot} is not None:", f"    {at.assign(slot)}")
            return Code(f"{annotation} | None", read, write, asks=asks and at.arm is not None)
        if at.contract.empty == "none":
            read, annotation = f"{read} or None", f"{annotation} | None"
        is_float = self.zero(at) == "0.0"
        guard = f"if {slot} or str({slot}) == '-0.0':" if is_float else f"if {slot}:"
        return Code(annotation, read, (guard, f"    {at.assign(slot)}"), default=self.zero(at))

    def _one_message(self, at: At) -> Code:
        annotation, slot = self.annotation(at), at.slot
        read = self.read(at, at.source)
        asks = at.contract.empty != "none" and at.absent == "none"
        if at.contract.empty == "none":
            read, annotation = f"{read} if {at.source}.ByteSize() else None", f"{annotation} | None"
        elif asks:
            read, annotation = f"{read} if {at.is_set} else None", f"{annotation} | None"
        guard = f"if {slot}:" if at.contract.written == "truthy" else f"if {slot} is not None:"
        write = (guard, f"    {self.write(at, slot, at.source)}")
        return Code(annotation, read, write, shows=self.shows(at), asks=asks and at.arm is not None)

    def _list(self, at: At) -> Code:
        annotation, slot = self.annotation(at), at.slot
        values = slot if at.contract.sorted is None else _sorted(slot, at.contract.sorted)
        read = self.read_list(at, at.source)
        if not self.is_message:
            write: tuple[str, ...] = (f"if {slot}:", f"    {at.source}.extend({values})")
        else:
            write = (f"if {slot}:", *(f"    {line}" for line in self.write_list(at, values, at.source)))
        return self._container(at, f"{at.names.builtin('list')}[{annotation}]", read, write, "[]")

    def _map(self, at: At) -> Code:
        annotation, slot = self.annotation(at), at.slot
        read = self.read_map(at, at.source)
        if not self.is_message:
            write: tuple[str, ...] = (f"if {slot}:", f"    {at.names.api('write_map')}({slot}, {at.source})")
        else:
            write = (f"if {slot}:", *(f"    {line}" for line in self.write_map(at, slot, at.source)))
        key = at.names.plain(map_key(at.field))
        return self._container(at, f"{at.names.builtin('dict')}[{key}, {annotation}]", read, write, "{}")

    def _container(self, at: At, annotation: str, read: str, write: tuple[str, ...], empty: str) -> Code:
        if at.contract.empty == "none":
            return Code(f"{annotation} | None", f"{read} or None", write)
        if at.positional:
            return Code(annotation, read, write)
        # Each model gets a container of its own.
        stored = f"{empty} if {at.name} is None else {at.name}"
        factory = "dict" if is_map(at.field) else "list"
        return Code(annotation, read, write, given=f"{annotation} | None", stored=stored, factory=factory)


def _sorted(values: str, key: str) -> str:
    """The sorted values: by an attribute of theirs, or, for the key ``value``, by themselves."""
    return f"sorted({values})" if key == "value" else f"sorted({values}, key=lambda item: item.{key})"

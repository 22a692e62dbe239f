"""How one value of each kind of field is read from a message and written into one, as Python text.

``straight`` puts these pieces together, for a single field, a list or a map. To add a kind, add a class here and a
file to the generator's kinds.
"""

from __future__ import annotations

from typing import Any, ClassVar

from flytekit_models import convert
from flytekit_models.enums import numbered
from flytekit_models.messages import too_old
from flytekit_models.model.description import Description, Field
from flytekit_models.model.entities import in_order, items_of, mapping_of, write_message, write_nothing_or
from flytekit_models.model.state import ModelState, wrap
from flytekit_models.model.wrapping import wrap_list, wrap_map, wrap_read


class Namespace(dict[str, Any]):
    """The globals of the functions that are made for one class."""

    def __init__(self, description: Description) -> None:
        super().__init__(_HELPERS)
        self.description = description

    def name(self, reference: str) -> str:
        """A name for the class or function that *reference* says."""
        return self.name_of(self.description.resolve(reference))

    def name_of(self, value: Any) -> str:
        """A name for *value*."""
        name = f"_{len(self)}"
        self[name] = value
        return name


_HELPERS: dict[str, Any] = {
    function.__name__: function
    for function in (
        *(convert.read_datetime, convert.read_list_value, convert.read_map, convert.read_naive_datetime),
        *(convert.read_present_value, convert.read_struct, convert.read_timedelta, convert.read_value),
        *(convert.read_wrapper,),
        *(convert.write_any, convert.write_datetime, convert.write_list_value, convert.write_struct),
        *(convert.write_timedelta, convert.write_value, convert.write_wrapped, convert.write_wrapper),
        *(
            in_order,
            items_of,
            mapping_of,
            too_old,
            wrap,
            wrap_list,
            wrap_map,
            wrap_read,
            write_message,
            write_nothing_or,
        ),
    )
}


class Kind:
    """A kind of field: how one value of it is read and written."""

    plain: ClassVar[bool] = False
    """Whether values are set on the message rather than written into a part of it."""

    def __init__(self, field: Field, names: Namespace) -> None:
        self.field = field
        self.names = names

    def read(self, source: str) -> str:
        """The expression for the value in *source*."""
        return source

    def write(self, value: str, target: str) -> str:
        """The statement that writes *value* into the message *target*."""
        return f"write_message({value}, {target})"

    def read_list(self, source: str) -> str:
        """The expression for the list of the values in *source*."""
        one = self.read("item")
        # A slice of a repeated field is a list, and several times as fast as list().
        return f"{source}[:]" if one == "item" else f"[{one} for item in {source}[:]]"

    def read_map(self, source: str) -> str:
        """The expression for the dict of the values in *source*."""
        one = self.read("item")
        return f"read_map({source})" if one == "item" else f"{{key: {one} for key, item in {source}.items()}}"


class Scalar(Kind):
    """A value that is the same in Python."""

    plain = True


class Enum(Kind):
    """An enum value as the member of its holder."""

    plain = True

    def __init__(self, field: Field, names: Namespace) -> None:
        super().__init__(field, names)
        self._members = names.name_of(numbered(names.description.resolve(field.type)))

    def read(self, source: str) -> str:
        return f"{self._members}[{source}]"


class SubModel(Kind):
    """A message as the model of its own, which stands for its part of the parent's message."""

    def __init__(self, field: Field, names: Namespace) -> None:
        super().__init__(field, names)
        self._class: type[ModelState] = names.description.resolve(field.type)
        self._model = names.name_of(self._class)

    def read(self, source: str) -> str:
        return f"{'wrap_read' if self._class._fm_eager else 'wrap'}({self._model}, {source})"

    def read_list(self, source: str) -> str:
        return super().read_list(source) if self._class._fm_eager else f"wrap_list({self._model}, {source})"

    def read_map(self, source: str) -> str:
        return super().read_map(source) if self._class._fm_eager else f"wrap_map({self._model}, {source})"

    def write(self, value: str, target: str) -> str:
        if self.may_be_nothing:
            return f"write_nothing_or({self._model}, {value}, {target})"
        return f"{self._model}._fm_write({value}, {target})"

    @property
    def may_be_nothing(self) -> bool:
        """Whether its class has a state in which nothing is written for it."""
        from flytekit_models.model.description import describe

        return "nothing" in describe(self._class).options


class _Converted(Kind):
    """A well-known message that a pair of functions converts."""

    reader: ClassVar[str]
    writer: ClassVar[str]

    def read(self, source: str) -> str:
        return f"{self.reader}({source})"

    def write(self, value: str, target: str) -> str:
        return f"{self.writer}({value}, {target})"


class Datetime(_Converted):
    """A ``google.protobuf.Timestamp`` as an aware datetime."""

    reader, writer = "read_datetime", "write_datetime"


class NaiveDatetime(_Converted):
    """A ``google.protobuf.Timestamp`` as a naive datetime that means UTC."""

    reader, writer = "read_naive_datetime", "write_datetime"


class Timedelta(_Converted):
    """A ``google.protobuf.Duration`` as a timedelta."""

    reader, writer = "read_timedelta", "write_timedelta"


class Struct(_Converted):
    """A ``google.protobuf.Struct`` as a dict."""

    reader, writer = "read_struct", "write_struct"


class ListValue(_Converted):
    """A ``google.protobuf.ListValue`` as a list."""

    reader, writer = "read_list_value", "write_list_value"


class Value(_Converted):
    """A ``google.protobuf.Value`` as a JSON value."""

    reader, writer = "read_value", "write_value"

    def read(self, source: str) -> str:
        # A single one is absent or null; in a list or a map there is no absence.
        return f"read_{'present_' if self.field.label == 'one' else ''}value({source})"


class Any_(Kind):
    """A ``google.protobuf.Any`` as it is; a message or model that is set is packed."""

    def write(self, value: str, target: str) -> str:
        return f"write_any({value}, {target})"


class Wrapper(Kind):
    """A wrapped plain value as the value."""

    def read(self, source: str) -> str:
        return f"{source}.value"

    def write(self, value: str, target: str) -> str:
        return f"write_wrapped({value}, {target})"


class Message(Kind):
    """A message as it is; or, where the contract gives functions for it, what they make of it."""

    def read(self, source: str) -> str:
        reader = self.field.options.get("read")
        return f"{self.names.name(reader)}({source})" if reader else source

    def write(self, value: str, target: str) -> str:
        writer = self.field.options.get("write")
        return f"{self.names.name(writer)}({value}, {target})" if writer else super().write(value, target)


KINDS: dict[str, type[Kind]] = {
    "scalar": Scalar,
    "enum": Enum,
    "model": SubModel,
    "message": Message,
    "datetime": Datetime,
    "naive-datetime": NaiveDatetime,
    "timedelta": Timedelta,
    "struct": Struct,
    "list-value": ListValue,
    "value": Value,
    "wrapper": Wrapper,
    "any": Any_,
}

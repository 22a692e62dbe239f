"""Well-known types that Python has a type of its own for."""

from __future__ import annotations

from typing import ClassVar

from google.protobuf.descriptor import FieldDescriptor

from flytekit_codegen.pipeline.step2_bind.kinds.base import At, Kind


class _Converted(Kind):
    """A well-known message that a pair of functions of the runtime converts."""

    of: ClassVar[str]
    reader: ClassVar[str]
    writer: ClassVar[str]

    def fits(self, field: FieldDescriptor) -> bool:
        return field.message_type is not None and field.message_type.full_name == f"google.protobuf.{self.of}"

    def read(self, at: At, source: str) -> str:
        return f"{at.names.api(self.reader)}({source})"

    def write(self, at: At, value: str, target: str) -> str:
        return f"{at.names.api(self.writer)}({value}, {target})"


class Timestamp(_Converted):
    """A point in time as an aware datetime in UTC."""

    name, of, reader, writer = "datetime", "Timestamp", "read_datetime", "write_datetime"

    def annotation(self, at: At) -> str:
        return at.names.time("datetime")


class NaiveTimestamp(Timestamp):
    """A point in time as a naive datetime that means UTC."""

    name, reader = "naive-datetime", "read_naive_datetime"

    def fits(self, field: FieldDescriptor) -> bool:
        return False

    def takes(self, at: At) -> bool:
        return super().fits(at.element)


class Duration(_Converted):
    """A span of time as a timedelta."""

    name, of, reader, writer = "timedelta", "Duration", "read_timedelta", "write_timedelta"

    def annotation(self, at: At) -> str:
        return at.names.time("timedelta")


class Struct(_Converted):
    """JSON as a dict."""

    name, of, reader, writer = "struct", "Struct", "read_struct", "write_struct"

    def annotation(self, at: At) -> str:
        return f"{at.names.builtin('dict')}[{at.names.builtin('str')}, Any]"


class ListValue(_Converted):
    """JSON as a list."""

    name, of, reader, writer = "list-value", "ListValue", "read_list_value", "write_list_value"

    def annotation(self, at: At) -> str:
        return f"{at.names.builtin('list')}[Any]"


class Value(_Converted):
    """Any JSON value."""

    name, of, reader, writer = "value", "Value", "read_value", "write_value"

    def annotation(self, at: At) -> str:
        return "Any"


class AnyMessage(_Converted):
    """A ``google.protobuf.Any``: read as it is; a message or model that is set is packed."""

    name, of, writer = "any", "Any", "write_any"

    def annotation(self, at: At) -> str:
        return "Any"

    def read(self, at: At, source: str) -> str:
        return source

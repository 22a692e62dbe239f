"""Well-known types that Python has a type of its own for."""

from __future__ import annotations

from typing import ClassVar

from google.protobuf.descriptor import FieldDescriptor

from flytekit_codegen.pipeline.step2_bind.kinds.base import At, Kind


class _Converted(Kind):
    """A well-known message that the runtime converts."""

    of: ClassVar[str]

    def fits(self, field: FieldDescriptor) -> bool:
        return field.message_type is not None and field.message_type.full_name == f"google.protobuf.{self.of}"


class Timestamp(_Converted):
    """A point in time as an aware datetime in UTC."""

    name, of = "datetime", "Timestamp"

    def annotation(self, at: At) -> str:
        return at.names.time("datetime")


class NaiveTimestamp(Timestamp):
    """A point in time as a naive datetime that means UTC."""

    name = "naive-datetime"

    def fits(self, field: FieldDescriptor) -> bool:
        return False

    def takes(self, at: At) -> bool:
        return super().fits(at.element)


class Duration(_Converted):
    """A span of time as a timedelta."""

    name, of = "timedelta", "Duration"

    def annotation(self, at: At) -> str:
        return at.names.time("timedelta")


class Struct(_Converted):
    """JSON as a dict."""

    name, of = "struct", "Struct"

    def annotation(self, at: At) -> str:
        return f"{at.names.builtin('dict')}[{at.names.builtin('str')}, Any]"

    def given(self, at: At) -> str:
        return f"{at.names.abstract('Mapping')}[{at.names.builtin('str')}, Any]"


class ListValue(_Converted):
    """JSON as a list."""

    name, of = "list-value", "ListValue"

    def annotation(self, at: At) -> str:
        return f"{at.names.builtin('list')}[Any]"

    def given(self, at: At) -> str:
        return f"{at.names.abstract('Sequence')}[Any]"


class Value(_Converted):
    """Any JSON value."""

    name, of = "value", "Value"

    def annotation(self, at: At) -> str:
        return "Any"


class AnyMessage(_Converted):
    """A ``google.protobuf.Any``: read as it is; a message or model that is set is packed."""

    name, of = "any", "Any"

    def annotation(self, at: At) -> str:
        return "Any"

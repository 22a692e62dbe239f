"""The data operations that every model inherits. Each imports its implementation when it is called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from flytekit_models.lazy import LazyModule

if TYPE_CHECKING:
    from typing import overload

    from flytekit_models.data import diff as _diff
else:
    _diff = LazyModule("flytekit_models.data.diff")

DataT = TypeVar("DataT", bound="DataMethods")
T = TypeVar("T")


class DataMethods:
    """The data operations of a model."""

    __slots__ = ()

    if TYPE_CHECKING:
        # Generated classes with positional parameters list them; dataclasses do so by themselves.
        __match_args__: tuple[str, ...]
    else:
        __match_args__ = ()

    # JSON.

    def to_dict(
        self,
        *,
        preserving_proto_field_name: bool = False,
        always_print_fields_with_no_presence: bool = False,
        use_integers_for_enums: bool = False,
    ) -> dict[str, Any]:
        """Convert this model to JSON data, as protobuf's ``json_format.MessageToDict`` does.

        Args:
            preserving_proto_field_name: use field names as in the proto (``task_type``), not camel case.
            always_print_fields_with_no_presence: include fields without presence that have their default value.
            use_integers_for_enums: use the numbers of enum values, not their names.

        Raises:
            ValueError: a value has no JSON form; the error names its path.
        """
        from flytekit_models.data.json import to_dict

        return to_dict(
            self,
            preserving_proto_field_name=preserving_proto_field_name,
            always_print_fields_with_no_presence=always_print_fields_with_no_presence,
            use_integers_for_enums=use_integers_for_enums,
        )

    def to_json(
        self,
        *,
        indent: int | None = 2,
        sort_keys: bool = False,
        ensure_ascii: bool = True,
        preserving_proto_field_name: bool = False,
        always_print_fields_with_no_presence: bool = False,
        use_integers_for_enums: bool = False,
    ) -> str:
        """Convert this model to JSON text, as protobuf's ``json_format.MessageToJson`` does.

        Takes the options of :meth:`to_dict`, and *indent*, *sort_keys* and *ensure_ascii* of :func:`json.dumps`.
        Map entries are in no particular order: set *sort_keys* to get the same text every time.

        Raises:
            ValueError: a value has no JSON form; the error names its path.
        """
        from flytekit_models.data.json import to_json

        return to_json(
            self,
            indent=indent,
            sort_keys=sort_keys,
            ensure_ascii=ensure_ascii,
            preserving_proto_field_name=preserving_proto_field_name,
            always_print_fields_with_no_presence=always_print_fields_with_no_presence,
            use_integers_for_enums=use_integers_for_enums,
        )

    @classmethod
    def from_dict(cls: type[DataT], idl_dict: Mapping[str, Any], *, ignore_unknown_fields: bool = False) -> DataT:
        """Create a model from JSON data. Names of fields may be in camel case or as in the proto, not both of one.

        Raises:
            ValueError: the data does not describe such a model; the error names the path and what was expected.
        """
        from flytekit_models.data.json import from_dict

        read: DataT = from_dict(cls, idl_dict, ignore_unknown_fields=ignore_unknown_fields)
        return read

    @classmethod
    def from_json(cls: type[DataT], text: str | bytes, *, ignore_unknown_fields: bool = False) -> DataT:
        """Create a model from JSON text.

        Raises:
            ValueError: the text is not valid JSON, or does not describe such a model; the error names the path and
                what was expected.
        """
        from flytekit_models.data.json import from_json

        read: DataT = from_json(cls, text, ignore_unknown_fields=ignore_unknown_fields)
        return read

    # Changing and comparing.

    def replace(self: DataT, paths: Mapping[str, Any] | None = None, /, **members: Any) -> DataT:
        """Copy this model with changes. Everything else is kept bit by bit, unknown fields included.

        Give a member by name, a nested one with double underscores or, in *paths*, as written in Python::

            task.replace(type="spark", metadata__discovery_version="2")
            execution.replace({"spec.max_parallelism": 5, "spec.labels.values['team']": "ml"})

        Absent parts on the way are created. None unsets a member, or removes a map entry. Setting an arm of a oneof
        unsets the others. The copy shares unchanged parts with this model.

        Raises:
            TypeError: there is no such member.
            ValueError: a path is malformed, two paths conflict, or an index is out of range.
        """
        from flytekit_models.data.replace import replace

        replaced: DataT = replace(self, paths, members)
        return replaced

    def __replace__(self: DataT, /, **members: Any) -> DataT:
        return self.replace(**members)

    def diff(self, other: Any) -> _diff.Diff:
        """Compare with *other*, a model of the same message: return the paths that differ, with both values.

        The result is a sequence of :class:`~flytekit_models.data.diff.Change` and prints well. It is empty exactly if
        the models are equal.

        Raises:
            TypeError: *other* is not a model.
        """
        from flytekit_models.data.diff import diff

        return diff(self, other)

    # Looking inside.

    if TYPE_CHECKING:

        @overload
        def walk(self) -> Iterator[tuple[str, Any]]: ...

        @overload
        def walk(self, of: type[T]) -> Iterator[tuple[str, T]]: ...

        @overload
        def walk(self, of: tuple[type[T], ...]) -> Iterator[tuple[str, T]]: ...

    def walk(self, of: type[Any] | tuple[type[Any], ...] | None = None) -> Iterator[tuple[str, Any]]:
        """Iterate over the models inside this one, at any depth, each with its path; only over instances *of* a class.

        A model comes before the models inside it. Absent sub-messages are skipped. :meth:`replace` takes the paths.
        """
        from flytekit_models.data.walk import walk

        return walk(self, of)

    def which(self, oneof: str) -> str | None:
        """Return the name of the member of *oneof* that is set, or None.

        Raises:
            ValueError: there is no such oneof, or more than one member is set.
        """
        from flytekit_models.data.presence import which

        return which(self, oneof)

    def has(self, member: str) -> bool:
        """Tell whether *member* is set, that is, present in the message.

        An empty sub-message can be present. A list or map is if it has items. A scalar without presence is if it does
        not have its default value.

        Raises:
            ValueError: there is no such member.
        """
        from flytekit_models.data.presence import has

        return has(self, member)

    # Views.

    def pretty(self) -> str:
        """Return the complete content as an indented tree, with the field names of the proto."""
        from flytekit_models.view.text import pretty

        return pretty(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Print this model in IPython, folded."""
        from flytekit_models.view.text import print_pretty

        print_pretty(self, printer)

    def _repr_html_(self) -> str:
        """Render this model in a notebook as a collapsible tree, with the text as a fall-back."""
        from flytekit_models.view.html import to_html

        return to_html(self)

    def __rich__(self) -> Any:
        """Render this model with rich as a coloured tree, folded."""
        from flytekit_models.view.rich import to_rich

        return to_rich(self)

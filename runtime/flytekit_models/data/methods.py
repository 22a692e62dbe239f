"""The methods by which every model offers its data: each imports what does the work when it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TypeVar, overload

    from typing_extensions import Self

    from flytekit_models.data.diff import Diff

    T = TypeVar("T")


class _MatchArguments:
    """The names for positional patterns, found out when the first pattern asks for them."""

    def __get__(self, _: object, cls: type[Any]) -> tuple[str, ...]:
        from flytekit_models.data.presence import match_arguments

        return match_arguments(cls)


class DataMethods:
    """The data operations of a model."""

    __slots__ = ()

    if TYPE_CHECKING:
        __match_args__: tuple[str, ...]
    else:
        __match_args__ = _MatchArguments()

    # JSON.

    def to_dict(
        self,
        *,
        preserving_proto_field_name: bool = False,
        always_print_fields_with_no_presence: bool = False,
        use_integers_for_enums: bool = False,
    ) -> dict[str, Any]:
        """Write this model as JSON data: what protobuf's ``json_format.MessageToDict`` makes of its message.

        Args:
            preserving_proto_field_name: name fields as the wire does (``task_type``), not in camel case.
            always_print_fields_with_no_presence: include fields that have their default, where the wire cannot tell
                that from unset.
            use_integers_for_enums: write the numbers of enum values, not their names.

        Raises:
            ValueError: something cannot be said in JSON; the error names its path.
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
        """Write this model as JSON text, as protobuf's ``json_format.MessageToJson`` does.

        Takes the options of :meth:`to_dict`, and *indent*, *sort_keys* and *ensure_ascii* of :func:`json.dumps`. The
        entries of maps are in no particular order: set *sort_keys* for text that is always the same.

        Raises:
            ValueError: something cannot be said in JSON; the error names its path.
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
    def from_dict(cls, idl_dict: Mapping[str, Any], *, ignore_unknown_fields: bool = False) -> Self:
        """Read a model from JSON data: the names of fields in camel case, or as the wire has them.

        Raises:
            ValueError: the data do not describe such a model; the error names the path and what was expected there.
        """
        from flytekit_models.data.json import from_dict

        read: Self = from_dict(cls, idl_dict, ignore_unknown_fields=ignore_unknown_fields)
        return read

    @classmethod
    def from_json(cls, text: str | bytes, *, ignore_unknown_fields: bool = False) -> Self:
        """Read a model from JSON text.

        Raises:
            ValueError: it is no JSON, or does not describe such a model; the error names the path and what was
                expected there.
        """
        from flytekit_models.data.json import from_json

        read: Self = from_json(cls, text, ignore_unknown_fields=ignore_unknown_fields)
        return read

    # Changing and comparing.

    def replace(self, paths: Mapping[str, Any] | None = None, /, **members: Any) -> Self:
        """Copy this model with some of it changed; all else is kept to the bit.

        A member is given by its name, one of a part with double underscores or, in *paths*, as it is written in
        Python::

            task.replace(type="spark", metadata__discovery_version="2")
            execution.replace({"spec.max_parallelism": 5, "spec.labels.values['team']": "ml"})

        Parts that are absent are made. None unsets a member, or takes an entry out of a map. Setting an arm of a
        oneof unsets the others. Parts that do not change are shared with this model.

        Raises:
            TypeError: there is no such member.
            ValueError: a path cannot be read, two of them contradict each other, or the list is shorter.
        """
        from flytekit_models.data.replace import replace

        replaced: Self = replace(self, paths, members)
        return replaced

    def __replace__(self, /, **members: Any) -> Self:
        return self.replace(**members)

    def diff(self, other: Any) -> Diff:
        """Compare with *other*, a model of the same message: the paths that differ, with both values.

        The result prints itself, is a sequence of :class:`~flytekit_models.data.diff.Change`, and is empty exactly if
        the models are equal.

        Raises:
            TypeError: *other* is no model.
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
        """Iterate over the models inside this one at any depth, each with its path; of a type, if one is given.

        A model comes before the models inside it. What is absent is left out. The paths are those that
        :meth:`replace` takes.
        """
        from flytekit_models.data.walk import walk

        return walk(self, of)

    def which(self, oneof: str) -> str | None:
        """Name the member that is set of those in *oneof*; None if none is.

        Raises:
            ValueError: there is no such oneof, or more than one member is set.
        """
        from flytekit_models.data.presence import which

        return which(self, oneof)

    def has(self, member: str) -> bool:
        """Tell whether *member* is set: whether the message says anything of it.

        A sub-message is, even if nothing is set in it; a list or map, if it is not empty. A plain value is, unless it
        has its default and the wire cannot tell that from unset.

        Raises:
            ValueError: there is no such member.
        """
        from flytekit_models.data.presence import has

        return has(self, member)

    # Views.

    def pretty(self) -> str:
        """Show all of this model as text: an indented tree, under the names of the proto."""
        from flytekit_models.view.text import pretty

        return pretty(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Show this model in IPython, folded."""
        from flytekit_models.view.text import print_pretty

        print_pretty(self, printer)

    def _repr_html_(self) -> str:
        """Show this model in a notebook: a tree to open and close, and as text where there are no styles."""
        from flytekit_models.view.html import to_html

        return to_html(self)

    def __rich__(self) -> Any:
        """Show this model in a terminal by rich, folded."""
        from flytekit_models.view.rich import to_rich

        return to_rich(self)

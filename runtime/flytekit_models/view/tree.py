"""The content of a model as a tree, with the field names of the proto. All views render it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from heapq import nsmallest
from typing import Any, NamedTuple

from flytekit_models.data.members import documentation, kind_of, members, parts_of, value
from flytekit_models.messages import is_repeated
from flytekit_models.model import Model
from flytekit_models.text import WholeMessage, visible
from flytekit_models.view.lines import json_line, key_name, list_line
from flytekit_models.view.values import (
    Value,
    counted,
    fold,
    show_duration,
    show_identifier,
    show_number,
    show_scalar,
    show_text,
    show_time,
)

_DEEPEST = 120
_OF_USE = 30
"""Number of rows for an item to be useful: better a few whole items than fragments of many."""
_PREVIEWED = 48
_NAMED = 200
"""Maximum length of a map key, where texts are folded."""
_EMPTY = Value("(empty)", "note")


class Label(NamedTuple):
    """A name and its documentation."""

    text: str
    documentation: str = ""


@dataclass
class Node:
    """A name with a value, or with nodes inside."""

    labels: list[Label]
    """Its name; several where each has only one thing inside, as in ``scalar.primitive.integer``."""
    value: Value | None = None
    children: list[Node] = field(default_factory=list)
    size: str = ""
    """Of a list or map: its length."""
    is_default: bool = False
    """Whether it is set to the default value."""
    left_out: str = ""
    """How much is left out."""

    @property
    def name(self) -> str:
        """The labels, joined."""
        return ".".join(label.text for label in self.labels)


@dataclass(frozen=True)
class Limits:
    """How much is shown; None is everything."""

    rows: int | None = None
    items: int | None = None
    """Of each list and each map."""
    text: int | None = None
    """Of each text, in characters."""


def tree(model: Model[Any], limits: Limits, parts: WholeMessage | None = None, depth: int = 0) -> Node:
    """Build the tree of *model*; its message may be given. Where that can't be written, show the members."""
    root = Node([Label(visible(type(model).__name__))])
    try:
        shown = parts or parts_of(model)
        root.children = _Builder(limits, shown).fields(type(model), shown.message, _Budget(limits.rows), 0)
    except Exception as error:
        # A foreign object in it may raise anything. Even so, it can be looked at.
        root.value = Value(fold(visible(f"can't be written: {error}"), limits.text), "note")
        root.children = list(_unwritable(model, limits, depth))
        return root
    if not root.children:
        root.value = _EMPTY
    return root


def _unwritable(model: Model[Any], limits: Limits, depth: int) -> Iterator[Node]:
    for name in members(type(model)):
        try:
            held = value(model, name)
        except Exception as error:
            # A property that a subclass has in the member's place.
            yield Node([Label(name)], Value(f"(can't be read: {type(error).__name__})", "note"))
            continue
        if isinstance(held, Model) and depth < _DEEPEST:
            node = tree(held, limits, depth=depth + 1)
            yield replace(node, labels=[Label(name)])
        elif isinstance(held, Model):
            yield Node([Label(name)], Value("(nested too deep to be shown)", "note"))
        elif held is not None:
            yield Node([Label(name)], _foreign(held, limits))


def _foreign(held: Any, limits: Limits) -> Value:
    try:
        return Value(fold(visible(repr(held)), limits.text), "text")
    except Exception as error:
        return Value(f"({visible(type(held).__name__)} that can't be shown: {type(error).__name__})", "note")


class _Budget:
    """The number of rows that are left."""

    def __init__(self, rows: int | None) -> None:
        self.rows = rows

    def share(self, of: int) -> _Budget:
        """Return the share of the next of so many items: an equal one, but enough to be useful."""
        return _Budget(None if self.rows is None else max(self.rows // of, min(self.rows, _OF_USE)))

    def take(self, nodes: Iterable[Node]) -> None:
        if self.rows is not None:
            self.rows -= sum(map(rows, nodes))

    @property
    def is_spent(self) -> bool:
        return self.rows is not None and self.rows <= 0


def rows(node: Node) -> int:
    """Count the rows of *node* when everything in it is open."""
    return 1 + sum(map(rows, node.children)) + (node.value.text.count("\n") if node.value else 0)


class _Builder:
    """Builds nodes. Siblings get fair shares of the rows."""

    def __init__(self, limits: Limits, parts: WholeMessage) -> None:
        self._limits = limits
        self._parts = parts

    def fields(self, cls: type[Model[Any]] | None, message: Any, budget: _Budget, depth: int) -> list[Node]:
        """Build a node for each field of *message* that is set, and one for unknown fields."""
        present = message.ListFields()
        nodes: list[Node] = []
        for left, (each, part) in zip(range(len(present), 0, -1), present, strict=True):
            share = budget.share(left)
            label = Label(each.name, documentation(cls, each.name))
            node = self._field(cls, each, part, share, depth)
            node.labels.insert(0, label)
            nodes.append(node)
            budget.take([node])
        unknown = _unknown(message)
        if unknown:
            nodes.append(Node([Label("(unknown fields)")], Value(unknown, "note")))
        return nodes

    def _field(self, cls: type[Model[Any]] | None, each: Any, part: Any, budget: _Budget, depth: int) -> Node:
        if not is_repeated(each):
            return self._one(kind_of(cls, each.name), each, part, budget, depth)
        if each.message_type is not None and each.message_type.GetOptions().map_entry:
            item = each.message_type.fields_by_name["value"]
            entries = ((self._name(key), part[key]) for key in self._first_keys(part))
            node = self._many(kind_of(cls, each.name), item, entries, len(part), budget, depth)
            node.size = counted(len(part), "entry", "entries")
            return node
        line = list_line(each, part)
        if line is not None:
            return Node([], line)
        if _is_pair(each.message_type):
            pairs = ((self._name(one.key), one) for one in part)
            node = self._items(pairs, lambda one, _: self._pair(one), len(part), budget)
            node.size = counted(len(part), "entry", "entries")
            return node
        numbered = ((f"[{index}]", one) for index, one in enumerate(part))
        node = self._many(kind_of(cls, each.name), each, numbered, len(part), budget, depth)
        node.size = counted(len(part), "item")
        return node

    def _name(self, key: Any) -> str:
        return fold(key_name(key), None if self._limits.text is None else _NAMED)

    def _first_keys(self, entries: Any) -> list[Any]:
        return sorted(entries) if self._limits.items is None else nsmallest(self._limits.items, entries)

    def _many(
        self,
        cls: type[Model[Any]] | None,
        item: Any,
        parts: Iterator[tuple[str, Any]],
        size: int,
        budget: _Budget,
        depth: int,
    ) -> Node:
        def one(part: Any, share: _Budget) -> Node:
            return self._one(cls, item, part, share, depth + 1)

        return self._items(parts, one, size, budget)

    def _items(self, parts: Iterator[tuple[str, Any]], one: Any, size: int, budget: _Budget) -> Node:
        shown = size if self._limits.items is None else min(size, self._limits.items)
        node = Node([])
        for left, (label, part) in zip(range(shown, 0, -1), parts, strict=False):
            if budget.is_spent:
                break
            child = one(part, budget.share(left))
            child.labels.insert(0, Label(label))
            node.children.append(child)
            budget.take([child])
        if len(node.children) < size:
            node.left_out = f"{size - len(node.children):,} more"
        return node

    def _pair(self, pair: Any) -> Node:
        unknown = _unknown(pair)
        return Node([], show_text(pair.value, self._limits.text), left_out=f"{unknown} unknown" if unknown else "")

    def _one(self, cls: type[Model[Any]] | None, each: Any, part: Any, budget: _Budget, depth: int) -> Node:
        if each.message_type is None:
            is_default = each.has_presence and part == each.default_value
            return Node([], show_scalar(each, part, self._limits.text), is_default=is_default)
        part = self._parts.part(part)
        special = _SPECIAL.get(each.message_type.full_name)
        if special is not None and not _unknown(part):
            shown: Node = special(self, part, budget, depth)
            return shown
        line = show_identifier(part)
        if line is not None and not _unknown(part):
            return Node([], line)
        present = len(part.ListFields())
        if present and (depth > _DEEPEST or budget.is_spent):
            return Node([], left_out=counted(present, "field"))
        children = self.fields(cls, part, budget, depth + 1)
        if len(children) == 1 and not children[0].labels[0].text.startswith("("):
            return children[0]
        return Node([], None if children else _EMPTY, children)

    # Well-known messages.

    def _timestamp(self, message: Any, *_: Any) -> Node:
        return Node([], show_time(message.seconds, message.nanos))

    def _duration(self, message: Any, *_: Any) -> Node:
        return Node([], show_duration(message.seconds, message.nanos))

    def _wrapper(self, message: Any, *_: Any) -> Node:
        each = message.DESCRIPTOR.fields_by_name["value"]
        is_default = message.value == each.default_value
        return Node([], show_scalar(each, message.value, self._limits.text), is_default=is_default)

    def _any(self, message: Any, budget: _Budget, depth: int) -> Node:
        packed = _unpacked(message)
        if packed is None or depth > _DEEPEST:
            return Node([], None, self.fields(None, message, budget, depth + 1))
        children = self.fields(None, packed, budget, depth + 1)
        return Node([], None if children else _EMPTY, children, size=visible(packed.DESCRIPTOR.full_name))

    def _struct(self, message: Any, budget: _Budget, depth: int) -> Node:
        return self._json_entries(message.fields, budget, depth, message)

    def _list_value(self, message: Any, budget: _Budget, depth: int) -> Node:
        return self._json_items(message.values, budget, depth, message)

    def _value(self, message: Any, budget: _Budget, depth: int) -> Node:
        kind = message.WhichOneof("kind")
        if kind == "struct_value":
            return self._struct(message.struct_value, budget, depth)
        if kind == "list_value":
            return self._list_value(message.list_value, budget, depth)
        if kind is None or kind == "null_value":
            return Node([], Value("null", "json"))
        if kind == "number_value":
            return Node([], Value(show_number(message.number_value), "number"))
        if kind == "bool_value":
            return Node([], Value("true" if message.bool_value else "false", "bool"))
        return Node([], show_text(message.string_value, self._limits.text))

    def _json_entries(self, entries: Any, budget: _Budget, depth: int, message: Any) -> Node:
        line = json_line(message)
        if line is not None:
            return Node([], Value(line, "json"))
        keys = self._first_keys(entries)
        parts = ((self._name(key), entries[key]) for key in keys)
        node = self._json(parts, len(entries), budget, depth)
        node.size = counted(len(entries), "entry", "entries")
        return node

    def _json_items(self, items: Any, budget: _Budget, depth: int, message: Any) -> Node:
        line = json_line(message)
        if line is not None:
            return Node([], Value(line, "json"))
        parts = ((f"[{index}]", one) for index, one in enumerate(items))
        node = self._json(parts, len(items), budget, depth)
        node.size = counted(len(items), "item")
        return node

    def _json(self, parts: Iterator[tuple[str, Any]], size: int, budget: _Budget, depth: int) -> Node:
        if depth > _DEEPEST:
            return Node([], left_out=counted(size, "item"))

        def one(part: Any, share: _Budget) -> Node:
            return self._value(part, share, depth + 1)

        return self._items(parts, one, size, budget)


_SPECIAL: Mapping[str, Any] = {
    "google.protobuf.Timestamp": _Builder._timestamp,
    "google.protobuf.Duration": _Builder._duration,
    "google.protobuf.Any": _Builder._any,
    "google.protobuf.Struct": _Builder._struct,
    "google.protobuf.ListValue": _Builder._list_value,
    "google.protobuf.Value": _Builder._value,
    **{
        f"google.protobuf.{name}Value": _Builder._wrapper
        for name in ("Bool", "String", "Bytes", "Double", "Float", "Int32", "Int64", "UInt32", "UInt64")
    },
}


def _is_pair(message: Any) -> bool:
    """Tell whether a *message* type is a key-value pair of strings, which is shown as a map entry."""
    if message is None or len(message.fields) != 2:
        return False
    return all(each.name in ("key", "value") and each.type == each.TYPE_STRING for each in message.fields)


def _unpacked(message: Any) -> Any:
    """Unpack an Any, if its type is known to the program."""
    from google.protobuf import symbol_database

    name = message.TypeName()
    try:
        packed = symbol_database.Default().GetSymbol(name)()
        packed.ParseFromString(message.value)
    except Exception:
        # An unknown type, or bytes that are not valid for it.
        return None
    return packed


def _unknown(message: Any) -> str:
    """Count the unknown fields of *message*."""
    from google.protobuf.unknown_fields import UnknownFieldSet

    many = len(UnknownFieldSet(message))
    return counted(many, "field") if many else ""


def preview(node: Node, width: int) -> str:
    """Format the first values in *node* on one line, to be shown while it is closed."""
    parts: list[str] = []
    length = 0
    for child in node.children:
        value = _first_value(child)
        text = f"{child.name}: {value if len(value) <= _PREVIEWED else value[:_PREVIEWED] + '...'}"
        if length + len(text) > width:
            parts.append("...")
            break
        parts.append(text)
        length += len(text) + 2
    return ", ".join(parts)


def _first_value(node: Node) -> str:
    while node.value is None and node.children and not node.size:
        node = node.children[0]
    return node.size or (node.left_out if node.value is None else node.value.text.partition("\n")[0])

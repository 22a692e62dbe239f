"""What buf does not report: additions, deprecations, reservations, moves."""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    EnumValueDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)

from flytekit_codegen.diff.changes import Change, Kind
from flytekit_codegen.diff.tree import Tree
from flytekit_codegen.sync.elements import Element, reserved_ranges
from flytekit_codegen.sync.history import field_declaration

_TITLES = {"value": "enum value"}
Grouped = tuple[str, Change]
"""A change, with the group of those that say the same of its element (see `buf.breaking`)."""


def compatible(old: Tree, new: Tree) -> Iterator[Grouped]:
    """What *new* has gained, moved, deprecated or reserved; none of it breaks anybody."""
    yield from _files(old, new)
    for name, element in new.elements.items():
        before = old.elements.get(name)
        if before is None or before.kind != element.kind:
            yield from _added(element, old, new)
            continue
        yield from _renumbered(before, element, new)
        yield from _deprecated(name, element.kind, before.declaration, element.declaration, new)
        yield from _reserved(before, element, new)
        if old.homes[name] != new.homes[name] and "." not in _in_package(element, new):
            text = f"moved from {old.homes[name]} to {new.homes[name]}"
            yield _grouped("changed", name, f"{element.kind.upper()}_MOVED", text, new)


def _files(old: Tree, new: Tree) -> Iterator[Grouped]:
    for name, file in new.files.items():
        before = old.files.get(name)
        if before is None:
            yield "FILE_ADDED", Change("wire", "added", name, ("FILE_ADDED",), (), "file added", name, 1)
        else:
            yield from _deprecated(name, "file", before, file, new)


def _in_package(element: Element, tree: Tree) -> str:
    """An element's name without its package."""
    package = tree.files[tree.homes[element.name]].package
    return element.name.removeprefix(f"{package}.") if package else element.name


def _added(element: Element, old: Tree, new: Tree) -> Iterator[Grouped]:
    name, declaration = element.name, element.declaration
    scope = name.rpartition(".")[0]
    if scope in new.elements and scope not in old.elements and element.kind not in ("message", "enum"):
        return  # The message, enum or service that has it is new as a whole.
    if isinstance(declaration, FieldDescriptorProto) and element.owner is not None:
        if _field(old, scope, declaration.number) is not None:
            return  # Renamed, which buf reports.
        text = f"field added: {field_declaration(declaration, element.owner)}"
    elif isinstance(declaration, EnumValueDescriptorProto):
        former = _value(old, scope, declaration.number)
        if former is not None and f"{scope}.{former}" not in new.elements:
            return  # Renamed too.
        text = f"enum value added: {declaration.number}"
    else:
        text = f"{_TITLES.get(element.kind, element.kind)} added{_content(element)}"
    rule = f"{_TITLES.get(element.kind, element.kind).upper().replace(' ', '_')}_ADDED"
    yield _grouped("added", name, rule, text, new)


def _renumbered(before: Element, after: Element, new: Tree) -> Iterator[Grouped]:
    # Each in one group with the removal of the old number, which buf reports.
    match before, after:
        case Element(declaration=FieldDescriptorProto() as old, owner=DescriptorProto() as had), Element(
            declaration=FieldDescriptorProto() as now, owner=DescriptorProto() as has
        ) if (old.number != now.number):
            text = f"{field_declaration(old, had)} became {field_declaration(now, has)}"
            yield "FIELD_NO_DELETE", _change("changed", after.name, "FIELD_RENUMBERED", text, new)
        case Element(declaration=EnumValueDescriptorProto() as old), Element(
            declaration=EnumValueDescriptorProto() as now
        ) if (old.number != now.number):
            text = f"{old.number} became {now.number}"
            yield "ENUM_VALUE_NO_DELETE", _change("changed", after.name, "ENUM_VALUE_RENUMBERED", text, new)


def _deprecated(
    name: str,
    kind: str,
    before: FileDescriptorProto | object,
    after: FileDescriptorProto | object,
    new: Tree,
) -> Iterator[Grouped]:
    was, now = (getattr(getattr(one, "options", None), "deprecated", False) for one in (before, after))
    title = _TITLES.get(kind, kind)
    rule = title.upper().replace(" ", "_")
    if now and not was:
        yield _grouped("deprecated", name, f"{rule}_DEPRECATED", f"{title} deprecated", new)
    elif was and not now:
        yield _grouped("changed", name, f"{rule}_NOT_DEPRECATED", f"{title} no longer deprecated", new)


def _reserved(before: Element, after: Element, new: Tree) -> Iterator[Grouped]:
    old, now = before.declaration, after.declaration
    if isinstance(now, (DescriptorProto, EnumDescriptorProto)):
        assert isinstance(old, (DescriptorProto, EnumDescriptorProto))
        known = {*reserved_ranges(old), *old.reserved_name}
        gained = [text for text in (*reserved_ranges(now), *now.reserved_name) if text not in known]
        if gained:
            yield _grouped("reserved", after.name, "RESERVED_ADDED", f"reserves {', '.join(gained)}", new)


def _content(element: Element) -> str:
    """What a new message, enum or service has in it."""
    declaration = element.declaration
    if isinstance(declaration, DescriptorProto):
        names = [field.name for field in declaration.field]
    elif isinstance(declaration, EnumDescriptorProto):
        names = [value.name for value in declaration.value]
    else:
        names = [method.name for method in getattr(declaration, "method", ())]
    return f" ({', '.join(names)})" if names else ""


def _field(tree: Tree, message: str, number: int) -> str | None:
    """The name of the field of a message with a number."""
    element = tree.elements.get(message)
    if element is None or not isinstance(element.declaration, DescriptorProto):
        return None
    return next((field.name for field in element.declaration.field if field.number == number), None)


def _value(tree: Tree, enum: str, number: int) -> str | None:
    element = tree.elements.get(enum)
    if element is None or not isinstance(element.declaration, EnumDescriptorProto):
        return None
    return next((value.name for value in element.declaration.value if value.number == number), None)


def _grouped(kind: Kind, name: str, rule: str, text: str, new: Tree) -> Grouped:
    return rule, _change(kind, name, rule, text, new)


def _change(kind: Kind, name: str, rule: str, text: str, new: Tree) -> Change:
    return Change("wire", kind, name, (rule,), (), text, new.homes.get(name, name), new.line(name))

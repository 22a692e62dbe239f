"""Reads every member of a model and of the models in it, by code as a person would write it for just that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_Members = dict[str, list[str]]


def reader(example: Any, members: _Members) -> Callable[[Any], None]:
    """A function that reads all that *example*, and any model of the same shape, holds.

    It is compiled from straight lines, a function for each class, so that what it takes is the models' cost and
    hardly its own. Which members hold models is learned from the example.
    """
    shapes: dict[type, dict[str, tuple[str, type]]] = {}
    _learn(example, members, shapes)
    names = {kind: f"read_{index}" for index, kind in enumerate(shapes)}
    lines: list[str] = []
    for kind, held in shapes.items():
        lines.append(f"def {names[kind]}(model):")
        for member in _members_of(kind, members):
            how, inner = held.get(member, ("", kind))
            if how == "one":
                lines += [f"    value = model.{member}", "    if value is not None:", f"        {names[inner]}(value)"]
            elif how:
                values = f"model.{member}" + (".values()" if how == "dict" else "")
                lines += [f"    for value in {values}:", f"        {names[inner]}(value)"]
            else:
                lines.append(f"    model.{member}")
        lines.append("    return None")
    scope: dict[str, Any] = {}
    exec("\n".join(lines), scope)
    compiled: Callable[[Any], None] = scope[names[type(example)]]
    return compiled


def _learn(model: Any, members: _Members, shapes: dict[type, dict[str, tuple[str, type]]]) -> None:
    held = shapes.setdefault(type(model), {})
    for member in _members_of(type(model), members):
        value = getattr(model, member)
        how, inside = "one", [value]
        if isinstance(value, dict):
            how, inside = "dict", list(value.values())
        elif isinstance(value, list):
            how, inside = "list", value
        for one in inside:
            if _members_of(type(one), members):
                held[member] = (how, type(one))
                _learn(one, members, shapes)


def _members_of(kind: type, members: _Members) -> list[str]:
    return members.get(f"{kind.__module__}.{kind.__qualname__}", [])


def message_reader(descriptor: Any) -> Callable[[Any], None]:
    """A function that reads all that a message of *descriptor* holds, compiled likewise: what protobuf takes for it."""
    names = {descriptor.full_name: "read_0"}
    waiting = [descriptor]
    lines: list[str] = []

    def name_of(message: Any) -> str:
        if message.full_name not in names:
            names[message.full_name] = f"read_{len(names)}"
            waiting.append(message)
        return names[message.full_name]

    while waiting:
        message = waiting.pop()
        lines.append(f"def {names[message.full_name]}(message):")
        for field in message.fields:
            lines += [f"    {line}" for line in _reading(field, name_of)]
        lines.append("    return None")
    scope: dict[str, Any] = {}
    exec("\n".join(lines), scope)
    compiled: Callable[[Any], None] = scope["read_0"]
    return compiled


def _reading(field: Any, name_of: Callable[[Any], str]) -> list[str]:
    """The lines that read one field."""
    inner, value = field.message_type, f"message.{field.name}"
    if inner is not None and inner.GetOptions().map_entry:
        item = inner.fields_by_name["value"].message_type
        one = "values[key]" if item is None else f"{name_of(item)}(values[key])"
        return [f"values = {value}", "for key in values:", f"    {one}"]
    if field.is_repeated:
        return [f"{value}[:]"] if inner is None else [f"for value in {value}:", f"    {name_of(inner)}(value)"]
    one = value if inner is None else f"{name_of(inner)}({value})"
    return [f'if message.HasField("{field.name}"):', f"    {one}"] if field.has_presence else [one]


def protobuf_py_reader(message: Any) -> Callable[[Any], None]:
    """A function that reads all that a message of protobuf-py holds, by its descriptor *message*, compiled likewise."""
    names = {message.type_name: "read_0"}
    waiting = [message]
    lines: list[str] = []

    def name_of(other: Any) -> str:
        if other.type_name not in names:
            names[other.type_name] = f"read_{len(names)}"
            waiting.append(other)
        return names[other.type_name]

    def message_in(value: Any) -> Any:
        """The descriptor of the message in a field, if it holds one."""
        held = next((getattr(value, name) for name in ("message", "element", "value") if hasattr(value, name)), None)
        return held if hasattr(held, "type_name") and hasattr(held, "fields") else None

    while waiting:
        one = waiting.pop()
        lines.append(f"def {names[one.type_name]}(message):")
        for member in one.members:
            value = f"message.{member.local_name}"
            if hasattr(member, "fields"):
                lines += [f"    arm = {value}", "    if arm is not None:", "        value = arm.value"]
                for arm in member.fields:
                    if message_in(arm.value) is not None:
                        lines.append(f"        if arm.field == {arm.local_name!r}:")
                        lines.append(f"            {name_of(message_in(arm.value))}(value)")
                continue
            held = message_in(member.value)
            if held is None:
                lines.append(f"    {value}")
            elif hasattr(member.value, "message"):
                lines += [f"    value = {value}", "    if value is not None:", f"        {name_of(held)}(value)"]
            else:
                values = f"{value}.values()" if hasattr(member.value, "key") else value
                lines += [f"    for value in {values}:", f"        {name_of(held)}(value)"]
        lines.append("    return None")
    scope: dict[str, Any] = {}
    exec("\n".join(lines), scope)
    compiled: Callable[[Any], None] = scope["read_0"]
    return compiled

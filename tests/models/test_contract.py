"""The public API of flytekit.models 1.16.31, fact by fact, against the generated models.

The facts are in data/flytekit-1.16.31.json. Every difference has an id, and must be listed in docs/compatibility.md;
a listed difference that is none any more fails too.
"""

from __future__ import annotations

import builtins
import dataclasses
import importlib
import inspect
import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

from google.protobuf.message import Message

from flytekit_models.enums import IdlEnum
from flytekit_models.model import Model, describe, message_class
from flytekit_models.model.attributes import is_refusal

Difference = tuple[str, str]
"""An id, and what differs."""

FACTS: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "flytekit-1.16.31.json").read_text())
CLASSES: dict[str, dict[str, Any]] = FACTS["classes"]
ENUMS: dict[str, dict[str, Any]] = FACTS["enums"]
MESSAGES = [path for path, facts in CLASSES.items() if "message" in facts]
PREFIXES = (
    "class",
    "base",
    "metaclass",
    "parameter",
    "extra-parameter",
    "from",
    "property",
    "setter",
    "method",
    "dunder",
    "constant",
    "dataclass",
    "private",
    "absent",
    "enum",
    "helper",
    "name",
)


def find(path: str) -> Any:
    """What is at the path `module.Class.Nested` below flytekit.models; None if nothing is."""
    module = next(name for name in sorted(FACTS["modules"], reverse=True) if path.startswith(f"{name}."))
    found: Any = importlib.import_module(f"flytekit.models.{module}")
    for name in path.removeprefix(f"{module}.").split("."):
        found = getattr(found, name, None)
    return found


def empty(cls: type[Model]) -> Any:
    """The model that is read from an empty message."""
    if "carrier" in CLASSES.get(path_of(cls), {}):
        from google.protobuf.struct_pb2 import Struct

        return cls.from_flyte_idl(Struct())
    return cls.from_flyte_idl(message_class(cls)())


def path_of(cls: type) -> str:
    return f"{cls.__module__.removeprefix('flytekit.models.')}.{cls.__qualname__}"


# Classes.


def compare_class(path: str) -> Iterator[Difference]:
    facts, cls = CLASSES[path], find(path)
    if not isinstance(cls, type):
        yield f"class:{path}", "there is no such class"
        return
    yield from compare_bases(path, facts, cls)
    yield from compare_constructor(path, facts, cls)
    yield from compare_properties(path, facts, cls)
    yield from compare_methods(path, facts, cls)
    for name, expected in facts.get("constants", {}).items():
        if not hasattr(cls, name):
            yield f"constant:{path}.{name}", f"missing; flytekit has {expected}"
        elif _shown(getattr(cls, name)) != expected:
            yield f"constant:{path}.{name}", f"{getattr(cls, name)!r}; flytekit has {expected}"
    for name in facts.get("nested", ()):
        if not isinstance(getattr(cls, name, None), type):
            yield f"class:{path}.{name}", "there is no such nested class"


def compare_bases(path: str, facts: dict[str, Any], cls: type) -> Iterator[Difference]:
    base = facts["base"]
    bases = {one.__name__ for one in cls.__mro__}
    if base not in bases:
        yield f"base:{path}", f"{base} is no base"
    metaclasses = {one.__name__ for one in inspect.getmro(type(cls))}
    if facts["metaclass"] not in metaclasses:
        yield f"metaclass:{path}", f"{facts['metaclass']} is not the metaclass"
    if "dataclass_fields" in facts:
        fields = list(dataclasses.fields(cls)) if dataclasses.is_dataclass(cls) else []
        if [field.name for field in fields if not field.kw_only] != facts["dataclass_fields"]:
            yield f"dataclass:{path}", f"other fields than {facts['dataclass_fields']}"


def compare_constructor(path: str, facts: dict[str, Any], cls: type) -> Iterator[Difference]:
    if facts["metaclass"] == "type":
        # The metaclasses: made with the arguments of `type`.
        return
    parameters = list(inspect.signature(cls).parameters.values())
    expected = [_parameter(*each) for each in _forwarded(facts)]
    for index, (name, kind, default) in enumerate(expected):
        found = next((each for each in parameters if each.name == name), None)
        if found is None or found.kind is not kind:
            yield f"parameter:{path}.{name}", f"no parameter of the kind {kind.description}"
        elif kind is found.POSITIONAL_OR_KEYWORD and parameters.index(found) != index:
            yield f"parameter:{path}.{name}", f"number {parameters.index(found)}, not {index}"
        elif _default(found) != default:
            yield f"parameter:{path}.{name}", f"default {_default(found)}, not {default}"
    names = {name for name, _, _ in expected}
    for each in parameters:
        # A new parameter is keyword-only and not required.
        added = each.kind is each.KEYWORD_ONLY and each.default is not each.empty
        if each.name not in names and not (added and "message" in facts):
            yield f"extra-parameter:{path}.{each.name}", "new and not keyword-only with a default"
    if "message" in facts:
        (parameter,) = inspect.signature(find(path).from_flyte_idl).parameters
        if parameter != facts["from_parameter"]:
            yield f"from:{path}", f"from_flyte_idl({parameter}), not ({facts['from_parameter']})"


def compare_properties(path: str, facts: dict[str, Any], cls: type) -> Iterator[Difference]:
    for name, settable in facts.get("properties", {}).items():
        found = getattr(cls, name, None)
        if not isinstance(found, property):
            yield f"property:{path}.{name}", "there is no such property"
        elif (found.fset is not None and not is_refusal(found.fset)) is not settable:
            yield f"setter:{path}.{name}", f"flytekit has {'a' if settable else 'no'} setter"


def compare_methods(path: str, facts: dict[str, Any], cls: type) -> Iterator[Difference]:
    for name, (kind, *parameters) in facts.get("methods", {}).items():
        if not callable(getattr(cls, name, None)):
            yield f"method:{path}.{name}", "there is no such method"
            continue
        found = inspect.getattr_static(cls, name)
        found_kind = {classmethod: "classmethod", staticmethod: "staticmethod"}.get(type(found), "method")
        signature = inspect.signature(found.__func__ if found_kind != "method" else found)
        shown = [
            [each.name, *([_default(each)] if each.default is not each.empty else [])]
            for each in signature.parameters.values()
        ]
        if (found_kind, shown[1:]) != (kind, parameters[1:]):
            yield f"method:{path}.{name}", f"{found_kind} {shown}, not {kind} {parameters}"
    for dunder in facts.get("dunders", ()):
        name, _, value = dunder.partition("=")
        defined = any(name in one.__dict__ for one in cls.__mro__ if one is not object)
        if not defined or (value == "None") is not (getattr(cls, name) is None):
            yield f"dunder:{path}.{name}", f"flytekit has {dunder}"


def _forwarded(facts: dict[str, Any]) -> list[list[str]]:
    """The parameters of a constructor; `*args` and `**kwargs` stand for those of the base that they go to."""
    given: list[list[str]] = facts["constructor"]
    if not any(each[0].startswith("*") for each in given):
        return given
    (base,) = [path for path in CLASSES if path.endswith(f".{facts['base']}")]
    return [*CLASSES[base]["constructor"], *(each for each in given if not each[0].startswith("*"))]


def _parameter(name: str, default: str | None = None) -> tuple[str, Any, str | None]:
    kinds = inspect.Parameter
    if name.startswith("keyword "):
        return name.removeprefix("keyword "), kinds.KEYWORD_ONLY, default
    return name, kinds.POSITIONAL_OR_KEYWORD, default


def _default(parameter: inspect.Parameter) -> str | None:
    default = parameter.default
    if default is parameter.empty:
        return None
    return f"{type(default).__name__}.{default.name}" if isinstance(default, Enum) else repr(default)


def _shown(value: Any) -> str:
    """The repr of a constant as flytekit's has it, where an int is a plain int."""
    is_named = isinstance(value, Enum) and type(value).__qualname__ in {p.partition(".")[2] for p in PYTHON_ENUMS}
    return repr(value) if is_named or not isinstance(value, Enum) else repr(value.value)


PYTHON_ENUMS = [path for path, facts in ENUMS.items() if facts.get("python_enum")]


# Members.


def compare_members(path: str) -> Iterator[Difference]:
    facts, cls = CLASSES[path], find(path)
    if facts["message"] != describe(cls).message:
        yield f"class:{path}", f"models {describe(cls).message}, not {facts['message']}"
        return
    for field, (properties, attributes, kind, text) in facts["fields"].items():
        model = empty(cls)
        for name in attributes:
            yield from compare_private(path, name, model, properties)
        own = [name for name in properties if name in cls._fm_slots or name in attributes] or properties
        model = empty(cls)
        value = getattr(model, own[0]) if own else getattr(model, attributes[0], None)
        problem = differs(value, kind, text)
        if problem:
            yield f"absent:{path}.{field}", problem


def compare_private(path: str, name: str, model: Any, properties: list[str]) -> Iterator[Difference]:
    if not hasattr(model, name):
        yield f"private:{path}.{name}", "there is no such attribute"
        return
    sentinel = object()
    setattr(model, name, sentinel)
    through = [each for each in properties if f"_{each}" == name]
    if getattr(model, name) is not sentinel or any(getattr(model, each) is not sentinel for each in through):
        yield f"private:{path}.{name}", "assigning it has no effect"


def differs(value: Any, kind: str | None, text: str | None) -> str | None:
    """What is wrong with *value*, which flytekit gives as a *kind* that prints as *text*; None if nothing is."""
    if kind is None:
        return f"{value!r} in a model; flytekit gives no model at all"
    if kind.startswith("model:"):
        right = type(value) is find(kind.removeprefix("model:"))
    elif kind.startswith("proto:"):
        right = isinstance(value, Message) and value.DESCRIPTOR.full_name == kind.removeprefix("proto:")
    elif kind in ("proto-container[]", "list[]"):
        # Where flytekit gives a live container of a message, a real list stands here.
        right = type(value) is list and value == []
    elif kind in ("proto-map", "dict[str,]"):
        right = type(value) is dict and value == {}
    elif kind.startswith("Enum:"):
        right = type(value) is not int and isinstance(value, Enum) and repr(value) == text
    elif kind.startswith("datetime"):
        right = type(value) is datetime and repr(value) == text
    elif kind == "timedelta":
        right = type(value) is timedelta and repr(value) == text
    elif kind == "None":
        right = value is None
    elif kind == "int" and isinstance(value, IdlEnum):
        # Where flytekit gives the plain number, the holder's value stands, which prints as the number.
        right = str(value) == text
    else:
        right = type(value) is getattr(builtins, kind) and repr(value) == text
    return None if right else f"{type(value).__name__} {value!r}; flytekit gives {kind} {text}"


# Enums and names.


def compare_enum(path: str) -> Iterator[Difference]:
    facts, holder = ENUMS[path], find(path)
    if not isinstance(holder, type):
        yield f"class:{path}", "there is no such enum holder"
        return
    for name, number in facts["members"].items():
        found = getattr(holder, name, None)
        if not isinstance(found, int) or found != number:
            yield f"enum:{path}.{name}", f"{found!r}, not {number}"
        if facts.get("python_enum") and getattr(found, "value", None) != number:
            yield f"enum:{path}.{name}", f"its value is not {number}"
    for name, helper in facts.get("helpers", {}).items():
        function = getattr(holder, name, None)
        if function is None:
            yield f"helper:{path}.{name}", "there is no such helper"
            continue
        if list(inspect.signature(function).parameters) != helper["parameters"][1:]:
            yield f"helper:{path}.{name}", f"parameters other than {helper['parameters']}"
        for given, expected in helper["results"]:
            result = function(given)
            if result != expected or isinstance(result, str) is not isinstance(expected, str):
                yield f"helper:{path}.{name}({given})", f"{result!r}, not {expected!r}"


def compare_names() -> Iterator[Difference]:
    for path, home in FACTS["names"].items():
        found = find(path)
        if not isinstance(found, type) or found.__module__ != f"flytekit.models.{home}":
            yield f"name:{path}", f"flytekit has it, of {home}"


# The tests.


@cache
def differences() -> Mapping[str, str]:
    """Every difference between the facts and the models."""
    found = [difference for path in CLASSES for difference in compare_class(path)]
    found += [difference for path in MESSAGES for difference in compare_members(path)]
    found += [difference for path in ENUMS for difference in compare_enum(path)]
    found += compare_names()
    return dict(found)


def test_the_facts_are_all_of_flytekit() -> None:
    assert (len(MESSAGES), len(ENUMS), len([path for path in CLASSES if path.startswith("filters.")])) == (158, 27, 12)
    assert len({CLASSES[path]["message"] for path in MESSAGES}) == 156


def test_every_difference_is_listed(listed: Mapping[str, str]) -> None:
    unlisted = {where: what for where, what in differences().items() if where not in listed}
    assert not unlisted, "\n".join(f"{where}: {what}" for where, what in unlisted.items())


def test_every_listed_difference_is_one(listed: Mapping[str, str]) -> None:
    claimed = {where for where in listed if where.partition(":")[0] in PREFIXES}
    assert claimed - set(differences()) == set()

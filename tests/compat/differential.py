"""Compares what the models of two environments did, case by case, and names each difference.

A difference has an id: ``written:MESSAGE.FIELD`` where messages that were read are written differently,
``call:MESSAGE.FIELD`` where the same constructor call is, ``read:CLASS.PROPERTY`` where a property gives something
else, ``raises:CLASS`` where flytekit's class raises an error and the generated one does not. Two ids stand for a whole
kind: ``written:presence`` for absent sub-messages that flytekit writes as empty ones, and ``written:no-member`` for
fields that flytekit's classes have no member for, and lose.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flytekit_models.messages import is_repeated

FACTS: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "data" / "constructors.json").read_text())
PRESENCE = "written:presence"
NO_MEMBER = "written:no-member"
_WHOLE = {
    "google.protobuf.Timestamp",
    "google.protobuf.Duration",
    "google.protobuf.Struct",
    "google.protobuf.Any",
    "google.protobuf.BoolValue",
}
"""Messages that are compared as one value."""


@dataclass
class Comparison:
    """What comparing two runs gave."""

    classes: set[str] = field(default_factory=set)
    messages: int = 0
    calls: int = 0
    differences: dict[str, str] = field(default_factory=dict)
    """Each difference by its id, with the first example."""
    faults: list[str] = field(default_factory=list)
    """What no list can excuse."""

    def note(self, difference: str, example: str) -> None:
        """Take down a difference."""
        self.differences.setdefault(difference, example)


def compare(pristine: Iterable[str], overlaid: Iterable[str]) -> Comparison:
    """Compare the lines that ``scripts/observe.py`` wrote in the two environments."""
    import_messages()
    found = Comparison()
    for one, other in zip(pristine, overlaid, strict=True):
        theirs, ours = json.loads(one), json.loads(other)
        _compare_case(theirs, ours, found)
    return found


def _compare_case(theirs: dict[str, Any], ours: dict[str, Any], found: Comparison) -> None:
    case = f"{theirs['class']}, {theirs['case']}"
    reading = theirs["case"].startswith("read")
    found.classes.add(theirs["class"])
    found.messages += reading
    found.calls += not reading
    if (theirs["class"], theirs["case"], theirs.get("message")) != (ours["class"], ours["case"], ours.get("message")):
        found.faults.append(f"{case}: the environments did not do the same")
    elif "error" in ours:
        if ours["error"] != theirs.get("error"):
            found.faults.append(f"{case}: raises {ours['error']} in {ours['in']}: {ours['text']}")
    elif "error" in theirs:
        found.note(f"raises:{theirs['in']}", f"{case}: flytekit raises {theirs['error']}: {theirs['text']}")
    else:
        _compare_written(theirs, ours, case, reading, found)
        for name, value in theirs["read"].items():
            for difference, one, other in value_differences(value, ours["read"].get(name), f"{theirs['class']}.{name}"):
                kind = "read" if reading else "call"
                found.note(f"{kind}:{difference}", f"{case}: flytekit gives {brief(one)}, ours {brief(other)}")


def _compare_written(theirs: dict[str, Any], ours: dict[str, Any], case: str, reading: bool, found: Comparison) -> None:
    one, other = theirs["written"], ours["written"]
    if isinstance(other, dict):
        if not isinstance(one, dict):
            found.faults.append(f"{case}: writing raises {other['error']}: {other['text']}")
        return
    if ours["equal"] is not True:
        found.faults.append(f"{case}: is not equal to itself")
    if reading and other != ours["message"]:
        found.faults.append(f"{case}: is not written as it was read")
    if isinstance(one, dict):
        found.note(f"raises:{one['in']}", f"{case}: writing raises {one['error']} in flytekit: {one['text']}")
    elif one is None:
        full_name = FACTS[theirs["class"]]["message"].removeprefix("flyteidl.")
        found.note(f"written:{full_name}", f"{case}: flytekit writes nothing at all")
    elif one != other:
        carrier = FACTS[theirs["class"]].get("carrier")
        full_name = "google.protobuf.Struct" if carrier else FACTS[theirs["class"]]["message"]
        first, second = parsed(full_name, one), parsed(full_name, other)
        differences = list(message_differences(first, second))
        if not differences:
            found.faults.append(f"{case}: other bytes, but the same message")
        for name in differences:
            example = f"{case}: flytekit writes {brief(first)}, ours {brief(second)}"
            if name not in (PRESENCE, NO_MEMBER):
                found.note(f"{'written' if reading else 'call'}:{name}", example)
            elif reading:
                found.note(name, example)
            else:
                found.faults.append(example)


def brief(value: Any) -> str:
    text = " ".join((value if isinstance(value, str) else str(value)).split())
    return text if len(text) <= 160 else f"{text[:157]}..."


# Messages.


def import_messages() -> None:
    """Import every message of flyteidl, so that all types are known."""
    import flyteidl

    for module in pkgutil.walk_packages(flyteidl.__path__, "flyteidl."):
        if module.name.endswith("_pb2") and ".service." not in module.name:
            importlib.import_module(module.name)


def parsed(full_name: str, wire: str) -> Any:
    """The message of the type *full_name* in the hexadecimal *wire*."""
    from google.protobuf.descriptor_pool import Default
    from google.protobuf.message_factory import GetMessageClass

    return GetMessageClass(Default().FindMessageTypeByName(full_name)).FromString(bytes.fromhex(wire))


def message_differences(theirs: Any, ours: Any) -> Iterator[str]:
    """The fields, by their full names, in which two messages of one type differ."""
    full_name = theirs.DESCRIPTOR.full_name
    if full_name in _WHOLE:
        if theirs != ours:
            yield full_name
        return
    for each in theirs.DESCRIPTOR.fields:
        one, other = getattr(theirs, each.name), getattr(ours, each.name)
        name = each.full_name.removeprefix("flyteidl.")
        if _is_lost(each):
            if _is_set(theirs, each) != _is_set(ours, each) or one != other:
                yield NO_MEMBER
        elif each.message_type is None or is_repeated(each):
            yield from _plain_differences(theirs, ours, each, name)
        elif theirs.HasField(each.name) is not ours.HasField(each.name):
            yield PRESENCE if _says_nothing(one) and _says_nothing(other) else name
        elif each.message_type.full_name in _WHOLE:
            if one != other:
                yield name
        elif theirs.HasField(each.name):
            yield from message_differences(one, other)


def _plain_differences(theirs: Any, ours: Any, each: Any, name: str) -> Iterator[str]:
    one, other = getattr(theirs, each.name), getattr(ours, each.name)
    if not is_repeated(each):
        if one != other or _is_set(theirs, each) is not _is_set(ours, each):
            yield name
    elif len(one) != len(other):
        yield name
    elif each.message_type is None:
        if list(one) != list(other):
            yield name
    elif each.message_type.GetOptions().map_entry:
        if sorted(one) != sorted(other):
            yield name
        elif each.message_type.fields_by_name["value"].message_type is None:
            if dict(one) != dict(other):
                yield name
        else:
            for key in one:
                yield from message_differences(one[key], other[key])
    elif _other_order(one, other):
        yield name
    else:
        for first, second in zip(one, other, strict=True):
            yield from message_differences(first, second)


def _other_order(theirs: Any, ours: Any) -> bool:
    """Whether two lists of messages that have an id have the same ones, in another order."""
    first, second = ([_id(item) for item in items] for items in (theirs, ours))
    return first != second and sorted(first) == sorted(second)


def _id(item: Any) -> str:
    """The id of a message, as far as flytekit's classes keep it; an empty text if it has none."""
    found = getattr(item, "id", "")
    if not hasattr(found, "ListFields"):
        return ""
    kept = [(each.name, value) for each, value in found.ListFields() if not _is_lost(each)]
    return repr(kept)


def _is_lost(each: Any) -> bool:
    return each.full_name.removeprefix("flyteidl.") in _without_member()


def _is_set(message: Any, each: Any) -> bool:
    if is_repeated(each) or not each.has_presence:
        return bool(getattr(message, each.name))
    return bool(message.HasField(each.name))


def _says_nothing(message: Any) -> bool:
    """Whether there is nothing in *message* but empty sub-messages."""
    return all(
        each.message_type is not None and not is_repeated(each) and _says_nothing(value)
        for each, value in message.ListFields()
    )


_fields_without_member: set[str] = set()


def _without_member() -> set[str]:
    """The fields of modelled messages that no parameter of flytekit's classes is for."""
    if not _fields_without_member:
        from google.protobuf.descriptor_pool import Default

        modelled: dict[str, set[str]] = {}
        for facts in FACTS.values():
            names = {name for _, name, *_ in facts["constructor"]}
            modelled.setdefault(facts["message"], names).update(names)
        for full_name, names in modelled.items():
            for each in Default().FindMessageTypeByName(full_name).fields:
                if each.name not in names:
                    _fields_without_member.add(each.full_name.removeprefix("flyteidl."))
    return _fields_without_member


# Properties.


def value_differences(theirs: Any, ours: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    """The properties, innermost ones, in which what was read differs."""
    if theirs == ours:
        return
    if isinstance(theirs, dict) and isinstance(ours, dict):
        if "model" in theirs and theirs["model"] == ours.get("model") and theirs["class"] == ours["class"]:
            for name in theirs.keys() - {"model", "class"}:
                yield from value_differences(theirs[name], ours.get(name), f"{theirs['model']}.{name}")
            return
        if "list" in theirs and len(theirs["list"]) == len(ours.get("list", ())):
            for one, other in zip(theirs["list"], ours["list"], strict=True):
                yield from value_differences(one, other, path)
            return
        if "dict" in theirs and [key for key, _ in theirs["dict"]] == [key for key, _ in ours.get("dict", ())]:
            for (_, one), (_, other) in zip(theirs["dict"], ours["dict"], strict=True):
                yield from value_differences(one, other, path)
            return
    yield path, theirs, ours

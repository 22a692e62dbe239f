"""Runs in an environment with flytekit: what its models do, class by class, as lines of JSON.

Every case is done with the same arguments in every environment, so that two runs differ only where the models do.
"""

from __future__ import annotations

import datetime
import enum
import importlib
import json
import random
import sys
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from google.protobuf import json_format, struct_pb2
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from messages import is_map, is_repeated, random_messages, single_field_messages

FACTS: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent.parent / "data" / "constructors.json").read_text())
MESSAGES_OF_A_CLASS = 60
CALLS_OF_A_CLASS = 60


def find(path: str) -> Any:
    """The class at *path* below ``flytekit.models``."""
    parts = path.split(".")
    count = next(index for index, part in enumerate(parts) if part[0].isupper())
    found = importlib.import_module(".".join(["flytekit.models", *parts[:count]]))
    for part in parts[count:]:
        found = getattr(found, part)
    return found


def import_messages() -> None:
    """Import every message of flyteidl, so that all types are known."""
    import pkgutil

    import flyteidl

    for module in pkgutil.walk_packages(flyteidl.__path__, "flyteidl."):
        if module.name.endswith("_pb2") and ".service." not in module.name:
            importlib.import_module(module.name)


def message_class(full_name: str) -> Any:
    """The class of the message *full_name*."""
    from google.protobuf.descriptor_pool import Default

    return GetMessageClass(Default().FindMessageTypeByName(full_name))


# What is seen of a value.


def shown(value: Any) -> Any:
    """*value* as JSON that is equal when the values are; models by their public properties."""
    if isinstance(value, enum.Enum):
        return value.value
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return {"float": repr(value)}
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, (datetime.datetime, datetime.timedelta)):
        return {type(value).__name__: str(value)}
    if isinstance(value, Message):
        return {"message": value.DESCRIPTOR.full_name, "wire": wire(value)}
    if hasattr(value, "to_flyte_idl"):
        return {"model": known_as(type(value)), "class": path_of(type(value)), **properties(value)}
    if hasattr(value, "items"):
        return {"dict": sorted([str(key), shown(item)] for key, item in value.items())}
    if isinstance(value, Iterable | Sequence):
        return {"list": [shown(item) for item in value]}
    return {"object": type(value).__name__}


def path_of(cls: type) -> str:
    """The path of *cls* below ``flytekit.models``."""
    return f"{cls.__module__.removeprefix('flytekit.models.')}.{cls.__qualname__}"


def known_as(cls: type) -> str:
    """The path of the class of ``flytekit.models`` that *cls* is, or derives from; its own if it is neither."""
    return next((path for base in cls.__mro__ if (path := path_of(base)) in FACTS), path_of(cls))


def properties(model: Any) -> dict[str, Any]:
    """The public properties of *model*, those of its sub-models too."""
    names = FACTS.get(known_as(type(model)), {"properties": ()})["properties"]
    found = {name: attempted(lambda name=name: shown(getattr(model, name))) for name in names}
    if isinstance(found.get("upstream_node_ids"), dict) and "list" in found["upstream_node_ids"]:
        # flytekit has them from a set, in another order each time.
        found["upstream_node_ids"]["list"].sort()
    return found


def wire(message: Any) -> Any:
    """A message in deterministic bytes; a model that is written as nothing is None."""
    return None if message is None else message.SerializeToString(deterministic=True).hex()


def attempted(call: Callable[[], Any]) -> Any:
    """What *call* gives, or the kind of error and the class that it came from."""
    try:
        return call()
    except Exception as error:
        return {"error": type(error).__name__, "in": raised_in(error), "text": str(error)[:200]}


def raised_in(error: Exception) -> str:
    """The innermost model class that was at work when *error* was raised."""
    found = ""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        held = frame.f_locals.get("cls", frame.f_locals.get("self"))
        model = held if isinstance(held, type) else type(held)
        if hasattr(model, "to_flyte_idl"):
            found = path_of(model)
    return found


def seen(model: Any) -> dict[str, Any]:
    """All that is compared of *model*."""
    return {
        "written": attempted(lambda: wire(model.to_flyte_idl())),
        "read": properties(model),
        "equal": attempted(lambda: model == model),
    }


# Constructor calls.


class Arguments:
    """Makes the arguments of a constructor from a message: the values that stand for its fields."""

    def __init__(self, choices: random.Random) -> None:
        self._choices = choices

    def construct(self, path: str, message: Any) -> Any:
        """A model of the class *path* from its constructor; some arguments are positional."""
        parameters = FACTS[path]["constructor"]
        given: dict[str, Any] = {}
        for name, field, kind, optional in parameters:
            value, is_set = self.value(message, field, kind)
            if is_set or not optional:
                given[name] = value
        leading = [name for name, *_ in parameters]
        positional: list[Any] = []
        most = self._choices.randint(0, len(leading))
        for name in leading[:most]:
            if name not in given:
                break
            positional.append(given.pop(name))
        return find(path)(*positional, **given)

    def value(self, message: Any, name: str | None, kind: str) -> tuple[Any, bool]:
        """The value that stands for the field *name* of *message*, and whether it is set."""
        if name is None:
            return True, self._choices.random() < 0.5
        field = message.DESCRIPTOR.fields_by_name[name]
        found = getattr(message, name)
        if is_map(field):
            return {key: self._one(found[key], kind) for key in sorted(found)}, bool(found)
        if is_repeated(field):
            return self._list(found, field, kind), bool(found)
        if field.message_type is None:
            return self._one(found, kind), message.HasField(name) if field.has_presence else bool(found)
        return self._sub_message(found, kind), message.HasField(name)

    def _list(self, found: Any, field: Any, kind: str) -> Any:
        if field.message_type is not None and field.message_type.name == "KeyValuePair":
            return {pair.key: pair.value for pair in found}
        if field.message_type is not None and field.message_type.name == "PromiseAttribute":
            return [getattr(each, str(each.WhichOneof("value") or "int_value")) for each in found]
        return [self._one(each, kind) for each in found]

    def _one(self, found: Any, kind: str) -> Any:
        if isinstance(found, Message):
            return self._sub_message(found, kind)
        return find(kind[5:])(found) if kind.startswith("enum:") else found

    def _sub_message(self, found: Any, kind: str) -> Any:
        full_name = found.DESCRIPTOR.full_name
        if full_name == "flyteidl.core.VariableMap" and kind == "model:interface.Variable":
            return {key: self.construct("interface.Variable", found.variables[key]) for key in sorted(found.variables)}
        if kind.startswith("model:"):
            return self.construct(kind[6:], found)
        if kind == "pod":
            from flytekit import PodTemplate

            spec = json_format.MessageToDict(found.pod_spec)
            return PodTemplate(spec, found.primary_container_name, dict(found.metadata.labels), {})
        if kind == "raw":
            return found
        if full_name == "google.protobuf.Timestamp":
            return found.ToDatetime(None if kind == "naive" else datetime.timezone.utc)
        if full_name == "google.protobuf.Duration":
            return found.ToTimedelta()
        if full_name == "google.protobuf.Struct":
            return json_format.MessageToDict(found)
        if full_name == "google.protobuf.BoolValue":
            return found.value
        return found


# The cases.


def read_case(path: str, message: Any) -> dict[str, Any]:
    """Read *message*."""
    if FACTS[path].get("carrier"):
        carried = struct_pb2.Struct()
        carried.update(json_format.MessageToDict(message))
        message = carried
    before = wire(message)
    model = attempted(lambda: find(path).from_flyte_idl(message))
    if model is None:
        model = {"error": "nothing", "in": path, "text": "from_flyte_idl gives None"}
    return {"message": before, **(model if isinstance(model, dict) else seen(model))}


def construct_case(path: str, message: Any, seed: str) -> dict[str, Any]:
    """Call the constructor with what *message* holds."""
    model = attempted(lambda: Arguments(random.Random(seed)).construct(path, message))
    return model if isinstance(model, dict) else seen(model)


def assign_case(path: str, message: Any, other: Any, seed: str) -> dict[str, Any]:
    """Set the private attributes of a model to those of another one."""

    def assigned() -> Any:
        model = Arguments(random.Random(seed)).construct(path, message)
        source = Arguments(random.Random(seed)).construct(path, other)
        prefix = "" if hasattr(model, "__dataclass_fields__") else "_"
        for name, *_ in FACTS[path]["constructor"]:
            if hasattr(source, prefix + name) and name != "auto_activate":
                setattr(model, prefix + name, getattr(source, prefix + name))
        return model

    model = attempted(assigned)
    return model if isinstance(model, dict) else seen(model)


def cases(path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every case of the class *path*, by its name."""
    of = message_class(FACTS[path]["message"])
    messages = [*single_field_messages(of), *random_messages(of, MESSAGES_OF_A_CLASS)]
    for index, message in enumerate(messages):
        yield f"read {index}", read_case(path, message)
    singles = len(messages) - MESSAGES_OF_A_CLASS
    for index, message in enumerate(messages[: singles + CALLS_OF_A_CLASS]):
        yield f"construct {index}", construct_case(path, message, f"{path} {index}")
    for index in range(10):
        message, other = messages[singles + index], messages[singles + index + 10]
        yield f"assign {index}", assign_case(path, message, other, f"{path} {index}")


def main() -> None:
    """Write the cases of the classes named on the command line, or of all."""
    warnings.simplefilter("ignore")
    import_messages()
    for path in sys.argv[1:] or FACTS:
        for name, case in cases(path):
            print(json.dumps({"class": path, "case": name, **case}))


if __name__ == "__main__":
    main()

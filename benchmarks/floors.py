"""Prints what the parts of a case take, beginning with the calls into protobuf that nothing can do without.

Each step does what the one before does and a little more; the last one is the model itself.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Callable
from typing import Any

from flyteidl.core import literals_pb2

from benchmarks.cases import way
from benchmarks.reading import reader
from benchmarks.subjects import SUBJECTS, literal_map, literal_map_by_hand

_ENTRIES = 2000
_REPEATS = 25

Step = Callable[[], Any]


# --- writing ----------------------------------------------------------------------------------------------------------


def _write_primitive(message: Any, value: int) -> None:
    message.integer = value


def _write_scalar(message: Any, value: int) -> None:
    _write_primitive(message.primitive, value)


def _write_literal(message: Any, value: int) -> None:
    _write_scalar(message.scalar, value)


def _write_by_functions() -> Any:
    message = literals_pb2.LiteralMap()
    literals = message.literals
    for i in range(_ENTRIES):
        _write_literal(literals[f"o{i}"], i)
    return message


class _Primitive:
    __slots__ = ("boolean", "datetime", "duration", "float_value", "integer", "string_value")

    def __init__(self, integer: int) -> None:
        self.integer = integer
        self.boolean = self.datetime = self.duration = self.float_value = self.string_value = None

    def write(self, message: Any) -> None:
        if self.integer is not None:
            message.integer = self.integer
        if self.float_value is not None:
            message.float_value = self.float_value
        if self.string_value is not None:
            message.string_value = self.string_value
        if self.boolean is not None:
            message.boolean = self.boolean
        if self.datetime is not None:
            message.datetime.CopyFrom(self.datetime)
        if self.duration is not None:
            message.duration.CopyFrom(self.duration)


class _Scalar:
    __slots__ = ("binary", "blob", "error", "generic", "none", "primitive", "schema", "structured_dataset", "union")

    def __init__(self, primitive: _Primitive) -> None:
        self.primitive = primitive
        self.binary: Any = None
        self.blob = self.error = self.generic = self.none = self.binary
        self.schema = self.structured_dataset = self.union = self.binary

    def write(self, message: Any) -> None:
        if self.primitive is not None:
            self.primitive.write(message.primitive)
        if self.blob is not None:
            self.blob.write(message.blob)
        if self.binary is not None:
            self.binary.write(message.binary)
        if self.schema is not None:
            self.schema.write(message.schema)
        if self.none is not None:
            self.none.write(message.none_type)
        if self.error is not None:
            self.error.write(message.error)
        if self.generic is not None:
            self.generic.write(message.generic)
        if self.structured_dataset is not None:
            self.structured_dataset.write(message.structured_dataset)
        if self.union is not None:
            self.union.write(message.union)


class _Literal:
    __slots__ = ("collection", "hash", "map", "metadata", "offloaded", "scalar")

    def __init__(self, scalar: _Scalar) -> None:
        self.scalar = scalar
        self.hash: Any = None
        self.collection = self.map = self.metadata = self.offloaded = self.hash

    def write(self, message: Any) -> None:
        if self.hash is not None:
            message.hash = self.hash
        if self.metadata is not None:
            message.metadata.update(self.metadata)
        if self.scalar is not None:
            self.scalar.write(message.scalar)
        if self.collection is not None:
            self.collection.write(message.collection)
        if self.map is not None:
            self.map.write(message.map)
        if self.offloaded is not None:
            self.offloaded.write(message.offloaded_metadata)


def _write_objects(objects: dict[str, _Literal]) -> Any:
    message = literals_pb2.LiteralMap()
    literals = message.literals
    for key, literal in objects.items():
        literal.write(literals[key])
    return message


def writing() -> dict[str, Step]:
    """Writing a map of literals that Python built."""
    objects = {f"o{i}": _Literal(_Scalar(_Primitive(i))) for i in range(_ENTRIES)}
    return {
        "protobuf by hand": lambda: literal_map_by_hand(_ENTRIES),
        "+ a function for each message": _write_by_functions,
        "+ asking each member whether it is set": lambda: _write_objects(objects),
        "the model": literal_map(_ENTRIES).to_flyte_idl,
    }


# --- reading ----------------------------------------------------------------------------------------------------------


class _Holder:
    """The least that a model can be: the message, the flag, and as many values as there are members."""

    __slots__ = ("__dict__", "__weakref__", "a", "b", "c", "d", "e", "f", "message", "unread")

    def __init__(self, message: Any) -> None:
        self.message = message
        self.unread = True


def _copy(message: Any) -> Any:
    copied = literals_pb2.LiteralMap()
    copied.CopyFrom(message)
    return copied


def _wrappers(message: Any) -> Any:
    literals = _copy(message).literals
    return {key: literals[key] for key in literals}


def _holders(message: Any) -> Any:
    literals = _copy(message).literals
    return {key: _Holder(literals[key]) for key in literals}


def one_leaf(message: Any) -> dict[str, Step]:
    """Reading one leaf of a map of literals."""
    from flytekit.models.literals import LiteralMap

    leaf = way(SUBJECTS["literals"].leaf)
    return {
        "CopyFrom": lambda: _copy(message),
        "+ protobuf's object for each value of the map, in a dict": lambda: _wrappers(message),
        "+ an object of Python around each": lambda: _holders(message),
        "the model": lambda: leaf(LiteralMap.from_flyte_idl(message)),
    }


def _read_all(message: Any, wrap: Callable[[Any], Any]) -> Any:
    """The calls into protobuf that reading each literal takes, and what *wrap* makes of each message."""
    literals = _copy(message).literals
    kept = {}
    for key in literals:
        literal = literals[key]
        literal.WhichOneof("value"), literal.hash, literal.metadata
        scalar = literal.scalar
        scalar.WhichOneof("value")
        primitive = scalar.primitive
        primitive.WhichOneof("value"), primitive.integer
        kept[key] = wrap(literal), wrap(scalar), wrap(primitive)
    return kept


def everything(message: Any, members: dict[str, list[str]]) -> dict[str, Step]:
    """Reading all of a map of literals."""
    from flytekit.models.literals import LiteralMap

    walk = reader(LiteralMap.from_flyte_idl(message), members)
    read = LiteralMap.from_flyte_idl(message)
    walk(read)
    return {
        "CopyFrom, and the calls into protobuf": lambda: _read_all(message, lambda part: part),
        "+ an object of Python around each message": lambda: _read_all(message, _Holder),
        "+ reading the members of models that were read": lambda: (_read_all(message, _Holder), walk(read)),
        "the model": lambda: walk(LiteralMap.from_flyte_idl(message)),
    }


# --- all of them ------------------------------------------------------------------------------------------------------


def measure(steps: dict[str, Step]) -> dict[str, float]:
    """Step to seconds of processor time: the least of many, the steps in turn."""
    least = dict.fromkeys(steps, float("inf"))
    for _ in range(_REPEATS):
        for name, step in steps.items():
            start = time.thread_time_ns()
            step()
            least[name] = min(least[name], (time.thread_time_ns() - start) / 1e9)
    return least


def run(members: dict[str, list[str]]) -> dict[str, dict[str, float]]:
    """Case to its steps; the reading ones again without the passes of the garbage collector."""
    message = literal_map_by_hand(_ENTRIES)
    cases = {
        "to_flyte_idl of a built model": writing(),
        "one leaf": one_leaf(message),
        "everything": everything(message, members),
    }
    found = {name: measure(steps) for name, steps in cases.items()}
    gc.disable()
    for name in ("one leaf", "everything"):
        found[f"{name}, the garbage collector off"] = measure(cases[name])
    return found


if __name__ == "__main__":
    json.dump(run(json.load(sys.stdin)["members"]), sys.stdout)

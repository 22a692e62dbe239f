"""The keys of entries: which task, which version, and a digest of the inputs that count."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flyteidl.core import literals_pb2

    from flytekit.models.literals import Literal, LiteralMap

__all__ = ["calculate", "fits", "of_inputs", "prefix", "that_count", "version_of", "with_hashes_alone", "written"]


def calculate(
    task_name: str,
    cache_version: str,
    input_literal_map: LiteralMap,
    cache_ignore_input_vars: tuple[str, ...] = (),
) -> str:
    """Give the key of an execution."""
    return of_inputs(task_name, cache_version, written(input_literal_map, cache_ignore_input_vars))


def that_count(input_literal_map: LiteralMap, cache_ignore_input_vars: Collection[str]) -> literals_pb2.LiteralMap:
    """Give the inputs that count, as they do: those that carry a hash are that hash alone."""
    message: literals_pb2.LiteralMap = _without(input_literal_map, cache_ignore_input_vars).to_flyte_idl()
    for literal in message.literals.values():
        _place_hashes(literal)
    return message


def written(input_literal_map: LiteralMap, cache_ignore_input_vars: Collection[str]) -> bytes:
    """Give the inputs that count as the bytes that their key is made of."""
    inputs = _without(input_literal_map, cache_ignore_input_vars)
    literal_map, literal = _classes()
    if type(inputs) is literal_map and all(_is_plain(value, literal) for value in inputs.literals.values()):
        return inputs.to_bytes()
    wire: bytes = that_count(inputs, ()).SerializeToString(deterministic=True)
    return wire


def _without(input_literal_map: LiteralMap, cache_ignore_input_vars: Collection[str]) -> LiteralMap:
    """Drop inputs first: they may be large, or such as can't be written at all."""
    if not cache_ignore_input_vars:
        return input_literal_map
    named = input_literal_map.literals.items()
    return _classes()[0]({name: value for name, value in named if name not in cache_ignore_input_vars})


def _is_plain(value: Any, literal: type[Literal]) -> bool:
    """Whether *value* counts as it is: most are scalars without a hash."""
    return type(value) is literal and value.scalar is not None and not value.hash


@cache
def _classes() -> tuple[type[LiteralMap], type[Literal]]:
    """Import the classes when they are needed, and only look for them once."""
    from flytekit.models.literals import Literal, LiteralMap

    return LiteralMap, Literal


def of_inputs(task_name: str, cache_version: str, inputs: bytes) -> str:
    """Give the key of an execution whose inputs that count are written so."""
    return f"{prefix(task_name, cache_version)}{_digest(inputs)}{_suffix(task_name, cache_version)}"


def prefix(task_name: str, cache_version: str) -> str:
    """How the keys of all executions of a task, in a version, begin."""
    return f"{task_name}-{cache_version}-"


def _suffix(task_name: str, cache_version: str) -> str:
    """How their keys end.

    Where a dash is part of the name or the version, flytekit's key fits several pairs of them. The length of the name
    tells them apart, and no key of flytekit's ends like this: the last part of those has 32 characters.
    """
    return f"-{len(task_name)}" if "-" in task_name or "-" in cache_version else ""


def fits(key: str, task_name: str, cache_version: str) -> bool:
    """Whether *key* is that of some execution of the task, in this version."""
    start, end = prefix(task_name, cache_version), _suffix(task_name, cache_version)
    return key.startswith(start) and re.fullmatch("[0-9a-f]{32}" + end, key[len(start) :]) is not None


def version_of(key: str, task_name: str) -> str | None:
    """Give the version of the task's results that *key* is of; None where it is the key of another task."""
    found = re.fullmatch(r"(?P<version>.*)-[0-9a-f]{32}(-[0-9]+)?", key.removeprefix(f"{task_name}-"), re.DOTALL)
    return found["version"] if found is not None and fits(key, task_name, found["version"]) else None


def with_hashes_alone(literal: Literal) -> Literal:
    """Give a copy of *literal* in which each literal that carries a hash is replaced by that hash alone."""
    from flytekit.models.literals import Literal

    message = literal.to_flyte_idl()
    _place_hashes(message)
    return Literal.from_flyte_idl(message)


def _place_hashes(literal: literals_pb2.Literal) -> None:
    """Replace, in place, each literal that carries a hash by that hash; not inside unions, as flytekit doesn't."""
    if literal.hash:
        digest = literal.hash
        literal.Clear()
        literal.hash = digest
        return
    kind = literal.WhichOneof("value")
    if kind == "collection":
        literal.ClearField("metadata")
        for item in literal.collection.literals:
            _place_hashes(item)
    elif kind == "map":
        literal.ClearField("metadata")
        for item in literal.map.literals.values():
            _place_hashes(item)


def _digest(data: bytes) -> str:
    """Give the digest by which flytekit names its inputs: joblib's, an md5 over a pickle of protocol 3."""
    framing = b"\x80\x03C" + bytes([len(data)]) if len(data) < 256 else b"\x80\x03B" + len(data).to_bytes(4, "little")
    return hashlib.md5(b"%b%b." % (framing, data), usedforsecurity=False).hexdigest()

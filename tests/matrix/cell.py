"""One cell of the matrix: the models on one Python, one flyteidl and one protobuf, with the core or without.

Prints what was checked as JSON; an assertion that fails ends it with a traceback. Needs no test framework, so that
nothing but the packages of the cell is there.
"""

from __future__ import annotations

import argparse
import importlib
import json
import pickle
import pkgutil
import sys
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from messages import random_messages, single_field_messages

UTILITIES = (
    "flytekit.core.hash",
    "flytekit.core.local_cache",
    "flytekit.core.local_fsspec",
    "flytekit.core.mock_stats",
    "flytekit.core.tracked_abc",
    "flytekit.core.tracker",
    "flytekit.interfaces.stats.client",
    "flytekit.interfaces.stats.taggable",
    "flytekit.lazy_import.lazy_module",
    "flytekit.utils.asyn",
    "flytekit.utils.rate_limiter",
)


def import_models() -> list[Any]:
    """Every module of the models, imported."""
    import flytekit.models

    names = [found.name for found in pkgutil.walk_packages(flytekit.models.__path__, "flytekit.models.")]
    return [importlib.import_module(name) for name in names]


def models_of(modules: list[Any]) -> list[Any]:
    """Every generated class of a message."""
    from flytekit_models.model import Model

    found: dict[int, Any] = {}

    def add(classes: Iterator[Any]) -> None:
        for each in classes:
            if (
                isinstance(each, type)
                and issubclass(each, Model)
                and "_fm_proto" in vars(each)
                and id(each) not in found
            ):
                found[id(each)] = each
                add(iter(vars(each).values()))

    for module in modules:
        add(iter(list(vars(module).values())))
    return list(found.values())


def read_all(model: Any, depth: int = 0) -> None:
    """Read every member of *model* and of its sub-models."""
    from flytekit_models.model import describe

    for name in describe(type(model)).by_member:
        value = getattr(model, model._fm_slots[name] if model._fm_eager else f"_{name}", None)
        for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else [value]:
            if hasattr(each, "_fm_proto"):
                read_all(each, depth + 1)


def wire(message: Any) -> bytes:
    """A message in deterministic bytes."""
    return bytes(message.SerializeToString(deterministic=True))


def check_lossless(model: Any, of: Any, random_ones: int) -> int:
    """Assert that messages come out of *model* as they went in; how many were."""
    count = 0
    for message in (*single_field_messages(of), *random_messages(of, random_ones)):
        expected = wire(message)
        untouched, read = model.from_flyte_idl(message), model.from_flyte_idl(message)
        read_all(read)
        for way, each in (("untouched", untouched), ("read", read), ("pickled", pickle.loads(pickle.dumps(read)))):
            assert wire(each.to_flyte_idl()) == expected, f"{model.__qualname__}, {way}: {message}"
        count += 1
    return count


def as_numbers(release: str) -> tuple[int, ...]:
    """A version that can be compared."""
    return tuple(map(int, release.split(".")))


def check_lacking(model: Any, of: Any) -> int:
    """Assert that what flyteidl lacks of *model* raises the promised error; how many members that are."""
    from flytekit_models.errors import FlyteIdlTooOld
    from flytekit_models.model import describe
    from flytekit_models.model.state import blank

    installed = version("flyteidl")
    count = 0
    for field in describe(model).fields:
        member, since = field.member, field.since
        if not field.number or field.name in of.DESCRIPTOR.fields_by_name:
            assert not since or as_numbers(since) <= as_numbers(installed), f"{model.__qualname__}.{member} is there"
            continue
        assert since and as_numbers(since) > as_numbers(installed), f"{model.__qualname__}.{member}: since {since}"
        built = blank(model)
        setattr(built, model._fm_slots[member], True)
        for write in (built.to_bytes, built.to_flyte_idl):
            try:
                write()
            except FlyteIdlTooOld as error:
                text = str(error)
            else:
                raise AssertionError(f"{model.__qualname__}.{member} was written")
            assert member in text and installed in text and since in text, text
        count += 1
    return count


def check_missing(model: Any) -> None:
    """Assert that a *model* whose message flyteidl lacks raises the promised error."""
    from flytekit_models.errors import FlyteIdlTooOld
    from flytekit_models.model import describe
    from flytekit_models.model.state import blank

    since, installed = describe(model).options.get("since"), version("flyteidl")
    assert since and as_numbers(since) > as_numbers(installed), f"{model.__qualname__}: since {since}"
    for write in (blank(model).to_bytes, blank(model).to_flyte_idl):
        try:
            write()
        except FlyteIdlTooOld as error:
            assert describe(model).message in str(error) and installed in str(error) and since in str(error), str(error)
        else:
            raise AssertionError(f"{model.__qualname__} was written")


def main() -> None:
    """Check all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--random", type=int, default=3, help="random messages of a class")
    random_ones = parser.parse_args().random
    modules = import_models()
    assert "flyteidl" not in sys.modules, "importing the models imports flyteidl"
    for name in UTILITIES:
        importlib.import_module(name)
    from flytekit_models import core
    from flytekit_models.messages import FlyteIdlTooOld
    from flytekit_models.model import message_class

    done = {"modules": len(modules) + len(UTILITIES), "classes": 0, "messages": 0, "lacking": 0, "missing": 0}
    for model in models_of(modules):
        try:
            of = message_class(model)
        except FlyteIdlTooOld:
            check_missing(model)
            done["missing"] += 1
            continue
        done["classes"] += 1
        done["lacking"] += check_lacking(model, of)
        if issubclass(model, tuple(each for each in model.__mro__ if each.__name__ == "FlyteCustomIdlEntity")):
            # It travels as a Struct, as JSON: its numbers do.
            continue
        done["messages"] += check_lossless(model, of, random_ones)
    from google.protobuf.internal import api_implementation

    print(json.dumps({"implementation": api_implementation.Type(), "core": core().active, **done}))


if __name__ == "__main__":
    main()

"""Nothing is left in memory: not by reading, not by writing, not by errors."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any

import flytekit_models_core as core
import pytest
from wire_classes import Classes, DecodeError, read_all, rebuild
from wire_messages import Maker, all_messages, mutate

CLASSES = Classes(converted=True)
_RANDOM = Random(3)
_MESSAGES = [each for each in all_messages() if each.full_name.startswith("flyteidl.core.")]
DATA = [(CLASSES.of(each), Maker(_RANDOM).message(each).SerializeToString()) for each in _MESSAGES]
MUTATED = [(cls, mutate(data, _RANDOM)) for cls, data in DATA]


def read_and_write() -> None:
    for cls, data in DATA:
        model = core.from_bytes(cls, data)
        core.hash(model)
        read_all(model)
        core.to_bytes(model, True)
        core.to_bytes(model, False)
        core.equal(model, rebuild(model))


def refuse() -> None:
    for cls, data in MUTATED:
        with suppress(DecodeError):
            read_all(core.from_bytes(cls, data))


def fail_to_write() -> None:
    for cls, data in DATA:
        model = read_all(core.from_bytes(cls, data))
        for field in cls.descriptor.fields:
            wrong = cls()
            for value in (object(), [object()], {"a": object()}, [model, object()]):
                setattr(wrong, f"f_{field.name}", value)
                with suppress(TypeError, ValueError):
                    core.to_bytes(wrong, True)


def make_plans() -> None:
    classes = Classes(converted=True)
    for descriptor in _MESSAGES[:5]:
        classes.plan(classes.of(descriptor))


@pytest.mark.parametrize("work", [read_and_write, refuse, fail_to_write, make_plans])
def test_memory_does_not_grow(work: Callable[[], Any]) -> None:
    def blocks() -> int:
        for _ in range(5):
            gc.collect()
        return sys.getallocatedblocks()

    rounds = 10
    for _ in range(20):
        before = blocks()
        for _ in range(rounds):
            work()
        grown = blocks() - before
        if grown < rounds:
            return
    # Caches of Python's fill up once. What leaks with one message of them all grows by one a round, for ever.
    pytest.fail(f"{grown} blocks of memory were left behind by {rounds} rounds")

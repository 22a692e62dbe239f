"""Threads: the first read of a model undoes nothing that any thread has done to it, and gives one list to all.

Before Python 3.12, protobuf's messages can crash the process where threads share one. Protobuf keeps one object for
each sub-message, in a table. It looks for the object there, allocates a new one, and adds that. Before 3.12, an
allocation may run the collector, and with it code in Python: finalizers, callbacks. If threads change meanwhile, two of
them add an object for the same sub-message, and the table later gives out one that was freed. Protobuf alone does it::

    gc.callbacks.append(lambda phase, info: time.sleep(1e-6))
    for _ in range(2000):
        message = struct_pb2.ListValue(values=[{"string_value": "x"}] * 500)
        got = []
        gc.set_threshold(5)
        threads = [threading.Thread(target=lambda: got.append(list(message.values))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        gc.set_threshold(700)
        while got:
            got.pop()
            assert all(type(value) is struct_pb2.Value for value in message.values)

Hypothesis leaves such a callback to all tests that run after its own. The pure path reads such messages, so there these
tests do without callbacks. The compiled core reads bytes.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flyteidl.core import literals_pb2, workflow_pb2

from flytekit.models.core.workflow import WorkflowTemplate
from flytekit.models.literals import Literal, LiteralMap
from flytekit_models import core
from flytekit_models.model import engine

PROTOBUF_CRASHES = not core().active and sys.version_info < (3, 12)


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    """Have threads take turns in each garbage collection, or in none where protobuf would crash."""
    # What is garbage already may have finalizers.
    gc.collect()
    threshold, callbacks = gc.get_threshold(), list(gc.callbacks)
    if PROTOBUF_CRASHES:
        gc.callbacks.clear()
    else:
        gc.callbacks.append(lambda phase, info: time.sleep(0))
        gc.set_threshold(50)
    yield
    gc.set_threshold(*threshold)
    gc.callbacks[:] = callbacks


@pytest.fixture(autouse=True)
def hurried() -> Iterator[None]:
    """Have threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def at_once(*functions: Callable[[], Any]) -> None:
    """Run *functions* in threads that start together; what one raises fails the test."""
    barrier = threading.Barrier(len(functions))
    raised: list[BaseException] = []

    def run(function: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            function()
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert raised == []


def literal_map(entries: int) -> Any:
    return literals_pb2.LiteralMap(literals={f"k{i}": literals_pb2.Literal(hash="h") for i in range(entries)})


@pytest.mark.parametrize(("entries", "rounds"), [(3, 300), (300, 60), (5000, 10)])
def test_what_is_put_into_a_dict_stays(entries: int, rounds: int) -> None:
    message = literal_map(entries)
    for _ in range(rounds):
        model = LiteralMap.from_flyte_idl(message)

        def put(name: str, model: LiteralMap = model) -> Callable[[], None]:
            return lambda: model.literals.__setitem__(name, Literal(hash="x"))

        at_once(*(put(f"new{i}") for i in range(6)))
        assert {f"new{i}" for i in range(6)} <= set(model.literals)
        assert {f"new{i}" for i in range(6)} <= set(model.to_flyte_idl().literals)


def test_what_is_put_into_a_list_stays() -> None:
    message = workflow_pb2.WorkflowTemplate(nodes=[workflow_pb2.Node(id=f"n{i}") for i in range(200)])
    for _ in range(60):
        model = WorkflowTemplate.from_flyte_idl(message)
        at_once(*[lambda model=model: model.nodes.append(model.nodes[0])] * 4)  # type: ignore[misc]
        assert len(model.nodes) == 204 == len(model.to_flyte_idl().nodes)


@pytest.mark.parametrize("private", [True, False], ids=["private", "setter"])
def test_what_is_assigned_stays_and_is_written(private: bool) -> None:
    message = literals_pb2.Literal(hash="old", scalar={"primitive": {"integer": 1}}, metadata={"a": "b"})
    for _ in range(400):
        model = Literal.from_flyte_idl(message)
        assign = lambda model=model: setattr(model, "_hash" if private else "hash", "new")  # noqa: E731
        at_once(assign, lambda model=model: model.scalar, lambda model=model: model.metadata)  # type: ignore[misc]
        assert model.hash == "new" == model.to_flyte_idl().hash


def test_all_threads_get_one_and_the_same_part() -> None:
    message = literals_pb2.Literal(scalar={"primitive": {"integer": 1}})
    for _ in range(300):
        model = Literal.from_flyte_idl(message)
        got: list[Any] = []
        at_once(*[lambda model=model, got=got: got.append(model.scalar)] * 5)  # type: ignore[misc]
        assert all(one is got[0] for one in got)


def test_the_first_reads_of_a_class_may_come_at_once() -> None:
    message = literal_map(2)
    for _ in range(30):
        if "_fm_read" in Literal.__dict__:
            Literal._fm_read = engine.first_read
        Literal._fm_write = Literal._fm_write_own = engine.first_write(Literal)
        models = [LiteralMap.from_flyte_idl(message) for _ in range(6)]

        def use(model: LiteralMap) -> None:
            assert model.literals["k1"].hash == "h"
            model.literals["k1"]._hash = "n"
            assert model.to_flyte_idl().literals["k1"].hash == "n"

        at_once(*[lambda model=model: use(model) for model in models])  # type: ignore[misc]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no processes that fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_child_reads() -> None:
    message = literal_map(2000)
    stop = threading.Event()

    def read_on() -> None:
        while not stop.is_set():
            assert LiteralMap.from_flyte_idl(message).literals

    reader = threading.Thread(target=read_on)
    reader.start()
    try:
        for _ in range(20):
            child = os.fork()
            if child == 0:
                # A lock that the reader held would never be released here; the alarm ends the child then.
                signal.alarm(20)
                ok = LiteralMap.from_flyte_idl(message).literals["k1"].hash == "h"
                os._exit(0 if ok else 1)
            assert os.waitpid(child, 0)[1] == 0
    finally:
        stop.set()
        reader.join()

"""Models in memory: what reads them at the same time, what they keep, what happens to them while they are written."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Iterator
from threading import Barrier, Thread
from typing import Any

import flytekit_models_core as core
import pytest
from flyteidl.core import literals_pb2
from wire_classes import STRAIGHT, Classes, read_all

CLASSES = Classes(converted=True)
MAP = CLASSES.of(literals_pb2.LiteralMap.DESCRIPTOR)


def literals(count: int) -> bytes:
    message = literals_pb2.LiteralMap()
    for number in range(count):
        message.literals[f"key {number}"].scalar.primitive.integer = number
    return message.SerializeToString(deterministic=True)


@pytest.fixture
def eager_switches() -> Iterator[None]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def test_a_first_read_never_undoes_an_assignment(eager_switches: None) -> None:
    data = literals(3)
    for _ in range(300):
        model, start = core.from_bytes(MAP, data), Barrier(3)
        mine: dict[str, Any] = {}

        def read(model: Any = model, start: Barrier = start) -> None:
            start.wait()
            assert model.m_literals is not None

        def assign(model: Any = model, start: Barrier = start, mine: Any = mine) -> None:
            start.wait()
            model.m_literals = mine

        threads = [Thread(target=target) for target in (read, assign, read)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert model.m_literals is mine


def test_all_threads_get_one_and_the_same_value(eager_switches: None) -> None:
    data = literals(50)
    for _ in range(100):
        model, start, got = core.from_bytes(MAP, data), Barrier(3), []

        def read(model: Any = model, start: Barrier = start, got: list[Any] = got) -> None:
            start.wait()
            got.append(model.m_literals)

        threads = [Thread(target=read) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(each is got[0] for each in got)


def test_a_part_keeps_no_more_than_twice_itself() -> None:
    model = core.from_bytes(MAP, literals(2000))
    part = model.m_literals["key 7"]
    size = len(part._fm_baseline)
    del model
    kept = [each for each in gc.get_referents(part) if isinstance(each, bytes)]
    # Small ones share a piece with their neighbours.
    assert kept and all(len(each) <= max(2 * size, 128) for each in kept)


def test_a_model_that_was_read_keeps_no_bytes() -> None:
    model = core.from_bytes(MAP, literals(5))
    assert model._fm_unread is True and isinstance(model._fm_baseline, bytes)
    assert model.m_literals
    assert not model._fm_unread and model._fm_baseline is None


def test_models_in_a_circle_are_collected() -> None:
    model = core.from_bytes(MAP, literals(5))
    model.m_literals["itself"] = model
    gone = weakref.ref(_Holder(model))
    model.m_literals["holder"] = gone()
    del model
    gc.collect()
    assert gone() is None


class _Holder:
    def __init__(self, held: Any) -> None:
        self.held = held


def test_a_model_that_holds_itself_is_not_written() -> None:
    binding = CLASSES.of(literals_pb2.LiteralCollection.DESCRIPTOR)()
    literal = CLASSES.of(literals_pb2.Literal.DESCRIPTOR)()
    literal.f_collection, binding.f_literals = binding, [literal]
    with pytest.raises(RecursionError):
        core.to_bytes(binding, True)


def test_a_message_of_the_known_class_is_read_straight(monkeypatch: pytest.MonkeyPatch) -> None:
    message = literals_pb2.LiteralMap.FromString(literals(2))
    assert core.from_message(MAP, message) == ("with care", MAP, message)
    kind = literals_pb2.LiteralMap
    monkeypatch.setitem(STRAIGHT, MAP, (kind, kind.SerializePartialToString))
    assert core.to_bytes(core.from_message(MAP, message), True) == literals(2)
    other = literals_pb2.Literal()
    assert core.from_message(MAP, other) == ("with care", MAP, other)
    monkeypatch.setitem(STRAIGHT, MAP, (kind, literals_pb2.Literal.SerializePartialToString.__get__))
    with pytest.raises(TypeError):
        core.from_message(MAP, message)


def test_deep_models_are_written_or_refused() -> None:
    limit = sys.getrecursionlimit()
    collection, literal = (CLASSES.of(literals_pb2.DESCRIPTOR.message_types_by_name[name])
                           for name in ("LiteralCollection", "Literal"))  # fmt: skip

    def nested(depth: int) -> Any:
        model = literal()
        for _ in range(depth):
            outer, inner = literal(), collection()
            inner.f_literals, outer.f_collection = [model], inner
            model = outer
        return model

    shallow = nested(200)
    data = core.to_bytes(shallow, True)
    assert core.to_bytes(core.from_serialized(literal, data), True) == data
    try:
        sys.setrecursionlimit(10**6)
        deep = nested(100_000)
        with pytest.raises(RecursionError):
            core.to_bytes(deep, True)
    finally:
        sys.setrecursionlimit(limit)


class _Meddler:
    """A number that changes a list when it is written."""

    def __init__(self, do: Any) -> None:
        self.do = do

    def __float__(self) -> float:
        self.do()
        return 1.0


def test_what_changes_while_it_is_written_does_no_harm() -> None:
    cls = CLASSES.of(literals_pb2.LiteralCollection.DESCRIPTOR)
    literal, scalar, primitive = (CLASSES.of(literals_pb2.DESCRIPTOR.message_types_by_name[name])
                                  for name in ("Literal", "Scalar", "Primitive"))  # fmt: skip

    def meddling(do: Any) -> Any:
        one = literal()
        one.f_scalar = scalar()
        one.f_scalar.f_primitive = primitive()
        one.f_scalar.f_primitive.f_float_value = _Meddler(do)
        return one

    built, held = cls(), []
    for do in (held.clear, lambda: held.extend(held[:9]), lambda: setattr(built, "f_literals", None)):
        held[:] = [meddling(do) for _ in range(5)]
        built.f_literals = held
        try:
            core.to_bytes(built, True)
        except RuntimeError as error:
            assert "changed while it was written" in str(error)


def test_a_member_is_a_property() -> None:
    member = MAP.__dict__["m_literals"]
    assert isinstance(member, property) and MAP.m_literals is member
    assert member.fget is not None
    documented = core.Member(member.fget, member.fset, "The doc.", "f_literals")
    assert documented.__doc__ == "The doc."
    assert type(documented.getter(lambda model: 5)) is property
    assert documented.setter(None).fset is None and documented.deleter(None).fdel is None
    with pytest.raises(TypeError):
        documented.__get__(object())
    with pytest.raises(TypeError):
        core.Member(None, None, None, 5)
    documented.__set_name__(MAP, "m_literals")
    made = MAP()
    made.f_literals = {}
    assert documented.__get__(made) == {}
    for cls in (_Slotted, MAP, int):
        for made_of in (core.Member(None, None, None, "x"), core.Private("_x", "x", print)):
            with pytest.raises(TypeError, match="'x' is no slot of a model"):
                made_of.__set_name__(cls, "m")
    with pytest.raises(TypeError):
        documented.__set_name__(5, "m_literals")


class _Slotted:
    __slots__ = ("x",)


def test_an_unset_slot_is_for_the_getter_to_tell() -> None:
    made = MAP.__new__(MAP)
    with pytest.raises(AttributeError):
        _ = made.m_literals


def test_an_unset_slot_is_written_of_subclasses_only() -> None:
    with pytest.raises(TypeError, match=r"a member of flyteidl\.core\.LiteralMap has no value"):
        core.to_bytes(MAP.__new__(MAP), True)
    sub: Any = type("Sub", (MAP,), {})
    assert core.to_bytes(sub.__new__(sub), True) == b""


def test_a_state_is_copied() -> None:
    model, other = core.from_bytes(MAP, literals(2)), MAP.__new__(MAP)
    core.copy_state(model, other)
    assert core.equal(model, other) and other._fm_unread
    read_all(other)
    assert core.equal(model, other) and model._fm_unread


def test_the_states_that_the_pure_path_tells_apart() -> None:
    model = MAP()
    assert model._fm_unread is None and model._fm_baseline is None
    for value in (True, False, None):
        model._fm_unread = value
        assert model._fm_unread is value
    model._fm_baseline = "anything"
    assert model._fm_baseline == "anything"
    with pytest.raises(TypeError):
        core.to_bytes(model, True)


@pytest.mark.parametrize(
    "call",
    [
        lambda: core.from_bytes(MAP), lambda: core.from_bytes(int, b""), lambda: core.from_bytes(MAP, "text"),
        lambda: core.from_serialized(MAP, "text"), lambda: core.from_message(MAP), lambda: core.to_bytes(5, True),
        lambda: core.load(5), lambda: core.equal(MAP(), 5), lambda: core.copy_state(1, 2),
        lambda: core.canonical(MAP, 5), lambda: core.plan(5, "a", []),
        lambda: core.plan(None, "a", [1]), lambda: core.plan(None, "a", [{}]),
        lambda: core.plan(None, "a", [{"number": 0, "name": "x", "type": "bool"}]),
        lambda: core.plan(None, "a", [{"number": 1, "name": "x", "type": "wood"}]),
        lambda: core.plan(None, "a", [{"number": 1, "name": "x", "type": "string", "label": "list", "packed": True}]),
        lambda: core.plan(None, "a", [{"number": 1, "name": "x", "type": "bool", "oneof": 0}]),
        lambda: core.plan(None, "a", [{"number": 1, "name": "x", "kind": "wrapper", "type": "sint32"}]),
        lambda: core.plan(None, "a", [{"number": 1, "name": "x", "type": "bool"}] * 2),
    ],
)  # fmt: skip
def test_wrong_calls_are_refused(call: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        call()


def test_a_class_has_one_plan() -> None:
    first = CLASSES.plan(MAP)
    assert CLASSES.plan(MAP) is first and "LiteralMap" in repr(first)


def test_subinterpreters_are_refused() -> None:
    code = "try: import flytekit_models_core\nexcept ImportError: pass\nelse: raise SystemError('loaded')"
    if sys.version_info >= (3, 13):
        import _interpreters as interpreters

        run = interpreters.exec
    else:
        import _xxsubinterpreters as interpreters

        run = interpreters.run_string
    inside = interpreters.create()
    try:
        assert run(inside, code) is None
    finally:
        interpreters.destroy(inside)

"""Calling a class of models does what `type.__call__` does, whatever was done to the class since it was made."""

from __future__ import annotations

import functools
import gc
import weakref
from contextlib import suppress
from typing import Any

import flytekit_models_core as core
import pytest

_MANY = [f"p{i}" for i in range(40)]


def made(members: dict[str, Any] | None = None, name: str = "Made", metaclass: Any = None) -> Any:
    """A class as the generator makes one, called directly."""

    def init(self: Any, a: Any, b: Any = 2, *rest: Any, c: Any = 3, **others: Any) -> None:
        self.got = (a, b, rest, c, others)

    chosen = metaclass or type("Meta", (type,), {})
    cls = chosen(name, (core.State,), {"__init__": init, **(members or {})})
    core.construct_directly(cls)
    return cls


def test_arguments_arrive_as_they_are_given() -> None:
    cls = made()
    assert cls(1).got == (1, 2, (), 3, {})
    assert cls(1, 5, 6, 7).got == (1, 5, (6, 7), 3, {})
    assert cls(1, c=4, d=5).got == (1, 2, (), 4, {"d": 5})
    assert cls(**{"a": 1, "b": 0}).got == (1, 0, (), 3, {})
    assert cls(*(1, 2, 3), **{"x": 1}).got == (1, 2, (3,), 3, {"x": 1})
    assert functools.partial(cls, 1, c=0)(9).got == (1, 9, (), 0, {})
    assert [one.got[0] for one in map(cls, "abc")] == ["a", "b", "c"]
    assert type(cls).__call__(cls, 1, c=8).got == (1, 2, (), 8, {})
    assert cls(*range(50)).got == (0, 1, tuple(range(2, 50)), 3, {})
    many = {name: name for name in _MANY}
    assert cls(1, **many).got == (1, 2, (), 3, many)


def test_arguments_that_do_not_fit_are_refused() -> None:
    cls = made()
    with pytest.raises(TypeError, match=r"missing 1 required positional argument: 'a'"):
        cls()
    with pytest.raises(TypeError, match=r"multiple values for argument 'a'"):
        cls(1, a=2)
    with pytest.raises(TypeError, match=r"__init__\(\) should return None, not 'int'"):
        made({"__init__": lambda self: 1})()
    with pytest.raises(ZeroDivisionError):
        made({"__init__": lambda self: 1 // 0})()


def test_what_is_changed_later_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    cls = made()
    monkeypatch.setattr(cls, "__init__", lambda self, x: setattr(self, "got", x))
    assert cls(5).got == 5
    monkeypatch.setattr(cls, "__init__", functools.partialmethod(lambda self, y, x: setattr(self, "got", (y, x)), 1))
    assert cls(5).got == (1, 5)
    monkeypatch.undo()
    cls.__new__ = lambda cls, *args, **kwargs: "another"
    assert cls(1) == "another" and cls() == "another"
    cls = made()
    type(cls).__call__ = lambda cls, *args, **kwargs: (cls, args, kwargs)
    assert cls(1, x=2) == (cls, (1,), {"x": 2})
    cls = made()
    del cls.__init__
    assert isinstance(cls(), cls)


def test_a_metaclass_with_a_call_of_its_own_keeps_it() -> None:
    def call(cls: Any, *args: Any) -> Any:
        return "called", args

    cls = made(metaclass=type("Meta", (type,), {"__call__": call}))
    assert cls(1, 2) == ("called", (1, 2))


def test_subclasses_are_made_as_usual() -> None:
    cls = made()

    class Sub(cls):
        def __new__(cls, *args: Any) -> Any:
            new = super().__new__(cls)
            new.seen = args
            return new

        def __init__(self, *args: Any) -> None:
            super().__init__(*args)

    assert Sub(1, 2).got == (1, 2, (), 3, {}) and Sub(1, 2).seen == (1, 2)
    assert made({}, "Other", type(cls))(7).got[0] == 7


def test_what_fails_leaves_nothing_behind() -> None:
    alive: list[Any] = []

    def init(self: Any, fails: bool) -> None:
        alive.append(weakref.ref(self))
        if fails:
            raise ValueError

    cls = made({"__init__": init})
    for fails in (True, False):
        with suppress(ValueError):
            cls(fails)
    gc.collect()
    assert len(alive) == 2 and [one() for one in alive] == [None, None]


def test_only_classes_of_models_are_called_directly() -> None:
    for wrong in (int, 5, type):
        with pytest.raises(TypeError, match="expected a subclass of State"):
            core.construct_directly(wrong)

"""The attributes of enum holders: found at once where they are there, and by the metaclass where they are not."""

from __future__ import annotations

from typing import Any

import pytest

core = pytest.importorskip("flytekit_models_core")


def made(namespace: dict[str, Any]) -> Any:
    """A class whose metaclass has *namespace*, and looks its attributes up directly."""
    metaclass: Any = type("Meta", (type,), namespace)
    core.look_up_directly(metaclass)
    core.look_up_directly(metaclass)
    return metaclass("Made", (), {"there": 1})


def test_what_is_there_is_found_before_the_metaclass_is_asked() -> None:
    asked = []

    def find(cls: Any, name: str) -> str:
        asked.append(name)
        if name == "gone":
            raise AttributeError("it is gone")
        return f"{name}!"

    cls = made({"__getattr__": find})
    assert cls.there == 1 and asked == []
    assert cls.other == "other!" and asked == ["other"]
    with pytest.raises(AttributeError, match="it is gone"):
        _ = cls.gone
    assert not hasattr(cls, "gone")


def test_an_error_of_a_property_of_the_metaclass_is_its_own() -> None:
    def fail(cls: Any) -> None:
        raise ValueError

    cls = made({"__getattr__": lambda cls, name: name, "broken": property(fail)})
    with pytest.raises(ValueError):
        _ = cls.broken
    assert cls.found == "found"


def test_a_getattr_that_comes_or_goes_later_is_honoured() -> None:
    cls = made({"__getattr__": lambda cls, name: "first"})
    metaclass: Any = type(cls)
    metaclass.__getattr__ = lambda cls, name: "second"
    assert cls.anything == "second" and cls.there == 1
    del metaclass.__getattr__
    with pytest.raises(AttributeError):
        _ = cls.anything
    without = made({})
    assert without.there == 1
    with pytest.raises(AttributeError):
        _ = without.anything


def test_a_metaclass_that_finds_all_by_itself_is_asked_first() -> None:
    cls = made({"__getattribute__": lambda cls, name: f"by itself: {name}"})
    assert cls.there == "by itself: there"


def test_only_metaclasses_look_up_directly() -> None:
    for wrong in (int, 5, None):
        with pytest.raises(TypeError, match="expected a metaclass"):
            core.look_up_directly(wrong)

"""What the contract does not name, or says to be, is loaded on demand, and is the module's own all the same."""

from __future__ import annotations

import pickle
import sys
import typing
from typing import Any

import pytest

from flytekit_codegen.pipeline.step2_bind.parts import folder_of

_MORE = """message Part {
  repeated Spare spares = 3;
  Spare.Tag.Shape shape = 4;
"""
_BESIDE = """message Spare {
  Part of = 1;
  Wear wear = 2;
  message Tag {
    enum Shape {
      ROUND = 0;
      SQUARE = 1;
    }
    Shape shape = 1;
  }
  Tag tag = 3;
}

enum Wear {
  NEW = 0;
  WORN = 1;
}

message Part {
"""


@pytest.fixture
def things(workshop: Any) -> Any:
    """The module `things`, whose contract names neither `Spare` nor `Wear`."""
    workshop.edit(workshop.things, "message Part {\n", _MORE)
    workshop.edit(workshop.things, "message Part {\n", _BESIDE)
    workshop.regenerate()
    return workshop.load("things")


def _is_loaded(things: Any) -> bool:
    package, _, name = things.__name__.rpartition(".")
    return f"{package}._more.{name}" in sys.modules


def test_it_is_loaded_when_it_is_asked_for(workshop: Any, things: Any) -> None:
    assert {"Spare", "Wear", "Thing"} <= {*dir(things)} and things.__all__ == sorted(things.__all__)
    assert things.Thing("id", parts=[]).parts == []
    assert not _is_loaded(things) and "Spare" not in vars(things)
    with pytest.raises(AttributeError, match=r"module '.*things' has no attribute 'Nothing'"):
        _ = things.Nothing
    assert not _is_loaded(things)

    assert things.Part("name", shape=1).shape is things.Spare.Tag.Shape.SQUARE
    assert _is_loaded(things) and "Spare" in vars(things)


def test_it_belongs_to_the_module(things: Any) -> None:
    assert things.Spare.__module__ == things.Wear.__module__ == things.Spare.__init__.__module__ == things.__name__
    spare = things.Spare(of=things.Part("part"), wear=1, tag=things.Spare.Tag(shape=1))
    again = pickle.loads(pickle.dumps(spare))
    assert again == spare and type(again) is things.Spare and again.tag.shape is things.Spare.Tag.Shape.SQUARE
    assert pickle.loads(pickle.dumps(things.Wear.WORN)) is things.Wear.WORN
    starred: dict[str, Any] = {}
    exec(f"from {things.__name__} import *", starred)
    assert starred["Spare"] is things.Spare


def test_it_can_be_what_is_imported_first(workshop: Any) -> None:
    workshop.edit(workshop.things, "message Part {\n", _MORE)
    workshop.edit(workshop.things, "message Part {\n", _BESIDE)
    workshop.regenerate()
    part = workshop.load("_more.things")
    read = part.Spare.from_bytes(part.Spare(wear=1).to_bytes())
    things = workshop.load("things")
    assert read.wear is things.Wear.WORN and part.Spare is things.Spare


def test_type_hints_lead_from_one_to_the_other(things: Any) -> None:
    assert typing.get_type_hints(things.Part.shape.fget)["return"] is things.Spare.Tag.Shape
    assert typing.get_type_hints(things.Part.spares.fget)["return"] == list[things.Spare]
    assert typing.get_type_hints(things.Spare.of.fget)["return"] == things.Part | None
    assert typing.get_type_hints(things.Spare.__init__)["tag"] == things.Spare.Tag | None


def test_the_contract_names_what_else_is_loaded_on_demand(workshop: Any) -> None:
    workshop.edit(workshop.promises, "classes:\n", "on_demand: [Part]\nclasses:\n")
    workshop.regenerate()
    things = workshop.load("things")
    assert "Part" not in vars(things) and not _is_loaded(things)
    thing = things.Thing("id", parts=[])
    assert not _is_loaded(things)
    part = things.Part("name")
    assert _is_loaded(things) and type(part).__module__ == things.__name__
    assert pickle.loads(pickle.dumps(part)) == part
    assert thing.to_bytes() == things.Thing.from_bytes(thing.to_bytes()).to_bytes()


def test_a_module_without_more_is_whole(workshop: Any) -> None:
    workshop.regenerate()
    assert set(workshop.texts()) == {"__init__.py", "manifest.json", "py.typed", "things.py"}
    workshop.edit(workshop.things, "message Part {\n", _MORE)
    workshop.edit(workshop.things, "message Part {\n", _BESIDE)
    workshop.regenerate(contract=None)
    assert set(workshop.texts()) == {"__init__.py", "manifest.json", "py.typed", "things.py"}
    workshop.regenerate()
    assert {"_more/__init__.py", "_more/things.py"} <= set(workshop.texts())


def test_one_module_alone_is_written_with_its_part(workshop: Any, things: Any) -> None:
    before = workshop.texts()
    workshop.edit(workshop.things, "Part of = 1;", "Part of = 1;\nstring more = 4;")
    assert set(workshop.regenerate(only="things").result.written) == {"_more/things.py"}
    assert set(workshop.texts()) == set(before)
    assert workshop.check() == []


def test_a_folder_of_that_name() -> None:
    assert folder_of(["", "a", "a._more"]) == "_more"
    assert folder_of(["_more.a", "_more_"]) == "_more__"

"""Names: no two become one, and none clashes with what generated code uses; the examples in docstrings are true."""

from __future__ import annotations

import doctest
import importlib
import keyword
import pkgutil
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import flytekit_codegen
from flytekit_codegen.pipeline.step2_bind.names import (
    Imports,
    Place,
    class_name,
    escape,
    module_name,
    pb2_module,
    snake_case,
)

_MODULES = [
    module.name
    for module in pkgutil.walk_packages(flytekit_codegen.__path__, "flytekit_codegen.")
    if not module.name.endswith("__main__")
]
_RESERVED = {"_load", "to_flyte_idl", "_x_", "y"}

# Names as .proto files can have them, close to each other.
_PROTO_NAMES = st.text(alphabet="_xy1", min_size=1, max_size=6).filter(str.isidentifier) | st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "_", "__"]),
    st.sampled_from(["class", "field", "field1", "1", "load", "to_flyte_idl", "None"]),
    st.sampled_from(["", "_", "__"]),
).filter(str.isidentifier)


@pytest.mark.parametrize("module", _MODULES)
def test_examples_in_docstrings(module: str) -> None:
    assert doctest.testmod(importlib.import_module(module)).failed == 0


def test_there_are_examples() -> None:
    assert doctest.testmod(importlib.import_module("flytekit_codegen.pipeline.step2_bind.names")).attempted > 5


def _attributes(name: str) -> set[str]:
    """The attributes that a member makes."""
    member = escape(name, _RESERVED)
    return {member, f"_{member}", f"_{member}_"}


@settings(derandomize=True, max_examples=600, deadline=None)
@given(_PROTO_NAMES, _PROTO_NAMES)
def test_no_two_members_share_an_attribute(one: str, other: str) -> None:
    assert one == other or _attributes(one).isdisjoint(_attributes(other))


@settings(derandomize=True, max_examples=300, deadline=None)
@given(_PROTO_NAMES)
def test_members_and_classes_can_be_named_so(name: str) -> None:
    assert _attributes(name).isdisjoint(_RESERVED)
    for made in (escape(name, _RESERVED), class_name(name, _RESERVED)):
        assert made.isidentifier() and not keyword.iskeyword(made) and not made.startswith("_")


@pytest.mark.parametrize(
    ("path", "module"),
    [
        ("a/b", "a.b"),
        ("a-b", "a_b"),
        ("class", "class_"),
        ("a.b", "a.b"),
        ("2nd/x", "_2nd.x"),
        ("__init__", "__init___"),
    ],
)
def test_modules(path: str, module: str) -> None:
    assert module_name(path) == module


def test_the_module_that_protoc_makes() -> None:
    assert pb2_module("a/b-c/d.e.proto") == "a.b_c.d.e_pb2"


def test_snake_case() -> None:
    assert [snake_case(name) for name in ("a", "aB", "ABc", "A_B", "a1B", "URL")] == [
        "a",
        "a_b",
        "a_bc",
        "a_b",
        "a1_b",
        "url",
    ]


def _imports() -> Imports:
    return Imports("mine", "here", {}, {}, {})


def test_modules_under_one_name_are_imported_under_two() -> None:
    imports = _imports()
    assert [imports.sibling("a.b"), imports.sibling("a_b"), imports.sibling("a.b")] == ["_a_b_", "_a_b__", "_a_b_"]
    assert imports.sibling("datetime") == "_datetime__"
    assert {statement for statement, _, _ in imports.lazy_imports()} == {
        "from mine.a import b as _a_b_",
        "from mine import a_b as _a_b__",
        "from mine import datetime as _datetime__",
    }
    assert [imports.pb2_module("x/a/b.proto"), imports.pb2_module("y/a/b.proto")] == ["a_b_pb2", "a_b_pb2_"]


@pytest.mark.parametrize("file", ["1st.proto", "import/a.proto", "a/1/b.proto"])
def test_what_no_statement_imports(file: str) -> None:
    imports = _imports()
    assert imports.pb2_module(file) is None and not imports.lazy


def test_a_hidden_class_is_referred_to_by_its_module() -> None:
    imports = Imports("mine", "here", {}, {}, {}, own=frozenset({"Outer"}))
    place = Place("here", "Outer.Inner")
    assert imports.reference(place, at_runtime=False) == "Outer.Inner"
    assert imports.reference(place, at_runtime=False, hidden={"Outer"}) == "_here_.Outer.Inner"
    assert imports.reference(place, at_runtime=True, hidden={"Outer"}) == "Outer.Inner"
    # As one is that stands in the other part of the module.
    assert imports.reference(Place("here", "Other"), at_runtime=False) == "_here_.Other"


def test_values_without_their_prefix(workshop: Any) -> None:
    """A name that would be no name keeps the prefix; two that would be one are told apart."""
    workshop.edit(
        workshop.things, "COLOUR_RED = 1;", "COLOUR_1ST = 1;\nCOLOUR_name = 2;\nCOLOUR_class = 3;\nCOLOUR_ = 4;"
    )
    workshop.regenerate()
    colour = workshop.load("things").Colour
    assert [value.name for value in colour] == ["NONE", "COLOUR_1ST", "name_", "class_", "COLOUR_"]
    assert (colour.enum_to_string(2), colour.string_to_enum("class_")) == ("name_", 3)
    assert (colour.enum_to_string(99), colour.string_to_enum("gone")) == ("99", "<UNKNOWN>")

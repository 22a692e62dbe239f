"""Bad input: each problem has its file, its line and a cure; all in one run, exit code 2, the old package intact."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from flytekit_codegen.checkout import shipped
from flytekit_codegen.cli import main

# In the texts below, a line that ends with `#!` and a text must be told to be wrong, with that text.
_MARK = re.compile(r"^.*#! (?P<what>.*)$")


def _expected(path: Path) -> dict[int, list[str]]:
    marked = {number: _MARK.match(line) for number, line in enumerate(path.read_text().splitlines(), 1)}
    return {number: match["what"].split(" && ") for number, match in marked.items() if match}


_BAD_CONTRACT = """\
files: [$NAME/things.proto, "gone.proto"]         #! the IDL has no file gone.proto
surprise: yes                                     #! the entry 'surprise' is unknown
about: [a, list]                                  #! the entry 'about' cannot be a list
names:
  Part2: things.Gone                              #! there is no class things.Gone to export as Part2
  Model: runtime:Missing                          #! the runtime has no Missing to export as Model
  Helper: behaviours:Helper                       #! flytekit_models.behaviours does not define Helper
enums:
  Gone: $NAME.Gone                                #! the IDL has no enum $NAME.Gone
  NoEnum: {strip: COLOUR_}                        #! the enum holder NoEnum names no enum
  Colour:
    enum: $NAME.Colour
    helpers: enum_to_string                       #! the entry 'helpers' cannot be enum_to_string
    shape: round                                  #! the entry 'shape' is unknown
  Shade: {enum: $NAME.Colour, helpers: [paint]}   #! Shade uses an unknown helper, paint
  "1st": $NAME.Colour                             #! 1st is not a valid name of a Python class
  Lost.Colour: $NAME.Colour                       #! has no class Lost to contain Lost.Colour
on_demand:
  - Colour
  - Elsewhere                                     #! Elsewhere is loaded on demand, but is none of the module's classes
  - Lost.Colour                                   #! Lost.Colour is loaded on demand, but is none of
  - Kept                                          #! the dataclass Kept cannot be loaded on demand
filters:
  Equal: {comparator: eq, about: It equals.}      #! the filter Equal has no base
  Less: {base: Missing, about: It is less.}       #! the filter Less has an unknown base class, Missing
  More: {base: Less, about: It is more, sort: up} #! the entry 'sort' is unknown
classes:
  Missing: (id)                                   #! the IDL has no message $NAME.Missing
  Thing:
    constructor: (id, from, parts)        #! is not a valid signature && rename a parameter that is a Python keyword
    message: $NAME.Thing
  Thing2:
    message: $NAME.Thing  # Here begins Thing2.
    constructor: (id, size, property, *rest)      #! are not positional
    mixin: Nowhere
    dataclass: perhaps                            #! the entry 'dataclass' cannot be perhaps
    nothing: never                                #! the entry 'nothing' cannot be never
    constants: [RED]                              #! the entry 'constants' cannot be a list
    carrier:                                      #! the entry 'carrier' cannot be empty
    members:
      id: {kind: sculpture}                       #! unknown kind sculpture
      made_at: {kind: enum, falsy: ()}            #! cannot be of the kind enum && is no model
      labels: {kind: key-values}                  #! cannot be of the kind key-values
      text: {kind: flattened}                     #! cannot be of the kind flattened
      colour: {kind: naive-datetime}              #! cannot be of the kind naive-datetime
      part: {model: things.Gone, write: gone}     #! there is no class things.Gone && which no function writes
      parts: {accepts: gone}                      #! flytekit_models.behaviours does not define gone
      gone: {setter: true}                        #! Thing2 has no member gone
      absent: {absent: sometimes}                 #! 'absent' cannot be sometimes && has no member absent
  Kept: {dataclass: true, message: $NAME.Part}
  Part: (name, name2=0)                           #! the message $NAME.Part has no field name2
  Part:                                           #! Part is defined twice
    message: $NAME.Part                           #! two classes of the module things would be named Part
    constructor: (name)
    constructor: (size)                           #! constructor is defined twice
  No-Class: {message: $NAME.Part}                 #! No-Class is not a valid name of a Python class
  Dotted.Part: {message: $NAME.Part}              #! has no class Dotted to contain Dotted.Part
"""


def test_every_problem_of_a_contract_is_told_where_it_is(workshop: Any) -> None:
    workshop.regenerate()
    workshop.write(workshop.promises, _BAD_CONTRACT)
    told: dict[int, str] = {}
    for problem in workshop.problems():
        assert problem.where.file == workshop.promises
        assert problem.cure
        told[problem.where.line] = told.get(problem.where.line, "") + f"{problem.what} {problem.cure}\n"
    expected = _expected(workshop.promises)
    missed = {(line, text) for line, texts in expected.items() for text in texts if text not in told.get(line, "")}
    assert not missed, told
    # What is wrong with a class as a whole is told where the class begins.
    begin = workshop.line(workshop.promises, "# Here begins Thing2.")
    for what in (
        "has no field size",
        "does not define Nowhere",
        "cannot have a parameter named property: generated code uses that name",
    ):
        assert what in told[begin]
    assert {line: text for line, text in told.items() if line not in {*expected, begin}} == {}


_BAD_SYNTAX = [
    pytest.param("classes: [", "things.yaml:1", "this is not valid YAML: ", id="open list"),
    pytest.param("files: []\n\tclasses: x", "things.yaml:2", "this is not valid YAML: ", id="tab"),
    pytest.param("- a\n- list", "things.yaml:1", "expected a mapping", id="list"),
    pytest.param("? [a, b]\n: c", "things.yaml:1", "expected a name", id="list as a key"),
    pytest.param(
        "classes:\n  Thing: (id, class)", "things.yaml:2", "(id, class) is not a valid signature", id="keyword"
    ),
]


@pytest.mark.parametrize(("text", "where", "what"), _BAD_SYNTAX)
def test_a_contract_that_is_no_contract(workshop: Any, text: str, where: str, what: str) -> None:
    workshop.write(workshop.promises, text)
    assert any(where in str(problem.where) and what in problem.what for problem in workshop.problems())


def test_a_contract_that_is_no_text(workshop: Any) -> None:
    workshop.promises.write_bytes(b"about: \xff\xfe")
    (problem,) = workshop.problems()
    assert problem.where.file == workshop.promises and "this is not valid YAML" in problem.what


def test_a_contract_for_a_module_that_cannot_be(workshop: Any) -> None:
    workshop.write(workshop.contract / "no-module.yaml", "about: Nothing.")
    (problem,) = workshop.problems()
    assert problem.what == "no-module is not a valid name of a Python module"


def test_two_classes_under_one_name(workshop: Any) -> None:
    workshop.edit(
        workshop.promises, "  Part: (name, size=0)", "  Part: {message: $NAME.Thing.Note, constructor: (text)}"
    )
    (problem,) = workshop.problems()
    assert problem.where.file == workshop.things
    assert problem.where.line == workshop.line(workshop.things, "message Part {")
    line = workshop.line(workshop.promises, "  Part:")
    assert problem.what == (
        f"two classes of the module things would be named Part (the other: {workshop.promises}:{line})"
    )


def test_a_class_and_a_module_under_one_name(workshop: Any) -> None:
    workshop.write(
        workshop.idl / workshop.name / "things/Part.proto",
        'syntax = "proto3";\npackage $NAME.inner;\nmessage Inner {}\n',
    )
    (problem,) = workshop.problems()
    assert problem.what == f"a class and a module would both be named {workshop.package}.things.Part"
    assert problem.where.line == workshop.line(workshop.promises, "  Part:")


def test_python_in_the_contract_that_is_none(workshop: Any) -> None:
    workshop.edit(workshop.promises, "(name, size=0)", "{constructor: (name), constants: {BAD: no Python}}")
    (problem,) = workshop.problems()
    assert (str(problem.where), problem.what.partition(":")[0]) == (
        "things.py",
        "the generated code is not valid Python",
    )


# Protos.

_BAD_PROTOS = [
    pytest.param("string id = 1;", "string id 1;", ":10", "Missing field number", id="syntax"),
    pytest.param("Colour colour = 2;", "Color colour = 2;", ":11", '"Color" is not defined', id="unknown type"),
    pytest.param(
        "Colour colour = 2;", "Colour colour = 1;", ":11", "Field number 1 has already been used", id="number"
    ),
    pytest.param("COLOUR_NONE = 0", "COLOUR_NONE = 3", ":", "must be zero", id="first value of an enum"),
    pytest.param('syntax = "proto3";', 'syntax = "proto2";', ":", "", id="proto2 with proto3's fields"),
    pytest.param('import "google', 'import "gone.proto";\nimport "google', ":5", "gone.proto", id="import"),
    pytest.param(
        "string id = 1;", "string id = 1;\nstring CopyFrom = 70;", ":11", "hides the method CopyFrom", id="method"
    ),
]


@pytest.mark.parametrize(("old", "new", "where", "what"), _BAD_PROTOS)
def test_a_bad_proto(workshop: Any, monkeypatch: pytest.MonkeyPatch, old: str, new: str, where: str, what: str) -> None:
    workshop.regenerate()
    workshop.edit(workshop.things, old, new)
    monkeypatch.chdir(workshop.root)
    for idl in (workshop.idl, Path("idl")):
        problems = workshop.problems(idl=idl)
        found = [problem for problem in problems if what in problem.what]
        assert found, problems
        assert str(found[0].where).startswith(str(idl / workshop.name / "things.proto") + where)
        assert found[0].cure


def test_names_that_protobuf_itself_refuses(workshop: Any) -> None:
    workshop.edit(
        workshop.things,
        "message Part {",
        "message Part {\noneof theName {\nint32 the_name = 8;\n}",
    )
    (problem,) = workshop.problems()
    assert "protobuf cannot load it" in problem.what and "duplicate json_name" in problem.what


def test_a_folder_without_protos(workshop: Any, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (problem,) = workshop.problems(idl=empty, contract=None)
    assert problem.where.file == empty and problem.what == "this folder contains no .proto file"
    (problem,) = workshop.problems(idl=tmp_path / "gone", contract=None)
    assert problem.where.file == tmp_path / "gone"


# The rest.


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"distribution": "flyteidl"}', "\x00"])
def test_a_damaged_lock(workshop: Any, text: str) -> None:
    workshop.write(workshop.idl / "idl.lock", text)
    (problem,) = workshop.problems()
    assert problem.where.file == workshop.idl / "idl.lock"
    assert problem.what.startswith("the lock cannot be read: ") and "flytekit-models sync" in problem.cure


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"elements": {"a": {}}}', '{"elements": {"a": {"latest": 1}}}'])
def test_a_damaged_history(workshop: Any, text: str) -> None:
    workshop.write(workshop.idl / "history.json", text)
    (problem,) = workshop.problems()
    assert problem.where.file == workshop.idl / "history.json"
    assert problem.what.startswith("the history cannot be read: ")


@pytest.mark.parametrize("package", ["", "1st", "mine..models", "mine.class", "mine-models", "../models"])
def test_a_package_that_cannot_be_named(workshop: Any, package: str) -> None:
    (problem,) = workshop.problems(package=package)
    assert "is not a valid name of a Python package" in problem.what and "--package" in problem.cure


def test_a_contract_folder_that_is_not_there(workshop: Any, tmp_path: Path) -> None:
    (problem,) = workshop.problems(contract=tmp_path / "gone")
    assert problem.where.file == tmp_path / "gone" and "--contract" in problem.cure


def test_a_module_that_is_not_there(workshop: Any) -> None:
    (problem,) = workshop.problems(only="gone")
    assert problem.what == "there is no module gone" and "choose one of: things" in problem.cure


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        pytest.param("{% for enum in module.enums %}", "{% for enum in module.enums", True, id="syntax"),
        pytest.param("module.enums", "module.colours", False, id="name"),
    ],
)
def test_a_broken_template(workshop: Any, tmp_path: Path, old: str, new: str, line: bool) -> None:
    workshop.regenerate()
    templates = tmp_path / "templates"
    shutil.copytree(shipped("templates"), templates)
    template = templates / "module.py.j2"
    template.write_text(template.read_text().replace(old, new))
    (problem,) = workshop.problems(templates=templates)
    assert problem.where.file == template and bool(problem.where.line) is line
    assert problem.what.startswith("the template cannot be rendered: ")


def test_problems_of_all_inputs_in_one_run_of_the_command(workshop: Any) -> None:
    workshop.regenerate()
    before = workshop.texts()
    workshop.edit(workshop.things, "string id = 1;", "string id 1;")
    workshop.edit(workshop.promises, "classes:", "surprise: yes\nclasses:")
    workshop.write(workshop.contract / "broken.yaml", "classes: [")
    workshop.write(workshop.idl / "idl.lock", "{")
    result = CliRunner().invoke(main, workshop.arguments())
    assert result.exit_code == 2
    assert f"{workshop.things}:10: " in result.stderr
    assert f"{workshop.promises}:4: the entry 'surprise' is unknown\n    known entries: " in result.stderr
    assert f"{workshop.contract / 'broken.yaml'}:1: this is not valid YAML" in result.stderr
    assert f"{workshop.idl / 'idl.lock'}: the lock cannot be read" in result.stderr
    assert "problems; nothing was written." in result.stderr
    assert result.stdout == ""
    assert workshop.texts() == before

"""How far a package covers its IDL."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flytekit_codegen import coverage
from flytekit_codegen.pipeline.run import CONTRACT
from flytekit_codegen.pipeline.step1_read.sources import Sources
from flytekit_codegen.problems import GenerationError

IDL = Path(__file__).parents[3] / "idl"

PROTO = """syntax = "proto3";
package p;
// An A.
message A {
  // An x.
  string x = 1;
  string y = 2;
  B b = 3;
}
message B { string z = 1; }
enum E {
  // None.
  ZERO = 0;
}
enum F { NIL = 0; ONE = 1; }
service S {
  // Makes a B.
  rpc Make(A) returns (B);
  rpc List(A) returns (stream B);
}
"""
YAML = """files: [a.proto]
enums:
  E: p.E
classes:
  A:
    constructor: (x)
    members:
      b: {empty: none}
  Second: {message: p.A, constructor: (y)}
  Lost: {message: p.Lost}
"""


@pytest.fixture
def found(tmp_path):
    (tmp_path / "idl").mkdir()
    (tmp_path / "idl/a.proto").write_text(PROTO)
    (tmp_path / "contract").mkdir()
    (tmp_path / "contract/a.yaml").write_text(YAML)
    return coverage.coverage(Sources(tmp_path / "idl"), tmp_path / "contract", "m")


def test_the_matrix(found):
    a, b = found.messages
    assert (a.name, a.classes, a.contract, a.documented) == ("p.A", ("m.a.A", "m.a.Second"), True, True)
    assert [(field.name, field.member, field.contract, field.documented) for field in a.fields] == [
        ("x", "x", True, True),
        ("y", "y", True, False),
        ("b", "b", True, False),
    ]
    assert (b.classes, b.contract, b.documented) == (("m.a.B",), False, False)
    assert [(field.name, field.contract) for field in b.fields] == [("z", False)]
    assert [(enum.name, enum.contract, enum.documented, enum.values) for enum in found.enums] == [
        ("p.E", True, 1, 1),
        ("p.F", False, 0, 2),
    ]
    (service,) = found.services
    assert (service.name, service.documented) == ("p.S", False)
    assert service.classes == ("m.a.SClient", "m.a.SAsyncClient", "m.a.SServicer")
    assert [(rpc.name, rpc.method, rpc.documented) for rpc in service.rpcs] == [
        ("Make", "make", True),
        ("List", "list", False),
    ]
    assert [problem.what for problem in found.left_out] == [
        "the IDL has no message p.Lost, which the class Lost models"
    ]


def test_the_totals(found):
    totals = found.totals()
    assert totals["messages"] == coverage.Total(all=2, contract=1, mechanical=1, documented=1)
    assert totals["fields"] == coverage.Total(all=4, contract=3, mechanical=1, documented=1)
    assert totals["enums"] == coverage.Total(all=2, contract=1, mechanical=1, documented=1)
    assert totals["services"] == coverage.Total(all=1, contract=0, mechanical=1, documented=0)
    assert totals["rpcs"] == coverage.Total(all=2, contract=0, mechanical=2, documented=1)
    assert found.percent() == 100.0


def test_what_is_not_covered_counts():
    field = coverage.Field("f", None, contract=False, documented=False)
    message = coverage.Message("p.M", (), contract=False, documented=False, fields=(field, field))
    found = coverage.Coverage((message,), (coverage.Enum("p.E", True, 0, 1),), (), ())
    assert found.percent() == 25.0
    assert json.loads(coverage.badge(found))["message"] == "25%"
    assert json.loads(coverage.badge(found))["color"] == "red"
    assert coverage.text(found).startswith("-  p.M\n  -  f\n")
    assert "**none**" in coverage.markdown(found)
    # An IDL may have no services.
    assert "rpcs" not in coverage.text(found) + coverage.markdown(found)
    almost = coverage.Coverage((message,), (coverage.Enum("p.E", True, 0, 1),) * 99, (), ())
    assert json.loads(coverage.badge(almost))["color"] == "yellow"
    assert coverage.Coverage((), (), (), ()).percent() == 100.0


def test_the_forms(found):
    text = coverage.text(found)
    assert text.startswith("Cd p.A\n  Cd x\n  C  y\n  C  b\nm  p.B\n  m  z\n")
    assert "\nm  p.S\n  md Make\n  m  List\n" in text
    assert "rpcs: 2 in total: 0 in the contract, 2 mechanical, 0 not covered; 1 documented\n" in text
    assert "fields: 4 in total: 3 in the contract, 1 mechanical, 0 not covered; 1 documented\n" in text
    assert "left out: the IDL has no message p.Lost" in text and text.endswith("covered: 100.0 %\n")
    table = coverage.markdown(found)
    assert "| fields | 4 | 3 | 1 | 1 |" in table
    assert "| `p.A` | `m.a.A`, `m.a.Second` | x, y, b |  | x |" in table
    assert "| rpcs | 2 | 0 | 2 | 1 |" in table
    assert "| `p.S` | `m.a.SClient`, `m.a.SAsyncClient`, `m.a.SServicer` | Make, List | Make |" in table
    data = json.loads(json.dumps(coverage.content(found)))
    assert data["percent"] == 100 and data["totals"]["fields"]["covered"] == 4
    assert data["messages"][1]["fields"] == [{"name": "z", "member": "z", "contract": False, "documented": False}]
    assert data["services"][0]["rpcs"][0] == {"name": "Make", "method": "make", "documented": True}
    assert json.loads(coverage.badge(found)) == {
        "schemaVersion": 1,
        "label": "IDL coverage",
        "message": "100%",
        "color": "brightgreen",
    }


def test_this_projects_idl_is_covered():
    found = coverage.coverage(Sources(IDL), CONTRACT, "flytekit.models")
    assert found.percent() == 100.0 and found.left_out == ()
    totals = found.totals()
    assert (totals["messages"].all, totals["fields"].all, totals["enums"].all) == (437, 1308, 53)
    assert totals["messages"].contract == 156
    assert (totals["services"].documented, totals["rpcs"].documented) == (11, 92)
    assert coverage.coverage(Sources(IDL), None, "flytekit.models").totals()["messages"].mechanical == 437


def test_a_contract_that_cannot_be_read(tmp_path):
    with pytest.raises(GenerationError, match="there is no such folder"):
        coverage.coverage(Sources(IDL), tmp_path / "none", "m")


def test_the_command(project):
    options = [*project.options[:2], *project.options[4:]]
    assert project.run("coverage", *options).output.endswith("covered: 100.0 %\n")
    assert project.run("coverage", "--format", "markdown", *options).output.startswith("| | all |")
    assert json.loads(project.run("coverage", "--format", "json", *options).output)["percent"] == 100.0

"""Differences are empty exactly if two models are equal, and say what differs where."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from every_model import carried, each_model, examples
from flyteidl.core import literals_pb2, tasks_pb2
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st
from leaves import leaves
from random_messages import messages, unknown_field
from rich.console import Console

from flytekit.models import array_job, common, literals, named_entity, task
from flytekit.models.core import identifier
from flytekit_codegen.overlay.payload import payload
from flytekit_models.data.paths import parse
from flytekit_models.data.pytest_plugin import pytest_assertrepr_compare
from flytekit_models.model import message_class


@each_model()
def test_empty_exactly_if_equal(model_class: Any) -> None:
    @examples(6)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        strategy = messages(message_class(model_class))
        first = carried(model_class, data.draw(strategy))
        # Half of the time the same once more.
        second = first if data.draw(st.booleans()) else carried(model_class, data.draw(strategy))
        a, b = model_class.from_flyte_idl(first), model_class.from_flyte_idl(second)
        for left, right in ((a, b), (b, a)):
            found = left.diff(right)
            assert bool(found) is (left != right), f"{found}\n{left!r}\n---\n{right!r}"
            assert str(found) and found._repr_html_()
            for path in found.paths:
                assert path == "" or parse(path)
        there, back = a.diff(b), b.diff(a)
        opposite = {"added": "removed", "removed": "added", "changed": "changed"}
        assert [(one.path, one.kind) for one in there] == [(one.path, opposite[one.kind]) for one in back]
        assert len(set(there.paths)) == len(there)

    check()


def test_what_is_set_and_reads_as_none_is_added() -> None:
    without, with_it = tasks_pb2.TaskTemplate(), tasks_pb2.TaskTemplate(security_context={})
    there = task.TaskTemplate.from_flyte_idl(without).diff(task.TaskTemplate.from_flyte_idl(with_it))
    assert [(one.path, one.kind) for one in there] == [("security_context", "added")]
    assert str(there[0]) == "+ security_context: SecurityContext()"


@each_model()
def test_a_changed_leaf_is_the_only_difference(model_class: Any) -> None:
    @examples(6)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        message = data.draw(messages(message_class(model_class)))
        original = model_class.from_flyte_idl(carried(model_class, message))
        model = model_class.from_flyte_idl(carried(model_class, message))
        if original != model:
            return  # There is a NaN in it.
        found = list(leaves(model, message))
        if not found:
            return
        leaf = data.draw(st.sampled_from(found))
        leaf.change_model()
        differences = original.diff(model)
        assert bool(differences) is (original != model)
        path = leaf.path.removeprefix(".")
        for change in differences:
            # An arm that was set may be shown as removed; of a part that was absent, the part as a whole is added.
            assert change.path.startswith(path) or path.startswith(change.path), f"{differences}\n{path}"

    check()


def _integer(value: int) -> Any:
    return literals.Literal(scalar=literals.Scalar(primitive=literals.Primitive(integer=value)))


def test_maps_by_key() -> None:
    before = literals.LiteralMap({"a": _integer(1), "b": _integer(2), "q'\x1b": _integer(1)})
    after = literals.LiteralMap({"a": _integer(3), "c": _integer(2), "q'\x1b": _integer(0)})
    found = before.diff(after)
    assert [(one.kind, one.path) for one in found] == [
        ("changed", "literals['a'].scalar.primitive.integer"),
        ("removed", "literals['b']"),
        ("added", "literals['c']"),
        ("changed", 'literals["q\'\\x1b"].scalar.primitive.integer'),
    ]
    assert (found[0].before, found[0].after) == (1, 3)
    assert (found[1].before, found[1].after) == (before.literals["b"], None)
    assert (found[2].before, found[2].after) == (None, after.literals["c"])
    assert str(found) == (
        "LiteralMap: 4 differences\n"
        "~ literals['a'].scalar.primitive.integer: 1 -> 3\n"
        "- literals['b']: Literal(scalar.primitive.integer: 2)\n"
        "+ literals['c']: Literal(scalar.primitive.integer: 2)\n"
        '~ literals["q\'\\x1b"].scalar.primitive.integer: 1 -> 0'
    )
    assert repr(found) == str(found)
    assert str(found[0]) == "~ literals['a'].scalar.primitive.integer: 1 -> 3"
    assert [one.path for one in found[:2]] == found.paths[:2]


def test_equal_models_have_no_differences() -> None:
    one = literals.LiteralMap({"a": _integer(1)})
    found = one.diff(literals.LiteralMap({"a": _integer(1)}))
    assert not found and len(found) == 0 and list(found) == []
    assert str(found) == "LiteralMap: no differences"


def _container(**members: Any) -> Any:
    given = {"image": "i", "command": [], "args": [], "resources": None, "env": {}, "config": {}} | members
    return task.Container(**given)


def test_lists_by_index_and_pairs_by_key() -> None:
    before = _container(args=["a", "b"], env={"A": "1", "B": "2"})
    after = _container(args=["a", "c", "d"], env={"B": "3", "C": "4"})
    assert str(before.diff(after)) == (
        "Container: 5 differences\n"
        "~ args[1]: b -> c\n"
        "+ args[2]: d\n"
        "- env['A']: \"1\"\n"
        '~ env[\'B\']: "2" -> "3"\n'
        "+ env['C']: \"4\""
    )


def test_the_order_of_pairs_and_what_comes_twice() -> None:
    message = tasks_pb2.Container()
    message.env.add(key="A", value="1")
    message.env.add(key="B", value="2")
    turned = tasks_pb2.Container()
    turned.env.extend(reversed(message.env))
    found = task.Container.from_flyte_idl(message).diff(task.Container.from_flyte_idl(turned))
    assert [(one.path, one.about) for one in found] == [("env", "the order of its entries, or one that is there twice")]


def test_json_by_key_and_index() -> None:
    def of(value: Any) -> Any:
        struct = struct_pb2.Struct()
        struct.update(value)
        return literals.Scalar(generic=struct)

    before = of({"a": {"b": [1, None, "x"]}, "gone": None, "kind": 1})
    after = of({"a": {"b": [2, False]}, "new": {}, "kind": True})
    assert [(one.kind, one.path, one.before, one.after) for one in before.diff(after)] == [
        ("changed", "generic['a']['b'][0]", 1.0, 2.0),
        ("changed", "generic['a']['b'][1]", None, False),
        ("removed", "generic['a']['b'][2]", "x", None),
        ("removed", "generic['gone']", None, None),
        ("changed", "generic['kind']", 1.0, True),
        ("added", "generic['new']", None, {}),
    ]


def test_a_flattened_map_has_no_step_for_the_message_around_it() -> None:
    from flytekit.models import interface, types

    def of(simple: int) -> Any:
        return interface.TypedInterface({"x": interface.Variable(types.LiteralType(simple=simple), "")}, {})

    (change,) = of(1).diff(of(3))
    assert change.path == "inputs['x'].type.simple"
    assert str(change) == "~ inputs['x'].type.simple: INTEGER -> STRING"


def test_what_python_does_not_show() -> None:
    message = literals_pb2.Literal(hash="h")
    message.scalar.primitive.datetime.nanos = 1
    model = literals.Literal.from_flyte_idl(message)
    message.scalar.primitive.datetime.nanos = 2
    (below,) = model.diff(literals.Literal.from_flyte_idl(message))
    assert (below.path, below.about) == ("scalar.primitive.datetime", "the part of it below a microsecond")
    message.scalar.primitive.datetime.nanos = 1
    message.scalar.MergeFromString(unknown_field(18_000, b"\x1b[31m"))
    (unknown,) = model.diff(literals.Literal.from_flyte_idl(message))
    assert (unknown.path, unknown.about) == ("scalar", "unknown fields")
    # An absent part that reads as an empty one.
    absent, empty = tasks_pb2.TaskTemplate(), tasks_pb2.TaskTemplate()
    empty.metadata.SetInParent()
    (present,) = task.TaskTemplate.from_flyte_idl(absent).diff(task.TaskTemplate.from_flyte_idl(empty))
    assert (present.kind, present.path) == ("added", "metadata")


def test_values_as_a_person_reads_them() -> None:
    before = identifier.Identifier(1, "p", "d", "n", "v")
    assert str(before.diff(identifier.Identifier(2, "p", "d", "n", "w"))) == (
        "Identifier: 2 differences\n~ resource_type: TASK -> WORKFLOW\n~ version: v -> w"
    )
    sleep = literals.Primitive(duration=timedelta(minutes=10))
    (change,) = sleep.diff(literals.Primitive(duration=-timedelta(seconds=1, microseconds=500_000)))
    assert str(change) == "~ duration: 10m -> -1.5s"
    long = "x" * 100
    (change,) = literals.Primitive(string_value=long + "a").diff(literals.Primitive(string_value=long + "b\nc"))
    assert str(change) == "~ string_value: ..." + "x" * 20 + 'a -> ..."' + "x" * 20 + 'b\\\\nc"'
    assert len(str(literals.Primitive(string_value="x" * 10**6).diff(literals.Primitive(string_value="")))) < 300


def test_other_models_and_what_is_none() -> None:
    name = common.NamedEntityIdentifier("p", "d", "n")
    same = named_entity.NamedEntityIdentifier("p", "d", "n")
    assert name == same and not name.diff(same), "two classes of one message"
    assert name.diff(named_entity.NamedEntityIdentifier("p", "d", "m")).paths == ["name"]
    (change,) = name.diff(literals.Void())
    assert (change.path, change.before, change.after) == ("", name, literals.Void())
    for other in (None, 5, name.to_flyte_idl()):
        with pytest.raises(TypeError, match="a model is compared with a model, not with"):
            name.diff(other)


def test_carriers_differ_in_what_they_carry() -> None:
    assert array_job.ArrayJob(1, 2, 3).diff(array_job.ArrayJob(1, 5, 3)).paths == ["size"]


class Moody(literals.Void):
    """A model that is equal to none."""

    def __eq__(self, other: object) -> bool:
        return False

    __hash__ = None  # type: ignore[assignment]


def test_whoever_says_that_it_differs_differs() -> None:
    assert str(Moody().diff(literals.Void())) == (
        "Moody: 1 difference\n~ all of it: Moody() -> Void() (they are not equal by their own account)"
    )


_ASSERTIONS = """
from flytekit.models.literals import Primitive

def test_equal():
    assert Primitive(string_value="a") == Primitive(string_value="b")

def test_others():
    assert Primitive() == 5
"""


def _run_pytest(folder: Path, **environment: str) -> str:
    """Run the tests in *folder* with the plugin: named, since it is of this checkout, not of what is installed."""
    plugin = ["-p", "flytekit_models.data.pytest_plugin", "-p", "no:cacheprovider", "--rootdir", str(folder)]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *plugin, str(folder)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} | environment,
    )
    return run.stdout + run.stderr


def test_pytest_shows_the_paths(tmp_path: Path) -> None:
    (tmp_path / "test_models.py").write_text(_ASSERTIONS)
    shown = _run_pytest(tmp_path)
    assert "two models are equal; Primitive: 1 difference" in shown
    assert "~ string_value: a -> b" in shown
    assert "2 failed" in shown


def test_pytest_explains_models_that_are_overlaid_into_flytekit(tmp_path: Path) -> None:
    for name, content in payload().items():
        file = tmp_path / "tree" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    (tmp_path / "tree" / "flytekit" / "__init__.py").touch()
    tests = tmp_path / "tests"
    tests.mkdir()
    where = "import flytekit.models\nassert 'tree' in flytekit.models.__file__\n"
    (tests / "test_models.py").write_text(where + _ASSERTIONS)
    shown = _run_pytest(tests, PYTHONPATH=str(tmp_path / "tree"))
    assert "two models are equal; Primitive: 1 difference" in shown
    assert "2 failed" in shown


def test_pytest_finds_the_plugin() -> None:
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text()
    assert '[project.entry-points.pytest11]\nflytekit-models = "flytekit_models.data.pytest_plugin"' in project


def test_pytest_explains_lists_and_dicts_of_models() -> None:
    a, b = literals.Primitive(string_value="a"), literals.Primitive(string_value="b")
    difference = ["[1]: Primitive: 1 difference", "  ~ string_value: a -> b"]
    assert pytest_assertrepr_compare("==", [a, a], [a, b, b]) == [
        "two lists of models are equal",
        *difference,
        "+ [2]",
    ]
    assert pytest_assertrepr_compare("==", {"x": a, 1: a}, {"y": b, 1: b}) == [
        "two dicts of models are equal",
        "- ['x']",
        *difference,
        "+ ['y']",
    ]
    many = pytest_assertrepr_compare("==", [a] * 30, [b] * 30)
    assert many is not None and many[-1] == "... 20 more" and len(many) == 22
    assert pytest_assertrepr_compare("==", [a, 1], [a, 2]) is None
    assert pytest_assertrepr_compare("==", [a], (a,)) is None


def test_what_pytest_is_not_told() -> None:
    a, b = literals.Primitive(string_value="a"), literals.Primitive(string_value="b")
    assert pytest_assertrepr_compare("==", a, b) == [
        "two models are equal; Primitive: 1 difference",
        "~ string_value: a -> b",
    ]
    assert pytest_assertrepr_compare("!=", a, b) is None
    assert pytest_assertrepr_compare("==", a, 5) is None
    assert pytest_assertrepr_compare("==", a, literals.Primitive(string_value=5)) is None  # type: ignore[arg-type]


def test_differences_in_a_page_and_a_terminal_are_escaped() -> None:
    hostile = "<script>'\"&\x1b[31m\u202e"
    before, after = common.Labels({hostile: hostile}), common.Labels({hostile: "x"})
    found = before.diff(after)
    page = found._repr_html_()
    assert "<script" not in page and "&lt;script&gt;" in page
    console = Console(width=200, record=True, file=io.StringIO(), color_system=None)
    console.print(found)
    for shown in (page, str(found), console.export_text()):
        assert "\x1b" not in shown and "\u202e" not in shown

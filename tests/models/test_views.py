"""One tree, shown as text, as a page and by rich: complete, readable, bounded, and safe."""

from __future__ import annotations

import io
import itertools
import re
from datetime import datetime, timedelta, timezone
from html.parser import HTMLParser
from typing import Any

import pytest
from every_model import carried, each_model, examples
from flyteidl.admin import execution_pb2
from flyteidl.core import compiler_pb2, errors_pb2, literals_pb2, tasks_pb2
from google.protobuf import any_pb2, struct_pb2
from google.protobuf.descriptor import FieldDescriptor
from hypothesis import given
from IPython.lib.pretty import pretty as ipython_pretty
from leaves import leaves
from random_messages import messages, unknown_field
from rich.console import Console

from flytekit.models import common, literals, task, types
from flytekit.models.core import compiler, condition, errors, execution, identifier
from flytekit_models.messages import is_repeated
from flytekit_models.model import message_class
from flytekit_models.view.html import LARGEST, STYLE
from flytekit_models.view.values import (
    show_bytes,
    show_duration,
    show_enum,
    show_scalar,
    show_text,
    show_time,
    visible,
)

_HOSTILE = "<script>alert('1')</script>\"&\x1b[31m\x07\x9b\u202e\u2066\u2028\u200f\ufeff\x00\r\x7fend"
_DANGEROUS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def _by_rich(model: Any) -> str:
    console = Console(width=200, file=io.StringIO(), color_system=None, legacy_windows=False)
    console.print(model)
    shown: str = console.file.getvalue()  # type: ignore[attr-defined]
    return shown


def _all_views(model: Any) -> dict[str, str]:
    return {
        "pretty": model.pretty(),
        "ipython": ipython_pretty(model),
        "rich": _by_rich(model),
        "html": model._repr_html_(),
        "diff": str(model.diff(type(model).from_flyte_idl(type(model.to_flyte_idl())()))),
    }


class _Checked(HTMLParser):
    """Sees that a page is well formed, and of nothing but what it should be."""

    ALLOWED = frozenset(("h4", "pre", "style", "div", "span", "b", "bdi", "details", "summary"))

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.titles: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.ALLOWED, tag
        assert {name for name, _ in attrs} <= {"class", "title", "open", "style"}, attrs
        self.titles += [value for name, value in attrs if name == "title" and value]
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def _checked(page: str) -> _Checked:
    checked = _Checked()
    checked.feed(page)
    checked.close()
    assert not checked.open
    return checked


def _fill(message: Any, depth: int = 0) -> None:
    """Put what is hostile into every text of *message*, as deep as there is a new one."""
    for field in message.DESCRIPTOR.fields:
        part = getattr(message, field.name)
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            entry = field.message_type.fields_by_name
            key = _HOSTILE if entry["key"].type == FieldDescriptor.TYPE_STRING else 1
            if entry["value"].message_type is None:
                part[key] = _HOSTILE if entry["value"].type == FieldDescriptor.TYPE_STRING else 1
            elif depth < 3:
                _fill(part[key], depth + 1)
        elif field.message_type is not None:
            if depth < 3:
                _fill(part.add() if is_repeated(field) else part, depth + 1)
        elif field.type == FieldDescriptor.TYPE_STRING:
            if is_repeated(field):
                part.extend([_HOSTILE, _HOSTILE])
            else:
                setattr(message, field.name, _HOSTILE)
        elif field.type == FieldDescriptor.TYPE_BYTES and not is_repeated(field):
            setattr(message, field.name, _HOSTILE.encode())


@each_model(with_carriers=False)
def test_nothing_hostile_gets_through(model_class: Any) -> None:
    message = message_class(model_class)()
    _fill(message)
    model = model_class.from_flyte_idl(message)
    for name, shown in _all_views(model).items():
        assert not _DANGEROUS.search(shown), f"{name}: {shown[:2000]!r}"
    if "_repr_html_" not in {
        name for base in model_class.__mro__ if "Behaviour" in base.__name__ for name in vars(base)
    }:
        page = model._repr_html_()
        _checked(page)
        assert "<script" not in page


@each_model()
def test_all_views_of_anything(model_class: Any) -> None:
    @examples(3)
    @given(messages(message_class(model_class)))
    def check(message: Any) -> None:
        model = model_class.from_flyte_idl(carried(model_class, message))
        for name, shown in _all_views(model).items():
            assert not _DANGEROUS.search(shown), name
        text = model.pretty()
        assert text.startswith(model_class.__name__)
        if model_class is not execution.ExecutionError:
            assert len(model._repr_html_()) <= LARGEST
        for field, _ in message.ListFields():
            assert re.search(rf"\b{field.name}\b", text), "every field that is set is there, by its own name"

    check()


@each_model()
def test_a_view_of_what_was_read_shows_all_changes(model_class: Any) -> None:
    @examples(2)
    @given(messages(message_class(model_class)))
    def check(message: Any) -> None:
        model = model_class.from_flyte_idl(carried(model_class, message))
        for leaf in itertools.islice(leaves(model, message), 12):
            leaf.change_model()
            try:
                model.to_flyte_idl()
            except ValueError:
                # Two arms of a oneof.
                return
            as_written = model_class.from_flyte_idl(model.to_flyte_idl())
            assert model.pretty() == as_written.pretty(), leaf.path
            assert _tree_of(model) == _tree_of(as_written), leaf.path

    check()


def _tree_of(model: Any) -> str:
    return str(model._repr_html_()).partition("</pre>")[2]


def _closure(nodes: int) -> Any:
    message = compiler_pb2.CompiledWorkflowClosure()
    template = message.primary.template
    for index in range(nodes):
        node = template.nodes.add(id=f"n{index}")
        node.metadata.timeout.seconds = 600
        reference = node.task_node.reference_id
        reference.resource_type, reference.project, reference.domain = 1, "flytesnacks", "development"
        reference.name, reference.version = f"task_{index}", "v1"
        node.inputs.add(var="x").binding.promise.node_id = f"n{index - 1}"
    return compiler.CompiledWorkflowClosure.from_flyte_idl(message)


def test_the_text() -> None:
    assert _closure(1).pretty() == (
        "CompiledWorkflowClosure\n"
        "  primary.template.nodes (1 item):\n"
        "    [0]:\n"
        "      id: n0\n"
        "      metadata.timeout: 10m\n"
        "      inputs (1 item):\n"
        "        [0]:\n"
        "          var: x\n"
        "          binding.promise.node_id: n-1\n"
        "      task_node.reference_id: TASK flytesnacks/development/task_0@v1"
    )


def test_unset_empty_and_default_are_told_apart() -> None:
    def of(**members: Any) -> Any:
        return literals.Literal(scalar=literals.Scalar(**members))

    model = literals.LiteralMap(
        {
            "default": of(primitive=literals.Primitive(integer=0)),
            "set": of(primitive=literals.Primitive(integer=1)),
            "void": of(none_type=literals.Void()),
            "unset": literals.Literal(),
        }
    )
    assert model.pretty() == (
        "LiteralMap\n"
        "  literals (4 entries):\n"
        "    default.scalar.primitive.integer: 0 (default)\n"
        "    set.scalar.primitive.integer: 1\n"
        "    unset: (empty)\n"
        "    void.scalar.none_type: (empty)"
    )
    assert literals.Void().pretty() == "Void: (empty)"


def test_values_as_a_person_reads_them() -> None:
    message = tasks_pb2.TaskTemplate(type="t")
    message.custom.update({"a": [1, None, "x"], "b": {"c": 1.5}})
    message.container.args.extend(["--a", "b c"])
    message.container.env.add(key="LONG NAME", value="v")
    message.metadata.timeout.seconds = 5_400
    message.metadata.generates_deck.value = False
    message.extended_resources.gpu_accelerator.unpartitioned = False
    message.config["empty"] = ""
    message.k8s_pod.pod_spec.update({"containers": [{"name": "x" * 100}]})
    text = task.TaskTemplate.from_flyte_idl(message).pretty()
    for line in (
        'custom: {"a": [1, null, "x"], "b": {"c": 1.5}}',
        "metadata:",
        "  timeout: 1h30m",
        "  generates_deck: false (default)",
        'config (1 entry):\n    empty: ""',
    ):
        assert f"\n  {line}" in text, text
    assert "gpu_accelerator.unpartitioned: false (default)" in text
    # The pod is the other arm: it took the container's place.
    assert "container:" not in text
    pod = f"k8s_pod.pod_spec (1 entry):\n    containers (1 item):\n      [0] (1 entry):\n        name: {'x' * 100}"
    assert f"\n  {pod}" in text


def test_lists_of_plain_values_on_one_line_and_entries_by_key() -> None:
    container = task.Container("i", ["a", "b"], ["x" * 60, "y" * 60], None, {"A B": "1"}, {})  # type: ignore[arg-type]
    assert container.pretty() == (
        'Container\n  image: i\n  command: ["a", "b"]\n'
        f"  args (2 items):\n    [0]: {'x' * 60}\n    [1]: {'y' * 60}\n"
        '  env (1 entry):\n    "A B": "1"'
    )


def test_single_values() -> None:
    assert show_time(1_714_979_289, 500_000_000).text == "2024-05-06 07:08:09.5 UTC"
    assert show_time(1_714_979_289, 1).text == "2024-05-06 07:08:09.000000001 UTC"
    assert show_time(-62_135_596_800, 0).text == "0001-01-01 00:00:00 UTC"
    assert show_time(2**60, 0).text == "1152921504606846976 s after 1970 (out of range)"
    assert show_time(0, -1).text == "1970-01-01 00:00:00 UTC and -1 ns (out of range)"
    assert show_duration(93_784, 0).text == "1d2h3m4s"
    assert show_duration(0, -1).text == "-0.000000001s"
    assert show_duration(1, -1).text == "1s and -1 ns (out of range)"
    assert show_bytes(b"").text == "0 bytes"
    assert show_bytes(bytes(range(10))).text == "10 bytes (00 01 02 03 04 05 06 07 ...)"
    enum = message_class(identifier.Identifier).DESCRIPTOR.fields_by_name["resource_type"].enum_type
    assert (show_enum(enum, 1).text, show_enum(enum, 77).text) == ("TASK", "77 (unknown)")
    single = struct_field("float_value", "google.protobuf.FloatValue")
    assert show_scalar(single, 0.10000000149011612).text == "0.1"
    assert show_scalar(single, 16777217.0).text == "16777217"
    assert show_scalar(single, float("inf")).text == "inf"


def struct_field(_: str, message: str) -> Any:
    """The field of a wrapper message."""
    from google.protobuf import wrappers_pb2

    return getattr(wrappers_pb2, message.rpartition(".")[2]).DESCRIPTOR.fields_by_name["value"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("hello", "hello"),
        ("ghcr.io/a/b:v1", "ghcr.io/a/b:v1"),
        ("--flag", "--flag"),
        ("s3://bucket/key", "s3://bucket/key"),
        ("{{.input}}", "{{.input}}"),
        ("日本", "日本"),
        ("", '""'),
        ("5", '"5"'),
        ("-5", '"-5"'),
        ("true", '"true"'),
        ("NaN", '"NaN"'),
        (" a", '" a"'),
        ('say "a\\b"', '"say \\"a\\\\b\\""'),
        ("a\tb", '"a\\tb"'),
        ("(empty)", '"(empty)"'),
        ("a\nb\tc\x1b", "a\nb   c\\x1b"),
        ("\n", '"\\n"'),
        ("e\u0301\u200d", '"e\u0301\u200d"'),
        ("\ud800", '"\\ud800"'),
    ],
)
def test_texts(text: str, shown: str) -> None:
    assert show_text(text).text == shown


def test_long_texts_say_how_much_is_left_out() -> None:
    assert show_text("a" * 2_000, 10).text == "a" * 10 + "... (+1,990 characters)"
    assert show_text("a\nb" * 1_000, 4).text == "a\nba... (+2,996 characters)"


def _task(name: Any) -> Any:
    return task.TaskTemplate.from_flyte_idl(tasks_pb2.TaskTemplate()).replace(id=name)


def test_identifiers_on_one_line() -> None:
    def of(**members: Any) -> str:
        given = {"resource_type": 1, "project": "p", "domain": "d", "name": "n", "version": "v"} | members
        return _task(identifier.Identifier(**given)).pretty().partition("\n")[2]  # type: ignore[arg-type]

    assert of() == "  id: TASK p/d/n@v"
    assert of(org="o") == "  id: TASK p/d/n@v (org o)"
    assert of(resource_type=77) == "  id: 77 (unknown) p/d/n@v"
    assert of(domain="") == "  id:\n    resource_type: TASK\n    project: p\n    name: n\n    version: v"
    assert of(name="\x1b") == "  id: TASK p/d/\\x1b@v"
    run = execution_pb2.Execution()
    run.id.project, run.id.domain, run.id.name = "p", "d", "f1"
    assert (
        "id: p/d/f1" in __import__("flytekit.models.execution").models.execution.Execution.from_flyte_idl(run).pretty()
    )


def test_what_the_type_does_not_know_is_told() -> None:
    message = literals_pb2.Literal(hash="h")
    message.MergeFromString(unknown_field(18_000, b"x"))
    message.scalar.MergeFromString(unknown_field(18_001, b"x") * 2)
    assert literals.Literal.from_flyte_idl(message).pretty() == (
        "Literal\n  scalar:\n    (unknown fields): 2 fields\n  hash: h\n  (unknown fields): 1 field"
    )


def test_what_is_packed_is_unpacked() -> None:
    from flytekit.models.event import cloudevents
    from flytekit_models.data.members import members

    assert cloudevents and members
    packed = any_pb2.Any()
    packed.Pack(literals_pb2.Primitive(integer=5))
    holders = [one for one in _classes_with_any() if one is not None]
    for model_class, field in holders:
        message = message_class(model_class)()
        part = getattr(message, field.name)
        (part.add() if is_repeated(field) else part).CopyFrom(packed)
        assert "(flyteidl.core.Primitive):\n" in model_class.from_flyte_idl(message).pretty()
        message.Clear()
        part = getattr(message, field.name)
        (part.add() if is_repeated(field) else part).CopyFrom(any_pb2.Any(type_url="x/no.such.Type", value=b"1"))
        assert "no.such.Type" in model_class.from_flyte_idl(message).pretty()
    assert holders


def _classes_with_any() -> Any:
    from every_model import model_classes

    for model_class in model_classes():
        for field in message_class(model_class).DESCRIPTOR.fields:
            if field.message_type is not None and field.message_type.full_name == "google.protobuf.Any":
                yield model_class, field


def test_a_page_begins_as_that_of_flytekit() -> None:
    page = literals.Literal(hash="a<b")._repr_html_()
    assert page.startswith("<h4>Literal</h4><pre>hash: a&lt;b</pre><style")
    assert STYLE in page
    checked = _checked(page)
    assert "hash: a<b" in checked.text
    assert any(title.startswith("Hash of the literal") or "hash" in title.lower() for title in checked.titles)
    assert "script" not in page and "<link" not in page and "url(" not in page


def test_a_page_is_opened_and_closed_by_the_keyboard() -> None:
    page = _closure(3)._repr_html_()
    assert page.count("<details") == page.count("<summary") > 5
    assert "tabindex" not in page and "onclick" not in page
    assert "TASK flytesnacks/development/task_2@v1" in _checked(page).text


def test_large_models_are_bounded_and_fair() -> None:
    model = _closure(10_000)
    page = model._repr_html_()
    assert len(page) <= LARGEST
    assert "9,900 more" in page
    folded = ipython_pretty(model)
    assert "... 9,970 more" in folded and len(folded) < 100_000
    many = compiler_pb2.CompiledWorkflowClosure()
    many.primary.template.nodes.extend([_closure(1).to_flyte_idl().primary.template.nodes[0]] * 1_000)
    many.tasks.add().template.id.name = "the last"
    # What stands first does not take all the room.
    shown = ipython_pretty(compiler.CompiledWorkflowClosure.from_flyte_idl(many))
    assert "the last" in shown


def test_a_page_of_nothing_but_quotes_is_bounded() -> None:
    model = literals.LiteralMap(
        {f'"{index}': literals.Literal(metadata={f"'{key}": '"' * 5_000 for key in range(100)}) for index in range(100)}
    )
    page = model._repr_html_()
    assert len(page) <= LARGEST
    assert "more" in _checked(page).text


def test_long_keys_are_bounded() -> None:
    long = "k" * 2_000_000
    model = literals.LiteralMap({long: literals.Literal(hash="h", metadata={f"{long} x": "1"})})
    for shown in (model._repr_html_(), ipython_pretty(model), str(model.diff(literals.LiteralMap({})))):
        assert len(shown) < 20_000
    assert len(model.pretty()) > 4_000_000


def test_deep_models() -> None:
    expression = condition.BooleanExpression()
    for _ in range(140):
        conjunction = condition.ConjunctionExpression(1, expression, condition.BooleanExpression())
        expression = condition.BooleanExpression(conjunction=conjunction)
    for shown in (expression.pretty(), expression._repr_html_(), ipython_pretty(expression), _by_rich(expression)):
        assert "field" in shown


def test_what_is_too_deep_to_be_written_can_be_looked_at() -> None:
    deep = types.LiteralType(simple=1)
    for _ in range(20_000):
        deep = types.LiteralType(collection_type=deep)
    for shown in (deep.pretty(), deep._repr_html_(), ipython_pretty(deep), str(deep), repr(deep)):
        assert 0 < len(shown) <= LARGEST
    assert "can't be written" in deep.pretty() and "(nested too deep to be shown)" in deep.pretty()


def test_what_cannot_be_written_can_be_looked_at() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise RuntimeError("no")

    name = identifier.Identifier(1, 5, "d\x1b", Broken(), None)  # type: ignore[arg-type]
    text = _task(name).pretty()
    assert "can't be written" in text
    assert "id:" in text and "project: 5" in text and "'d\\x1b'" in text
    assert "name: (Broken that can't be shown: RuntimeError)" in text


def test_rich_has_the_styles_and_what_prints_itself_prints_itself() -> None:
    console = Console(width=100, file=io.StringIO(), color_system="standard", force_terminal=True)
    console.print(
        _closure(2), literals.Void(), errors.ContainerError.from_flyte_idl(errors_pb2.ContainerError(code="c"))
    )
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "\x1b[35mTASK flytesnacks" in shown
    assert _by_rich(types.LiteralType(simple=1)) == "LiteralType('Simple')\n"
    assert "\n" in _by_rich(literals.Primitive(string_value="a\nb"))
    assert "9,970 more" in _by_rich(_closure(10_000))


def test_ipython_keeps_the_indentation() -> None:
    shown = ipython_pretty([literals.Void(), common.Labels({"a": "b"})])
    assert shown == "[Void: (empty),\n Labels\n   values (1 entry):\n     a: b]"


def test_what_is_visible() -> None:
    assert visible("plain ünïcödé ☃ 👩\u200d🔬") == "plain ünïcödé ☃ 👩\u200d🔬"
    assert visible("\x1b]0;x\x07") == "\\x1b]0;x\\x07"


def test_times_of_models() -> None:
    time = datetime(2024, 5, 6, 7, 8, 9, tzinfo=timezone(timedelta(hours=2)))
    assert literals.Primitive(datetime=time).pretty() == "Primitive\n  datetime: 2024-05-06 05:08:09 UTC"


def test_json_that_is_large() -> None:
    struct = struct_pb2.Struct()
    struct.update({f"key {index}": {"deep": [index, "x" * 50, None, True, {"a": "b\nc"}]} for index in range(1_000)})
    model = literals.Scalar(generic=struct)
    text = model.pretty()
    assert '"key 999"' in text and "... " not in text
    assert "900 more" in model._repr_html_()

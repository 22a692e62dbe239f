"""What is inside a model, what is set, and patterns that match it."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from every_model import carried, each_model, examples, model_classes
from flyteidl.core import compiler_pb2, workflow_pb2
from google.protobuf.descriptor import Descriptor
from hypothesis import given
from random_messages import messages

from flytekit.models import array_job, interface, launch_plan, literals, security, task, types
from flytekit.models.core import compiler, condition, identifier, workflow
from flytekit_models.data.members import members, members_by_field, value
from flytekit_models.data.paths import parse
from flytekit_models.messages import is_repeated
from flytekit_models.model import Model, describe, message_class


def _at(model: Any, path: str) -> Any:
    """What is at *path*, by Python alone."""
    for step in parse(path):
        model = value(model, step) if isinstance(step, str) else model[step.key]
    return model


def _count(message: Any) -> int:
    """How many messages there are inside *message* at any depth."""
    found = 0
    for field, part in message.ListFields():
        if field.message_type is None:
            continue
        if is_repeated(field):
            if field.message_type.GetOptions().map_entry:
                if field.message_type.fields_by_name["value"].message_type is None:
                    continue
                part = part.values()
            found += sum(1 + _count(one) for one in part)
        else:
            found += 1 + _count(part)
    return found


@each_model()
def test_each_path_leads_to_its_model(model_class: Any) -> None:
    @examples(4)
    @given(messages(message_class(model_class)))
    def check(message: Any) -> None:
        model = model_class.from_flyte_idl(carried(model_class, message))
        found = list(model.walk())
        assert len(found) <= _count(message)
        assert len({path for path, _ in found}) == len(found)
        for path, one in found:
            assert isinstance(one, Model) and _at(model, path) is one

    check()


@each_model()
def test_presence_is_that_of_the_message(model_class: Any) -> None:
    @examples(4)
    @given(messages(message_class(model_class)))
    def check(message: Any) -> None:
        model = model_class.from_flyte_idl(carried(model_class, message))
        for one in (model, pickle.loads(pickle.dumps(model)), model.replace()):
            descriptor: Descriptor = message.DESCRIPTOR
            names = {field.name for field, _ in message.ListFields()}
            for field in descriptor.fields:
                member = members_by_field(model_class)[field.name]
                if member.inner is None:
                    assert one.has(member.name) is (field.name in names), member
                else:
                    assert one.has(member.name) is bool(getattr(getattr(message, field.name), member.inner))
            for oneof in describe(model_class).oneofs:
                arm = message.WhichOneof(oneof)
                assert one.which(oneof) == (None if arm is None else members_by_field(model_class)[arm].name)

    check()


def _workflow() -> Any:
    """Nodes in a branch, in an array, in a sub-workflow, and for failures."""
    message = compiler_pb2.CompiledWorkflowClosure()
    template = message.primary.template
    block = template.nodes.add(id="branch").branch_node.if_else
    block.case.then_node.id = "then"
    block.other.add().then_node.id = "elif"
    block.else_node.id = "else"
    template.nodes.add(id="array").array_node.node.id = "inner"
    template.failure_node.id = "failure"
    message.sub_workflows.add().template.nodes.add(id="sub")
    return message


def test_the_nodes_of_a_workflow_wherever_they_are() -> None:
    closure = compiler.CompiledWorkflowClosure.from_flyte_idl(_workflow())
    assert [(path, node.id) for path, node in closure.walk(workflow.Node)] == [
        ("primary.template.nodes[0]", "branch"),
        ("primary.template.nodes[0].branch_node.if_else.case.then_node", "then"),
        ("primary.template.nodes[0].branch_node.if_else.other[0].then_node", "elif"),
        ("primary.template.nodes[0].branch_node.if_else.else_node", "else"),
        ("primary.template.nodes[1]", "array"),
        ("primary.template.nodes[1].array_node.node", "inner"),
        ("primary.template.failure_node", "failure"),
        ("sub_workflows[0].template.nodes[0]", "sub"),
    ]
    for path, _ in closure.walk(workflow.Node):
        closure = closure.replace({f"{path}.id": "new"})
    assert {node.id for _, node in closure.walk(workflow.Node)} == {"new"}


def test_what_is_absent_is_left_out_although_it_reads_as_a_model() -> None:
    node = workflow.Node.from_flyte_idl(workflow_pb2.Node(id="n"))
    assert node.metadata is not None and list(node.walk()) == []
    changed = node.replace(metadata__name="x")
    assert [path for path, _ in changed.walk()] == ["metadata"]
    built = literals.Literal(collection=literals.LiteralCollection([literals.Literal(), literals.Literal()]))
    assert [path for path, _ in built.walk(literals.Literal)] == ["collection.literals[0]", "collection.literals[1]"]


def test_flattened_maps_and_keys_that_need_quotes() -> None:
    simple = interface.Variable(types.LiteralType(simple=1), "")
    found = interface.TypedInterface({"a'b\n": simple}, {}).walk(interface.Variable)
    assert [path for path, _ in found] == ['inputs["a\'b\\n"]']


def test_deep_models() -> None:
    expression = condition.BooleanExpression()
    for _ in range(120):
        operand = condition.ConjunctionExpression(0, expression, condition.BooleanExpression())
        expression = condition.BooleanExpression(conjunction=operand)
    assert sum(1 for _ in expression.walk(condition.ConjunctionExpression)) == 120


class Renamed(literals.Scalar):
    """A subclass that is written as something else than it holds."""

    def to_flyte_idl(self) -> Any:
        return literals.Scalar(none_type=literals.Void()).to_flyte_idl()


class Shifted(literals.LiteralCollection):
    """A subclass whose property gives more than its slot."""

    @property
    def literals(self) -> Any:
        return [*super().literals, literals.Literal(hash="more")]


def test_subclasses_that_say_something_else() -> None:
    one = literals.Literal(scalar=Renamed(primitive=literals.Primitive(integer=1)))
    assert [path for path, _ in one.walk()] == ["scalar"]
    assert [item.hash for _, item in Shifted([literals.Literal(hash="a")]).walk(literals.Literal)] == ["a", "more"]


def test_classes_are_classes() -> None:
    one = literals.Literal(scalar=literals.Scalar(none_type=literals.Void()))
    assert [path for path, _ in one.walk((literals.Void, types.LiteralType))] == ["scalar.none_type"]
    with pytest.raises(TypeError, match="expected a class of models, got 'Scalar'"):
        one.walk("Scalar")


def test_what_stands_for_a_model_is_none() -> None:
    one = literals.LiteralMap({"a": literals.Literal(hash="h").to_flyte_idl(), "b": literals.Literal(hash="i")})
    assert [path for path, _ in one.walk()] == ["literals['b']"]


def test_carriers_carry_no_models() -> None:
    assert list(array_job.ArrayJob(1, 2, 3).walk()) == []


def test_which_and_has() -> None:
    literal = literals.Literal(scalar=literals.Scalar(primitive=literals.Primitive(integer=0)))
    assert literal.which("value") == "scalar"
    assert literal.scalar.primitive.which("value") == "integer"
    assert literal.scalar.primitive.has("integer") and not literal.scalar.primitive.has("boolean")
    assert not literal.has("hash") and not literal.replace(hash="").has("hash")
    assert not literal.has("metadata") and literal.replace(metadata={"a": ""}).has("metadata")
    empty = literals.Scalar(none_type=literals.Void())
    assert empty.has("none_type") and empty.which("value") == "none_type"
    target = workflow.TaskNode.from_flyte_idl(workflow_pb2.TaskNode())
    assert target.reference_id is not None and target.which("reference") is None
    assert launch_plan.LaunchPlan(None, None, None, True).has("auto_activate")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda one: one.which("valu"), "Literal has no oneof 'valu': did you mean value?"),
        (lambda one: one.has("hsh"), "Literal has no member 'hsh': did you mean hash?"),
        (lambda one: one.which(None), "Literal has no oneof None: there are value"),
        (lambda one: one.scalar.which("x"), "Scalar has no oneof 'x': there are value"),
        (lambda one: literals.Void().which("x"), "Void has no oneof 'x': it has none"),
        (
            lambda one: literals.Primitive(1, 2.0).which("value"),
            "than one .* Primitive.value is set: integer, float_value",
        ),
    ],
)
def test_what_cannot_be_asked(ask: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        ask(literals.Literal(scalar=literals.Scalar(none_type=literals.Void())))


def test_patterns_by_name() -> None:
    match literals.Literal(scalar=literals.Scalar(primitive=literals.Primitive(string_value="s"))):
        case literals.Literal(scalar=literals.Scalar(primitive=literals.Primitive(string_value=str(text)))):
            assert text == "s"
        case _:
            pytest.fail("it does not match")


def test_patterns_by_position() -> None:
    match identifier.Identifier(identifier.ResourceType.TASK, "p", "d", "n", "v"):
        case identifier.Identifier(identifier.ResourceType.WORKFLOW):
            pytest.fail("it is no workflow")
        case identifier.Identifier(identifier.ResourceType.TASK, project, domain, name, version):
            assert (project, domain, name, version) == ("p", "d", "n", "v")
        case _:
            pytest.fail("it does not match")


class Mine(security.Secret):
    """A subclass of a dataclass."""


def test_the_names_are_those_of_the_parameters() -> None:
    assert literals.Literal.__match_args__[:3] == ("scalar", "collection", "map")
    assert launch_plan.LaunchPlan.__match_args__ == ("id", "spec", "closure", "should_auto_activate")
    assert Mine.__match_args__ == security.Secret.__match_args__
    assert security.Secret.__match_args__[:2] == ("group", "key")
    assert Model.__match_args__ == ()
    assert type("Sub", (literals.Literal,), {}).__match_args__ == literals.Literal.__match_args__


@pytest.mark.parametrize("model_class", model_classes(), ids=lambda one: f"{one.__module__}.{one.__qualname__}")
def test_every_positional_parameter_can_be_matched(model_class: Any) -> None:
    code = model_class.__init__.__code__
    parameters = code.co_varnames[1 : code.co_argcount]
    by_member = describe(model_class).by_member
    assert model_class.__match_args__ == tuple(by_member[name].property_name for name in parameters)
    blank = model_class.from_flyte_idl(carried(model_class, message_class(model_class)()))
    for name in model_class.__match_args__:
        getattr(blank, name)


def test_no_member_is_hidden_by_an_operation() -> None:
    operations = {"to_dict", "from_dict", "to_json", "from_json", "replace", "diff", "walk", "which", "has", "pretty"}
    for model_class in model_classes():
        assert operations.isdisjoint(members(model_class)), model_class
    assert task.TaskTemplate.replace is Model.replace

"""What flytekit's other code relies on: private attributes, subclasses, foreign values, old pickles, truth."""

# Values and attributes that the annotations do not allow are what these tests are about.
# mypy: disable-error-code="abstract,arg-type,attr-defined,comparison-overlap,metaclass,misc,union-attr"

from __future__ import annotations

import base64
import copy
import json
import pickle
from abc import ABC, ABCMeta, abstractmethod
from collections import OrderedDict
from dataclasses import is_dataclass, replace
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock, Mock

import cloudpickle  # type: ignore[import-untyped]
import pytest
from flyteidl.admin import execution_pb2, launch_plan_pb2, project_pb2, schedule_pb2, task_execution_pb2
from flyteidl.core import (
    artifact_id_pb2,
    dynamic_job_pb2,
    identifier_pb2,
    interface_pb2,
    literals_pb2,
    tasks_pb2,
    types_pb2,
    workflow_pb2,
)
from google.protobuf import struct_pb2

from flytekit.core.pod_template import PodTemplate
from flytekit.models import (
    common,
    documentation,
    dynamic_job,
    execution,
    interface,
    launch_plan,
    literals,
    schedule,
    security,
    task,
    types,
)
from flytekit.models.admin.task_execution import TaskExecution, TaskExecutionClosure
from flytekit.models.core import identifier, workflow
from flytekit_models.model import Model, message_class

PICKLES = json.loads((Path(__file__).parent / "data" / "pickles.json").read_text())["pickles"]


def node_id(name: str) -> Any:
    return identifier.Identifier(identifier.ResourceType.TASK, "p", "d", name, "v")


def literal(number: int) -> literals.Literal:
    return literals.Literal(scalar=literals.Scalar(primitive=literals.Primitive(integer=number)))


# Private attributes set from outside.

SET_FROM_OUTSIDE: list[tuple[type[Model], str, Any]] = [
    (task.Container, "args", ["x"]),
    (workflow.Node, "task_node", workflow.TaskNode(node_id("t"))),
    (workflow.Node, "workflow_node", workflow.WorkflowNode(sub_workflow_ref=node_id("w"))),
    (workflow.Node, "output_aliases", [workflow.Alias("v", "a")]),
    (identifier.Identifier, "project", "x"),
    (identifier.Identifier, "domain", "x"),
    (workflow.NodeMetadata, "timeout", timedelta(seconds=1)),
    (workflow.NodeMetadata, "retries", literals.RetryStrategy(3)),
    (workflow.NodeMetadata, "interruptible", True),
    (workflow.NodeMetadata, "name", "x"),
    (workflow.NodeMetadata, "cacheable", True),
    (workflow.NodeMetadata, "cache_version", "x"),
    (workflow.NodeMetadata, "cache_serializable", True),
    (types.LiteralType, "annotation", types.TypeAnnotationModel({"a": "b"})),
    (types.LiteralType, "structure", types.TypeStructure("t")),
    (types.LiteralType, "metadata", {"a": "b"}),
    (literals.Blob, "uri", "x"),
    (literals.StructuredDataset, "uri", "x"),
    (literals.StructuredDataset, "metadata", literals.StructuredDatasetMetadata(types.StructuredDatasetType())),
    (literals.StructuredDatasetMetadata, "structured_dataset_type", types.StructuredDatasetType(format="x")),
    (task.TaskTemplate, "id", node_id("x")),
    (task.TaskTemplate, "type", "x"),
    (task.TaskTemplate, "custom", {"a": "b"}),
    (task.TaskTemplate, "interface", interface.TypedInterface({}, {})),
    (workflow.WorkflowTemplate, "id", node_id("x")),
    (
        execution.Execution,
        "closure",
        execution.ExecutionClosure.from_flyte_idl(execution_pb2.ExecutionClosure(phase=1)),
    ),
    (TaskExecution, "closure", TaskExecutionClosure.from_flyte_idl(task_execution_pb2.TaskExecutionClosure(phase=1))),
    (types.OutputReference, "node_id", "x"),
    (workflow.IfBlock, "then_node", workflow.Node.from_flyte_idl(workflow_pb2.Node(id="n"))),
    (literals.Literal, "metadata", {"a": "b"}),
    (launch_plan.LaunchPlanSpec, "fixed_inputs", literals.LiteralMap({"a": literal(1)})),
    (types.SchemaType.SchemaColumn, "type", 2),
]


@pytest.mark.parametrize(("cls", "member", "value"), SET_FROM_OUTSIDE)
@pytest.mark.parametrize("read_before", [False, True])
def test_private_attributes_are_set_from_outside(cls: Any, member: str, value: Any, read_before: bool) -> None:
    model = cls.from_flyte_idl(message_class(cls)())
    if read_before:
        getattr(model, member)
    setattr(model, f"_{member}", value)
    assert getattr(model, member) is getattr(model, f"_{member}") is value
    assert getattr(cls.from_flyte_idl(model.to_flyte_idl()), member) == value


def test_an_identifier_is_changed_while_it_is_a_key() -> None:
    key = node_id("a")
    found = {key: 1}
    key._project, key._domain = "other", "other"
    assert next(iter(found)) is key
    assert (key.project, key.to_flyte_idl().domain) == ("other", "other")


# Private attributes read.


def test_the_dict_of_a_parameter_map_is_live() -> None:
    built = interface.ParameterMap({})
    read = interface.ParameterMap.from_flyte_idl(interface_pb2.ParameterMap())
    for parameters in (built, read):
        parameters._parameters.update({"a": interface.Parameter(interface.Variable(types.LiteralType(1), "d"))})
        assert list(parameters.parameters) == list(parameters.to_flyte_idl().parameters) == ["a"]


def test_the_path_of_a_reference_is_live() -> None:
    built = types.OutputReference("n", "v")
    read = types.OutputReference.from_flyte_idl(types_pb2.OutputReference(node_id="n", var="v"))
    for reference in (built, read):
        reference._attr_path.append("a")
        reference._attr_path.append(0)
        assert len(reference.to_flyte_idl().attr_path) == 2
    assert types.OutputReference("n", "v")._attr_path == []


def test_private_attributes_are_read() -> None:
    spec = launch_plan.LaunchPlanSpec.from_flyte_idl(launch_plan_pb2.LaunchPlanSpec(workflow_id={"name": "w"}))
    assert spec._workflow_id.name == "w"
    job = dynamic_job.DynamicJobSpec.from_flyte_idl(dynamic_job_pb2.DynamicJobSpec(nodes=[{"id": "n"}]))
    assert job._nodes[0].id == "n"
    node = workflow.ArrayNode(
        None,
        parallelism=1,
        min_successes=2,
        execution_mode=1,
        is_original_sub_node_interface=True,
        data_mode=1,
        bound_inputs=["a"],
        run_all_sub_nodes=True,
    )
    private = [getattr(node, f"_{name}") for name in ("node", "parallelism", "min_successes", "min_success_ratio")]
    private += [getattr(node, f"_{name}") for name in ("execution_mode", "is_original_sub_node_interface")]
    private += [getattr(node, f"_{name}") for name in ("data_mode", "bound_inputs", "run_all_sub_nodes")]
    assert private == [None, 1, 2, None, 1, True, 1, ["a"], True]


# Public setters.


def test_public_setters() -> None:
    message = literals_pb2.Literal(scalar={"primitive": {"integer": 1}})
    for changed in (literal(1), literals.Literal.from_flyte_idl(message)):
        changed.hash = "h"
        changed.set_metadata({"a": "b"})
        written = changed.to_flyte_idl()
        assert (written.hash, dict(written.metadata), changed.metadata) == ("h", {"a": "b"}, {"a": "b"})
    literal_type = types.LiteralType.from_flyte_idl(types_pb2.LiteralType(simple=1))
    literal_type.metadata = {"a": "b"}
    assert literal_type.to_flyte_idl().metadata["a"] == "b"
    dataset = types.StructuredDatasetType()
    dataset.format = "parquet"
    assert dataset.to_flyte_idl().format == "parquet"


# Subclasses.


def test_an_entity_needs_neither_init_nor_reader() -> None:
    class RayCluster(common.FlyteIdlEntity):
        def __init__(self, replicas: int) -> None:
            self._replicas = replicas

        @property
        def replicas(self) -> int:
            return self._replicas

        def to_flyte_idl(self) -> Any:
            return literals_pb2.Primitive(integer=self._replicas)

    cluster = RayCluster(3)
    assert (cluster.replicas, cluster == RayCluster(3), cluster != RayCluster(4)) == (3, True, True)
    cluster._replicas = 4
    cluster.anything = "else"
    assert hash(cluster) == hash(RayCluster(4))
    assert "integer: 4" in cluster.short_string()


def test_attributes_are_set_before_the_constructor_runs() -> None:
    class FlyteNode(workflow.Node):
        def __init__(self, name: str) -> None:
            self._flyte_entity = name
            self._id = "before"
            super().__init__(name, None, [], [], [])

    class NodeOutput(types.OutputReference):
        def __init__(self, node: str, var: str) -> None:
            self._node = node
            super().__init__(node_id=node, var=var)

    node = FlyteNode("n")
    assert (node._flyte_entity, node.id, node.to_flyte_idl().id) == ("n", "n", "n")
    assert NodeOutput("n", "v")._node == "n"


class FlyteTaskNode(workflow.TaskNode):
    def __init__(self, flyte_task: Any) -> None:
        super().__init__(None)
        self._flyte_task = flyte_task

    @property
    def reference_id(self) -> Any:
        return self._flyte_task


class FlyteWorkflowNode(workflow.WorkflowNode):
    def __init__(self, flyte_workflow: Any = None, flyte_launch_plan: Any = None) -> None:
        super().__init__(None, None)
        self._flyte_workflow, self._flyte_launch_plan = flyte_workflow, flyte_launch_plan

    @property
    def launchplan_ref(self) -> Any:
        return self._flyte_launch_plan

    @property
    def sub_workflow_ref(self) -> Any:
        return self._flyte_workflow


class FlyteNode(workflow.Node):
    def __init__(self, inner: Any, upstream: list[Any]) -> None:
        super().__init__("n", None, [], None, [], None)
        self._inner, self._upstream = inner, upstream

    @property
    def task_node(self) -> Any:
        return self._inner

    @property
    def upstream_node_ids(self) -> list[str]:
        return sorted(each.id for each in self._upstream)


def test_writing_reads_the_properties_that_are_overridden() -> None:
    assert FlyteTaskNode(node_id("t")).to_flyte_idl().reference_id.name == "t"
    by_plan = FlyteWorkflowNode(flyte_launch_plan=node_id("l"))
    by_workflow = FlyteWorkflowNode(flyte_workflow=node_id("w"))
    assert by_plan.to_flyte_idl() == workflow_pb2.WorkflowNode(launchplan_ref=node_id("l").to_flyte_idl())
    assert by_workflow.to_flyte_idl() == workflow_pb2.WorkflowNode(sub_workflow_ref=node_id("w").to_flyte_idl())
    assert (by_plan.reference.name, by_workflow.reference.name) == ("l", "w")

    upstream = [FlyteNode(None, []), FlyteNode(None, [])]
    node = FlyteNode(FlyteTaskNode(node_id("t")), upstream)
    assert node._task_node is None
    written = node.to_flyte_idl()
    assert (written.task_node.reference_id.name, list(written.upstream_node_ids)) == ("t", ["n", "n"])
    # And where such a model stands in another one.
    outer = workflow.IfBlock(None, node)
    assert outer.to_flyte_idl().then_node == written


def test_writing_reads_the_properties_of_specs_and_references() -> None:
    class FlyteLaunchPlan(launch_plan.LaunchPlanSpec):
        @property
        def workflow_id(self) -> Any:
            return node_id("w")

    class NodeOutput(types.OutputReference):
        @property
        def node_id(self) -> str:
            return "from the node"

    spec = FlyteLaunchPlan(None, None, None, None, None, None, None, None)
    assert spec.to_flyte_idl().workflow_id.name == "w"
    promise = NodeOutput(None, "v")
    assert literals.BindingData(promise=promise).to_flyte_idl().promise.node_id == "from the node"


def test_an_overridden_writer_is_honoured() -> None:
    class Doubled(literals.Primitive):
        def to_flyte_idl(self) -> Any:
            return literals_pb2.Primitive(integer=2 * (self.integer or 0))

    doubled = Doubled(integer=3)
    assert doubled.to_flyte_idl().integer == 6
    assert literals.Scalar(primitive=doubled).to_flyte_idl().primitive.integer == 6


class HashByIdentity:
    def __hash__(self) -> int:
        return hash(id(self))


class TrackedMeta(type):
    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        made = super().__call__(*args, **kwargs)
        made.tracked = True
        return made


class TrackedABC(type(common.FlyteIdlEntity), TrackedMeta):
    pass


class Remote(ABC):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    @property
    @abstractmethod
    def entity_type_text(self) -> str: ...


class FlyteTask(HashByIdentity, Remote, task.TaskSpec, metaclass=TrackedABC):
    def __init__(self, template: Any, docs: Any = None) -> None:
        super().__init__(template=template, docs=docs)
        self.extra = "later"

    @property
    def entity_type_text(self) -> str:
        return "Task"

    @property
    def id(self) -> Any:
        return self.template.id


def test_metaclasses_combine_and_init_is_cooperative() -> None:
    assert issubclass(type(common.FlyteIdlEntity), ABCMeta)
    template = task.TaskTemplate.from_flyte_idl(tasks_pb2.TaskTemplate(id={"name": "t"}))
    one, other = FlyteTask(template), FlyteTask(template)
    assert one.tracked and one.extra == "later" and one.id.name == "t"
    assert hash(one) != hash(other)
    assert one == other
    assert len({one, other}) == 2
    assert one == task.TaskSpec(template)
    assert isinstance(one, task.TaskSpec) and isinstance(one, Remote) and isinstance(one, common.FlyteIdlEntity)

    class Incomplete(Remote, task.TaskSpec):
        pass

    with pytest.raises(TypeError, match="abstract"):
        Incomplete(template)


def test_reading_a_subclass_gives_the_subclass() -> None:
    class Closure(execution.ExecutionClosure):
        @classmethod
        def from_flyte_idl(cls, pb2_object: Any) -> Any:
            read = super().from_flyte_idl(pb2_object)
            read.seen = True
            return read

    read = Closure.from_flyte_idl(execution_pb2.ExecutionClosure(phase=2))
    assert (type(read), read.seen, read.phase) == (Closure, True, 2)


def test_subclasses_have_constructors_of_their_own() -> None:
    class CronSchedule(schedule.Schedule):
        def __init__(self, cron_expression: str) -> None:
            super().__init__(None, cron_expression=cron_expression)

        @classmethod
        def from_flyte_idl(cls, pb2_object: Any) -> Any:
            return schedule.Schedule.from_flyte_idl(pb2_object)

    class Email(common.Notification):
        def __init__(self, phases: list[int], recipients_email: list[str]) -> None:
            super().__init__(phases, email=common.EmailNotification(recipients_email))

    cron = CronSchedule("* * * * *")
    assert cron.to_flyte_idl().cron_expression == "* * * * *"
    assert type(CronSchedule.from_flyte_idl(schedule_pb2.Schedule(cron_expression="x"))) is schedule.Schedule
    email = Email([4], ["a@b"])
    assert list(email.to_flyte_idl().email.recipients_email) == ["a@b"]
    read = Email.from_flyte_idl(email.to_flyte_idl())
    assert (type(read), read.phases) == (Email, [4])


# Foreign values.


class CompilerNode:
    """A node of a compiler: no model, and no way to write it until it is replaced."""

    id = "n"


def test_a_node_that_cannot_be_written_yet_may_stand_for_one() -> None:
    block = workflow.IfBlock(None, CompilerNode())
    branch = workflow.IfElseBlock(block, else_node=CompilerNode())
    assert branch.case.then_node.id == branch.else_node.id == "n"
    with pytest.raises(TypeError, match=r"IfBlock\.then_node"):
        block.to_flyte_idl()
    replacement = workflow.Node("n", None, [], [], [])
    block._then_node = branch._else_node = replacement
    assert branch.to_flyte_idl().else_node.id == "n"


def test_a_pod_template_overrides_a_pod() -> None:
    template = PodTemplate(pod_spec={"containers": []}, labels={"a": "b"}, primary_container_name="main")
    overrides = workflow.TaskNodeOverrides(None, None, pod_template=template)
    assert overrides.pod_template is template
    pod = overrides.to_flyte_idl().pod_template
    assert (pod.primary_container_name, dict(pod.metadata.labels)) == ("main", {"a": "b"})
    assert list(pod.pod_spec) == ["containers"]


def test_containers_of_other_types() -> None:
    assert workflow.ArrayNode(None, bound_inputs={"b", "a"}).to_flyte_idl().bound_inputs == ["a", "b"]
    metadata = task.TaskMetadata(None, None, None, None, None, None, None, None, None, ("x",))
    assert metadata.cache_ignore_input_vars == ("x",)
    assert list(metadata.to_flyte_idl().cache_ignore_input_vars) == ["x"]
    inputs = OrderedDict(b=interface.Variable(types.LiteralType(simple=1), "d"))
    typed = interface.TypedInterface(inputs, {})
    assert typed.inputs is inputs
    assert list(typed.to_flyte_idl().inputs.variables) == ["b"]


def test_values_that_are_no_members_are_taken() -> None:
    sentinel = object()
    for cls in (common.Labels, common.Annotations, common.RawOutputDataConfig):
        assert next(iter(vars_of(cls(sentinel)))) is sentinel
    identity = node_id("n")
    assert workflow.Node(identity, None, [], [], []).id is identity
    config = task.DataLoadingConfig("i", "o", io_strategy=2)
    assert config._io_strategy == 2
    from flytekit.models.project import Project

    project = Project("i", "n", "d", state=None)
    assert project.to_flyte_idl() == project_pb2.Project(id="i", name="n", description="d")
    docs = documentation.Description("v")
    assert task.TaskSpec(None, docs).docs is docs


def vars_of(model: Any) -> list[Any]:
    return [getattr(model, slot) for slot in model._fm_slots.values()]


def test_raw_messages_stand_in_members() -> None:
    artifact = artifact_id_pb2.ArtifactID(version="1")
    variable = interface.Variable(types.LiteralType(simple=1), "d", artifact_partial_id=artifact)
    assert variable.to_flyte_idl().artifact_partial_id == artifact
    resources = tasks_pb2.ExtendedResources(gpu_accelerator={"device": "a"})
    template = task.TaskTemplate(None, "t", None, None, None, extended_resources=resources)
    assert template.to_flyte_idl().extended_resources == resources
    metadata = launch_plan.LaunchPlanMetadata(None, [], launch_conditions=artifact)
    unpacked = artifact_id_pb2.ArtifactID()
    assert metadata.to_flyte_idl().launch_conditions.Unpack(unpacked) and unpacked == artifact
    generic = struct_pb2.Struct(fields={"a": struct_pb2.Value(string_value="b")})
    assert literals.Scalar(generic=generic).to_flyte_idl().generic == generic
    # A message may stand for any model.
    raw = identifier_pb2.Identifier(name="n")
    assert workflow.TaskNode(raw).to_flyte_idl().reference_id == raw


def test_mocks_stand_in_any_argument() -> None:
    for cls in (task.TaskTemplate, workflow.Node, execution.ExecutionSpec, literals.LiteralMap, interface.Variable):
        positional = cls.__init__.__code__.co_argcount - 1
        given: list[Any] = [Mock() for _ in range(positional)]
        if cls is task.TaskTemplate:
            given[9:11] = [None, None]
        assert cls(*given)
    template = MagicMock(spec=task.TaskTemplate)
    template.id, template.interface = node_id("t"), None
    assert isinstance(template, task.TaskTemplate)
    assert task.TaskSpec(template).template.id.name == "t"
    with pytest.raises(AttributeError):
        _ = template.no_such_member
    with pytest.raises(TypeError):
        literals.Scalar(primitive=Mock(spec=[])).to_flyte_idl()


def test_a_mock_that_can_be_written_is_written() -> None:
    mock = Mock()
    mock.to_flyte_idl.return_value = literals_pb2.Primitive(integer=1)
    assert literals.Scalar(primitive=mock).to_flyte_idl().primitive.integer == 1


# Pickle.


@pytest.mark.parametrize(
    "value",
    [
        interface.TypedInterface({"a": interface.Variable(types.LiteralType(simple=1), "d")}, {}),
        interface.Variable(types.LiteralType(simple=1), "d"),
        types.LiteralType(structured_dataset_type=types.StructuredDatasetType(format="f")),
        documentation.Documentation("s", documentation.Description("v"), documentation.SourceCode("l")),
        documentation.Description("v"),
        node_id("n"),
        identifier.WorkflowExecutionIdentifier("p", "d", "n"),
        types.StructuredDatasetType.DatasetColumn("c", types.LiteralType(simple=1)),
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("how", [pickle, cloudpickle])
def test_models_and_classes_are_pickled(value: Any, how: Any) -> None:
    again = how.loads(how.dumps(value))
    assert (type(again), again) == (type(value), value)
    assert how.loads(how.dumps(type(value))) is type(value)
    read = type(value).from_flyte_idl(value.to_flyte_idl())
    assert how.loads(how.dumps(read)) == value
    assert copy.copy(read) == copy.deepcopy(read) == value


@pytest.mark.parametrize("name", [name for name in PICKLES if not name.startswith("class ")])
def test_pickles_of_flytekit_are_loaded(name: str) -> None:
    model = pickle.loads(base64.b64decode(PICKLES[name]["pickle"]))
    wire = base64.b64decode(PICKLES[name]["message"])
    assert model.to_flyte_idl().SerializeToString(deterministic=True) == wire
    assert type(model).from_flyte_idl(model.to_flyte_idl()) == model
    assert pickle.loads(pickle.dumps(model)) == model


def test_a_pickled_class_is_found() -> None:
    loaded = pickle.loads(base64.b64decode(PICKLES["class StructuredDatasetType.DatasetColumn"]["pickle"]))
    assert loaded is types.StructuredDatasetType.DatasetColumn


def test_a_literal_of_an_older_version_lacks_an_attribute() -> None:
    old = pickle.loads(base64.b64decode(PICKLES["Literal without offloaded_metadata"]["pickle"]))
    assert hasattr(old, "_offloaded_metadata") is False
    assert old.offloaded_metadata is None
    assert old.scalar.primitive.integer == 3
    assert (old.hash, old.metadata) == (None, None)
    assert hasattr(pickle.loads(base64.b64decode(PICKLES["Scalar"]["pickle"])), "_error")


# Types and truth.


def test_types_are_exact() -> None:
    message = literals_pb2.Literal(map=literals_pb2.LiteralMap(literals={"a": literals_pb2.Literal(scalar={})}))
    read = literals.Literal.from_flyte_idl(message)
    assert read.map is not None
    assert type(read.map) is literals.LiteralMap
    assert type(read.map.literals["a"].scalar) is literals.Scalar
    collection = literals.Literal.from_flyte_idl(literals_pb2.Literal(collection={"literals": [{}]})).collection
    assert type(collection) is literals.LiteralCollection
    assert type(literals.Scalar.from_flyte_idl(literals_pb2.Scalar(binary={"tag": "t"})).binary) is literals.Binary
    assert type(literals.Scalar.from_flyte_idl(literals_pb2.Scalar(generic={})).generic) is struct_pb2.Struct


def test_lists_are_real_lists() -> None:
    container = task.Container.from_flyte_idl(tasks_pb2.Container(args=["a"], command=["c"]))
    assert isinstance(container.args, list) and isinstance(container.command, list)
    assert container.args.copy() + ["b"] == ["a", "b"]
    assert (container.command + container.args, container._args) == (["c", "a"], ["a"])


def test_models_are_true() -> None:
    for empty in (literals.LiteralMap({}), literals.Void(), common.Labels({}), literals.LiteralCollection([])):
        assert empty
        assert type(empty).from_flyte_idl(empty.to_flyte_idl())
    assert security.SecurityContext()


def test_vars_may_be_asked() -> None:
    model = literals.LiteralMap({})
    assert vars(model) == {}
    model.own = 1
    assert vars(model) == {"own": 1}
    assert vars(security.Secret("g"))["group"] == "g"


# Equality, hash, text.


def test_identifiers_are_keys() -> None:
    calls: list[Any] = []

    @lru_cache
    def cached(key: Any) -> Any:
        calls.append(key)
        return key.name

    assert cached(node_id("a")) == cached(node_id("a")) == "a"
    assert len(calls) == 1
    assert {node_id("a"): 1}[identifier.Identifier.from_flyte_idl(node_id("a").to_flyte_idl())] == 1


def test_workflow_templates_are_sorted_by_text() -> None:
    templates = [workflow.WorkflowTemplate.from_flyte_idl(workflow_pb2.WorkflowTemplate(id={"name": n})) for n in "bab"]
    distinct = sorted(set(templates), key=lambda template: template.short_string())
    assert [template.id.name for template in distinct] == ["a", "b"]
    assert [template.id.name for template in sorted(templates, key=str)] == ["a", "b", "b"]


def test_comparison_with_anything_is_no_error() -> None:
    model = literals.Void()
    for other in (None, 1, "x", object(), literals_pb2.Void(), []):
        assert (model == other) is False
        assert (model != other) is True
    assert (literals.Void() == literals.Void(), literals.Void() != literals.Void()) == (True, False)
    assert launch_plan.Auth("a") != common.AuthRole("a")


def test_the_base_protocol() -> None:
    class Shown(types.Error):
        def _repr_html_(self) -> str:
            return f"<div>{super()._repr_html_()}</div>"

    assert (literals.LiteralMap({}).is_empty, literal(1).is_empty) == (True, False)
    assert literal(1).serialize_to_string() == literal(1).to_flyte_idl().SerializeToString()
    assert Shown("n", "m")._repr_html_().startswith("<div><h4>Shown</h4><pre>")


# Dataclass models, re-exports.


def test_dataclass_models_are_mutable() -> None:
    secret = security.Secret("g", mount_requirement=security.Secret.MountType.FILE)
    assert is_dataclass(secret) and secret.mount_requirement.value == 2
    secret.key = "k"
    assert secret.to_flyte_idl().key == "k"
    assert replace(secret, key="l").key == "l"
    read = security.Secret.from_flyte_idl(secret.to_flyte_idl())
    assert read.mount_requirement is security.Secret.MountType.FILE
    read.group = "h"
    assert read.to_flyte_idl().group == "h"
    documented = documentation.Documentation("s")
    documented.long_description = documentation.Description("v")
    assert documented.to_flyte_idl().long_description.value == "v"
    assert security.SecurityContext().to_flyte_idl() is None
    context = security.SecurityContext(secrets=secret)
    assert context.secrets == [secret]
    context.secrets = None
    assert context.to_flyte_idl() is None


def test_an_empty_security_context_leaves_no_trace_in_its_parents() -> None:
    template = task.TaskTemplate(None, "t", None, None, None, security_context=security.SecurityContext())
    assert not template.to_flyte_idl().HasField("security_context")


def test_re_exports() -> None:
    assert literals.Error is types.Error
    assert literals.LiteralType is types.LiteralType


# Private names of the utilities.


def test_private_names_of_the_utilities() -> None:
    from flytekit.core import local_cache
    from flytekit.core.tracker import TrackedInstance
    from flytekit.lazy_import.lazy_module import _LazyModule
    from flytekit.utils.asyn import _TaskRunner, loop_manager

    assert isinstance(loop_manager._runner_map, dict)
    assert callable(_TaskRunner.get_exc_handler)
    inputs = literals.LiteralMap({"a": literal(1)})
    assert local_cache._calculate_cache_key("t", "v", inputs) == local_cache._calculate_cache_key("t", "v", inputs)
    assert local_cache._recursive_hash_placement(literal(1)) == literal(1)
    assert "_cache" in local_cache.LocalTaskCache.__annotations__
    assert issubclass(_LazyModule, type(json))
    assert isinstance(TrackedInstance()._module_file, (Path, type(None)))

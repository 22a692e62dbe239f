"""The subjects, built from plain Python values: by models (ours and the hand-written have one API) and by protobuf.

Each pair of functions makes the same message; ``benchmarks.worker`` refuses to measure if it does not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

_COMMAND = ["pyflyte-execute", "--inputs", "{{.input}}", "--output-prefix", "{{.outputPrefix}}", "--resolver", "r"]
_ENVIRONMENT = {"FLYTE_INTERNAL_IMAGE": "registry.example/image:1", "PYTHONUNBUFFERED": "1"}
_PER_TASK = 20
"""Nodes of a workflow for each task of it."""


# --- an identifier ----------------------------------------------------------------------------------------------------


def identifier(n: int) -> Any:
    from flytekit.models.core.identifier import Identifier, ResourceType

    return Identifier(ResourceType.TASK, "flytesnacks", "development", f"workflows.example.task_{n}", "8f2c1b7")


def identifier_by_hand(n: int) -> Any:
    from flyteidl.core import identifier_pb2

    message = identifier_pb2.Identifier()
    _fill_identifier(message, 1, f"workflows.example.task_{n}")
    return message


def _fill_identifier(message: Any, resource_type: int, name: str) -> None:
    message.resource_type = resource_type
    message.project = "flytesnacks"
    message.domain = "development"
    message.name = name
    message.version = "8f2c1b7"


# --- literals ---------------------------------------------------------------------------------------------------------


def literal_map(n: int) -> Any:
    from flytekit.models.literals import Literal, LiteralMap, Primitive, Scalar

    return LiteralMap({f"o{i}": Literal(scalar=Scalar(primitive=Primitive(integer=i))) for i in range(n)})


def literal_map_by_hand(n: int) -> Any:
    from flyteidl.core import literals_pb2

    message = literals_pb2.LiteralMap()
    literals = message.literals
    for i in range(n):
        literals[f"o{i}"].scalar.primitive.integer = i
    return message


def nested_literals(n: int) -> Any:
    from flytekit.models.literals import Literal, LiteralCollection, LiteralMap, Primitive, Scalar

    def leaves(i: int) -> Any:
        strings = [Literal(scalar=Scalar(primitive=Primitive(string_value=f"s{i}.{j}"))) for j in range(10)]
        return Literal(collection=LiteralCollection(strings))

    outer = [Literal(map=LiteralMap({"a": leaves(i), "b": leaves(i)})) for i in range(n)]
    return LiteralMap({"nested": Literal(collection=LiteralCollection(outer))})


def nested_literals_by_hand(n: int) -> Any:
    from flyteidl.core import literals_pb2

    message = literals_pb2.LiteralMap()
    outer = message.literals["nested"].collection.literals
    for i in range(n):
        both = outer.add().map.literals
        for key in ("a", "b"):
            leaves = both[key].collection.literals
            for j in range(10):
                leaves.add().scalar.primitive.string_value = f"s{i}.{j}"
    return message


# --- a task -----------------------------------------------------------------------------------------------------------


def task_template(n: int) -> Any:
    from flytekit.models.core.identifier import Identifier, ResourceType
    from flytekit.models.interface import TypedInterface, Variable
    from flytekit.models.security import Identity, SecurityContext
    from flytekit.models.task import Container, Resources, RuntimeMetadata, TaskMetadata, TaskTemplate
    from flytekit.models.types import LiteralType

    entry = Resources.ResourceEntry
    return TaskTemplate(
        id=Identifier(ResourceType.TASK, "flytesnacks", "development", f"workflows.example.task_{n}", "8f2c1b7"),
        type="python-task",
        metadata=TaskMetadata(
            discoverable=True,
            runtime=RuntimeMetadata(1, "1.16.31", "python"),
            timeout=timedelta(minutes=10),
            retries=_retries(3),
            interruptible=True,
            discovery_version="1",
            deprecated_error_message="",
            cache_serializable=True,
            pod_template_name="",
            cache_ignore_input_vars=["seed"],
        ),
        interface=TypedInterface(
            inputs={name: Variable(LiteralType(simple=1), f"input {name}") for name in ("a", "b", "seed")},
            outputs={"o0": Variable(LiteralType(simple=3), "output")},
        ),
        custom={"kind": "example", "workers": 4.0, "labels": {"team": "a"}},
        container=Container(
            image="registry.example/image:1",
            command=[],
            args=[*_COMMAND, f"task_{n}"],
            resources=Resources([entry(1, "1"), entry(3, "1Gi")], [entry(1, "2"), entry(3, "2Gi")]),
            env=dict(_ENVIRONMENT),
            config={},
        ),
        security_context=SecurityContext(run_as=Identity(k8s_service_account="default")),
        config={"cluster": "a"},
    )


def _retries(retries: int) -> Any:
    from flytekit.models.literals import RetryStrategy

    return RetryStrategy(retries)


def task_template_by_hand(n: int) -> Any:
    from flyteidl.core import tasks_pb2

    message = tasks_pb2.TaskTemplate()
    _fill_task(message, n)
    return message


def _fill_task(message: Any, n: int) -> None:
    _fill_identifier(message.id, 1, f"workflows.example.task_{n}")
    message.type = "python-task"
    metadata = message.metadata
    metadata.discoverable = True
    metadata.runtime.type = 1
    metadata.runtime.version = "1.16.31"
    metadata.runtime.flavor = "python"
    metadata.timeout.seconds = 600
    metadata.retries.retries = 3
    metadata.interruptible = True
    metadata.discovery_version = "1"
    metadata.cache_serializable = True
    metadata.cache_ignore_input_vars.append("seed")
    metadata.generates_deck.value = False
    interface = message.interface
    for name in ("a", "b", "seed"):
        variable = interface.inputs.variables[name]
        variable.type.simple = 1
        variable.description = f"input {name}"
    variable = interface.outputs.variables["o0"]
    variable.type.simple = 3
    variable.description = "output"
    custom = message.custom.fields
    custom["kind"].string_value = "example"
    custom["workers"].number_value = 4.0
    custom["labels"].struct_value.fields["team"].string_value = "a"
    container = message.container
    container.image = "registry.example/image:1"
    container.args.extend([*_COMMAND, f"task_{n}"])
    for entries, amounts in ((container.resources.requests, ("1", "1Gi")), (container.resources.limits, ("2", "2Gi"))):
        for number, amount in zip((1, 3), amounts, strict=True):
            entry = entries.add()
            entry.name = number
            entry.value = amount
    for key, value in _ENVIRONMENT.items():
        pair = container.env.add()
        pair.key = key
        pair.value = value
    message.security_context.run_as.k8s_service_account = "default"
    message.config["cluster"] = "a"


# --- a workflow -------------------------------------------------------------------------------------------------------


def closure(n: int) -> Any:
    from flytekit.models.core.compiler import CompiledWorkflow, CompiledWorkflowClosure, ConnectionSet
    from flytekit.models.core.identifier import Identifier, ResourceType
    from flytekit.models.core.workflow import WorkflowMetadata, WorkflowMetadataDefaults, WorkflowTemplate
    from flytekit.models.interface import TypedInterface, Variable
    from flytekit.models.literals import Binding
    from flytekit.models.task import CompiledTask
    from flytekit.models.types import LiteralType

    template = WorkflowTemplate(
        id=Identifier(ResourceType.WORKFLOW, "flytesnacks", "development", "workflows.example.wf", "8f2c1b7"),
        metadata=WorkflowMetadata(on_failure=0),
        metadata_defaults=WorkflowMetadataDefaults(interruptible=False),
        interface=TypedInterface(
            inputs={"a": Variable(LiteralType(simple=1), "")}, outputs={"o0": Variable(LiteralType(simple=3), "")}
        ),
        nodes=[_node(i) for i in range(n)],
        outputs=[Binding("o0", _promise(f"n{n - 1}"))],
    )
    # The hand-written class writes upstream into downstream: the same for both, or the messages would differ.
    next_to = {f"n{i}": ConnectionSet.IdList([f"n{i + 1}"]) for i in range(n - 1)}
    return CompiledWorkflowClosure(
        primary=CompiledWorkflow(template, ConnectionSet(upstream=next_to, downstream=next_to)),
        sub_workflows=[],
        tasks=[CompiledTask(task_template(i)) for i in range(max(1, n // _PER_TASK))],
    )


def _promise(node: str) -> Any:
    from flytekit.models.literals import BindingData
    from flytekit.models.types import OutputReference

    return BindingData(promise=OutputReference(node, "o0"))


def _node(i: int) -> Any:
    from flytekit.models.core.workflow import ArrayNode, BranchNode, Node

    about = {
        "id": f"n{i}",
        "metadata": _node_metadata(i),
        "inputs": _bindings(i),
        "upstream_node_ids": [f"n{i - 1}"] if i else [],
        "output_aliases": [],
    }
    if i % 10 == 8:
        return Node(**about, branch_node=BranchNode(_if_else(i)))
    if i % 10 == 9:
        return Node(**about, array_node=ArrayNode(_task_node(i, "array"), parallelism=4, min_success_ratio=0.5))
    return Node(**about, task_node=_reference(i))


def _task_node(i: int, name: str) -> Any:
    from flytekit.models.core.workflow import Node

    return Node(f"n{i}-{name}", _node_metadata(i), _bindings(i), [], [], task_node=_reference(i))


def _node_metadata(i: int) -> Any:
    from flytekit.models.core.workflow import NodeMetadata

    return NodeMetadata(
        f"task_{i}", timeout=timedelta(minutes=5), retries=_retries(1), interruptible=False, cacheable=True
    )


def _bindings(i: int) -> Any:
    from flytekit.models.literals import Binding, BindingData, Primitive, Scalar

    constant = BindingData(scalar=Scalar(primitive=Primitive(integer=i)))
    return [Binding("a", _promise(f"n{i - 1}" if i else "start-node")), Binding("b", constant)]


def _reference(i: int) -> Any:
    from flytekit.models.core.identifier import Identifier, ResourceType
    from flytekit.models.core.workflow import TaskNode

    name = f"workflows.example.task_{i // _PER_TASK}"
    return TaskNode(Identifier(ResourceType.TASK, "flytesnacks", "development", name, "8f2c1b7"))


def _if_else(i: int) -> Any:
    from flytekit.models.core.condition import BooleanExpression, ComparisonExpression, Operand
    from flytekit.models.core.workflow import IfBlock, IfElseBlock
    from flytekit.models.literals import Primitive

    left, right = Operand(var="a"), Operand(primitive=Primitive(integer=i))
    condition = BooleanExpression(comparison=ComparisonExpression(2, left, right))
    return IfElseBlock(IfBlock(condition, _task_node(i, "then")), else_node=_task_node(i, "else"))


def closure_by_hand(n: int) -> Any:
    from flyteidl.core import compiler_pb2

    message = compiler_pb2.CompiledWorkflowClosure()
    primary = message.primary
    template = primary.template
    _fill_identifier(template.id, 2, "workflows.example.wf")
    template.metadata.on_failure = 0
    template.metadata.SetInParent()
    template.metadata_defaults.SetInParent()
    template.interface.inputs.variables["a"].type.simple = 1
    template.interface.outputs.variables["o0"].type.simple = 3
    nodes = template.nodes
    for i in range(n):
        _fill_node(nodes.add(), i)
    output = template.outputs.add()
    output.var = "o0"
    promise = output.binding.promise
    promise.node_id = f"n{n - 1}"
    promise.var = "o0"
    downstream, upstream = primary.connections.downstream, primary.connections.upstream
    for i in range(n - 1):
        downstream[f"n{i}"].ids.append(f"n{i + 1}")
        upstream[f"n{i}"].ids.append(f"n{i + 1}")
    tasks = message.tasks
    for i in range(max(1, n // _PER_TASK)):
        _fill_task(tasks.add().template, i)
    return message


def _fill_node(node: Any, i: int) -> None:
    if i % 10 == 8:
        branch = node.branch_node.if_else
        comparison = branch.case.condition.comparison
        comparison.operator = 2
        comparison.left_value.var = "a"
        comparison.right_value.primitive.integer = i
        _fill_task_node(branch.case.then_node, i, f"n{i}-then")
        _fill_task_node(branch.else_node, i, f"n{i}-else")
        _fill_node_head(node, i, f"n{i}")
    elif i % 10 == 9:
        array = node.array_node
        _fill_task_node(array.node, i, f"n{i}-array")
        array.parallelism = 4
        array.min_success_ratio = 0.5
        array.is_original_sub_node_interface.SetInParent()
        _fill_node_head(node, i, f"n{i}")
    else:
        _fill_task_node(node, i, f"n{i}")
    if i:
        node.upstream_node_ids.append(f"n{i - 1}")


def _fill_node_head(node: Any, i: int, name: str) -> None:
    node.id = name
    metadata = node.metadata
    metadata.name = f"task_{i}"
    metadata.timeout.seconds = 300
    metadata.retries.retries = 1
    metadata.interruptible = False
    metadata.cacheable = True
    inputs = node.inputs
    binding = inputs.add()
    binding.var = "a"
    promise = binding.binding.promise
    promise.node_id = f"n{i - 1}" if i else "start-node"
    promise.var = "o0"
    binding = inputs.add()
    binding.var = "b"
    binding.binding.scalar.primitive.integer = i


def _fill_task_node(node: Any, i: int, name: str) -> None:
    _fill_node_head(node, i, name)
    _fill_identifier(node.task_node.reference_id, 1, f"workflows.example.task_{i // _PER_TASK}")


# --- a page of executions ---------------------------------------------------------------------------------------------

_STARTED = datetime(2026, 1, 2, 3, 4, 5, 678000, timezone.utc)


class Page:
    """What the hand-written models have no class for: a page of executions, read and written one by one."""

    def __init__(self, executions: list[Any]) -> None:
        self.executions = executions

    @classmethod
    def from_flyte_idl(cls, message: Any) -> Page:
        from flytekit.models.execution import Execution

        return cls([Execution.from_flyte_idl(execution) for execution in message.executions])

    def to_flyte_idl(self) -> Any:
        from flyteidl.admin import execution_pb2

        return execution_pb2.ExecutionList(executions=[execution.to_flyte_idl() for execution in self.executions])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Page) and self.executions == other.executions

    def __hash__(self) -> int:
        return hash(tuple(self.executions))

    def short_string(self) -> str:
        return "".join(execution.short_string() for execution in self.executions)


def page(n: int) -> Any:
    import flytekit.models.execution as models

    executions = [_execution(i) for i in range(n)]
    return models.ExecutionList(executions=executions) if hasattr(models, "ExecutionList") else Page(executions)


def _execution(i: int) -> Any:
    from flytekit.models.common import Annotations, AuthRole, Labels, RawOutputDataConfig
    from flytekit.models.core.identifier import Identifier, ResourceType, WorkflowExecutionIdentifier
    from flytekit.models.execution import Execution, ExecutionClosure, ExecutionMetadata, ExecutionSpec

    launch_plan = Identifier(ResourceType.LAUNCH_PLAN, "flytesnacks", "development", "workflows.example.wf", "8f2c1b7")
    return Execution(
        id=WorkflowExecutionIdentifier("flytesnacks", "development", f"f{i:019x}"),
        spec=ExecutionSpec(
            launch_plan,
            ExecutionMetadata(1, "someone", 0),
            labels=Labels({"team": "a"}),
            annotations=Annotations({"note": f"run {i}"}),
            auth_role=AuthRole(kubernetes_service_account="default"),
            raw_output_data_config=RawOutputDataConfig("s3://bucket/raw"),
            max_parallelism=25,
        ),
        closure=ExecutionClosure(4, _STARTED, timedelta(seconds=i), created_at=_STARTED, updated_at=_STARTED),
    )


def page_by_hand(n: int) -> Any:
    from flyteidl.admin import execution_pb2

    message = execution_pb2.ExecutionList()
    executions = message.executions
    for i in range(n):
        execution = executions.add()
        execution.id.project = "flytesnacks"
        execution.id.domain = "development"
        execution.id.name = f"f{i:019x}"
        spec = execution.spec
        _fill_identifier(spec.launch_plan, 3, "workflows.example.wf")
        spec.metadata.mode = 1
        spec.metadata.principal = "someone"
        spec.labels.values["team"] = "a"
        spec.annotations.values["note"] = f"run {i}"
        spec.auth_role.kubernetes_service_account = "default"
        spec.raw_output_data_config.output_location_prefix = "s3://bucket/raw"
        spec.max_parallelism = 25
        closure = execution.closure
        closure.phase = 4
        seconds = int(_STARTED.timestamp())
        for moment in (closure.started_at, closure.created_at, closure.updated_at):
            moment.seconds = seconds
            moment.nanos = 678000000
        closure.duration.seconds = i
        closure.duration.SetInParent()
    return message


# --- a workflow with unions and dataclasses ---------------------------------------------------------------------------


def workflow_spec(n: int) -> Any:
    from flytekit.models.admin.workflow import WorkflowSpec
    from flytekit.models.core.identifier import Identifier, ResourceType
    from flytekit.models.core.workflow import WorkflowMetadata, WorkflowMetadataDefaults, WorkflowTemplate
    from flytekit.models.interface import TypedInterface, Variable

    variables = {f"v{i}": Variable(_rich_type(i), "") for i in range(n)}
    template = WorkflowTemplate(
        id=Identifier(ResourceType.WORKFLOW, "flytesnacks", "development", "workflows.example.wf", "8f2c1b7"),
        metadata=WorkflowMetadata(on_failure=0),
        metadata_defaults=WorkflowMetadataDefaults(interruptible=False),
        interface=TypedInterface(inputs=variables, outputs={}),
        nodes=[_node(i) for i in range(n)],
        outputs=[],
    )
    return WorkflowSpec(template, [])


def _rich_type(i: int) -> Any:
    from flytekit.models.annotation import TypeAnnotation
    from flytekit.models.types import LiteralType, TypeStructure, UnionType

    if i % 2:
        fields = {"x": LiteralType(simple=1), "y": LiteralType(simple=3)}
        schema = {"title": f"Data{i}", "properties": {"x": {"type": "integer"}, "y": {"type": "string"}}}
        return LiteralType(
            simple=9,
            metadata=schema,
            structure=TypeStructure("dataclass", fields),
            annotation=TypeAnnotation({"unit": "m"}),
        )
    variants = [
        LiteralType(simple=simple, structure=TypeStructure(tag))
        for simple, tag in ((1, "int"), (3, "str"), (0, "none"))
    ]
    return LiteralType(union_type=UnionType(variants))


def workflow_spec_by_hand(n: int) -> Any:
    from flyteidl.admin import workflow_pb2

    message = workflow_pb2.WorkflowSpec()
    template = message.template
    _fill_identifier(template.id, 2, "workflows.example.wf")
    template.metadata.SetInParent()
    template.metadata_defaults.SetInParent()
    variables = template.interface.inputs.variables
    template.interface.outputs.SetInParent()
    for i in range(n):
        _fill_rich_type(variables[f"v{i}"].type, i)
    nodes = template.nodes
    for i in range(n):
        _fill_node(nodes.add(), i)
    return message


def _fill_rich_type(message: Any, i: int) -> None:
    if i % 2:
        message.simple = 9
        schema = message.metadata.fields
        schema["title"].string_value = f"Data{i}"
        properties = schema["properties"].struct_value.fields
        properties["x"].struct_value.fields["type"].string_value = "integer"
        properties["y"].struct_value.fields["type"].string_value = "string"
        message.structure.tag = "dataclass"
        fields = message.structure.dataclass_type
        fields["x"].simple = 1
        fields["y"].simple = 3
        message.annotation.annotations.fields["unit"].string_value = "m"
        return
    variants = message.union_type.variants
    for simple, tag in ((1, "int"), (3, "str"), (0, "none")):
        variant = variants.add()
        variant.simple = simple
        variant.structure.tag = tag


# --- all of them ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Subject:
    """One kind of subject, of any size."""

    model: str
    """The model's class: module below ``flytekit.models`` and class."""
    message: str
    """The message's class: module below ``flyteidl`` and class."""
    build: Callable[[int], Any]
    build_by_hand: Callable[[int], Any]
    leaf: tuple[str | int, ...]
    """The way from the model to one leaf: attributes (with a dot) and keys of containers."""


_NESTED_LEAF = (
    *(".literals", "nested", ".collection", ".literals", 0, ".map", ".literals", "a", ".collection", ".literals", 0),
    *(".scalar", ".primitive", ".string_value"),
)

SUBJECTS = {
    "identifier": Subject(
        "core.identifier:Identifier", "core.identifier_pb2:Identifier", identifier, identifier_by_hand, (".name",)
    ),
    "literals": Subject(
        "literals:LiteralMap",
        "core.literals_pb2:LiteralMap",
        literal_map,
        literal_map_by_hand,
        (".literals", "o1", ".scalar", ".primitive", ".integer"),
    ),
    "nested": Subject(
        "literals:LiteralMap",
        "core.literals_pb2:LiteralMap",
        nested_literals,
        nested_literals_by_hand,
        _NESTED_LEAF,
    ),
    "task": Subject(
        "task:TaskTemplate",
        "core.tasks_pb2:TaskTemplate",
        task_template,
        task_template_by_hand,
        (".container", ".image"),
    ),
    "closure": Subject(
        "core.compiler:CompiledWorkflowClosure",
        "core.compiler_pb2:CompiledWorkflowClosure",
        closure,
        closure_by_hand,
        (".primary", ".template", ".id", ".name"),
    ),
    "executions": Subject(
        "execution:ExecutionList",
        "admin.execution_pb2:ExecutionList",
        page,
        page_by_hand,
        (".executions", 0, ".id", ".name"),
    ),
    "workflow": Subject(
        "admin.workflow:WorkflowSpec",
        "admin.workflow_pb2:WorkflowSpec",
        workflow_spec,
        workflow_spec_by_hand,
        (".template", ".id", ".name"),
    ),
}

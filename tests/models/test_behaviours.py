"""What models do beyond their fields: derived members, conversions of arguments, ways from and to other forms."""

# Arguments that the annotations do not allow are given as flytekit's callers give them.
# mypy: disable-error-code="arg-type,attr-defined,union-attr"

from __future__ import annotations

import sys
from datetime import datetime, timedelta, timezone
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from flyteidl.core import literals_pb2, types_pb2

from flytekit.core.pod_template import PRIMARY_CONTAINER_DEFAULT_NAME, PodTemplate
from flytekit.exceptions.user import FlyteValidationException, FlyteValueException
from flytekit.models import (
    array_job,
    concurrency,
    execution,
    filters,
    interface,
    launch_plan,
    literals,
    matchable_resource,
    node_execution,
    project,
    security,
    task,
    types,
)
from flytekit.models.admin.common import Sort
from flytekit.models.core import catalog, errors, identifier, workflow
from flytekit.models.core.types import BlobType, EnumType

ONE = literals.Scalar(primitive=literals.Primitive(integer=1))
INTEGER = types.LiteralType(simple=types.SimpleType.INTEGER)

# Filters and sorting.


@pytest.mark.parametrize(
    ("text", "kind", "written"),
    [
        ("eq(a,b)", filters.Equal, "eq(a,b)"),
        ("ne( a , b )", filters.NotEqual, "ne(a,b)"),
        ("gt(a,1)", filters.GreaterThan, "gt(a,1)"),
        ("gte(a,1)", filters.GreaterThanOrEqual, "gte(a,1)"),
        ("lt(a,1)", filters.LessThan, "lt(a,1)"),
        ("lte(a,1)", filters.LessThanOrEqual, "lte(a,1)"),
        ("contains(a,b;c)", filters.Contains, "contains(a,b;c)"),
        ("value_in(a,b)", filters.ValueIn, "value_in(a,b)"),
        ("value_not_in(a,b;c)", filters.ValueNotIn, "value_not_in(a,b;c)"),
    ],
)
def test_filters_are_read_and_written(text: str, kind: type[filters.Filter], written: str) -> None:
    read = filters.Filter.from_python_std(text)
    assert (type(read), read.to_flyte_idl()) == (kind, written)
    assert str(read) == f"Flyte Serialized object ({kind.__name__}):\n{written}"
    assert filters.FilterList([read, read]).to_flyte_idl() == f"{written}+{written}"
    assert read.serialize_to_string() == written.encode()
    assert kind._parse_from_string(text).to_flyte_idl() == written


@pytest.mark.parametrize("text", ["nope(a,b)", "eq(a)", "eq(a,b,c)", "eq(a,b", "", "eqa,b)"])
def test_what_is_no_filter_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="filter"):
        filters.Filter.from_python_std(text)


def test_set_filters_take_lists() -> None:
    with pytest.raises(TypeError, match=r"values must be a list\. but got str"):
        filters.ValueIn("a", "b")
    assert filters.ValueIn._parse_value("a;b") == ["a", "b"]


def test_sort_orders_are_read() -> None:
    ascending, descending = Sort.from_python_std("asc(name)"), Sort.from_python_std(" desc( name ) ")
    assert (ascending.key, ascending.direction) == ("name", Sort.Direction.ASCENDING)
    assert (descending.key, descending.direction) == ("name", Sort.Direction.DESCENDING)
    for wrong in ("up(name)", "asc(name", "asc"):
        with pytest.raises(ValueError, match="sort order"):
            Sort.from_python_std(wrong)


# Bindings, types, interfaces.


def test_known_bindings_are_literals() -> None:
    bound = literals.BindingData(scalar=ONE)
    assert bound.to_literal_model() == literals.Literal(scalar=ONE)
    several = literals.BindingData(collection=literals.BindingDataCollection([bound, bound]))
    assert [each.scalar for each in several.to_literal_model().collection.literals] == [ONE, ONE]
    named = literals.BindingData(map=literals.BindingDataMap({"a": several}))
    assert list(named.to_literal_model().map.literals) == ["a"]
    assert literals.BindingData().to_literal_model() is None
    promise = literals.BindingData(promise=types.OutputReference("n", "v"))
    with pytest.raises(FlyteValueException):
        literals.BindingData(collection=literals.BindingDataCollection([promise])).to_literal_model()


@pytest.mark.parametrize(
    ("literal_type", "text"),
    [
        (INTEGER, "Simple"),
        (types.LiteralType(schema=types.SchemaType([])), "Schema"),
        (types.LiteralType(collection_type=types.LiteralType(collection_type=INTEGER)), "List[List[Simple]]"),
        (types.LiteralType(map_value_type=INTEGER), "Dict[str, Simple]"),
        (types.LiteralType(blob=BlobType("", 0)), "File"),
        (types.LiteralType(blob=BlobType("", 1)), "Directory"),
        (types.LiteralType(blob=BlobType("", 2)), "Unknown Blob Type"),
        (types.LiteralType(enum_type=EnumType([])), "Enum"),
        (types.LiteralType(union_type=types.UnionType([INTEGER])), "Union"),
        (
            types.LiteralType(structured_dataset_type=types.StructuredDatasetType(format="parquet")),
            "StructuredDataset(format=parquet)",
        ),
        (types.LiteralType(), "Unknown Type"),
    ],
)
def test_types_in_a_few_words(literal_type: types.LiteralType, text: str) -> None:
    assert list(literal_type.__rich_repr__()) == [text]


def test_interfaces_of_maps_are_of_lists() -> None:
    variable = interface.Variable(INTEGER, "d")
    listed = variable.to_flyte_idl_list()
    assert listed.type == types_pb2.LiteralType(collection_type=types_pb2.LiteralType(simple=1))
    assert listed.description == "d"
    typed = interface.TypedInterface({"a": variable, "b": variable, "c": variable}, {"o": variable})
    mapped = typed.transform_interface_to_list({"a"}, {"b"})
    assert mapped.inputs["a"] == variable
    assert "b" not in mapped.inputs
    assert mapped.inputs["c"].to_flyte_idl() == mapped.outputs["o"].to_flyte_idl() == listed


def test_a_literal_takes_a_hash_and_metadata() -> None:
    literal = literals.Literal(scalar=ONE)
    literal.set_metadata({"a": "b"})
    assert literal.to_flyte_idl().metadata == {"a": "b"}


def test_datetimes_of_primitives_are_aware() -> None:
    naive = datetime(2020, 1, 1)
    assert literals.Primitive(datetime=naive).datetime == naive.replace(tzinfo=timezone.utc)
    two_hours = timezone(timedelta(hours=2))
    assert literals.Primitive(datetime=naive.replace(tzinfo=two_hours)).to_flyte_idl().datetime.seconds == 1577829600
    span = timedelta(days=-1, seconds=3, microseconds=5)
    assert literals.Primitive.from_flyte_idl(literals.Primitive(duration=span).to_flyte_idl()).duration == span


# What constructors put in place of what they are given.


def test_defaults_that_constructors_put_in_place() -> None:
    assert concurrency.ConcurrencyPolicy(3).behavior == concurrency.ConcurrencyLimitBehavior.SKIP
    assert concurrency.ConcurrencyPolicy(3, 0).behavior == 0
    metadata = workflow.NodeMetadata("n")
    assert (metadata.timeout, metadata.retries) == (timedelta(), literals.RetryStrategy(0))
    spec = execution.ExecutionSpec(None, None)
    assert (spec.labels.values, spec.annotations.values, spec.auth_role.assumable_iam_role) == ({}, {}, None)
    assert launch_plan.LaunchPlan(None, None, None).id.resource_type == identifier.ResourceType.LAUNCH_PLAN
    given = identifier.Identifier(1, "p", "d", "n", "v")
    assert launch_plan.LaunchPlan(given, None, None, True).id is given
    assert launch_plan.LaunchPlan(given, None, None, True).should_auto_activate is True
    moment = errors.ContainerError("c", "m", 0, 0).timestamp
    assert errors.ContainerError("c", "m", 0, 0, moment).timestamp is moment
    secret = security.Secret("g")
    assert security.SecurityContext(secrets=secret, tokens=[]).secrets == [secret]


def test_derived_properties() -> None:
    closure = node_execution.NodeExecutionClosure
    metadata = node_execution.WorkflowNodeMetadata(None)
    assert closure(0, None, None).target_metadata is None
    assert closure(0, None, None, workflow_node_metadata=metadata).target_metadata is metadata
    approve = workflow.ApproveCondition("a")
    assert workflow.GateNode(approve=approve).condition is approve
    execution_id = identifier.TaskExecutionIdentifier(None, None, 1)
    assert catalog.CatalogMetadata(None, None, execution_id).source_execution is execution_id


def test_names_of_behaviours_and_states() -> None:
    override = matchable_resource.PluginOverride
    assert (override.string_to_enum("FAIL"), override.string_to_enum("USE_DEFAULT")) == (0, 1)
    assert override.string_to_enum("no such") == "<UNKNOWN>"
    archived, active = project.Project.archived_project("i"), project.Project.active_project("i")
    assert (archived.id, archived.state, active.state) == ("i", 1, 0)
    assert archived.to_flyte_idl().state == 1


def test_data_responses_have_a_common_base() -> None:
    class Response(execution._CommonDataResponse):
        def to_flyte_idl(self) -> Any:
            return literals_pb2.LiteralMap()

    response = Response("i", "o", "fi", "fo")
    assert (response.inputs, response.outputs, response.full_inputs, response.full_outputs) == ("i", "o", "fi", "fo")
    generated = execution.NodeExecutionGetDataResponse("i", outputs="o", full_inputs="fi", full_outputs="fo")
    assert isinstance(generated, execution._CommonDataResponse)
    assert (generated._inputs, generated.dynamic_workflow) == ("i", None)


# Array jobs.


def test_array_jobs_travel_as_json() -> None:
    job = array_job.ArrayJob(parallelism=1, size=2, min_successes=3)
    assert job.to_dict() == {"parallelism": "1", "size": "2", "minSuccesses": "3"}
    assert dict(job.to_flyte_idl()) == job.to_dict()
    assert job.serialize_to_string() == job.to_flyte_idl().SerializeToString()
    assert hash(job) == hash(array_job.ArrayJob.from_flyte_idl(job.to_flyte_idl()))
    job.size = 5
    job.min_successes = 4
    assert array_job.ArrayJob.from_dict(job.to_dict()).size == 5
    assert array_job.ArrayJob(1, 2, 3, 0.0).to_dict() == array_job.ArrayJob(1, 2, 3).to_dict()
    with pytest.raises(ValueError, match="not both"):
        array_job.ArrayJob(1, 2, 3, 0.5)


# Containers and pods.


def test_the_environment_of_a_container_grows() -> None:
    container = task.Container("i", [], [], None, {}, {})
    container.add_env("A", "b")
    assert [(pair.key, pair.value) for pair in container.to_flyte_idl().env] == [("A", "b")]


@pytest.fixture
def kubernetes(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A stand-in for the `kubernetes` package, which the models do not need."""
    client = ModuleType("kubernetes.client")
    client.V1PodSpec = lambda containers: SimpleNamespace(containers=containers)
    client.ApiClient = lambda: SimpleNamespace(sanitize_for_serialization=vars)
    package = ModuleType("kubernetes")
    package.client = client
    monkeypatch.setitem(sys.modules, "kubernetes", package)
    monkeypatch.setitem(sys.modules, "kubernetes.client", client)
    return client


def test_pod_specs_of_kubernetes_become_json(kubernetes: Any) -> None:
    template = PodTemplate(primary_container_name="main")
    assert template.pod_spec.containers == []
    pod = task.K8sPod.from_pod_template(template)
    assert (pod.pod_spec, pod.primary_container_name) == ({"containers": []}, "main")
    written = workflow.TaskNodeOverrides(None, None, pod_template=template).to_flyte_idl().pod_template
    assert list(written.pod_spec) == ["containers"]


def test_pod_templates_without_kubernetes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kubernetes", None)
    monkeypatch.setitem(sys.modules, "kubernetes.client", None)
    template = PodTemplate()
    assert (template.pod_spec, template.primary_container_name) == ({"containers": []}, PRIMARY_CONTAINER_DEFAULT_NAME)
    assert template == PodTemplate({"containers": []}, "primary", None, None)
    assert task.K8sPod.from_pod_template(PodTemplate({"a": 1})).pod_spec == {"a": 1}
    with pytest.raises(FlyteValidationException):
        PodTemplate(primary_container_name="")


def test_models_and_messages_stand_for_pod_templates() -> None:
    pod = task.K8sPod(pod_spec={"a": "b"}, primary_container_name="main")
    for given in (pod, pod.to_flyte_idl()):
        written = workflow.TaskNodeOverrides(None, None, pod_template=given).to_flyte_idl()
        assert written.pod_template == pod.to_flyte_idl()


# Secrets.


def test_client_secrets() -> None:
    secret = security.Secret("g", "k")
    for given in (secret, secret.to_flyte_idl()):
        assert security.OAuth2Client("i", given).to_flyte_idl().client_secret == secret.to_flyte_idl()


@pytest.mark.parametrize(
    ("mode", "required", "refused"), [(None, True, True), ("executing", True, False), (None, False, False)]
)
def test_a_group_is_required_at_registration(
    monkeypatch: pytest.MonkeyPatch, mode: str | None, required: bool, refused: bool
) -> None:
    context = ModuleType("flytekit.core.context_manager")
    state = SimpleNamespace(execution_state=SimpleNamespace(mode=mode))
    context.FlyteContextManager = SimpleNamespace(current_context=lambda: state)
    plugin = ModuleType("flytekit.configuration.plugin")
    plugin.get_plugin = lambda: SimpleNamespace(secret_requires_group=lambda: required)
    monkeypatch.setitem(sys.modules, "flytekit.core.context_manager", context)
    monkeypatch.setitem(sys.modules, "flytekit.configuration.plugin", plugin)
    if refused:
        with pytest.raises(ValueError, match="Group is a required parameter"):
            security.Secret()
    else:
        assert security.Secret().group is None


def test_identifiers_name_their_type() -> None:
    assert identifier.Identifier(2, "p", "d", "n", "v").resource_type_name() == "WORKFLOW"
    assert str(identifier.Identifier(1, None, None, None, None)) == "TASK:None:None:None:None"


def test_a_role_that_reading_made_of_what_is_deprecated_can_be_changed() -> None:
    from flyteidl.admin import launch_plan_pb2

    from flytekit.models.launch_plan import LaunchPlanSpec

    message = launch_plan_pb2.LaunchPlanSpec(auth=launch_plan_pb2.Auth(kubernetes_service_account="account"))
    spec = LaunchPlanSpec.from_flyte_idl(message)
    assert spec.auth_role.kubernetes_service_account == "account"
    assert spec.to_flyte_idl() == message
    spec.auth_role._assumable_iam_role = "role"
    written = spec.to_flyte_idl()
    assert (written.auth_role.assumable_iam_role, written.auth) == ("role", message.auth)

"""The 62 faults of flytekit's hand-written models: what is right, for each of them."""

# Values and attributes that the annotations do not allow are what these tests are about.
# mypy: disable-error-code="arg-type,assignment,attr-defined,comparison-overlap,dict-item,list-item,union-attr"

from __future__ import annotations

import copy
import math
import pickle
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from flyteidl.admin import common_pb2, description_entity_pb2, launch_plan_pb2, matchable_resource_pb2, workflow_pb2
from flyteidl.admin import execution_pb2 as admin_execution_pb2
from flyteidl.core import (
    artifact_id_pb2,
    catalog_pb2,
    compiler_pb2,
    condition_pb2,
    dynamic_job_pb2,
    identifier_pb2,
    literals_pb2,
    security_pb2,
    tasks_pb2,
    types_pb2,
)
from flyteidl.core import workflow_pb2 as core_workflow_pb2
from google.protobuf import any_pb2, struct_pb2, timestamp_pb2

from flytekit.models import (
    array_job,
    common,
    documentation,
    dynamic_job,
    execution,
    filters,
    interface,
    launch_plan,
    literals,
    matchable_resource,
    schedule,
    security,
    task,
    types,
    workflow_closure,
)
from flytekit.models.admin import workflow as admin_workflow
from flytekit.models.core import catalog, compiler, condition, errors, identifier, workflow

TESTS: dict[int, Callable[[], None]] = {}


def bug(number: int) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Register the test of an entry of the list of known bugs."""

    def register(test: Callable[[], None]) -> Callable[[], None]:
        assert number not in TESTS
        TESTS[number] = test
        return test

    return register


def round_trip(cls: Any, message: Any) -> Any:
    """Write what *cls* reads from *message*: first unread, then after every member was read."""
    untouched = cls.from_flyte_idl(message).to_flyte_idl()
    assert untouched == message
    model = cls.from_flyte_idl(message)
    for name in model._fm_slots:
        getattr(model, model._fm_slots[name] if model._fm_eager else f"_{name}")
    written = model.to_flyte_idl()
    assert written == message
    return written


@bug(1)
def a_pod_template_that_was_read_is_written() -> None:
    pod = tasks_pb2.K8sPod(primary_container_name="p")
    written = round_trip(workflow.TaskNodeOverrides, core_workflow_pb2.TaskNodeOverrides(pod_template=pod))
    assert written.pod_template.primary_container_name == "p"


@bug(2)
def an_error_in_a_scalar_is_a_model() -> None:
    message = literals_pb2.Scalar(error=types_pb2.Error(message="m"))
    assert isinstance(literals.Scalar.from_flyte_idl(message).error, types.Error)
    assert round_trip(literals.Scalar, message).error.message == "m"


@bug(3)
def the_values_of_a_literal_map_blob_are_a_literal_map() -> None:
    message = admin_execution_pb2.LiteralMapBlob(values=literals_pb2.LiteralMap())
    read = execution.LiteralMapBlob.from_flyte_idl(message)
    assert type(read.values) is literals.LiteralMap
    assert read.values.literals == {}
    round_trip(execution.LiteralMapBlob, message)


@bug(4)
def a_dynamic_job_without_outputs_is_written() -> None:
    assert round_trip(dynamic_job.DynamicJobSpec, dynamic_job_pb2.DynamicJobSpec(min_successes=1)).min_successes == 1
    built = dynamic_job.DynamicJobSpec(tasks=None, nodes=None, min_successes=1, outputs=None, subworkflows=None)
    assert built.to_flyte_idl() == dynamic_job_pb2.DynamicJobSpec(min_successes=1)


@bug(5)
def anything_compares_with_a_dynamic_job_without_outputs() -> None:
    empty = dynamic_job.DynamicJobSpec.from_flyte_idl(dynamic_job_pb2.DynamicJobSpec())
    assert (literals.Void() == empty) is False
    assert empty == dynamic_job.DynamicJobSpec.from_flyte_idl(dynamic_job_pb2.DynamicJobSpec())


@bug(6)
def the_annotation_of_a_type_can_be_set() -> None:
    from flytekit.models.annotation import TypeAnnotation

    literal_type = types.LiteralType(simple=1)
    literal_type.annotation = TypeAnnotation({"a": "b"})
    assert literal_type.annotation.annotations == {"a": "b"}
    assert literal_type.to_flyte_idl().annotation.annotations["a"] == "b"
    literal_type.annotation = None
    assert not literal_type.to_flyte_idl().HasField("annotation")


@bug(7)
def a_client_secret_may_be_a_str() -> None:
    written = security.OAuth2Client("id", "secret").to_flyte_idl()
    assert (written.client_id, written.client_secret.key) == ("id", "secret")


@bug(8)
def a_token_request_has_a_type_that_is_written() -> None:
    written = security.OAuth2TokenRequest("n", client=None).to_flyte_idl()
    assert written == security_pb2.OAuth2TokenRequest(name="n")
    assert security.OAuth2TokenRequest.from_flyte_idl(written).type_ == security.OAuth2TokenRequest.Type(0)


@bug(9)
def a_secret_with_a_lower_case_variable_is_read() -> None:
    message = security_pb2.Secret(group="g", env_var="lower")
    assert security.Secret.from_flyte_idl(message).env_var == "lower"
    round_trip(security.Secret, message)
    with pytest.raises(ValueError, match="lower"):
        security.Secret("g", env_var="lower")


@bug(10)
def a_secret_with_an_unknown_mount_requirement_is_read() -> None:
    message = security_pb2.Secret(mount_requirement=77)
    read = security.Secret.from_flyte_idl(message).mount_requirement
    assert (read, read.value, read.name) == (77, 77, "77")
    round_trip(security.Secret, message)


@bug(11)
def a_description_with_an_unknown_format_is_read() -> None:
    message = description_entity_pb2.Description(format=77)
    assert documentation.Description.from_flyte_idl(message).format == 77
    round_trip(documentation.Description, message)


@bug(12)
def a_data_loading_config_in_an_unknown_format_is_read() -> None:
    message = tasks_pb2.DataLoadingConfig(format=77)
    assert task.DataLoadingConfig.from_flyte_idl(message)._format == 77
    round_trip(task.DataLoadingConfig, message)


@bug(13)
def a_struct_may_hold_nan() -> None:
    nan = struct_pb2.Value(number_value=math.nan)
    message = tasks_pb2.TaskTemplate(custom=struct_pb2.Struct(fields={"a": nan}))
    read = task.TaskTemplate.from_flyte_idl(message)
    assert math.isnan(read.custom["a"])
    assert read.to_flyte_idl().SerializeToString() == message.SerializeToString()


@bug(14)
def a_workflow_closure_needs_no_tasks() -> None:
    template = workflow.WorkflowTemplate.from_flyte_idl(core_workflow_pb2.WorkflowTemplate())
    written = workflow_closure.WorkflowClosure(template).to_flyte_idl()
    assert written.HasField("workflow")
    assert not written.tasks


@bug(15)
def a_variant_may_be_none() -> None:
    assert types.UnionType([None]).to_flyte_idl() == types_pb2.UnionType(variants=[types_pb2.LiteralType()])


@bug(16)
def an_array_job_needs_no_success_criterion() -> None:
    job = array_job.ArrayJob(parallelism=1, size=2)
    assert job.to_dict() == {"parallelism": "1", "size": "2"}
    assert array_job.ArrayJob.from_flyte_idl(job.to_flyte_idl()) == job


@bug(17)
def an_identifier_of_an_unknown_type_prints() -> None:
    read = identifier.Identifier.from_flyte_idl(identifier_pb2.Identifier(resource_type=77))
    assert repr(read) == "77::::"


@bug(18)
def a_filter_has_a_hash() -> None:
    assert hash(filters.Equal("a", "b")) == hash(filters.Equal("a", "b"))
    assert len({filters.Equal("a", "b"), filters.Equal("a", "b"), filters.NotEqual("a", "b")}) == 2
    assert filters.Equal("a", "b").is_empty is False
    assert filters.FilterList([]).is_empty is True


@bug(19)
def a_filter_is_read_from_its_text() -> None:
    read = filters.Filter.from_flyte_idl("value_in(a,b;c)")
    assert (type(read), read.to_flyte_idl()) == (filters.ValueIn, "value_in(a,b;c)")
    assert filters.FilterList.from_flyte_idl("eq(a,b)+ne(c,d)").to_flyte_idl() == "eq(a,b)+ne(c,d)"


@bug(20)
def an_empty_security_context_is_empty() -> None:
    assert security.SecurityContext().is_empty is True
    assert security.SecurityContext(secrets=[security.Secret("g")]).is_empty is False


@bug(21)
def dataclass_models_are_hashable() -> None:
    assert hash(security.Secret("g")) == hash(security.Secret("g"))
    assert len({security.Secret("g"), security.Secret("h"), documentation.SourceCode("l")}) == 3


@bug(22)
def a_model_that_was_read_is_pickled() -> None:
    message = types_pb2.LiteralType(enum_type=types_pb2.EnumType(values=["a"]))
    model = types.LiteralType.from_flyte_idl(message)
    assert pickle.loads(pickle.dumps(model)).to_flyte_idl() == message
    assert model.enum_type.values == ["a"]
    assert pickle.loads(pickle.dumps(model)).enum_type.values == ["a"]


@bug(23)
def a_model_that_was_read_is_copied_deep() -> None:
    message = matchable_resource_pb2.ClusterResourceAttributes(attributes={"a": "b"})
    model = matchable_resource.ClusterResourceAttributes.from_flyte_idl(message)
    assert model.attributes == {"a": "b"}
    copied = copy.deepcopy(model)
    copied.attributes["a"] = "c"
    assert (model.attributes, copied.attributes) == ({"a": "b"}, {"a": "c"})


def _task_execution_metadata(labels: Any, environment: Any) -> Any:
    task_id = identifier.TaskExecutionIdentifier.from_flyte_idl(identifier_pb2.TaskExecutionIdentifier())
    return task.TaskExecutionMetadata(task_id, "", labels, None, "", environment, None).to_flyte_idl()


@bug(24)
def environment_variables_may_be_none() -> None:
    assert dict(_task_execution_metadata({}, None).environment_variables) == {}
    assert dict(_task_execution_metadata({"a": "b"}, None).labels) == {"a": "b"}


@bug(25)
def an_empty_security_context_is_written_as_none() -> None:
    assert security.SecurityContext().to_flyte_idl() is None


@bug(26)
def a_source_code_without_a_link_is_one() -> None:
    assert documentation.SourceCode.from_flyte_idl(description_entity_pb2.SourceCode()) == documentation.SourceCode()


@bug(27)
def dialects_have_the_numbers_of_the_idl() -> None:
    dialect = task.Sql.Dialect
    assert task.Sql("q", dialect.ANSI).to_flyte_idl() == tasks_pb2.Sql(statement="q", dialect=tasks_pb2.Sql.ANSI)
    assert task.Sql("q", dialect.HIVE).to_flyte_idl().dialect == tasks_pb2.Sql.HIVE
    assert (dialect.UNDEFINED, dialect.OTHER) == (tasks_pb2.Sql.UNDEFINED, tasks_pb2.Sql.OTHER)


@bug(28)
def downstream_is_not_upstream() -> None:
    ids = compiler_pb2.ConnectionSet.IdList
    connections = compiler_pb2.ConnectionSet(upstream={"a": ids(ids=["u"])}, downstream={"b": ids(ids=["d"])})
    written = round_trip(compiler.ConnectionSet, connections)
    assert (list(written.upstream), list(written.downstream)) == (["a"], ["b"])
    lists = compiler.ConnectionSet.IdList
    built = compiler.ConnectionSet(upstream={"a": lists(["u"])}, downstream={"b": lists(["d"])})
    assert built.to_flyte_idl() == connections


@bug(29)
def a_service_account_stays_one() -> None:
    auth = launch_plan_pb2.Auth(kubernetes_service_account="sa")
    message = launch_plan_pb2.LaunchPlanSpec(auth=auth)
    role = launch_plan.LaunchPlanSpec.from_flyte_idl(message).auth_role
    assert (role.assumable_iam_role, role.kubernetes_service_account) == ("", "sa")
    round_trip(launch_plan.LaunchPlanSpec, message)


@bug(30)
def both_parts_of_an_auth_are_kept() -> None:
    auth = launch_plan_pb2.Auth(assumable_iam_role="r", kubernetes_service_account="sa")
    message = launch_plan_pb2.LaunchPlanSpec(auth=auth)
    role = launch_plan.LaunchPlanSpec.from_flyte_idl(message).auth_role
    assert (role.assumable_iam_role, role.kubernetes_service_account) == ("r", "sa")
    round_trip(launch_plan.LaunchPlanSpec, message)


@bug(31)
def launch_conditions_are_packed_once() -> None:
    artifact = artifact_id_pb2.ArtifactID(version="1")
    packed = launch_plan.LaunchPlanMetadata(None, [], artifact).to_flyte_idl()
    assert packed.launch_conditions.type_url == "type.googleapis.com/flyteidl.core.ArtifactID"
    read = launch_plan.LaunchPlanMetadata.from_flyte_idl(packed)
    assert launch_plan.LaunchPlanMetadata(None, [], read.launch_conditions).to_flyte_idl() == packed
    unpacked = artifact_id_pb2.ArtifactID()
    assert isinstance(read.launch_conditions, any_pb2.Any) and read.launch_conditions.Unpack(unpacked)
    assert unpacked == artifact


@bug(32)
def a_number_of_successes_is_no_ratio() -> None:
    message = core_workflow_pb2.ArrayNode(min_successes=3)
    assert round_trip(workflow.ArrayNode, message).WhichOneof("success_criteria") == "min_successes"
    read = workflow.ArrayNode.from_flyte_idl(message)
    assert (read._min_successes, read._min_success_ratio) == (3, None)


@bug(33)
def every_member_of_an_array_node_is_read() -> None:
    message = core_workflow_pb2.ArrayNode(
        execution_mode=core_workflow_pb2.ArrayNode.FULL_STATE,
        data_mode=core_workflow_pb2.ArrayNode.INDIVIDUAL_INPUT_FILES,
        bound_inputs=["a"],
        is_original_sub_node_interface={"value": True},
    )
    read = workflow.ArrayNode.from_flyte_idl(message)
    assert (read._execution_mode, read._data_mode, read._bound_inputs) == (1, 1, ["a"])
    assert read._is_original_sub_node_interface is True
    round_trip(workflow.ArrayNode, message)


@bug(34)
def an_unset_parallelism_stays_unset() -> None:
    assert workflow.ArrayNode.from_flyte_idl(core_workflow_pb2.ArrayNode())._parallelism is None
    assert not round_trip(workflow.ArrayNode, core_workflow_pb2.ArrayNode()).HasField("parallelism")
    assert round_trip(workflow.ArrayNode, core_workflow_pb2.ArrayNode(parallelism=0)).HasField("parallelism")


@bug(35)
def overrides_need_no_resources() -> None:
    overrides = core_workflow_pb2.TaskNodeOverrides(
        container_image="img", extended_resources={"gpu_accelerator": {"device": "a100"}}
    )
    message = core_workflow_pb2.TaskNode(overrides=overrides)
    read = workflow.TaskNode.from_flyte_idl(message)
    assert read.overrides.container_image == "img"
    assert read.overrides.extended_resources.gpu_accelerator.device == "a100"
    round_trip(workflow.TaskNode, message)


@bug(36)
def the_primary_container_of_a_pod_is_read() -> None:
    message = tasks_pb2.K8sPod(primary_container_name="main")
    assert task.K8sPod.from_flyte_idl(message).primary_container_name == "main"
    round_trip(task.K8sPod, message)


@bug(37)
def a_pod_template_has_the_primary_container() -> None:
    pod = task.K8sPod(task.K8sObjectMetadata({"l": "1"}, {"a": "2"}), {"containers": []}, None, "main")
    template = pod.to_pod_template()
    assert (template.primary_container_name, template.labels, template.annotations) == ("main", {"l": "1"}, {"a": "2"})
    assert task.K8sPod.from_pod_template(template) == pod
    assert task.K8sPod().to_pod_template().primary_container_name == "primary"


@bug(38)
def an_empty_attribute_is_no_index() -> None:
    message = types_pb2.OutputReference(attr_path=[{"string_value": ""}])
    assert types.OutputReference.from_flyte_idl(message).attr_path == [""]
    assert round_trip(types.OutputReference, message).attr_path[0].WhichOneof("value") == "string_value"


@bug(39)
def a_step_of_a_path_is_a_str_or_an_int() -> None:
    text = type("Text", (str,), {})("a")
    number = type("Number", (int,), {})(3)
    written = types.OutputReference("n", "v", [text, number]).to_flyte_idl()
    assert [step.WhichOneof("value") for step in written.attr_path] == ["string_value", "int_value"]
    for wrong in (True, None, 1.5):
        with pytest.raises(TypeError, match=r"OutputReference\.attr_path.*str or int"):
            types.OutputReference("n", "v", [wrong]).to_flyte_idl()


@bug(40)
def a_compiled_task_has_its_template() -> None:
    message = compiler_pb2.CompiledTask(template=tasks_pb2.TaskTemplate(type="t"))
    assert compiler.CompiledTask.from_flyte_idl(message).template.type == "t"
    assert compiler.CompiledTask(compiler.CompiledTask.from_flyte_idl(message).template).to_flyte_idl() == message
    round_trip(compiler.CompiledTask, message)


@bug(41)
def nothing_selects_no_arm() -> None:
    node = round_trip(workflow.WorkflowNode, core_workflow_pb2.WorkflowNode())
    task_node = round_trip(workflow.TaskNode, core_workflow_pb2.TaskNode())
    metadata = round_trip(catalog.CatalogMetadata, catalog_pb2.CatalogMetadata())
    assert node.WhichOneof("reference") is task_node.WhichOneof("reference") is None
    assert metadata.WhichOneof("source_execution") is None


@bug(42)
def an_empty_text_keeps_its_arm() -> None:
    assert round_trip(condition.Operand, condition_pb2.Operand(var="")).WhichOneof("val") == "var"
    assert condition.Operand(var="").to_flyte_idl().WhichOneof("val") == "var"
    described = round_trip(documentation.Description, description_entity_pb2.Description(value=""))
    assert described.WhichOneof("content") == "value"
    assert documentation.Description(uri="").to_flyte_idl().WhichOneof("content") == "uri"


@bug(43)
def sub_workflows_that_were_read_keep_their_order() -> None:
    message = workflow_pb2.WorkflowSpec(sub_workflows=[{"id": {"name": "b"}}, {"id": {"name": "a"}}])
    written = round_trip(admin_workflow.WorkflowSpec, message)
    assert [each.id.name for each in written.sub_workflows] == ["b", "a"]


@bug(44)
def keys_that_come_twice_stay_both() -> None:
    pairs = [literals_pb2.KeyValuePair(key="a", value=value) for value in "12"]
    message = common_pb2.Envs(values=pairs)
    assert common.Envs.from_flyte_idl(message).envs == {"a": "2"}
    assert len(round_trip(common.Envs, message).values) == 2
    assert len(round_trip(task.Container, tasks_pb2.Container(env=pairs, config=pairs)).env) == 2


@bug(45)
def environment_variables_need_no_labels() -> None:
    assert dict(_task_execution_metadata(None, {"A": "b"}).environment_variables) == {"A": "b"}


@bug(46)
def an_empty_struct_is_a_value() -> None:
    empty = struct_pb2.Struct()
    assert literals.Scalar(generic=empty).value is empty


@bug(47)
def offloaded_metadata_are_a_value() -> None:
    offloaded = literals.LiteralOffloadedMetadata("u", 1)
    assert literals.Literal(offloaded_metadata=offloaded).value is offloaded


@bug(48)
def every_behaviour_of_a_parameter_is_one() -> None:
    artifact = artifact_id_pb2.ArtifactID(version="1")
    assert interface.Parameter(None, artifact_id=artifact).behavior is artifact
    assert interface.Parameter(None, required=False).behavior is False


@bug(49)
def every_target_of_a_node_is_one() -> None:
    gate = workflow.GateNode()
    assert workflow.Node("i", None, [], [], [], gate_node=gate).target is gate
    array = workflow.ArrayNode(None)
    assert workflow.Node("i", None, [], [], [], array_node=array).target is array


@bug(50)
def a_timestamp_keeps_its_fraction() -> None:
    given = timestamp_pb2.Timestamp(seconds=1, nanos=500_000_000)
    primitive = literals.Primitive(datetime=given)
    assert primitive.datetime == datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=timezone.utc)
    assert primitive.to_flyte_idl().datetime == given


@bug(51)
def nanoseconds_survive() -> None:
    moment = timestamp_pb2.Timestamp(seconds=1, nanos=123_456_789)
    assert round_trip(literals.Primitive, literals_pb2.Primitive(datetime=moment)).datetime.nanos == 123_456_789
    span = {"seconds": -1, "nanos": -123_456_789}
    assert round_trip(literals.Primitive, literals_pb2.Primitive(duration=span)).duration.nanos == -123_456_789
    closure = admin_execution_pb2.ExecutionClosure(started_at=moment, duration={"nanos": 1})
    assert round_trip(execution.ExecutionClosure, closure).duration.nanos == 1


@bug(52)
def naive_datetimes_mean_utc_wherever_they_stand() -> None:
    noon = datetime(2020, 1, 1, 12)
    closure = execution.ExecutionClosure(0, noon, timedelta(0)).to_flyte_idl()
    metadata = execution.ExecutionMetadata(0, "", 0, noon).to_flyte_idl()
    primitive = literals.Primitive(datetime=noon).to_flyte_idl()
    written = [closure.started_at, metadata.scheduled_at, primitive.datetime]
    assert [moment.ToJsonString() for moment in written] == ["2020-01-01T12:00:00Z"] * 3


@bug(53)
def resources_are_found_by_name() -> None:
    find = matchable_resource.MatchableResource.string_to_enum
    assert find("QUALITY_OF_SERVICE_SPECIFICATION") == 4
    assert find(4) == "<UNKNOWN>"


@bug(54)
def plugin_overrides_are_a_resource() -> None:
    assert matchable_resource.MatchableResource.enum_to_string(5) == "PLUGIN_OVERRIDE"
    assert matchable_resource.MatchableResource.string_to_enum("PLUGIN_OVERRIDE") == 5


@bug(55)
def every_error_has_a_timestamp_of_its_own() -> None:
    first, second = errors.ContainerError("c", "m", 0, 0), errors.ContainerError("c", "m", 0, 0)
    first.timestamp.seconds = 5
    assert second.timestamp == timestamp_pb2.Timestamp()
    assert first.to_flyte_idl().timestamp.seconds == 5
    assert second.to_flyte_idl().HasField("timestamp")


@bug(56)
def dataclass_models_are_equal_when_the_wire_is() -> None:
    assert security.Secret("g") == security.Secret("g", group_version="")
    assert security.Secret("g") != security.Secret("h")


@bug(57)
def a_subclass_of_schedule_reads_itself() -> None:
    message = schedule.Schedule("x").to_flyte_idl()
    sub = type("Sub", (schedule.Schedule,), {})
    assert type(sub.from_flyte_idl(message)) is sub


@bug(58)
def the_message_that_was_read_may_change() -> None:
    message = common_pb2.EmailNotification(recipients_email=["a"])
    model = common.EmailNotification.from_flyte_idl(message)
    message.recipients_email.append("b")
    assert model.recipients_email == ["a"]
    assert list(model.to_flyte_idl().recipients_email) == ["a"]
    model.recipients_email.append("c")
    assert list(message.recipients_email) == ["a", "b"]


@bug(59)
def notifications_beside_a_false_disable_all_win() -> None:
    launched = identifier.Identifier.from_flyte_idl(identifier_pb2.Identifier())
    metadata = execution.ExecutionMetadata(0, "", 0)

    def spec(**given: Any) -> Any:
        return execution.ExecutionSpec(launched, metadata, **given)

    notifications = execution.NotificationList([])
    written = spec(notifications=notifications, disable_all=False).to_flyte_idl()
    assert written.WhichOneof("notification_overrides") == "notifications"
    assert spec(disable_all=False).to_flyte_idl().WhichOneof("notification_overrides") == "disable_all"
    with pytest.raises(ValueError, match=r"notification_overrides.*notifications and disable_all"):
        spec(notifications=notifications, disable_all=True).to_flyte_idl()


@bug(60)
def the_type_none_has_a_name() -> None:
    assert list(types.LiteralType(simple=types.SimpleType.NONE).__rich_repr__()) == ["Simple"]


@bug(61)
def numbers_in_a_struct_are_floats() -> None:
    message = tasks_pb2.TaskTemplate()
    message.custom.update({"a": 1})
    read = task.TaskTemplate.from_flyte_idl(message).custom
    assert read == {"a": 1.0}
    assert type(read["a"]) is float


@bug(62)
def large_numbers_in_a_struct_are_doubles() -> None:
    written = types.LiteralType(simple=1, metadata={"a": 2**53 + 1}).to_flyte_idl()
    assert types.LiteralType.from_flyte_idl(written).metadata == {"a": 9007199254740992.0}


@pytest.mark.parametrize("number", range(1, 63))
def test_known_bug(number: int) -> None:
    TESTS[number]()


def test_every_entry_is_listed(listed: Mapping[str, str]) -> None:
    assert {where for where in listed if re.fullmatch(r"bug:\d+", where)} == {f"bug:{number}" for number in TESTS}

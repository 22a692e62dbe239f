"""A copy with some of it changed keeps all else to the bit, and the original as it was."""

from __future__ import annotations

import copy
import datetime
import sys
from typing import Any

import lossless
import pytest
from every_model import carried, each_model, examples
from flyteidl.admin import execution_pb2
from flyteidl.core import tasks_pb2
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st
from random_messages import messages, unknown_field

from flytekit.models import common, documentation, execution, interface, launch_plan, literals, security, task, types
from flytekit.models.core import identifier, workflow
from flytekit_models.data.members import members, value
from flytekit_models.model import Model, message_class


@each_model()
def test_there_and_back_gives_the_same_bytes(model_class: Any) -> None:
    @examples(6)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        message = carried(model_class, data.draw(messages(message_class(model_class))))
        before = lossless.wire(message)
        model = model_class.from_flyte_idl(message)
        if data.draw(st.booleans()):
            lossless.read_all(model)
        path, held = data.draw(st.sampled_from([("", None), *_paths(model)]))
        if not path:
            return
        there = model.replace({path: None} if "[" not in path else {path: held})
        back = there.replace({path: held})
        assert lossless.wire(back.to_flyte_idl()) == before, f"{path}:\n{back!r}\n--- is not ---\n{message}"
        assert lossless.wire(model.to_flyte_idl()) == before, "the original was changed"

    check()


def _paths(model: Model, prefix: str = "") -> Any:
    """The paths into *model*, and what is there; not those below what is absent, which would make it present."""
    for name in members(type(model)):
        held = value(model, name)
        if held is None or not model.has(name):
            continue
        yield prefix + name, held
        inside = {"": held} if isinstance(held, Model) else {}
        if isinstance(held, list):
            inside = {f"[{index}]": one for index, one in enumerate(held)}
        elif isinstance(held, dict):
            inside = {f"[{key!r}]": one for key, one in held.items()}
        for key, one in inside.items():
            if key and not isinstance(one, (dict, list)):
                yield f"{prefix}{name}{key}", one
            if isinstance(one, Model) and prefix.count(".") < 3:
                yield from _paths(one, f"{prefix}{name}{key}.")


def _metadata() -> Any:
    return task.TaskMetadata(
        True,
        task.RuntimeMetadata(1, "1.2", "python"),
        datetime.timedelta(0),
        literals.RetryStrategy(1),
        None,
        "1",
        "",
        False,
        "",
        (),
    )


def test_members_and_members_of_parts() -> None:
    metadata = _metadata()
    changed = metadata.replace(discovery_version="2", runtime__flavor="jvm", retries__retries=5)
    assert type(changed) is task.TaskMetadata
    assert (changed.discovery_version, changed.runtime.flavor, changed.retries.retries) == ("2", "jvm", 5)
    assert metadata == _metadata()
    assert changed.diff(metadata).paths == ["runtime.flavor", "retries.retries", "discovery_version"]
    assert metadata.replace() == metadata and metadata.replace() is not metadata
    assert metadata.replace({}) == metadata


def test_values_become_what_the_constructor_makes_of_them() -> None:
    assert _metadata().replace(retries=7).retries == literals.RetryStrategy(7)
    time = literals.Primitive(integer=1).replace(datetime=datetime.datetime(2024, 1, 2)).datetime
    assert time == datetime.datetime(2024, 1, 2, tzinfo=datetime.timezone.utc)
    # What a constructor refuses may have been read from a message: a copy can have it as well.
    assert task.DataLoadingConfig("i", "o").replace(format=77).format == 77
    assert security.Secret("g").replace(group=None, env_var="read so").env_var == "read so"
    context = security.SecurityContext().replace(secrets=security.Secret("g"))
    assert context.secrets == [security.Secret("g")]


def test_paths_into_maps_and_lists() -> None:
    message = execution_pb2.ExecutionSpec(max_parallelism=1)
    message.labels.values["team"] = "a"
    message.labels.values["other"] = "b"
    message.notifications.notifications.add().email.recipients_email.extend(["x", "y"])
    spec = execution.ExecutionSpec.from_flyte_idl(message)
    changed = spec.replace(
        {
            "max_parallelism": 5,
            "labels.values['team']": "ml",
            "labels.values.other": None,
            'labels.values["new\\n"]': "c",
            "notifications.notifications[0].email.recipients_email[-1]": "z",
        }
    )
    assert changed.max_parallelism == 5
    assert changed.labels.values == {"team": "ml", "new\n": "c"}
    assert changed.notifications.notifications[0].email.recipients_email == ["x", "z"]
    assert spec.to_flyte_idl() == message


def test_absent_parts_are_made() -> None:
    spec = execution.ExecutionSpec.from_flyte_idl(execution_pb2.ExecutionSpec())
    changed = spec.replace({"cluster_assignment.cluster_pool": "p", "envs.envs['A']": "1"})
    assert changed.envs.envs == {"A": "1"}
    assert changed.cluster_assignment.cluster_pool == "p"
    literal = literals.LiteralMap({}).replace(literals__x__scalar__primitive__integer=3)
    assert literal.literals["x"].scalar.primitive.integer == 3
    assert literals.Literal().replace(metadata__a="b").metadata == {"a": "b"}
    interfaces = interface.TypedInterface({}, {}).replace({"inputs['x'].type.simple": 1})
    assert interfaces.inputs["x"].type.simple == 1
    pod = task.K8sPod().replace({"pod_spec['spec']['containers']": [1]})
    assert pod.pod_spec == {"spec": {"containers": [1]}}


def test_json_may_hold_none() -> None:
    template = tasks_pb2.TaskTemplate()
    template.custom.update({"a": {"b": [1, 2]}})
    model = task.TaskTemplate.from_flyte_idl(template)
    assert model.replace({"custom['a']['b'][0]": None, "custom.c": None}).custom == {"a": {"b": [None, 2]}, "c": None}
    struct = struct_pb2.Struct()
    struct.update({"a": [1, {"b": 2}]})
    scalar = literals.Scalar(generic=struct)
    changed = scalar.replace({"generic['a'][1]['b']": "x"})
    assert isinstance(changed.generic, struct_pb2.Struct) and changed.generic["a"][1]["b"] == "x"
    assert scalar.generic["a"][1]["b"] == 2


def test_an_arm_takes_the_place_of_another() -> None:
    literal = literals.Literal(scalar=literals.Scalar(primitive=literals.Primitive(integer=1)), hash="h")
    collection = literal.replace(collection=literals.LiteralCollection([]))
    assert (collection.which("value"), collection.hash) == ("collection", "h")
    assert literal.replace(map__literals={}).which("value") == "map"
    assert literal.replace(scalar__primitive__string_value="s").scalar.primitive.integer is None
    assert literal.replace(collection=None).which("value") == "scalar"
    assert literal.replace(scalar=None).which("value") is None
    with pytest.raises(ValueError, match=r"scalar and map exclude each other: they are arms of Literal.value"):
        literal.replace(scalar__primitive__integer=1, map=literals.LiteralMap({}))


def test_all_else_is_kept_to_the_bit() -> None:
    message = execution_pb2.Execution()
    message.closure.created_at.nanos = 1
    message.spec.metadata.scheduled_at.nanos = 999
    message.spec.metadata.MergeFromString(unknown_field(18_000, b"unknown"))
    message.spec.MergeFromString(unknown_field(18_001, b"unknown"))
    model = execution.Execution.from_flyte_idl(message)
    changed = model.replace(spec__metadata__principal="me", id__name="n").to_flyte_idl()
    message.spec.metadata.principal = "me"
    message.id.name = "n"
    assert changed.SerializeToString(deterministic=True) == message.SerializeToString(deterministic=True)


class Mine(literals.Literal):
    """A subclass with a constructor and an attribute of its own."""

    def __init__(self, number: int) -> None:
        super().__init__(scalar=literals.Scalar(primitive=literals.Primitive(integer=number)))
        self.note = "kept"


def test_a_subclass_stays_what_it_is() -> None:
    changed = Mine(5).replace(hash="h")
    assert type(changed) is Mine and changed.note == "kept"
    assert (changed.hash, changed.scalar.primitive.integer) == ("h", 5)


def test_dataclass_models() -> None:
    source = documentation.Description(value="v", icon_link="i").replace(value="w")
    assert (source.value, source.icon_link) == ("w", "i")
    identity = security.Identity().replace(oauth2_client__client_id="c")
    assert identity.oauth2_client is not None and identity.oauth2_client.client_id == "c"


def test_members_without_a_field() -> None:
    plan = launch_plan.LaunchPlan(None, None, None).replace(auto_activate=True)  # type: ignore[arg-type]
    assert plan.should_auto_activate


def test_copy_replace() -> None:
    literal = literals.Literal(hash="a")
    assert literal.__replace__(hash="b") == literals.Literal(hash="b")
    secret = security.Secret("g", "k").__replace__(key="l")
    assert secret == security.Secret("g", "l")
    if sys.version_info >= (3, 13):
        assert copy.replace(literal, hash="b") == literals.Literal(hash="b")
        message = security.Secret("g", "k").to_flyte_idl()
        message.MergeFromString(unknown_field(18_000, b"unknown"))
        replaced = copy.replace(security.Secret.from_flyte_idl(message), key="l").to_flyte_idl()
        message.key = "l"
        assert replaced == message


@pytest.mark.parametrize(
    ("paths", "members", "error", "words"),
    [
        ({}, {"hsh": 1}, TypeError, "there is no hsh: Literal has no member hsh; did you mean hash?"),
        ({}, {"scalar__primitiv__integer": 1}, TypeError, "no scalar.primitiv: Scalar has no member primitiv; did you"),
        ({}, {"primitive": 1}, TypeError, "Literal has no member primitive; did you mean scalar__primitive?"),
        ({}, {"hash__x": 1}, TypeError, "there is no hash.x: hash is of the type str, which is replaced as a whole"),
        (
            {"scalar.generic": None, "scalar": None},
            {},
            ValueError,
            "scalar is to be replaced, and so is what is inside",
        ),
        (
            {"scalar": None, "scalar.generic": None},
            {},
            ValueError,
            "scalar is to be replaced, and so is what is inside",
        ),
        ({"hash": "a"}, {"hash": "b"}, ValueError, "hash is to be replaced"),
        ("hash", {}, TypeError, "expected a dict of paths and values, got str"),
        ({5: 1}, {}, TypeError, "expected paths as text, got 5"),
        ({"": 1}, {}, ValueError, "'' is not a path"),
        ({"a..b": 1}, {}, ValueError, "'a..b' is not a path .* wrong at"),
        ({"metadata['a'": 1}, {}, ValueError, "is not a path"),
        ({"metadata['\\x']": 1}, {}, ValueError, "is not a path"),
        ({"collection.literals[0].map.literals[0].x": 1}, {}, TypeError, "Literal has no member x"),
        ({"[0]": 1}, {}, TypeError, "a model has members, not items"),
        ({"collection.literals[3]": 1}, {}, ValueError, r"no collection.literals\[3\]: the list has 1 items"),
        (
            {"collection.literals['a']": 1},
            {},
            TypeError,
            r"collection.literals is a list: expected an index, got \['a'\]",
        ),
        ({"collection.literals.a": 1}, {}, TypeError, "collection.literals is a list: expected an index, got 'a'"),
        ({"collection.literals[0]": None}, {}, ValueError, r"collection.literals\[0\] can't be unset"),
    ],
)
def test_what_cannot_be_replaced(paths: Any, members: Any, error: Any, words: str) -> None:
    literal = literals.Literal(hash="h", collection=literals.LiteralCollection([literals.Literal()]))
    with pytest.raises(error, match=words):
        literal.replace(paths, **members)


def test_a_list_that_is_unset_has_no_items() -> None:
    with pytest.raises(ValueError, match=r"there is no secrets\[0\]: the list has 0 items"):
        security.SecurityContext().replace({"secrets[0]": security.Secret("g")})


def test_parts_that_are_no_models_are_replaced_as_a_whole() -> None:
    reference = types.OutputReference("n", "v", ["a"])
    assert reference.replace({"attr_path[0]": 3}).attr_path == [3]
    with pytest.raises(TypeError, match=r"there is no attr_path\[0\].x: attr_path\[0\] is of the type str"):
        reference.replace({"attr_path[0].x": 3})
    node = workflow.Node.from_flyte_idl(message_class(workflow.Node)())
    assert node.replace(upstream_node_ids=["a"]).upstream_node_ids == ["a"]
    with pytest.raises(TypeError, match=r"there is no hash.x: hash is unset"):
        literals.Literal().replace(hash__x=1)


def test_a_changed_part_does_not_change_the_original() -> None:
    name = identifier.Identifier(1, "p", "d", "n", "v")
    labels = common.Labels({"a": "b"})
    assert name.replace(version="w").version == "w" and name.version == "v"
    labels.replace({"values['a']": "c"})
    assert labels.values == {"a": "b"}

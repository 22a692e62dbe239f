"""The schema's history: how it is made, and that the one in idl/ is true."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from packaging.version import Version

from flytekit_codegen.sync import Change, SyncError, build_history, read_history, read_lock, sync
from flytekit_codegen.sync.history import declarations_of
from flytekit_codegen.sync.protoc import compile_tree

IDL = Path(__file__).parents[3] / "idl"

HEAD = 'syntax = "proto3";\npackage flyteidl;\nimport "google/protobuf/wrappers.proto";\n'
RELEASES = {
    "1.9.0": "message Ancient { string x = 1; }",
    "1.10.0": "message A { string x = 1; bool y = 2; Kind k = 3; enum Kind { K0 = 0; } } message B {}",
    "1.11.0rc1": "message A { string x = 1; } message Candidate {}",
    "1.11.0": """message A { string x = 1; google.protobuf.BoolValue y = 5; Kind k = 3; enum Kind { K0 = 0; K1 = 1; }
        reserved 2; }
        message C { oneof one { A a = 1; } map<string, A> m = 2; optional int32 o = 3; repeated A r = 4; }""",
    "1.12.0": """message A { string x = 1 [deprecated = true]; google.protobuf.BoolValue y = 5; Kind k = 3;
        enum Kind { option deprecated = true; reserved 4 to max; reserved "K9"; K0 = 0; K1 = 1 [deprecated = true]; }
        reserved 2; } message B {} message C { oneof one { A a = 1; repeated_r r = 5; } map<string, int32> m = 2; }
        message repeated_r {}""",
    "2.0.0": "message Two {}",
}


@pytest.fixture
def released(lab):
    for version, body in RELEASES.items():
        lab.publish_cached("flyteidl", version, {"flyteidl/a.proto": HEAD + body})
    return lab


def test_releases_that_are_not_in_the_cache_are_downloaded(lab):
    for version in ("1.10.0", "1.11.0"):
        lab.publish("flyteidl", version, {"flyteidl/a.proto": HEAD + RELEASES[version]})
    assert build_history("1.11.0", cache=lab.cache).releases == ("1.10.0", "1.11.0")
    assert len(list((lab.cache / "flyteidl").iterdir())) == 2


def test_it_is_made_of_all_stable_releases_from_1_10_0_on(released):
    steps = []
    history = build_history("1.12.0", cache=released.cache, report=steps.append)
    assert history.releases == ("1.10.0", "1.11.0", "1.12.0")
    assert [step for step in steps if "history" in step] == [
        f"Reading flyteidl {version} for the history ({number} of 3)"
        for number, version in enumerate(history.releases, start=1)
    ]
    assert history.elements == {
        "flyteidl.A": {"1.10.0": "message", "1.11.0": "message, reserved 2"},
        "flyteidl.A.Kind": {"1.10.0": "enum", "1.12.0": "enum, reserved 4 to max K9, deprecated"},
        "flyteidl.A.Kind.K0": {"1.10.0": "value 0"},
        "flyteidl.A.Kind.K1": {"1.11.0": "value 1", "1.12.0": "value 1, deprecated"},
        "flyteidl.A.k": {"1.10.0": "flyteidl.A.Kind = 3"},
        "flyteidl.A.x": {"1.10.0": "string = 1", "1.12.0": "string = 1, deprecated"},
        "flyteidl.A.y": {"1.10.0": "bool = 2", "1.11.0": "google.protobuf.BoolValue = 5"},
        "flyteidl.B": {"1.10.0": "message", "1.11.0": None, "1.12.0": "message"},
        "flyteidl.C": {"1.11.0": "message"},
        "flyteidl.C.a": {"1.11.0": "flyteidl.A = 1 in oneof one"},
        "flyteidl.C.m": {"1.11.0": "map<string, flyteidl.A> = 2", "1.12.0": "map<string, int32> = 2"},
        "flyteidl.C.o": {"1.11.0": "optional int32 = 3", "1.12.0": None},
        "flyteidl.C.r": {"1.11.0": "repeated flyteidl.A = 4", "1.12.0": "flyteidl.repeated_r = 5 in oneof one"},
        "flyteidl.repeated_r": {"1.12.0": "message"},
    }
    assert list(history.elements) == sorted(history.elements)


def test_services_and_rpcs_are_in_it(lab):
    body = "message M {{}} message N {{}} service S {{ {} }}"
    for version, rpcs in {
        "1.10.0": "rpc A(M) returns (N);",
        "1.11.0": "rpc A(M) returns (stream N); rpc B(stream M) returns (M) { option deprecated = true; }",
        "1.12.0": "rpc A(M) returns (stream N);",
    }.items():
        lab.publish_cached("flyteidl", version, {"flyteidl/a.proto": HEAD + body.format(rpcs)})
    history = build_history("1.12.0", cache=lab.cache)
    assert {name: known for name, known in history.elements.items() if ".S" in name} == {
        "flyteidl.S": {"1.10.0": "service"},
        "flyteidl.S.A": {
            "1.10.0": "rpc (flyteidl.M) returns (flyteidl.N)",
            "1.11.0": "rpc (flyteidl.M) returns (stream flyteidl.N)",
        },
        "flyteidl.S.B": {"1.11.0": "rpc (stream flyteidl.M) returns (flyteidl.M), deprecated", "1.12.0": None},
    }


def test_a_history_of_the_first_format_is_made_again(released, tmp_path):
    """It had no services: going on from it, those would all come with the next release."""
    made = build_history("1.11.0", cache=released.cache)
    content = json.loads(made.text())
    del content["format"]
    content["elements"] = {"flyteidl.Wrong": {"1.10.0": "message"}}
    (tmp_path / "history.json").write_text(json.dumps(content))
    known = read_history(tmp_path)
    assert known.since("flyteidl.Wrong") == "1.10.0"
    assert build_history("1.12.0", known=known, cache=released.cache) == build_history("1.12.0", cache=released.cache)


def test_it_answers_what_docstrings_and_errors_ask(released):
    history = build_history("1.12.0", cache=released.cache)
    assert [history.since(name) for name in ("flyteidl.A.y", "flyteidl.B", "flyteidl.C.o", "nothing")] == [
        "1.10.0",
        "1.12.0",
        None,
        None,
    ]
    assert [history.removed_in(name) for name in ("flyteidl.C.o", "flyteidl.B", "flyteidl.A", "nothing")] == [
        "1.12.0",
        None,
        None,
        None,
    ]
    assert history.at("1.10.0") == {
        "flyteidl.A": "message",
        "flyteidl.A.Kind": "enum",
        "flyteidl.A.Kind.K0": "value 0",
        "flyteidl.A.k": "flyteidl.A.Kind = 3",
        "flyteidl.A.x": "string = 1",
        "flyteidl.A.y": "bool = 2",
        "flyteidl.B": "message",
    }
    assert "flyteidl.B" not in history.at("1.11.0")
    with pytest.raises(ValueError, match=r"flyteidl 1\.9\.0 is no release of the history"):
        history.at("1.9.0")
    assert history.changes("1.10.0") == []
    assert Change("flyteidl.B", "message", None) in history.changes("1.11.0")
    assert Change("flyteidl.B", None, "message") in history.changes("1.12.0")
    assert Change("flyteidl.A.y", "bool = 2", "google.protobuf.BoolValue = 5") in history.changes("1.11.0")


def test_sync_keeps_it_in_step_with_the_version_either_way(released):
    whole = build_history("1.12.0", cache=released.cache)
    for version, length in (("1.11.0", 2), ("1.12.0", 3), ("1.10.0", 1), ("1.12.0", 3)):
        report = sync(version, released.idl, cache=released.cache)
        assert "history.json" in report.written
        kept = read_history(released.idl)
        assert kept == whole.upto(Version(version)) and len(kept.releases) == length
    assert released.text("history.json") == whole.text()
    before = released.snapshot()
    assert not sync("1.12.0", released.idl, cache=released.cache).changed
    assert released.snapshot() == before


def test_a_known_history_is_not_asked_for_again(released, monkeypatch):
    whole = build_history("1.12.0", cache=released.cache)
    monkeypatch.setattr("flytekit_codegen.sync.history.available_versions", lambda distribution: pytest.fail("asked"))
    assert build_history("1.12.0", known=whole, cache=released.cache) == whole
    assert build_history("1.11.0", known=whole, cache=released.cache).releases == ("1.10.0", "1.11.0")


def test_a_late_release_between_older_ones_is_taken_in(released):
    early = build_history("1.11.0", cache=released.cache)
    released.publish_cached("flyteidl", "1.10.5", {"flyteidl/a.proto": HEAD + "message A {} message Late {}"})
    late = build_history("1.12.0", known=early, cache=released.cache)
    assert late.releases == ("1.10.0", "1.10.5", "1.11.0", "1.12.0")
    assert late.elements["flyteidl.Late"] == {"1.10.5": "message", "1.11.0": None}
    assert late == build_history("1.12.0", cache=released.cache)


def test_a_candidate_is_no_part_of_it(released):
    sync("1.11.0rc1", released.idl, cache=released.cache)
    assert read_history(released.idl).releases == ("1.10.0",)


def test_other_distributions_have_one_only_if_there_is_one(lab):
    for version in ("0.9", "1.0", "1.1"):
        lab.publish_cached("tinyidl", version, {"tinyidl/a.proto": 'syntax = "proto3";\nmessage A {}\n'})
    sync("1.0", lab.idl, distribution="tinyidl", cache=lab.cache)
    assert not (lab.idl / "history.json").exists()
    text = build_history("1.0", distribution="tinyidl", cache=lab.cache).text()
    (lab.idl / "history.json").write_text(text)
    sync("1.1", lab.idl, distribution="tinyidl", cache=lab.cache)
    assert read_history(lab.idl).releases == ("1.0", "1.1")

    lab.publish_cached("otheridl", "1.0", {"otheridl/a.proto": 'syntax = "proto3";\nmessage A {}\n'})
    report = sync("1.0", lab.idl, distribution="otheridl", cache=lab.cache)
    assert report.removed == ("history.json", "tinyidl/a.proto")


def test_a_release_whose_schema_cannot_be_read_stops_it(released):
    (released.cache / "flyteidl" / "flyteidl-1.11.0-py3-none-any.whl").write_bytes(b"")
    with pytest.raises(SyncError, match=r"flyteidl-1\.11\.0-py3-none-any\.whl is damaged"):
        sync("1.12.0", released.idl, cache=released.cache)
    assert not released.idl.exists()


# The committed history. What the releases did to the schema, step by step, measured apart from sync: each element with
# its declaration before and after; None before for a new one.
SAME = "message"
STEPS = {
    ("1.14.0", "1.14.1"): {
        "core.ArrayNode.DataMode": (None, "enum"),
        "core.ArrayNode.DataMode.SINGLE_INPUT_FILE": (None, "value 0"),
        "core.ArrayNode.DataMode.INDIVIDUAL_INPUT_FILES": (None, "value 1"),
        "core.ArrayNode.data_mode": (None, "flyteidl.core.ArrayNode.DataMode = 7"),
        "core.BindingData.offloaded_metadata": (None, "flyteidl.core.LiteralOffloadedMetadata = 6 in oneof value"),
        "event.CloudEventWorkflowExecution.labels": (None, "map<string, string> = 7"),
        "event.CloudEventNodeExecution.labels": (None, "map<string, string> = 7"),
        "event.CloudEventTaskExecution.labels": (None, "map<string, string> = 2"),
    },
    ("1.14.1", "1.14.2"): {
        "core.TaskMetadata.generates_deck": ("bool = 10", "google.protobuf.BoolValue = 15"),
        "core.TaskMetadata": (SAME, "message, reserved 10"),
        "admin.ExecutionMetadata": (SAME, "message, reserved 19"),
        "admin.LaunchPlanSpec.cluster_assignment": (None, "flyteidl.admin.ClusterAssignment = 23"),
        "core.ContainerPort.name": (None, "string = 2"),
        "core.NodeMetadata.config": (None, "map<string, string> = 10"),
        "core.Secret.env_var": (None, "string = 5"),
        "event.ExternalResourceInfo.custom_info": (None, "google.protobuf.Struct = 8"),
        "event.ExternalResourceInfo.workflow_node_metadata": (
            None,
            "flyteidl.event.WorkflowNodeMetadata = 7 in oneof target_metadata",
        ),
    },
    ("1.14.2", "1.14.3"): {
        "core.K8sPod.primary_container_name": (None, "string = 4"),
        "core.TaskNodeOverrides.pod_template": (None, "flyteidl.core.K8sPod = 4"),
    },
    ("1.14.3", "1.15.0"): {
        "core.SharedMemory": (None, "message"),
        "core.SharedMemory.mount_path": (None, "string = 1"),
        "core.SharedMemory.mount_name": (None, "string = 2"),
        "core.SharedMemory.size_limit": (None, "string = 3"),
        "core.ExtendedResources.shared_memory": (None, "flyteidl.core.SharedMemory = 2"),
        "plugins.SparkJob.driverPod": (None, "flyteidl.core.K8sPod = 10"),
        "plugins.SparkJob.executorPod": (None, "flyteidl.core.K8sPod = 11"),
    },
    ("1.15.0", "1.15.1"): {"core.ArrayNode.bound_inputs": (None, "repeated string = 8")},
    ("1.15.1", "1.15.3"): {
        "admin.LogLine": (None, "message"),
        "admin.LogLine.timestamp": (None, "google.protobuf.Timestamp = 1"),
        "admin.LogLine.message": (None, "string = 2"),
        "admin.LogLine.originator": (None, "flyteidl.admin.LogLineOriginator = 3"),
        "admin.LogLineOriginator": (None, "enum"),
        "admin.LogLineOriginator.UNKNOWN": (None, "value 0"),
        "admin.LogLineOriginator.USER": (None, "value 1"),
        "admin.LogLineOriginator.SYSTEM": (None, "value 2"),
        "admin.GetTaskLogsResponseBody.structured_lines": (None, "repeated flyteidl.admin.LogLine = 2"),
        "admin.GetTaskLogsResponseBody.results": ("repeated string = 1", "repeated string = 1, deprecated"),
        "admin.GetTaskRequest.output_prefix": (None, "string = 4"),
        "admin.GetTaskRequest": (SAME, "message, reserved 5"),
        "admin.EmailNotification.template": (None, "string = 2"),
        "admin.SlackNotification.template": (None, "string = 2"),
        "admin.PagerDutyNotification.template": (None, "string = 2"),
        "admin.ExecutionClosure": (SAME, "message, reserved 15"),
        "admin.ExecutionSpec": ("message, reserved 4", "message, reserved 4 27"),
    },
    ("1.15.3", "1.16.0"): {
        "core.LogContext": (None, "message"),
        "core.LogContext.pods": (None, "repeated flyteidl.core.PodLogContext = 1"),
        "core.LogContext.primary_pod_name": (None, "string = 2"),
        "core.PodLogContext": (None, "message"),
        "core.PodLogContext.namespace": (None, "string = 1"),
        "core.PodLogContext.pod_name": (None, "string = 2"),
        "core.PodLogContext.containers": (None, "repeated flyteidl.core.ContainerContext = 3"),
        "core.PodLogContext.primary_container_name": (None, "string = 4"),
        "core.PodLogContext.init_containers": (None, "repeated flyteidl.core.ContainerContext = 5"),
        "core.ContainerContext": (None, "message"),
        "core.ContainerContext.container_name": (None, "string = 1"),
        "core.ContainerContext.process": (None, "flyteidl.core.ContainerContext.ProcessContext = 2"),
        "core.ContainerContext.ProcessContext": (None, "message"),
        "core.ContainerContext.ProcessContext.container_start_time": (None, "google.protobuf.Timestamp = 1"),
        "core.ContainerContext.ProcessContext.container_end_time": (None, "google.protobuf.Timestamp = 2"),
        "admin.TaskExecutionClosure.log_context": (None, "flyteidl.core.LogContext = 19"),
        "event.ExternalResourceInfo.log_context": (None, "flyteidl.core.LogContext = 9"),
        "event.TaskExecutionEvent.log_context": (None, "flyteidl.core.LogContext = 22"),
        "core.TaskMetadata.metadata": (None, "flyteidl.core.K8sObjectMetadata = 16"),
        "core.TaskExecution.Phase.RETRYABLE_FAILED": (None, "value 8"),
    },
    ("1.16.0", "1.16.1"): {
        "admin.ConcurrencyPolicy": (None, "message"),
        "admin.ConcurrencyPolicy.max": (None, "int32 = 1"),
        "admin.ConcurrencyPolicy.behavior": (None, "flyteidl.admin.ConcurrencyLimitBehavior = 2"),
        "admin.ConcurrencyLimitBehavior": (None, "enum"),
        "admin.ConcurrencyLimitBehavior.CONCURRENCY_LIMIT_BEHAVIOR_UNSPECIFIED": (None, "value 0"),
        "admin.ConcurrencyLimitBehavior.CONCURRENCY_LIMIT_BEHAVIOR_SKIP": (None, "value 1"),
        "admin.LaunchPlanSpec.concurrency_policy": (None, "flyteidl.admin.ConcurrencyPolicy = 24"),
    },
    ("1.16.1", "1.16.4"): {},
    ("1.16.4", "1.16.6"): {"core.ArrayNode.run_all_sub_nodes": (None, "bool = 9")},
    ("1.16.6", "1.16.7"): {
        "plugins.AutoscalerOptions": (None, "message"),
        "plugins.AutoscalerOptions.UpscalingMode": (None, "enum"),
        "plugins.AutoscalerOptions.UpscalingMode.UPSCALING_MODE_UNSPECIFIED": (None, "value 0"),
        "plugins.AutoscalerOptions.UpscalingMode.UPSCALING_MODE_DEFAULT": (None, "value 1"),
        "plugins.AutoscalerOptions.UpscalingMode.UPSCALING_MODE_AGGRESSIVE": (None, "value 2"),
        "plugins.AutoscalerOptions.UpscalingMode.UPSCALING_MODE_CONSERVATIVE": (None, "value 3"),
        "plugins.AutoscalerOptions.upscaling_mode": (None, "flyteidl.plugins.AutoscalerOptions.UpscalingMode = 1"),
        "plugins.AutoscalerOptions.idle_timeout_seconds": (None, "int32 = 2"),
        "plugins.AutoscalerOptions.env": (None, "repeated flyteidl.core.KeyValuePair = 3"),
        "plugins.AutoscalerOptions.image": (None, "string = 4"),
        "plugins.AutoscalerOptions.resources": (None, "flyteidl.core.Resources = 5"),
        "plugins.RayCluster.autoscaler_options": (None, "flyteidl.plugins.AutoscalerOptions = 4"),
    },
    ("1.16.7", "1.16.8"): {},
}


@pytest.fixture(scope="module")
def committed():
    return read_history(IDL)


@pytest.mark.parametrize("step", STEPS, ids=" to ".join)
def test_the_committed_history_tells_each_step_exactly(committed, step):
    before, after = (committed.at(version) for version in step)
    changed = {
        name.removeprefix("flyteidl."): (before.get(name), after.get(name))
        for name in before.keys() | after.keys()
        if before.get(name) != after.get(name)
    }
    assert changed == STEPS[step]


@pytest.mark.parametrize(
    ("version", "counts"), [("1.14.0", (429, 1255, 49, 193, 11, 92)), ("1.16.8", (437, 1308, 53, 205, 11, 92))]
)
def test_the_committed_history_has_all_elements(committed, version, counts):
    kinds = [declaration.split()[0].rstrip(",") for declaration in committed.at(version).values()]
    messages, *others = (kinds.count(kind) for kind in ("message", "enum", "value", "service", "rpc"))
    assert (messages, len(kinds) - messages - sum(others), *others) == counts


def test_the_committed_history_ends_with_the_schema_in_idl(committed):
    lock = read_lock(IDL)
    assert committed.distribution == lock.release.distribution
    assert committed.releases[-1] == lock.release.version
    assert committed.at(lock.release.version) == declarations_of(compile_tree(IDL, sorted(lock.files)).values())


def test_the_committed_history_knows_since_when(committed):
    assert committed.releases[0] == "1.10.0" and len(committed.releases) == len(set(committed.releases))
    for name, version in {
        "core.Literal": "1.10.0",
        "service.SyncAgentService.ExecuteTaskSync": "1.11.0",
        "service.AsyncAgentService.GetTaskLogs": "1.10.7",
        "core.ArrayNode.run_all_sub_nodes": "1.16.5",
        "admin.LogLine": "1.15.2",
        "admin.ConcurrencyLimitBehavior.CONCURRENCY_LIMIT_BEHAVIOR_SKIP": "1.16.1",
    }.items():
        assert committed.since(f"flyteidl.{name}") == version
    assert committed.removed_in("flyteidl.core.Literal.size_bytes") == "1.13.4"
    assert committed.text() == (IDL / "history.json").read_text(encoding="utf-8")
    assert json.loads(committed.text())["elements"] == committed.elements

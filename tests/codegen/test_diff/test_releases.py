"""The whole history of flyteidl from 1.14.0 to 1.16.8: what each release changed, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from flytekit_codegen.diff import Side, compare_sides, side
from flytekit_codegen.diff.changes import CATEGORIES
from flytekit_codegen.pipeline.run import CONTRACT
from flytekit_codegen.sync import read_history

IDL = Path(__file__).parents[3] / "idl"
OLDEST = "1.14.0"

# Written down from the releases themselves. `+` added, `~` changed, `#` reserved, `!` deprecated.
CHANGES = {
    "1.14.1": """
        + flyteidl.core.ArrayNode.DataMode
        + flyteidl.core.ArrayNode.data_mode
        + flyteidl.core.BindingData.offloaded_metadata
        + flyteidl.event.CloudEventWorkflowExecution.labels
        + flyteidl.event.CloudEventNodeExecution.labels
        + flyteidl.event.CloudEventTaskExecution.labels
    """,
    "1.14.2": """
        ~ flyteidl.core.TaskMetadata.generates_deck
        # flyteidl.core.TaskMetadata
        + flyteidl.admin.LaunchPlanSpec.cluster_assignment
        + flyteidl.core.ContainerPort.name
        + flyteidl.core.NodeMetadata.config
        + flyteidl.core.Secret.env_var
        + flyteidl.event.ExternalResourceInfo.custom_info
        + flyteidl.event.ExternalResourceInfo.target_metadata
        + flyteidl.event.ExternalResourceInfo.workflow_node_metadata
        # flyteidl.admin.ExecutionMetadata
    """,
    "1.14.3": """
        + flyteidl.core.K8sPod.primary_container_name
        + flyteidl.core.TaskNodeOverrides.pod_template
    """,
    "1.15.0": """
        + flyteidl.core.SharedMemory
        + flyteidl.core.ExtendedResources.shared_memory
        + flyteidl.plugins.SparkJob.driverPod
        + flyteidl.plugins.SparkJob.executorPod
    """,
    "1.15.1": """
        + flyteidl.core.ArrayNode.bound_inputs
    """,
    "1.15.2": """
        + flyteidl.admin.LogLine
        + flyteidl.admin.LogLineOriginator
        + flyteidl.admin.GetTaskLogsResponseBody.structured_lines
        ! flyteidl.admin.GetTaskLogsResponseBody.results
        + flyteidl.admin.GetTaskRequest.output_prefix
        + flyteidl.admin.EmailNotification.template
        + flyteidl.admin.SlackNotification.template
        + flyteidl.admin.PagerDutyNotification.template
        # flyteidl.admin.ExecutionClosure
        # flyteidl.admin.ExecutionSpec
        # flyteidl.admin.GetTaskRequest
    """,
    "1.15.3": "",
    "1.16.0": """
        + flyteidl.core.LogContext
        + flyteidl.core.PodLogContext
        + flyteidl.core.ContainerContext
        + flyteidl.core.ContainerContext.ProcessContext
        + flyteidl.admin.TaskExecutionClosure.log_context
        + flyteidl.event.ExternalResourceInfo.log_context
        + flyteidl.event.TaskExecutionEvent.log_context
        + flyteidl.core.TaskMetadata.metadata
        + flyteidl.core.TaskExecution.Phase.RETRYABLE_FAILED
    """,
    "1.16.1": """
        + flyteidl.admin.ConcurrencyPolicy
        + flyteidl.admin.ConcurrencyLimitBehavior
        + flyteidl.admin.LaunchPlanSpec.concurrency_policy
    """,
    "1.16.2": "",
    "1.16.3": "",
    "1.16.4": "",
    "1.16.5": """
        + flyteidl.core.ArrayNode.run_all_sub_nodes
    """,
    "1.16.6": "",
    "1.16.7": """
        + flyteidl.plugins.AutoscalerOptions
        + flyteidl.plugins.AutoscalerOptions.UpscalingMode
        + flyteidl.plugins.RayCluster.autoscaler_options
    """,
    "1.16.8": "",
}
SIGNS = {"added": "+", "changed": "~", "reserved": "#", "deprecated": "!", "removed": "-"}


def test_the_table_has_every_release():
    history = read_history(IDL)
    assert history is not None
    releases = history.releases
    assert list(CHANGES) == list(releases[releases.index(OLDEST) + 1 :])


@pytest.mark.parametrize("version", CHANGES)
def test_the_history_kept_in_idl_has_the_same_changes(version):
    """Without a release at hand: of what the history keeps, it has exactly what the table has."""
    history = read_history(IDL)
    assert history is not None
    changes = {change.name: change for change in history.changes(version)}
    new = {name for name, change in changes.items() if change.before is None}
    told = {line.split()[1] for line in CHANGES[version].strip().splitlines()}
    # What is in a new message or enum goes without saying, but for the types in it; oneofs are no part of a history.
    said = {
        name for name in changes if name.rpartition(".")[0] not in new or changes[name].after in ("message", "enum")
    }
    assert said == told - {"flyteidl.event.ExternalResourceInfo.target_metadata"}


@pytest.fixture(scope="module")
def sides(tmp_path_factory) -> dict[str, Side]:
    root = tmp_path_factory.mktemp("releases")
    found = {}
    for version in (OLDEST, *CHANGES):
        (root / version).mkdir()
        found[version] = side(version, root / version, idl=IDL)
    return found


@pytest.fixture(scope="module")
def comparisons(sides):
    return {
        new: compare_sides(sides[old], sides[new], idl=IDL, contract=CONTRACT, package="flytekit.models")
        for old, new in pairwise((OLDEST, *CHANGES))
    }


@pytest.mark.network
@pytest.mark.parametrize("version", CHANGES)
def test_each_release_changed_exactly_this(comparisons, version):
    found = {f"{SIGNS[change.kind]} {change.element}" for change in comparisons[version].layer("wire")}
    assert found == {line.strip() for line in CHANGES[version].strip().splitlines()}


@pytest.mark.network
def test_the_one_break_is_one_of_the_wire_and_of_the_api(comparisons):
    breaking = {
        version: [(change.layer, change.element) for change in found.changes if change.breaking]
        for version, found in comparisons.items()
        if any(change.breaking for change in found.changes)
    }
    assert breaking == {
        "1.14.2": [
            ("wire", "flyteidl.core.TaskMetadata.generates_deck"),
            ("api", "flytekit.models.task.TaskMetadata.generates_deck"),
        ]
    }
    wire, api = [change for change in comparisons["1.14.2"].changes if change.breaking]
    assert "bool = 10 became google.protobuf.BoolValue = 15" in wire.text
    assert wire.breaks == ("FILE", "PACKAGE", "WIRE_JSON") and api.rules == ("API_VALUE_OR_NONE",)


@pytest.mark.network
def test_a_member_that_enters_a_oneof(comparisons):
    (wire,) = [one for one in comparisons["1.14.1"].layer("wire") if one.element.endswith(".offloaded_metadata")]
    (api,) = [one for one in comparisons["1.14.1"].layer("api") if one.element.endswith(".offloaded_metadata")]
    assert wire.text.endswith("in oneof value")
    assert "API_ONEOF_ARM_ADDED" in api.rules and not api.breaking


@pytest.mark.network
def test_steps_without_a_change_are_empty(comparisons):
    for version, table in CHANGES.items():
        assert bool(comparisons[version].changes) == bool(table.strip()), version


@pytest.mark.network
def test_what_users_need_is_the_release_itself(comparisons):
    for version, found in comparisons.items():
        assert {(need.version, need.exact) for need in found.needs} <= {(version, True)}
    (need,) = comparisons["1.16.5"].needs
    assert need.element == "flyteidl.core.ArrayNode.run_all_sub_nodes"


@pytest.mark.network
@pytest.mark.parametrize("back", [False, True], ids=["forwards", "backwards"])
def test_breaking_findings_are_bufs_own(sides, back):
    """On every pair of adjacent releases, in both directions; buf compiles the folders itself."""
    buf = Path(sys.executable).with_name("buf")
    config = json.dumps({"version": "v2", "breaking": {"use": list(CATEGORIES)}})
    for pair in pairwise((OLDEST, *CHANGES)):
        old, new = (sides[version] for version in (reversed(pair) if back else pair))
        done = subprocess.run(
            [buf, "breaking", new.folder, "--against", old.folder, "--config", config, "--error-format=json"],
            capture_output=True,
            text=True,
        )
        assert done.returncode in (0, 100), done.stderr
        own = {(one["type"], one.get("path")) for one in map(json.loads, done.stdout.splitlines())}
        found = compare_sides(old, new, idl=IDL, contract=None, package="models").breaking("wire")
        ours = {(rule, change.file) for change in found for rule in change.rules}
        prefix = f"{new.folder}/"
        assert {(rule, file) for rule, file in ours if rule not in ("FIELD_RENUMBERED",)} == {
            (rule, path.removeprefix(prefix) if path else None) for rule, path in own
        }

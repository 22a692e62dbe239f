"""Runs in an environment with flytekit: its clients against a server, what they send and what they make of the answers.

Writes one JSON document: every result by name, every request that the server got, and which answers are still whole.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from observe import attempted, shown
from server import Store, running

WORKFLOWS = Path(__file__).parent.parent / "workflows"
PROJECT, DOMAIN, VERSION = "flytesnacks", "development", "v1"


class Results:
    """The results so far."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.whole: dict[str, bool] = {}

    def take(self, name: str, call: Any) -> Any:
        """Call, note what came of it, and give it."""
        result: list[Any] = []

        def made() -> Any:
            result.append(call())
            return shown(result[0])

        self.values[name] = attempted(made)
        if not result:
            raise SystemExit(f"{name}: {self.values[name]}")
        return result[0]

    def fail(self, name: str, call: Any) -> None:
        """Call what is to fail, and note how."""
        outcome = attempted(call)
        self.values[name] = {"error": outcome["error"]} if isinstance(outcome, dict) else {"no error": shown(outcome)}

    def compare(self, name: str, model: Any, sent: Any) -> None:
        """Note whether *model* still says all that the server *sent*."""
        self.whole[name] = model.to_flyte_idl() == sent


def clients(address: str, store: Store, results: Results) -> None:
    """The client of single calls."""
    from flytekit.clients.friendly import SynchronousFlyteClient
    from flytekit.configuration import PlatformConfig
    from flytekit.models import common, execution, filters, literals, matchable_resource, named_entity, project
    from flytekit.models.admin.common import Sort
    from flytekit.models.core.identifier import Identifier, ResourceType

    client = SynchronousFlyteClient(PlatformConfig(endpoint=address, insecure=True))
    take = results.take
    newest = Sort("created_at", Sort.Direction.DESCENDING)
    wanted = [
        filters.Equal("project", PROJECT),
        filters.ValueIn("phase", ["RUNNING", "FAILED"]),
        filters.Contains("n", ["x", "y"]),
    ]
    of_all = common.NamedEntityIdentifier(PROJECT, DOMAIN)

    for kind in ("task", "workflow", "launch_plan"):
        ids = getattr(client, f"list_{kind}_ids_paginated")
        take(f"{kind} ids", lambda ids=ids: ids(PROJECT, DOMAIN, limit=2, sort_by=newest))
        listing = getattr(client, f"list_{kind}s_paginated")
        first, token = take(
            f"{kind}s", lambda listing=listing: listing(of_all, limit=1, filters=wanted, sort_by=newest)
        )
        take(f"more {kind}s", lambda listing=listing, token=token: listing(of_all, limit=100, token=token))
        found = take(f"a {kind}", lambda kind=kind, first=first: getattr(client, f"get_{kind}")(first[0].id))
        results.compare(kind, found, store.last)
    plan = Identifier(ResourceType.LAUNCH_PLAN, PROJECT, DOMAIN, "plans.daily", VERSION)
    take("activate", lambda: client.update_launch_plan(plan, 1))
    take("active", lambda: client.get_active_launch_plan(common.NamedEntityIdentifier(PROJECT, DOMAIN, "plans.daily")))
    take("all active", lambda: client.list_active_launch_plans_paginated(PROJECT, DOMAIN, sort_by=newest))
    entity = named_entity.NamedEntityIdentifier(PROJECT, DOMAIN, "plans.daily")
    state = named_entity.NamedEntityMetadata("described", named_entity.NamedEntityState.ARCHIVED)
    take("archive", lambda: client.update_named_entity(ResourceType.LAUNCH_PLAN, entity, state))

    metadata = execution.ExecutionMetadata(execution.ExecutionMetadata.ExecutionMode.MANUAL, "me", 0)
    spec = execution.ExecutionSpec(
        plan,
        metadata,
        notifications=execution.NotificationList([common.Notification([3], email=common.EmailNotification(["a@b.c"]))]),
        labels=common.Labels({"l": "1"}),
        max_parallelism=3,
        envs=common.Envs({"E": "1"}),
        tags=["t"],
        interruptible=True,
        overwrite_cache=True,
        cluster_assignment=execution.ClusterAssignment("pool"),
    )
    inputs = literals.LiteralMap(
        {"a": literals.Literal(scalar=literals.Scalar(primitive=literals.Primitive(integer=3)))}
    )
    key = take("execute", lambda: client.create_execution(PROJECT, DOMAIN, "one", spec, inputs))
    found = take("execution", lambda: client.get_execution(key))
    results.compare("execution", found, store.last)
    take("execution data", lambda: client.get_execution_data(key))
    take("metrics", lambda: client.get_execution_metrics(key))
    take("executions", lambda: client.list_executions_paginated(PROJECT, DOMAIN, filters=wanted, sort_by=newest))
    nodes, _ = take("nodes", lambda: client.list_node_executions(key, filters=wanted, sort_by=newest))
    node = take("node", lambda: client.get_node_execution(nodes[0].id))
    results.compare("node execution", node, store.last)
    take("node data", lambda: client.get_node_execution_data(node.id))
    tasks, _ = take("task executions", lambda: client.list_task_executions_paginated(node.id, sort_by=newest))
    take("task execution", lambda: client.get_task_execution(tasks[0].id))
    take("task execution data", lambda: client.get_task_execution_data(tasks[0].id))
    take("children", lambda: client.list_node_executions_for_task_paginated(tasks[0].id))
    take("terminate", lambda: client.terminate_execution(key, "enough"))
    take("terminated", lambda: client.get_execution(key))
    take("relaunch", lambda: client.relaunch_execution(key, "relaunched"))
    take("recover", lambda: client.recover_execution(key, "recovered"))

    take("projects", lambda: client.list_projects_paginated(sort_by=newest, filters=wanted))
    take("register project", lambda: client.register_project(project.Project("new", "New", "a new one")))
    archived = project.Project("new", "New", "gone", state=project.Project.ProjectState.ARCHIVED)
    take("update project", lambda: client.update_project(archived))
    take("domains", client.get_domains)
    queue = matchable_resource.MatchingAttributes(
        execution_queue_attributes=matchable_resource.ExecutionQueueAttributes(["q"])
    )
    label = matchable_resource.MatchingAttributes(execution_cluster_label=matchable_resource.ExecutionClusterLabel("c"))
    take("set project", lambda: client.update_project_domain_attributes(PROJECT, DOMAIN, queue))
    take("set workflow", lambda: client.update_workflow_attributes(PROJECT, DOMAIN, "w", label))
    kind = matchable_resource.MatchableResource.EXECUTION_QUEUE
    take("of project", lambda: client.get_project_domain_attributes(PROJECT, DOMAIN, kind))
    take("of workflow", lambda: client.get_workflow_attributes(PROJECT, DOMAIN, "w", kind))
    take("attributes", lambda: client.list_matchable_attributes(kind))
    take(
        "upload",
        lambda: _without_port(client.get_upload_signed_url(PROJECT, DOMAIN, filename="f", expires_in=timedelta(1))),
    )
    take("data", lambda: client.get_data("flyte://x"))
    take("version", client.get_control_plane_version)
    missing = Identifier(ResourceType.TASK, PROJECT, DOMAIN, "missing", VERSION)
    results.fail("missing", lambda: client.get_task(missing))


def _without_port(answer: Any) -> Any:
    answer.signed_url = answer.signed_url.rpartition("/")[2]
    return answer


def remotes(address: str, results: Results) -> None:
    """The remote of whole workflows."""
    import control
    import plans
    import values

    from flytekit.configuration import Config, Image, ImageConfig, PlatformConfig, SerializationSettings
    from flytekit.remote import FlyteRemote

    take = results.take
    config = Config(platform=PlatformConfig(endpoint=address, insecure=True))
    remote = FlyteRemote(config, default_project=PROJECT, default_domain=DOMAIN, data_upload_location="/tmp/none")
    image = Image(name="default", fqn="registry/image", tag="1")
    settings = SerializationSettings(ImageConfig(default_image=image, images=[image]), PROJECT, DOMAIN, VERSION)
    take("register task", lambda: remote.register_task(values.plain, settings, VERSION))
    for workflow in (
        control.nested,
        control.branches,
        control.ordered,
        control.gated,
        plans.planned,
        values.structured_values,
    ):
        take(
            f"register {workflow.name}", lambda workflow=workflow: remote.register_workflow(workflow, settings, VERSION)
        )
    for plan in (plans.fixed, plans.daily, plans.hourly):
        take(
            f"register {plan.name}",
            lambda plan=plan: remote.register_launch_plan(plan, VERSION, serialization_settings=settings),
        )
    task = take("fetched task", lambda: remote.fetch_task(name="values.plain", version=VERSION))
    workflow = take("fetched workflow", lambda: remote.fetch_workflow(name="control.nested", version=VERSION))
    take("fetched branches", lambda: remote.fetch_workflow(name="control.branches", version=VERSION))
    plan = take("fetched plan", lambda: remote.fetch_launch_plan(name="plans.fixed", version=VERSION))
    take("interfaces", lambda: [task.interface, workflow.interface, plan.interface])
    take("text", lambda: [str(task.id), repr(workflow.id), plan.id.short_string()])
    take("newest tasks", lambda: remote.list_tasks_by_version(VERSION))
    for name, entity, inputs in (
        ("task", task, {"a": 1, "b": 2.0, "c": "c", "d": True}),
        ("workflow", workflow, {"x": 4}),
        ("plan", plan, {"when": __import__("datetime").datetime(2024, 1, 1), "count": 5}),
        ("local workflow", control.nested, {"x": 5}),
    ):
        kwargs = {"version": VERSION} if name.startswith("local") else {}
        execution = take(
            f"execute {name}",
            lambda entity=entity, inputs=inputs, kwargs=kwargs, name=name: remote.execute(
                entity,
                inputs,
                execution_name=f"run-{name.replace(' ', '-')}",
                overwrite_cache=True,
                tags=["a"],
                envs={"E": "v"},
                interruptible=False,
                **kwargs,
            ),
        )
        synced = take(f"sync {name}", lambda execution=execution: remote.sync_execution(execution, sync_nodes=True))
        take(f"state of {name}", lambda synced=synced: [synced.is_done, synced.error, synced.closure, synced.spec])
        take(f"inputs of {name}", lambda synced=synced: dict(synced.inputs._literals))
        take(f"outputs of {name}", lambda synced=synced: dict(synced.outputs._literals))
        nodes = sorted(synced.node_executions)
        take(f"nodes of {name}", lambda nodes=nodes: nodes)
        for node in nodes:
            each = synced.node_executions[node]
            take(f"{name}.{node}", lambda each=each: [each, each.closure, each.metadata, each.task_executions])
    executed = take("fetch execution", lambda: remote.fetch_execution(name="run-workflow"))
    take("recent", lambda: remote.recent_executions(limit=2))
    take("wait", lambda: remote.wait(executed, timeout=timedelta(seconds=20), sync_nodes=False))
    take("set input", lambda: remote.set_input("number", "run-workflow", 5, python_type=int))
    take("approve", lambda: remote.approve("sure", "run-workflow"))
    take("signals", lambda: remote.list_signals("run-workflow"))
    take("terminate remote", lambda: remote.terminate(executed, "enough"))
    take("aborted", lambda: remote.fetch_execution(name="run-workflow").closure)
    take("projects of remote", lambda: remote.list_projects())
    take("lazy", lambda: remote.fetch_task_lazy(name="values.plain", version=VERSION).entity)
    results.fail("missing workflow", lambda: remote.fetch_workflow(name="missing", version=VERSION))


def command_line(address: str, results: Results) -> None:
    """The command line against the server."""
    config = Path("config.yaml")
    config.write_text(f"admin:\n  endpoint: dns:///{address}\n  insecure: true\n")
    pyflyte = Path(sys.executable).parent / "pyflyte"
    common = ["--config", str(config)]
    for name, arguments in {
        "pyflyte register": [
            "register",
            "--version",
            "v9",
            "--image",
            "x:y",
            "--non-fast",
            str(WORKFLOWS / "plans.py"),
        ],
        "pyflyte register fast": ["register", "--version", "v10", "--image", "x:y", str(WORKFLOWS / "values.py")],
        "pyflyte run remote": [
            "run",
            "--remote",
            "--name",
            "by-hand",
            str(WORKFLOWS / "control.py"),
            "nested",
            "--x",
            "3",
        ],
        "pyflyte fetch": ["fetch", "flyte:v1:/flytesnacks/development/none/n0/o"],
        "pyflyte launchplan": ["launchplan", "-p", PROJECT, "-d", DOMAIN, "plans.daily", "v9", "--deactivate"],
        "pyflyte get": ["get", "launchplan", "-p", PROJECT, "-d", DOMAIN],
    }.items():
        done = subprocess.run([pyflyte, *common, *arguments], capture_output=True, text=True, timeout=120)
        results.values[name] = [done.returncode, (done.stdout + done.stderr).replace(address, "SERVER").splitlines()]


@contextmanager
def relayed(address: str) -> Iterator[str]:
    """The address of a server that passes all on to the one at *address*; of that one itself if none was asked for."""
    relay = os.environ.get("RELAY")
    if not relay:
        yield address
        return
    with subprocess.Popen(
        [*json.loads(relay), address], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdin is not None and run.stdout is not None
        yield run.stdout.readline().strip()
        run.stdin.close()
        run.wait(timeout=30)


def main() -> None:
    """Run all, and print what came of it."""
    logging.disable(logging.CRITICAL)
    os.environ["FLYTE_CREDENTIALS_INSECURE"] = "true"
    sys.path.insert(0, str(WORKFLOWS))
    store, results = Store(), Results()
    with running(store) as server, relayed(server) as address:
        remotes(address, results)
        clients(address, store, results)
        command_line(address, results)
    found = {"results": results.values, "whole": results.whole, "requests": store.requests}
    print(json.dumps({**found, "relayed": address != server}))


if __name__ == "__main__":
    main()

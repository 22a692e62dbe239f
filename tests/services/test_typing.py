"""What type checkers and whoever reads hints know of clients and servicers."""

from __future__ import annotations

import subprocess
import sys
import typing
from pathlib import Path
from typing import Any

import pytest
from services import all_services

_ROOT = Path(__file__).parents[2]

_EXAMPLE = """
from collections.abc import AsyncIterator, Iterator
from typing_extensions import assert_type

import grpc
import grpc.aio

from flytekit.models.admin import agent as idl
from flytekit.models.common import ObjectGetRequest, ResourceListRequest
from flytekit.models.execution import Execution
from flytekit.models.service.admin import AdminServiceAsyncClient, AdminServiceClient
from flytekit.models.service.agent import (
    AsyncAgentServiceServicer, SyncAgentServiceAsyncClient, SyncAgentServiceClient, SyncAgentServiceServicer
)
from flytekit.models.task import Task
from flytekit_models.services import AsyncDuplexStream, RequestStream, ResponseStream


def sync(channel: grpc.Channel) -> None:
    client = AdminServiceClient(channel)
    assert_type(client.get_task(ObjectGetRequest(), timeout=1, metadata=[("a", "b")]), Task)
    assert_type(client.iter_executions(ResourceListRequest(), maximum=3, timeout=1), Iterator[Execution])
    agent = SyncAgentServiceClient(channel)
    assert_type(agent.execute_task_sync([idl.ExecuteTaskSyncRequest()]), ResponseStream[idl.ExecuteTaskSyncResponse])


async def asynchronous(channel: grpc.aio.Channel) -> None:
    client = AdminServiceAsyncClient(channel)
    assert_type(await client.get_task(ObjectGetRequest()), Task)
    assert_type(client.iter_executions(), AsyncIterator[Execution])
    agent = SyncAgentServiceAsyncClient(channel)
    stream = agent.execute_task_sync()
    assert_type(stream, AsyncDuplexStream[idl.ExecuteTaskSyncRequest, idl.ExecuteTaskSyncResponse])
    async for response in stream:
        assert_type(response, idl.ExecuteTaskSyncResponse)


class Agent(AsyncAgentServiceServicer):
    async def get_task(self, request: idl.GetTaskRequest, context: grpc.aio.ServicerContext) -> idl.GetTaskResponse:
        return idl.GetTaskResponse()

    def delete_task(self, request: idl.DeleteTaskRequest, context: grpc.ServicerContext) -> idl.DeleteTaskResponse:
        return idl.DeleteTaskResponse()

    async def get_task_logs(
        self, request: idl.GetTaskLogsRequest, context: grpc.aio.ServicerContext
    ) -> AsyncIterator[idl.GetTaskLogsResponse]:
        yield idl.GetTaskLogsResponse()


class Counter(SyncAgentServiceServicer):
    def execute_task_sync(
        self, requests: RequestStream[idl.ExecuteTaskSyncRequest], context: grpc.ServicerContext
    ) -> Iterator[idl.ExecuteTaskSyncResponse]:
        for request in requests:
            assert_type(request, idl.ExecuteTaskSyncRequest)
            yield idl.ExecuteTaskSyncResponse()
"""
_WRONG = """
import grpc

from flytekit.models.common import ObjectGetRequest, ResourceListRequest
from flytekit.models.service.admin import AdminServiceClient
from flytekit.models.task import Task


def wrong(client: AdminServiceClient) -> None:
    client.get_task(ResourceListRequest())  # 1
    client.get_task(ObjectGetRequest(), retries=1)  # 2
    client.get_task(ObjectGetRequest(), timeout="1")  # 3
    task: Task = client.list_tasks()  # 4
"""


@pytest.mark.parametrize("checker", [["mypy", "--strict"], ["pyright"]], ids=lambda command: command[0])
def test_checkers_know_requests_and_responses(checker: list[str], tmp_path: Path) -> None:
    tmp_path.joinpath("example.py").write_text(_EXAMPLE)
    tmp_path.joinpath("wrong.py").write_text(_WRONG)
    paths = [str(_ROOT / name) for name in ("generated", "runtime")]
    if checker[0] == "mypy":
        lines = [
            "[mypy]",
            "namespace_packages = true",
            "explicit_package_bases = true",
            f"mypy_path = {':'.join(paths)}",
        ]
        # Neither package has types.
        lines += [
            "[mypy-grpc.*]",
            "ignore_missing_imports = true",
            "[mypy-flyteidl.*]",
            "ignore_missing_imports = true",
        ]
        tmp_path.joinpath("mypy.ini").write_text(
            "\n".join([*lines, "python_version = 3.11", "follow_imports = silent"])
        )
    else:
        import json

        config = {
            "extraPaths": paths,
            "pythonVersion": "3.11",
            "reportMissingImports": False,
            "venvPath": str(_ROOT),
            "venv": ".venv",
        }
        tmp_path.joinpath("pyrightconfig.json").write_text(json.dumps(config))
    command = [str(Path(sys.executable).with_name(checker[0])), *checker[1:], "example.py", "wrong.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    errors = [line for line in done.stdout.splitlines() if "error" in line and ".py:" in line]
    wrong_lines = [number for number, line in enumerate(_WRONG.splitlines(), 1) if "  # " in line]
    found = sorted({int(line.split("wrong.py:")[1].split(":")[0]) for line in errors if "wrong.py:" in line})
    assert found == wrong_lines, done.stdout
    assert not [line for line in errors if "example.py" in line], done.stdout


def _methods() -> list[Any]:
    classes = [one for found in all_services().values() for one in (found.client, found.async_client, found.servicer)]
    return [
        pytest.param(method, id=f"{one.__name__}.{name}")
        for one in classes
        for name, method in vars(one).items()
        if callable(method) and not name.startswith("_")
    ]


def test_every_hint_resolves() -> None:
    methods = _methods()
    assert len(methods) > 3 * 92
    for method in (each.values[0] for each in methods):
        hints = typing.get_type_hints(method)
        assert "return" in hints and len(hints) >= 3, method


def test_importing_a_service_imports_neither_grpc_nor_the_models_of_its_messages() -> None:
    program = (
        "import sys, flytekit.models.service.admin, flytekit.models.service.agent\n"
        "print(sorted(name for name in sys.modules if name.split('.')[0] in "
        "('grpc', 'google', 'flyteidl', 'asyncio', 'logging') or name.startswith('flytekit.models.')))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    expected = ["flytekit.models.service", "flytekit.models.service.admin", "flytekit.models.service.agent"]
    assert done.stdout.strip() == str(expected)

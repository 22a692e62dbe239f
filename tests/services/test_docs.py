"""The examples of docs/services.md run, as they stand, against a server on our servicers."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import grpc
import pytest
from services import TIMEOUT, Loop, async_server, sync_server

from flytekit.models import common, execution
from flytekit.models.admin import version
from flytekit.models.admin.agent import CreateTaskRequest, GetTaskRequest
from flytekit.models.core import execution as core_execution
from flytekit.models.core import identifier
from flytekit.models.service.admin import AdminServiceServicer
from flytekit.models.service.agent import AsyncAgentServiceClient

_TEXT = Path(__file__).parents[2].joinpath("docs/services.md").read_text(encoding="utf-8")
_BLOCKS = re.findall(r"```python\n(.*?)```", _TEXT, re.DOTALL)
_PHASES = core_execution.WorkflowExecutionPhase


class _Admin(AdminServiceServicer):
    """Three executions, of which two failed, in pages of one; and those that are launched, which succeed at once."""

    def get_version(self, request: Any, context: Any) -> Any:
        return version.GetVersionResponse(control_plane_version=version.Version(version="v1.2.3"))

    def list_executions(self, request: common.ResourceListRequest, context: Any) -> execution.ExecutionList:
        assert (request.filters, request.limit) in (("eq(phase,FAILED)", 100), ("eq(phase,FAILED)", 10))
        found = [_execution(name, _PHASES.FAILED) for name in ("first", "second")]
        page = int(request.token or 0)
        return execution.ExecutionList(executions=found[page : page + 1], token="1" if page == 0 else "")

    def create_execution(self, request: execution.ExecutionCreateRequest, context: Any) -> Any:
        return execution.ExecutionCreateResponse(id=_identifier(request.name))

    def get_execution(self, request: execution.WorkflowExecutionGetRequest, context: Any) -> execution.Execution:
        return _execution(request.id.name, _PHASES.SUCCEEDED)


def _identifier(name: str) -> identifier.WorkflowExecutionIdentifier:
    return identifier.WorkflowExecutionIdentifier("flytesnacks", "development", name)


def _execution(name: str, phase: int) -> execution.Execution:
    error = core_execution.ExecutionError("code", f"{name} broke", "", 0)
    closure = execution.ExecutionClosure(phase, datetime.now(timezone.utc), timedelta(0), error=error)
    plan = identifier.Identifier(identifier.ResourceType.LAUNCH_PLAN, "p", "d", "n", "v")
    spec = execution.ExecutionSpec(plan, execution.ExecutionMetadata(0, "", 0))
    return execution.Execution(_identifier(name), spec, closure)


@pytest.fixture
def admin() -> Iterator[str]:
    with sync_server(_Admin()) as address:
        yield address


def _run(code: str, names: dict[str, Any], **addresses: str) -> None:
    for port, address in addresses.items():
        code = code.replace(f"localhost:{port.removeprefix('at')}", address)
    exec(compile(code, "docs/services.md", "exec"), names)


def test_the_examples_run(admin: str, capsys: pytest.CaptureFixture[str]) -> None:
    agent_blocks = [block for block in _BLOCKS if "Echo(" in block]
    stream_blocks = [block for block in _BLOCKS if "get_task_logs(GetTaskLogsRequest" in block]
    others = [block for block in _BLOCKS if block not in agent_blocks + stream_blocks]
    assert (len(agent_blocks), len(stream_blocks), len(others)) == (1, 1, 4)
    names: dict[str, Any] = {"__name__": "docs"}
    for block in others:
        _run(block, names, at8089=admin)
    names["channel"].close()
    assert capsys.readouterr().out.splitlines() == [
        "v1.2.3",
        "first first broke",
        "second second broke",
        "SUCCEEDED",
        "['first', 'second']",
    ]
    _run(agent_blocks[0], names)
    loop = Loop()
    try:
        with async_server(loop, names["Echo"]()) as address:
            _run(stream_blocks[0], names, at8000=address)
            created = names["agent"].create_task(CreateTaskRequest(output_prefix="s3://x"))
            resource = names["agent"].get_task(GetTaskRequest(resource_meta=created.resource_meta)).resource
            assert (resource.message, resource.phase) == ("s3://x", 3)
    finally:
        loop.close()
    assert capsys.readouterr().out.splitlines() == ["['started']", "['done']"]


def test_the_server_of_the_example_serves() -> None:
    (block,) = [block for block in _BLOCKS if "Echo(" in block]
    with sync_server() as address:
        pass  # Its port is free again.
    program = "import asyncio, grpc\n" + block.replace("localhost:8000", address) + "\nasyncio.run(serve())"
    with subprocess.Popen([sys.executable, "-c", program]) as serving:
        try:
            with grpc.insecure_channel(address) as channel, pytest.raises(grpc.RpcError) as caught:
                AsyncAgentServiceClient(channel).delete_task(wait_for_ready=True, timeout=TIMEOUT)
        finally:
            serving.kill()
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED

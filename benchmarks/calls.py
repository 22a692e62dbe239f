"""Prints what calls take in this environment: for each case and client, seconds by the clock and of the processor."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import grpc

Call = Callable[[], Any]
CALLS = {"small": 40, "large": 10}
"""How many calls each time is of."""


def clients(contender: str, channel: grpc.Channel, address: str) -> dict[str, dict[str, Call]]:
    """The clients that this environment has: case to call."""
    from flyteidl.admin import execution_pb2
    from flyteidl.core import identifier_pb2
    from flyteidl.service import admin_pb2_grpc

    stub = admin_pb2_grpc.AdminServiceStub(channel)
    run = {"project": "p", "domain": "d", "name": "n"}
    found = {
        "stub": {
            "small": lambda: stub.GetExecution(
                execution_pb2.WorkflowExecutionGetRequest(id=identifier_pb2.WorkflowExecutionIdentifier(**run))
            ),
            "large": lambda: stub.GetExecutionData(
                execution_pb2.WorkflowExecutionGetDataRequest(id=identifier_pb2.WorkflowExecutionIdentifier(**run))
            ),
        }
    }
    found["ours" if contender == "ours" else "flytekit"] = (_ours if contender == "ours" else _flytekit)(
        run, channel, address
    )
    return found


def _ours(run: dict[str, Any], channel: grpc.Channel, address: str) -> dict[str, Call]:
    from flytekit.models.core.identifier import WorkflowExecutionIdentifier
    from flytekit.models.execution import WorkflowExecutionGetDataRequest, WorkflowExecutionGetRequest
    from flytekit.models.service.admin import AdminServiceClient

    client = AdminServiceClient(channel)
    return {
        "small": lambda: client.get_execution(WorkflowExecutionGetRequest(id=WorkflowExecutionIdentifier(**run))),
        "large": lambda: client.get_execution_data(
            WorkflowExecutionGetDataRequest(id=WorkflowExecutionIdentifier(**run))
        ),
    }


def _flytekit(run: dict[str, Any], channel: grpc.Channel, address: str) -> dict[str, Call]:
    from flytekit.clients.friendly import SynchronousFlyteClient
    from flytekit.configuration import PlatformConfig
    from flytekit.models.core.identifier import WorkflowExecutionIdentifier

    client = SynchronousFlyteClient(PlatformConfig(endpoint=address, insecure=True))
    return {
        "small": lambda: client.get_execution(WorkflowExecutionIdentifier(**run)),
        "large": lambda: client.get_execution_data(WorkflowExecutionIdentifier(**run)),
    }


def read(case: str, response: Any) -> None:
    """Read all that the response is about; models and messages have the same members."""
    if case == "small":
        plan = response.spec.launch_plan
        _ = response.id.name, response.spec.metadata.principal, response.closure.phase, plan.name, plan.version
    else:
        _ = {name: each.scalar.primitive.integer for name, each in response.full_outputs.literals.items()}


def measure(contender: str, address: str, rounds: int) -> dict[str, dict[str, list[tuple[float, float]]]]:
    """Case and client to the rounds' seconds of one call: by the clock, and of the processor."""
    taken: dict[str, dict[str, list[tuple[float, float]]]] = {}
    with grpc.insecure_channel(address) as channel:
        for who, cases in clients(contender, channel, address).items():
            for case, call in cases.items():
                read(case, call())
                taken.setdefault(case, {})[who] = []
                taken.setdefault(f"{case}, read", {})[who] = []
        found = clients(contender, channel, address)
        for number in range(rounds):
            for case, count in CALLS.items():
                # Each goes first as often as the other.
                for who, cases in sorted(found.items(), reverse=bool(number % 2)):
                    taken[case][who].append(_time(cases[case], count))
                    taken[f"{case}, read"][who].append(
                        _time(lambda call=cases[case], case=case: read(case, call()), count)
                    )
    return taken


def _time(call: Call, count: int) -> tuple[float, float]:
    clock, processor = time.perf_counter_ns(), time.process_time_ns()
    for _ in range(count):
        call()
    taken = time.perf_counter_ns() - clock, time.process_time_ns() - processor
    return taken[0] / count / 1e9, taken[1] / count / 1e9


if __name__ == "__main__":
    json.dump(measure(sys.argv[1], sys.argv[2], int(sys.argv[3])), sys.stdout)

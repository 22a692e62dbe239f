"""A server that answers with messages that were written before, so that what is measured is the client.

Prints its address, and ends when its input does.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import grpc
from flyteidl.admin import execution_pb2
from flyteidl.core import identifier_pb2

LITERALS = 2000


def answers() -> dict[str, bytes]:
    """Rpc to response."""
    small = execution_pb2.Execution(
        id=identifier_pb2.WorkflowExecutionIdentifier(project="p", domain="d", name="n"),
        spec=execution_pb2.ExecutionSpec(
            launch_plan=identifier_pb2.Identifier(project="p", domain="d", name="n", version="v"),
            metadata=execution_pb2.ExecutionMetadata(principal="somebody"),
        ),
        closure=execution_pb2.ExecutionClosure(phase=4),
    )
    large = execution_pb2.WorkflowExecutionGetDataResponse()
    for number in range(LITERALS):
        large.full_outputs.literals[f"o{number}"].scalar.primitive.integer = number
    return {"GetExecution": small.SerializeToString(), "GetExecutionData": large.SerializeToString()}


def main() -> None:
    """Serve."""
    handlers = {
        name: grpc.unary_unary_rpc_method_handler(lambda request, context, answer=answer: answer)
        for name, answer in answers().items()
    }
    server = grpc.server(ThreadPoolExecutor(1))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("flyteidl.service.AdminService", handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(f"127.0.0.1:{port}", flush=True)
    sys.stdin.read()
    server.stop(None)


if __name__ == "__main__":
    main()

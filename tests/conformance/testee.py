"""The program that protobuf's conformance suite asks: it reads a message by a model, reads all in it, and writes it.

It answers on its standard output, as the suite's own ``conformance.proto`` says: each request and each response is a
message with its length before it. It takes no arguments; PYTHONPATH holds what ``run.py`` generated.
"""

from __future__ import annotations

import struct
import sys
from typing import Any

from conformance_idl import conformance_pb2
from conformance_models import (
    test_messages_edition2023,
    test_messages_proto2,
    test_messages_proto2_editions,
    test_messages_proto3,
    test_messages_proto3_editions,
)

from flytekit_models.errors import DecodeError
from flytekit_models.model.description import describe
from flytekit_models.model.state import ModelState

_MODELS = {
    describe(model).message: model
    for model in (
        test_messages_proto2.TestAllTypesProto2,
        test_messages_proto3.TestAllTypesProto3,
        test_messages_proto2_editions.TestAllTypesProto2,
        test_messages_proto3_editions.TestAllTypesProto3,
        test_messages_edition2023.TestAllTypesEdition2023,
    )
}


def read_all(model: Any) -> None:
    """Read everything in *model*."""
    for member in type(model)._fm_slots:
        value = getattr(model, f"_{member}")
        inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else (value,)
        for item in inside:
            if isinstance(item, ModelState):
                read_all(item)


def answer(request: Any, response: Any) -> None:
    """Fill in the *response* to a *request*."""
    tested = _MODELS[request.message_type]
    payload = request.WhichOneof("payload")
    try:
        if payload == "protobuf_payload":
            model = tested.from_bytes(request.protobuf_payload)
        elif payload == "json_payload":
            ignore = request.test_category == conformance_pb2.JSON_IGNORE_UNKNOWN_PARSING_TEST
            model = tested.from_json(request.json_payload, ignore_unknown_fields=ignore)
        else:
            response.skipped = f"models are not read from a {payload}"
            return
    except (DecodeError, ValueError) as error:
        response.parse_error = str(error)
        return
    read_all(model)
    try:
        if request.requested_output_format == conformance_pb2.PROTOBUF:
            response.protobuf_payload = model.to_bytes()
        elif request.requested_output_format == conformance_pb2.JSON:
            response.json_payload = model.to_json()
        else:
            response.skipped = "models are written in wire format and as JSON"
    except ValueError as error:
        response.serialize_error = str(error)


def main() -> None:
    """Answer requests until there are no more."""
    source, target = sys.stdin.buffer, sys.stdout.buffer
    while head := source.read(4):
        (length,) = struct.unpack("<I", head)
        request = conformance_pb2.ConformanceRequest.FromString(source.read(length))
        response = conformance_pb2.ConformanceResponse()
        try:
            answer(request, response)
        except Exception as error:
            response.runtime_error = f"{type(error).__name__}: {error}"
        data = response.SerializeToString()
        target.write(struct.pack("<I", len(data)) + data)
        target.flush()


if __name__ == "__main__":
    main()

"""Over TLS, with credentials of the channel and of the call: all of it is gRPC's."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import grpc
import pytest
from services import TIMEOUT, Loop, sync_server

from flytekit.models.admin.version import GetVersionResponse, Version
from flytekit.models.service.admin import AdminServiceAsyncClient, AdminServiceClient, AdminServiceServicer


class Admin(AdminServiceServicer):
    """Tells who calls."""

    def get_version(self, request: Any, context: grpc.ServicerContext) -> GetVersionResponse:
        authorization = dict(context.invocation_metadata()).get("authorization", "nobody")
        return GetVersionResponse(control_plane_version=Version(version=str(authorization)))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """A key, and a certificate of it for 127.0.0.1."""
    folder: Path = tmp_path_factory.mktemp("tls")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "certificate.pem"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=TIMEOUT)
    return folder.joinpath("key.pem").read_bytes(), folder.joinpath("certificate.pem").read_bytes()


def test_over_tls(certificate: tuple[bytes, bytes], loop: Loop) -> None:
    trusted = grpc.ssl_channel_credentials(certificate[1])
    caller = grpc.access_token_call_credentials("token")

    async def call(address: str) -> str:
        async with grpc.aio.secure_channel(address, trusted) as channel:
            response = await AdminServiceAsyncClient(channel).get_version(credentials=caller, timeout=TIMEOUT)
            assert response.control_plane_version is not None
            return response.control_plane_version.version

    with sync_server(Admin(), credentials=grpc.ssl_server_credentials([certificate])) as address:
        with grpc.secure_channel(address, trusted) as channel:
            client = AdminServiceClient(channel)
            for options, expected in (({}, "nobody"), ({"credentials": caller}, "Bearer token")):
                version = client.get_version(timeout=TIMEOUT, **options).control_plane_version  # type: ignore[arg-type]
                assert version is not None and version.version == expected
        assert loop.run(call(address)) == "Bearer token"
        with grpc.insecure_channel(address) as channel, pytest.raises(grpc.RpcError) as caught:
            AdminServiceClient(channel).get_version(timeout=TIMEOUT)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE

"""protoc, as grpcio-tools ships it: from .proto files to descriptors with their comments."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager
from importlib.resources import as_file, files
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet

# Lines of a log, and warnings.
_BESIDE_THE_POINT = re.compile(r"^\s*$|^WARNING: |^[IW]\d{4} |: warning: ")


class ProtocRefuses(Exception):
    """protoc refuses a file; *complaints* are the lines in which it says why."""

    def __init__(self, complaints: Sequence[str]) -> None:
        self.complaints = tuple(complaints)
        super().__init__("\n".join(complaints))


def well_known_folder() -> AbstractContextManager[Path]:
    """The folder that holds google/protobuf/*.proto, as grpcio-tools ships them."""
    return as_file(files("grpc_tools").joinpath("_proto"))


def run_protoc(roots: Sequence[Path], names: Sequence[str], *options: str) -> FileDescriptorSet:
    """Compile the files *names* below the folders *roots*, which imports are relative to, with source info.

    Raises:
        ProtocRefuses: one of them is no proper .proto file.
    """
    # A process of its own, since protoc prints its complaints past Python's sys.stderr.
    with well_known_folder() as well_known, tempfile.TemporaryDirectory() as scratch:
        output = Path(scratch, "descriptors")
        arguments = [
            *(f"-I{root}" for root in roots),
            f"-I{well_known}",
            f"--descriptor_set_out={output}",
            "--include_source_info",
        ]
        done = subprocess.run(
            [sys.executable, "-m", "grpc_tools.protoc", *arguments, *options, *names],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
        )
        if done.returncode != 0:
            said = [line.strip() for line in done.stderr.splitlines() if not _BESIDE_THE_POINT.search(line)]
            raise ProtocRefuses(said or [f"protoc exited with status {done.returncode} without a message"])
        return FileDescriptorSet.FromString(output.read_bytes())

"""protoc, as grpcio-tools ships it: from .proto files to descriptors with their comments."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager
from importlib.resources import as_file, files
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from .errors import SyncError


def well_known_folder() -> AbstractContextManager[Path]:
    """The folder that holds google/protobuf/*.proto, as grpcio-tools ships them."""
    return as_file(files("grpc_tools").joinpath("_proto"))


def compile_tree(root: Path, names: Sequence[str]) -> dict[str, FileDescriptorProto]:
    """Compile files below `root`, with source info.

    Args:
        root: the folder that imports are relative to.
        names: the files to compile, relative to `root`, with forward slashes.

    Returns:
        The descriptors of `names`, by name; their imports are not among them.

    Raises:
        SyncError: protoc refuses one of the files; the message gives its first complaint, with file and line.
    """
    if not names:
        return {}
    # A process of its own, since protoc prints its complaints past Python's sys.stderr.
    with well_known_folder() as well_known, tempfile.TemporaryDirectory() as scratch:
        output = Path(scratch, "descriptors")
        arguments = [f"-I{root}", f"-I{well_known}", f"--descriptor_set_out={output}", "--include_source_info"]
        done = subprocess.run(
            [sys.executable, "-m", "grpc_tools.protoc", *arguments, *names], capture_output=True, text=True
        )
        if done.returncode != 0:
            complaints = [line for line in done.stderr.splitlines() if "warning:" not in line]
            reason = (complaints or done.stderr.splitlines() or ["protoc failed and said nothing"])[0]
            raise SyncError(f"The .proto files in {root} do not compile: {reason.rstrip('.')}.")
        compiled = FileDescriptorSet.FromString(output.read_bytes())
    return {file.name: file for file in compiled.file}

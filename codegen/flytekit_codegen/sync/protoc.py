"""protoc, as grpcio-tools ships it: from .proto files to descriptors with their comments."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager
from importlib.resources import as_file, files
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from .errors import SyncError

# Lines of a log, and warnings.
_BESIDE_THE_POINT = re.compile(r"^WARNING: |^[IW]\d{4} |: warning: ")


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
            said = [line for line in done.stderr.splitlines() if not _BESIDE_THE_POINT.search(line)]
            reason = said[0].rstrip(".") if said else f"protoc ended with status {done.returncode} and said nothing"
            raise SyncError(f"The .proto files do not compile: {reason}.")
        compiled = FileDescriptorSet.FromString(output.read_bytes())
    return {file.name: file for file in compiled.file}

"""The descriptors of some .proto files, with their comments."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorProto

from flytekit_codegen.pipeline.step1_read.protoc import ProtocRefuses, run_protoc, well_known_folder

from .errors import SyncError

__all__ = ["compile_tree", "well_known_folder"]


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
    try:
        compiled = run_protoc([root], names)
    except ProtocRefuses as error:
        raise SyncError(f"The .proto files do not compile: {error.complaints[0].rstrip('.')}.") from None
    return {file.name: file for file in compiled.file}

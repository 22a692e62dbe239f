"""What the tests of generated packages need of protoc."""

from __future__ import annotations

from pathlib import Path

import grpc_tools
from grpc_tools import protoc

_WELL_KNOWN = Path(grpc_tools.__file__).parent / "_proto"


def compile_protos(idl: Path, output: Path, *stubs: Path) -> None:
    """Let protoc make the Python modules of an IDL, and, in the folders *stubs*, their stubs."""
    output.mkdir(exist_ok=True)
    names = sorted(path.relative_to(idl).as_posix() for path in idl.rglob("*.[pP][rR][oO][tT][oO]*"))
    command = ["protoc", f"-I{idl}", f"-I{_WELL_KNOWN}", f"--python_out={output}"]
    assert protoc.main([*command, *(f"--pyi_out={folder}" for folder in stubs), *names]) == 0

"""One side of a comparison, compiled: its elements, and where each is declared."""

from __future__ import annotations

from dataclasses import dataclass

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from flytekit_codegen.diff.errors import DiffError
from flytekit_codegen.pipeline.step1_read.idl import compile_protos
from flytekit_codegen.pipeline.step1_read.sources import Sources
from flytekit_codegen.sync.elements import Element, elements


@dataclass(frozen=True)
class Tree:
    """The .proto files below a folder, compiled."""

    label: str
    sources: Sources
    image: FileDescriptorSet
    """All files and their imports, with source info."""
    files: dict[str, FileDescriptorProto]
    """The files that are compared, by name."""
    elements: dict[str, Element]
    homes: dict[str, str]
    """Each element's file."""
    spans: dict[str, tuple[int, int, int, int]]
    """Where each element is declared: first line and column, last line and column, counted from 1."""

    def line(self, name: str) -> int | None:
        """The line where an element is declared."""
        span = self.spans.get(name)
        return None if span is None else span[0]

    def innermost(self, file: str, line: int, column: int) -> str | None:
        """The innermost element around a place of a file."""
        around = [
            (span[:2], name)
            for name, span in self.spans.items()
            if self.homes.get(name) == file and span[:2] <= (line, column) <= span[2:]
        ]
        return max(around)[1] if around else None


def compiled(label: str, sources: Sources) -> Tree:
    """Compile the .proto files of one side.

    Args:
        label: what messages call this side.
        sources: its folder, and which files below it are compared.

    Raises:
        DiffError: there are none.
        GenerationError: protoc refuses some.
    """
    names = sources.names()
    if not names:
        raise DiffError(f"{label} has no .proto files" + (" that are not excluded." if sources.exclude else "."))
    image = compile_protos(sources, names)
    own = {file.name: file for file in image.file if sources.has(file.name)}
    found = {(file.name, element.name): element for file in own.values() for element in elements(file)}
    spans: dict[str, tuple[int, int, int, int]] = {}
    for file in own.values():
        by_path = {element.path: element.name for element in elements(file)}
        for location in file.source_code_info.location:
            name = by_path.get(tuple(location.path))
            if name is not None:
                spans.setdefault(name, _span(tuple(location.span)))
    return Tree(
        label=label,
        sources=sources,
        image=image,
        files=own,
        elements={name: element for (_, name), element in found.items()},
        homes={name: file for file, name in found},
        spans=spans,
    )


def _span(span: tuple[int, ...]) -> tuple[int, int, int, int]:
    """A span as people count; one within a line comes without its last line."""
    first, column, *rest = span
    last, end = rest if len(rest) == 2 else (first, rest[0])
    return first + 1, column + 1, last + 1, end + 1

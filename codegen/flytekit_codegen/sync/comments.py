"""Documentation comments: read from .proto files by protoc's source info, kept by the name of their element."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from google.protobuf.descriptor_pb2 import FileDescriptorProto

from .elements import PACKAGE_PATH, SYNTAX_PATH, elements


@dataclass(frozen=True)
class Comments:
    """The comments of a set of files.

    `documentation` maps an element's name to the text of the comment above it, without comment markers. The comments
    above a file's `syntax` and `package` lines are kept under `syntax_of(file)` and `package_of(file)`.
    `stray` has every other comment, each as `FILE:LINE: TEXT`: those that belong to no element.
    """

    documentation: dict[str, str]
    stray: tuple[str, ...]


def syntax_of(file_name: str) -> str:
    """The name under which the comment above a file's `syntax` line is kept."""
    return f"{file_name}:syntax"


def package_of(file_name: str) -> str:
    """The name under which the comment above a file's `package` line is kept."""
    return f"{file_name}:package"


def read_comments(files: Iterable[FileDescriptorProto], header: str) -> Comments:
    """The comments of compiled files, without the `header` that sync itself writes.

    A comment that protoc gives to the element before it (one on the same line, say) documents that element too.
    """
    documentation: dict[str, str] = {}
    stray: list[str] = []
    for file in files:
        places = {element.path: element.name for element in elements(file)}
        places[SYNTAX_PATH] = syntax_of(file.name)
        places[PACKAGE_PATH] = package_of(file.name)
        for location in file.source_code_info.location:
            detached = _texts(location.leading_detached_comments, header)
            attached = _texts((location.leading_comments, location.trailing_comments), header)
            name = places.get(tuple(location.path))
            if name is not None and attached:
                documentation[name] = "\n\n".join(attached)
                attached = []
            for text in [*detached, *attached]:
                stray.append(f"{file.name}:{location.span[0] + 1}: {' '.join(text.split())}")
    return Comments(documentation, tuple(stray))


def _texts(comments: Iterable[str], header: str) -> list[str]:
    texts = ("\n".join(_lines(comment)) for comment in comments)
    return [text for text in texts if text and text != header.rstrip()]


def _lines(text: str) -> list[str]:
    """A comment's lines, without the one space that follows the comment marker and without empty space around."""
    lines = [line.removeprefix(" ").rstrip() for line in text.splitlines()]
    while lines and not lines[0]:
        del lines[0]
    while lines and not lines[-1]:
        del lines[-1]
    return lines

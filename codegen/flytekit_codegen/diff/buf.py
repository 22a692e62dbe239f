"""Breaking changes of the wire format, as buf finds them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from google.protobuf.descriptor_pb2 import EnumDescriptorProto, FileDescriptorSet

from flytekit_codegen.diff.changes import CATEGORIES, Change, Kind
from flytekit_codegen.diff.errors import DiffError
from flytekit_codegen.diff.tree import Tree

_DIFFERENCES_FOUND = 100
"""buf's exit code where it ran and found something."""
_SEE_ALSO = re.compile(r"\s*See https://.*$", re.DOTALL)
_QUOTED = re.compile(r'"([^"]*)"')
_RPC = re.compile(r'RPC "(?P<rpc>[^"]*)" on service "(?P<service>[^"]*)"')
_NAMED = re.compile(r'with name "(?P<name>[^"]*)"|(?:oneof) "(?P<oneof>[^"]*)"')
_VALUE = re.compile(r'enum value "(?P<number>-?\d+)" on enum')
_TIMEOUT_SECONDS = 300

_IS_IMPORT = b"\xd2\xf6\x03\x02\x08\x01"
"""In a file of an image: the field 8042, buf's extension, with ``is_import: true``."""


def breaking(old: Tree, new: Tree) -> Iterator[tuple[str, Change]]:
    """What buf finds broken in *new*, each finding with the group of findings that say the same of an element.

    Raises:
        DiffError: buf is not installed, or cannot compare the two.
    """
    categories = _categories(_program())
    # The strictest rule of a group first: it says most plainly what was done.
    for finding in sorted(_findings(old, new), key=lambda finding: "FILE" not in categories[finding["type"]]):
        rule = finding["type"]
        yield _group(rule), _change(finding, categories[rule], old, new)


def _findings(old: Tree, new: Tree) -> list[dict[str, Any]]:
    config = {"version": "v2", "breaking": {"use": list(CATEGORIES)}}
    with tempfile.TemporaryDirectory() as scratch:
        images = {}
        for side, tree in (("old", old), ("new", new)):
            images[side] = Path(scratch, f"{side}.binpb")
            images[side].write_bytes(_image(tree))
        command = ["breaking", str(images["new"]), "--against", str(images["old"]), "--error-format", "json"]
        command.append("--exclude-imports")
        done = _buf(_program(), *command, "--config", json.dumps(config))
    if done.returncode not in (0, _DIFFERENCES_FOUND):
        raise DiffError(f"buf cannot compare {old.label} and {new.label}: {_said(done)}.")
    return [json.loads(line) for line in done.stdout.splitlines()]


def _image(tree: Tree) -> bytes:
    """The image that buf reads; files that are only imported are marked, and not compared."""
    image = FileDescriptorSet()
    for file in tree.image.file:
        image.file.add().CopyFrom(file)
        if file.name not in tree.files:
            image.file[-1].MergeFromString(_IS_IMPORT)
    return image.SerializeToString()


@cache
def _categories(program: str) -> Mapping[str, tuple[str, ...]]:
    """Each rule's categories, as the installed buf has them."""
    done = _buf(program, "config", "ls-breaking-rules", "--version", "v2", "--format", "json")
    if done.returncode:
        raise DiffError(f"buf does not list its rules: {_said(done)}.")
    rules = [json.loads(line) for line in done.stdout.splitlines()]
    return {rule["id"]: tuple(name for name in CATEGORIES if name in rule["categories"]) for rule in rules}


def _program() -> str:
    beside = str(Path(sys.executable).parent)
    program = shutil.which("buf", path=beside) or shutil.which("buf")
    if program is None:
        raise DiffError("buf is not installed; `pip install 'flytekit-models[codegen]'` brings it.")
    return program


def _buf(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            [program, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=_TIMEOUT_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise DiffError(f"buf did not answer within {_TIMEOUT_SECONDS} s.") from None


def _said(done: subprocess.CompletedProcess[str]) -> str:
    return (done.stderr.strip().splitlines() or ["no message"])[0].rstrip(".")


def _group(rule: str) -> str:
    """Rules that look at one change with different strictness share a group."""
    rule = re.sub(r"_UNLESS_(NAME|NUMBER)_RESERVED$", "", rule)
    return re.sub(r"_WIRE(_JSON)?_COMPATIBLE_", "_SAME_", rule).removeprefix("PACKAGE_")


def _change(finding: Mapping[str, Any], categories: tuple[str, ...], old: Tree, new: Tree) -> Change:
    rule, message = finding["type"], _SEE_ALSO.sub("", finding["message"])
    kind: Kind = "removed" if "_NO_DELETE" in rule and not rule.startswith("RESERVED") else "changed"
    element = _element(finding, message, old, new)
    file = finding.get("path")
    line = finding.get("start_line") if file is not None else None
    return Change("wire", kind, element, (rule,), categories, message.rstrip("."), file, line)


def _element(finding: Mapping[str, Any], message: str, old: Tree, new: Tree) -> str:
    """The element that a finding is about: buf names the file, a place in it, and unqualified names in its text."""
    quoted = _QUOTED.findall(message)
    path = finding.get("path")
    if path is None:
        return str(quoted[0])
    described = old.files.get(path) or new.files[path]
    package = f"{described.package}." if described.package else ""
    rpc = _RPC.search(message)
    if rpc:
        return f"{package}{rpc['service']}.{rpc['rpc']}"
    if re.match(r'Previously present (enum|message|service|extension) "', message):
        return f"{package}{quoted[0]}"
    place = finding["start_line"], finding["start_column"]
    around = new.innermost(path, *place)
    if around is None:
        return str(path)
    value = _VALUE.search(message)
    if value and message.startswith("Previously"):
        return f"{around}.{_value_name(old, around, int(value['number']))}"
    named = _NAMED.search(message)
    if named and message.startswith("Previously"):
        return f"{around}.{named['name'] or named['oneof']}"
    return around


def _value_name(tree: Tree, enum: str, number: int) -> str:
    declaration = tree.elements[enum].declaration
    assert isinstance(declaration, EnumDescriptorProto)
    return next(value.name for value in declaration.value if value.number == number)

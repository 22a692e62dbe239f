"""A whole comparison: two things that a person names, brought side by side."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorProto

from flytekit_codegen.diff import api, buf, idl, users
from flytekit_codegen.diff.changes import Change, Comparison, merged
from flytekit_codegen.diff.errors import DiffError
from flytekit_codegen.diff.sides import DEFAULT_DISTRIBUTION, Side, side
from flytekit_codegen.diff.tree import Tree, compiled
from flytekit_codegen.pipeline.step1_read.sources import Sources
from flytekit_codegen.problems import GenerationError
from flytekit_codegen.sync import History, read_history, read_lock

_ORDER = ("removed", "changed", "deprecated", "reserved", "added")


def compare(
    old: str,
    new: str | None = None,
    *,
    idl: Path,
    contract: Path | None,
    package: str,
    include: tuple[Path, ...] = (),
    exclude: tuple[str, ...] = (),
    report: Callable[[str], None] = lambda line: None,
    cache: Path | None = None,
) -> Comparison:
    """Compare two schemas (see `sides.side` for how to name one).

    Args:
        old: the schema before.
        new: the schema after; None for *idl* itself.
        idl: the folder whose history says which release brought what, and which a git revision is asked for.
        contract: the folder of the contract that the Python API is made with; None for no contract.
        package: the import root of that API.
        include: further folders to resolve imports from, for both sides.
        exclude: patterns of files that are not compared, of either side.
        report: called with a line of text about each step that may take a while.
        cache: the folder of downloaded wheels.

    Raises:
        DiffError: a side does not exist, or the two cannot be compared.
        GenerationError: a side does not compile, or no API can be made of it.
        SyncError: a release cannot be had.
    """
    with tempfile.TemporaryDirectory() as scratch:
        sides = []
        for name, given in (("old", old), ("new", str(idl) if new is None else new)):
            folder = Path(scratch, name)
            folder.mkdir()
            sides.append(side(given, folder, idl=idl, report=report, cache=cache))
        return compare_sides(
            *sides, idl=idl, contract=contract, package=package, include=include, exclude=exclude, report=report
        )


def compare_sides(
    old: Side,
    new: Side,
    *,
    idl: Path,
    contract: Path | None,
    package: str,
    include: tuple[Path, ...] = (),
    exclude: tuple[str, ...] = (),
    report: Callable[[str], None] = lambda line: None,
) -> Comparison:
    """As `compare`, for sides that are folders already."""
    report(f"Compiling {old.label}")
    before = _compiled(old, include, exclude)
    report(f"Compiling {new.label}")
    after = _compiled(new, include, exclude)
    if not before.files.keys() & after.files.keys() and not before.elements.keys() & after.elements.keys():
        raise DiffError(f"{old.label} and {new.label} have no file and no element in common: they are different IDLs.")
    report("Comparing the IDLs")
    wire = _wire(before, after)
    report("Comparing the Python APIs")
    apis = [api.api_of(one, contract, package) for one in (before, after)]
    python = list(merged(api.differences(*apis)))
    changes = tuple(sorted([*wire, *python], key=_order))
    distribution, history = _history(old, new, idl)
    needed = tuple(users.needs(before, after, new, history))
    return Comparison(
        old=old.label,
        new=new.label,
        changes=changes,
        distribution=distribution,
        needs=needed,
        changelog=users.changelog(old.label, new.label, changes, distribution, needed),
    )


def _compiled(one: Side, include: tuple[Path, ...], exclude: tuple[str, ...]) -> Tree:
    try:
        return compiled(one.label, Sources(one.folder, include, exclude))
    except GenerationError as error:
        first = error.problems[0]
        where = str(first.where).removeprefix(f"{one.folder}/")
        raise DiffError(f"{one.label} does not compile: {where}: {first.what.rstrip('.')}.") from error


def _wire(old: Tree, new: Tree) -> list[Change]:
    found = list(merged([*buf.breaking(old, new), *idl.compatible(old, new)]))
    touched = {change.file for change in found}
    found += _unexplained(old, new, touched)
    return [_placed(change, new) for change in found]


def _unexplained(old: Tree, new: Tree, touched: Iterable[str | None]) -> Iterator[Change]:
    """Files that differ by something that no rule is about; a difference is never passed over."""
    for name in sorted(old.files.keys() & new.files.keys() - set(touched)):
        if _bare(old.files[name]) != _bare(new.files[name]):
            text = "declarations differ in ways that no rule covers: order, imports, or options"
            yield Change("wire", "changed", name, ("FILE_REARRANGED",), (), text, name, 1)


def _bare(file: FileDescriptorProto) -> FileDescriptorProto:
    copy = FileDescriptorProto()
    copy.CopyFrom(file)
    copy.ClearField("source_code_info")
    return copy


def _placed(change: Change, new: Tree) -> Change:
    """The change with the line of its element, where buf gives that of what is around it."""
    line = new.line(change.element) or change.line
    return replace(change, line=line)


def _order(change: Change) -> tuple[bool, bool, int, str]:
    return change.layer != "wire", not change.breaking, _ORDER.index(change.kind), change.element


def _history(old: Side, new: Side, idl: Path) -> tuple[str, History | None]:
    """The package that the schemas are released in, and the history that *idl* keeps of it."""
    lock = read_lock(idl)
    distribution = new.distribution or old.distribution
    distribution = distribution or (lock.release.distribution if lock else DEFAULT_DISTRIBUTION)
    history = read_history(idl)
    return distribution, history if history is not None and history.distribution == distribution else None

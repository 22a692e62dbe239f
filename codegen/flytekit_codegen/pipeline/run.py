"""The whole way: idl/ and the contract in, the package out."""

from __future__ import annotations

import json
import keyword
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from flytekit_codegen.pipeline import ir
from flytekit_codegen.pipeline.step1_read.contract import Contract, load
from flytekit_codegen.pipeline.step1_read.idl import read
from flytekit_codegen.pipeline.step1_read.sources import Sources
from flytekit_codegen.pipeline.step2_bind.bind import bind
from flytekit_codegen.pipeline.step3_render.layout import lay_out, layout_version
from flytekit_codegen.pipeline.step3_render.render import Renderer
from flytekit_codegen.pipeline.step4_write import write
from flytekit_codegen.problems import GenerationError, Problem, Where
from flytekit_codegen.staging import StagedFolder

DEFAULT_PACKAGE = "flytekit.models"
CONTRACT = Path(__file__).parents[1] / "contract"

_TYPED = "py.typed"
"""A file of each whole package."""

Pieces = dict[str, tuple[str, ...]]
"""Each file, in the pieces that it is rendered in."""


@dataclass(frozen=True)
class Options:
    """What a run is told."""

    idl: Path
    output: Path
    contract: Path | None = CONTRACT
    """The folder of the contract; None for no contract at all."""
    package: str = DEFAULT_PACKAGE
    only: str | None = None
    templates: Path | None = None
    lenient: bool = False
    """Leave out what the contract promises and the IDL lacks, as an older one does."""
    include: tuple[Path, ...] = ()
    """Folders to look for imports in; what is found there gets no models."""
    exclude: tuple[str, ...] = ()
    """Patterns of files of the IDL that get no models."""

    @property
    def sources(self) -> Sources:
        """The files that the models are made of."""
        return Sources(self.idl, self.include, self.exclude)


@dataclass(frozen=True)
class Summary:
    """What a run did."""

    package: ir.Package
    result: write.Written
    seconds: float
    left_out: tuple[Problem, ...] = ()
    """What the contract promises and the package lacks, because its IDL does."""


def regenerate(options: Options, report: Callable[[str], None] = lambda _: None) -> Summary:
    """Bring the generated package up to date.

    Raises:
        GenerationError: it cannot be made; the old one is as it was.
    """
    with staged_regenerate(options, report) as staged:
        staged.folder.commit()
    return staged.summary


@dataclass(frozen=True)
class StagedSummary:
    """A run that is done but for the last step, the `commit` of *folder*."""

    summary: Summary
    folder: StagedFolder


@contextmanager
def staged_regenerate(options: Options, report: Callable[[str], None] = lambda _: None) -> Iterator[StagedSummary]:
    """As `regenerate`, up to the last step only.

    Raises:
        GenerationError: it cannot be made.
    """
    started = perf_counter()
    target, old = _target(options)
    package, raw, left_out = _render(options, report)
    files, manifest = _lay_out(target, raw, old, report, trust=True)
    with write.staged(target, files, manifest, _removable(options, old)) as staged:
        summary = Summary(package, staged.result, perf_counter() - started, left_out)
        yield StagedSummary(summary, staged.folder)


def check(options: Options, report: Callable[[str], None] = lambda _: None) -> list[str]:
    """The diffs by which the generated package is out of date; nothing is written.

    Raises:
        GenerationError: it cannot be made.
    """
    folder, old = _target(options)
    _, raw, _ = _render(options, report)
    files, manifest = _lay_out(folder, raw, old, report, trust=False)
    return list(write.stale(folder, files, manifest, _removable(options, old)))


def _target(options: Options) -> tuple[Path, write.Manifest]:
    folder = options.output.joinpath(*options.package.split("."))
    return folder, write.Manifest.read(folder)


def _removable(options: Options, old: write.Manifest) -> write.Manifest:
    """What may be removed: with ``--only``, the other modules stay."""
    return old if options.only is None else write.Manifest({})


def _render(options: Options, report: Callable[[str], None]) -> tuple[ir.Package, Pieces, tuple[Problem, ...]]:
    """The package, the text of its files before they are laid out, and what was left out of it."""
    report("reading the IDL")
    problems: list[Problem] = []
    contract = Contract() if options.contract is None else load(options.contract, problems)
    release = _release(options.idl, problems)
    _check_package(options, problems)
    try:
        schema = read(options.sources)
        report("applying the contract")
        left_out: list[Problem] = []
        package = bind(
            schema, contract, options.package, options.idl / "history.json", left_out if options.lenient else None
        )
        modules = _wanted(package, options)
    except GenerationError as error:
        raise GenerationError([*problems, *error.problems]) from None
    if problems:
        raise GenerationError(problems)
    report("rendering")
    renderer = Renderer(options.package, release, options.templates)
    raw: Pieces = {module.file: renderer.render(module) for module in modules}
    if options.only is None:
        raw[_TYPED] = ()
    return package, raw, tuple(left_out)


def _check_package(options: Options, problems: list[Problem]) -> None:
    if not all(part.isidentifier() and not keyword.iskeyword(part) for part in options.package.split(".")):
        what = f"{options.package!r} is not a valid name of a Python package"
        problems.append(Problem(Where(options.output), what, "pass a valid one with --package, such as mine.models"))


def _wanted(package: ir.Package, options: Options) -> tuple[ir.Module, ...]:
    if options.only is None:
        return package.modules
    found = tuple(module for module in package.modules if module.home == options.only)
    if not found:
        known = ", ".join(module.name for module in package.modules if module.name and module.part_of is None)
        raise GenerationError(
            [Problem(Where(options.idl), f"there is no module {options.only}", f"choose one of: {known}")]
        )
    return found


def _lay_out(
    folder: Path, raw: Pieces, old: write.Manifest, report: Callable[[str], None], trust: bool
) -> tuple[dict[str, str], write.Manifest]:
    """The files as they are written, with their manifest.

    Layout is the slow part. With *trust*, a file that was laid out from the same text before, and is still what the
    manifest says, is taken as it is.
    """
    sources = {name: write.digest(layout_version() + "".join(pieces)) for name, pieces in raw.items()}
    files: dict[str, str] = {}
    for name, source in sources.items() if trust else ():
        known = old.files.get(name, {})
        text = write.read_text(folder / name) if known.get("source") == source else None
        if text is not None and write.digest(text) == known.get("text"):
            files[name] = text
    todo = {name: pieces for name, pieces in raw.items() if name not in files}
    files |= lay_out({name: pieces for name, pieces in todo.items() if name.endswith(".py")}, report)
    files |= {name: "".join(pieces) for name, pieces in todo.items() if not name.endswith(".py")}
    entries = {} if _TYPED in raw else dict(old.files)
    entries |= {name: {"source": sources[name], "text": write.digest(files[name])} for name in raw}
    return {name: files[name] for name in raw}, write.Manifest(entries)


def _release(idl: Path, problems: list[Problem]) -> str:
    """What the IDL is, as its lock says."""
    lock = idl / "idl.lock"
    if lock.is_file():
        try:
            entries = json.loads(lock.read_text(encoding="utf-8"))
            return f"{entries['distribution']} {entries['version']}"
        except (ValueError, KeyError, TypeError) as error:
            what = f"the lock cannot be read: {type(error).__name__}: {error}"
            problems.append(Problem(Where(lock), what, "run `flytekit-models sync` to write it again"))
    return "its IDL"

"""An upgrade: the schema of another release, the models that it makes, and what that changes, in one step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from flytekit_codegen.diff import Comparison, Side, compare_sides
from flytekit_codegen.pipeline import run as pipeline
from flytekit_codegen.staging import clean_up, commit_together
from flytekit_codegen.sync import SyncError, SyncReport, available_versions, read_lock, staged_sync


@dataclass(frozen=True)
class Upgrade:
    """What an upgrade did."""

    sync: SyncReport
    models: pipeline.Summary
    comparison: Comparison | None
    """How the schema changed; None if there was none before."""


def newest(distribution: str, idl: Path) -> str:
    """The newest release of *distribution*, of the major version that *idl* is from if it is from one.

    Raises:
        SyncError: the index could not be asked, or knows none.
    """
    lock = read_lock(idl)
    known = available_versions(distribution)
    if lock is not None and lock.release.distribution == distribution:
        major = lock.release.version.partition(".")[0]
        known = [version for version in known if str(version.major) == major]
    if not known:
        raise SyncError(f"The index has no release of {distribution} to upgrade to.")
    return str(known[-1])


def upgrade(
    version: str | None,
    options: pipeline.Options,
    *,
    distribution: str = "flyteidl",
    report: Callable[[str], None] = lambda line: None,
    cache: Path | None = None,
) -> Upgrade:
    """Bring the IDL to a release, and the models to that IDL: both, or neither.

    Args:
        version: the release; None for the newest (see `newest`).
        options: where the IDL and the models are, and how the latter are made.
        distribution: the released package.
        report: called with a line of text about each step that may take a while.
        cache: the folder of downloaded wheels.

    Raises:
        SyncError: the release cannot be had, or a folder cannot be replaced.
        GenerationError: the models cannot be made of it.
        DiffError: the two schemas cannot be compared.
    """
    idl = options.idl
    clean_up(idl)
    if version is None:
        report(f"Asking for the releases of {distribution}")
        version = newest(distribution, idl)
    with staged_sync(version, idl, distribution=distribution, report=report, cache=cache) as schema:
        with pipeline.staged_regenerate(replace(options, idl=schema.tree), report) as models:
            comparison = None
            if any(idl.rglob("*.proto")):
                name = f"{schema.report.distribution} {schema.report.version}"
                after = Side(name, schema.tree, schema.report.distribution, schema.report.version)
                comparison = compare_sides(
                    _before(idl, name),
                    after,
                    idl=schema.tree,
                    contract=options.contract,
                    package=options.package,
                    include=options.include,
                    exclude=options.exclude,
                    report=report,
                )
            report("Putting the IDL and the models in place")
            commit_together([schema.folder, models.folder])
        return Upgrade(schema.report, models.summary, comparison)


def _before(idl: Path, after: str) -> Side:
    lock = read_lock(idl)
    label = f"{lock.release.distribution} {lock.release.version}" if lock else str(idl)
    # Somebody may have edited the one or the other since.
    return Side(f"{label} as it was" if label == after else label, idl)

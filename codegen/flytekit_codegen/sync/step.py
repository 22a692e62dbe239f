"""The sync step: from a released package to `idl/`, all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorProto

from flytekit_codegen.staging import CannotReplace, StagedFolder, clean_up

from .comments import Comments, package_of, read_comments, syntax_of
from .elements import elements
from .errors import SyncError
from .history import FIRST_RELEASES, HISTORY_NAME, History, build_history, read_history
from .kept import kept
from .lock import LOCK_NAME, Lock, LockedRelease, digest, read_lock
from .proto_source import HEADER, proto_source
from .protoc import compile_tree
from .release import Release, default_cache, fetch, parse_version
from .schema import Schema, read_schema


@dataclass(frozen=True)
class SyncReport:
    """What a sync did.

    File names are relative to `idl/`; elements have full names (`elements.Element`), and a file that is new stands
    among them under its own name.
    """

    distribution: str
    version: str
    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    new_elements: tuple[str, ...]
    """Elements that idl/ did not have before."""
    undocumented: tuple[str, ...]
    """Those of `new_elements` that nobody has documented yet."""
    removed_elements: tuple[str, ...]
    """Elements that idl/ had before and the release no longer has."""
    dropped_comments: tuple[str, ...]
    """Comments that could not be kept, because they belong to no element or to a removed one, as `PLACE: TEXT`."""
    newer_before: str | None = None
    """The version that idl/ had before, where it is a newer one: then this was no upgrade."""

    @property
    def changed(self) -> bool:
        """Whether anything in idl/ is different now."""
        return bool(self.written or self.removed)


@dataclass(frozen=True)
class StagedSync:
    """A sync that is ready and not yet done: `tree` is the idl/ folder to be."""

    report: SyncReport
    tree: Path
    folder: StagedFolder
    """What holds the tree, for a caller who changes other folders with it (see `staging.commit_together`)."""

    def commit(self) -> None:
        """Put `tree` in the place of idl/, in one step.

        Raises:
            SyncError: that can't be done.
        """
        with _told_as_sync_error():
            self.folder.commit()


def sync(
    version: str,
    idl: Path,
    *,
    distribution: str = "flyteidl",
    report: Callable[[str], None] = lambda line: None,
    cache: Path | None = None,
) -> SyncReport:
    """Make `idl` hold the schema of a released package, with our documentation kept.

    Files that stay the same aren't touched, and files that sync didn't write stay where they are.

    Args:
        version: the released version, such as `1.16.8`.
        idl: the folder to write; it is made if need be.
        distribution: the package on the index that has the descriptors.
        report: called with a line of text about each step that may take a while.
        cache: the folder of downloaded wheels, by default `default_cache()`.

    Raises:
        SyncError: it could not be done; `idl` is as it was. So it is after any other exception, and after the
            process is killed.
    """
    with staged_sync(version, idl, distribution=distribution, report=report, cache=cache) as staged:
        staged.commit()
    return staged.report


@contextmanager
def staged_sync(
    version: str,
    idl: Path,
    *,
    distribution: str = "flyteidl",
    report: Callable[[str], None] = lambda line: None,
    cache: Path | None = None,
) -> Iterator[StagedSync]:
    """As `sync`, but up to the last step only: the new tree is there to be looked at, and `commit` makes it idl/.

    Leaving the context without `commit` leaves `idl` as it was.
    """
    with _told_as_sync_error():
        yield from _staged_sync(version, idl, distribution, report, cache or default_cache())


def _staged_sync(
    version: str, idl: Path, distribution: str, report: Callable[[str], None], cache: Path
) -> Iterator[StagedSync]:
    clean_up(idl)
    lock = read_lock(idl)
    report(f"Fetching {distribution} {version}")
    release = fetch(distribution, version, cache)
    pinned = _pinned(release, lock)
    report(f"Reading the descriptors of {release}")
    schema = read_schema(release, cache, pinned)
    requirements = tuple(LockedRelease.of(requirement) for requirement in schema.requirements)
    _check_recorded((LockedRelease.of(release), *requirements), lock)
    history = _history(release, read_history(idl), report, cache)
    report(f"Reading the comments in {idl}")
    known = set(schema.files) | set(lock.files if lock else ())
    before = compile_tree(idl, sorted(name for name in known if (idl / name).is_file()))
    comments = read_comments(before.values(), HEADER)

    with StagedFolder(idl) as staged:
        written = {
            name
            for name, file in schema.files.items()
            if staged.write(name, proto_source(file, schema.names, comments.documentation))
        }
        removed = [name for name in sorted(known - set(schema.files)) if staged.remove(name)]
        report(f"Compiling {len(schema.files)} files to compare them with the release")
        _verify(staged.tree, schema, comments)
        digests = {name: digest(file) for name, file in schema.files.items()}
        new_lock = Lock(LockedRelease.of(release), digests, requirements)
        if staged.write(LOCK_NAME, new_lock.text()):
            written.add(LOCK_NAME)
        if history is None:
            removed += [HISTORY_NAME] if staged.remove(HISTORY_NAME) else []
        elif staged.write(HISTORY_NAME, history.text()):
            written.add(HISTORY_NAME)
        own = [*schema.files, LOCK_NAME, *([HISTORY_NAME] if history else [])]
        names_before, names_now = _names(before.values()), _names(schema.files.values())
        new = [name for name in names_now if name not in names_before]
        yield StagedSync(
            SyncReport(
                distribution=release.distribution,
                version=release.version,
                written=tuple(sorted(written)),
                unchanged=tuple(name for name in sorted(own) if name not in written),
                removed=tuple(sorted(removed)),
                new_elements=tuple(new),
                undocumented=tuple(name for name in new if not names_now[name] & comments.documentation.keys()),
                removed_elements=tuple(name for name in names_before if name not in names_now),
                dropped_comments=_dropped(comments, names_now),
                newer_before=_newer(lock, release),
            ),
            staged.tree,
            staged,
        )


@contextmanager
def _told_as_sync_error() -> Iterator[None]:
    try:
        yield
    except CannotReplace as error:
        raise SyncError(str(error)) from error


def _pinned(release: Release, lock: Lock | None) -> dict[str, str]:
    """The versions of requirements that the lock fixes, if it is a lock of this same release."""
    if lock is None or (lock.release.distribution, lock.release.version) != (release.distribution, release.version):
        return {}
    return {requirement.distribution: requirement.version for requirement in lock.requirements}


def _newer(lock: Lock | None, release: Release) -> str | None:
    """The version that the lock records, where it is a newer one of the same package."""
    if lock is None or lock.release.distribution != release.distribution:
        return None
    return lock.release.version if parse_version(lock.release.version) > parse_version(release.version) else None


def _check_recorded(releases: Iterable[LockedRelease], lock: Lock | None) -> None:
    """Make sure that a wheel that the lock records by name is still the same wheel."""
    recorded = {known.wheel: known.sha256 for known in (lock.release, *lock.requirements)} if lock else {}
    for release in releases:
        if recorded.get(release.wheel, release.sha256) != release.sha256:
            raise SyncError(f"The wheel {release.wheel} is not the one that {LOCK_NAME} records: its sha256 differs.")


def _history(release: Release, known: History | None, report: Callable[[str], None], cache: Path) -> History | None:
    """The history up to a release, for the distributions that have one kept."""
    if release.distribution not in FIRST_RELEASES and (known is None or known.distribution != release.distribution):
        return None
    version, distribution = release.version, release.distribution
    return build_history(version, distribution=distribution, known=known, report=report, cache=cache)


def _verify(tree: Path, schema: Schema, comments: Comments) -> None:
    """Make sure that what was written says what the release says, and keeps every comment.

    Raises:
        SyncError: it doesn't, which would be a defect of this package.
    """
    compiled = compile_tree(tree, sorted(schema.files))
    for name, file in schema.files.items():
        if kept(compiled[name], name.partition("/")[0], schema.names.defined_in) != file:
            raise SyncError(f"The text written for {name} does not compile to the release's own descriptor.")
    places = {place for own in _names(schema.files.values()).values() for place in own}
    expected = {name: text for name, text in comments.documentation.items() if name in places}
    if read_comments(compiled.values(), HEADER) != Comments(expected, ()):
        raise SyncError("The comments in idl/ would not survive the sync unchanged.")


def _names(files: Iterable[FileDescriptorProto]) -> dict[str, set[str]]:
    """All elements of some files, and the files, each with the names that its documentation is kept under."""
    names: dict[str, set[str]] = {}
    for file in files:
        names[file.name] = {syntax_of(file.name), package_of(file.name)}
        names.update((element.name, {element.name}) for element in elements(file))
    return names


def _dropped(comments: Comments, names_now: Mapping[str, set[str]]) -> tuple[str, ...]:
    places = {place for own in names_now.values() for place in own}
    lost = (f"{name}: {' '.join(text.split())}" for name, text in comments.documentation.items() if name not in places)
    return (*comments.stray, *lost)

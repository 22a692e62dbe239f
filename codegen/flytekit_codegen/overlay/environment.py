"""What an environment has of flytekit: its own models, an overlay, ours alone, or a damaged mixture; and the cure."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flytekit_codegen.overlay.imports import SPEC, ask, check, installer
from flytekit_codegen.overlay.journal import FOLDER, Journal, digest
from flytekit_codegen.problems import CannotRun

_ASK = """
import base64, csv, hashlib, importlib.metadata, json, os
found = {}
for name in ("flytekit", "flytekit-models", "flytekit-models-core"):
    try:
        installed = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        continue
    entry = found[name] = {"version": installed.version, "root": str(installed.locate_file("")), "wrong": []}
    # `installed.files` leaves out what is missing, since Python 3.12.
    record = list(csv.reader((installed.read_text("RECORD") or "").splitlines()))
    entry["below_flytekit"] = any(path.startswith("flytekit/") for path, *_ in record)
    for path, written, *_ in record:
        if written and path.startswith("flytekit"):
            algorithm, _, expected = written.partition("=")
            try:
                digest = hashlib.new(algorithm, installed.locate_file(path).read_bytes()).digest()
            except OSError:
                digest = b""
            if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != expected:
                entry["wrong"].append(path)
origin = spec.origin if spec else None
folders = list(spec.submodule_search_locations or ()) if spec else []
pip = importlib.util.find_spec("pip") is not None
overlays = [entry for entry in sys.path if os.path.isfile(os.path.join(entry, ".flytekit-models", "overlay.json"))]
print(json.dumps({"found": found, "origin": origin, "folders": folders, "pip": pip, "overlays": overlays}))
"""


@dataclass(frozen=True)
class Environment:
    """What an environment has."""

    python: Path
    state: str
    """In a few words."""
    notes: tuple[str, ...] = ()
    damage: tuple[str, ...] = ()
    """What is wrong; nothing if the environment is as somebody installed it."""
    cure: tuple[str, ...] = ()
    """The commands that mend it."""


@dataclass
class _Installed:
    """A distribution, as the environment tells of it."""

    version: str
    root: str
    below_flytekit: bool
    """Whether it owns files below ``flytekit/``."""
    wrong: list[str] = field(default_factory=list)
    """Its files that are gone, or not what it installed."""


def look(python: Path) -> Environment:
    """Tell what the environment of an interpreter has.

    Raises:
        CannotRun: it does not answer.
    """
    python = python.absolute()
    said = ask(python, SPEC + _ASK)
    if said is None:
        raise CannotRun(f"{python} does not answer; pass the Python of an environment with --python")
    found = {name: _Installed(**entry) for name, entry in said["found"].items()}
    theirs, ours = found.get("flytekit"), found.get("flytekit-models")
    journal = _journal(said)
    damage, cure = [], []
    for what, command in (*_overlays(said, journal), *_damages(theirs, ours, journal, python, said["pip"])):
        damage.append(what)
        cure += [line for line in command if line not in cure]
    state = _state(theirs, ours, said, journal)
    if journal is not None and not damage:
        imports = check(journal.root, journal.files, python)
        if imports is not None and not imports.right:
            damage.append(str(imports).partition("\n")[0])
            cure.append(imports.cure)
    return Environment(python, state, tuple(_notes(theirs, found, journal)), tuple(damage), tuple(cure))


def _state(theirs: _Installed | None, ours: _Installed | None, said: dict[str, Any], journal: Journal | None) -> str:
    name = f"flytekit {theirs.version}" if theirs else "flytekit"
    if theirs is not None and ours is not None and ours.below_flytekit:
        return f"a mixture of {name} and an old wheel of flytekit-models"
    if journal is not None:
        return f"{name}, overlaid by flytekit-models {journal.generator}, in {journal.root}"
    if said["origin"] is not None and "without_flytekit" not in Path(said["origin"]).parts:
        return f"{name} with its own models, in {Path(said['origin']).parents[1]}"
    if ours is not None and said["folders"]:
        return f"the models of flytekit-models {ours.version}, without flytekit"
    return "neither flytekit nor flytekit-models"


def _notes(theirs: _Installed | None, found: dict[str, _Installed], journal: Journal | None) -> Iterator[str]:
    ours, core = found.get("flytekit-models"), found.get("flytekit-models-core")
    if theirs and ours and not ours.below_flytekit:
        what = "it has no effect until `overlay` is run" if journal is None else "the overlay does not need it"
        yield f"flytekit-models {ours.version} is installed beside it; {what}"
    if core and ours and core.version != ours.version:
        yield f"the compiled core is {core.version} instead of {ours.version}, so it is not used"


def _damages(
    theirs: _Installed | None, ours: _Installed | None, journal: Journal | None, python: Path, pip: bool
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What is wrong, and the commands that mend it."""
    install, uninstall = installer(python, pip), installer(python, pip, "uninstall")
    again = f"{install} --no-deps --force-reinstall"
    overlaid = set(journal.files) if journal is not None else set()
    wrong = [name for name in theirs.wrong if name not in overlaid] if theirs else []
    if ours and ours.below_flytekit:
        # The first wheels owned files of flytekit's: uninstalling them takes those away.
        remove = f"{uninstall} flytekit-models"
        restore = (f"{again} flytekit=={theirs.version}",) if theirs else ()
        yield "flytekit-models is an old wheel that owns files below flytekit/", (
            remove,
            *restore,
            f"{install} flytekit-models",
        )
    elif ours and ours.wrong:
        yield (
            f"{len(ours.wrong)} files of flytekit-models differ from what was installed: {_named(ours.wrong)}",
            (f"{again} flytekit-models=={ours.version}",),
        )
    if theirs and wrong:
        yield (
            f"{len(wrong)} files of flytekit differ from what was installed: {_named(wrong)}",
            (f"{again} flytekit=={theirs.version}",),
        )


def _overlays(said: dict[str, Any], journal: Journal | None) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What became of overlays that somebody installed over, or uninstalled flytekit under."""
    if journal is not None:
        # Other than for applying and reverting, what was there before the overlay is wrong, too.
        files = journal.files.items()
        changed = [name for name, entry in files if digest(journal.root / name) not in entry.written]
        if changed:
            yield (
                f"{len(changed)} files of the overlay differ from what was written: {_named(changed)}",
                (f"flytekit-models overlay {journal.root}",),
            )
    for root in map(Path, said["overlays"]):
        if not (root / "flytekit" / "__init__.py").exists():
            yield (
                f"flytekit was uninstalled, but its overlay was not: {root / 'flytekit'}",
                (f"rm -r {root / 'flytekit'} {root / FOLDER}",),
            )


def _named(names: list[str]) -> str:
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")


def _journal(said: dict[str, Any]) -> Journal | None:
    """The journal of an overlay in the tree that flytekit is imported from, if there is one."""
    if said["origin"] is None:
        return None
    journal = Journal.read(Path(os.path.realpath(said["origin"])).parents[1])
    return journal if journal.files else None

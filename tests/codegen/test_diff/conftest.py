"""Small schemas for the tests of diff, and what a comparison says of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from flytekit_codegen.diff import Change, Comparison, Side, compare_sides

HEAD = 'syntax = "proto3";\npackage tiny;\n'


class Schemas:
    """Folders of .proto files, and comparisons of them."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, name: str, files: Mapping[str, str] | str) -> Path:
        """A folder of .proto files; a text alone is that of tiny/a.proto, without its head."""
        texts = {"tiny/a.proto": HEAD + files} if isinstance(files, str) else files
        shutil.rmtree(self.root / name, ignore_errors=True)
        for path, text in texts.items():
            target = self.root / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        return self.root / name

    def compare(self, old: Mapping[str, str] | str, new: Mapping[str, str] | str, **more: object) -> Comparison:
        """The comparison of two schemas."""
        sides = [Side(name, self.folder(name, files)) for name, files in (("old", old), ("new", new))]
        options = {"idl": self.root / "idl", "contract": None, "package": "tiny_models", **more}
        return compare_sides(*sides, **options)  # type: ignore[arg-type]

    @staticmethod
    def lines(changes: tuple[Change, ...]) -> set[str]:
        """Each change as `RULE element`, with a `!` before one that breaks something."""
        return {f"{'!' if change.breaking else ''}{change.rule} {change.element}" for change in changes}

    def compare_all(self, cases: Mapping[str, tuple[str, str, set[str]]]) -> Mapping[str, tuple[Change, ...]]:
        """Each case's old and new text as a file of its own, compared in one go; gives each case's changes.

        In them the file is called `tiny/a.proto`, its package `tiny`, and its module `tiny_models.a`.
        """
        files: tuple[dict[str, str], dict[str, str]] = ({}, {})
        for number, texts in enumerate(cases.values()):
            for side, text in zip(files, texts, strict=False):
                side[f"tiny/c{number}c.proto"] = f'syntax = "proto3";\npackage p{number}p;\n{text}'
        found = self.compare(*files).changes
        return {case: tuple(_own(found, number)) for number, case in enumerate(cases)}


def _own(changes: Iterable[Change], number: int) -> Iterator[Change]:
    places = {
        f"tiny/c{number}c.proto": "tiny/a.proto",
        f"tiny_models.c{number}c": "tiny_models.a",
        f"p{number}p": "tiny",
    }
    for change in changes:
        for place, plain in places.items():
            if change.element == place or change.element.startswith(f"{place}."):
                yield replace(change, element=change.element.replace(place, plain))


@pytest.fixture
def schemas(tmp_path: Path) -> Schemas:
    return Schemas(tmp_path)


@pytest.fixture(scope="module")
def schemas_of_module(tmp_path_factory: pytest.TempPathFactory) -> Schemas:
    return Schemas(tmp_path_factory.mktemp("schemas"))

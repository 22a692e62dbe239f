"""A small IDL and contract for each test of the generator, and ways to run it and to use what it wrote."""

from __future__ import annotations

import importlib
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from generator import compile_protos

from flytekit_codegen.pipeline import run as pipeline
from flytekit_codegen.problems import GenerationError, Problem

_NUMBERS = itertools.count()

_THINGS = """\
syntax = "proto3";

package $NAME;

import "google/protobuf/timestamp.proto";

// A thing.
message Thing {
  // What it is called.
  string id = 1;
  Colour colour = 2;
  repeated Part parts = 3;
  oneof content {
    string text = 4;
    Part part = 5;
  }
  google.protobuf.Timestamp made_at = 6;
  map<string, string> labels = 7;

  message Note {
    string text = 1;
  }
}

message Part {
  string name = 1;
  int32 size = 2;
}

enum Colour {
  COLOUR_NONE = 0;
  // Like a rose.
  COLOUR_RED = 1;
}
"""

_CONTRACT = """\
files: [$NAME/things.proto]
enums:
  Colour: {enum: $NAME.Colour, strip: COLOUR_, helpers: [enum_to_string, string_to_enum]}
classes:
  Thing: (id, colour=0, parts=None)
  Part: (name, size=0)
"""


class Workshop:
    """The IDL, the contract and the output folder of one test.

    Protobuf knows each file and message once in a process, so all of a test's have a name of their own: `$NAME`.
    """

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.name = f"workshop{next(_NUMBERS)}"
        self.idl, self.contract, self.output = root / "idl", root / "contract", root / "generated"
        self.package = f"{self.name}_models"
        self._monkeypatch = monkeypatch
        self.write(self.things, _THINGS)
        self.write(self.promises, _CONTRACT)

    @property
    def things(self) -> Path:
        """The .proto file."""
        return self.idl / self.name / "things.proto"

    @property
    def promises(self) -> Path:
        """The contract of the module `things`."""
        return self.contract / "things.yaml"

    @property
    def generated(self) -> Path:
        """The generated package."""
        return self.output / self.package

    def write(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("$NAME", self.name), encoding="utf-8")

    def edit(self, path: Path, old: str, new: str) -> None:
        """Change a file as a person would."""
        text, old = path.read_text(encoding="utf-8"), old.replace("$NAME", self.name)
        assert text.count(old) == 1, f"{old!r} is not once in {path}"
        self.write(path, text.replace(old, new))

    def line(self, path: Path, text: str) -> int:
        """The number of the line of a file in which a text is."""
        (found,) = [number for number, line in enumerate(path.read_text().splitlines(), 1) if text in line]
        return found

    def options(self, **changes: Any) -> pipeline.Options:
        given = {"idl": self.idl, "contract": self.contract, "output": self.output, "package": self.package}
        return pipeline.Options(**{**given, **changes})

    def regenerate(self, **changes: Any) -> pipeline.Summary:
        return pipeline.regenerate(self.options(**changes))

    def check(self, **changes: Any) -> list[str]:
        return pipeline.check(self.options(**changes))

    def problems(self, **changes: Any) -> tuple[Problem, ...]:
        """The problems of a run that must fail, and must leave everything as it is."""
        before = self.snapshot()
        with pytest.raises(GenerationError) as caught:
            self.regenerate(**changes)
        assert self.snapshot() == before
        return caught.value.problems

    def arguments(self, *more: str) -> list[str]:
        """The command line of a run."""
        given = {"--idl": self.idl, "--contract": self.contract, "--output": self.output, "--package": self.package}
        return ["regenerate", *(str(part) for pair in given.items() for part in pair), *more]

    def snapshot(self) -> dict[str, tuple[bytes, int]]:
        """Every file of the test, with its content and modification time."""
        return {
            path.relative_to(self.root).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and "__pycache__" not in path.parts
        }

    def texts(self) -> dict[str, str]:
        """The generated files, by name."""
        return {
            path.relative_to(self.generated).as_posix(): path.read_text()
            for path in sorted(self.generated.rglob("*"))
            if path.is_file() and "__pycache__" not in path.parts
        }

    def load(self, module: str, package: str | None = None) -> ModuleType:
        """Import a generated module; what protoc makes of the IDL is importable too."""
        compile_protos(self.idl, self.root / "pb2")
        for folder in (self.root / "pb2", self.output):
            if str(folder) not in sys.path:
                self._monkeypatch.syspath_prepend(str(folder))
        return importlib.import_module(f"{package or self.package}.{module}")


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    """A workshop of the test's own."""
    yield Workshop(tmp_path, monkeypatch)

"""What is added to the IDL is in the package after the next run, without an edit of the contract."""

from __future__ import annotations

import inspect
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from generator import compile_protos

from flytekit_codegen.pipeline import run as pipeline

_ROOT = Path(__file__).parents[3]


def _parameters(model: Any) -> dict[str, inspect.Parameter]:
    return {name: each for name, each in inspect.signature(model).parameters.items() if name != "self"}


def test_a_grown_idl(workshop: Any) -> None:
    workshop.regenerate()
    before = workshop.texts()
    workshop.edit(workshop.things, "map<string, string> labels = 7;", "map<string, string> labels = 7;\nint64 age = 8;")
    workshop.edit(workshop.things, "Part part = 5;", "Part part = 5;\nNews news = 9;")
    workshop.edit(workshop.things, "COLOUR_RED = 1;", "COLOUR_RED = 1;\nCOLOUR_BLUE = 2;")
    workshop.edit(workshop.things, "message Part {", "message News {\nstring headline = 1;\n}\n\nmessage Part {")
    workshop.write(
        workshop.idl / workshop.name / "more-things.proto",
        'syntax = "proto3";\npackage $NAME;\nimport "$NAME/things.proto";\nmessage More {repeated Thing all = 1;}\n',
    )
    promised = workshop.promises.read_bytes()

    summary = workshop.regenerate()

    assert workshop.promises.read_bytes() == promised
    assert set(summary.result.written) == {"things.py", "_more/__init__.py", "_more/things.py", "more_things.py"}
    assert set(workshop.texts()) - set(before) == {"_more/__init__.py", "_more/things.py", "more_things.py"}
    things, more = workshop.load("things"), workshop.load("more_things")
    positional = [name for name, each in _parameters(things.Thing).items() if each.kind is each.POSITIONAL_OR_KEYWORD]
    assert positional == ["id", "colour", "parts"]
    for name in ("age", "news"):
        assert _parameters(things.Thing)[name].kind is inspect.Parameter.KEYWORD_ONLY
    assert things.Colour.BLUE == 2
    thing = things.Thing("id", things.Colour.BLUE, age=-5, news=things.News(headline="read me"))
    again = more.More.from_flyte_idl(more.More(all=[thing]).to_flyte_idl()).all[0]
    assert (again.age, again.news.headline, again.content.headline, again.colour) == (-5, "read me", "read me", 2)


_USE = """
import inspect
from flytekit.models import literals, types
from flytekit.models.core import brand_new

binary = inspect.signature(literals.Binary).parameters
assert list(binary) == ["value", "tag", "digest"], binary
assert binary["digest"].kind is inspect.Parameter.KEYWORD_ONLY
primitive = literals.Primitive(big=literals.Big(digits="123"))
again = literals.Primitive.from_flyte_idl(primitive.to_flyte_idl())
assert again.value.digits == "123" and again.integer is None
assert types.SimpleType.BIG == 77
message = brand_new.BrandNew(literal=literals.Literal(scalar=literals.Scalar(primitive=primitive))).to_flyte_idl()
assert brand_new.BrandNew.from_flyte_idl(message).literal.scalar.primitive.big.digits == "123"
print("used")
"""


def test_a_grown_flyte_idl(tmp_path: Path) -> None:
    """The same for the whole of flyteidl, under flytekit's contract, in a process that sees the grown message types."""
    idl, output = tmp_path / "idl", tmp_path / "generated"
    shutil.copytree(_ROOT / "idl", idl)
    shutil.copytree(_ROOT / "generated", output, ignore=shutil.ignore_patterns("__pycache__"))
    pipeline.regenerate(pipeline.Options(idl=idl, output=output))
    literals = idl / "flyteidl/core/literals.proto"
    _insert(literals, "message Binary {", "string digest = 100;")
    _insert(literals, "message Primitive {", "oneof value {", "Big big = 100;")
    literals.write_text(literals.read_text() + "\nmessage Big {\n  string digits = 1;\n}\n")
    _insert(idl / "flyteidl/core/types.proto", "enum SimpleType {", "NONE = 0;", "BIG = 77;")
    (idl / "flyteidl/core/brand_new.proto").write_text(
        'syntax = "proto3";\npackage flyteidl.core;\nimport "flyteidl/core/literals.proto";\n'
        "message BrandNew {\n  Literal literal = 1;\n}\n"
    )

    summary = pipeline.regenerate(pipeline.Options(idl=idl, output=output))

    assert (summary.package.messages, summary.package.enums) == (439, 53)
    assert set(summary.result.written) == {"literals.py", "_more/literals.py", "types.py", "core/brand_new.py"}
    paths = [str(output), str(_message_types(idl, tmp_path / "pb2")), *sys.path]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    done = subprocess.run([sys.executable, "-W", "error", "-c", _USE], capture_output=True, text=True, env=environment)
    assert (done.stdout, done.stderr) == ("used\n", "")


def _insert(path: Path, *texts: str) -> None:
    """Insert the last of *texts* into a file, after the others, each of which comes after the one before it."""
    text, position = path.read_text(), 0
    for before in texts[:-1]:
        position = text.index(before, position) + len(before)
    path.write_text(f"{text[:position]}\n{texts[-1]}{text[position:]}")


def _message_types(idl: Path, output: Path) -> Path:
    """What protoc makes of the grown IDL, as packages that go before the installed flyteidl."""
    compile_protos(idl, output)
    for folder in [path for path in (output / "flyteidl").rglob("*") if path.is_dir()]:
        (folder / "__init__.py").touch()
    (output / "flyteidl/__init__.py").touch()
    return output

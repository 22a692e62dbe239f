"""Which files are compared: those of `--include` and `--exclude` are only read where others import them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from flytekit_codegen.cli import main
from flytekit_codegen.diff import DiffError

_SHARED = 'syntax = "proto3";\npackage shared;\nmessage S { int32 x = 1; }\n'
_USER = 'syntax = "proto3";\npackage tiny;\nimport "shared/s.proto";\nimport "third_party/t.proto";\n'


def _tree(body: str, third: str) -> dict[str, str]:
    return {
        "tiny/a.proto": _USER + body,
        "third_party/t.proto": f'syntax = "proto3";\npackage third;\n{third}',
        "third_party/bad.proto": "no proto at all",
    }


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    (tmp_path / "include" / "shared").mkdir(parents=True)
    (tmp_path / "include" / "shared" / "s.proto").write_text(_SHARED)
    return tmp_path / "include"


def test_only_what_is_not_excluded_is_compared(schemas, shared):
    found = schemas.compare(
        _tree("message M { shared.S s = 1; third.T t = 2; }", "message T { int32 x = 1; }"),
        _tree("message M { shared.S s = 1; third.T t = 3; }", "message T { string y = 2; }"),
        include=(shared,),
        exclude=("third_party",),
    )
    assert {change.file for change in found.layer("wire")} == {"tiny/a.proto"}
    assert found.breaking("wire") and not any("third" in change.element for change in found.changes)


def test_what_is_included_on_one_side_only_is_not_compared(schemas, shared):
    old = _tree("message M { shared.S s = 1; third.T t = 2; }", "message T { int32 x = 1; }")
    own = {**old, "shared/s.proto": _SHARED.replace("int32", "string")}
    found = schemas.compare(old, own, include=(shared,), exclude=("third_party",))
    assert not found.breaking("wire")
    assert "shared.S" in {change.element for change in found.layer("wire")}


def test_everything_is_excluded(schemas):
    with pytest.raises(DiffError, match=r"old has no \.proto files that are not excluded\."):
        schemas.compare("message M {}", "message M {}", exclude=("*",))


def test_the_command_takes_them(schemas, shared):
    old = schemas.folder("old", _tree("message M { shared.S s = 1; third.T t = 2; }", "message T { int32 x = 1; }"))
    new = schemas.folder("new", _tree("message M { third.T t = 2; }", "message T {}"))
    selected = ["--include", str(shared), "--exclude", "third_party", "--no-contract", "--package", "tiny_models"]
    done = CliRunner().invoke(main, ["diff", str(old), str(new), *selected])
    assert done.exit_code == 1 and "tiny.M.s" in done.output and "third" not in done.output, done.output
    done = CliRunner().invoke(main, ["diff", str(old), str(old), *selected])
    assert done.exit_code == 0, done.output
    done = CliRunner().invoke(main, ["diff", str(old), str(new), "--exclude", "third_party", "--no-contract"])
    assert done.exit_code == 2 and "shared/s.proto" in done.output

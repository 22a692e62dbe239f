"""What users need, by the history that idl/ keeps."""

from __future__ import annotations

import pytest

from flytekit_codegen.diff import Need
from flytekit_codegen.sync import History

HISTORY = History(
    "flyteidl",
    ("1.0", "1.1", "1.2"),
    {
        "tiny.M": {"1.0": "message", "1.2": "message, reserved 9"},
        "tiny.M.f": {"1.0": "bool = 1", "1.1": None, "1.2": "bool = 1"},
        "tiny.M.g": {"1.0": "bool = 2", "1.1": "string = 3"},
        "tiny.N": {"1.1": "message"},
        "tiny.N.x": {"1.1": "string = 1"},
        "tiny.M.d": {"1.0": "string = 4", "1.2": "string = 4, deprecated"},
        "tiny.M.other": {"1.0": "bytes = 5"},
    },
)


@pytest.fixture
def idl(tmp_path):
    folder = tmp_path / "idl"
    folder.mkdir()
    (folder / "history.json").write_text(HISTORY.text())
    return folder


def test_the_first_release_that_declares_an_element_so_for_good(schemas, idl):
    found = schemas.compare(
        "message M { bool g = 2; string d = 4; }",
        "message M { reserved 9; bool f = 1; string g = 3; string d = 4 [deprecated = true]; string other = 5; "
        "string unknown = 6; } message N { string x = 1; }",
        idl=idl,
    )
    assert set(found.needs) == {
        Need("tiny.M.f", "1.2", exact=True),
        Need("tiny.M.g", "1.1", exact=True),
        Need("tiny.N", "1.1", exact=True),
    }
    assert "- flyteidl 1.1 or newer: `tiny.M.g`, `tiny.N`." in found.changelog
    assert "### Deprecated\n\n- `tiny.M.d`: field deprecated." in found.changelog


def test_a_history_of_another_package_says_nothing(schemas, idl):
    (idl / "history.json").write_text(HISTORY.text().replace('"flyteidl"', '"another"'))
    found = schemas.compare("message M {}", "message M { bool f = 1; }", idl=idl)
    assert found.needs == () and "Needed" not in found.changelog

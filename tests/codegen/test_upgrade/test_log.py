"""The history as `log` tells it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flytekit_codegen import log
from flytekit_codegen.sync import History, read_history

IDL = Path(__file__).parents[3] / "idl"
HISTORY = History(
    "tinyidl",
    ("1.0", "1.1", "1.2"),
    {
        "p.A": {"1.0": "message"},
        "p.A.x": {"1.0": "bool = 1", "1.2": "string = 2"},
        "p.A.y": {"1.0": "string = 3", "1.2": None},
        "p.B.A": {"1.2": "enum"},
        "p.B.A.V": {"1.2": "value 0"},
    },
)


def _text(name):
    part = log.told(HISTORY, name)
    assert part is not None
    return log.text(part)


def test_by_release_the_newest_first():
    assert _text(None) == (
        "tinyidl 1.2\n"
        "  ~ p.A.x: bool = 1 became string = 2\n"
        "  - p.A.y: was string = 3\n"
        "  + p.B.A: enum\n"
        "  + p.B.A.V: value 0\n"
        "tinyidl 1.1\n"
        "  no change\n"
        "tinyidl 1.0\n"
        "  start of the history\n"
    )
    assert _text("1.1") == "tinyidl 1.1\n  no change\n"


def test_by_element_with_all_in_it():
    assert _text("p.A") == (
        "p.A\n  1.0      message (or earlier)\n"
        "p.A.x\n  1.0      bool = 1 (or earlier)\n  1.2      string = 2\n"
        "p.A.y\n  1.0      string = 3 (or earlier)\n  1.2      removed\n"
    )
    assert _text("B.A") == "p.B.A\n  1.2      enum\np.B.A.V\n  1.2      value 0\n"
    assert _text("p").count("\np.") == 4
    assert log.told(HISTORY, "q") is None


def test_markdown():
    part = log.told(HISTORY, "1.2")
    assert log.markdown(part).startswith("## tinyidl 1.2\n\n- ~ `p.A.x`: bool = 1 became string = 2\n")
    assert "## tinyidl 1.1\n\nNo change.\n\n" in log.markdown(log.told(HISTORY, None))
    rows = log.markdown(log.told(HISTORY, "A.x")).splitlines()
    assert rows[2:] == ["| `p.A.x` | 1.0 | `bool = 1` (or earlier) |", "| `p.A.x` | 1.2 | `string = 2` |"]


def test_data():
    assert log.content(log.told(HISTORY, "1.2"))["releases"] == [
        {
            "release": "1.2",
            "changes": [
                {"name": "p.A.x", "before": "bool = 1", "after": "string = 2"},
                {"name": "p.A.y", "before": "string = 3", "after": None},
                {"name": "p.B.A", "before": None, "after": "enum"},
                {"name": "p.B.A.V", "before": None, "after": "value 0"},
            ],
        }
    ]
    assert log.content(log.told(HISTORY, "A.y"))["elements"] == {
        "p.A.y": {"since": None, "removed_in": "1.2", "declarations": {"1.0": "string = 3", "1.2": None}}
    }


@pytest.mark.parametrize(
    ("element", "version"),
    [
        ("flyteidl.core.ArrayNode.run_all_sub_nodes", "1.16.5"),
        ("flyteidl.admin.ConcurrencyLimitBehavior.CONCURRENCY_LIMIT_BEHAVIOR_SKIP", "1.16.1"),
        ("flyteidl.core.Literal", "1.10.0"),
    ],
)
def test_this_projects_history(project, element, version):
    history = read_history(IDL)
    assert history is not None
    assert history.since(element) == version
    result = project.run("log", element, "--idl", IDL, "--format", "json")
    assert json.loads(result.output)["elements"][element]["since"] == version

"""The model object is a part a file, and the imports run one way: as its package says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from flytekit_models import model

_FOLDER = Path(model.__file__).parent
_LISTED = [name for line in re.findall(r"^\* (``.*?``):", model.__doc__ or "", re.M) for name in line.split(", ")]
_ORDER = [name.strip("`") for name in _LISTED]


def _imported(nodes: list[ast.stmt]) -> Iterator[str]:
    """The parts that are imported with a part, not by a function or for type checkers."""
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(model.__name__):
            part = node.module.removeprefix(model.__name__).strip(".")
            yield from [part] if part else [name.name for name in node.names]
        elif isinstance(node, ast.If):
            for_checkers = ast.unparse(node.test) == "TYPE_CHECKING"
            yield from _imported(node.orelse if for_checkers else [*node.body, *node.orelse])


def test_every_part_is_listed() -> None:
    assert sorted(_ORDER) == sorted(path.stem for path in _FOLDER.glob("*.py") if path.stem != "__init__")


def test_a_part_imports_from_those_before_it() -> None:
    for number, part in enumerate(_ORDER):
        imported = {*_imported(ast.parse((_FOLDER / f"{part}.py").read_text()).body)}
        assert imported <= {*_ORDER[:number]}, f"{part} imports {imported - {*_ORDER[:number]}}"

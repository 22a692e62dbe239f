"""Behaviours are found by their names, in whichever module they are."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

from flytekit_codegen.pipeline.step2_bind.behaviours import homes
from flytekit_models import behaviours


def test_no_two_modules_define_one_name() -> None:
    trees = [ast.parse(path.read_text()) for path in Path(behaviours.__path__[0]).glob("*.py")]
    names = [node.name for tree in trees for node in tree.body if isinstance(node, (ast.ClassDef, ast.FunctionDef))]
    assert [name for name, count in Counter(names).items() if count > 1] == []
    assert homes().keys() == {*names}
    assert homes()["ContainerBehaviour"] == "flytekit_models.behaviours.tasks"

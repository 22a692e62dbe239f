"""The way of the data goes one way: a step of the pipeline imports from no later one, nor from what is beside it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import flytekit_codegen

_PACKAGE = Path(flytekit_codegen.__file__).parent
_PIPELINE = "flytekit_codegen.pipeline"
_STEPS = ("step1_read", "step2_bind", "step3_render", "step4_write")
# What all stand on is on top of the package.
_SHARED = {"flytekit_codegen", "flytekit_codegen.problems", "flytekit_codegen.staging", "flytekit_codegen.checkout"}


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            assert node.level == 0
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


@pytest.mark.parametrize("step", _STEPS)
def test_a_step_imports_from_those_before_it(step: str) -> None:
    before = [f"{_PIPELINE}.{each}" for each in _STEPS[: _STEPS.index(step) + 1]]
    handed_on = [f"{_PIPELINE}.ir", f"{_PIPELINE}.service_ir"] if step != "step1_read" else []
    allowed = (*before, *handed_on)
    files = sorted((_PACKAGE / "pipeline" / step).rglob("*.py"))
    assert files
    for path in files:
        for module in _imported(path):
            if module.startswith("flytekit_codegen") and module not in {*_SHARED, _PIPELINE}:
                of_shared = module.rpartition(".")[0] in _SHARED and not module.startswith(_PIPELINE)
                assert module.startswith(allowed) or of_shared, f"{path.name} of {step} imports {module}"


def test_every_step_is_there() -> None:
    found = {path.name for path in (_PACKAGE / "pipeline").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert found == set(_STEPS)

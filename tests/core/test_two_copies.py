"""Two copies of the runtime in one process, as an overlay in flytekit and the package are: one has the core."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import importlib.util
import flytekit.models.literals
from flytekit_models import _core
spec = importlib.util.spec_from_file_location("another_core", _core.__file__)
another = importlib.util.module_from_spec(spec)
spec.loader.exec_module(another)
print(_core.core().active, another.core().active, another.core().reason)
"""


def test_the_second_takes_the_pure_path() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    first, second, reason = done.stdout.split(maxsplit=2)
    assert second == "False"
    assert first == "False" or reason == "used by another copy of the models in this process\n"

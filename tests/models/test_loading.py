"""What does the work of an operation is loaded when it is called, not with a model."""

from __future__ import annotations

import subprocess
import sys

import pytest

_PROGRAM = """
import sys

import pytest
before = set(sys.modules)
from flytekit.models import literals
loaded = set(sys.modules) - before
ours = {name for name in loaded if name.startswith(("flytekit_models.data.", "flytekit_models.view"))}
assert ours == {"flytekit_models.data.methods"}, ours
assert not {"json", "html", "rich", "difflib", "google.protobuf"} & loaded
one = literals.Literal(hash="h")
one.which("value"), one.replace(hash="i")
assert "rich" not in sys.modules and "google.protobuf.json_format" not in sys.modules
one.pretty(), one._repr_html_(), str(one.diff(one))
assert "rich" not in sys.modules and "google.protobuf.json_format" not in sys.modules
one.to_json()
assert "google.protobuf.json_format" in sys.modules
"""


def test_operations_are_loaded_on_use() -> None:
    subprocess.run([sys.executable, "-c", _PROGRAM], check=True)


def test_a_module_of_which_a_part_is_loaded_on_demand_is_no_package() -> None:
    from flytekit.models import execution

    for name in ("__path__", "no_such_name", "__wrapped__"):
        assert not hasattr(execution, name)
    with pytest.raises(AttributeError, match=r"module 'flytekit\.models\.execution' has no attribute 'no_such_name'"):
        _ = execution.no_such_name

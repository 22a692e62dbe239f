"""What does the work of an operation is loaded when it is called, not with a model."""

from __future__ import annotations

import inspect
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


def test_a_module_that_is_reloaded_loads_its_part_anew() -> None:
    program = """
import importlib, pickle
from flytekit.models import execution
from flytekit.models.execution import Execution
name = next(each for each in execution.__all__ if each not in vars(execution))
old, execution.Execution.mine = getattr(execution, name), 5
assert old.__module__ == execution.__name__ and pickle.loads(pickle.dumps(old)) is old
execution.put = {}
importlib.reload(execution)
assert name not in vars(execution) and execution.put == {}
new = getattr(execution, name)
assert new is not old and new is getattr(execution, name) and pickle.loads(pickle.dumps(new)) is new
assert execution.Execution is not Execution
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_class_of_a_part_tells_no_line_of_another_file() -> None:
    from flytekit.models import task

    for cls in (task.RuntimeMetadata, task.RuntimeMetadata.RuntimeType):
        assert cls.__module__ == task.__name__
        with pytest.raises(OSError, match=r"source|class definition"):
            inspect.getsource(cls)
    assert "def version" in inspect.getsource(task.RuntimeMetadata.version.fget)
    assert inspect.getsource(task.TaskMetadata).startswith("class TaskMetadata")

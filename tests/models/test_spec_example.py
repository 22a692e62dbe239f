"""The examples of the specification run as they are written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parent / "data"


def run(name: str) -> dict[str, Any]:
    """Run an example, copied from the specification as it stands there."""
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile((DATA / name).read_text(), name, "exec"), names)
    return names


def test_the_example_of_the_data_models(capsys: pytest.CaptureFixture[str]) -> None:
    names = run("spec_example.py.txt")
    printed = capsys.readouterr().out
    message, again = names["idl_task_template"], names["reconstructed_task_template"]
    assert message.DESCRIPTOR.full_name == "flyteidl.core.TaskTemplate"
    assert (message.metadata.retries.retries, message.metadata.timeout.seconds) == (0, 600)
    assert message.metadata.HasField("retries")
    assert again == names["task_template"]
    assert again.metadata.retries.retries == 0
    assert 'name: "my_example_task"' in printed
    assert "Reconstructed Python object: Flyte Serialized object (TaskTemplate):" in printed


def test_the_model_lines_of_the_local_cache_example() -> None:
    names = run("spec_cache_example.py.txt")
    assert names["input_map"].literals["x"].scalar.primitive.integer == 10
    assert names["input_map"].literals["y"].scalar.primitive.value == "hello"
    written = names["output_map"].to_flyte_idl()
    assert written.literals["result"].scalar.primitive.integer == 20

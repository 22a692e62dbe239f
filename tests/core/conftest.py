"""The tests of the compiled core need it, whether or not the models use it in this run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

try:
    import flytekit_models_core as core
except ModuleNotFoundError:

    def pytest_collect_file() -> None:
        """Say once of this folder that it is not run."""
        pytest.skip("the compiled core is not built here", allow_module_level=True)


@pytest.fixture(autouse=True)
def hooks() -> Iterator[None]:
    """The hooks of the classes of these tests, in the place of the models'."""
    import wire_classes

    models = core.get_hooks()
    wire_classes.set_hooks()
    yield
    if models is not None:
        core.set_hooks(**models)

"""Check in a process of its own that a generated package loses nothing: `check_package.py PACKAGE EXAMPLES`.

The package and the message types must be importable. Prints how many messages were checked.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from typing import Any

import lossless
from hypothesis import HealthCheck, given, settings
from random_messages import edge_messages, messages

from flytekit_models.model import Model, describe, message_class


def main(package: str, examples: int) -> None:
    """Import all modules of *package*, and check its models with *examples* random messages each."""
    root = importlib.import_module(package)
    for module in pkgutil.walk_packages(root.__path__, f"{package}."):
        importlib.import_module(module.name)
    models = {describe(model).message: model for model in _subclasses(Model) if model.__module__.startswith(package)}
    for model in models.values():
        _check(model, examples)
    print(len(models))


def _subclasses(base: type[Any]) -> Iterator[type[Any]]:
    for one in base.__subclasses__():
        if "_fm_proto" in vars(one):
            yield one
        yield from _subclasses(one)


def _check(model: Any, examples: int) -> None:
    for edge in edge_messages(message_class(model)):
        lossless.check(model, edge)

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(messages(message_class(model)))
    def check(message: Any) -> None:
        lossless.check(model, message)

    check()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

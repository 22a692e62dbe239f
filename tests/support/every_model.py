"""Every generated model class, for tests of what all of them can do."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import pytest
from google.protobuf import json_format, struct_pb2
from hypothesis import HealthCheck, settings

import flytekit.models
from flytekit_models.entity import FlyteCustomIdlEntity
from flytekit_models.model import Model, describe


def model_classes() -> list[Any]:
    """The generated classes, in an order that does not change."""
    for module in pkgutil.walk_packages(flytekit.models.__path__, "flytekit.models."):
        importlib.import_module(module.name)
    found, left = [], [Model]
    while left:
        one = left.pop()
        left += one.__subclasses__()
        if "_fm_proto" in vars(one) and one.__module__.startswith("flytekit.models"):
            found.append(one)
    return sorted(found, key=lambda one: (describe(one).message, one.__module__, one.__qualname__))


def each_model(with_carriers: bool = True) -> Any:
    """Have a test run for each of the classes; those that travel in a Struct are left out, if that is asked for."""
    classes = [one for one in model_classes() if with_carriers or not issubclass(one, FlyteCustomIdlEntity)]
    return pytest.mark.parametrize("model_class", classes, ids=lambda one: f"{one.__module__}.{one.__qualname__}")


def examples(many: int) -> Any:
    """The settings for so *many* examples, the same in every run."""
    return settings(
        max_examples=many, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )


def carried(model_class: Any, message: Any) -> Any:
    """The message that *model_class* is read from: for one that travels in a Struct, the Struct that holds it."""
    if not issubclass(model_class, FlyteCustomIdlEntity):
        return message
    message.DiscardUnknownFields()
    return json_format.ParseDict(json_format.MessageToDict(message), struct_pb2.Struct())

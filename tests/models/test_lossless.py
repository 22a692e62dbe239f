"""Every message of the IDL comes out of its model as it went in.

The number of random examples for each message is small by default; ``LOSSLESS_EXAMPLES=1000`` digs deeper, with
other examples each time.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
from pathlib import Path
from typing import Any

import lossless
import pytest
from google.protobuf import json_format, struct_pb2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from leaves import leaves
from random_messages import edge_messages, messages

import flytekit.models
from flytekit_models.entity import FlyteCustomIdlEntity
from flytekit_models.model import Model, describe, message_class

_ASKED = os.environ.get("LOSSLESS_EXAMPLES")
_SETTINGS = settings(
    max_examples=int(_ASKED or 6),
    derandomize=_ASKED is None,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
_EXCEPTIONS = [
    line
    for line in Path(__file__).with_name("lossless_exceptions.txt").read_text().splitlines()
    if line and not line.startswith("#")
]
_MESSAGES, _ENUMS = 437, 53


def _model_classes() -> list[type[Model]]:
    for module in pkgutil.walk_packages(flytekit.models.__path__, "flytekit.models."):
        importlib.import_module(module.name)
    found, left = [], [Model]
    while left:
        one = left.pop()
        left += one.__subclasses__()
        if "_fm_proto" in vars(one) and one.__module__.startswith("flytekit.models"):
            found.append(one)
    return sorted(found, key=lambda one: (describe(one).message, one.__module__, one.__qualname__))


_ALL = _model_classes()
_every_model = pytest.mark.parametrize(
    "model_class",
    [
        pytest.param(
            one,
            id=f"{describe(one).message}-{one.__module__.removeprefix('flytekit.models.')}.{one.__qualname__}",
            marks=[pytest.mark.xfail(strict=True)] if describe(one).message in _EXCEPTIONS else [],
        )
        for one in _ALL
    ],
)


def _carried(model_class: Any, message: Any) -> Any:
    """The message that *model_class* is read from: for one that travels in a Struct, the Struct that holds it."""
    if not issubclass(model_class, FlyteCustomIdlEntity):
        return message
    message.DiscardUnknownFields()
    return json_format.ParseDict(json_format.MessageToDict(message), struct_pb2.Struct())


def test_every_message_and_no_exception() -> None:
    assert len({describe(one).message for one in _ALL}) == _MESSAGES
    assert _EXCEPTIONS == []


@_every_model
def test_each_field_alone(model_class: Any) -> None:
    for message in edge_messages(message_class(model_class)):
        lossless.check(model_class, _carried(model_class, message))


@_every_model
def test_random_messages(model_class: Any) -> None:
    @_SETTINGS
    @given(messages(message_class(model_class)))
    def check(message: Any) -> None:
        lossless.check(model_class, _carried(model_class, message))

    check()


@_every_model
def test_a_changed_leaf_changes_that_leaf_alone(model_class: Any) -> None:
    @_SETTINGS
    @given(st.data())
    def check(data: st.DataObject) -> None:
        message = data.draw(messages(message_class(model_class)))
        carried = _carried(model_class, message)
        model = model_class.from_flyte_idl(carried)
        found = list(leaves(model, message))
        if not found:
            return
        leaf = data.draw(st.sampled_from(found))
        leaf.change_model()
        leaf.change_message()
        written, expected = model.to_flyte_idl(), _carried(model_class, message)
        assert lossless.wire(written) == lossless.wire(expected), f"{leaf.path}:\n{written}\n--- is not ---\n{expected}"

    check()


@_every_model
def test_messages_and_models_are_apart(model_class: Any) -> None:
    """Neither the message that was read nor one that was written is tied to the model."""

    @settings(_SETTINGS, max_examples=3)
    @given(messages(message_class(model_class)))
    def check(message: Any) -> None:
        carried = _carried(model_class, message)
        before = lossless.wire(carried)
        model = model_class.from_flyte_idl(carried)
        carried.Clear()
        written = model.to_flyte_idl()
        written.Clear()
        lossless.read_all(model)
        model.to_flyte_idl().Clear()
        assert lossless.wire(model.to_flyte_idl()) == before

    check()

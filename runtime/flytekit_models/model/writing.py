"""The pure path: writing models into messages."""

from __future__ import annotations

from typing import Any, NoReturn

from flytekit_models._core import MODULE as CORE
from flytekit_models.convert import is_message
from flytekit_models.model.changes import changes_of, is_as_read, oneof_conflict, write_changes, write_over_baseline
from flytekit_models.model.checking import explain
from flytekit_models.model.deep import merge_deep
from flytekit_models.model.entities import write_entity
from flytekit_models.model.state import ModelState, is_generated, message_class

WRITE_ERRORS = (TypeError, ValueError, AttributeError, OverflowError)
"""What writing a wrong value ends in."""


def to_message(model: ModelState) -> Any:
    """Write *model* into a new message.

    Raises:
        TypeError: a member holds a value of a wrong type; the error names it.
        ValueError: a value is out of range, two arms of one oneof are set, or the installed IDL lacks a field.
    """
    baseline = model._fm_baseline
    if baseline is not None and is_generated(model) and is_message(baseline) and is_as_read(model):
        copied = type(baseline)()
        copied.CopyFrom(baseline)
        return copied
    message = (model._fm_message_class or message_class(model._fm_generated))()
    try:
        type(model)._fm_write_own(model, message)
    except WRITE_ERRORS as error:
        _raise_explained(model, error)
    return message


def changed_message(model: ModelState) -> Any:
    """Write *model*, a generated one over a message, into a new message, or give its own where nothing has changed.

    Raises:
        TypeError: a member holds a value of a wrong type; the error names it.
        ValueError: a value is out of range, two arms of one oneof are set, or the installed IDL lacks a field.
    """
    try:
        changes = changes_of(model)
        if not changes:
            return model._fm_baseline
        message = message_class(model._fm_generated)()
        write_changes(model, changes, message)
    except WRITE_ERRORS as error:
        _raise_explained(model, error)
    return message


def _raise_explained(model: ModelState, error: Exception) -> NoReturn:
    explained = explain(model, error)
    if explained is error:
        raise error
    raise explained from error


def write_with_care(model: type[ModelState], value: Any, message: Any) -> None:
    """Write *value*, which is no *model* that was built, into *message*, which becomes present.

    Raises:
        TypeError: *value* is a model of another message, or nothing that is written as a message of this type.
    """
    if type(value) is not model:
        write_entity(value, message)
    elif is_message(value._fm_baseline):
        write_over_baseline(value, message)
    else:
        write_span(value, message)


def write_span(model: ModelState, message: Any) -> None:
    """Write *model*, whose baseline is the compiled core's, into *message*."""
    assert CORE is not None
    message.SetInParent()
    merge_deep(CORE.to_bytes(model, False), message)


def settle_oneof(model: ModelState, oneof: str, arms: int, message: Any) -> None:
    """Have *message* present though no arm of *oneof* is set, or refuse to write several *arms*."""
    if arms > 1:
        raise oneof_conflict(model, oneof)
    message.SetInParent()

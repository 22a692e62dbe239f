"""The pure path: reading models from messages."""

from __future__ import annotations

from typing import Any

from flytekit_models.convert import is_message
from flytekit_models.model.description import describe
from flytekit_models.model.state import M, ModelState, message_class, new_state, wrap
from flytekit_models.model.straight import make_reader
from flytekit_models.model.subclass_instances import constructed, takes_members
from flytekit_models.model.wrapping import wrap_read
from flytekit_models.shown import shown


def load(model: ModelState) -> None:
    """Read the members of an unread *model*."""
    model._fm_generated._fm_read(model)


def first_read(model: ModelState) -> None:
    """Read the members of the first unread instance of a class: make the function that reads all of them."""
    generated = model._fm_generated
    generated._fm_read = make_reader(generated)
    generated._fm_read(model)


def from_message(cls: type[M], message: Any) -> M:
    """Read a model of the class *cls* from *message*, which may change afterwards without any effect.

    Raises:
        TypeError: *message* is not of the type that *cls* models.
    """
    kind = type(message)
    # One look-up finds all that is to be checked: for a small model, each further one would be a tenth of it all.
    if _READ_STRAIGHT.get(cls) is not kind:
        return _read_with_care(cls, message)
    baseline = kind()
    baseline.CopyFrom(message)
    model: M = new_state(cls)
    model._fm_baseline = baseline
    model._fm_unread = True
    return model


_READ_STRAIGHT: dict[type[ModelState], Any] = {}
"""Each generated class that was read from a message and needs no care: its message class."""


def _read_with_care(cls: type[M], message: Any) -> M:
    check_message_given(cls, message)
    kind = message_class(cls._fm_generated)
    if type(message) is kind:
        baseline = kind()
        baseline.CopyFrom(message)
    else:
        # One of another descriptor pool may lack fields that the installed one has.
        baseline = kind.FromString(message.SerializePartialToString())
    if cls is cls._fm_generated and not cls._fm_eager:
        _READ_STRAIGHT[cls] = kind
    return over(cls, baseline)


def over(cls: type[M], baseline: Any) -> M:
    """A model of the class *cls* over the message *baseline*, which from now on belongs to it."""
    if cls is not cls._fm_generated and takes_members(cls):
        return constructed(cls, wrap_read(cls._fm_generated, baseline))
    return wrap_read(cls, baseline) if cls._fm_eager else wrap(cls, baseline)


def check_message_given(cls: type[ModelState], message: Any) -> None:
    """Refuse anything but a message of the type that *cls* models.

    Raises:
        TypeError: *message* is something else; the error says what to call for what is given by mistake.
    """
    wanted = describe(cls).message
    # A mock has any attribute, and a class has those of its instances.
    given = message.DESCRIPTOR.full_name if is_message(message) else None
    if given == wanted:
        return
    name, hint = cls.__qualname__, ""
    if isinstance(message, (bytes, bytearray, memoryview)):
        hint = f"; {name}.from_bytes reads bytes"
    elif isinstance(message, ModelState):
        hint = "; this is a model already: copy.copy copies it"
    elif isinstance(message, (dict, str)):
        hint = f"; {name}.from_{'dict' if isinstance(message, dict) else 'json'} reads a {type(message).__name__}"
    got = f"a {given}" if isinstance(given, str) else shown(message)
    raise TypeError(f"{name}.from_flyte_idl takes a {wanted} message, not {got}{hint}")

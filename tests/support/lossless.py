"""The lossless property: whatever a model is read from, and whatever was read of it, it is written as it was."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator
from typing import Any

from flytekit_models.model import Model, describe


def wire(message: Any) -> bytes:
    """*message* in deterministic bytes: unknown fields included, maps in order, whatever is required."""
    return bytes(message.SerializePartialToString(deterministic=True))


def members(model: Any) -> Iterator[tuple[str, Any]]:
    """Every property of *model* that its class, or a mixin of it, makes public, and its value."""
    names = {
        name
        for base in type(model).__mro__
        for name, entry in vars(base).items()
        if isinstance(entry, property) and not name.startswith("__")
    }
    for name in sorted(names | set(private_names(model))):
        yield name, getattr(model, name)


def private_names(model: Any) -> list[str]:
    """The attributes of hand-written models that hold the members of *model*."""
    fields = describe(type(model)).fields
    return [field.member if model._fm_eager else field.private for field in fields]


def read_all(value: Any) -> None:
    """Read every member of the models in *value*, and of theirs in turn."""
    # By several names a model has the same member: the property, the oneof's, the private attribute.
    seen: dict[int, Any] = {}
    left = [value]
    while left:
        one = left.pop()
        if id(one) in seen:
            continue
        seen[id(one)] = one
        if isinstance(one, Model):
            left += [member for _, member in members(one)]
        elif isinstance(one, dict):
            left += one.values()
        elif isinstance(one, list):
            left += one


def untouched(model: Any) -> Any:
    """The model as it was read."""
    return model


def after_reading(model: Any) -> Any:
    """The model, all of it read."""
    read_all(model)
    return model


def pickled(model: Any) -> Any:
    """The model from a pickle."""
    return pickle.loads(pickle.dumps(model))


def pickled_after_reading(model: Any) -> Any:
    """The model from a pickle made when all of it was read; it is read again."""
    return after_reading(pickled(after_reading(model)))


def copied(model: Any) -> Any:
    """A shallow copy, read."""
    return after_reading(copy.copy(model))


def deep_copied_after_reading(model: Any) -> Any:
    """A deep copy of the model, all of it read."""
    return copy.deepcopy(after_reading(model))


def changed_and_set_back(model: Any) -> Any:
    """The model, every member of which was changed, and then got back what it had."""
    for private in private_names(model):
        had = getattr(model, private)
        setattr(model, private, None if had is not None else "changed")
        setattr(model, private, had)
    return model


def changed_written_and_set_back(model: Any) -> Any:
    """The model, which was changed, written while it was, and then got back what it had."""
    read_all(model)
    before = {private: getattr(model, private) for private in private_names(model)}
    for private in before:
        setattr(model, private, None)
    model.to_flyte_idl()
    for private, had in before.items():
        setattr(model, private, had)
    return model


WAYS: tuple[Callable[[Any], Any], ...] = (
    untouched,
    after_reading,
    pickled,
    pickled_after_reading,
    copied,
    deep_copied_after_reading,
    changed_and_set_back,
    changed_written_and_set_back,
)


def check(model_class: Any, message: Any) -> None:
    """Assert that *message* comes out of *model_class* as it went in, on all ways.

    A model is made anew for each way; *message* is not changed.
    """
    expected = wire(message)
    for way in WAYS:
        written = way(model_class.from_flyte_idl(message)).to_flyte_idl()
        assert wire(written) == expected, f"{way.__name__}:\n{written}\n--- is not ---\n{message}"
    assert wire(message) == expected, "the message that was read was changed"

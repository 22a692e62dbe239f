"""Presence of members and oneofs."""

from __future__ import annotations

from typing import Any

from flytekit_models.data.members import members, members_by_field, message_of, oneofs, value
from flytekit_models.data.paths import near


def which(model: Any, oneof: str) -> str | None:
    """Return the name of the member of *oneof* that is set.

    Raises:
        ValueError: there is no such oneof, or more than one member is set.
    """
    arms = oneofs(type(model)).get(oneof)
    if arms is None:
        known = near(oneof, oneofs(type(model)))
        raise ValueError(f"{type(model).__qualname__} has no oneof {oneof!r}: {known}")
    found = [arm for arm in arms if value(model, arm) is not None]
    if len(found) > 1:
        raise ValueError(f"more than one member of {type(model).__qualname__}.{oneof} is set: {', '.join(found)}")
    # An absent sub-message may read as an empty model, an empty one as None: only the message knows.
    message = message_of(model)
    if oneof not in message.DESCRIPTOR.oneofs_by_name:
        return None
    field = message.WhichOneof(oneof)
    return None if field is None else members_by_field(type(model))[field].name


def has(model: Any, member: str) -> bool:
    """Tell whether *member* is set.

    Raises:
        ValueError: there is no such member.
    """
    found = members(type(model)).get(member)
    if found is None:
        raise ValueError(f"{type(model).__qualname__} has no member {member!r}: {near(member, members(type(model)))}")
    if not found.field:
        return value(model, member) is not None
    message = message_of(model)
    field = message.DESCRIPTOR.fields_by_name.get(found.field)
    if field is None:
        # The installed IDL is older than this model.
        return False
    if found.inner is not None:
        return bool(getattr(getattr(message, found.field), found.inner))
    return any(one.number == field.number for one, _ in message.ListFields())

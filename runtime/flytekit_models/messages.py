"""The message classes behind models, found on first use, and what an older flyteidl lacks of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flytekit_models.errors import FlyteIdlTooOld

if TYPE_CHECKING:
    from flytekit_models.model.description import Description


def find_message_class(description: Description, who: str) -> Any:
    """The protobuf class of the message that *description* is of, imported now if it was not yet.

    Raises:
        FlyteIdlTooOld: the installed package has no such message; *who* is the model's class for the error.
    """
    from importlib import import_module

    try:
        module, _, names = description.pb2.partition(":")
        found: Any = import_module(module)
        for name in names.split("."):
            found = getattr(found, name)
    except (ModuleNotFoundError, AttributeError) as error:
        since = description.options.get("since")
        raise FlyteIdlTooOld(_lacks(description, who, description.message, since)) from error
    return found


def too_old(description: Description, member: str, who: str) -> FlyteIdlTooOld:
    """The error for setting a *member* of the model *who* that the installed IDL package has no field for."""
    field = description.by_member[member]
    return FlyteIdlTooOld(_lacks(description, f"{who}.{member}", f"{description.message}.{field.name}", field.since))


def _lacks(description: Description, who: str, element: str, since: str | None) -> str:
    from importlib.metadata import PackageNotFoundError, version

    package = description.pb2.partition(".")[0]
    try:
        installed = f"the installed {package} {version(package)}"
    except PackageNotFoundError:
        installed = f"the installed {package}"
    cure = f"; {package} {since} is the first that has it" if since else ""
    return f"{who} cannot be written: {installed} has no {element}{cure}"


def is_repeated(field: Any) -> bool:
    """Whether the *field* is a list or a map."""
    # Newer protobufs have no `label`, older ones no `is_repeated`.
    found = getattr(field, "is_repeated", None)
    return bool(field.label == field.LABEL_REPEATED if found is None else found)

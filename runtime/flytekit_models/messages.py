"""The message classes behind models, found on first use, and what an older flyteidl lacks of them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flytekit_models.errors import FlyteIdlTooOld, MessagesMissing

if TYPE_CHECKING:
    from flytekit_models.model.description import Description


def find_message_class(description: Description, who: str) -> Any:
    """The protobuf class of the message that *description* is of, imported now if it was not yet.

    Raises:
        FlyteIdlTooOld: the installed package has no such message; *who* is the model's class for the error.
        MessagesMissing: there is no such package, or its module fails to import.
    """
    from importlib import import_module

    module, _, names = description.pb2.partition(":")
    since = description.options.get("since")
    try:
        found: Any = import_module(module)
    except Exception as error:
        # Whatever a module may raise: protobuf refuses what a newer protoc made with errors of several kinds.
        absent = isinstance(error, ModuleNotFoundError) and f"{module}.".startswith(f"{error.name}.")
        if absent and _installed(description):
            raise FlyteIdlTooOld(_lacks(description, who, description.message, since)) from error
        raise MessagesMissing(_missing(description, who, None if absent else error), name=module) from error
    try:
        for name in names.split("."):
            found = getattr(found, name)
    except AttributeError as error:
        raise FlyteIdlTooOld(_lacks(description, who, description.message, since)) from error
    return found


def _missing(description: Description, who: str, error: Exception | None) -> str:
    module = description.pb2.partition(":")[0]
    needs = f"{who} needs the protobuf class of {description.message}"
    if error is not None:
        return f"{needs}, and its module {module} cannot be imported: {type(error).__name__}: {error}"
    return (
        f"{needs}, and there is no module {module}: protoc makes it of the .proto file, "
        f"`python -m grpc_tools.protoc -I IDL --python_out=FOLDER FILES`, and FOLDER must be on sys.path"
    )


def _package(description: Description) -> str:
    return description.pb2.partition(":")[0].partition(".")[0]


def _installed(description: Description) -> str | None:
    """The version of the distribution that has the protobuf classes; None if it is not an installed one."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(_package(description))
    except (PackageNotFoundError, ValueError):
        return None


def has_all(description: Description) -> bool:
    """Whether the installed package's version alone tells that it has the message of *description* with all fields.

    That takes no import. Only of flyteidl it is known since which version it has what.
    """
    if _package(description) != "flyteidl":
        return False
    installed = _installed_numbers("flyteidl")
    needed = [description.options.get("since"), *(field.since for field in description.fields)]
    return bool(installed) and all(since is None or _numbers(since) <= installed for since in needed)


@cache
def _installed_numbers(package: str) -> tuple[int, ...]:
    """The version of an installed *package*, by the folder beside it whose name has it; nothing if that tells none.

    Asking :mod:`importlib.metadata` takes as long as importing protobuf.
    """
    from importlib.util import find_spec

    try:
        spec = find_spec(package)
        places = spec.submodule_search_locations if spec is not None else None
        folder = Path(next(iter(places or ()))).parent
        (found,) = folder.glob(f"{package}-*.dist-info")
        return _numbers(found.stem.partition("-")[2])
    except (OSError, StopIteration, ValueError):
        return ()


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def too_old(description: Description, member: str, who: str) -> FlyteIdlTooOld:
    """The error for setting a *member* of the model *who* that the installed IDL package has no field for."""
    field = description.by_member[member]
    return FlyteIdlTooOld(_lacks(description, f"{who}.{member}", f"{description.message}.{field.name}", field.since))


def _lacks(description: Description, who: str, element: str, since: str | None) -> str:
    package, version = _package(description), _installed(description)
    installed = f"the installed {package} {version}" if version else f"the installed {package}"
    cure = f"; {package} {since} is the first that has it" if since else ""
    return f"{who} cannot be written: {installed} has no {element}{cure}"


def is_repeated(field: Any) -> bool:
    """Whether the *field* is a list or a map."""
    # Newer protobufs have no `label`, older ones no `is_repeated`.
    found = getattr(field, "is_repeated", None)
    return bool(field.label == field.LABEL_REPEATED if found is None else found)


def is_packed(field: Any) -> bool:
    """Whether the values of the list *field* are written packed."""
    found = getattr(field, "is_packed", None)
    if found is not None:
        return bool(found)
    # protobuf 4, which knows no editions.
    if field.GetOptions().HasField("packed"):
        return bool(field.GetOptions().packed)
    return field.file.syntax == "proto3" and field.type not in _NEVER_PACKED


_NEVER_PACKED = (9, 10, 11, 12)
"""Strings, groups, messages, bytes: the numbers of types in descriptors."""

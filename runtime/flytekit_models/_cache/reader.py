"""Reads values that may be damaged, or that somebody planted: nothing that is read here executes anything."""

from __future__ import annotations

import hashlib
import io
import pickle
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from flytekit_models._cache.errors import BadEntryError

if TYPE_CHECKING:
    from flyteidl.core import literals_pb2

    from flytekit.models.literals import LiteralMap

__all__ = ["checksum", "decode", "unpickle"]

_T = TypeVar("_T")

PLAIN_TYPES = {
    "builtins": frozenset(
        ("bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int")
        + ("list", "object", "set", "str", "tuple")
    ),
    "collections": frozenset({"OrderedDict", "defaultdict"}),
    "datetime": frozenset({"date", "datetime", "time", "timedelta", "timezone"}),
    "google.protobuf.struct_pb2": frozenset({"ListValue", "Struct", "Value"}),
}
"""The types of plain data that a pickled model may hold."""

_MODELS = "flytekit.models"
_PACKAGE = "_".join(("flytekit", "models"))  # not in one word, which overlaying the file would replace
_ROOTS = (f"{_PACKAGE}.", f"flytekit._{_PACKAGE}.")
"""What this package is called where it is installed, and in a flytekit tree that it is put into."""


def _is_of_models(module: str) -> bool:
    return module == _MODELS or module.startswith(f"{_MODELS}.")


def _hand_written(cls: type[_T], base: type, state: object) -> _T:
    """Stand in for ``copyreg._reconstructor``, as the pickles of flytekit's models and of messages call it."""
    if base is not object or state is not None:
        raise pickle.UnpicklingError(f"a {cls.__name__} is not built from a {base.__name__}")
    return cls.__new__(cls)


def _generated(cls: type[_T]) -> _T:
    """Stand in for the function that the pickles of this package's models call, with the class alone."""
    if not _is_of_models(cls.__module__):
        raise pickle.UnpicklingError(f"{cls.__name__} is no model")
    return cls.__new__(cls)


BUILDERS: dict[tuple[str, str], Callable[..., Any]] = {
    ("copyreg", "_reconstructor"): _hand_written,
    ("model", "new"): _generated,
}
"""The functions that pickled models name, and what is called in their stead; of this package's without its name.

A pickle outlives the place of a function, so a name never leaves this table; one that comes is added to it.
"""


def _unrooted(module: str) -> str:
    """Take the name of this package off a module's name, and no other: as it is installed, and as it is overlaid."""
    for root in _ROOTS:
        if module.startswith(root):
            return module[len(root) :]
    return module


class _Unpickler(pickle.Unpickler):
    """Reads pickled models. It admits model classes and types of plain data, and calls no function that is named."""

    def find_class(self, module: str, name: str) -> Any:
        builder = BUILDERS.get((_unrooted(module), name))
        if builder is not None:
            return builder
        if name in PLAIN_TYPES.get(module, ()):
            return super().find_class(module, name)
        if _is_of_models(module):
            found = super().find_class(module, name)
            # A dotted name may lead out of the module again, to whatever the module itself imports.
            if isinstance(found, type) and _is_of_models(found.__module__):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is neither a model nor plain data")


def unpickle(data: bytes) -> object:
    """Read a pickle of models and plain data.

    Raises:
        BadEntryError: it is damaged, or names anything else.
    """
    try:
        return _Unpickler(io.BytesIO(data)).load()
    except Exception as error:  # a damaged pickle may raise anything
        raise BadEntryError(f"{type(error).__name__}: {error}") from error


def checksum(key: str, value: bytes) -> str:
    """Give what tells that *value* is what was kept under *key*."""
    digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16)
    digest.update(value)
    return digest.hexdigest()


@cache
def _literal_map() -> tuple[type[LiteralMap], type[literals_pb2.LiteralMap]]:
    """Import model and message when they are needed, and only look for them once."""
    from flyteidl.core import literals_pb2

    from flytekit.models.literals import LiteralMap

    return LiteralMap, literals_pb2.LiteralMap


def decode(key: str, value: object, tag: object) -> LiteralMap:
    """Turn a stored value into a model.

    Raises:
        BadEntryError: it is damaged, or nothing that a cache of results holds.
    """
    model, message = _literal_map()
    # flytekit's own entries have no checksum. The inputs of an entry may follow it.
    if isinstance(value, bytes) and isinstance(tag, str) and tag.partition(" ")[0] != checksum(key, value):
        raise BadEntryError("its checksum is wrong")
    try:
        if isinstance(value, bytes):
            return model.from_flyte_idl(message.FromString(value))
        if isinstance(value, model):
            # Writing it out checks an old model, and makes a current one of it.
            return model.from_flyte_idl(value.to_flyte_idl())
    except Exception as error:  # an old model holds whatever its pickle says, and may fail in any way
        raise BadEntryError(f"{type(error).__name__}: {error}") from error
    raise BadEntryError(f"it is a {type(value).__name__}")

"""Version 1 of the runtime API for generated code: everything that generated modules import.

An incompatible change goes into a separate module (``api_v2``), so that existing generated code keeps working.
"""

from typing import Any

from flytekit_models.entity import FlyteABCMeta, FlyteCustomIdlEntity, FlyteIdlEntity, FlyteType
from flytekit_models.enums import IdlEnum, as_member, as_members, name_of, number_of
from flytekit_models.lazy import LazyModule, loaded_on_demand
from flytekit_models.model import engine
from flytekit_models.model.base import DataclassModel, MemberlessModel, Model, ModelT
from flytekit_models.model.given import as_list
from flytekit_models.model.state import is_nothing


def read_struct(message: Any) -> Any:
    """Read a ``google.protobuf.Struct``, as :func:`flytekit_models.convert.read_struct` does."""
    from flytekit_models import convert

    return convert.read_struct(message)


__all__ = [
    "DataclassModel",
    "FlyteABCMeta",
    "FlyteCustomIdlEntity",
    "FlyteIdlEntity",
    "FlyteType",
    "IdlEnum",
    "LazyModule",
    "MemberlessModel",
    "Model",
    "ModelT",
    "as_list",
    "as_member",
    "as_members",
    "engine",
    "is_nothing",
    "loaded_on_demand",
    "name_of",
    "number_of",
    "read_struct",
]

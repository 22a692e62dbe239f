"""Version 1 of what generated code stands on; whatever a generated module imports is here.

A change that would break code generated before it becomes a module of its own (``api_v2``), beside this one.
"""

from flytekit_models.changes import settle_oneof, write_with_care
from flytekit_models.convert import (
    read_datetime,
    read_list_value,
    read_map,
    read_naive_datetime,
    read_struct,
    read_timedelta,
    read_value,
    read_wrapper,
    write_any,
    write_datetime,
    write_list_value,
    write_map,
    write_struct,
    write_timedelta,
    write_value,
    write_wrapped,
    write_wrapper,
)
from flytekit_models.dataclass_model import DataclassModel
from flytekit_models.entity import FlyteABCMeta, FlyteCustomIdlEntity, FlyteIdlEntity, FlyteType
from flytekit_models.enums import IdlEnum, name_of, number_of
from flytekit_models.model import (
    MemberlessModel,
    Model,
    from_message,
    to_message,
    wrap,
    wrap_list,
    wrap_map,
    wrap_read,
    write_entity,
    write_model_list,
    write_model_map,
    write_model_or_nothing,
)

__all__ = [
    "DataclassModel",
    "FlyteABCMeta",
    "FlyteCustomIdlEntity",
    "FlyteIdlEntity",
    "FlyteType",
    "IdlEnum",
    "MemberlessModel",
    "Model",
    "from_message",
    "name_of",
    "number_of",
    "read_datetime",
    "read_list_value",
    "read_map",
    "read_naive_datetime",
    "read_struct",
    "read_timedelta",
    "read_value",
    "read_wrapper",
    "settle_oneof",
    "to_message",
    "wrap",
    "wrap_list",
    "wrap_map",
    "wrap_read",
    "write_any",
    "write_datetime",
    "write_entity",
    "write_list_value",
    "write_map",
    "write_model_list",
    "write_model_map",
    "write_model_or_nothing",
    "write_struct",
    "write_timedelta",
    "write_value",
    "write_with_care",
    "write_wrapped",
    "write_wrapper",
]

"""What members, oneofs and enum values are called, around the names that generated code needs for itself."""

from __future__ import annotations

import keyword
from collections import Counter
from collections.abc import Iterable

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from flytekit_codegen.pipeline.step1_read.idl import real_oneof
from flytekit_codegen.pipeline.step2_bind.names import escape, snake_case
from flytekit_models import api_v1
from flytekit_models.model import Model as RuntimeModel

# Generated class bodies use these names themselves.
RESERVED = (
    frozenset(dir(RuntimeModel))
    | frozenset(RuntimeModel.__annotations__)
    | {"property", "classmethod", "from_flyte_idl", "self", "Any", "Self"}
)
_RESERVED_IN_ENUMS = frozenset(dir(int)) | {"mro", "name", "value"}
# Generated modules use these names for something else than a message's class.
RESERVED_IN_MODULES = (
    frozenset(api_v1.__all__)
    | {"Any", "Self", "TYPE_CHECKING", "annotations", "dataclass", "field"}
    | {"bool", "bytes", "classmethod", "dict", "float", "int", "list", "property", "sorted", "str", "type"}
    | {"getattr", "setattr"}
    | {"add", "added", "arm", "cls", "item", "key", "message", "self", "target", "value"}
)


def natural_names(fields: Iterable[FieldDescriptor]) -> dict[str, str]:
    """Field name to member name: snake case; where two would be the same, each keeps its own spelling."""
    return _natural(each.name for each in fields)


def oneof_names(message: Descriptor) -> dict[str, str]:
    """Oneof to the name of its property, made as those of members are."""
    return _natural(oneof.name for oneof in message.oneofs if real_oneof(oneof.fields[0]) is not None)


def _natural(declared: Iterable[str]) -> dict[str, str]:
    declared = list(declared)
    counted = Counter(map(snake_case, declared))
    return {name: escape(snake_case(name) if counted[snake_case(name)] == 1 else name, RESERVED) for name in declared}


def attributes(message: Descriptor) -> frozenset[str]:
    """The attributes that the members and oneofs of a message have in its class."""
    names = [*natural_names(message.fields).values(), *oneof_names(message).values()]
    return frozenset(form for name in names for form in (name, f"_{name}", f"_{name}_"))


def value_names(enum: EnumDescriptor, strip: str) -> list[str]:
    """The names that a holder has for the values of *enum*, in their order."""
    names: list[str] = []
    for value in enum.values:
        name = value.name.removeprefix(strip)
        if not name.isidentifier():
            name = value.name
        name = value_name(name)
        while keyword.iskeyword(name) or name in _RESERVED_IN_ENUMS or name in names:
            name += "_"
        names.append(name)
    return names


def value_name(name: str) -> str:
    """The name of an enum value without the underscores in front, which make names that Python's enums keep back.

    >>> value_name("HD"), value_name("_HD"), value_name("__HD__"), value_name("_1080P"), value_name("_")
    ('HD', 'HD_', 'HD___', 'VALUE_1080P', 'VALUE_')
    """
    bare = name.lstrip("_")
    if bare == name:
        return name
    return f"{bare}_" if bare[:1].isalpha() else f"VALUE_{bare}"

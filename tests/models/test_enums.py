"""Enums are one thing: a value that was read and one that was given are the same in every respect."""

# mypy: disable-error-code="arg-type"

from __future__ import annotations

import inspect
import json
import pickle
from typing import Any

import msgspec
import pytest
import yaml

from flytekit.models.core.identifier import Identifier, ResourceType
from flytekit.models.security import Secret
from flytekit.models.task import DataLoadingConfig
from flytekit_models.enums import IdlEnum
from flytekit_models.model import describe, message_class
from tests.support.every_model import model_classes

ENUM_MEMBERS = [
    (cls, field)
    for cls in model_classes()
    for field in describe(cls).fields
    if field.kind == "enum" and "carrier" not in describe(cls).options
]


@pytest.mark.parametrize(
    ("cls", "field"), ENUM_MEMBERS, ids=[f"{cls.__qualname__}.{field.member}" for cls, field in ENUM_MEMBERS]
)
@pytest.mark.parametrize("number", [1, 77])
def test_given_and_read_are_one(cls: Any, field: Any, number: int) -> None:
    holder = describe(cls).resolve(field.type)
    given: Any = {"list": [number], "map": {"k": number}}.get(field.label, number)
    required = [each for each in inspect.signature(cls).parameters.values() if each.default is each.empty]
    arguments = {**{each.name: None for each in required}, field.member: given}
    if cls is Secret:
        arguments["group"] = "g"
    if cls is DataLoadingConfig and number == 77:
        # It checks its format, as flytekit's does.
        built = cls.from_flyte_idl(message_class(cls)(format=77))
    else:
        built = cls(**arguments)
    read = cls.from_flyte_idl(built.to_flyte_idl())
    for model in (built, read):
        value = getattr(model, field.member if cls._fm_eager else field.private)
        value = next(iter(value.values())) if field.label == "map" else value[0] if field.label == "list" else value
        assert type(value) is holder
        assert value == number == int(value) and hash(value) == hash(number) and {number: "x"}[value] == "x"
        texts = (str(value), f"{value}", "%s" % value, f"{value:03d}")  # noqa: UP031
        assert texts == (str(number), str(number), str(number), f"{number:03}")
        assert json.dumps([value]) == f"[{number}]"
        assert yaml.safe_load(yaml.safe_dump([value])) == [number] and "!!" not in yaml.dump([value])
        assert msgspec.json.encode(value) == str(number).encode()
        assert repr(value).startswith(f"<{holder.__name__}.") and repr(value).endswith(f": {number}>")
        again = pickle.loads(pickle.dumps(value))
        assert again == value and type(again) is holder


def test_a_value_that_is_no_int_stays_for_writing_to_refuse() -> None:
    made = Identifier("TASKS", "p", "d", "n", "v")
    assert made.resource_type == "TASKS"
    with pytest.raises(ValueError, match=r"Identifier\.resource_type: expected int of the enum .*TASK \(1\)"):
        made.to_flyte_idl()


def test_holders_are_ints() -> None:
    assert issubclass(ResourceType, IdlEnum) and isinstance(ResourceType.TASK, int)
    assert ResourceType.TASK + 1 == 2 and sorted([ResourceType.WORKFLOW, 1]) == [1, 2]
    assert Secret("g", mount_requirement=1).mount_requirement is Secret.MountType(1)


def test_test_ids_are_numbers() -> None:
    # pytest makes the id of an int of its number, of an enum member of its str().
    assert str(ResourceType.TASK) == "1"

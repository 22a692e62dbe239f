"""Enums are one thing: a value that was read and one that was given are the same in every respect."""

# mypy: disable-error-code="arg-type"

from __future__ import annotations

import copy
import enum
import inspect
import json
import pickle
import sys
from typing import Any

import msgspec
import pytest
import yaml

from flytekit.models.core.identifier import Identifier, ResourceType
from flytekit.models.security import Secret
from flytekit.models.task import DataLoadingConfig
from flytekit_models import enums
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


_AS_ENUM_MAKES_IT = pytest.mark.parametrize("framed", [True, False], ids=["by us", "by enum"])


def _holder(framed: bool, monkeypatch: pytest.MonkeyPatch, **values: int) -> Any:
    monkeypatch.setattr(enums, "_FRAMED", framed)
    body = "".join(f"    {name} = {value}\n" for name, value in values.items())
    names: dict[str, Any] = {"IdlEnum": IdlEnum, "__name__": __name__}
    exec(
        f'class Holder(IdlEnum):\n    """A holder."""\n{body}    @classmethod\n    def two(cls): return cls(2)\n', names
    )
    return names["Holder"]


@_AS_ENUM_MAKES_IT
def test_a_holder_is_an_enum_in_all_that_can_be_asked_of_it(framed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (
        enums._FRAMED
    ), "this Python is not one that holders are made for: compare its enum module, and extend the range"
    holder = _holder(framed, monkeypatch, ONE=1, TWO=2, ALIAS=2, NEGATIVE=-1)
    assert isinstance(holder, enum.EnumMeta) and issubclass(holder, enum.Enum) and holder.__doc__ == "A holder."
    assert [*holder] == [holder.ONE, holder.TWO, holder.NEGATIVE] and len(holder) == 3 and bool(holder)
    assert [*reversed(holder)] == [holder.NEGATIVE, holder.TWO, holder.ONE]
    assert dict(holder.__members__) == {"ONE": 1, "TWO": 2, "ALIAS": 2, "NEGATIVE": -1}
    assert [*holder.__members__] == ["ONE", "TWO", "ALIAS", "NEGATIVE"]
    assert holder["ALIAS"] is holder.ALIAS is holder.TWO is holder(2) is holder.two()
    assert holder.TWO in holder
    one = holder.ONE
    assert (one.name, one.value, one._name_, one._value_, int(one)) == ("ONE", 1, "ONE", 1, 1)
    assert one.__objclass__ is holder
    assert holder(7).name == "7" and holder(7) == 7 and type(holder(7)) is holder
    for wrong in ("x", 1.5, None):
        with pytest.raises(ValueError):
            holder(wrong)
    with pytest.raises(KeyError):
        _ = holder["THREE"]
    for change in (lambda: setattr(holder, "ONE", 5), lambda: delattr(holder, "ONE")):
        with pytest.raises(AttributeError):
            change()
    with pytest.raises(TypeError):
        type("Sub", (holder,), {})
    assert {"ONE", "TWO", "NEGATIVE"} <= {*dir(holder)} and repr(holder) == "<enum 'Holder'>"
    assert enum.unique(_holder(framed, monkeypatch, ONE=1)) and copy.deepcopy(one) is one
    with pytest.raises(ValueError):
        enum.unique(holder)
    if sys.version_info >= (3, 11):
        assert [each._sort_order_ for each in holder] == [0, 1, 2]
    if sys.version_info >= (3, 12):
        assert 1 in holder and 7 not in holder


@_AS_ENUM_MAKES_IT
def test_what_enum_has_to_look_at_is_made_by_enum(framed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enums, "_FRAMED", framed)

    class Counted(IdlEnum):
        ONE = enum.auto()
        TWO = enum.auto()

    class Made(IdlEnum):
        ONE = 1

        def __new__(cls, value: int) -> Any:
            made = int.__new__(cls, value)
            made._value_ = value * 10
            return made

    assert [*Counted] == [1, 2] and Counted(2) is Counted.TWO and Made(10) is Made.ONE
    with pytest.raises(ValueError, match="reserved"):
        type(IdlEnum)("Odd", (IdlEnum,), {"_odd_": 1})
    with pytest.raises(ValueError, match="invalid literal"):
        type(IdlEnum)("Text", (IdlEnum,), {"TEXT": "text"})
    with pytest.raises(TypeError):
        type(IdlEnum)("Told", (IdlEnum,), {"ONE": 1}, told=True)


@_AS_ENUM_MAKES_IT
@pytest.mark.parametrize("name", ["name", "value", "real", "from_bytes", "imag"])
def test_a_value_may_be_called_as_an_attribute(name: str, framed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    holder = _holder(framed, monkeypatch, OTHER=0, **{name: 1})
    assert holder[name] == 1 and holder(1).name == name and holder.OTHER.name == "OTHER" and holder.OTHER.value == 0
    assert [*holder] == [0, 1]


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

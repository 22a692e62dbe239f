"""Subclasses and mixins of others: any name is theirs, and methods may come late."""

# mypy: disable-error-code="attr-defined, arg-type, method-assign, no-any-return, no-untyped-call, no-untyped-def"

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from typing import Any
from unittest import mock

import pytest
from flyteidl.core import literals_pb2

from flytekit.models.core.identifier import Identifier
from flytekit.models.literals import Literal, LiteralCollection, LiteralMap, Scalar
from flytekit.models.security import Secret
from flytekit_models.model import Model
from flytekit_models.model.state import blank
from tests.support.every_model import each_model

OURS = [
    *("_write", "_load", "_read", "_baseline", "_unread", "_as_message", "_slots", "_state", "_new", "_wrap", "_tree"),
    *("_proto", "_message", "_description", "_generated", "_eager", "_over", "_save", "_hash_of", "_fields", "_values"),
]


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("way", ["method", "mixin", "attribute"])
def test_names_that_a_person_chooses_are_free(name: str, way: str) -> None:
    def method(self, path: str = "p") -> str:
        return f"{name} to {path}"

    if way == "method":
        cls: Any = type("Sub", (Literal,), {name: method})
    elif way == "mixin":
        cls = type("Sub", (type("Mixin", (), {name: method}), Literal), {})
    else:

        def init(self, **members) -> None:
            Literal.__init__(self, **members)
            setattr(self, name, 3.5)

        cls = type("Sub", (Literal,), {"__init__": init})
    message = literals_pb2.Literal(hash="h", scalar={"primitive": {"integer": 1}})
    built, read = cls(hash="h"), cls.from_flyte_idl(message)
    assert built.hash == "h" == read.hash and read.to_flyte_idl() == message
    assert LiteralCollection([built, read]).to_flyte_idl().literals[1] == message
    assert copy.deepcopy(read) == read and repr(built) and built == Literal(hash="h")
    if way != "attribute":
        assert built._fm_generated is Literal and getattr(built, name)("x") == f"{name} to x"
    else:
        assert getattr(built, name) == 3.5


@each_model()
def test_all_that_is_internal_is_called_so(model_class: Any) -> None:
    attributes = set(model_class._fm_slots.values()) | {f"_{member}" for member in model_class._fm_slots}
    private = {
        name
        for name in {each for one in model_class.__mro__ if one is not object for each in vars(one)}
        if name.startswith("_") and not name.startswith(("__", "_fm_", "_abc_", "_repr_", "_ipython_"))
    }
    # The rest: what flytekit's class has under this name too, and class-private names.
    allowed = {"_as_list", "_check_arguments", "_is_protocol"} | attributes
    own = {name for name in private - allowed if not name.startswith(f"_{model_class.__name__.lstrip('_')}__")}
    assert {name for name in own if not _is_attribute(getattr(model_class, name))} <= FLYTEKITS


def _is_attribute(found: Any) -> bool:
    return inspect.isdatadescriptor(found) or isinstance(found, type)


FLYTEKITS = {"_LITERALMAP_FORMATS", "_pb2_field_name", "_comparator", "_parse", "_from_flyte_idl"}
"""Private names of flytekit's classes that code around it knows."""


@each_model()
def test_an_instance_that_no_constructor_made_takes_attributes(model_class: Any) -> None:
    if "carrier" in model_class._fm_proto.splitlines()[1]:
        return
    model, like = model_class.__new__(model_class), blank(model_class)
    for member, slot in model_class._fm_slots.items():
        setattr(model, member if model_class._fm_eager else slot, None)
    assert model.to_flyte_idl() == like.to_flyte_idl()


def test_a_missing_attribute_is_named_as_it_is_set() -> None:
    model = Identifier.__new__(Identifier)
    model._project = "p"
    assert model.project == "p"
    with pytest.raises(AttributeError, match="'Identifier' object has no attribute '_domain'"):
        model._domain  # noqa: B018


def test_what_no_constructor_made_is_not_written_in_part() -> None:
    model = Identifier.__new__(Identifier)
    model._project = "p"
    with pytest.raises(
        TypeError, match=r"Identifier\.resource_type: has no value: the constructor did not run, or it was deleted"
    ):
        model.to_flyte_idl()


def test_a_subclass_need_not_call_the_constructor() -> None:
    class Mine(Literal):
        def __init__(self) -> None:
            self._hash = "h"

    assert Mine().to_flyte_idl() == literals_pb2.Literal(hash="h")
    assert LiteralMap({"a": Mine()}).to_flyte_idl().literals["a"].hash == "h"
    assert pickle.loads(pickle.dumps(copy.deepcopy(blank(Literal)))) == Literal()


# Methods that come late.


def parents(child: Any) -> list[Any]:
    """What is written for *child* as an item of a list, an entry of a map, and by itself."""
    in_list = LiteralCollection([child]).to_flyte_idl().literals[0]
    return [in_list, LiteralMap({"a": child}).to_flyte_idl().literals["a"], child.to_flyte_idl()]


def test_a_writer_put_into_a_subclass_is_honoured_while_it_is_there() -> None:
    class Sub(Literal):
        pass

    class Lower(Sub):
        pass

    def late(self: Any) -> Any:
        return literals_pb2.Literal(hash="late")

    for cls in (Sub, Lower):
        assert [one.hash for one in parents(cls(hash="h"))] == ["h"] * 3
        with mock.patch.object(Sub, "to_flyte_idl", late):
            assert [one.hash for one in parents(cls(hash="h"))] == ["late"] * 3
        assert [one.hash for one in parents(cls(hash="h"))] == ["h"] * 3


def test_a_property_put_into_a_subclass_is_honoured_while_it_is_there() -> None:
    class Sub(Literal):
        pass

    with mock.patch.object(Sub, "hash", new_callable=mock.PropertyMock, return_value="late"):
        assert [one.hash for one in parents(Sub(hash="h"))] == ["late"] * 3
    assert [one.hash for one in parents(Sub(hash="h"))] == ["h"] * 3


def test_a_class_decorator_is_honoured() -> None:
    def loud(cls: Any) -> Any:
        cls.hash = property(lambda self: "loud")
        return cls

    @loud
    class Sub(Literal):
        pass

    assert [one.hash for one in parents(Sub(hash="h"))] == ["loud"] * 3


def test_a_constructor_put_in_later_runs() -> None:
    class Sub(Secret):
        pass

    assert not hasattr(Sub.from_flyte_idl(Secret("g").to_flyte_idl()), "note")

    @dataclasses.dataclass
    class Noted(Secret):
        note: str = "made"

    assert Noted.from_flyte_idl(Secret("g").to_flyte_idl()).note == "made"

    def init(self, *args, **members) -> None:
        Secret.__init__(self, *args, **members)
        self.note = "late"

    with mock.patch.object(Sub, "__init__", init):
        assert Sub.from_flyte_idl(Secret("g").to_flyte_idl()).group == "g" and Sub("g").note == "late"


def test_read_only_members_say_how_they_change() -> None:
    made = Scalar(none_type=None)
    with pytest.raises(AttributeError, match=r"'primitive' .* no setter; replace\(primitive=\.\.\.\)"):
        made.primitive = 5  # type: ignore[misc, assignment]
    with pytest.raises(AttributeError, match=r"'value' of 'Scalar' object has no setter; replace\(\.\.\.\)"):
        made.value = 5  # type: ignore[misc]


@each_model()
def test_every_read_only_property_does(model_class: Any) -> None:
    model = blank(model_class)
    for name, value in vars(model_class).items():
        if isinstance(value, property) and not name.startswith("_") and name in model_class._fm_slots:
            try:
                setattr(model, name, None)
            except AttributeError as error:
                assert f"replace({name}=...)" in str(error) and error.name == name and error.obj is model


def test_the_base_is_left_alone() -> None:
    assert Model.to_flyte_idl is Literal.to_flyte_idl

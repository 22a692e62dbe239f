"""What cannot be written can still be looked at, and compared; only writing and hashing refuse."""

# mypy: disable-error-code="arg-type"

from __future__ import annotations

import copy
import dataclasses
from typing import Any

import pytest

from flytekit.models.core.identifier import Identifier
from flytekit.models.execution import LiteralMapBlob
from flytekit.models.literals import Literal, LiteralCollection, LiteralMap, Primitive, Scalar
from flytekit.models.security import Identity, OAuth2Client, OAuth2TokenRequest, Secret
from flytekit_models.model import describe
from flytekit_models.model.state import blank
from tests.support.every_model import each_model


class Unshowable:
    """Nothing can be done with it."""

    def __repr__(self) -> str:
        raise RuntimeError("no repr")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no comparison")

    __hash__ = None  # type: ignore[assignment]


class Failing(Literal):
    """It cannot be written, for a reason of its own."""

    def to_flyte_idl(self) -> Any:
        """Always fails."""
        raise KeyError("of its own")


ANYTHING: list[Any] = [Unshowable(), Failing(), object, "\ud800", 10**5000, [[]]]


def look_at(model: Any) -> None:
    for text in (repr(model), str(model), model.short_string(), model._repr_html_(), model.pretty()):
        assert type(text) is str and len(text) < 60_000
    assert type(vars(model)) is dict and dir(model)
    assert model == model
    assert (model == copy.copy(model)) in (True, False)
    assert model != 5 and (model == "text") is False


@each_model()
@pytest.mark.parametrize("value", ANYTHING, ids=lambda one: type(one).__name__)
def test_any_model_that_holds_anything_is_looked_at(model_class: Any, value: Any) -> None:
    model = blank(model_class)
    for slot in model_class._fm_slots.values():
        setattr(model, slot, value)
    look_at(model)
    if any(field.number for field in describe(model_class).fields) and "carrier" not in describe(model_class).options:
        with pytest.raises((TypeError, ValueError, KeyError, AttributeError)):
            model.to_flyte_idl()
        with pytest.raises((TypeError, ValueError, KeyError, AttributeError)):
            hash(model)


@each_model()
def test_any_model_whose_constructor_never_ran_is_looked_at(model_class: Any) -> None:
    look_at(model_class.__new__(model_class))


@pytest.mark.parametrize(
    "model",
    [
        Failing(hash="h"),
        LiteralCollection([Failing()]),
        LiteralMap({"a": Literal(), "b": Failing()}),
        Primitive(integer=1, boolean=True),
        Scalar(primitive=Scalar()),
        Identifier(None, None, None, None, None),
        Identifier("x", 1, object, [], {}),
        LiteralMapBlob(5, "u"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_raised(model: Any) -> None:
    look_at(model)
    if not isinstance(model, (Identifier, LiteralMapBlob)):
        assert "cannot be written" in model.short_string()


def test_dataclass_models_show_their_fields_whatever_they_hold() -> None:
    unset = ", ".join(f"{field.name}=None" for field in dataclasses.fields(Identity)[1:])
    assert repr(Identity("r")) == f"Identity(iam_role='r', {unset})"
    assert "group=(Unshowable: its repr raises RuntimeError), " in repr(Secret(Unshowable()))


def test_comparison_gives_an_answer() -> None:
    assert Literal(hash=5) == Literal(hash=5) != Literal(hash=6)
    assert Literal(hash=5) != Literal(hash="5")
    assert Literal(hash=Unshowable()) != Literal(hash=Unshowable())


def test_the_uri_of_a_blob_wins() -> None:
    blob = LiteralMapBlob(values=LiteralMap({}), uri="http://foo/")
    assert blob.to_flyte_idl().uri == "http://foo/" and not blob.to_flyte_idl().HasField("values")
    assert hash(blob) == hash(LiteralMapBlob(uri="http://foo/")) and blob == copy.deepcopy(blob)


@pytest.mark.parametrize("read", [True, False])
@pytest.mark.parametrize(("cls", "member"), [(OAuth2Client, "client_id"), (OAuth2TokenRequest, "client")])
def test_a_member_that_was_deleted_is_named(cls: Any, member: str, read: bool) -> None:
    secret = Secret("g")
    given = cls("c", secret) if cls is OAuth2Client else cls("n", OAuth2Client("c", secret))
    model = cls.from_bytes(given.to_bytes()) if read else given
    delattr(model, member)
    for write in (model.to_bytes, model.to_flyte_idl, lambda: hash(model)):
        with pytest.raises(TypeError, match=rf"{cls.__name__}\.{member}: has no value: .* it was deleted"):
            write()
    assert member not in repr(model).partition("(")[2][: len(member)]
    setattr(model, member, getattr(given, member, "c" if member == "client_id" else None))
    assert cls.from_bytes(model.to_bytes())


def test_an_attribute_that_was_deleted_is_that_of_the_class() -> None:
    for model in (Secret("g", "k"), Secret.from_bytes(Secret("g", "k").to_bytes())):
        del model.key
        assert model.to_bytes() == Secret("g").to_bytes()


@each_model()
def test_attributes_come_in_the_order_of_the_class(model_class: Any) -> None:
    read = vars(model_class.from_bytes(b""))
    assert [*read] == ([*model_class._fm_slots] if model_class._fm_eager else [])

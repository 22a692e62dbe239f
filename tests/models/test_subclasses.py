"""Classes of others that derive from models: what they override is honoured, and nothing that was read is lost."""

# Models are given here what their annotations do not allow, as flytekit's callers do.
# mypy: disable-error-code="arg-type,attr-defined,dict-item,no-untyped-call"

from __future__ import annotations

import abc
import copy
import pickle
from typing import Any

import pytest
from flyteidl.core import identifier_pb2, literals_pb2

from flytekit.models.core.identifier import Identifier
from flytekit.models.literals import Binary, Literal, LiteralMap, Primitive, Scalar
from flytekit.models.security import Secret
from flytekit_models.entity import FlyteCustomIdlEntity, FlyteIdlEntity
from flytekit_models.enums import IdlEnum

_UNKNOWN = b"\x92\xe4\x08\x01x"  # A field of bytes with a number that no message has.


class Tagged(Binary):
    """Its constructor takes the members, and makes something of them that is not on the wire."""

    def __init__(self, value: bytes, tag: str, note: str = "made") -> None:
        super().__init__(value, tag)
        self.note = f"{note} {tag}"


class WithoutSuper(Binary):
    """Its constructor takes the members and does not call the model's."""

    def __init__(self, value: bytes, tag: str) -> None:
        self.seen = (value, tag)


class OfSomethingElse(Binary):
    """Its constructor takes other things."""

    def __init__(self, path: str) -> None:
        super().__init__(path.encode(), "path")


class Shouting(Primitive):
    """It overrides the property of a member."""

    @property
    def string_value(self) -> str | None:
        """The text, loud."""
        value = super().string_value
        return None if value is None else value.upper()


class WrittenByItself(Primitive):
    """It overrides `to_flyte_idl`."""

    def to_flyte_idl(self) -> Any:
        """Seven, whatever it holds."""
        return literals_pb2.Primitive(integer=7)


class WrittenAsNothing(Primitive):
    """It is written as None."""

    def to_flyte_idl(self) -> Any:
        """Nothing."""
        return None


def _binary() -> Any:
    message = literals_pb2.Binary(value=b"v", tag="t")
    message.MergeFromString(_UNKNOWN)
    return message


@pytest.mark.parametrize("model_class", [Tagged, WithoutSuper, OfSomethingElse])
def test_nothing_is_lost_in_a_subclass(model_class: Any) -> None:
    message = _binary()
    read = model_class.from_flyte_idl(message)
    assert type(read) is model_class
    assert read.to_flyte_idl() == message
    assert (read.value, read.tag) == (b"v", "t")
    for way in (copy.copy, copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))):
        again = way(read)
        assert type(again) is model_class
        assert again.to_flyte_idl().SerializeToString() == message.SerializeToString()
    read._tag = "changed"
    message.tag = "changed"
    assert read.to_flyte_idl() == message


def test_a_constructor_that_takes_the_members_runs() -> None:
    read = Tagged.from_flyte_idl(_binary())
    assert read.note == "made t"
    assert WithoutSuper.from_flyte_idl(_binary()).seen == (b"v", "t")
    assert pickle.loads(pickle.dumps(read)).note == "made t" == copy.copy(read).note


def test_an_overridden_property_is_written() -> None:
    shouting = Shouting(string_value="quiet")
    loud = literals_pb2.Primitive(string_value="QUIET")
    assert shouting.to_flyte_idl() == loud
    assert Scalar(primitive=shouting).to_flyte_idl().primitive == loud
    read = Shouting.from_flyte_idl(literals_pb2.Primitive(string_value="read"))
    assert read.to_flyte_idl().string_value == "READ"
    assert Scalar(primitive=Shouting.from_flyte_idl(loud)).to_flyte_idl().primitive == loud


def test_an_overridden_way_to_write_is_used_by_parents() -> None:
    own = WrittenByItself(string_value="ignored")
    seven = literals_pb2.Primitive(integer=7)
    assert Scalar(primitive=own).to_flyte_idl().primitive == seven
    literals = LiteralMap({"a": Literal(scalar=Scalar(primitive=own))}).to_flyte_idl()
    assert literals.literals["a"].scalar.primitive == seven
    assert own == Primitive(integer=7) and hash(own) == hash(Primitive(integer=7))
    nothing = Scalar(primitive=WrittenAsNothing(integer=1)).to_flyte_idl()
    assert nothing.HasField("primitive") and nothing.primitive == literals_pb2.Primitive()


def test_a_changed_child_of_another_class_is_written_where_one_was_read() -> None:
    message = literals_pb2.Scalar(primitive=literals_pb2.Primitive(integer=1))
    read = Scalar.from_flyte_idl(message)
    read._primitive = WrittenByItself(string_value="ignored")
    assert read.to_flyte_idl().primitive.integer == 7


class Broken(FlyteIdlEntity):
    """It cannot be written."""

    def to_flyte_idl(self) -> Any:
        """Always fails."""
        raise TypeError("broken on purpose")


def test_the_error_of_somebody_else_s_code_is_its_own() -> None:
    for model in (Scalar(primitive=Broken()), LiteralMap({"a": Broken()})):
        with pytest.raises(TypeError, match=r"^broken on purpose$"):
            model.to_flyte_idl()
    read = Scalar.from_flyte_idl(literals_pb2.Scalar(primitive=literals_pb2.Primitive(integer=1)))
    read._primitive = Broken()
    with pytest.raises(TypeError, match=r"^broken on purpose$"):
        read.to_flyte_idl()


def test_the_wrong_message() -> None:
    for wrong in (identifier_pb2.Identifier(), "text", None):
        with pytest.raises(TypeError, match=r"Binary\.from_flyte_idl takes a flyteidl\.core\.Binary message, not "):
            Binary.from_flyte_idl(wrong)
    with pytest.raises(TypeError):
        Scalar(primitive=Identifier(1, "p", "d", "n", "v")).to_flyte_idl()


class Abstract(Identifier):
    """A class that is not to be instantiated."""

    @abc.abstractmethod
    def missing(self) -> None:
        """Do what a subclass knows."""


def test_an_abstract_subclass_is_not_read() -> None:
    message = identifier_pb2.Identifier(project="p")
    with pytest.raises(TypeError, match=r"abstract class Abstract .*missing"):
        Abstract.from_bytes(message.SerializeToString())
    with pytest.raises(TypeError, match=r"abstract class Abstract .*missing"):
        Abstract.from_flyte_idl(message)


class Frozen(Identifier):
    """It takes no assignment."""

    def __init__(self) -> None:
        pass

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{name} is frozen")


class FrozenSecret(Secret):
    """A dataclass that takes no assignment."""

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{name} is frozen")


def test_a_subclass_that_takes_no_assignment_is_read_and_copied() -> None:
    message = identifier_pb2.Identifier(project="p")
    for read in (Frozen.from_flyte_idl(message), Frozen.from_bytes(message.SerializeToString())):
        copies = copy.copy(read), copy.deepcopy(read), pickle.loads(pickle.dumps(read))
        for one in (read, *copies):
            assert one.project == "p" and one.to_flyte_idl() == message and type(one) is Frozen
            assert pickle.loads(pickle.dumps(one)).project == copy.copy(one).project == "p"
            with pytest.raises(AttributeError, match="name is frozen"):
                one.name = "n"
    assert Frozen().to_bytes() == b""
    # The members of a dataclass are attributes, and these are its own affair.
    with pytest.raises(AttributeError, match="group is frozen"):
        FrozenSecret.from_bytes(b"\n\x01g")


def test_a_subclass_may_come_to_take_no_assignment() -> None:
    later: Any = type("Later", (Identifier,), {})
    below: Any = type("Below", (later,), {})

    def refuse(self: Any, name: str, value: Any) -> None:
        raise AttributeError(f"{name} is frozen")

    later.__setattr__ = refuse
    for cls in (later, below):
        assert cls.from_bytes(b"\x12\x01p").project == "p"
    del later.__setattr__
    model = later.from_bytes(b"\x12\x01p")
    model._project = "q"
    assert model.to_bytes() == b"\x12\x01q"


class InAStruct(FlyteCustomIdlEntity):
    """A custom entity as plugins of flytekit write them: two methods."""

    def __init__(self, size: int) -> None:
        self.size = size

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {"size": self.size}

    @classmethod
    def from_dict(cls, idl_dict: dict[str, Any]) -> InAStruct:
        """Read the JSON form."""
        return cls(int(idl_dict["size"]))


def test_a_custom_entity() -> None:
    message = InAStruct(5).to_flyte_idl()
    assert message.DESCRIPTOR.full_name == "google.protobuf.Struct"
    assert InAStruct.from_flyte_idl(message).size == 5
    assert InAStruct.from_flyte_idl(message) == InAStruct(5) != InAStruct(6)


class Level(IdlEnum):
    """A holder."""

    LOW = 0
    HIGH = 5


def test_enum_holders_hold_every_number_and_nothing_else() -> None:
    assert (Level(5), Level(77), str(Level(77)), Level(77) == 77) == (Level.HIGH, 77, "77", True)
    assert pickle.loads(pickle.dumps(Level(77))) == 77 == copy.deepcopy(Level(77))
    assert f"{Level.HIGH} {Level.HIGH:03d} {Level(77)!r}" == "5 005 <Level.77: 77>"
    for wrong in ("HIGH", 5.5, None, True):
        with pytest.raises(ValueError, match="is not a valid Level"):
            Level(wrong)

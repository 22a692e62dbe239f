"""A wrong value is an error, whatever its truth value; and the error says what is wrong, and what was meant."""

# mypy: disable-error-code="arg-type, dict-item, list-item, attr-defined"

from __future__ import annotations

import inspect
from typing import Any
from unittest import mock

import numpy as np
import pytest
from flyteidl.core import identifier_pb2, literals_pb2, tasks_pb2
from google.protobuf import duration_pb2

from flytekit.models.common import EmailNotification, Labels
from flytekit.models.core.identifier import Identifier
from flytekit.models.core.workflow import Node
from flytekit.models.interface import Parameter
from flytekit.models.literals import Binary, Literal, LiteralCollection, LiteralMap, Primitive, Scalar, Void
from flytekit.models.security import SecurityContext
from flytekit.models.task import Container, TaskSpec, TaskTemplate
from flytekit.models.types import LiteralType
from flytekit_models.model import describe, message_class
from flytekit_models.model.state import blank
from tests.support.every_model import each_model

# Whatever its truth value.


class Falsy:
    """False, and nothing that a message holds."""

    def __bool__(self) -> bool:
        return False

    def __len__(self) -> int:
        return 0


FALSE: list[Any] = [0, 0.0, False, "", b"", [], (), {}, set(), frozenset(), Falsy(), range(0), bytearray(), mock.Mock()]

_LISTS = (list, tuple, set, frozenset, range, Falsy)
_RIGHT: dict[str, tuple[type, ...]] = {
    "bool": (bool, int),
    "bytes": (bytes,),
    "double": (float, int, bool),
    "float": (float, int, bool),
    "string": (str, bytes),
}
_WELL_KNOWN: dict[str, tuple[type, ...]] = {
    "struct": (dict,),
    "list-value": (list, tuple),
    "value": (int, float, bool, str, list, tuple, dict),
    "flattened": (dict,),
    "key-values": (dict,),
    "message": (dict,),
    "any": (dict,),
    "wrapper": (bool, int),
}


def right_types(field: Any) -> tuple[type, ...]:
    """The types of the false values that a member takes."""
    if field.label == "map":
        return (dict,)
    if field.label == "list" and field.kind != "key-values":
        return tuple(one for one in _LISTS if one is not Falsy)
    if field.kind == "scalar":
        return _RIGHT.get(field.type, (int,))
    if field.kind == "enum":
        return (int,)
    if field.options.get("write", "").endswith("write_client_secret"):
        return (str,)
    if "write" in field.options:
        return ()
    return _WELL_KNOWN.get(field.kind, ())


def is_refused(model: Any) -> bool:
    try:
        model.to_flyte_idl()
    except (TypeError, ValueError) as error:
        assert type(model).__name__ in str(error)
        return True
    return False


@each_model(with_carriers=False)
def test_a_false_wrong_value_is_refused(model_class: Any) -> None:
    for field in describe(model_class).fields:
        for value in FALSE if field.number else ():
            for model in (blank(model_class), model_class.from_flyte_idl(message_class(model_class)())):
                if model._fm_unread:
                    getattr(model, field.private)
                setattr(model, model_class._fm_slots[field.member] if model_class._fm_eager else field.private, value)
                assert is_refused(model) is (type(value) not in right_types(field)), (field.member, value)


@each_model(with_carriers=False)
def test_a_constructor_hides_no_false_value(model_class: Any) -> None:
    members = describe(model_class).by_member
    required = {
        each.name: None for each in inspect.signature(model_class).parameters.values() if each.default is each.empty
    }
    for name in inspect.signature(model_class).parameters:
        if name not in members or not members[name].number or "write" in members[name].options:
            continue
        for value in (0, False, "", [], {}, Falsy()):
            right = right_types(members[name])
            if type(value) in right or (members[name].kind == "model" and type(value) is int):
                # An int may stand for a strategy of retries.
                continue
            try:
                model = model_class(**{**required, name: value})
            except (TypeError, ValueError):
                continue
            stored = getattr(model, members[name].property_name, value)
            assert is_refused(model) or stored is not value, (name, value)


# What is said.


class NoRepr:
    """It cannot be shown."""

    def __repr__(self) -> str:
        raise RuntimeError("no repr")


def identifier(**members: Any) -> Identifier:
    return Identifier(**{**dict.fromkeys(("resource_type", "project", "domain", "name", "version")), **members})


SAID: list[tuple[Any, str]] = [
    (identifier(version=0), "Identifier.version: expected str, got int 0"),
    (identifier(project=[]), "Identifier.project: expected str, got list []"),
    (LiteralMap(0), "LiteralMap.literals: expected a dict of a model or message of flyteidl.core.Literal, got int 0"),
    (
        LiteralMap([]),
        "LiteralMap.literals: expected a dict of a model or message of flyteidl.core.Literal, got list []",
    ),
    (Container("i", "python", [], None, {}, {}), "Container.command: expected a list of str, got str 'python'; put it"),
    (
        EmailNotification("a@b"),
        "EmailNotification.recipients_email: expected a list of str, got str 'a@b'; put it into",
    ),
    (Container("i", [], [], None, {"PORT": 8080}, {}), "Container.env['PORT']: expected str, got int 8080"),
    (Container("i", [], [], None, {5: "a"}, {}), "Container.env[5]: expected a str for the key, got int 5"),
    (
        Container("i", [], [], {"cpu": 1}, {}, {}),
        "Container.resources: expected a model or message of flyteidl.core.Res",
    ),
    (Labels({5: "y"}), "Labels.values[5]: expected str for the key, got int 5"),
    (Labels({"a": "x", 5: "x"}), "Labels.values[5]: expected str for the key, got int 5"),
    (LiteralMap({5: Literal()}), "LiteralMap.literals[5]: expected str for the key, got int 5"),
    (Labels({"a": NoRepr()}), "Labels.values['a']: expected str, got NoRepr <NoRepr instance"),
    (Labels({"a": "\udce9"}), "Labels.values['a']: expected str, got a str with the lone surrogate '\\udce9'"),
    (Binary("text", "t"), "Binary.value: expected bytes, got str 'text'"),
    (
        Primitive(integer=2**63),
        "Primitive.integer: expected int in the range of the field, -9223372036854775808 to 922",
    ),
    (Primitive(integer=10**5000), "Primitive.integer: expected int in the range of the field"),
    (Primitive(float_value=10**400), "Primitive.float_value: expected float, got int of 1329 bits"),
    (
        identifier(resource_type="TASKS"),
        "Identifier.resource_type: expected int of the enum flyteidl.core.ResourceType: UN",
    ),
    (
        Scalar(none_type=Void),
        "Scalar.none_type: expected a model or message of flyteidl.core.Void, got the class Void it",
    ),
    (
        Scalar(primitive=Void()),
        "Scalar.primitive: expected a model or message of flyteidl.core.Primitive, got Void, a mo",
    ),
    (Scalar(generic={"a": object}), "Scalar.generic['a']: expected a JSON value, got type <class 'object'>"),
    (LiteralType(metadata={"a": {"b": [1, {"c": object}]}}), "LiteralType.metadata['a']['b'][1]['c']: expected a JSON"),
    (
        LiteralType(metadata={"a": 10**400}),
        "LiteralType.metadata['a']: expected a number that a double can hold, got int",
    ),
    (LiteralType(metadata={"a": "\ud800"}), "LiteralType.metadata['a']: expected str, got one with the lone surrogate"),
    (LiteralType(metadata={"\ud800": 1}), "LiteralType.metadata: expected str, got a key with the lone surrogate"),
    (LiteralType(metadata={1: [1], "1": [2]}), "LiteralType.metadata: two keys become '1': int 1 and str '1'"),
    (LiteralType(metadata={(): 1}), "LiteralType.metadata: expected a str for the key, got tuple ()"),
    (
        LiteralCollection([mock.Mock(spec=Literal)]),
        "LiteralCollection.literals[0]: expected a model or message of flyteid",
    ),
    (
        TaskSpec(mock.MagicMock(spec=TaskTemplate)),
        "TaskSpec.template: expected a model or message of flyteidl.core.Task",
    ),
    (
        Node("n", None, [Literal()], [], []),
        "Node.inputs[0]: expected a model or message of flyteidl.core.Binding, got Li",
    ),
    (
        Parameter(None, artifact_id={"versio": "1"}),
        "Parameter.artifact_id: expected a model or message of flyteidl.core.Ar",
    ),
]


@pytest.mark.parametrize(("model", "said"), SAID, ids=[said.partition(":")[0] for _, said in SAID])
def test_an_error_names_the_member_what_it_takes_and_what_came(model: Any, said: str) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        model.to_flyte_idl()
    assert str(caught.value).startswith(said)


def test_a_good_mock_is_not_blamed() -> None:
    good = mock.Mock(spec=Literal)
    good.to_flyte_idl.return_value = literals_pb2.Literal(hash="m")
    assert LiteralCollection([good]).to_flyte_idl().literals[0].hash == "m"
    with pytest.raises(TypeError, match=r"LiteralCollection\.literals\[1\]: .*got int 5"):
        LiteralCollection([good, 5]).to_flyte_idl()


def test_a_mock_of_a_model_that_may_be_nothing_is_written() -> None:
    context = mock.Mock(spec=SecurityContext)
    context.to_flyte_idl.return_value = message_class(SecurityContext)(run_as={"iam_role": "r"})
    template = TaskTemplate(None, "t", None, None, None, security_context=context)
    assert template.to_flyte_idl().security_context.run_as.iam_role == "r"


def test_a_read_model_that_holds_an_array() -> None:
    read = TaskTemplate.from_flyte_idl(tasks_pb2.TaskTemplate(custom={"a": 1}))
    read.custom["a"] = np.array([1, 2])
    with pytest.raises(TypeError, match=r"TaskTemplate\.custom\['a'\]: expected a JSON value, got ndarray"):
        read.to_flyte_idl()
    assert "cannot be written" in repr(read) and read == read and read != TaskTemplate(None, "t", None, None, None)


@each_model()
def test_what_is_given_by_mistake_is_told_where_to_go(model_class: Any) -> None:
    name = model_class.__qualname__
    hints = [(b"", "from_bytes reads bytes"), (blank(model_class), "this is a model already: copy.copy copies it")]
    if "carrier" in describe(model_class).options:
        return
    for given, hint in [
        *hints,
        ({}, "from_dict reads a dict"),
        ("{}", "from_json reads a str"),
        (None, ""),
        (model_class, ""),
    ]:
        with pytest.raises(TypeError) as caught:
            model_class.from_flyte_idl(given)
        said = str(caught.value)
        assert said.startswith(f"{name}.from_flyte_idl takes a {describe(model_class).message} message, not ")
        assert said.endswith(hint)
    for wrong in (message_class(model_class), mock.Mock(), mock.MagicMock(), duration_pb2.Duration()):
        with pytest.raises(TypeError, match=r"from_flyte_idl takes a .* message, not "):
            model_class.from_flyte_idl(wrong)
    with pytest.raises(TypeError, match=r"from_bytes takes bytes, not .*from_flyte_idl reads a message"):
        model_class.from_bytes(message_class(model_class)())


def test_a_misspelt_attribute_is_told_by_python() -> None:
    # Python looks for a near name when it prints the error: it needs the object, its dir() and the name.
    made = Identifier.from_flyte_idl(identifier_pb2.Identifier())
    with pytest.raises(AttributeError) as caught:
        made.projct  # noqa: B018
    assert (caught.value.obj, caught.value.name) == (made, "projct") and "project" in dir(made)
    assert not [name for name in dir(made) if name.startswith(("_fm_", "_Identifier__"))]


# Private attributes.


def test_a_private_attribute_is_read_and_assigned_but_not_deleted() -> None:
    made = Identifier(1, "p", "d", "n", "v")
    read = Identifier.from_bytes(made.to_bytes())
    attribute = vars(Identifier)["_project"]
    assert Identifier._project is attribute and inspect.isdatadescriptor(attribute)
    for model in (made, read):
        with pytest.raises(AttributeError, match="attribute '_project' of 'Identifier' object cannot be deleted"):
            del model._project
        assert model._project == "p"
        model._project = None
        assert model._project is None and model.project is None and model.to_flyte_idl().project == ""
    with pytest.raises(AttributeError, match="'Identifier' object has no attribute '_project'"):
        _ = Identifier.__new__(Identifier)._project
    with pytest.raises((AttributeError, TypeError), match=r"_project|another class"):
        attribute.__get__(Literal(), Literal)

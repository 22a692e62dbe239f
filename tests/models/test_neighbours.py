"""Tools that look at models from outside: type hints, and libraries that know dataclasses."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import json
import pkgutil
import typing
from collections.abc import Iterator
from typing import Any

import cattrs
import msgspec
import pydantic
import pytest
from mashumaro.codecs.json import JSONDecoder, JSONEncoder
from mashumaro.codecs.msgpack import MessagePackDecoder, MessagePackEncoder
from mashumaro.jsonschema import build_json_schema
from mashumaro.mixins.json import DataClassJSONMixin

import flytekit.models
from flytekit.models.documentation import Description, Documentation, SourceCode
from flytekit.models.security import Identity, OAuth2Client, OAuth2TokenRequest, Secret, SecurityContext

# Type hints.


def modules() -> list[str]:
    return [module.name for module in pkgutil.walk_packages(flytekit.models.__path__, "flytekit.models.")]


def callables(cls: type[Any]) -> Iterator[Any]:
    """*cls*, the classes in it, and all their methods and properties, inherited ones too."""
    yield cls
    for base in cls.__mro__:
        for value in list(vars(base).values()):
            if isinstance(value, property):
                yield from (called for called in (value.fget, value.fset) if called is not None)
            elif isinstance(value, (classmethod, staticmethod)):
                yield value.__func__
            elif inspect.isfunction(value):
                yield value
            elif inspect.isclass(value) and value.__qualname__.startswith(f"{cls.__qualname__}."):
                yield from callables(value)


@pytest.mark.parametrize("module", modules())
def test_every_type_hint_resolves(module: str) -> None:
    loaded = importlib.import_module(module)
    asked = [
        typing.get_type_hints(each)
        for value in list(vars(loaded).values())
        if inspect.isclass(value) or inspect.isfunction(value)
        if value.__module__ == loaded.__name__
        for each in (callables(value) if inspect.isclass(value) else [value])
    ]
    assert asked or not hasattr(loaded, "__all__")


def test_internals_are_no_hints() -> None:
    for cls in (type(each) for each in DATACLASSES):
        assert list(typing.get_type_hints(cls)) == [field.name for field in dataclasses.fields(cls)]


@pytest.mark.parametrize("cls", [Secret, Identity, OAuth2Client, OAuth2TokenRequest, SecurityContext, Documentation])
def test_fields_have_types_and_not_their_texts(cls: type[Any]) -> None:
    assert {each.name: each.type for each in dataclasses.fields(cls)} == typing.get_type_hints(cls)
    assert (list[Secret] | None) in [each.type for each in dataclasses.fields(SecurityContext)]
    assert inspect.signature(Secret).parameters["mount_requirement"].annotation is Secret.MountType


# Libraries.

DATACLASSES: list[Any] = [
    Secret("g", "k", env_var="A_B"),
    Identity(iam_role="r"),
    OAuth2Client("c", Secret("g")),
    OAuth2TokenRequest("n", OAuth2Client("c", Secret("g"))),
    SecurityContext(run_as=Identity(iam_role="r"), secrets=[Secret("g")]),
    Description("v"),
    SourceCode("l"),
    Documentation("s", Description("v"), SourceCode("l")),
]

each_dataclass = pytest.mark.parametrize("built", DATACLASSES, ids=lambda one: type(one).__name__)


def names(model: Any) -> set[str]:
    return {field.name for field in dataclasses.fields(model)}


@pytest.fixture(params=["built", "read"])
def model(request: pytest.FixtureRequest, built: Any) -> Any:
    # The secret of a client that was read is a message, as in flytekit, which no library takes for a dataclass.
    if request.param == "built" or isinstance(built, (OAuth2Client, OAuth2TokenRequest)):
        return built
    return type(built).from_flyte_idl(built.to_flyte_idl())


@each_dataclass
def test_mashumaro(model: Any) -> None:
    encoded = JSONEncoder(type(model)).encode(model)
    assert set(json.loads(encoded)) == names(model)
    assert JSONDecoder(type(model)).decode(encoded) == model
    packed = MessagePackEncoder(type(model)).encode(model)
    assert MessagePackDecoder(type(model)).decode(packed) == model


@dataclasses.dataclass
class Config(DataClassJSONMixin):
    """A user's dataclass, as a task takes it."""

    secret: Secret
    who: Identity | None = None


def test_a_dataclass_of_a_user_holds_one() -> None:
    config = Config(Secret("g", "k"), Identity(iam_role="r"))
    assert Config.from_json(config.to_json()) == config
    assert set(build_json_schema(Config).to_dict()["properties"]) == {"secret", "who"}
    assert pydantic.TypeAdapter(Config).validate_python({"secret": {"group": "g"}}).secret == Secret("g")


@each_dataclass
def test_msgspec(model: Any) -> None:
    decoded = msgspec.json.decode(msgspec.json.encode(model), type=type(model))
    assert decoded == model
    assert decoded.to_flyte_idl() == model.to_flyte_idl()


@each_dataclass
def test_pydantic(model: Any) -> None:
    adapter = pydantic.TypeAdapter(type(model))
    assert adapter.validate_python(dataclasses.asdict(model)) == model
    assert set(json.loads(adapter.dump_json(model))) == names(model)


@each_dataclass
def test_cattrs(model: Any) -> None:
    if isinstance(model, (OAuth2Client, OAuth2TokenRequest)):
        # cattrs has to be told how to tell a secret from the key of one; flytekit calls both a str.
        return
    assert cattrs.structure(cattrs.unstructure(model), type(model)) == model


@each_dataclass
def test_the_standard_library(model: Any) -> None:
    assert set(dataclasses.asdict(model)) == names(model)
    assert len(dataclasses.astuple(model)) == len(names(model))
    assert dataclasses.replace(model) == model
    assert type(model).__match_args__[: len(names(model))] == tuple(
        field.name for field in dataclasses.fields(model) if not field.kw_only
    )

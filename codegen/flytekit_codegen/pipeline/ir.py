"""What templates render: frozen, complete, and in Python's terms. Meaning is decided before, layout after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flytekit_codegen.pipeline.service_ir import Services


@dataclass(frozen=True)
class EnumValue:
    """A value of an enum holder."""

    name: str
    number: int
    doc: str


@dataclass(frozen=True)
class Enum:
    """An enum holder."""

    name: str
    doc: str
    values: tuple[EnumValue, ...]
    helpers: tuple[str, ...]
    unknown: str | None
    parameter: str
    """Name of the parameter of the helpers."""


@dataclass(frozen=True)
class Alias:
    """A second name for a class, where its proto puts it."""

    name: str
    target: str


@dataclass(frozen=True)
class Member:
    """A member of a model: a field of its message, or something that only Python knows."""

    name: str
    property: str
    attribute: str
    field: str | None
    doc: str
    annotation: str
    given: str
    """Annotation of the constructor's parameter."""
    default: str | None
    """Python text; None if the parameter is required."""
    stored: str
    """What the constructor stores, as an expression of the parameter."""
    factory: str | None
    """The function that makes its default, where each model gets a container of its own."""
    read: str
    """Its value, as an expression of ``message``."""
    write: tuple[str, ...]
    """Statements that write it into ``message``, guard first."""
    positional: bool
    setter: bool
    oneof: str | None
    """The oneof it is an arm of."""
    asks: bool
    """Whether reading it asks which arm of that oneof is set."""
    shows: bool
    """Whether the message is present in its parent once the member was written, whatever its value."""


@dataclass(frozen=True)
class Oneof:
    """A oneof of the message: a property that gives the arm that is set."""

    name: str
    property: str | None
    doc: str
    annotation: str
    arms: tuple[Member, ...]
    variable: str
    """The local variable for the arm that is set in a message."""
    counter: str
    """The local variable that counts the arms that are set in a model."""
    is_asked: bool
    """Whether reading asks which arm is set."""


@dataclass(frozen=True)
class Constant:
    """A class constant."""

    name: str
    value: str


@dataclass(frozen=True)
class Model:
    """The class of one message."""

    name: str
    path: str
    """The name within the module, with the classes it is nested in."""
    doc: str
    bases: tuple[str, ...]
    dataclass: bool
    message: str
    pb2: str
    pb2_type: str
    from_parameter: str
    to_doc: str
    from_doc: str
    nothing: str | None
    checks: bool
    carrier: str | None
    members: tuple[Member, ...]
    oneofs: tuple[Oneof, ...]
    constants: tuple[Constant, ...]
    since: tuple[tuple[str, str], ...]
    aliases: tuple[tuple[str, str], ...]
    enums: tuple[Enum, ...]
    models: tuple[Model, ...]
    nested_aliases: tuple[Alias, ...]

    @property
    def shown_by_oneof(self) -> Oneof | None:
        """The oneof of several arms that shows the message as present in its parent, unless no arm is set."""
        counted = (oneof for oneof in self.oneofs if len(oneof.arms) > 1)
        return next((oneof for oneof in counted if all(arm.shows for arm in oneof.arms)), None)

    @property
    def shown_by(self) -> Member | None:
        """The member that does, where no oneof does; for a message without any, it is to be said."""
        if self.shown_by_oneof is not None:
            return None
        return next((each for each in self.members if each.shows and each.oneof is None), None)

    @property
    def parameters(self) -> tuple[Member, ...]:
        """The parameters of the constructor, positional ones first, in the contract's order."""
        return self.positional + self.keyword_only

    @property
    def positional(self) -> tuple[Member, ...]:
        """The parameters the contract fixes."""
        return tuple(member for member in self.members if member.positional)

    @property
    def keyword_only(self) -> tuple[Member, ...]:
        """The parameters every other field has."""
        return tuple(member for member in self.members if not member.positional)


@dataclass(frozen=True)
class Filter:
    """A filter class of the admin service's list calls."""

    name: str
    base: str
    comparator: str
    doc: str


@dataclass(frozen=True)
class Module:
    """A module of the package."""

    name: str
    """Dotted, below the package; empty for the package itself."""
    is_package: bool
    doc: str
    sources: tuple[str, ...]
    imports: tuple[str, ...]
    typing_imports: tuple[str, ...]
    api: tuple[str, ...]
    enums: tuple[Enum, ...]
    models: tuple[Model, ...]
    exports: tuple[str, ...]
    """What `import *` and type checkers take from the module, where it also gives what others define."""
    filters: tuple[Filter, ...]
    services: Services | None = None
    """None if it has none."""

    @property
    def file(self) -> str:
        """Its file, relative to the folder of the package."""
        path = self.name.replace(".", "/")
        if self.is_package:
            return f"{path}/__init__.py" if path else "__init__.py"
        return f"{path}.py"


@dataclass(frozen=True)
class Package:
    """The whole package, as it will be written."""

    name: str
    modules: tuple[Module, ...]
    messages: int
    enums: int
    fields: int

    def models(self) -> Iterator[tuple[str, Model]]:
        """Every model with its import path, nested ones after the one they are in."""
        for module in self.modules:
            yield from _with_nested(self._path(module), module.models)

    def holders(self) -> Iterator[tuple[str, Enum]]:
        """Every enum holder with its import path."""
        for module in self.modules:
            for enum in module.enums:
                yield f"{self._path(module)}.{enum.name}", enum
        for path, model in self.models():
            for enum in model.enums:
                yield f"{path}.{enum.name}", enum

    def _path(self, module: Module) -> str:
        return f"{self.name}.{module.name}" if module.name else self.name


def _with_nested(scope: str, models: tuple[Model, ...]) -> Iterator[tuple[str, Model]]:
    for model in models:
        yield f"{scope}.{model.name}", model
        yield from _with_nested(f"{scope}.{model.name}", model.models)

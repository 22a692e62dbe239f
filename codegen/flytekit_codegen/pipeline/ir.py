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
    """The slot that holds the value, as it is named inside the class."""
    private: str
    """The private attribute that hand-written models have it under."""
    field: str | None
    line: str
    """What the description of the class says of it."""
    doc: str
    annotation: str
    given: str
    """Annotation of the constructor's parameter."""
    default: str | None
    """Python text; None if the parameter is required."""
    stored: str
    """What the constructor stores, as an expression of the parameter."""
    positional: bool
    setter: bool
    oneof: str | None
    """The oneof it is an arm of."""

    container: str | None
    """Of a member that each model gets a container of its own for, its type."""

    is_checked: bool
    """Whether type checkers see that what the constructor stores is what the property gives."""


@dataclass(frozen=True)
class Oneof:
    """A oneof of the message: a property that gives the arm that is set."""

    name: str
    property: str | None
    doc: str
    annotation: str
    arms: tuple[Member, ...]


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
    header: str
    """The first line of the description."""
    pb2_type: str
    from_parameter: str | None
    """The parameter of from_flyte_idl, where it is not that of the base."""
    to_doc: str
    from_doc: str
    nothing: str | None
    checks: bool
    carrier: str | None
    type: str
    """The builtin ``type``, by a name that means it in the class."""
    promised: bool
    """Whether the contract promises its constructor, and thereby its private attributes."""
    members: tuple[Member, ...]
    oneofs: tuple[Oneof, ...]
    constants: tuple[Constant, ...]
    enums: tuple[Enum, ...]
    models: tuple[Model, ...]
    nested_aliases: tuple[Alias, ...]

    @property
    def is_checked(self) -> bool:
        """Whether type checkers see of every member what it is by the constructor."""
        return all(member.is_checked for member in self.members)

    @property
    def is_declared(self) -> bool:
        """Whether attributes are declared for type checkers."""
        return bool(self.members) and (self.promised or not self.is_checked)

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
    sources: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    lazy_imports: tuple[tuple[str, str, str], ...] = ()
    """Of each module that is imported on use: the statement that imports it, its name here, its own name."""
    abstract: tuple[str, ...] = ()
    """The types of ``collections.abc`` that annotations name."""
    api: tuple[str, ...] = ()
    enums: tuple[Enum, ...] = ()
    models: tuple[Model, ...] = ()
    exports: tuple[str, ...] = ()
    """What `import *` and type checkers take from the module, where it also gives what others define."""
    filters: tuple[Filter, ...] = ()
    part: str | None = None
    """The module with the part of this one that is loaded on demand, by its full name."""
    part_names: tuple[str, ...] = ()
    """The classes and enum holders in it."""
    part_of: str | None = None
    """The module, below the package, that what is in this one belongs to, if this is such a part."""
    services: Services | None = None
    """None if it has none."""

    @property
    def home(self) -> str:
        """The module, below the package, that its classes are known by."""
        return self.name if self.part_of is None else self.part_of

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
    services: int = 0
    rpcs: int = 0

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
        return f"{self.name}.{module.home}" if module.home else self.name


def _with_nested(scope: str, models: tuple[Model, ...]) -> Iterator[tuple[str, Model]]:
    for model in models:
        yield f"{scope}.{model.name}", model
        yield from _with_nested(f"{scope}.{model.name}", model.models)

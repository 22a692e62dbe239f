"""How generated code names things: what it imports, and names that would clash."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

_PLAIN_TYPES = {
    FieldDescriptor.CPPTYPE_INT32: "int",
    FieldDescriptor.CPPTYPE_INT64: "int",
    FieldDescriptor.CPPTYPE_UINT32: "int",
    FieldDescriptor.CPPTYPE_UINT64: "int",
    FieldDescriptor.CPPTYPE_ENUM: "int",
    FieldDescriptor.CPPTYPE_DOUBLE: "float",
    FieldDescriptor.CPPTYPE_FLOAT: "float",
    FieldDescriptor.CPPTYPE_BOOL: "bool",
}

_MODULE_ALIASES = ("_abc_", "_api_", "_builtins_", "_datetime_")
"""Names under which generated modules import what is no module of the package."""

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def snake_case(name: str) -> str:
    """The member name of a field or oneof.

    >>> snake_case("ShowWhilePending"), snake_case("executionId"), snake_case("k8s_pod"), snake_case("HTTPUrl")
    ('show_while_pending', 'execution_id', 'k8s_pod', 'http_url')
    """
    return _BOUNDARY.sub("_", name).lower()


def escape(name: str, reserved: Collection[str]) -> str:
    """*name*, or where it would clash, its bare form with underscores appended; no two names become one.

    A member ``x`` makes the attributes ``x``, ``_x`` and ``__x``, so none of these may be a keyword or *reserved*, and
    a name with underscores around it could be one of another member's.

    >>> escape("project", set()), escape("class", set()), escape("load", {"_load"})
    ('project', 'class_', 'load_')
    >>> escape("_project", set()), escape("project_", set()), escape("class_", set())
    ('project__', 'project____', 'class_____')
    >>> escape("_", set()), escape("_field", set()), escape("_1", set())
    ('field______', 'field____', 'field1______')
    """
    bare = name.strip("_")
    leading = len(name) - len(name.lstrip("_"))
    trailing = len(name) - len(name.rstrip("_")) if bare else 0
    is_made_up = not bare[:1].isalpha()
    if is_made_up:
        bare = f"field{bare}"
    clashes = keyword.iskeyword(bare) or _is_reserved(bare, reserved)
    # Cantor's pairing numbers every combination; twice it, because the private forms take a neighbour each.
    pair = (leading + trailing) * (leading + trailing + 1) // 2 + trailing
    if re.fullmatch(r"field(\d.*)?", bare):
        pair = 2 * pair + is_made_up
    if clashes and _is_reserved(f"{bare}_", reserved):
        pair += 1
    return bare + "_" * (2 * pair + clashes)


def _is_reserved(member: str, reserved: Collection[str]) -> bool:
    return not {member, f"_{member}", f"_{member}_"}.isdisjoint(reserved)


def class_name(name: str, reserved: Collection[str]) -> str:
    """The class of a message or enum *name*: public, and with underscores appended where it would clash.

    >>> class_name("Blob", set()), class_name("None", set()), class_name("Map", {"Map"}), class_name("__Part", set())
    ('Blob', 'None_', 'Map_', 'Part__')
    """
    bare = name.lstrip("_")
    public = f"{bare if bare[:1].isalpha() else f'Class{bare}'}{'_' * (len(name) - len(bare))}"
    while keyword.iskeyword(public) or public in reserved:
        public += "_"
    return public


def module_name(path: str) -> str:
    """The dotted name of the module for a .proto file, of which *path* is what counts.

    >>> module_name("core/literals"), module_name("import/v1.2/1st-class"), module_name("my file"), module_name("c++")
    ('core.literals', 'import_.v1._2._1st_class', 'my_file', 'c__')
    """
    return ".".join(map(_module_part, re.split("[/.]", path)))


def _module_part(part: str) -> str:
    part = re.sub(r"\W", "_", part)
    if not part.isidentifier():
        return f"_{part}"
    return f"{part}_" if keyword.iskeyword(part) or part.startswith("__") else part


def private_name(name: str) -> str:
    """*name* as one that only generated code uses.

    Two underscores in front would not do: in the body of a class, Python puts the name of the class before them.

    >>> private_name("core_literals"), private_name("_1st")
    ('_core_literals', '_1st')
    """
    return f"_{name.lstrip('_')}"


@dataclass(frozen=True)
class Place:
    """Where a class is: its module below the package, and its dotted path there."""

    module: str
    path: str


@dataclass
class Imports:
    """What a module imports; filled while its classes are bound."""

    package: str
    module: str
    messages: Mapping[str, Place]
    enums: Mapping[str, Place]
    classes: Mapping[str, Place]
    """Classes under ``module.path``, for the contract's references."""
    runtime: set[str] = field(default_factory=set)
    """Import statements for what the module needs at once."""
    lazy: dict[str, str] = field(default_factory=dict)
    """Modules that are imported when somebody asks for what is in them: each one's name here."""
    api: set[str] = field(default_factory=set)
    abstract: set[str] = field(default_factory=set)
    """Types of ``collections.abc``."""
    own: frozenset[str] = frozenset()
    """The classes and enum holders that the text of the module itself has on its top level."""
    _aliases: dict[str, str] = field(default_factory=lambda: dict.fromkeys(_MODULE_ALIASES, ""))

    def reference(self, place: Place, at_runtime: bool, hidden: Collection[str] = ()) -> str:
        """The expression for the class at *place*, in an annotation of a class that has attributes named *hidden*."""
        outermost = place.path.partition(".")[0]
        if place.module == self.module and outermost in self.own and (at_runtime or outermost not in hidden):
            return place.path
        return f"{self.sibling(place.module, at_runtime)}.{place.path}"

    def description_reference(self, place: Place) -> str:
        """The class at *place*, as the description of a class refers to it."""
        return place.path if place.module == self.module else f"{self.package}.{place.module}:{place.path}"

    def sibling(self, module: str, at_runtime: bool = False) -> str:
        """The name under which another module of the package is imported."""
        name = f"{self.package}.{module}"
        # No attribute of a class has an underscore at either end, and one of these may hide what its annotations name.
        alias = self._alias(name, f"{private_name(module.replace('.', '_'))}_")
        if at_runtime:
            self.runtime.add(import_statement(name, alias))
        else:
            self.lazy[name] = alias
        return alias

    def behaviours(self, module: str) -> str:
        """The name under which a *module* of behaviours is imported."""
        alias = self._alias(module, f"_{module.rpartition('.')[2]}_behaviours_")
        self.runtime.add(import_statement(module, alias))
        return alias

    def pb2_module(self, proto_file: str) -> str | None:
        """The name under which the protobuf module of a .proto file is imported, for annotations.

        None where no statement can import it: a part of its name is a keyword, or begins with a digit.
        """
        module = pb2_module(proto_file)
        if not all(part.isidentifier() and not keyword.iskeyword(part) for part in module.split(".")):
            return None
        alias = self._alias(module, "_".join(module.split(".")[1:]) if "." in module else module)
        self.lazy[module] = alias
        return alias

    def lazy_imports(self) -> tuple[tuple[str, str, str], ...]:
        """Of each module that is imported on use: the statement that imports it, its name here, its own name."""
        waiting = {
            name: alias for name, alias in self.lazy.items() if import_statement(name, alias) not in self.runtime
        }
        return tuple(sorted((import_statement(name, alias), alias, name) for name, alias in waiting.items()))

    def _alias(self, module: str, wanted: str) -> str:
        while wanted in self.own or self._aliases.setdefault(wanted, module) != module:
            wanted += "_"
        return wanted


def import_statement(module: str, alias: str) -> str:
    parent, _, name = module.rpartition(".")
    renamed = "" if name == alias else f" as {alias}"
    return f"from {parent} import {name}{renamed}" if parent else f"import {name}{renamed}"


def without_ending(proto_file: str) -> str:
    """A .proto file without the ending that protoc leaves out of the names of modules.

    >>> without_ending("a.proto"), without_ending("a.protodevel"), without_ending("a.PROTO")
    ('a', 'a', 'a.PROTO')
    """
    return proto_file.removesuffix(".protodevel").removesuffix(".proto")


def pb2_module(proto_file: str) -> str:
    """The Python module that protoc makes of a .proto file."""
    return without_ending(proto_file).replace("-", "_").replace("/", ".") + "_pb2"


def name_in_file(element: Descriptor | EnumDescriptor) -> str:
    """The dotted name of a message or enum in its file."""
    name: str = element.full_name
    package: str = element.file.package
    return name.removeprefix(f"{package}.") if package else name


class Names:
    """Names inside one class, whose attributes (*hidden*) hide builtins and classes from its annotations."""

    def __init__(self, imports: Imports, hidden: Collection[str]) -> None:
        self._imports = imports
        self._hidden = hidden

    def has_model(self, message: Descriptor) -> bool:
        """Whether *message* has a model; one that is only imported has none."""
        return message.full_name in self._imports.messages

    def builtin(self, name: str) -> str:
        """A builtin type."""
        if name in self._hidden:
            self._imports.runtime.add("import builtins as _builtins_")
            return f"_builtins_.{name}"
        return name

    def plain(self, field: FieldDescriptor) -> str:
        """The type of a plain value."""
        name = _PLAIN_TYPES.get(field.cpp_type)
        if name is None:
            name = "bytes" if field.type == FieldDescriptor.TYPE_BYTES else "str"
        return self.builtin(name)

    def time(self, name: str) -> str:
        """A type of the datetime module."""
        self._imports.runtime.add("import datetime as _datetime_")
        return f"_datetime_.{name}"

    def api(self, name: str) -> str:
        """A name of the runtime that generated code stands on."""
        if name in self._hidden:
            self._imports.runtime.add("from flytekit_models import api_v1 as _api_")
            return f"_api_.{name}"
        self._imports.api.add(name)
        return name

    def model(self, message: Descriptor, override: str | None, at_runtime: bool = False) -> str:
        """The class of *message*, or the one that the contract names instead."""
        return self._imports.reference(self._place(message, override), at_runtime, self._hidden)

    def abstract(self, name: str) -> str:
        """A type of ``collections.abc``."""
        if name in self._hidden:
            self._imports.runtime.add("import collections.abc as _abc_")
            return f"_abc_.{name}"
        self._imports.abstract.add(name)
        return name

    def model_reference(self, message: Descriptor, override: str | None) -> str:
        """That class, as descriptions refer to it."""
        return self._imports.description_reference(self._place(message, override))

    def has_holder(self, enum: EnumDescriptor) -> bool:
        """Whether *enum* has a holder; one of protobuf's own has none."""
        return enum.full_name in self._imports.enums

    def enum_reference(self, enum: EnumDescriptor) -> str:
        """The holder of *enum*, as descriptions refer to it."""
        return self._imports.description_reference(self._imports.enums[enum.full_name])

    def enum(self, enum: EnumDescriptor) -> str:
        """The holder of *enum*, in an annotation or a constructor, whose parameters hide what the attributes do."""
        return self._imports.reference(self._imports.enums[enum.full_name], False, self._hidden)

    def pb2(self, message: Descriptor) -> str:
        """The protobuf class of *message*, for annotations; `Any` where Python has no way to write its name."""
        name = name_in_file(message)
        module = None if any(map(keyword.iskeyword, name.split("."))) else self._imports.pb2_module(message.file.name)
        return "Any" if module is None else f"{module}.{name}"

    def _place(self, message: Descriptor, override: str | None) -> Place:
        return self._imports.classes[override] if override else self._imports.messages[message.full_name]

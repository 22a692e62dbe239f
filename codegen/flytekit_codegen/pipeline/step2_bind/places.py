"""Which class is where: the module and the name of every message and enum of the IDL."""

from __future__ import annotations

from dataclasses import dataclass, field

from google.protobuf.descriptor import Descriptor, EnumDescriptor

from flytekit_codegen.pipeline.step1_read.contract import ClassContract, Contract, EnumContract, ModuleContract
from flytekit_codegen.pipeline.step1_read.idl import Schema
from flytekit_codegen.pipeline.step2_bind.member_names import RESERVED, RESERVED_IN_MODULES, attributes
from flytekit_codegen.pipeline.step2_bind.names import Place, class_name, module_name, without_ending
from flytekit_codegen.problems import Findings, Where


@dataclass
class PlacedClass:
    """A class to be made: its message, and what the contract says of it."""

    place: Place
    message: Descriptor
    contract: ClassContract


@dataclass
class PlacedHolder:
    """An enum holder to be made."""

    place: Place
    enum: EnumDescriptor
    contract: EnumContract


@dataclass
class Scope:
    """What one module holds."""

    name: str
    contract: ModuleContract | None = None
    classes: list[PlacedClass] = field(default_factory=list)
    holders: list[PlacedHolder] = field(default_factory=list)
    aliases: list[tuple[str, Place]] = field(default_factory=list)
    sources: set[str] = field(default_factory=set)


@dataclass
class Layout:
    """The whole package: its modules, and where to find what."""

    scopes: dict[str, Scope] = field(default_factory=dict)
    """Module to what it holds."""
    messages: dict[str, Place] = field(default_factory=dict)
    """Full name of a message to the class that stands for it in annotations."""
    enums: dict[str, Place] = field(default_factory=dict)
    """Full name of an enum to its holder."""
    classes: dict[str, Place] = field(default_factory=dict)
    """The classes that the contract names, as ``module.Class``."""

    def has(self, module: str, path: str) -> bool:
        """Whether *module* has the class *path*."""
        places = (*self.messages.values(), *self.enums.values(), *self.classes.values())
        return any((place.module, place.path) == (module, path) for place in places)


def lay_out(schema: Schema, contract: Contract, package: str, findings: Findings) -> Layout:
    """Give every message and enum of *schema* a place: that of the *contract*, or the one its proto says.

    What does not fit together is added to *findings*.
    """
    return _Placer(schema, contract, package, findings).layout()


class _Placer:
    def __init__(self, schema: Schema, contract: Contract, package: str, findings: Findings) -> None:
        self._schema = schema
        self._package = package
        self._findings = findings
        self._layout = Layout()
        self._modules = contract.modules
        self._known_messages = {message.full_name: message for message in schema.messages()}
        self._known_enums = {enum.full_name: enum for enum in schema.enums()}
        self._top = _common_folder([file.name for file in schema.files])
        self._homes = {file: module.module for module in contract.modules for file in module.files}

    def layout(self) -> Layout:
        for module in self._modules:
            self._place_contracted(module)
        self._place_the_rest()
        self._refuse_clashes()
        return self._layout

    def _scope(self, module: str) -> Scope:
        parent = module.rpartition(".")[0]
        if module and parent not in self._layout.scopes:
            self._scope(parent)
        return self._layout.scopes.setdefault(module, Scope(module))

    def _place_contracted(self, module: ModuleContract) -> None:
        scope = self._scope(module.module)
        scope.contract = module
        known_files = {file.name for file in self._schema.files}
        for file in module.files:
            if file not in known_files:
                cure = "fix `files:`, or sync an IDL that has the file"
                self._findings.lack(module.place(file), f"the IDL has no file {file}", cure)
        for holder in module.enums:
            enum = self._known_enums.get(holder.enum)
            if enum is None:
                cure = f"choose one of the IDL's enums for {holder.path}, or remove the holder"
                self._findings.lack(holder.where, f"the IDL has no enum {holder.enum}", cure)
                continue
            place = Place(module.module, holder.path)
            scope.holders.append(PlacedHolder(place, enum, holder))
            self._layout.enums[enum.full_name] = place
        for one in module.classes:
            message = self._message_of(one, module)
            if message is not None:
                place = Place(module.module, one.path)
                scope.classes.append(PlacedClass(place, message, one))
                self._layout.classes[f"{module.module}.{one.path}"] = place
                if message.full_name not in self._layout.messages or message.file.name in module.files:
                    self._layout.messages[message.full_name] = place

    def _message_of(self, one: ClassContract, module: ModuleContract) -> Descriptor | None:
        if one.message is not None:
            names = [one.message]
        else:
            packages = {file.name: file.package for file in self._schema.files}
            names = [f"{packages[file]}.{one.path}" for file in module.files if file in packages]
        for name in names:
            if name in self._known_messages:
                return self._known_messages[name]
        what = f"the IDL has no message {' or '.join(names) or one.path}, which the class {one.path} models"
        self._findings.lack(one.where, what, "add `message: package.Message`, or remove the class")
        return None

    def _place_the_rest(self) -> None:
        """Give every message and enum that the contract does not name a class, where its proto has it."""
        for message in self._known_messages.values():
            self._scope(self._home(message.file.name)).sources.add(message.file.name)
            if message.full_name not in self._layout.messages:
                place = self._natural_place(message)
                self._layout.messages[message.full_name] = place
                contract = ClassContract(self._schema.where(message.full_name), place.path)
                self._scope(place.module).classes.append(PlacedClass(place, message, contract))
        for enum in self._known_enums.values():
            natural = self._natural_place(enum)
            if enum.full_name not in self._layout.enums:
                self._layout.enums[enum.full_name] = natural
                holder = EnumContract(self._schema.where(enum.full_name), natural.path, enum.full_name)
                self._scope(natural.module).holders.append(PlacedHolder(natural, enum, holder))
            elif "." in natural.path and self._layout.enums[enum.full_name] != natural:
                self._scope(natural.module).aliases.append((natural.path, self._layout.enums[enum.full_name]))
        for file in self._schema.files:
            # A file that only declares extensions, as those of options do, has nothing that could get a model.
            has_more = file.message_types_by_name or file.enum_types_by_name or file.services_by_name
            if has_more or not file.extensions_by_name:
                self._scope(self._home(file.name)).sources.add(file.name)

    def _natural_place(self, element: Descriptor | EnumDescriptor) -> Place:
        if element.containing_type is not None:
            outer = self._layout.messages[element.containing_type.full_name]
            taken = RESERVED_IN_MODULES | RESERVED | attributes(element.containing_type)
            return Place(outer.module, f"{outer.path}.{class_name(element.name, taken)}")
        return Place(self._home(element.file.name), class_name(element.name, RESERVED_IN_MODULES))

    def _home(self, file: str) -> str:
        """The module for what is in *file* and has no other place."""
        if file in self._homes:
            return self._homes[file]
        return module_name(without_ending(file.removeprefix(self._top)))

    def _refuse_clashes(self) -> None:
        for scope in self._layout.scopes.values():
            taken: dict[str, Where] = {}
            entries = [(one.place.path, one.contract.where) for one in scope.classes]
            holding = {"", *(path for path, _ in entries)}
            entries += [(one.place.path, one.contract.where) for one in scope.holders]
            for path, where in entries:
                if path.rpartition(".")[0] not in holding:
                    what = f"the module {scope.name} has no class {path.rpartition('.')[0]} to contain {path}"
                    self._findings.lack(where, what, "add the outer class to the contract, or do not nest this one")
                if f"{scope.name}.{path}".lstrip(".") in self._layout.scopes:
                    what = f"a class and a module would both be named {self._package}.{scope.name}.{path}"
                    self._findings.add(where, what, "rename one of them")
            if scope.contract is not None:
                given = (*scope.contract.names, *scope.contract.filters)
                entries += [(name, scope.contract.place(name)) for name in given]
            for path, where in entries:
                if path in taken:
                    what = f"two classes of the module {scope.name} would be named {path} (the other: {taken[path]})"
                    self._findings.add(where, what, "rename one of them in the contract, or move it to another module")
                taken[path] = where


def _common_folder(files: list[str]) -> str:
    """The folder that all files are in, with its slash; it says nothing and is left out of module names.

    Files that others share, below google/, do not count.
    """
    own = [file for file in files if not file.startswith("google/")]
    folders = {file.partition("/")[0] for file in own if "/" in file}
    return f"{folders.pop()}/" if len(folders) == 1 and all("/" in file for file in own) else ""

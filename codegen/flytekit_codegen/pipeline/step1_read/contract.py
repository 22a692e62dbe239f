"""The contract: what a package of models promises beyond its IDL, as data. See docs/contract.md for every entry."""

from __future__ import annotations

import ast
import json
import keyword
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

from flytekit_codegen.problems import Problem, Where


@dataclass(frozen=True)
class Parameter:
    """A positional parameter of a constructor; *default* is its Python text, None if it is required."""

    name: str
    default: str | None


@dataclass(frozen=True)
class MemberContract:
    """What one member promises beyond what its field says."""

    where: Where
    field: str | None = None
    kind: str | None = None
    absent: str | None = None
    empty: str | None = None
    written: str | None = None
    model: str | None = None
    sorted: str | None = None
    yields: str | None = None
    accepts: str | None = None
    falsy: str | None = None
    property: str | None = None
    private: str | None = None
    setter: bool = False
    read: str | None = None
    write: str | None = None
    type: str | None = None
    takes: str | None = None


@dataclass(frozen=True)
class ClassContract:
    """What one class promises."""

    where: Where
    path: str
    message: str | None = None
    constructor: tuple[Parameter, ...] | None = None
    members: Mapping[str, MemberContract] = field(default_factory=dict)
    from_parameter: str = "pb2_object"
    mixin: str | None = None
    base: str | None = None
    dataclass: bool = False
    constants: Mapping[str, str] = field(default_factory=dict)
    nothing: str | None = None
    checks: bool = False
    carrier: str | None = None


@dataclass(frozen=True)
class EnumContract:
    """What one enum holder promises."""

    where: Where
    path: str
    enum: str
    strip: str = ""
    helpers: tuple[str, ...] = ()
    unknown: str = "number"
    parameter: str = "val"


@dataclass(frozen=True)
class ModuleContract:
    """What one module promises."""

    where: Where
    module: str
    files: tuple[str, ...] = ()
    about: str | None = None
    enums: tuple[EnumContract, ...] = ()
    classes: tuple[ClassContract, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    filters: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    on_demand: tuple[str, ...] = ()
    """The classes and enum holders that importing flytekit does not ask for."""
    places: Mapping[str, Where] = field(default_factory=dict)
    """Where each of *files*, *names* and *filters* stands."""

    def place(self, name: str) -> Where:
        """Where one of *files*, *names* or *filters* stands."""
        return self.places.get(name, self.where)


@dataclass(frozen=True)
class Contract:
    """All modules of a contract; an empty one promises nothing beyond the IDL."""

    modules: tuple[ModuleContract, ...] = ()


def load(folder: Path, problems: list[Problem]) -> Contract:
    """Read the contract files (``*.yaml``) below *folder*; what is wrong with them is added to *problems*."""
    if not folder.is_dir():
        problems.append(
            Problem(Where(folder), "there is no such folder", "pass the folder of the contract files with --contract")
        )
        return Contract()
    loaded = (_Reader(path, problems).module(folder) for path in sorted(folder.rglob("*.yaml")))
    return Contract(tuple(module for module in loaded if module is not None))


_ENTRIES = ("files", "about", "enums", "classes", "names", "filters", "on_demand")
_FILTER_ENTRIES = ("base", "comparator", "about")

# What the value of an entry is, where it is not a text.
_LISTS = frozenset({"files", "helpers", "on_demand"})
_FLAGS = frozenset({"checks", "dataclass", "setter"})
_TABLES = frozenset({"constants", "names"})
_CHOICES = {
    "absent": ("none", "default"),
    "carrier": ("struct",),
    "empty": ("none",),
    "nothing": ("none",),
    "written": ("truthy", "none-as-empty"),
    "yields": ("always", "false"),
}


class _Reader:
    """Reads one contract file."""

    def __init__(self, path: Path, problems: list[Problem]) -> None:
        self._path = path
        self._problems = problems

    def module(self, folder: Path) -> ModuleContract | None:
        try:
            root = yaml.compose(self._path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 1 if mark else 0
            what = f"this is not valid YAML: {getattr(error, 'problem', error)}"
            self._problems.append(Problem(Where(self._path, line), what, "fix the syntax"))
            return None
        module = self._path.relative_to(folder).with_suffix("").as_posix().replace("/", ".")
        if not _is_dotted_name(module):
            what = f"{module} is not a valid name of a Python module"
            self._problems.append(Problem(Where(self._path), what, "name the file after a module of the package"))
        entries = self._mapping(root, _ENTRIES)
        filters = dict(self._items(entries.get("filters")))
        placed = [
            *_children(entries.get("files")),
            *_children(entries.get("names")),
            *_children(entries.get("filters")),
        ]
        enums = tuple(self._enum(name, node) for name, node in self._items(entries.get("enums")))
        classes = tuple(self._class(name, node) for name, node in self._items(entries.get("classes")))
        on_demand = tuple(self._value("on_demand", entries.get("on_demand"), []))
        named: dict[str, ClassContract | EnumContract] = {each.path: each for each in enums}
        named |= {each.path: each for each in classes}
        for node in _children(entries.get("on_demand")):
            self._check_on_demand(node, named)
        return ModuleContract(
            where=Where(self._path),
            module=module,
            files=tuple(self._value("files", entries.get("files"), [])),
            about=self._value("about", entries.get("about"), None),
            enums=enums,
            classes=classes,
            names=self._value("names", entries.get("names"), {}),
            filters={name: self._filter(name, node) for name, node in filters.items()},
            on_demand=on_demand,
            places={str(node.value): self._where(node) for node in placed},
        )

    def _check_on_demand(self, node: yaml.Node, named: Mapping[str, ClassContract | EnumContract]) -> None:
        found = named.get(str(node.value))
        if found is None or "." in found.path:
            what = f"{node.value} is loaded on demand, but is none of the module's classes and enum holders"
            self._problem(
                node, what, "name a class that is not nested; what the contract leaves out is loaded on demand"
            )
        elif getattr(found, "dataclass", False):
            # The annotations of its fields are types at once, for those who read `Field.type`.
            self._problem(node, f"the dataclass {node.value} cannot be loaded on demand", "remove it from the list")

    def _filter(self, name: str, node: yaml.Node) -> dict[str, str]:
        entries = self._values(self._mapping(node, _FILTER_ENTRIES))
        for missing in [each for each in ("base", "about") if each not in entries]:
            self._problem(node, f"the filter {name} has no {missing}", f"add `{missing}:`")
        return {"base": "", "about": "", **entries}

    def _enum(self, path: str, node: yaml.Node) -> EnumContract:
        where = self._class_place(path, node)
        if isinstance(node, yaml.ScalarNode):
            return EnumContract(where, path, node.value)
        entries = self._values(self._mapping(node, _names(EnumContract)))
        if "enum" not in entries:
            self._problem(node, f"the enum holder {path} names no enum", "add `enum: package.Enum`")
        return EnumContract(
            where,
            path,
            entries.get("enum", ""),
            strip=entries.get("strip", ""),
            helpers=tuple(entries.get("helpers", ())),
            unknown=entries.get("unknown", "number"),
            parameter=entries.get("parameter", "val"),
        )

    def _class(self, path: str, node: yaml.Node) -> ClassContract:
        where = self._class_place(path, node)
        if isinstance(node, yaml.ScalarNode):
            return ClassContract(where, path, constructor=self._constructor(node))
        entries = self._mapping(node, _names(ClassContract))
        plain = self._values({key: each for key, each in entries.items() if key not in ("constructor", "members")})
        if "constructor" in entries:
            plain["constructor"] = self._constructor(entries["constructor"])
        members = {name: self._member(value) for name, value in self._items(entries.get("members"))}
        return ClassContract(where, path, members=members, **plain)

    def _member(self, node: yaml.Node) -> MemberContract:
        if isinstance(node, yaml.ScalarNode):
            return MemberContract(self._where(node), field=node.value)
        entries = self._mapping(node, _names(MemberContract))
        return MemberContract(self._where(node), **self._values(entries))

    def _class_place(self, path: str, node: yaml.Node) -> Where:
        if not _is_dotted_name(path):
            self._problem(
                node,
                f"{path} is not a valid name of a Python class",
                "name it `Class`, or `Outer.Class` if it is nested",
            )
        return self._where(node)

    def _constructor(self, node: yaml.Node) -> tuple[Parameter, ...]:
        """The parameters of a signature such as ``(id, name, state=0)``."""
        text = str(node.value)
        try:
            definition = ast.parse(f"def constructor{text}: ...").body[0]
        except SyntaxError as error:
            what = f"{text} is not a valid signature: {error.msg}"
            cure = "write it as in Python, `(id, name=None)`; rename a parameter that is a Python keyword, "
            self._problem(node, what, cure + "and add `members: {new_name: field_name}`")
            return ()
        assert isinstance(definition, ast.FunctionDef)
        given = definition.args
        if given.posonlyargs or given.kwonlyargs or given.vararg or given.kwarg:
            self._problem(
                node,
                f"{text} has parameters that are not positional",
                "list positional parameters only; the others are added automatically",
            )
        defaults: list[ast.expr | None] = [None] * (len(given.args) - len(given.defaults)) + list(given.defaults)
        return tuple(
            Parameter(argument.arg, None if default is None else ast.unparse(default))
            for argument, default in zip(given.args, defaults, strict=True)
        )

    def _items(self, node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node]]:
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if not isinstance(key, yaml.ScalarNode):
                    self._problem(key, "expected a name", "write `name: entry` lines")
                    continue
                if key.value in seen:
                    self._problem(key, f"{key.value} is defined twice", "keep one of the two entries")
                seen.add(key.value)
                yield key.value, value
        elif node is not None:
            self._problem(node, "expected a mapping", "write `name: entry` lines")

    def _mapping(self, node: yaml.Node | None, known: tuple[str, ...]) -> dict[str, yaml.Node]:
        entries = dict(self._items(node))
        for name in [name for name in entries if name not in known]:
            self._problem(entries.pop(name), f"the entry {name!r} is unknown", f"known entries: {', '.join(known)}")
        return entries

    def _values(self, entries: Mapping[str, yaml.Node]) -> dict[str, Any]:
        """The values of entries; those that are not what their entry holds are left out."""
        values = {name: self._value(name, node, None) for name, node in entries.items()}
        return {name: value for name, value in values.items() if value is not None}

    def _value(self, name: str, node: yaml.Node | None, default: Any) -> Any:
        """The value of the entry *name*, or *default* where there is none, or one that such an entry cannot hold."""
        if node is None:
            return default
        value = _plain(node)
        if name in _LISTS:
            fits, cure = _all_texts(value, list), f"write a list: `{name}: [one, another]`"
        elif name in _TABLES:
            fits, cure = _all_texts(value, dict), f"write a mapping: `{name}: {{one: value}}`"
        elif name in _FLAGS:
            fits, cure = isinstance(value, bool), f"write `{name}: true`"
        elif name in _CHOICES:
            fits, cure = value in _CHOICES[name], f"valid values: {', '.join(map(json.dumps, _CHOICES[name]))}"
        else:
            fits, cure = isinstance(value, str) and node.tag != _NULL, f"write a string: `{name}: text`"
        if not fits:
            self._problem(node, f"the entry {name!r} cannot be {_shown(node)}", cure)
            return default
        return value

    def _where(self, node: yaml.Node) -> Where:
        return Where(self._path, node.start_mark.line + 1)

    def _problem(self, node: yaml.Node, what: str, cure: str) -> None:
        self._problems.append(Problem(self._where(node), what, cure))


def _names(contract: type) -> tuple[str, ...]:
    return tuple(one.name for one in fields(contract) if one.name not in ("where", "path"))


_NULL, _BOOL = "tag:yaml.org,2002:null", "tag:yaml.org,2002:bool"


def _children(node: yaml.Node | None) -> list[yaml.Node]:
    """What a list or a mapping names."""
    if isinstance(node, yaml.SequenceNode):
        return list(node.value)
    return [key for key, _ in node.value] if isinstance(node, yaml.MappingNode) else []


def _all_texts(value: Any, kind: type) -> bool:
    items = value.values() if isinstance(value, dict) else value
    return isinstance(value, kind) and all(isinstance(item, str) for item in items)


def _shown(node: yaml.Node) -> str:
    if isinstance(node, yaml.ScalarNode):
        return "empty" if node.tag == _NULL else str(node.value)
    return "a list" if isinstance(node, yaml.SequenceNode) else "a mapping"


def _is_dotted_name(text: str) -> bool:
    return all(part.isidentifier() and not keyword.iskeyword(part) for part in text.split("."))


def _plain(node: yaml.Node) -> Any:
    """The value of *node* as plain data; numbers and the like stay text, for they are Python in the end."""
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): _plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(value) for value in node.value]
    if node.tag == _BOOL:
        return node.value.lower() == "true"
    return node.value

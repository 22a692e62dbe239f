"""The contract: what a package of models promises beyond its IDL, as data. See docs/contract.md for every entry."""

from __future__ import annotations

import ast
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
    enum: str | None = None
    sorted: str | None = None
    yields: str | None = None
    accepts: str | None = None
    property: str | None = None
    private: str | None = None
    setter: bool = False
    read: str | None = None
    write: str | None = None
    type: str | None = None


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


@dataclass(frozen=True)
class Contract:
    """All modules of a contract; an empty one promises nothing beyond the IDL."""

    modules: tuple[ModuleContract, ...] = ()


def load(folder: Path, problems: list[Problem]) -> Contract:
    """Read the contract files (``*.yaml``) below *folder*; what is wrong with them is added to *problems*."""
    if not folder.is_dir():
        problems.append(
            Problem(Where(folder), "there is no such folder", "name the folder of the contract files with --contract")
        )
        return Contract()
    loaded = (_Reader(path, problems).module(folder) for path in sorted(folder.rglob("*.yaml")))
    return Contract(tuple(module for module in loaded if module is not None))


class _Reader:
    """Reads one contract file."""

    def __init__(self, path: Path, problems: list[Problem]) -> None:
        self._path = path
        self._problems = problems

    def module(self, folder: Path) -> ModuleContract | None:
        try:
            root = yaml.compose(self._path.read_text(), Loader=yaml.SafeLoader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 1 if mark else 0
            what = f"this is no YAML: {getattr(error, 'problem', error)}"
            self._problems.append(Problem(Where(self._path, line), what, "mend the syntax"))
            return None
        module = self._path.relative_to(folder).with_suffix("").as_posix().replace("/", ".")
        entries = self._mapping(root, ("files", "about", "enums", "classes", "names", "filters"))
        enums = [self._enum(name, node) for name, node in self._items(entries.get("enums"))]
        classes = [self._class(name, node) for name, node in self._items(entries.get("classes"))]
        return ModuleContract(
            where=Where(self._path),
            module=module,
            files=tuple(_plain(entries["files"])) if "files" in entries else (),
            about=_plain(entries["about"]) if "about" in entries else None,
            enums=tuple(enums),
            classes=tuple(one for one in classes if one is not None),
            names=_plain(entries["names"]) if "names" in entries else {},
            filters=_plain(entries["filters"]) if "filters" in entries else {},
        )

    def _enum(self, path: str, node: yaml.Node) -> EnumContract:
        where = self._where(node)
        if isinstance(node, yaml.ScalarNode):
            return EnumContract(where, path, node.value)
        entries = {key: _plain(value) for key, value in self._mapping(node, _names(EnumContract)).items()}
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

    def _class(self, path: str, node: yaml.Node) -> ClassContract | None:
        where = self._where(node)
        if isinstance(node, yaml.ScalarNode):
            return ClassContract(where, path, constructor=self._constructor(node))
        entries = self._mapping(node, _names(ClassContract))
        plain = {key: _plain(value) for key, value in entries.items() if key not in ("constructor", "members")}
        if "constructor" in entries:
            plain["constructor"] = self._constructor(entries["constructor"])
        members = {name: self._member(value) for name, value in self._items(entries.get("members"))}
        return ClassContract(where, path, members=members, **plain)

    def _member(self, node: yaml.Node) -> MemberContract:
        if isinstance(node, yaml.ScalarNode):
            return MemberContract(self._where(node), field=node.value)
        entries = self._mapping(node, _names(MemberContract))
        return MemberContract(self._where(node), **{key: _plain(value) for key, value in entries.items()})

    def _constructor(self, node: yaml.Node) -> tuple[Parameter, ...]:
        """The parameters of a signature such as ``(id, name, state=0)``."""
        text = str(node.value)
        try:
            definition = ast.parse(f"def constructor{text}: ...").body[0]
        except SyntaxError as error:
            what = f"{text} is no signature: {error.msg}"
            cure = "write it as in Python, `(id, name=None)`; a parameter cannot be a Python keyword, so rename it "
            self._problem(node, what, cure + "and say `members: {new_name: field_name}`")
            return ()
        assert isinstance(definition, ast.FunctionDef)
        given = definition.args
        if given.posonlyargs or given.kwonlyargs or given.vararg or given.kwarg:
            self._problem(
                node, f"{text} has parameters that are not plain", "list positional parameters only; the rest is added"
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
                if key.value in seen:
                    self._problem(key, f"{key.value} stands here twice", "keep one of the two entries")
                seen.add(key.value)
                yield key.value, value
        elif node is not None:
            self._problem(node, "a mapping is expected here", "write `name: entry` lines")

    def _mapping(self, node: yaml.Node | None, known: tuple[str, ...]) -> dict[str, yaml.Node]:
        entries = dict(self._items(node))
        for name in [name for name in entries if name not in known]:
            self._problem(entries.pop(name), f"the entry {name!r} is unknown", f"known here: {', '.join(known)}")
        return entries

    def _where(self, node: yaml.Node) -> Where:
        return Where(self._path, node.start_mark.line + 1)

    def _problem(self, node: yaml.Node, what: str, cure: str) -> None:
        self._problems.append(Problem(self._where(node), what, cure))


def _names(contract: type) -> tuple[str, ...]:
    return tuple(one.name for one in fields(contract) if one.name not in ("where", "path"))


def _plain(node: yaml.Node) -> Any:
    """The value of *node* as plain data; numbers and the like stay text, for they are Python in the end."""
    if isinstance(node, yaml.MappingNode):
        return {key.value: _plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(value) for value in node.value]
    if node.tag == "tag:yaml.org,2002:bool":
        return node.value.lower() == "true"
    return node.value

"""Changes of the Python API: what two schemas make of the same contract, compared by griffe and member by member."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flytekit_codegen.diff import services
from flytekit_codegen.diff.changes import Change, Kind
from flytekit_codegen.diff.errors import DiffError
from flytekit_codegen.diff.services import Services
from flytekit_codegen.diff.tree import Tree
from flytekit_codegen.pipeline import ir
from flytekit_codegen.pipeline.step1_read.contract import Contract, load
from flytekit_codegen.pipeline.step1_read.idl import Schema, is_repeated, schema_of
from flytekit_codegen.pipeline.step2_bind.bind import bind
from flytekit_codegen.pipeline.step3_render.render import Renderer
from flytekit_codegen.problems import GenerationError, Problem

if TYPE_CHECKING:
    import griffe

Grouped = tuple[str, Change]

_CONSTRUCTOR = "__init__"
_MEMBER = "MEMBER"
"""The group of all that is said of one member, as a property and as a parameter of the constructor."""


@dataclass(frozen=True)
class Api:
    """The package that a schema makes: its parts, and the text of its modules by file name."""

    package: ir.Package
    schema: Schema
    texts: dict[str, str]
    left_out: tuple[Problem, ...]


def api_of(tree: Tree, contract: Path | None, package: str) -> Api:
    """The package that a compiled side makes; what the contract promises and it lacks is left out.

    Raises:
        GenerationError: it cannot be made.
    """
    problems: list[Problem] = []
    left_out: list[Problem] = []
    promised = Contract() if contract is None else load(contract, problems)
    if problems:
        raise GenerationError(problems)
    schema = schema_of(tree.sources, tree.image)
    bound = bind(schema, promised, package, None, left_out, whole=True)
    # Neither the release nor the layout is any part of the API, so that unchanged modules have equal texts.
    renderer = Renderer(package, "its IDL")
    texts = {module.file: "".join(renderer.render(module)) for module in bound.modules}
    return Api(bound, schema, texts, tuple(left_out))


def differences(old: Api, new: Api) -> Iterator[Grouped]:
    """What callers of *old* find different in *new*, each with the group of those that say the same of its element.

    Raises:
        DiffError: griffe is not installed.
    """
    parts = _parts(old, new)
    oneofs = {element for element, _ in parts.oneof_properties}
    sides = [Services(one.package, one.schema) for one in (old, new)]
    for group, change in _by_griffe(old, new):
        if any(side.has(change.element) for side in sides):
            continue
        # A oneof's property takes the types of all its arms; what happens to an arm is said of the arm.
        if change.element not in oneofs or change.kind != "changed":
            yield group, change
    yield from parts.changes
    yield from services.differences(*sides)


def _by_griffe(old: Api, new: Api) -> Iterator[Grouped]:
    try:
        import griffe
    except ImportError:
        raise DiffError("griffe is not installed; `pip install 'flytekit-models[codegen]'` brings it.") from None
    changed = {name for name in {*old.texts, *new.texts} if old.texts.get(name) != new.texts.get(name)}
    if not changed:
        return
    root = new.package.name
    with tempfile.TemporaryDirectory() as scratch:
        before = _load(old, changed, root, Path(scratch, "old"))
        after = _load(new, changed, root, Path(scratch, "new"))
        found = griffe.find_breaking_changes(before, after)
        # Before 2.4, griffe also tells that the value of an attribute changed.
        breakages = [one for one in found if one.kind.name != "ATTRIBUTE_CHANGED_VALUE"]
        removed = [one for one in breakages if one.kind is griffe.BreakageKind.OBJECT_REMOVED]
        # Of a member, what is said of its property before what is said of its parameter.
        yield from map(_breakage, removed)
        yield from _walk(before, after)
        yield from (_breakage(one) for one in breakages if one not in removed)


def _load(api: Api, changed: set[str], package: str, scratch: Path) -> griffe.Object:
    """The modules that changed, as griffe sees them; packages that they are in are there, and empty."""
    import griffe

    folder = scratch.joinpath(*package.split("."))
    for name in sorted(changed & api.texts.keys()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(api.texts[name])
    folder.mkdir(parents=True, exist_ok=True)
    for below in (scratch, *(path for path in scratch.rglob("*") if path.is_dir())):
        (below / "__init__.py").touch()
    top = griffe.load(package.partition(".")[0], search_paths=[str(scratch)], try_relative_path=False)
    found = top[package.partition(".")[2]] if "." in package else top
    assert isinstance(found, griffe.Object)
    return found


def _breakage(breakage: griffe.Breakage) -> Grouped:
    """One of griffe's findings."""
    import griffe

    kind, path = breakage.kind, breakage.obj.path
    was, now = breakage.old_value, breakage.new_value
    texts = {
        griffe.BreakageKind.PARAMETER_MOVED: "its parameter moved to another position",
        griffe.BreakageKind.PARAMETER_REMOVED: "a parameter was removed",
        griffe.BreakageKind.PARAMETER_ADDED_REQUIRED: "a required parameter was added",
        griffe.BreakageKind.PARAMETER_CHANGED_REQUIRED: "its parameter became required",
        griffe.BreakageKind.PARAMETER_CHANGED_KIND: (
            f"its parameter was {_value(was, 'kind')} and is now {_value(now, 'kind')}"
        ),
        griffe.BreakageKind.PARAMETER_CHANGED_DEFAULT: (
            f"the default of its parameter was {_value(was, 'default')} and is now {_value(now, 'default')}"
        ),
        griffe.BreakageKind.RETURN_CHANGED_TYPE: f"it returned {was} and now returns {now}",
        griffe.BreakageKind.CLASS_REMOVED_BASE: "it lost a base class",
        griffe.BreakageKind.OBJECT_CHANGED_KIND: f"it was a {_value(was)} and is now a {_value(now)}",
    }
    if kind is griffe.BreakageKind.OBJECT_REMOVED:
        title = _title(breakage.obj)
        return _MEMBER, _change("removed", path, f"API_{title.upper()}_REMOVED", f"{title} removed", breaking=True)
    rule = f"API_{kind.name}"
    text = texts[kind]
    if isinstance(was or now, griffe.Parameter):
        return _parameter(path, (was or now).name, rule, text, "removed" if now is None else "changed")
    return _MEMBER, _change("changed", path, rule, text, breaking=True)


def _parameter(function: str, name: str, rule: str, text: str, kind: Kind, breaking: bool = True) -> Grouped:
    """A change of a parameter; one of a constructor is a change of the member that it sets."""
    owner, _, method = function.rpartition(".")
    if method == _CONSTRUCTOR:
        text = text.replace("parameter", "parameter of the constructor", 1)
    element = f"{owner}.{name}" if method == _CONSTRUCTOR else f"{function}({name})"
    return _MEMBER, _change(kind, element, rule, text, breaking)


def _walk(old: griffe.Object, new: griffe.Object) -> Iterator[Grouped]:
    """What griffe has no finding for: additions, and types."""
    # Of a member that came, its property before its parameter.
    for name, after in sorted(new.members.items(), key=lambda item: item[0] == _CONSTRUCTOR):
        if not after.is_public:
            continue
        before = old.members.get(name)
        if before is None:
            yield from _added(after)
        elif not before.is_alias and not after.is_alias and before.kind is after.kind:
            yield from _same(before, after)


def _added(thing: griffe.Object | griffe.Alias) -> Iterator[Grouped]:
    """A new module, class or member; the classes in it are told too, and its members go without saying."""
    title = _title(thing)
    yield _MEMBER, _change("added", thing.path, f"API_{title.upper()}_ADDED", f"{title} added")
    if not thing.is_alias and (thing.is_class or thing.is_module):
        for inner in thing.members.values():
            if inner.is_public and not inner.is_alias and (inner.is_class or inner.is_module):
                yield from _added(inner)


def _same(before: griffe.Object | griffe.Alias, after: griffe.Object | griffe.Alias) -> Iterator[Grouped]:
    import griffe

    if isinstance(before, griffe.Function) and isinstance(after, griffe.Function):
        known = {parameter.name: parameter for parameter in before.parameters}
        for parameter in after.parameters:
            was = known.get(parameter.name)
            if was is None:
                if not parameter.required:
                    text = "a parameter was added"
                    yield _parameter(after.path, parameter.name, "API_PARAMETER_ADDED", text, "added", breaking=False)
            elif str(was.annotation) != str(parameter.annotation):
                text = f"its parameter took {was.annotation} and now takes {parameter.annotation}"
                yield _parameter(after.path, parameter.name, "API_PARAMETER_CHANGED_TYPE", text, "changed")
    elif isinstance(before, griffe.Attribute) and isinstance(after, griffe.Attribute):
        if str(before.annotation) != str(after.annotation):
            text = f"it was {before.annotation} and is now {after.annotation}"
            yield _MEMBER, _change("changed", after.path, "API_MEMBER_CHANGED_TYPE", text, breaking=True)
    elif isinstance(after, (griffe.Class, griffe.Module)) and isinstance(before, (griffe.Class, griffe.Module)):
        yield from _walk(before, after)


def _title(thing: griffe.Object | griffe.Alias) -> str:
    if thing.is_alias:
        return "name"
    if thing.is_attribute:
        return "member"
    return str(thing.kind.value)


def _value(value: object, attribute: str = "value") -> str:
    found = getattr(value, attribute, value)
    return str(getattr(found, "value", found))


@dataclass(frozen=True)
class _Parts:
    changes: list[Grouped]
    oneof_properties: list[tuple[str, str]]
    """The import path of each property that gives the arm of a oneof, with the oneof's name."""


def _parts(old: Api, new: Api) -> _Parts:
    """What griffe cannot see: values that may be None now, arms of oneofs, numbers of enums."""
    changes: list[Grouped] = []
    old_models, new_models = dict(old.package.models()), dict(new.package.models())
    old_presence, new_presence = _presence(old.schema), _presence(new.schema)
    for path, model in new_models.items():
        before = old_models.get(path)
        if before is not None:
            changes += _members(path, before, model)
            changes += _told_apart(path, before, model, old_presence, new_presence)
    old_enums, new_enums = dict(old.package.holders()), dict(new.package.holders())
    for path, enum in new_enums.items():
        if path in old_enums:
            changes += _numbers(path, old_enums[path], enum)
    properties = [
        (f"{path}.{oneof.property}", oneof.name)
        for path, model in new_models.items()
        for oneof in model.oneofs
        if oneof.property is not None
    ]
    return _Parts(changes, properties)


def _members(path: str, before: ir.Model, after: ir.Model) -> Iterator[Grouped]:
    known = {member.name: member for member in before.members}
    for member in after.members:
        was = known.get(member.name)
        element = f"{path}.{member.property}"
        if was is None:
            if member.oneof is not None:
                text = f"an arm of the oneof {member.oneof}"
                yield _MEMBER, _change("added", element, "API_ONEOF_ARM_ADDED", text)
            continue
        if was.oneof is None and member.oneof is not None:
            text = f"it is now an arm of the oneof {member.oneof}: setting another arm as well raises an error"
            yield _MEMBER, _change("changed", element, "API_ENTERS_ONEOF", text, breaking=True)
        elif was.oneof is not None and was.oneof != member.oneof:
            text = f"it is no longer an arm of the oneof {was.oneof}" + (
                f" but of {member.oneof}" if member.oneof else ""
            )
            yield _MEMBER, _change("changed", element, "API_LEAVES_ONEOF", text, breaking=True)
        if _may_be_none(was) != _may_be_none(member):
            was_read, is_read = ("a value", "None") if _may_be_none(member) else ("None", "a value")
            text = f"when unset, it was {was_read} and is now {is_read}"
            yield _MEMBER, _change("changed", element, "API_VALUE_OR_NONE", text, breaking=True)


def _presence(schema: Schema) -> dict[str, bool]:
    """Whether each field that is no list and no map tells an unset value from the zero of its type."""
    return {
        each.full_name: each.has_presence
        for message in schema.messages()
        for each in message.fields
        if not is_repeated(each)
    }


def _told_apart(
    path: str, before: ir.Model, after: ir.Model, old: dict[str, bool], new: dict[str, bool]
) -> Iterator[Grouped]:
    """Members whose field gained or lost its presence while the contract keeps their type as it was."""
    known = {member.name: member for member in before.members}
    for member in after.members:
        was = known.get(member.name)
        if was is None or _may_be_none(was) != _may_be_none(member):
            continue
        had, has = old.get(f"{before.message}.{was.field}"), new.get(f"{after.message}.{member.field}")
        if had is not None and has is not None and had != has:
            text = (
                "None and a zero value were the same and are now distinct"
                if has
                else "None and a zero value were distinct and are now the same"
            )
            yield (
                _MEMBER,
                _change("changed", f"{path}.{member.property}", "API_VALUE_OR_NONE", text, breaking=True),
            )


def _may_be_none(member: ir.Member) -> bool:
    return "None" in member.annotation.split(" | ")


def _numbers(path: str, before: ir.Enum, after: ir.Enum) -> Iterator[Grouped]:
    known = {value.name: value.number for value in before.values}
    for value in after.values:
        if known.get(value.name, value.number) != value.number:
            text = f"its number was {known[value.name]} and is now {value.number}"
            yield (
                _MEMBER,
                _change("changed", f"{path}.{value.name}", "API_ENUM_NUMBER_CHANGED", text, breaking=True),
            )


def _change(kind: Kind, element: str, rule: str, text: str, breaking: bool = False) -> Change:
    return Change("api", kind, element, (rule,), ("API",) if breaking else (), text)

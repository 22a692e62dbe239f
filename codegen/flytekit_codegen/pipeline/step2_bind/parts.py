"""Parts of modules: what importing flytekit does not ask for is loaded on demand.

A module that the contract describes is imported by code that knows its classes, often with all modules of its kind. So
what the IDL has beyond them, and what the contract says is loaded on demand, goes into a module of its own, below
``_more``, and is imported when somebody asks the public one for it. It belongs to the public module all the same: that
is the name it is known and pickled by.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from flytekit_codegen.pipeline import ir
from flytekit_codegen.pipeline.step2_bind.places import Scope

_FOLDER = "_more"


def divided(scope: Scope) -> tuple[Scope, Scope | None]:
    """What *scope* has at once, and what is loaded on demand, if there is any."""
    contract = scope.contract
    if contract is None or not (contract.classes or contract.enums or contract.names):
        return scope, None
    named = {_outermost(each.path) for each in contract.classes} | {_outermost(each.path) for each in contract.enums}
    named -= {*contract.on_demand}
    main, rest = replace(scope, classes=[], holders=[], aliases=[]), Scope(scope.name)
    for each in scope.classes:
        (main if _outermost(each.place.path) in named else rest).classes.append(each)
    for holder in scope.holders:
        (main if _outermost(holder.place.path) in named else rest).holders.append(holder)
    for alias in scope.aliases:
        (main if _outermost(alias[0]) in named else rest).aliases.append(alias)
    return (main, rest) if rest.classes or rest.holders else (scope, None)


def top_level(scope: Scope) -> list[str]:
    """The classes and enum holders that are in no other."""
    paths = [each.place.path for each in scope.classes] + [each.place.path for each in scope.holders]
    return sorted(path for path in paths if "." not in path)


def _outermost(path: str) -> str:
    return path.partition(".")[0]


def folder_of(modules: Iterable[str]) -> str:
    """The package for what is loaded on demand; none of the *modules* is in it."""
    taken = {_outermost(name) for name in modules}
    folder = _FOLDER
    while folder in taken:
        folder += "_"
    return folder


def with_packages(modules: list[ir.Module], folder: str) -> list[ir.Module]:
    """*modules*, with the packages that those below *folder* are in."""
    names = {module.name for module in modules}
    parents = {name.rpartition(".")[0] for name in names if _outermost(name) == folder}
    parents |= {parent.rpartition(".")[0] for parent in parents} - {""}
    made = [ir.Module(name=name, is_package=True, doc=_package_doc(name)) for name in parents - names]
    below = [replace(module, is_package=module.name in parents) for module in modules if module.part_of is not None]
    others = [module for module in modules if module.part_of is None]
    return sorted([*others, *below, *made], key=lambda module: module.name)


def _package_doc(name: str) -> str:
    """The docstring of a package of parts; each says another, since a wheel must not have the same file twice."""
    _, _, beside = name.partition(".")
    where = f"of `{beside}`" if beside else "beside this package"
    return f"Parts of the modules {where} that are loaded on demand."

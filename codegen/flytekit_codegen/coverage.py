"""How far the package covers its IDL: what the contract says of it, what is left to mechanical classes, what is
documented."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flytekit_codegen.pipeline import ir
from flytekit_codegen.pipeline.step1_read.contract import ClassContract, Contract, load
from flytekit_codegen.pipeline.step1_read.idl import Schema, read
from flytekit_codegen.pipeline.step1_read.sources import Sources
from flytekit_codegen.pipeline.step2_bind.bind import bind
from flytekit_codegen.problems import GenerationError, Problem


@dataclass(frozen=True)
class Field:
    """One field of a message; of several classes of the message, what the best of them has."""

    name: str
    member: str | None
    """The member that it is; None if no class has one."""
    contract: bool
    """Whether the contract names it."""
    documented: bool


@dataclass(frozen=True)
class Message:
    """One message."""

    name: str
    classes: tuple[str, ...]
    """The import paths of its classes."""
    contract: bool
    """Whether the contract names one of them."""
    documented: bool
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Enum:
    """One enum; `documented` counts its values that are."""

    name: str
    contract: bool
    documented: int
    values: int


@dataclass(frozen=True)
class Rpc:
    """One rpc, and the method of clients and servicers that it is."""

    name: str
    method: str
    documented: bool


@dataclass(frozen=True)
class Service:
    """One service."""

    name: str
    classes: tuple[str, ...]
    """The import paths of its clients and its servicer."""
    documented: bool
    rpcs: tuple[Rpc, ...]


@dataclass(frozen=True)
class Total:
    """How many there are of something, and how many of them are covered by what."""

    all: int
    contract: int
    mechanical: int
    documented: int

    @property
    def covered(self) -> int:
        """How many have a class, or are a member of one."""
        return self.contract + self.mechanical


@dataclass(frozen=True)
class Coverage:
    """The coverage of an IDL."""

    messages: tuple[Message, ...]
    enums: tuple[Enum, ...]
    services: tuple[Service, ...]
    left_out: tuple[Problem, ...]
    """What the contract promises and the IDL lacks."""

    def totals(self) -> dict[str, Total]:
        """The sums, by what is counted."""
        fields = [field for message in self.messages for field in message.fields]
        rpcs = [rpc for service in self.services for rpc in service.rpcs]
        return {
            "messages": Total(
                len(self.messages),
                sum(message.contract for message in self.messages),
                sum(bool(message.classes) and not message.contract for message in self.messages),
                sum(message.documented for message in self.messages),
            ),
            "fields": Total(
                len(fields),
                sum(field.contract for field in fields),
                sum(field.member is not None and not field.contract for field in fields),
                sum(field.documented for field in fields),
            ),
            "enums": Total(
                len(self.enums),
                sum(enum.contract for enum in self.enums),
                sum(not enum.contract for enum in self.enums),
                sum(enum.documented == enum.values for enum in self.enums),
            ),
            # No contract is needed for services: each has clients and a servicer.
            "services": Total(
                len(self.services), 0, len(self.services), sum(service.documented for service in self.services)
            ),
            "rpcs": Total(len(rpcs), 0, len(rpcs), sum(rpc.documented for rpc in rpcs)),
        }

    def percent(self) -> float:
        """How many percent of all that is counted are covered."""
        totals = self.totals().values()
        everything = sum(total.all for total in totals)
        return 100 * sum(total.covered for total in totals) / everything if everything else 100.0


def coverage(sources: Sources, contract: Path | None, package: str) -> Coverage:
    """The coverage of the IDL *sources* by the *contract* (None for none) and mechanical classes.

    Raises:
        GenerationError: no package can be made of the two.
    """
    problems: list[Problem] = []
    promised = Contract() if contract is None else load(contract, problems)
    if problems:
        raise GenerationError(problems)
    schema = read(sources)
    left_out: list[Problem] = []
    bound = bind(schema, promised, package, None, left_out)
    named = {f"{package}.{module.module}.{one.path}": one for module in promised.modules for one in module.classes}
    models: dict[str, list[tuple[str, ir.Model]]] = {}
    for path, model in bound.models():
        models.setdefault(model.message, []).append((path, model))
    holders = {holder.enum for module in promised.modules for holder in module.enums}
    return Coverage(
        messages=tuple(
            _message(message.full_name, [field.name for field in message.fields], models, named, schema)
            for message in schema.messages()
        ),
        enums=tuple(
            Enum(
                enum.full_name,
                enum.full_name in holders,
                sum(f"{enum.full_name}.{value.name}" in schema.comments for value in enum.values),
                len(enum.values),
            )
            for enum in schema.enums()
        ),
        services=tuple(_services(bound, schema)),
        left_out=tuple(left_out),
    )


def _services(bound: ir.Package, schema: Schema) -> Iterator[Service]:
    for module in bound.modules:
        for service in module.services.services if module.services else ():
            home = f"{bound.name}.{module.name}" if module.name else bound.name
            yield Service(
                name=service.full_name,
                classes=tuple(f"{home}.{name}" for name in (service.client, service.async_client, service.servicer)),
                documented=service.full_name in schema.comments,
                rpcs=tuple(
                    Rpc(rpc.name, rpc.method, f"{service.full_name}.{rpc.name}" in schema.comments)
                    for rpc in service.rpcs
                ),
            )


def _message(
    name: str,
    fields: list[str],
    models: dict[str, list[tuple[str, ir.Model]]],
    named: dict[str, ClassContract],
    schema: Schema,
) -> Message:
    classes = models.get(name, [])
    promised: set[str] = set()
    members: dict[str, str] = {}
    for path, model in classes:
        entries = named[path].members if path in named else {}
        for member in model.members:
            field = (member.field or "").partition(".")[0]
            members.setdefault(field, member.property)
            if path in named and (member.positional or member.name in entries):
                promised.add(field)
    return Message(
        name=name,
        classes=tuple(path for path, _ in classes),
        contract=any(path in named for path, _ in classes),
        documented=name in schema.comments,
        fields=tuple(
            Field(field, members.get(field), field in promised, f"{name}.{field}" in schema.comments)
            for field in fields
        ),
    )


def text(found: Coverage) -> str:
    """The matrix and its totals, for a terminal: `C` contract, `m` mechanical, `-` nothing; `d` documented."""
    lines = []
    for message in found.messages:
        lines.append(f"{_mark(message.contract, bool(message.classes), message.documented)} {message.name}")
        lines += [
            f"  {_mark(field.contract, field.member is not None, field.documented)} {field.name}"
            for field in message.fields
        ]
    for service in found.services:
        lines.append(f"{_mark(False, True, service.documented)} {service.name}")
        lines += [f"  {_mark(False, True, rpc.documented)} {rpc.name}" for rpc in service.rpcs]
    lines += [""] if lines else []
    lines += ["C: named in the contract, m: mechanical, -: not covered; d: documented", ""]
    lines += [f"{name}: {_total(total)}" for name, total in _counted(found).items()]
    lines += [f"left out: {problem.what} ({problem.where})" for problem in found.left_out]
    lines.append(f"covered: {found.percent():.1f} %")
    return "\n".join(lines) + "\n"


def markdown(found: Coverage) -> str:
    """The totals, and the matrix below them, in markdown."""
    lines = ["| | all | contract | mechanical | documented |", "|---|--:|--:|--:|--:|"]
    for name, total in _counted(found).items():
        lines.append(f"| {name} | {total.all} | {total.contract} | {total.mechanical} | {total.documented} |")
    lines += ["", "| Message | Class | Contract | Mechanical | Documented |", "|---|---|---|---|---|"]
    for message in found.messages:
        classes = ", ".join(f"`{path}`" for path in message.classes) or "**none**"
        contract = ", ".join(field.name for field in message.fields if field.contract)
        rest = ", ".join(field.name for field in message.fields if field.member is not None and not field.contract)
        documented = ", ".join(field.name for field in message.fields if field.documented)
        lines.append(f"| `{message.name}` | {classes} | {_cell(contract)} | {_cell(rest)} | {_cell(documented)} |")
    if found.services:
        lines += ["", "| Service | Classes | Rpcs | Documented |", "|---|---|---|---|"]
    for service in found.services:
        classes = ", ".join(f"`{path}`" for path in service.classes)
        rpcs = ", ".join(rpc.name for rpc in service.rpcs)
        documented = ", ".join(rpc.name for rpc in service.rpcs if rpc.documented)
        lines.append(f"| `{service.name}` | {classes} | {_cell(rpcs)} | {_cell(documented)} |")
    return "\n".join(lines) + "\n"


def content(found: Coverage) -> dict[str, Any]:
    """The matrix and its totals as data, for JSON."""
    return {
        "percent": round(found.percent(), 2),
        "totals": {name: {**vars(total), "covered": total.covered} for name, total in found.totals().items()},
        "messages": [
            {**vars(message), "classes": list(message.classes), "fields": [vars(field) for field in message.fields]}
            for message in found.messages
        ],
        "enums": [vars(enum) for enum in found.enums],
        "services": [
            {**vars(service), "classes": list(service.classes), "rpcs": [vars(rpc) for rpc in service.rpcs]}
            for service in found.services
        ],
        "left_out": [problem.what for problem in found.left_out],
    }


def badge(found: Coverage) -> str:
    """The JSON that badge services ask an endpoint for."""
    percent = found.percent()
    colour = "brightgreen" if percent == 100 else "yellow" if percent >= 90 else "red"
    # Rounded down, so that 100 % means all of it.
    message = f"{int(percent)}%"
    return json.dumps({"schemaVersion": 1, "label": "IDL coverage", "message": message, "color": colour}) + "\n"


def _counted(found: Coverage) -> dict[str, Total]:
    """The sums that people are shown: an IDL may have no services."""
    return {name: total for name, total in found.totals().items() if total.all or name not in ("services", "rpcs")}


def _mark(contract: bool, covered: bool, documented: bool) -> str:
    return ("C" if contract else "m" if covered else "-") + ("d" if documented else " ")


def _total(total: Total) -> str:
    return (
        f"{total.all} in total: {total.contract} in the contract, {total.mechanical} mechanical, "
        f"{total.all - total.covered} not covered; {total.documented} documented"
    )


def _cell(words: str) -> str:
    return words.replace("_", "\\_")

"""Binds descriptors to the contract: the whole package, in Python's terms, before anything is rendered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from google.protobuf.descriptor import FieldDescriptor

from flytekit_codegen.pipeline import ir
from flytekit_codegen.pipeline.step1_read.contract import Contract, MemberContract, ModuleContract, Parameter
from flytekit_codegen.pipeline.step1_read.history import read_since
from flytekit_codegen.pipeline.step1_read.idl import Schema, is_repeated, message_of, real_oneof
from flytekit_codegen.pipeline.step2_bind.behaviours import BEHAVIOURS, homes
from flytekit_codegen.pipeline.step2_bind.docs import (
    declared_type,
    enum_doc,
    from_doc,
    member_doc,
    message_doc,
    module_doc,
    oneof_doc,
    part_doc,
    to_doc,
    value_doc,
)
from flytekit_codegen.pipeline.step2_bind.kinds import KINDS, At, Code, Kind, default_kind
from flytekit_codegen.pipeline.step2_bind.member_names import RESERVED, natural_names, oneof_names, value_names
from flytekit_codegen.pipeline.step2_bind.names import Imports, Names, name_in_file, pb2_module
from flytekit_codegen.pipeline.step2_bind.parts import divided, folder_of, top_level, with_packages
from flytekit_codegen.pipeline.step2_bind.places import PlacedClass, PlacedHolder, Scope, lay_out
from flytekit_codegen.pipeline.step2_bind.services import add_services
from flytekit_codegen.pipeline.step2_bind.wire import Wire
from flytekit_codegen.problems import Findings, Problem, Where
from flytekit_models import api_v1

_FROM_PARAMETER = "pb2_object"
"""The name of the base's parameter; a class whose contract says another has a from_flyte_idl of its own."""


def bind(
    schema: Schema,
    contract: Contract,
    package: str,
    history: Path | None = None,
    left_out: list[Problem] | None = None,
    whole: bool = False,
) -> ir.Package:
    """The package that *schema* and *contract* make, under the import root *package*.

    Each module is *whole*, or has a part that is loaded on demand (see `parts`).

    What the contract promises and the IDL lacks, as an older one does, is a problem; where *left_out* is given, it is
    left out of the package instead, and noted there.

    Raises:
        GenerationError: they do not fit together; every place where they do not.
    """
    binder = _Binder(schema, contract, package, history, left_out)
    return add_services(binder.package(whole), schema, binder._layout.messages, binder._since)


class _Binder:
    def __init__(
        self,
        schema: Schema,
        contract: Contract,
        package: str,
        history: Path | None,
        left_out: list[Problem] | None,
    ) -> None:
        self._schema = schema
        self._package = package
        self._findings = Findings(left_out)
        self._since = read_since(history)
        self._wire = Wire(schema.messages())
        self._layout = lay_out(schema, contract, package, self._findings)

    def package(self, whole: bool) -> ir.Package:
        modules: list[ir.Module] = []
        folder = folder_of(self._layout.scopes)
        for name, scope in self._layout.scopes.items():
            main, rest = (scope, None) if whole else divided(scope)
            module = self._module(main)
            if rest is not None:
                part = f"{folder}.{name}"
                names = tuple(top_level(rest))
                exports = tuple(sorted({*top_level(main), *names, *module.exports}))
                api = tuple(sorted({*module.api, "loaded_on_demand"}))
                full = f"{self._package}.{part}"
                doc = part_doc(f"{self._package}.{name}" if name else self._package)
                modules.append(replace(self._module(rest), name=part, part_of=name, doc=doc))
                module = replace(module, part=full, part_names=names, exports=exports, api=api)
            modules.append(module)
        modules = with_packages(modules, folder)
        self._findings.report()
        messages = list(self._schema.messages())
        return ir.Package(
            name=self._package,
            modules=tuple(modules),
            messages=len(messages),
            enums=len(list(self._schema.enums())),
            fields=sum(len(message.fields) for message in messages),
        )

    def _module(self, scope: Scope) -> ir.Module:
        places = [one.place for one in scope.classes] + [one.place for one in scope.holders]
        own = frozenset(place.path for place in places if "." not in place.path)
        imports = Imports(
            self._package, scope.name, self._layout.messages, self._layout.enums, self._layout.classes, own=own
        )
        contract = scope.contract
        names: list[str] = []
        filters: tuple[ir.Filter, ...] = ()
        if contract is not None:
            given = [self._given_name(name, target, contract, imports) for name, target in contract.names.items()]
            names = [name for name in given if name is not None]
            for name, entry in contract.filters.items():
                if entry["base"] not in (*names, *contract.filters):
                    what = f"the filter {name} has an unknown base class, {entry['base']}"
                    cure = f"add it under `names:`; available: {', '.join(names)}"
                    self._findings.add(contract.place(name), what, cure)
            filters = tuple(
                ir.Filter(name, entry["base"], entry.get("comparator", ""), entry["about"])
                for name, entry in contract.filters.items()
            )
        top_enums = tuple(self._enum(one, imports) for one in _direct(scope.holders, ""))
        models = tuple(self._model(one, scope, imports) for one in _direct(scope.classes, ""))
        nested = {
            path for path in self._layout.scopes if path.startswith(f"{scope.name}." if scope.name else "") and path
        }
        return ir.Module(
            name=scope.name,
            is_package=bool(nested - {scope.name}) or not scope.name,
            doc=module_doc(scope.name, self._package, sorted(scope.sources), contract.about if contract else None),
            sources=tuple(sorted(scope.sources)),
            imports=tuple(sorted(imports.runtime)),
            lazy_imports=imports.lazy_imports(),
            abstract=tuple(sorted(imports.abstract)),
            api=tuple(sorted(imports.api | ({"LazyModule"} if imports.lazy_imports() else set()))),
            enums=top_enums,
            models=models,
            exports=(
                tuple(
                    sorted(
                        [*names, *(m.name for m in models), *(e.name for e in top_enums), *(f.name for f in filters)]
                    )
                )
                if names
                else ()
            ),
            filters=filters,
        )

    def _given_name(self, name: str, target: str, contract: ModuleContract, imports: Imports) -> str | None:
        """A name that the module gives and another one defines; None if there is nothing to give."""
        source, _, origin = target.rpartition(":")
        if source == "runtime":
            if origin not in api_v1.__all__:
                cure = f"available: {', '.join(api_v1.__all__)}"
                self._findings.add(contract.place(name), f"the runtime has no {origin} to export as {name}", cure)
            imports.api.add(origin)
            return name
        if source == "behaviours":
            home = self._home_of_behaviour(origin, contract.place(name))
            imports.runtime.add(f"from {home} import {origin} as {name}")
            return name
        module, _, path = target.rpartition(".")
        if not self._layout.has(module, path):
            cure = "write a class as `module.Class`, relative to the package"
            self._findings.lack(contract.place(name), f"there is no class {target} to export as {name}", cure)
            return None
        imports.runtime.add(f"from {self._package}.{module} import {path} as {name}")
        return name

    def _enum(self, holder: PlacedHolder, imports: Imports) -> ir.Enum:
        imports.api.add("IdlEnum")
        contract, enum = holder.contract, holder.enum
        unknown = {"number": None}.get(contract.unknown, contract.unknown)
        helpers = {"enum_to_string": "name_of", "string_to_enum": "number_of"}
        for helper in contract.helpers:
            if helper in helpers:
                imports.api.add(helpers[helper])
            else:
                cure = f"known helpers: {', '.join(helpers)}"
                self._findings.add(contract.where, f"{contract.path} uses an unknown helper, {helper}", cure)
        return ir.Enum(
            name=holder.place.path.rpartition(".")[2],
            doc=enum_doc(enum, self._schema),
            values=tuple(
                ir.EnumValue(name, value.number, value_doc(value, self._schema))
                for name, value in zip(value_names(enum, contract.strip), enum.values, strict=True)
            ),
            helpers=contract.helpers,
            unknown=unknown,
            parameter=contract.parameter,
        )

    def _model(self, one: PlacedClass, scope: Scope, imports: Imports) -> ir.Model:
        contract, message = one.contract, one.message
        imports.api |= {"FlyteCustomIdlEntity", "read_struct"} if contract.carrier else set()
        imports.api |= {"engine", "is_nothing"} if contract.nothing else set()
        imports.api |= {"engine"} if contract.from_parameter != _FROM_PARAMETER and not contract.carrier else set()
        imports.api |= {"ModelT"} if contract.from_parameter != _FROM_PARAMETER or contract.carrier else set()
        member_names = self._member_names(one)
        nested = {each.place.path.rpartition(".")[2] for each in _direct(scope.classes, one.place.path)}
        nested |= {each.place.path.rpartition(".")[2] for each in _direct(scope.holders, one.place.path)}
        names = Names(imports, nested | set(member_names) | set(oneof_names(message).values()))
        members = self._members(one, member_names, names, imports)
        oneofs = self._oneofs(one, members, imports)
        if members and not contract.dataclass:
            imports.api.add("engine")
        path = one.place.path
        return ir.Model(
            name=path.rpartition(".")[2],
            path=path,
            doc=message_doc(message, self._schema, self._since.get(message.full_name)),
            bases=self._bases(one, names, imports),
            dataclass=contract.dataclass,
            message=message.full_name,
            header=self._header(one),
            pb2_type=names.pb2(message),
            from_parameter=None if contract.from_parameter == _FROM_PARAMETER else contract.from_parameter,
            to_doc=to_doc(message, contract.carrier is not None, contract.nothing is not None),
            from_doc=from_doc(message, contract.carrier is not None),
            nothing=contract.nothing,
            checks=contract.checks,
            carrier=contract.carrier,
            type=names.builtin("type"),
            promised=contract.constructor is not None,
            members=members,
            oneofs=oneofs,
            constants=tuple(ir.Constant(name, value) for name, value in contract.constants.items()),
            enums=tuple(self._enum(each, imports) for each in _direct(scope.holders, path)),
            models=tuple(self._model(each, scope, imports) for each in _direct(scope.classes, path)),
            nested_aliases=tuple(
                ir.Alias(name.rpartition(".")[2], imports.reference(target, at_runtime=True))
                for name, target in scope.aliases
                if name.rpartition(".")[0] == path
            ),
        )

    def _header(self, one: PlacedClass) -> str:
        """The first line of the description of a class."""
        contract, message = one.contract, one.message
        since = self._since.get(message.full_name)
        pb2 = pb2_module(message.file.name).replace("%", "%25").replace(" ", "%20")
        words = [message.full_name, f"{pb2}:{name_in_file(message)}"]
        words += [f"since={since}"] if since else []
        words += ["carrier"] if contract.carrier else []
        words += ["nothing"] if contract.nothing else []
        words += self._wire.of_message(message)
        # The last word: the class is made by it.
        words += ["eager"] if contract.dataclass else []
        return " ".join(words)

    def _bases(self, one: PlacedClass, names: Names, imports: Imports) -> tuple[str, ...]:
        base = "DataclassModel" if one.contract.dataclass else "Model"
        if not one.message.fields and not one.contract.members:
            base = "MemberlessModel"
        imports.api.add(base)
        message = names.pb2(one.message)
        base = f"{base}[Any]" if message == "Any" else f'{base}["{message}"]'
        wanted = [one.contract.mixin, one.contract.base]
        return (*(self._behaviour(name, one.contract.where, imports) for name in wanted if name), base)

    def _behaviour(self, name: str, where: Where, imports: Imports) -> str:
        """The expression for what a module of behaviours defines under *name*."""
        return f"{imports.behaviours(self._home_of_behaviour(name, where))}.{name}"

    def _home_of_behaviour(self, name: str, where: Where) -> str:
        """The module of behaviours that defines *name*."""
        home = homes().get(name)
        if home is None:
            self._findings.add(where, f"{BEHAVIOURS} does not define {name}", "define it there, or fix the contract")
        return home or BEHAVIOURS

    def _member_names(self, one: PlacedClass) -> dict[str, FieldDescriptor | None]:
        """The members of a class: the parameters of the contract first, then every other field, in its order."""
        contract, message = one.contract, one.message
        fields = {field.name: field for field in message.fields}
        natural = natural_names(fields.values())
        by_member = {member: name for name, member in natural.items()}
        named: dict[str, FieldDescriptor | None] = {}
        lacking = set()
        for parameter in contract.constructor or ():
            entry = contract.members.get(parameter.name)
            wanted = entry.field if entry is not None and entry.field is not None else by_member.get(parameter.name)
            if wanted == "-":
                named[parameter.name] = None
            elif wanted in fields:
                named[parameter.name] = fields.pop(wanted)
            else:
                what = f"the message {message.full_name} has no field {wanted or parameter.name}"
                cure = f"add `members: {{{parameter.name}: field_name}}`, with `-` if it is not a field"
                self._findings.lack(entry.where if entry else contract.where, what, cure)
                lacking.add(parameter.name)
            if not {parameter.name, f"_{parameter.name}"}.isdisjoint(RESERVED):
                what = f"{contract.path} cannot have a parameter named {parameter.name}: generated code uses that name"
                self._findings.add(contract.where, what, f"rename it to {parameter.name}_")
        renamed = {entry.field: member for member, entry in contract.members.items() if entry.field}
        for field_name, each in fields.items():
            named[renamed.get(field_name, natural[field_name])] = each
        for member, entry in contract.members.items():
            if member not in named and member not in lacking:
                what = f"{contract.path} has no member {member}"
                self._findings.lack(entry.where, what, f"its members: {', '.join(named)}")
        return named

    def _members(
        self, one: PlacedClass, named: dict[str, FieldDescriptor | None], names: Names, imports: Imports
    ) -> tuple[ir.Member, ...]:
        parameters = {parameter.name: parameter for parameter in one.contract.constructor or ()}
        return tuple(
            self._member(one, name, each, parameters.get(name), names, imports) for name, each in named.items()
        )

    def _member(
        self,
        one: PlacedClass,
        name: str,
        each: FieldDescriptor | None,
        parameter: Parameter | None,
        names: Names,
        imports: Imports,
    ) -> ir.Member:
        entry = one.contract.members.get(name) or MemberContract(one.contract.where)
        if entry.model is not None and entry.model not in self._layout.classes:
            cure = "write a class of the contract as `module.Class`"
            self._findings.add(entry.where, f"there is no class {entry.model} for the member {name}", cure)
            entry = replace(entry, model=None)
        positional = parameter is not None
        default = parameter.default if parameter is not None else None
        if each is None:
            code = Code(names.builtin(entry.type or "Any"), names.builtin(entry.type or "Any"), "none")
        else:
            at = At(each, entry, positional, default, names)
            code = self._kind(entry, at).code(at)
        model = _model_reference(each, entry, names)
        if entry.accepts is not None:
            accepted = f"{self._behaviour(entry.accepts, entry.where, imports)}({{}}{model})"
            code = replace(code, stored=accepted if code.stored is None else code.stored.replace("{}", accepted))
        if entry.type is not None:
            code = replace(code, annotation=entry.type, given=entry.takes or entry.type)
        if entry.takes is not None:
            code = replace(code, given=entry.takes)
        annotation, given = code.annotation, code.given
        if default == "None" and not annotation.endswith("| None"):
            annotation = f"{annotation} | None"
        if default == "None" and not given.endswith("| None"):
            given = f"{given} | None"
        container = code.container if not positional else None
        stored = name if code.stored is None else code.stored.format(*[name] * code.stored.count("{}"))
        if entry.falsy is not None:
            if not model:
                cure = "remove `falsy:`, or use `accepts:`"
                self._findings.add(entry.where, f"the member {name} is no model, which `falsy` would create", cure)
            stored = f"{stored} or {model.removeprefix(', ')}{entry.falsy}"
        if one.contract.dataclass:
            # Its fields hold what is given; `__post_init__` converts it.
            given, stored = annotation, name
            if container is not None:
                given = f"{annotation} | None"
                stored = f"{'[]' if container.endswith('list') else '{}'} if {name} is None else {name}"
        return ir.Member(
            name=name,
            property=entry.property or name,
            attribute=name if one.contract.dataclass else (f"__{name}0" if name.endswith("__") else f"__{name}"),
            private=entry.private or f"_{name}",
            field=None if each is None else each.name,
            line=self._line(one, name, each, entry, code, imports),
            doc=member_doc(one.message, each, self._schema, self._since),
            annotation=annotation,
            given=given,
            default=default if positional else code.default,
            stored=stored,
            positional=positional,
            setter=entry.setter,
            oneof=None if each is None else real_oneof(each),
            container=container,
            is_checked=given == annotation and stored == name,
        )

    def _line(
        self,
        one: PlacedClass,
        name: str,
        each: FieldDescriptor | None,
        entry: MemberContract,
        code: Code,
        imports: Imports,
    ) -> str:
        """What the description of the class says of a member."""
        named = name if each is None or each.name == name else f"{name}:{each.name}"
        words = [str(0 if each is None else each.number), named, code.type]
        if entry.property is not None:
            words.append(f"property={entry.property}")
        if entry.private is not None:
            words.append(f"private={entry.private}")
        if each is None:
            return " ".join(words)
        oneof = real_oneof(each)
        if oneof is not None:
            words.append(f"oneof={oneof}")
        elif each.has_presence and each.message_type is None:
            words.append("explicit")
        words += self._wire.of_field(each)
        parameters = {parameter.name: parameter for parameter in one.contract.constructor or ()}
        default = parameters[name].default if name in parameters else None
        at = At(each, entry, name in parameters, default, Names(imports, ()))
        is_one_message = each.message_type is not None and not is_repeated(each)
        if at.absent == "default" and (is_one_message or each.has_presence) and not code.type.startswith("flattened"):
            words.append("absent=default")
        for option in ("empty", "written", "sorted", "yields"):
            if getattr(entry, option) is not None:
                words.append(f"{option}={getattr(entry, option)}")
        is_model = bool(_model_reference(each, entry, at.names))
        if is_model and entry.write is not None:
            cure = "add `kind: message`, or remove `write:`: a model is written by itself"
            self._findings.add(entry.where, f"the member {name} is a model, which no function writes", cure)
        functions = {"read-message" if is_model else "read": entry.read, "write": entry.write}
        for option, function in functions.items():
            if function is not None:
                words.append(f"{option}={self._home_of_behaviour(function, entry.where)}:{function}")
        since = self._since.get(each.full_name)
        if since and since != self._since.get(one.message.full_name):
            words.append(f"since={since}")
        return " ".join(words)

    def _kind(self, entry: MemberContract, at: At) -> Kind:
        if entry.kind is None:
            return default_kind(at.element, at.names)
        if entry.kind not in KINDS:
            self._findings.add(entry.where, f"unknown kind {entry.kind}", f"known kinds: {', '.join(KINDS)}")
            return default_kind(at.element, at.names)
        if not KINDS[entry.kind].takes(at):
            what = (
                f"the field {at.field.full_name} cannot be of the kind {entry.kind}: it is a {declared_type(at.field)}"
            )
            self._findings.add(
                entry.where, what, f"its default kind is {default_kind(at.element, at.names).name}; remove `kind:`"
            )
            return default_kind(at.element, at.names)
        return KINDS[entry.kind]

    def _oneofs(self, one: PlacedClass, members: tuple[ir.Member, ...], imports: Imports) -> tuple[ir.Oneof, ...]:
        by_field = {member.field: member for member in members if member.field is not None}
        taken = {member.property for member in members}
        found = []
        for oneof in one.message.oneofs:
            if real_oneof(oneof.fields[0]) is None:
                continue
            arms = [by_field[each.name] for each in oneof.fields if each.name in by_field]
            last = {name for name, entry in one.contract.members.items() if entry.yields}
            arms.sort(key=lambda arm: arm.name in last)
            name = oneof_names(one.message)[oneof.name]
            annotation = " | ".join(dict.fromkeys(part for arm in arms for part in arm.annotation.split(" | ")))
            if not annotation.endswith("None"):
                annotation = " | ".join([*(p for p in annotation.split(" | ") if p != "None"), "None"])
            own_property = None if name in taken else name
            taken.add(name)
            found.append(
                ir.Oneof(
                    name=oneof.name,
                    property=own_property,
                    doc=oneof_doc(oneof, arms, self._schema),
                    annotation=annotation,
                    arms=tuple(arms),
                )
            )
        return tuple(found)


_Placed = TypeVar("_Placed", PlacedClass, PlacedHolder)


def _direct(entries: Iterable[_Placed], outer: str) -> Iterator[_Placed]:
    """The entries directly in the class *outer*."""
    return (one for one in entries if one.place.path.rpartition(".")[0] == outer)


def _model_reference(each: FieldDescriptor | None, entry: MemberContract, names: Names) -> str:
    """The further argument of a behaviour of a member that is a model: the model's class."""
    if each is None or is_repeated(each) or entry.kind is not None or default_kind(each, names).name != "model":
        return ""
    return f", {names.model(message_of(each), entry.model)}"

"""Binds services: the clients and servicers of each, in the module of its .proto file.

They come last: models and enums keep their names, and a service takes what is left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor, ServiceDescriptor

from flytekit_codegen.pipeline import ir, service_ir
from flytekit_codegen.pipeline.step1_read.idl import Schema, is_map, is_repeated
from flytekit_codegen.pipeline.step2_bind.docs import rpc_doc, service_doc
from flytekit_codegen.pipeline.step2_bind.member_names import RESERVED_IN_MODULES
from flytekit_codegen.pipeline.step2_bind.names import (
    Place,
    class_name,
    escape,
    import_statement,
    name_in_file,
    pb2_module,
    private_name,
    snake_case,
)
from flytekit_models.services import api_v1

_DOOR = "flytekit_models.services.api_v1"
_RESERVED = frozenset(dir(api_v1.Client)) | frozenset(dir(api_v1.AsyncClient)) | frozenset(dir(api_v1.Servicer))
_RESERVED_BY_BODIES = frozenset({"bool", "bytes", "float", "int", "str", "self"})
_RESERVED_IN_TABLES = frozenset(dir(api_v1.Service)) | frozenset(dir(type)) | {"NAME"}
RESERVED = _RESERVED | _RESERVED_BY_BODIES | _RESERVED_IN_TABLES
"""Names that no method of an rpc can have."""

_PLAIN_TYPES = {
    FieldDescriptor.CPPTYPE_BOOL: "bool",
    FieldDescriptor.CPPTYPE_DOUBLE: "float",
    FieldDescriptor.CPPTYPE_FLOAT: "float",
    FieldDescriptor.CPPTYPE_INT32: "int",
    FieldDescriptor.CPPTYPE_INT64: "int",
    FieldDescriptor.CPPTYPE_UINT32: "int",
    FieldDescriptor.CPPTYPE_UINT64: "int",
    FieldDescriptor.CPPTYPE_ENUM: "int",
}
_INTEGERS = frozenset(cpp_type for cpp_type, name in _PLAIN_TYPES.items() if name == "int") - {
    FieldDescriptor.CPPTYPE_ENUM
}


def add_services(
    package: ir.Package, schema: Schema, messages: Mapping[str, Place], since: Mapping[str, str]
) -> ir.Package:
    """*package* with the services of *schema*.

    Args:
        package: the models.
        schema: the IDL.
        messages: the class of each message, by full name.
        since: the release that brought an element, where not every supported one has it.
    """
    by_place = {(module.home, model.path): model for module in package.modules for model in _with_nested(module.models)}
    models = {name: by_place[place.module, place.path] for name, place in messages.items()}
    services = {file.name: tuple(file.services_by_name.values()) for file in schema.files}

    def bound(module: ir.Module) -> ir.Module:
        own = [service for source in module.sources for service in services[source]]
        return _Binder(package.name, module, schema, messages, models, since).bound(own) if own else module

    all_services = [service for each in services.values() for service in each]
    return replace(
        package,
        modules=tuple(map(bound, package.modules)),
        services=len(all_services),
        rpcs=sum(len(service.methods) for service in all_services),
    )


def _with_nested(models: Iterable[ir.Model]) -> Iterable[ir.Model]:
    for model in models:
        yield model
        yield from _with_nested(model.models)


@dataclass
class _Binder:
    """Binds the services of one module."""

    package: str
    module: ir.Module
    schema: Schema
    messages: Mapping[str, Place]
    models: Mapping[str, ir.Model]
    since: Mapping[str, str]
    lazy: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    """Modules that are imported on use, as `ir.Module.lazy_imports` has them, by name."""
    taken: set[str] = field(default_factory=set)

    def bound(self, services: Iterable[ServiceDescriptor]) -> ir.Module:
        """The module with *services*."""
        module = self.module
        self.taken = set(RESERVED_IN_MODULES) | set(module.exports)
        self.taken |= {each.name for each in module.models}
        self.taken |= {each.name for each in module.enums}
        self.taken |= {_alias(line) for line in module.imports}
        self.taken |= {alias for _, alias, _ in module.lazy_imports}
        self.lazy = {name: (line, alias, name) for line, alias, name in module.lazy_imports}
        door = self._free("_rpc")
        found = tuple(self._service(service, door) for service in services)
        exports = module.exports
        if exports:
            classes = [name for one in found for name in (one.client, one.async_client, one.servicer)]
            exports = tuple(sorted([*exports, *classes]))
        return replace(
            module,
            imports=tuple(sorted([*module.imports, import_statement(_DOOR, door)])),
            lazy_imports=tuple(sorted(self.lazy.values())),
            api=tuple(sorted({*module.api, *(["LazyModule"] if self.lazy else [])})),
            exports=exports,
            services=service_ir.Services(door, found),
        )

    def _service(self, service: ServiceDescriptor, door: str) -> service_ir.Service:
        names = [
            self._free(class_name(f"{service.name}{suffix}", self.taken))
            for suffix in ("Client", "AsyncClient", "Servicer")
        ]
        methods = _method_names(service)
        used = {*methods.values()}
        rpcs = []
        for rpc in service.methods:
            bound = self._rpc(rpc, methods[rpc.name], frozenset(methods.values()), door)
            if bound.pager is not None:
                pager = bound.pager
                while pager.method in used:
                    pager = replace(pager, method=f"{pager.method}_")
                used.add(pager.method)
                bound = replace(bound, pager=pager)
            rpcs.append(bound)
        return service_ir.Service(
            full_name=service.full_name,
            doc=service_doc(service, self.schema, self.since.get(service.full_name)),
            table=self._free(private_name(service.name)),
            client=names[0],
            async_client=names[1],
            servicer=names[2],
            rpcs=tuple(rpcs),
        )

    def _rpc(self, rpc: MethodDescriptor, method: str, hidden: frozenset[str], door: str) -> service_ir.Rpc:
        kind = "".join("Stream" if streams else "Unary" for streams in (rpc.client_streaming, rpc.server_streaming))
        request = self.models.get(rpc.input_type.full_name)
        return service_ir.Rpc(
            name=rpc.name,
            method=method,
            doc=rpc_doc(rpc, self.schema, self.since.get(rpc.full_name)),
            kind=kind,
            streams_requests=rpc.client_streaming,
            streams_responses=rpc.server_streaming,
            request=self._reference(rpc.input_type, hidden),
            response=self._reference(rpc.output_type, hidden),
            needs_request=not rpc.client_streaming and request is not None and _needs_something(request),
            pager=self._pager(rpc, method, hidden, door) if kind == "UnaryUnary" else None,
        )

    def _pager(self, rpc: MethodDescriptor, method: str, hidden: frozenset[str], door: str) -> service_ir.Pager | None:
        """How to follow the pages of an rpc: it takes a limit and a token, and gives a token and one list."""
        request, response = self.models.get(rpc.input_type.full_name), self.models.get(rpc.output_type.full_name)
        lists = [each for each in rpc.output_type.fields if is_repeated(each)]
        if request is None or response is None or len(lists) != 1 or is_map(lists[0]):
            return None
        limit, token = (rpc.input_type.fields_by_name.get(name) for name in ("limit", "token"))
        following = rpc.output_type.fields_by_name.get("token")
        if limit is None or is_repeated(limit) or limit.cpp_type not in _INTEGERS:
            return None
        if not (_is_text(token) and _is_text(following)):
            return None
        members = {
            "limit": _member(request, "limit").name,
            "token": _member(request, "token").name,
            "next_token": _member(response, "token").property,
        }
        usual = {"limit": "limit", "token": "token", "next_token": "token"}
        return service_ir.Pager(
            method=escape(f"iter_{method.removeprefix('list_').strip('_')}", RESERVED),
            item=self._item(lists[0], hidden, door),
            items=_member(response, lists[0].name).property,
            names=tuple((name, member) for name, member in members.items() if member != usual[name]),
        )

    def _item(self, items: FieldDescriptor, hidden: frozenset[str], door: str) -> str:
        if items.message_type is not None:
            place = self.messages.get(items.message_type.full_name)
            return f"{door}.Any" if place is None else self._reference(items.message_type, hidden)
        text = "bytes" if items.type == FieldDescriptor.TYPE_BYTES else "str"
        return _PLAIN_TYPES.get(items.cpp_type, text)

    def _reference(self, message: Descriptor, hidden: frozenset[str]) -> str:
        """The expression for the class of *message*, in a class whose methods hide the names *hidden*."""
        place = self.messages.get(message.full_name)
        if place is None:
            return f"{self._import(pb2_module(message.file.name))}.{name_in_file(message)}"
        if place.module == self.module.name and place.path.partition(".")[0] not in hidden:
            return place.path
        return f"{self._import(f'{self.package}.{place.module}' if place.module else self.package)}.{place.path}"

    def _import(self, module: str) -> str:
        """The name under which *module* is imported."""
        if module not in self.lazy:
            # As models name it: no attribute of a class has an underscore at either end.
            alias = self._free(private_name(module.removeprefix(f"{self.package}.").replace(".", "_")) + "_")
            self.lazy[module] = import_statement(module, alias), alias, module
        return self.lazy[module][1]

    def _free(self, name: str) -> str:
        """*name*, with underscores appended until nothing in the module has it."""
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        return name


def _alias(statement: str) -> str:
    """The name that an import statement binds."""
    return statement.rpartition(" ")[2]


def _method_names(service: ServiceDescriptor) -> dict[str, str]:
    """Rpc to method: snake case; where two would be the same, each keeps its own spelling."""
    counted = Counter(snake_case(rpc.name) for rpc in service.methods)
    return {
        rpc.name: escape(snake_case(rpc.name) if counted[snake_case(rpc.name)] == 1 else rpc.name, RESERVED)
        for rpc in service.methods
    }


def _needs_something(model: ir.Model) -> bool:
    """Whether the model cannot be made of nothing."""
    return any(parameter.default is None for parameter in model.parameters)


def _member(model: ir.Model, name: str) -> ir.Member:
    return next(member for member in model.members if member.field == name)


def _is_text(each: FieldDescriptor | None) -> bool:
    return each is not None and each.type == FieldDescriptor.TYPE_STRING and not is_repeated(each)

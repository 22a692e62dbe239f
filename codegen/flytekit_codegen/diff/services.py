"""Changes of clients and servicers: one for each rpc, where griffe sees three methods and misses what they stream."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from google.protobuf.descriptor import MethodDescriptor

from flytekit_codegen.diff.changes import Change, Kind
from flytekit_codegen.pipeline import ir, service_ir
from flytekit_codegen.pipeline.step1_read.idl import Schema

Grouped = tuple[str, Change]


@dataclass(frozen=True)
class _Placed:
    """A service, and the import path of its module."""

    module: str
    service: service_ir.Service
    methods: dict[str, MethodDescriptor]

    @property
    def client(self) -> str:
        return f"{self.module}.{self.service.client}"

    @property
    def classes(self) -> tuple[str, ...]:
        """The import paths of its classes."""
        service = self.service
        return tuple(f"{self.module}.{name}" for name in (service.client, service.async_client, service.servicer))


class Services:
    """The services of a package, by full name."""

    def __init__(self, package: ir.Package, schema: Schema) -> None:
        described = {service.full_name: service for file in schema.files for service in file.services_by_name.values()}
        self.by_name = {
            service.full_name: _Placed(
                f"{package.name}.{module.name}" if module.name else package.name,
                service,
                {method.name: method for method in described[service.full_name].methods},
            )
            for module in package.modules
            if module.services is not None
            for service in module.services.services
        }

    def has(self, element: str) -> bool:
        """Whether *element* is one of the classes, or in one."""
        return any(
            element == name or element.startswith(f"{name}.")
            for placed in self.by_name.values()
            for name in placed.classes
        )


def differences(old: Services, new: Services) -> Iterator[Grouped]:
    """What callers and servicers of *old* find different in *new*."""
    for name, before in old.by_name.items():
        if name not in new.by_name:
            yield _change("removed", before.client, "API_SERVICE_REMOVED", _of_all("service", "removed", before), True)
    for name, after in new.by_name.items():
        if name in old.by_name:
            yield from _service(old.by_name[name], after)
        else:
            yield _change("added", after.client, "API_SERVICE_ADDED", _of_all("service", "added", after))


def _of_all(what: str, happened: str, placed: _Placed) -> str:
    service = placed.service
    return f"{what} {happened} ({service.client}, {service.async_client} and {service.servicer})"


def _service(before: _Placed, after: _Placed) -> Iterator[Grouped]:
    for was, now in zip(before.classes, after.classes, strict=True):
        if was != now:
            yield _change("changed", now, "API_SERVICE_RENAMED", f"its class was {was} and is now {now}", True)
    had = {rpc.name: rpc for rpc in before.service.rpcs}
    has = {rpc.name: rpc for rpc in after.service.rpcs}
    for name, rpc in had.items():
        if name not in has:
            text = _of_all("method", "removed", before)
            yield _change("removed", f"{before.client}.{rpc.method}", "API_RPC_REMOVED", text, True)
            if rpc.pager is not None:
                yield _pager_removed(before, rpc.pager)
    for name, rpc in has.items():
        if name in had:
            yield from _rpc(before, had[name], after, rpc)
        else:
            text = _of_all("method", "added", after)
            yield _change("added", f"{after.client}.{rpc.method}", "API_RPC_ADDED", text)
            if rpc.pager is not None:
                yield _pager_added(after, rpc.pager)


def _rpc(before: _Placed, was: service_ir.Rpc, after: _Placed, now: service_ir.Rpc) -> Iterator[Grouped]:
    element = f"{after.client}.{now.method}"
    if was.method != now.method:
        text = f"its method was {was.method} and is now {now.method}"
        yield _change("changed", element, "API_RPC_RENAMED", text, True)
    old, new = before.methods[was.name], after.methods[now.name]
    sides = (
        ("took", "takes", "request", old.client_streaming, new.client_streaming, old.input_type, new.input_type),
        ("gave", "gives", "response", old.server_streaming, new.server_streaming, old.output_type, new.output_type),
    )
    for did, does, what, streamed, streams, old_type, new_type in sides:
        if streamed != streams:
            text = f"it {did} {_how_many(what, streamed)} and now {does} {_how_many(what, streams)}"
            yield _change("changed", element, "API_RPC_CHANGED_STREAMING", text, True)
        if old_type.full_name != new_type.full_name:
            text = f"it {did} {old_type.full_name} and now {does} {new_type.full_name}"
            yield _change("changed", element, "API_RPC_CHANGED_TYPE", text, True)
    if now.needs_request and not was.needs_request and old.client_streaming == new.client_streaming:
        text = "its request was optional and is now required"
        yield _change("changed", element, "API_RPC_CHANGED_REQUIRED", text, True)
    if was.pager is not None and (now.pager is None or now.pager.method != was.pager.method):
        yield _pager_removed(before, was.pager)
    if now.pager is not None and (was.pager is None or now.pager.method != was.pager.method):
        yield _pager_added(after, now.pager)
    elif now.pager is not None and was.pager is not None and now.pager.item != was.pager.item:
        text = f"its items were {was.pager.item} and are now {now.pager.item}"
        yield _change("changed", f"{after.client}.{now.pager.method}", "API_PAGER_CHANGED_TYPE", text, True)


def _how_many(what: str, streams: bool) -> str:
    return f"a stream of {what}s" if streams else f"one {what}"


def _pager_removed(placed: _Placed, pager: service_ir.Pager) -> Grouped:
    text = f"method removed ({placed.service.client} and {placed.service.async_client})"
    return _change("removed", f"{placed.client}.{pager.method}", "API_PAGER_REMOVED", text, True)


def _pager_added(placed: _Placed, pager: service_ir.Pager) -> Grouped:
    text = f"method added ({placed.service.client} and {placed.service.async_client})"
    return _change("added", f"{placed.client}.{pager.method}", "API_PAGER_ADDED", text)


def _change(kind: Kind, element: str, rule: str, text: str, breaking: bool = False) -> Grouped:
    return "MEMBER", Change("api", kind, element, (rule,), ("API",) if breaking else (), text)

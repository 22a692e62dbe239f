"""The services of any IDL get clients and servicers: every kind of stream, and names as awkward as can be.

What is on the wire is compared with gRPC's own calls and handlers, given protobuf's own messages: of rpcs that are
named as keywords are, protoc's plugin makes no Python.
"""

from __future__ import annotations

import asyncio
import importlib
import keyword
import pkgutil
import subprocess
import sys
import typing
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import grpc
import pytest
from generator import compile_protos
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lossless import wire
from random_messages import messages
from services import TIMEOUT, Loop, async_server, sync_server

from flytekit_codegen.pipeline import run as pipeline
from flytekit_codegen.pipeline.step1_read.idl import read
from flytekit_codegen.pipeline.step1_read.sources import Sources
from flytekit_models.messages import FlyteIdlTooOld
from flytekit_models.services import api_v1
from flytekit_models.services.rpc import Rpc

_IDL = Path(__file__).parents[1] / "any_idl"
_PACKAGE = "any_idl_services.models"
_SETTINGS = settings(
    max_examples=3, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)
_RPCS = [
    (service.full_name, rpc.name)
    for file in read(Sources(_IDL)).files
    for service in file.services_by_name.values()
    for rpc in service.methods
]


class Generated:
    """The generated package, and servers and channels to test it on."""

    def __init__(self, output: Path, stack: ExitStack) -> None:
        package = importlib.import_module(_PACKAGE)
        self.modules = [
            importlib.import_module(module.name) for module in pkgutil.walk_packages(package.__path__, f"{_PACKAGE}.")
        ]
        self.output = output
        self.tables = {table.NAME: table for table in _below(api_v1.Service)}
        self.clients = {client._service_.NAME: client for client in _below(api_v1.Client)}
        self.async_clients = {client._service_.NAME: client for client in _below(api_v1.AsyncClient)}
        self.servicers = {servicer._service_.NAME: servicer for servicer in _below(api_v1.Servicer)}
        self.received: list[Any] = []
        self.responses: list[Any] = []
        self.loop = Loop()
        stack.callback(self.loop.close)
        raw = stack.enter_context(sync_server(self))
        ours = stack.enter_context(sync_server(*map(self._servicer, self.tables.values())))
        ours_async = stack.enter_context(async_server(self.loop, *map(self._servicer, self.tables.values())))
        self.to_raw, self.to_ours, self.to_ours_async = (
            stack.enter_context(grpc.insecure_channel(address)) for address in (raw, ours, ours_async)
        )

        async def connect() -> Any:
            return grpc.aio.insecure_channel(raw)

        self.aio = self.loop.run(connect())
        stack.callback(lambda: self.loop.run(self.aio.close()))

    def rpc(self, service: str, name: str) -> Rpc[Any, Any]:
        (found,) = [rpc for rpc in self.tables[service].rpcs() if rpc.name == name]
        return found

    def answer(self, rpc: Rpc[Any, Any], given: Any) -> Any:
        self.received += list(given) if rpc.kind.startswith("stream_") else [given]
        return iter(self.responses) if rpc.kind.endswith("_stream") else self.responses[0]

    def add_to_server(self, server: Any) -> None:
        """gRPC's own handlers for all rpcs."""
        for table in self.tables.values():
            handlers = {
                rpc.name: getattr(grpc, f"{rpc.kind}_rpc_method_handler")(
                    lambda given, _, rpc=rpc: self.answer(rpc, given),
                    request_deserializer=_message(rpc.request).FromString,
                    response_serializer=_message(rpc.response).SerializeToString,
                )
                for rpc in table.rpcs()
            }
            server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(table.NAME, handlers),))

    def _servicer(self, table: Any) -> Any:
        def method(rpc: Rpc[Any, Any]) -> Any:
            def answered(_: object, given: Any, context: Any) -> Any:
                streams = rpc.kind.startswith("stream_")
                answer = self.answer(rpc, map(_to_message, given) if streams else _to_message(given))
                return map(rpc.response.model, answer) if rpc.kind.endswith("_stream") else rpc.response.model(answer)

            return answered

        return type("Mine", (self.servicers[table.NAME],), {rpc.method: method(rpc) for rpc in table.rpcs()})()


def _below(base: type[Any]) -> Iterator[Any]:
    return (one for one in base.__subclasses__() if one.__module__.startswith(f"{_PACKAGE}."))


def _message(codec: Any) -> Any:
    """The message class of a codec."""
    return type(_to_message(codec.empty()))


def _to_message(model: Any) -> Any:
    return model.to_flyte_idl() if hasattr(model, "to_flyte_idl") else model


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Generated]:
    output = tmp_path_factory.mktemp("any_idl_services")
    compile_protos(_IDL, output / "pb2")
    pipeline.regenerate(pipeline.Options(idl=_IDL, output=output, contract=None, package=_PACKAGE))
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        patch.syspath_prepend(str(output / "pb2"))
        patch.syspath_prepend(str(output))
        yield Generated(output, stack)


def test_every_service_has_its_classes(generated: Generated) -> None:
    services = {service.full_name for file in read(Sources(_IDL)).files for service in file.services_by_name.values()}
    for found in (generated.tables, generated.clients, generated.async_clients, generated.servicers):
        assert set(found) == services
    for service, table in generated.tables.items():
        assert [rpc.name for rpc in table.rpcs()] == [name for owner, name in _RPCS if owner == service]


@pytest.mark.parametrize(("service", "name"), _RPCS)
def test_lossless_both_ways(generated: Generated, service: str, name: str) -> None:
    rpc = generated.rpc(service, name)
    request, response = _message(rpc.request), _message(rpc.response)
    streams_in, streams_out = rpc.kind.startswith("stream_"), rpc.kind.endswith("_stream")

    def several(one: Any, streams: bool) -> Any:
        return st.lists(messages(one), min_size=0 if streams else 1, max_size=3 if streams else 1)

    @_SETTINGS
    @given(several(request, streams_in), several(response, streams_out))
    def check(sent: list[Any], answered: list[Any]) -> None:
        def expect(got: Any) -> None:
            assert [wire(one) for one in generated.received] == [wire(one) for one in sent]
            assert [wire(_to_message(one)) for one in got] == [wire(one) for one in answered]
            generated.received = []

        generated.responses, generated.received = answered, []
        models = [rpc.request.model(one) for one in sent]
        argument = models if streams_in else models[0]
        got = getattr(generated.clients[service](generated.to_raw), rpc.method)(argument, timeout=TIMEOUT)
        expect(list(got) if streams_out else [got])

        async def call() -> list[Any]:
            got = getattr(generated.async_clients[service](generated.aio), rpc.method)(argument, timeout=TIMEOUT)
            return [one async for one in got] if streams_out else [await got]

        expect(generated.loop.run(call()))
        for channel in (generated.to_ours, generated.to_ours_async):
            made = getattr(channel, rpc.kind)(
                rpc.path, request_serializer=request.SerializeToString, response_deserializer=response.FromString
            )
            got = made(iter(sent) if streams_in else sent[0], timeout=TIMEOUT)
            expect(list(got) if streams_out else [got])

    check()


def test_names(generated: Generated) -> None:
    """Methods that need no escaping are snake case; no two of a service share a name, and none is a keyword."""
    methods = {(service, name): generated.rpc(service, name).method for service, name in _RPCS}
    shop = {name: method for (service, name), method in methods.items() if service == "shops.v1.Shop"}
    assert len(set(shop.values())) == len(shop)
    assert not [method for method in shop.values() if keyword.iskeyword(method)]
    expected = {"import": "import_", "class": "class_", "None": "none", "Lambda": "lambda_", "async": "async_"}
    expected |= {"ListNames": "list_names", "Client": "client", "query": "query", "int": "int_", "NAME": "name"}
    expected |= {"GetIt": "GetIt", "get_it": "get_it", "Get_It": "Get_It", "add_to_server": "add_to_server_"}
    assert {name: shop[name] for name in expected} == expected
    module = importlib.import_module(f"{_PACKAGE}.shops.v1.shop")
    names = {one: generated.clients[f"shops.v1.{one}"].__name__ for one in ("Shop", "ShopAsync")}
    assert names == {"Shop": "ShopClient_", "ShopAsync": "ShopAsyncClient__"}
    assert module.ShopClient(name="a").name == "a"
    assert generated.async_clients["shops.v1.Shop"].__name__ == "ShopAsyncClient_"
    assert generated.servicers["shops.v1.Shop"].__name__ == "ShopServicer_"


def test_pagers(generated: Generated) -> None:
    """Those rpcs that list in pages have one, whatever the items are, and no others."""
    table = generated.tables["shops.v1.Shop"]
    pagers = {name: pages.rpc.name for name, pages in vars(table).items() if isinstance(pages, api_v1.Pages)}
    assert pagers == {
        "iter_names_": "ListNames",
        "iter_moments": "ListMoments",
        "iter_search_clients": "SearchClients",
        "iter_iter_names": "iter_names",
    }
    client: Any = generated.clients["shops.v1.Shop"](generated.to_raw)
    shop = importlib.import_module(f"{_PACKAGE}.shops.v1.shop")
    generated.responses = [shop.Names(names=["a", "b"]).to_flyte_idl()]
    assert list(client.iter_names_(shop.Query(what="x"), page_size=5, timeout=TIMEOUT)) == ["a", "b"]
    assert generated.received[-1].limit == 5
    generated.received = []


class Boom(Exception):
    """What a person's generator raises."""


def test_what_a_stream_of_requests_raises_reaches_the_caller(generated: Generated) -> None:
    shop = importlib.import_module(f"{_PACKAGE}.shops.v1.shop")
    client, async_client = generated.clients["shops.v1.Shop"], generated.async_clients["shops.v1.Shop"]
    assert repr(client(generated.to_raw)) == "<ShopClient_ of shops.v1.Shop>"
    assert repr(async_client(generated.aio)) == "<ShopAsyncClient_ of shops.v1.Shop>"
    assert repr(generated.rpc("shops.v1.Shop", "class")) == "<rpc /shops.v1.Shop/class>"
    generated.responses = [shop.Iterator().to_flyte_idl()]

    def requests(last: Any) -> Iterator[Any]:
        yield shop.Client(text="a")
        if last is Boom:
            raise Boom("mine")
        yield last

    wrong = [(Boom, Boom, "mine"), (shop.Client(text=5), TypeError, r"Client\.text: expected str, got int 5")]
    for last, error, text in wrong:
        with pytest.raises(error, match=text):
            client(generated.to_raw).class_(requests(last), timeout=TIMEOUT)

        async def call(last: Any = last, error: Any = error, text: str = text) -> None:
            with pytest.raises(error, match=text):
                await async_client(generated.aio).class_(requests(last), timeout=TIMEOUT)

        generated.loop.run(call())
    # What the server or the way to it says is not taken for anything else.
    with grpc.insecure_channel("127.0.0.1:1") as nowhere, pytest.raises(grpc.RpcError) as caught:
        client(nowhere).class_(requests(shop.Client()), timeout=TIMEOUT)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    generated.received = []


def test_a_module_that_says_what_it_gives_gives_its_services_too(workshop: Any) -> None:
    service = "\nservice Things { rpc Get(Part) returns (Thing); rpc Find(Thing) returns (Part); }\n"
    workshop.write(workshop.things, workshop.things.read_text() + service)
    workshop.write(
        workshop.promises, workshop.promises.read_text() + "names: {FlyteIdlEntity: runtime:FlyteIdlEntity}\n"
    )
    workshop.regenerate()
    things = workshop.load("things")
    assert {"ThingsClient", "ThingsAsyncClient", "ThingsServicer", "Thing", "FlyteIdlEntity"} <= set(things.__all__)
    # A request may be left out if its model can be made of nothing: what the contract promises may be required.
    hints = {name: typing.get_type_hints(getattr(things.ThingsClient, name))["request"] for name in ("get", "find")}
    assert hints == {"get": things.Part, "find": things.Thing}


def test_docstrings(generated: Generated) -> None:
    client, module = generated.clients["shops.v1.Shop"], importlib.import_module(f"{_PACKAGE}.shops.v1.shop")
    text = 'Sells "things", with a \\backslash at its end \\\n\nProto: `shops.v1.Shop`.\n\nDeprecated in the IDL.'
    for one in (client, generated.async_clients["shops.v1.Shop"], generated.servicers["shops.v1.Shop"]):
        assert "\n".join(line.strip() for line in one.__doc__.strip().splitlines()) == text
        assert one.import_.__doc__.startswith("Its name is a keyword.")
        assert "Deprecated in the IDL." in one.query.__doc__
    assert "ShopClient_" in vars(module)


def test_every_hint_resolves(generated: Generated) -> None:
    for classes in (generated.clients, generated.async_clients, generated.servicers):
        for one in classes.values():
            for name, method in vars(one).items():
                if callable(method) and not name.startswith("_"):
                    assert typing.get_type_hints(method)


@pytest.mark.parametrize("checker", [["mypy", "--strict"], ["pyright"]], ids=lambda command: command[0])
def test_checkers_accept_the_package(generated: Generated, checker: list[str]) -> None:
    """Whatever hides whatever: each annotation means the class that it should."""
    root = Path(__file__).parents[3]
    settings_of_mypy = f"[mypy]\nmypy_path = {generated.output}:{root / 'runtime'}\nnamespace_packages = true\n"
    settings_of_mypy += "explicit_package_bases = true\nfollow_imports = silent\nignore_missing_imports = true\n"
    generated.output.joinpath("mypy.ini").write_text(settings_of_mypy)
    folder = generated.output / "any_idl_services/models/shops"
    command = [str(Path(sys.executable).with_name(checker[0])), *checker[1:], str(folder)]
    if checker[0] == "pyright":
        config = '{"extraPaths": ["%s", "."], "reportMissingImports": false, "reportMissingModuleSource": false}'
        generated.output.joinpath("pyrightconfig.json").write_text(config % (root / "runtime"))
        command += ["--pythonpath", sys.executable, "--project", str(generated.output / "pyrightconfig.json")]
        command.remove(str(folder))
    done = subprocess.run(command, cwd=generated.output, capture_output=True, text=True, timeout=300)
    errors = [line for line in done.stdout.splitlines() if " error" in line and "/shops/" in line]
    # Protobuf's own modules have no types.
    assert not [line for line in errors if "_pb2" not in line], done.stdout


def test_an_rpc_whose_messages_the_installed_idl_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so before anything is sent; other rpcs of its service work."""
    idl, older, output = tmp_path / "idl/late", tmp_path / "older/late", tmp_path / "out"
    head = 'syntax = "proto3"; package late; message Old { string text = 1; }\n'
    new = "message New { string text = 1; } service Late { rpc Get(Old) returns (New); rpc Put(New) returns (Old);"
    for folder, text in ((idl, head + new + " rpc Keep(Old) returns (Old); }"), (older, head)):
        folder.mkdir(parents=True)
        folder.joinpath("late.proto").write_text(text)
    compile_protos(tmp_path / "older", tmp_path / "pb2")
    pipeline.regenerate(
        pipeline.Options(idl=tmp_path / "idl", output=output, contract=None, package="late_services.models")
    )
    monkeypatch.syspath_prepend(str(tmp_path / "pb2"))
    monkeypatch.syspath_prepend(str(output))
    late: Any = importlib.import_module("late_services.models.late")
    asked: list[str] = []

    class Servicer(late.LateServicer):  # type: ignore[misc]
        def keep(self, request: Any, context: Any) -> Any:
            asked.append(request.text)
            return request

    with sync_server(Servicer()) as address, grpc.insecure_channel(address) as channel:
        client = late.LateClient(channel)
        for call in (lambda: client.get(late.Old()), lambda: client.put(late.New()), lambda: client.get()):
            with pytest.raises(FlyteIdlTooOld, match=r"New cannot be written: the installed late has no late\.New"):
                call()

        async def call_async() -> None:
            async with grpc.aio.insecure_channel(address) as aio:
                with pytest.raises(FlyteIdlTooOld):
                    await late.LateAsyncClient(aio).get(late.Old())

        asyncio.run(call_async())
        assert client.keep(late.Old(text="a"), timeout=TIMEOUT).text == "a"
    assert asked == ["a"]


def test_docstrings_say_which_release_brought_an_rpc(tmp_path: Path) -> None:
    idl = tmp_path / "idl"
    idl.mkdir()
    (idl / "a.proto").write_text('syntax = "proto3";\npackage p;\nmessage M {}\nservice S { rpc A(M) returns (M); }\n')
    elements = '{"p.S": {"1.10.0": "service"}, "p.S.A": {"1.16.2": "rpc (p.M) returns (p.M)"}}'
    (idl / "history.json").write_text(f'{{"elements": {elements}}}')
    summary = pipeline.regenerate(pipeline.Options(idl=idl, output=tmp_path, contract=None, package="since_models"))
    assert (summary.package.services, summary.package.rpcs) == (1, 1)
    services = (tmp_path / "since_models" / "a.py").read_text()
    assert services.count("Proto: `p.S.A`, since flyteidl 1.16.2.") == 3
    assert services.count("Proto: `p.S`.") == 3

"""What callers and servicers notice: one change for each rpc, whatever the number of its methods."""

from __future__ import annotations

import pytest

P = "tiny_models.a"
_PAGES = "message M { uint32 limit = 1; string token = 2; } message N { repeated string s = 1; string token = 2; } "
_M = "message M {} message N {} "


def _of(rpcs: str, messages: str = _M) -> str:
    return f"{messages}service S {{ {rpcs} }}"


CASES = {
    "an rpc": (
        _of("rpc A(M) returns (M);"),
        _of("rpc A(M) returns (M); rpc B(M) returns (M);"),
        {f"API_RPC_ADDED {P}.SClient.b": "method added (SClient, SAsyncClient and SServicer)"},
    ),
    "an rpc gone": (
        _of("rpc A(M) returns (M); rpc B(M) returns (M);"),
        _of("rpc A(M) returns (M);"),
        {f"!API_RPC_REMOVED {P}.SClient.b": "method removed (SClient, SAsyncClient and SServicer)"},
    ),
    "a service": (
        _M,
        _of("rpc A(M) returns (M);"),
        {f"API_SERVICE_ADDED {P}.SClient": "service added (SClient, SAsyncClient and SServicer)"},
    ),
    "a service gone": (
        _of("rpc A(M) returns (M);"),
        _M,
        {f"!API_SERVICE_REMOVED {P}.SClient": "service removed (SClient, SAsyncClient and SServicer)"},
    ),
    "requests stream": (
        _of("rpc A(M) returns (M);"),
        _of("rpc A(stream M) returns (M);"),
        {f"!API_RPC_CHANGED_STREAMING {P}.SClient.a": "it took one request and now takes a stream of requests"},
    ),
    "responses do not": (
        _of("rpc A(M) returns (stream M);"),
        _of("rpc A(M) returns (M);"),
        {f"!API_RPC_CHANGED_STREAMING {P}.SClient.a": "it gave a stream of responses and now gives one response"},
    ),
    "other types": (
        _of("rpc A(M) returns (M);"),
        _of("rpc A(N) returns (N);"),
        {
            f"!API_RPC_CHANGED_TYPE {P}.SClient.a": "it took tiny.M and now takes tiny.N; "
            "it gave tiny.M and now gives tiny.N"
        },
    ),
    "another name in Python": (
        _of("rpc GetIt(M) returns (M);"),
        _of("rpc GetIt(M) returns (M); rpc get_it(M) returns (M);"),
        {
            f"!API_RPC_RENAMED {P}.SClient.GetIt": "its method was get_it and is now GetIt",
            f"API_RPC_ADDED {P}.SClient.get_it": "method added (SClient, SAsyncClient and SServicer)",
        },
    ),
    "another class": (
        _of("rpc A(M) returns (M);"),
        _of("rpc A(M) returns (M);", "message M {} message N {} message SClient {} "),
        {
            f"!API_SERVICE_RENAMED {P}.SClient_": f"its class was {P}.SClient and is now {P}.SClient_",
        },
    ),
    "pages": (
        _of("rpc ListA(M) returns (M);", _PAGES),
        _of("rpc ListA(M) returns (N);", _PAGES),
        {
            f"!API_RPC_CHANGED_TYPE {P}.SClient.list_a": "it gave tiny.M and now gives tiny.N",
            f"API_PAGER_ADDED {P}.SClient.iter_a": "method added (SClient and SAsyncClient)",
        },
    ),
    "pages gone with their rpc": (
        _of("rpc ListA(M) returns (N); rpc B(M) returns (N);", _PAGES),
        _of("rpc B(M) returns (N);", _PAGES),
        {
            f"!API_RPC_REMOVED {P}.SClient.list_a": "method removed (SClient, SAsyncClient and SServicer)",
            f"!API_PAGER_REMOVED {P}.SClient.iter_a": "method removed (SClient and SAsyncClient)",
        },
    ),
    "a comment": (
        _of("rpc A(M) returns (M);"),
        _of("// Does it.\nrpc A(M) returns (M);"),
        {},
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_changes(schemas, case):
    old, new, expected = case
    found = schemas.compare(old, new).layer("api")
    texts = {f"{'!' if one.breaking else ''}{one.rule} {one.element}": one.text for one in found}
    assert texts == expected


def test_items_of_pages(schemas):
    old, new = (
        _of("rpc ListA(M) returns (N);", _PAGES),
        _of("rpc ListA(M) returns (N);", _PAGES.replace("repeated string", "repeated int32")),
    )
    found = {
        one.element: one.text for one in schemas.compare(old, new).layer("api") if one.rule.startswith("API_PAGER")
    }
    assert found == {f"{P}.SClient.iter_a": "its items were str and are now int"}


def test_a_request_that_is_needed_now(schemas, tmp_path):
    """The contract promises a parameter, which the older IDL lacks."""
    tmp_path.joinpath("a.yaml").write_text("files: [tiny/a.proto]\nclasses:\n  M: (f)\n")
    old, new = "message M {} ", "message M { string f = 1; } "
    rpcs = "rpc A(M) returns (M); rpc B(stream M) returns (M);"
    found = schemas.compare(_of(rpcs, old), _of(rpcs, new), contract=tmp_path).layer("api")
    texts = {one.element: one.text for one in found if one.rule == "API_RPC_CHANGED_REQUIRED"}
    assert texts == {f"{P}.SClient.a": "its request was optional and is now required"}

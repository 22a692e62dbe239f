"""Pages are followed by their token alone, and never twice."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from services import TIMEOUT, Loop, Start

from flytekit.models.common import (
    NamedEntityIdentifier,
    NamedEntityIdentifierList,
    NamedEntityIdentifierListRequest,
)
from flytekit.models.service.admin import AdminServiceAsyncClient, AdminServiceClient, AdminServiceServicer
from flytekit_models.services import RepeatedToken
from flytekit_models.services.pager import DEFAULT_PAGE_SIZE

Page = tuple[list[str], str]


class Admin(AdminServiceServicer):
    """Gives the page that belongs to a token, and keeps what it was asked."""

    def __init__(self, pages: dict[str, Page]) -> None:
        self.pages = pages
        self.asked: list[tuple[str, int]] = []

    def list_task_ids(
        self, request: NamedEntityIdentifierListRequest, context: grpc.ServicerContext
    ) -> NamedEntityIdentifierList:
        self.asked.append((request.token, request.limit))
        assert len(self.asked) < 10, "the pages have no end"
        names, token = self.pages[request.token]
        entities = [NamedEntityIdentifier(request.project, request.domain, name) for name in names]
        return NamedEntityIdentifierList(entities=entities[: request.limit], token=token)


THREE = {"": (["a", "b"], "1"), "1": ([], "2"), "2": (["c"], "")}


class Lister:
    """Lists names by one kind of client."""

    def __init__(self, channel: Any, loop: Loop | None) -> None:
        self._client: Any = (AdminServiceClient if loop is None else AdminServiceAsyncClient)(channel)
        self._loop = loop

    def names(self, *arguments: Any, got: list[str] | None = None, **options: Any) -> list[str]:
        """The names; those before an exception are in *got*."""
        got = [] if got is None else got
        items = self._client.iter_task_ids(*arguments, **options)
        if self._loop is None:
            got.extend(item.name for item in items)
        else:

            async def walk() -> None:
                async for item in items:
                    got.append(item.name)

            self._loop.run(walk())
        return got


@pytest.fixture(params=["sync", "async"])
def lister(request: pytest.FixtureRequest, serve: Start, serve_async: Start, loop: Loop) -> Any:
    def start(admin: Admin) -> Lister:
        if request.param == "sync":
            return Lister(serve(admin), None)
        return Lister(serve_async(admin), loop)

    return start


def test_an_empty_page_is_no_end(lister: Any) -> None:
    admin = Admin(THREE)
    assert lister(admin).names(timeout=TIMEOUT) == ["a", "b", "c"]
    assert admin.asked == [("", DEFAULT_PAGE_SIZE), ("1", DEFAULT_PAGE_SIZE), ("2", DEFAULT_PAGE_SIZE)]


@pytest.mark.parametrize("as_message", [False, True])
def test_the_request_is_what_is_listed_and_stays_as_it_is(lister: Any, as_message: bool) -> None:
    admin = Admin(THREE)
    request: Any = NamedEntityIdentifierListRequest(project="p", token="1", limit=7)
    if as_message:
        request = request.to_flyte_idl()
    before = str(request)
    assert lister(admin).names(request) == ["c"]
    assert admin.asked == [("1", 7), ("2", 7)]
    assert str(request) == before


def test_the_page_size_goes_before_the_limit(lister: Any) -> None:
    admin = Admin({"": (["a", "b"], "")})
    assert lister(admin).names(NamedEntityIdentifierListRequest(limit=7), page_size=1) == ["a"]
    assert admin.asked == [("", 1)]


@pytest.mark.parametrize(
    ("maximum", "names", "asked"),
    [
        (0, [], []),
        (1, ["a"], [("", 1)]),
        (2, ["a", "b"], [("", 2)]),
        (3, ["a", "b", "c"], [("", 3), ("1", 3), ("2", 3)]),
        (9, ["a", "b", "c"], [("", 9), ("1", 9), ("2", 9)]),
    ],
)
def test_no_more_than_the_maximum_is_given_or_asked_for(
    lister: Any, maximum: int, names: list[str], asked: list[tuple[str, int]]
) -> None:
    admin = Admin(THREE)
    assert lister(admin).names(maximum=maximum) == names
    assert admin.asked == asked


@pytest.mark.parametrize(
    ("pages", "names"),
    [
        ({"": (["a"], "1"), "1": (["b"], "1")}, ["a", "b"]),
        ({"": (["a"], "1"), "1": (["b"], "2"), "2": (["c"], "1")}, ["a", "b", "c"]),
    ],
)
def test_a_repeated_token_is_an_error_and_no_page_comes_twice(
    lister: Any, pages: dict[str, Page], names: list[str]
) -> None:
    admin = Admin(pages)
    got: list[str] = []
    with pytest.raises(RepeatedToken, match=r"AdminService\.ListTaskIds gave the token '1' again"):
        lister(admin).names(got=got)
    assert got == names
    assert len(admin.asked) == len(pages)


def test_a_walk_that_begins_in_the_middle_knows_its_first_token(lister: Any) -> None:
    with pytest.raises(RepeatedToken):
        lister(Admin({"1": (["b"], "1")})).names(NamedEntityIdentifierListRequest(token="1"))


@pytest.mark.parametrize("wrong", [{"page_size": 0}, {"page_size": -1}, {"maximum": -1}])
def test_numbers_out_of_range_are_refused_at_once(serve: Start, wrong: dict[str, int]) -> None:
    admin = Admin(THREE)
    client: Any = AdminServiceClient(serve(admin))
    with pytest.raises(ValueError, match=str(next(iter(wrong)))):
        client.iter_task_ids(**wrong)
    assert not admin.asked


def test_what_is_no_request_is_refused_at_once(serve: Start) -> None:
    client: Any = AdminServiceClient(serve(Admin(THREE)))
    with pytest.raises(TypeError, match=r"the request of AdminService\.ListTaskIds: expected Named"):
        client.iter_task_ids(NamedEntityIdentifierList())


def test_nothing_is_asked_before_an_item_is(serve: Start) -> None:
    admin = Admin(THREE)
    items = AdminServiceClient(serve(admin)).iter_task_ids()
    assert not admin.asked
    assert next(items).name == "a"
    assert len(admin.asked) == 1


def test_an_error_in_the_middle_is_the_servers(serve: Start) -> None:
    admin = Admin({"": (["a"], "1")})
    items = AdminServiceClient(serve(admin)).iter_task_ids()
    assert next(items).name == "a"
    with pytest.raises(grpc.RpcError) as caught:
        next(items)
    assert caught.value.code() is grpc.StatusCode.UNKNOWN

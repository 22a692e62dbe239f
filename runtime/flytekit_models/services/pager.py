"""Iteration over paginated lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

from flytekit_models.services.errors import RepeatedToken
from flytekit_models.services.rpc import Pages, UnaryUnary

Q = TypeVar("Q")
R = TypeVar("R")
I = TypeVar("I")  # noqa: E741

DEFAULT_PAGE_SIZE = 100
"""Admin refuses requests without a limit."""


class Walk(Generic[Q, R, I]):
    """A walk over all pages: which to ask for next, and the items of each.

    Only the token says whether there is another page: an empty page is no end.

    Args:
        pages: the rpc.
        request: what to list; its token, if it has one, is where the walk begins.
        page_size: how many items a page has; the request's limit, or a default, if not given.
        maximum: how many items to give at most; all if not given.

    Raises:
        ValueError: a number is out of range.
    """

    def __init__(self, pages: Pages[Q, R, I], request: Q | None, page_size: int | None, maximum: int | None) -> None:
        if page_size is not None and page_size < 1:
            raise ValueError(f"page_size must be positive, got {page_size}")
        if maximum is not None and maximum < 0:
            raise ValueError(f"maximum must not be negative, got {maximum}")
        self.rpc: UnaryUnary[Q, R] = pages.rpc
        self._pages = pages
        codec = pages.rpc.request
        # Changed by copies only: it is the caller's.
        self.request: Q = codec.empty() if request is None else codec.model(request)
        size = page_size or getattr(self.request, pages.limit) or DEFAULT_PAGE_SIZE
        self._left = maximum
        self._replace(pages.limit, size if maximum is None else min(size, maximum))
        self._tokens = {getattr(self.request, pages.token)}
        self.goes_on = maximum != 0

    def items_of(self, page: R) -> Iterator[I]:
        """The items of *page*, which is the response to the request.

        Raises:
            RepeatedToken: after the last item, if the next page is one that was asked for before.
        """
        for item in self._pages.items(page) or ():
            if self._left is not None:
                self._left -= 1
            yield item
            if self._left == 0:
                self.goes_on = False
                return
        token: Any = getattr(page, self._pages.next_token)
        self.goes_on = bool(token)
        if token and token in self._tokens:
            self.goes_on = False
            raise RepeatedToken(f"{self.rpc.title} gave the token {token!r} again: its pages go round in a circle")
        self._tokens.add(token)
        self._replace(self._pages.token, token)

    def _replace(self, member: str, value: Any) -> None:
        request: Any = self.request
        self.request = request.replace(**{member: value})

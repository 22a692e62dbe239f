"""Run coroutines from synchronous code, on an event loop in a background thread.

>>> async def add(a: int, b: int) -> int:
...     return a + b
>>> run_sync(add, 1, b=2)
3
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import weakref
from collections.abc import Awaitable, Callable
from functools import update_wrapper
from types import MethodType
from typing import Any, Generic, ParamSpec, TypeVar

from flytekit.loggers import logger
from flytekit_models._asyn.host import host_of_this_thread
from flytekit_models._asyn.runner import Owner, _TaskRunner
from flytekit_models._atomic import may_start_thread

T = TypeVar("T")
P = ParamSpec("P")

_MANY_RUNNERS = 500


class _AsyncLoopManager:
    """Gives each thread an event loop of its own, for as long as the thread lives."""

    def __init__(self) -> None:
        self._runner_map: dict[str, _TaskRunner] = {}
        """The runners of living threads, by the thread's name and the process; among threads of one name, all but the
        first have their identifier in it too."""
        self._local = threading.local()
        _managers.add(self)

    def run_sync(self, coro_func: Callable[..., Awaitable[T]], *args: Any, **kwargs: Any) -> T:
        """Call the asynchronous *coro_func* and run it to completion on this thread's loop.

        Context variables flow in, and what the coroutine sets in them flows back. It may be called from anywhere:
        on a thread with a running loop, inside another ``run_sync``, after a fork, while the interpreter shuts down.

        Raises:
            BaseException: whatever the coroutine raises, with its traceback.
        """
        runner = self._runner()
        result: T = runner.run(coro_func(*args, **kwargs))
        return result

    def synced(self, coro_func: Callable[P, Awaitable[T]]) -> Callable[P, T]:
        """Return a synchronous version of *coro_func*. Works on methods, and can be pickled."""
        return _Synced(self, coro_func)

    def __reduce__(self) -> str | tuple[type[_AsyncLoopManager], tuple[()]]:
        # Loops stay where they are; the manager that everybody shares is everybody's in the other process too.
        return "loop_manager" if self is loop_manager else (type(self), ())

    def _runner(self) -> _TaskRunner:
        owner: Owner | None = getattr(self._local, "owner", None)
        if owner is None:
            return self._first_runner()
        if not owner.is_registered():
            # Somebody closed it and took it out.
            owner.register()
        return owner.runner

    def _first_runner(self) -> _TaskRunner:
        if not may_start_thread():
            # It runs its awaitable here, and is for this once.
            return _TaskRunner()
        if len(self._runner_map) > _MANY_RUNNERS:
            logger.warning("There are more than %d event loops, one a thread; is this a recursion?", _MANY_RUNNERS)
        host = host_of_this_thread()
        below = [] if host is None else host.below
        # There is one already if this thread's runner was closed and makes a new thread.
        known = next((owner for owner in below.copy() if owner.runners is self._runner_map), None)
        made = known or Owner(self._runner_map)
        # Whatever interrupts this may be quicker.
        owner: Owner = vars(self._local).setdefault("owner", made)
        if owner is made:
            if not owner.is_registered():
                owner.register()
            if known is None:
                below.append(owner)
        return owner.runner


class _Synced(Generic[P, T]):
    """An asynchronous function, or a bound method, that is called as if it were not asynchronous."""

    def __init__(self, manager: _AsyncLoopManager, coro_func: Callable[P, Awaitable[T]]) -> None:
        update_wrapper(self, coro_func)
        # Marks that a function which only gives a coroutine may bear; what is called here gives none.
        for mark in ("_is_coroutine", "_is_coroutine_mark", "_is_coroutine_marker"):
            self.__dict__.pop(mark, None)
        self._manager = manager
        self._coro_func = coro_func

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._manager.run_sync(self._coro_func, *args, **kwargs)

    def __get__(self, instance: object, owner: type | None = None) -> _Synced[..., T]:
        bind = getattr(self._coro_func, "__get__", None)
        if bind is not None:
            bound = bind(instance, owner)
        else:
            bound = self._coro_func if instance is None else MethodType(self._coro_func, instance)
        return self if bound is self._coro_func else _Synced(self._manager, bound)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Synced):
            return NotImplemented
        return self._manager is other._manager and self._coro_func == other._coro_func

    def __hash__(self) -> int:
        return hash(self._coro_func)

    def __repr__(self) -> str:
        return f"<synced {self._coro_func!r}>"

    def __reduce__(self) -> str | tuple[Any, ...]:
        name: str = getattr(self, "__qualname__", "")
        found: Any = sys.modules.get(getattr(self, "__module__", ""))
        for part in name.split("."):
            found = getattr(found, part, None)
        if found is self:
            # Used as a decorator: the name is this object's.
            return name
        return _synced_again, (self._manager, self._coro_func)


def _synced_again(manager: _AsyncLoopManager, coro_func: Callable[..., Any]) -> Callable[..., Any]:
    # What a decorated method is called by is synced already when it is found again on its object.
    return coro_func if isinstance(coro_func, _Synced) else manager.synced(coro_func)


_managers: weakref.WeakSet[_AsyncLoopManager] = weakref.WeakSet()


def _forget_all() -> None:
    """Leave the loops behind: in a forked process their threads are gone, and they belong to the other."""
    for manager in list(_managers):
        manager._runner_map.clear()
        manager._local = threading.local()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
if sys.version_info < (3, 14):
    # asyncio makes it on first use, and holds a lock meanwhile.
    asyncio.get_event_loop_policy()

loop_manager = _AsyncLoopManager()
run_sync = loop_manager.run_sync

"""What runs awaitables for a thread: a host that is made when it is needed, and made anew when it was closed."""

from __future__ import annotations

import asyncio
import os
import threading
from typing import Any

from flytekit.loggers import logger
from flytekit_models._asyn import process
from flytekit_models._asyn.here import run_here
from flytekit_models._asyn.host import Host, NoThread, host_of_this_thread
from flytekit_models._asyn.job import Job
from flytekit_models._asyn.loops import ExceptionHandler
from flytekit_models._atomic import may_start_thread


class _TaskRunner:
    """Runs awaitables on an event loop in the background, which is made when the first of them comes."""

    def __init__(self) -> None:
        self.__first: dict[None, Host] = {}
        """At most one."""
        self.__latest: Host | None = None
        self.__below: list[Owner] = []
        """The runners of the threads of its hosts: they run what is called through ``run_sync`` from there."""

    def __del__(self) -> None:
        try:
            for host in self._hosts():
                host.stop()
            self.__below.clear()
        except AttributeError:
            pass  # Making it was interrupted.

    def get_exc_handler(self) -> ExceptionHandler:
        """The handler for errors in the loop that nobody awaits: it logs them."""

        def log(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
            # Nothing of the runner itself is held here, so that it goes when nobody else holds it.
            logger.error("An error in the background of %s, on %s: %s", threading.current_thread().name, loop, context)

        return log

    def run(self, coro: Any) -> Any:
        """Run an awaitable to its end, and give its result or raise its error.

        Interrupted (Ctrl-C), it cancels the awaitable and raises at once. Where no thread can be started, as while the
        interpreter shuts down, the awaitable runs on the calling thread.
        """
        job = Job(coro, nested=host_of_this_thread() is not None)
        while True:
            try:
                host = self._host()
            except NoThread:
                return run_here(job, self.get_exc_handler())
            except BaseException:
                job.discard()
                raise
            if host.run(job):
                return job.outcome()

    def _host(self) -> Host:
        host = self.__latest
        while host is None or host.stopping:
            place = self.__first if host is None else host.next
            if None not in place:
                self._fill(place)
                # As it is: where loops do not run at all, the next would be no better.
                self.__latest = host = place[None]
                break
            self.__latest = host = place[None]
        return host

    def _fill(self, place: dict[None, Host]) -> None:
        if not may_start_thread():
            raise NoThread
        name = f"{threading.current_thread().name} : loop-runner"
        Host(self.get_exc_handler(), name, self.__below, place)

    def _hosts(self) -> list[Host]:
        """What is to be stopped: its host, and those below."""
        found = []
        runners = [self]
        while runners:
            runner = runners.pop()
            host = runner.__latest
            if host is not None and not host.stopping:
                found.append(host)
            runners += [owner.runner for owner in runner.__below.copy()]
        return found

    def _close(self) -> None:
        """Stop the loop, and wait a second at most until its thread has ended; the next awaitable makes a new one.

        What its own thread waits for is stopped too.
        """
        hosts = self._hosts()
        # At exit none is left, and the modules are gone when the last runners go.
        if hosts:
            process.close(hosts)

    def _release(self) -> None:
        """Close it for good: the runners below go with it."""
        self._close()
        self.__below.clear()


class Owner:
    """A thread's hold on its runner: it goes with the thread, and the runner goes with it.

    A thread of a host may go because somebody closes the runner above. Its hold stays then, as long as that runner.

    Args:
        runners: What a manager knows of runners, by their names.
    """

    def __init__(self, runners: dict[str, _TaskRunner]) -> None:
        self.runners = runners
        self.runner = _TaskRunner()
        self.name = ""

    def register(self) -> None:
        """Enter the runner under the calling thread's name and the process, which one more thread may have."""
        thread = threading.current_thread()
        self.name = f"{thread.name}PID:{os.getpid()}"
        if self.runners.setdefault(self.name, self.runner) is not self.runner:
            self.name = f"{self.name}:{thread.ident}"
            self.runners[self.name] = self.runner

    def is_registered(self) -> bool:
        """Whether nobody has taken the entry out, or put another runner there."""
        return self.runners.get(self.name) is self.runner

    def __del__(self) -> None:
        if self.is_registered():
            self.runners.pop(self.name, None)
        self.runner._release()

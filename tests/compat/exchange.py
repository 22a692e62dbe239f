"""Runs flytekit's clients against a server in both environments, and compares what they send and what they give."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from differential import brief, import_messages, message_differences, parsed, value_differences
from environments import CannotRun, Environment
from listed import OF_CLASSES, OF_REQUESTS, listed, unlisted
from programs import Outcome, sort_upstream

SCRIPT = Path(__file__).parent / "scripts" / "remote.py"
RELAY = Path(__file__).parent / "relay.py"


def compare(pair: tuple[Environment, Environment]) -> Outcome:
    """The same calls against the same server, from both environments."""
    import_messages()
    with ThreadPoolExecutor(2) as pool:
        theirs, ours = pool.map(_exchanged, pair)
    outcome = Outcome("client", f"{len(theirs['results'])} calls, {len(theirs['requests'])} requests")
    outcome.problems += _result_problems(theirs["results"], ours["results"])
    outcome.problems += unlisted(dict(_request_differences(theirs["requests"], ours["requests"])), OF_REQUESTS)
    for name, whole in ours["whole"].items():
        if not whole:
            outcome.problems.append(f"{name}: fields that the server sent are lost")
        if theirs["whole"][name]:
            outcome.problems.append(f"{name}: flytekit loses nothing, so this shows nothing")
    return outcome


def compare_servers(environment: Environment) -> Outcome:
    """The same calls of flytekit's own clients, straight to a server and by way of a server on our servicers."""
    import_messages()
    straight = _exchanged(environment)
    relayed = _exchanged(environment, {"RELAY": json.dumps([sys.executable, str(RELAY)])})
    outcome = Outcome("services", f"{len(straight['results'])} calls, {len(straight['requests'])} requests")
    for name, value in straight["results"].items():
        for path, one, other in value_differences(value, relayed["results"][name], name):
            outcome.problems.append(f"{path}: straight {brief(one)}, by our servicers {brief(other)}")
    outcome.problems += dict(_request_differences(straight["requests"], relayed["requests"])).values()
    if not relayed["relayed"]:
        outcome.problems.append("the second run went straight to the server, so this shows nothing")
    return outcome


def _exchanged(environment: Environment, extra: Mapping[str, str] | None = None) -> dict[str, Any]:
    cwd = environment.folder / "client"
    cwd.mkdir(exist_ok=True)
    done = environment.run(SCRIPT, cwd=cwd, extra=extra)
    if done.returncode:
        raise CannotRun(f"the client stopped in the {environment.name} environment:\n{done.stdout}{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout)
    for name, value in found["results"].items():
        if name.startswith("pyflyte"):
            # Entities are registered in threads: the lines come in another order each time.
            found["results"][name] = [value[0], *sorted(environment.normal(line) for line in value[1])]
    return found


def _result_problems(theirs: dict[str, Any], ours: dict[str, Any]) -> Iterator[str]:
    known = listed(OF_CLASSES)
    for name, value in theirs.items():
        for path, one, other in value_differences(value, ours[name], name):
            if f"read:{path}" not in known:
                yield f"{path}: flytekit gives {brief(one)}, ours {brief(other)}"


def _request_differences(theirs: list[list[str]], ours: list[list[str]]) -> Iterator[tuple[str, str]]:
    """The fields in which the requests differ; the order of the requests is another one each time."""
    first, second = (Counter(tuple(request) for request in requests) for requests in (theirs, ours))
    left, right = sorted((first - second).elements()), sorted((second - first).elements())
    if [method for method, *_ in left] != [method for method, *_ in right]:
        yield "sent", f"other requests: {[method for method, *_ in left]}, ours {[method for method, *_ in right]}"
        return
    for (method, full_name, one), (_, _, other) in zip(left, right, strict=True):
        messages = parsed(full_name, one), parsed(full_name, other)
        for message in messages:
            sort_upstream(message)
        for name in message_differences(*messages):
            example = f"{method}: flytekit sends {brief(messages[0])}, ours {brief(messages[1])}"
            yield f"sent:{name.removeprefix('written:')}", example

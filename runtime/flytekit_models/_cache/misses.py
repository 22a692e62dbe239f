"""Why there is no entry for an execution: what it differs by from the nearest one that there is."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from flytekit_models._cache.inputs import shortened, unpack
from flytekit_models._cache.keys import fits, of_inputs, prefix, version_of
from flytekit_models._cache.store import Store

if TYPE_CHECKING:
    from flytekit_models.data.diff import Diff

__all__ = ["Explanation", "explain"]

_MOST = 500
"""How many entries are compared, those kept last first."""


class Explanation:
    """Whether there is an entry for an execution and, if there is none, what comes near it."""

    def __init__(self, key: str, is_hit: bool, reason: str, nearest: Diff | None = None) -> None:
        self.key = key
        """The key that was looked for."""
        self.is_hit = is_hit
        """Whether there is an entry."""
        self.reason = reason
        """Why, in a sentence or two."""
        self.nearest = nearest
        """What the inputs differ by from those of the nearest entry, which is the first of the two; None if none is."""

    def __repr__(self) -> str:
        return self.reason if self.nearest is None else f"{self.reason}\n{self.nearest}"

    def _repr_html_(self) -> str:
        from flytekit_models.text import visible

        reason = f"<p>{escape(visible(self.reason))}</p>"
        return reason if self.nearest is None else reason + self.nearest._repr_html_()


def explain(store: Store, task_name: str, cache_version: str, written: bytes) -> Explanation:
    """Look for the entry of an execution whose inputs that count are *written* so, and for those near it."""
    key = of_inputs(task_name, cache_version, written)
    task = f"{task_name!r} in version {cache_version!r}"
    entries = [
        (one, tag)
        for one, tag in store.tags(prefix(task_name, cache_version), _MOST)
        if fits(one, task_name, cache_version)
    ]
    if any(one == key for one, _ in entries):
        return Explanation(key, True, f"There is an entry of {task} for these inputs.")
    if not entries:
        return Explanation(key, False, f"There is no entry of {task}.{_of_other_versions(store, task_name)}")
    nearest = _nearest(written, [unpack(tag) for _, tag in entries])
    if len(entries) == 1:
        others = f"The only entry of {task} is for other inputs"
    else:
        others = f"None of the {len(entries)} entries of {task} is for these inputs"
    if nearest is None:
        return Explanation(key, False, f"{others}, and it isn't known which.")
    return Explanation(key, False, f"{others}. The nearest ones differ by:", nearest)


def _of_other_versions(store: Store, task_name: str) -> str:
    found = {version_of(key, task_name) for key in store.keys(f"{task_name}-")} - {None}
    return f" There are some of {', '.join(sorted(map(repr, found)))}." if found else ""


def _nearest(written: bytes, others: list[Any]) -> Diff | None:
    from flyteidl.core import literals_pb2

    from flytekit.models.literals import LiteralMap

    wanted = LiteralMap.from_flyte_idl(shortened(literals_pb2.LiteralMap.FromString(written)))
    found = [LiteralMap.from_flyte_idl(other).diff(wanted) for other in others if other is not None]
    return min(found, key=len, default=None)

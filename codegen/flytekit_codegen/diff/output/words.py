"""Words and groups that several forms share."""

from __future__ import annotations

from collections.abc import Iterator

from flytekit_codegen.diff.changes import Change, Comparison, Layer

TITLES: tuple[tuple[Layer, str], ...] = (("wire", "Wire format and IDL"), ("api", "Python API"))
_LAYERS: tuple[tuple[Layer, str], ...] = (("wire", "IDL"), ("api", "Python API"))


def groups(comparison: Comparison) -> Iterator[tuple[str, list[tuple[str, tuple[Change, ...]]]]]:
    """Each layer's title, with its changes under what they are."""
    for layer, title in TITLES:
        changes = comparison.layer(layer)
        parts = {
            "breaking": tuple(change for change in changes if change.breaking),
            "compatible": tuple(change for change in changes if not change.breaking),
        }
        yield title, [(name, some) for name, some in parts.items() if some]


def summary(comparison: Comparison) -> str:
    """The whole comparison in a sentence."""
    if not comparison.changes:
        return f"{comparison.old} and {comparison.new} do not differ."
    counts = [
        f"{_count(len(comparison.layer(layer)))} of the {name}, {len(comparison.breaking(layer))} breaking"
        for layer, name in _LAYERS
    ]
    return f"{comparison.old} → {comparison.new}: {'; '.join(counts)}."


def rules(change: Change) -> str:
    """The rules of a change, and what it breaks."""
    broken = f" breaks {', '.join(change.breaks)}" if change.breaks and change.layer == "wire" else ""
    return f"{', '.join(change.rules)}{broken}"


def _count(number: int) -> str:
    return f"{number} change{'' if number == 1 else 's'}"

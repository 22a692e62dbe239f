"""The tree as plain text: ``pretty()`` and IPython's pretty printer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flytekit_models.view.tree import Limits, Node, tree

_ALL = Limits()
_FOLDED = Limits(rows=400, items=30, text=500)


def pretty(model: Any) -> str:
    """Format all of *model* as an indented tree."""
    return "\n".join(_lines(tree(model, _ALL), 0))


def print_pretty(model: Any, printer: Any) -> None:
    """Print *model*, folded, with IPython's *printer*, which keeps the indentation."""
    first, *rest = _lines(tree(model, _FOLDED), 0)
    printer.text(first)
    for line in rest:
        printer.break_()
        printer.text(line)


def _lines(node: Node, depth: int) -> Iterator[str]:
    margin = "  " * depth
    heading = f"{margin}{node.name}" + (f" ({node.size})" if node.size else "")
    if node.value is None:
        yield heading + ("" if depth == 0 else ":")
    elif node.value.is_block:
        yield f"{heading}:"
        yield from (f"{margin}  | {line}" for line in node.value.text.split("\n"))
    else:
        yield f"{heading}: {node.value.text}" + (" (default)" if node.is_default else "")
    for child in node.children:
        yield from _lines(child, depth + 1)
    if node.left_out:
        yield f"{margin}  ... {node.left_out}"

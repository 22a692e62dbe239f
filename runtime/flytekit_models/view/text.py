"""The tree as plain text: ``pretty()`` and IPython's pretty printer."""

from __future__ import annotations

from typing import Any

from flytekit_models.view.tree import Limits, Node, tree

_ALL = Limits()
_FOLDED = Limits(rows=400, items=30, text=500)


def pretty(model: Any) -> str:
    """Format all of *model* as an indented tree."""
    return "\n".join(_lines(tree(model, _ALL)))


def print_pretty(model: Any, printer: Any) -> None:
    """Print *model*, folded, with IPython's *printer*, which keeps the indentation."""
    first, *rest = _lines(tree(model, _FOLDED))
    printer.text(first)
    for line in rest:
        printer.break_()
        printer.text(line)


def _lines(root: Node) -> list[str]:
    lines: list[str] = []
    _add_lines(root, "", lines)
    return lines


def _add_lines(node: Node, margin: str, lines: list[str]) -> None:
    heading = f"{margin}{node.name}" + (f" ({node.size})" if node.size else "")
    if node.value is None:
        lines.append(f"{heading}:" if margin else heading)
    elif node.value.is_block:
        lines.append(f"{heading}:")
        lines += [f"{margin}  | {line}" for line in node.value.text.split("\n")]
    else:
        lines.append(f"{heading}: {node.value.text}" + (" (default)" if node.is_default else ""))
    for child in node.children:
        _add_lines(child, f"{margin}  ", lines)
    if node.left_out:
        lines.append(f"{margin}  ... {node.left_out}")

"""The tree for rich, which is optional: coloured and folded."""

from __future__ import annotations

from typing import Any

from flytekit_models.view.tree import Limits, Node, tree
from flytekit_models.view.values import Value

_LIMITS = Limits(rows=400, items=30, text=500)
STYLES = {
    "text": "green",
    "number": "cyan",
    "bool": "cyan",
    "time": "cyan",
    "enum": "magenta",
    "id": "magenta",
    "json": "yellow",
    "bytes": "yellow",
    "note": "dim",
}


def to_rich(model: Any) -> Any:
    """Return a rich renderable of *model*: a tree, or its own ``__rich_repr__`` if it has one."""
    if _shows_itself(model):
        from rich.pretty import Pretty

        return Pretty(model)
    from rich.text import Text
    from rich.tree import Tree

    root = tree(model, _LIMITS)
    shown = Tree(Text(root.name, "bold"), guide_style="dim")
    if root.value is not None:
        shown.add(_text(root.value))
    for child in root.children:
        _add(shown, child)
    return shown


def _shows_itself(model: Any) -> bool:
    if not hasattr(model, "__rich_repr__"):
        return False
    try:
        list(model.__rich_repr__())
    except Exception:
        # A member holds something else than it takes.
        return False
    return True


def _add(tree: Any, node: Node) -> None:
    from rich.text import Text

    row = Text().append(node.name, "bold")
    if node.size:
        row.append(f" ({node.size})", "dim")
    if node.value is not None and not node.value.is_block:
        row.append(": ").append_text(_text(node.value))
    if node.is_default:
        row.append(" (default)", "dim")
    branch = tree.add(row)
    if node.value is not None and node.value.is_block:
        branch.add(_text(node.value))
    for child in node.children:
        _add(branch, child)
    if node.left_out:
        branch.add(Text(f"... {node.left_out}", "dim"))


def _text(value: Value) -> Any:
    from rich.text import Text

    return Text(value.text, STYLES[value.style])

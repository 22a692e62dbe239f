"""The tree as HTML for notebooks: collapsible without JavaScript, in the colours of the page around it.

The output begins as that of flytekit's models: the type as a heading, and the set fields as text. The text is visible
where styles are removed from the page, as in notebooks that are not trusted.
"""

from __future__ import annotations

from collections import deque
from html import escape
from typing import Any

from flytekit_models.data.members import is_carrier, parts_of
from flytekit_models.text import visible
from flytekit_models.view.tree import Label, Limits, Node, preview, tree
from flytekit_models.view.values import Value, fold

LARGEST = 1_000_000
"""Maximum length of the output, in characters."""

_LIMITS = Limits(rows=2_500, items=100, text=1_500)
_PREVIEW = 90
_DOCUMENTATION = 300
_ROWS_AT_FIRST = 40
"""Number of rows that are visible at first."""

# Colours are mixed with that of the surrounding text, so they suit light and dark pages.
STYLE = """<style class="flytekit-models">
pre:has(+ style.flytekit-models) { display: none }
.flytekit-models-tree { display: block !important; line-height: 1.5; overflow-wrap: anywhere; padding-left: 1.6em;
  font-family: var(--jp-code-font-family, var(--vscode-editor-font-family, ui-monospace, monospace));
  font-size: 0.93em }
.flytekit-models-tree details > :not(summary) { margin-left: 1.5em }
.flytekit-models-tree summary { cursor: pointer; display: list-item; list-style: disclosure-closed outside }
.flytekit-models-tree details[open] > summary { list-style-type: disclosure-open }
.flytekit-models-tree details[open] > summary > .preview { display: none }
.flytekit-models-tree b { font-weight: 600 }
.flytekit-models-tree b[title] { cursor: help }
.flytekit-models-tree bdi.text { color: color-mix(in srgb, currentColor 55%, #1a9a4a); white-space: pre-wrap }
.flytekit-models-tree bdi.number, .flytekit-models-tree bdi.bool,
.flytekit-models-tree bdi.time { color: color-mix(in srgb, currentColor 50%, #2f7de1) }
.flytekit-models-tree bdi.enum, .flytekit-models-tree bdi.id { color: color-mix(in srgb, currentColor 50%, #b04ad8) }
.flytekit-models-tree bdi.json, .flytekit-models-tree bdi.bytes { color: color-mix(in srgb, currentColor 55%, #d07a00) }
.flytekit-models-tree .preview, .flytekit-models-tree .note { opacity: 0.65 }
.flytekit-models-tree .block { border-left: 2px solid color-mix(in srgb, currentColor 25%, transparent);
  padding-left: 0.6em; max-height: 24em; overflow: auto }
.flytekit-models-tree table.flytekit-models-diff td { text-align: left; vertical-align: top; padding: 0.1em 0.6em }
</style>"""


def to_html(model: Any) -> str:
    """Render *model*, in at most :data:`LARGEST` characters."""
    try:
        parts = parts_of(model)
    except Exception:
        # A foreign object in it may raise anything.
        parts = None
    # The form of flytekit.
    text = model._fm_tree(parts=None if is_carrier(model) else parts)
    heading = f"<h4>{escape(visible(type(model).__name__))}</h4><pre>{escape(text)}</pre>"
    limits = _LIMITS
    while True:
        root = tree(model, limits, parts)
        opened = _opened(root)
        page = heading + STYLE + wrapped("".join(_node(child, opened) for child in root.children) or _value(root.value))
        if len(page) <= LARGEST or limits.rows == 1:
            return page
        # Escaped, a text of nothing but quotes is six times as long.
        limits = Limits(rows=(limits.rows or 2) // 2, items=limits.items, text=(limits.text or 2) // 2)


def wrapped(content: str) -> str:
    """Wrap *content* in an element that is hidden where there are no styles."""
    return f'<div class="flytekit-models-tree" style="display: none">{content}</div>'


def _opened(root: Node) -> set[int]:
    """Return the ids of the nodes that are open at first: from the top down, as many as fit."""
    opened: set[int] = set()
    room, left = _ROWS_AT_FIRST - len(root.children), deque(root.children)
    while left:
        node = left.popleft()
        inside = len(node.children) + (node.value.text.count("\n") + 1 if node.value and node.value.is_block else 0)
        if inside <= room:
            room -= inside
            opened.add(id(node))
            left.extend(node.children)
    return opened


def _node(node: Node, opened: set[int]) -> str:
    name = ".".join(map(_label, node.labels))
    if node.size:
        name += f' <span class="note">({escape(node.size)})</span>'
    if node.value is not None and node.value.is_block:
        first = visible(node.value.text.partition("\n")[0])
        shown = f'<div class="block">{_value(node.value)}</div>'
        return _details(name, fold(first, _PREVIEW), shown, id(node) in opened)
    if node.children:
        inside = "".join(_node(child, opened) for child in node.children)
        if node.left_out:
            inside += f'<div class="note">... {escape(node.left_out)}</div>'
        return _details(name, preview(node, _PREVIEW), inside, id(node) in opened)
    shown = _value(node.value)
    if node.is_default:
        shown += ' <span class="note">(default)</span>'
    if node.left_out:
        shown += f' <span class="note">... {escape(node.left_out)}</span>'
    return f"<div>{name}: {shown}</div>"


def _details(name: str, closed: str, inside: str, is_open: bool) -> str:
    opened = " open" if is_open else ""
    summary = f'{name} <span class="preview"><bdi>{escape(closed)}</bdi></span>'
    return f"<details{opened}><summary>{summary}</summary>{inside}</details>"


def _label(label: Label) -> str:
    about = label.documentation
    title = f' title="{escape(visible(fold(about, _DOCUMENTATION)))}"' if about else ""
    return f"<b{title}><bdi>{escape(label.text)}</bdi></b>"


def _value(value: Value | None) -> str:
    """Render a value. Its text has no control characters; it is escaped here and nowhere else."""
    return "" if value is None else f'<bdi class="{value.style}">{escape(value.text)}</bdi>'

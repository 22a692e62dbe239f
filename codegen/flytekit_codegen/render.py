"""Renders the package: IR to text, by templates and black."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import black
from black.mode import TargetVersion
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from flytekit_codegen import __version__, ir

_MODE = black.Mode(line_length=120, target_versions={TargetVersion.PY310}, magic_trailing_comma=False)


def templates_folder() -> Path:
    """Where the templates are: beside codegen/ in a checkout, inside the package where it is installed."""
    installed = Path(__file__).parent / "templates"
    return installed if installed.is_dir() else Path(__file__).parents[2] / "templates"


class Renderer:
    """Renders modules; *release* says what the IDL is, for the head of each file."""

    def __init__(self, release: str, templates: Path | None = None) -> None:
        environment = Environment(
            loader=FileSystemLoader(templates or templates_folder()),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            autoescape=False,
        )
        self._template = environment.get_template("module.py.j2")
        self._release = release

    def render(self, module: ir.Module) -> str:
        """The text of a module as the templates give it."""
        return self._template.render(module=module, release=self._release, generator=__version__)


def layout(text: str) -> str:
    """*text* as black lays it out."""
    return black.format_str(text, mode=_MODE)


def layout_version() -> str:
    """What the layout depends on."""
    return f"black {version('black')}"

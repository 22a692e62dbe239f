"""Renders the package: IR to text, by templates and black."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import black
from black.mode import TargetVersion
from black.parsing import InvalidInput
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError

from flytekit_codegen import __version__
from flytekit_codegen.pipeline import ir
from flytekit_codegen.problems import GenerationError, Problem, Where

_TEMPLATE = "module.py.j2"

_MODE = black.Mode(line_length=120, target_versions={TargetVersion.PY310}, magic_trailing_comma=False)


def templates_folder() -> Path:
    """Where the templates are: beside codegen/ in a checkout, inside the package where it is installed."""
    package = Path(__file__).parents[2]
    installed = package / "templates"
    return installed if installed.is_dir() else package.parents[1] / "templates"


class Renderer:
    """Renders modules; *release* says what the IDL is, for the head of each file."""

    def __init__(self, release: str, templates: Path | None = None) -> None:
        self._folder = templates or templates_folder()
        self._environment = Environment(
            loader=FileSystemLoader(self._folder),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            autoescape=False,
        )
        self._release = release

    def render(self, module: ir.Module) -> str:
        """The text of a module as the templates give it.

        Raises:
            GenerationError: a template is broken.
        """
        try:
            template = self._environment.get_template(_TEMPLATE)
            return template.render(module=module, release=self._release, generator=__version__)
        except TemplateError as error:
            place = Where(self._folder / (getattr(error, "name", None) or _TEMPLATE), getattr(error, "lineno", 0))
            what = f"the template cannot be rendered: {type(error).__name__}: {error}"
            raise GenerationError([Problem(place, what, "mend the template")]) from None


def layout(text: str, name: str) -> str:
    """*text* as black lays it out.

    Raises:
        GenerationError: it is no Python.
    """
    try:
        return black.format_str(text, mode=_MODE)
    except InvalidInput as error:
        what = f"what was generated is no Python: {error}"
        cure = "mend the Python in the contract of this module (defaults, constants, types), or the templates"
        raise GenerationError([Problem(Where(Path(name)), what, cure)]) from None


def layout_version() -> str:
    """What the layout depends on."""
    return f"black {version('black')}"

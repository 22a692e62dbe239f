"""Renders the package: IR to text, by templates."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError

from flytekit_codegen import __version__
from flytekit_codegen.checkout import shipped
from flytekit_codegen.pipeline import ir
from flytekit_codegen.problems import GenerationError, Problem, Where

_TEMPLATE = "module.py.j2"

_BOUNDARY = "\0"
"""What templates put before each class; no Python has it."""


class Renderer:
    """Renders modules of *package*; *release* says what the IDL is, for the head of the package."""

    def __init__(self, package: str, release: str, templates: Path | None = None) -> None:
        self._folder = templates or shipped("templates")
        self._environment = Environment(
            loader=FileSystemLoader(self._folder),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            autoescape=False,
        )
        self._globals = {"package": package, "release": release, "generator": __version__, "boundary": _BOUNDARY}

    def render(self, module: ir.Module) -> tuple[str, ...]:
        """The text of a module as the templates give it: its head, and each class.

        Raises:
            GenerationError: a template is broken.
        """
        try:
            template = self._environment.get_template(_TEMPLATE)
            text = template.render(module=module, **self._globals)
        except TemplateError as error:
            place = Where(self._folder / (getattr(error, "name", None) or _TEMPLATE), getattr(error, "lineno", 0))
            what = f"the template cannot be rendered: {type(error).__name__}: {error}"
            raise GenerationError([Problem(place, what, "fix the template")]) from None
        return tuple(text.split(_BOUNDARY))

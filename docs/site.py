"""Adds the reference to the site: a page for each module of models, and an index of all messages.

mkdocs calls it; the pages are made from what the generated classes say of themselves.
"""

from __future__ import annotations

import inspect
import pkgutil
import re
import sys
from importlib import import_module
from pathlib import Path
from shutil import copyfile
from types import ModuleType
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

ROOT = Path(__file__).parents[1]
SHIM = ROOT / ".cache/site/node_modules/iframe-worker/shim/index.js"
"""What lets a page that was opened as a file have a worker, which the search is."""
_SHIM_ELSEWHERE = "https://unpkg.com/iframe-worker/shim"
_SHIM_HERE = "assets/javascripts/iframe-worker.js"

_PACKAGE = "flytekit.models"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of the reference."""
    modules = _modules()
    homes = {cls: module for module in modules for cls in _classes(module)}
    pages = {_page(module): _module_page(module, homes) for module in modules if _classes(module)}
    pages["reference/index.md"] = _index(homes)
    for place, text in pages.items():
        files.append(File.generated(config, place, content=text))
    for result in sorted((ROOT / "benchmarks" / "results").iterdir()):
        files.append(File.generated(config, f"results/{result.name}", abs_src_path=str(result)))
    return files


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """List the pages of the reference."""
    # Not when this file is loaded: mkdocs takes back what it changes of the path then.
    sys.path[:0] = [str(ROOT / "runtime"), str(ROOT / "generated")]
    (reference,) = (part["Reference"] for part in config.nav or [] if "Reference" in part)
    reference += [
        {module.__name__.removeprefix(f"{_PACKAGE}."): _page(module)} for module in _modules() if _classes(module)
    ]
    return config


def on_post_page(output: str, page: Page, **_: Any) -> str:
    """Have the search work without a server by a script in the folder, not by one from elsewhere."""
    if SHIM.is_file():
        return output.replace(_SHIM_ELSEWHERE, get_relative_url(_SHIM_HERE, page.url))
    return output.replace(f'<script src="{_SHIM_ELSEWHERE}"></script>', "")


def on_post_build(config: MkDocsConfig) -> None:
    """Put the script there."""
    if SHIM.is_file():
        copyfile(SHIM, Path(config.site_dir) / _SHIM_HERE)


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Have links to the results of the benchmark lead to where the site has them."""
    return markdown.replace("(../benchmarks/results/", "(results/")


def _modules() -> list[ModuleType]:
    found = pkgutil.walk_packages(import_module(_PACKAGE).__path__, f"{_PACKAGE}.")
    modules = [import_module(each.name) for each in found]
    # A part of a module bears that module's name, which gives what is in it.
    return [sys.modules[name] for name in sorted({module.__name__ for module in modules})]


def _page(module: ModuleType) -> str:
    return f"reference/{module.__name__.removeprefix(f'{_PACKAGE}.')}.md"


def _classes(module: ModuleType) -> list[Any]:
    """The models and enum holders that *module* defines, nested ones after the one they are in."""
    found: list[Any] = []
    named = [getattr(module, name) for name in getattr(module, "__all__", vars(module))]
    left = [each for each in named if inspect.isclass(each) and each.__module__ == module.__name__]
    while left:
        cls = left.pop(0)
        if hasattr(cls, "_fm_proto") or hasattr(cls, "__members__"):
            found.append(cls)
            inner = [each for each in vars(cls).values() if inspect.isclass(each)]
            left[:0] = [each for each in inner if each.__qualname__.startswith(f"{cls.__qualname__}.")]
    return found


def _anchor(cls: Any) -> str:
    return cls.__qualname__.lower().replace(".", "-")


def _module_page(module: ModuleType, homes: dict[Any, ModuleType]) -> str:
    lines = [f"# {module.__name__}", "", inspect.getdoc(module) or "", ""]
    for cls in _classes(module):
        lines += [f"## {cls.__qualname__} {{ #{_anchor(cls)} }}", "", _text(inspect.getdoc(cls)), ""]
        lines += _values(cls) if hasattr(cls, "__members__") else _members(cls, module, homes)
    return "\n".join(lines)


def _values(cls: Any) -> list[str]:
    rows = [f"| `{name}` | {int(value)} |" for name, value in cls.__members__.items()]
    return ["| value | number |", "| --- | --- |", *rows, ""]


def _members(cls: Any, module: ModuleType, homes: dict[Any, ModuleType]) -> list[str]:
    from flytekit_models.model import describe

    fields = describe(cls).fields
    if not fields:
        return ["No members.", ""]
    rows = ["| member | type | description |", "| --- | --- | --- |"]
    for field in fields:
        shown = getattr(cls, field.property_name, None)
        doc = _first(inspect.getdoc(shown) if isinstance(shown, property) else None)
        rows.append(f"| `{field.property_name}` | {_type(cls, field, module, homes)} | {doc} |")
    return [*rows, ""]


def _type(cls: Any, field: Any, module: ModuleType, homes: dict[Any, ModuleType]) -> str:
    """The type of a member, linked where it is a class of the package."""
    from flytekit_models.model import describe

    inner = field.inner or field
    if inner.kind not in ("model", "enum") or not inner.type:
        shown = f"`{inner.type if inner.kind == 'scalar' else inner.kind}`"
    else:
        target = describe(cls).resolve(inner.type)
        home = homes[target]
        page = "" if home is module else Path(_page(home)).name
        shown = f"[{target.__qualname__}]({page}#{_anchor(target)})"
    return {"one": shown, "list": f"list of {shown}", "map": f"dict of {shown}"}[inner.label]


def _index(homes: dict[Any, ModuleType]) -> str:
    from flytekit_models.model import describe

    lines = ["---", "hide: [toc]", "---", "# Messages and their classes", ""]
    lines += ["Every message of the IDL, and the class that models it, by its path below `flytekit.models`.", ""]
    lines += ["| message | class |", "| --- | --- |"]
    rows = []
    for cls, module in homes.items():
        if hasattr(cls, "_fm_proto"):
            path = f"{module.__name__}.{cls.__qualname__}".removeprefix(f"{_PACKAGE}.")
            link = f"[{path}]({Path(_page(module)).name}#{_anchor(cls)})"
            rows.append(f"| `{describe(cls).message}` | {link} |")
    return "\n".join([*lines, *sorted(rows), ""])


def _text(doc: str | None) -> str:
    return (doc or "").replace("<", "&lt;")


def _first(doc: str | None) -> str:
    """The first paragraph, as a cell of a table."""
    return re.sub(r"\s+", " ", _text(doc).partition("\n\n")[0]).replace("|", "\\|")

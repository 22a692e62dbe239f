"""The import root ``flytekit`` that the wheel provides: there where nothing else is, and out of the way elsewhere."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest
from venvs import Environment, make_environment

pytestmark = pytest.mark.xdist_group("distributions")

USE = """
from flytekit.models.literals import Literal, Primitive, Scalar
from flytekit.utils.asyn import run_sync
async def double(x): return 2 * x
value = Literal(scalar=Scalar(primitive=Primitive(integer=run_sync(double, 3))))
assert Literal.from_flyte_idl(value.to_flyte_idl()) == value
print(value.scalar.primitive.integer)
"""
OTHER = {"flytekit/__init__.py": "own = True\n", "flytekit/models/__init__.py": "", "flytekit/models/literals.py": ""}
WHOSE = """
import sys, flytekit, flytekit.models.literals
assert flytekit.own and sys.modules["flytekit"] is flytekit
assert flytekit.__spec__.name == "flytekit", flytekit.__spec__
print(flytekit.__file__)
"""
FINDER = """
import importlib.machinery, importlib.util, sys

class Finder:
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name == "flytekit":
            return importlib.util.spec_from_file_location(name, {file!r}, submodule_search_locations=[{folder!r}])

sys.meta_path.append(Finder)
"""


@pytest.fixture
def alone(tmp_path: Path, wheel: Path) -> Environment:
    """The wheel, without flytekit."""
    made = make_environment(tmp_path / "environment")
    made.install(wheel)
    return made


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A flytekit that is not in site-packages."""
    for name, text in OTHER.items():
        path = tmp_path / "checkout" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "checkout"


def test_alone_the_models_and_utilities_are_importable(alone: Environment) -> None:
    assert alone.run(USE) == "6"


@pytest.mark.parametrize("example", ["spec_example.py.txt", "spec_cache_example.py.txt"])
def test_the_specifications_examples_run(alone: Environment, example: str) -> None:
    program = Path(__file__).parents[1] / "models" / "data" / example
    alone.run(f"exec(compile(open({str(program)!r}).read(), 'example', 'exec'), {{'__name__': '__main__'}})")


def test_an_installed_flytekit_is_not_hidden(alone: Environment) -> None:
    alone.write(OTHER)
    assert alone.run(WHOSE) == str(alone.site_packages / "flytekit" / "__init__.py")


@pytest.mark.parametrize("name", ["aa", "zz"])
def test_one_that_only_a_finder_knows_is_not_hidden(alone: Environment, checkout: Path, name: str) -> None:
    package = checkout / "flytekit"
    finder = FINDER.format(file=str(package / "__init__.py"), folder=str(package))
    alone.write({f"{name}_finder.py": finder, f"{name}.pth": f"import {name}_finder\n"})
    assert alone.run(WHOSE) == str(package / "__init__.py")


@pytest.mark.parametrize("name", ["aa", "zz"])
def test_one_on_another_path_is_not_hidden(alone: Environment, checkout: Path, name: str) -> None:
    alone.write({f"{name}.pth": f"{checkout}\n"})
    assert alone.run(WHOSE) == str(checkout / "flytekit" / "__init__.py")


def test_a_flytekit_that_fails_is_not_replaced(alone: Environment, checkout: Path) -> None:
    (checkout / "flytekit" / "__init__.py").write_text("import not_there_at_all\n")
    alone.write({"zz.pth": f"{checkout}\n"})
    assert "No module named 'not_there_at_all'" in alone.run("import flytekit", check=False)


def test_a_folder_that_happens_to_have_the_name_is_no_flytekit(alone: Environment, tmp_path: Path) -> None:
    (tmp_path / "sources" / "flytekit" / "docs").mkdir(parents=True)
    assert alone.run(USE, cwd=tmp_path / "sources") == "6"


def test_a_folder_of_packages_can_be_used_without_being_a_site(tmp_path: Path, wheel: Path) -> None:
    made = make_environment(tmp_path / "environment")
    target = tmp_path / "target"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    assert (
        made.run(f"import sys; sys.path.append({str(target)!r})\nimport flytekit_models.without_flytekit\n{USE}") == "6"
    )
    path = [str(target), str(target / "flytekit_models" / "without_flytekit")]
    assert made.run(f"import sys; sys.path += {path!r}\n{USE}") == "6"


def test_a_zip_file_can_be_used(tmp_path: Path, wheel: Path) -> None:
    made = make_environment(tmp_path / "environment")
    packed = str(shutil.copy(wheel, tmp_path / "application.zip"))
    assert made.run(f"import sys; sys.path.append({packed!r})\nimport flytekit_models.without_flytekit\n{USE}") == "6"


def test_asking_for_the_import_root_does_not_hide_flytekit(alone: Environment, checkout: Path) -> None:
    alone.write({"zz.pth": f"{checkout}\n"})
    assert alone.run(f"import flytekit_models.without_flytekit\n{WHOSE}") == str(checkout / "flytekit" / "__init__.py")


def test_the_runtime_needs_no_import_root(tmp_path: Path, wheel: Path) -> None:
    made = make_environment(tmp_path / "environment")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "target")
    program = f"import sys; sys.path.append({str(tmp_path / 'target')!r})\nimport flytekit_models.api_v1\nprint('fine')"
    assert made.run(program) == "fine"

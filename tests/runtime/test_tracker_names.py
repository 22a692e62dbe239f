"""Names that the tracker gives can be imported, stay what they are, and are the object's own."""

from __future__ import annotations

import copy
import importlib
import os
import pickle
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flytekit.configuration.feature_flags import FeatureFlags
from flytekit.core.tracker import TrackedInstance, _ModuleSanitizer, extract_task_module, get_full_module_path
from flytekit.exceptions.system import FlyteSystemException

MODULE = """
from flytekit.core.tracker import TrackedInstance
class Thing(TrackedInstance): pass
thing = Thing()
def function(): pass
"""


class Thing(TrackedInstance): ...


original = Thing()
twin: Thing
kept: list[Thing] = []


@pytest.fixture
def import_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Any]:
    """Write a module below packages, all folders being such, and import it from the folder that is named."""

    def do(folder: str, name: str) -> Any:
        file = tmp_path / folder / f"{name.replace('.', '/')}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        for parent in (file.parent, *file.parent.parents):
            if parent.is_relative_to(tmp_path) and parent != tmp_path:
                (parent / "__init__.py").touch()
        file.write_text(MODULE)
        monkeypatch.syspath_prepend(str(tmp_path / folder))
        for part in (name.partition(".")[0], name):
            monkeypatch.delitem(sys.modules, part, raising=False)
        return importlib.import_module(name)

    return do


@pytest.mark.parametrize("folder", ["lib/site-packages", "my-proj", "v1.2", "stray", "src/deeper", "3rd"])
@pytest.mark.parametrize("name", ["libtracked.tasks", "lonetracked"])
def test_a_module_is_named_as_it_was_imported(
    import_from: Callable[[str, str], Any], folder: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FeatureFlags, "FLYTE_PYTHON_PACKAGE_ROOT", "auto")
    module = import_from(folder, name)
    try:
        for each, variable in ((module.function, "function"), (module.thing, "thing"), (module.Thing, "Thing")):
            assert extract_task_module(each)[:3] == (f"{name}.{variable}", name, variable)
        assert importlib.import_module(extract_task_module(module.thing)[1]).thing is module.thing
        assert get_full_module_path(module, name) == name
    finally:
        for part in (name.partition(".")[0], name):
            sys.modules.pop(part, None)


def test_a_module_that_is_not_loaded_has_its_longest_name(
    import_from: Callable[[str, str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FeatureFlags, "FLYTE_PYTHON_PACKAGE_ROOT", "auto")
    module = import_from("stray", "libtracked.tasks")
    del sys.modules["libtracked.tasks"]
    assert get_full_module_path(module, "libtracked.tasks") == "stray.libtracked.tasks"
    # Something else of that name is not the module.
    monkeypatch.setitem(sys.modules, "libtracked.tasks", sys)
    assert get_full_module_path(module, "libtracked.tasks") == "stray.libtracked.tasks"
    # Nor is a name that does not say where it lies.
    monkeypatch.setitem(sys.modules, "alias", module)
    assert get_full_module_path(module, "alias") == "stray.libtracked.tasks"


def test_a_root_that_was_asked_for_counts_more(
    import_from: Callable[[str, str], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = import_from("stray", "libtracked.tasks")
    monkeypatch.setattr(FeatureFlags, "FLYTE_PYTHON_PACKAGE_ROOT", str(tmp_path))
    assert get_full_module_path(module, "libtracked.tasks") == "stray.libtracked.tasks"
    for part in ("libtracked", "libtracked.tasks"):
        sys.modules.pop(part, None)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("site-packages/pkg/mod.py", "pkg.mod"),
        ("my-proj/pkg/sub/mod.py", "pkg.sub.mod"),
        ("my-proj/mod.py", "mod"),
        ("my-proj/my-script.py", "my-script"),
        ("outer/my-proj/pkg/mod.py", "pkg.mod"),
        ("größe/mod.py", "größe.mod"),
    ],
)
def test_folders_that_no_import_can_name_are_roots(tmp_path: Path, path: str, name: str) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    for parent in (file.parent, *file.parent.parents):
        if parent.is_relative_to(tmp_path) and parent != tmp_path:
            (parent / "__init__.py").touch()
    assert _ModuleSanitizer().get_absolute_module_name(str(file)) == name


def test_a_copy_has_a_variable_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert original.lhs == "original"
    for make in (copy.copy, copy.deepcopy, lambda thing: pickle.loads(pickle.dumps(thing))):
        another = make(original)
        # What no variable holds has no name, least of all another object's.
        with pytest.raises(FlyteSystemException):
            _ = another.lhs
        monkeypatch.setitem(globals(), "twin", another)
        assert (another.lhs, original.lhs) == ("twin", "original")
        assert another.location.endswith(".twin")
        # It is not the first one's, though it may lie where that did.
        twice = make(another)
        monkeypatch.setitem(globals(), "twin", twice)
        assert twice.lhs == "twin"


def test_a_name_that_its_class_gives_it_stays() -> None:
    class Named(Thing):
        def __init__(self) -> None:
            super().__init__()
            self._lhs = "given"

    assert Named().lhs == copy.copy(Named()).lhs == "given"


def test_what_came_from_another_process_keeps_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert original.lhs == "original"
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert pickle.loads(pickle.dumps(original)).lhs == "original"


def program(tmp_path: Path, source: str, *arguments: str, cwd: str = ".") -> list[str]:
    for folder in ("app/sub", "app/my-dir", "elsewhere"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    text = "import os\nfrom flytekit.core.tracker import TrackedInstance, extract_task_module\n"
    text += "class Thing(TrackedInstance): pass\ndef f(): pass\n" + textwrap.dedent(source)
    for name in ("app/sub/script.py", "app/my-dir/script.py"):
        (tmp_path / name).write_text(text)
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=tmp_path / cwd, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


@pytest.mark.parametrize("first", ["a = Thing()", ""])
@pytest.mark.parametrize("to", ["sub", "..", "../elsewhere", "/"])
def test_a_program_keeps_its_name_wherever_it_goes(tmp_path: Path, first: str, to: str) -> None:
    source = f"""
        {first}
        place = extract_task_module(f)
        os.chdir({to!r})
        b = Thing()
        for each in [b, {"a" if first else "b"}]:
            print(each.instantiated_in, *extract_task_module(each)[:3], os.path.isabs(extract_task_module(each)[3]))
        print(place == extract_task_module(f))
    """
    printed = program(tmp_path, source, "sub/script.py", cwd="app")
    again = "a" if first else "b"
    assert printed == [f"sub.script sub.script.{name} sub.script {name} True" for name in ("b", again)] + ["True"]


def test_a_program_in_a_folder_that_no_import_can_name(tmp_path: Path) -> None:
    printed = program(tmp_path, "a = Thing()\nprint(a.location)", "my-dir/script.py", cwd="app")
    assert printed == ["script.a"]


def test_shipped_functions_stay_shipped(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "pkl.gz").touch()
    source = "print(extract_task_module(f)[0])\nos.chdir('/')\nprint(extract_task_module(f)[0])"
    assert program(tmp_path, source, "sub/script.py", cwd="app") == ["f", "f"]


def test_a_relative_package_root_stays_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLYTE_PYTHON_PACKAGE_ROOT", "sub")
    source = "a = extract_task_module(f)\nos.chdir('/')\nprint(a == extract_task_module(f), a[0])"
    assert program(tmp_path, source, "sub/script.py", cwd="app") == ["True script.f"]


def test_a_relative_file_is_found_again(tmp_path: Path) -> None:
    """Code that was compiled under a relative name, as tools do."""
    source = """
        import sys, types
        main = sys.modules["__main__"]
        main.__file__ = "sub/script.py"
        exec(compile("x = Thing()\\ndef g(): pass", "sub/script.py", "exec"), vars(main))
        os.chdir("/")
        print(main.x.lhs, extract_task_module(main.g)[3] == extract_task_module(main.x)[3])
    """
    assert program(tmp_path, source, "sub/script.py", cwd="app") == ["x True"]

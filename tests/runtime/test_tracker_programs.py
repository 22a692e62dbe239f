"""flytekit.core.tracker in real programs: scripts, python -m, pytest, multiprocessing, a Jupyter kernel."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import start_new_kernel

PROGRAM = Path(__file__).parent / "tracker_cases" / "program.py"

#: The example of the specification, letter for letter.
SPECIFICATION = """\
from flytekit.core.tracker import TrackedInstance
import inspect

class MyTrackedObject(TrackedInstance):
    def __init__(self, name):
        super().__init__()
        self.name = name

# When an instance is created, its origin is tracked
my_obj = MyTrackedObject("example")

# Accessing tracked properties
print(f"Object instantiated in module: {my_obj.instantiated_in}")
print(f"Object defined as variable: {my_obj.lhs}") # This will attempt to find 'my_obj'
"""


def run(*arguments: str | Path, cwd: Path, path: Path | None = None) -> str:
    """Run Python with the arguments and return what it prints; nothing may go to standard error."""
    environment = dict(os.environ)
    if path is not None:
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(path), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        [sys.executable, *map(str, arguments)], cwd=cwd, env=environment, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The program at several places, and the specification's example."""
    for name in ("script.py", "plain/script.py", "src/pkg/mod.py", "src/pkg/__main__.py", "src/bare/mod.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROGRAM, tmp_path / name)
    (tmp_path / "src" / "pkg" / "__init__.py").touch()
    (tmp_path / "example.py").write_text(SPECIFICATION)
    (tmp_path / "elsewhere").mkdir()
    return tmp_path


@pytest.mark.parametrize("cwd", [".", "elsewhere"])
def test_the_specifications_example(project: Path, cwd: str) -> None:
    assert run(project / "example.py", cwd=project / cwd) == (
        "Object instantiated in module: example\nObject defined as variable: my_obj\n"
    )


@pytest.mark.parametrize(
    ("arguments", "cwd", "path", "module", "function_module", "file"),
    [
        (["script.py"], ".", None, "script", "script", "script.py"),
        (["-m", "script"], ".", None, "script", "script", "script.py"),
        # An object is named by the path from the working directory, a function by its packages, as in flytekit.
        (["plain/script.py"], ".", None, "plain.script", "script", "plain/script.py"),
        (["../plain/script.py"], "elsewhere", None, "script", "script", "plain/script.py"),
        (["../src/pkg/mod.py"], "elsewhere", None, "pkg.mod", "pkg.mod", "src/pkg/mod.py"),
        (["-m", "pkg.mod"], "src", None, "pkg.mod", "pkg.mod", "src/pkg/mod.py"),
        (["-m", "pkg.mod"], ".", "src", "pkg.mod", "pkg.mod", "src/pkg/mod.py"),
        (["-m", "pkg.mod"], "elsewhere", "src", "pkg.mod", "pkg.mod", "src/pkg/mod.py"),
        (["-m", "pkg"], "src", None, "pkg.__main__", "pkg.__main__", "src/pkg/__main__.py"),
        (["-m", "bare.mod"], "src", None, "bare.mod", "bare.mod", "src/bare/mod.py"),
    ],
)
def test_programs(
    project: Path,
    arguments: list[str],
    cwd: str,
    path: str | None,
    module: str,
    function_module: str,
    file: str,
) -> None:
    source_root = None if path is None else project / path
    facts = json.loads(run(*arguments, cwd=project / cwd, path=source_root))
    full = str(project / file)

    def place(module: str, variable: str) -> dict[str, str]:
        return {"name": f"{module}.{variable}", "module": module, "variable": variable, "file": full}

    assert facts == {
        "module": module,
        "file": str(Path(full).resolve()),
        "while running": "my_obj",
        "lhs": ["my_obj", "made", "first", "first", "task"],
        "location": f"{module}.my_obj",
        "object": place(module, "my_obj"),
        "task": place(function_module, "function"),
        "function": place(function_module, "function"),
        "class": place(function_module, "Thing"),
    }


def test_a_program_under_a_profiler(project: Path) -> None:
    # Before Python 3.12, sys.modules["__main__"] is the profiler there.
    facts = json.loads(run("-m", "cProfile", "-o", "profile", "script.py", cwd=project))
    assert facts["module"] == "script"
    assert facts["lhs"] == ["my_obj", "made", "first", "first", "task"]
    assert facts["object"]["name"] == "script.my_obj"
    assert facts["function"]["name"] == "script.function"


def test_an_executable_archive(project: Path) -> None:
    with zipfile.ZipFile(project / "app.zip", "w") as archive:
        archive.write(PROGRAM, "__main__.py")
    facts = json.loads(run("app.zip", cwd=project))
    assert facts["module"] == facts["object"]["module"] == "__main__"
    assert facts["lhs"] == ["my_obj", "made", "first", "first", "task"]


def test_code_on_the_command_line(project: Path) -> None:
    source = "from script import Thing; x = Thing(); print(x.instantiated_in, x._module_file, x.lhs)"
    assert run("-c", source, cwd=project) == "None None x\n"


def test_a_spawned_child_process(project: Path) -> None:
    (project / "parent.py").write_text(textwrap.dedent("""
        import multiprocessing
        from flytekit.core.tracker import TrackedInstance, extract_task_module

        my_obj = TrackedInstance()

        def work(_):
            return my_obj.lhs, my_obj.location, extract_task_module(work)[0]

        if __name__ == "__main__":
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                print(work(0) == pool.map(work, [0])[0] == ("my_obj", "parent.my_obj", "parent.work"))
                pool.close()
                pool.join()
    """))
    assert run("parent.py", cwd=project) == "True\n"


@pytest.mark.parametrize("options", [["-m", "pytest"], [Path(sys.executable).with_name("pytest")]])
def test_pytest_is_not_where_its_tests_objects_are_made(project: Path, options: list[str | Path]) -> None:
    (project / "test_inner.py").write_text(textwrap.dedent("""
        from flytekit.core.tracker import TrackedInstance, extract_task_module, istestfunction

        my_obj = TrackedInstance()

        def test_objects():
            assert my_obj.instantiated_in == __name__ == "test_inner"
            assert my_obj.lhs == "my_obj"
            assert my_obj.location == "test_inner.my_obj"
            assert TrackedInstance().instantiated_in is None

        def test_functions():
            assert extract_task_module(test_functions)[:2] == ("test_inner.test_functions", "test_inner")
            assert istestfunction(test_functions)
    """))
    assert "2 passed" in run(*options, "-q", "-p", "no:cacheprovider", "test_inner.py", cwd=project)


@pytest.mark.stress
def test_a_million_instances_in_a_program(project: Path) -> None:
    (project / "many.py").write_text(textwrap.dedent("""
        import sys
        from flytekit.core.tracker import TrackedInstance

        before = list(sys.path)
        for _ in range(1_000_000):
            TrackedInstance()
        print(sys.path == before)
    """))
    assert run("many.py", cwd=project) == "True\n"


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """Runs one cell after the other in a Jupyter kernel; gives the text that each one prints."""
    with pytest.MonkeyPatch.context() as patch:  # The user's own Jupyter and IPython folders are left alone.
        for variable in ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR"):
            patch.setenv(variable, str(tmp_path_factory.mktemp("jupyter")))
        manager, client = start_new_kernel(kernel_name="python3")

    def cell(source: str) -> str:
        printed: list[str] = []

        def collect(message: Any) -> None:
            content = message["content"]
            if message["msg_type"] == "stream":
                printed.append(content["text"])
            elif message["msg_type"] == "error":
                pytest.fail("\n".join(content["traceback"]))

        client.execute_interactive(textwrap.dedent(source), timeout=60, output_hook=collect)
        return "".join(printed)

    try:
        yield cell
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


def test_the_specifications_example_in_a_notebook(notebook: Callable[[str], str]) -> None:
    assert notebook(SPECIFICATION) == "Object instantiated in module: None\nObject defined as variable: my_obj\n"


def test_a_notebook(notebook: Callable[[str], str], tmp_path: Path) -> None:
    shutil.copy(PROGRAM, tmp_path / "library.py")
    notebook(f"import sys; sys.path.append({str(tmp_path)!r})")
    notebook("from flytekit.core.tracker import TrackedInstance, extract_task_module; from library import Task, make")
    # The value of a cell's last line is also kept as _ and _3.
    notebook("shown = TrackedInstance()\nshown")
    assert notebook("print(shown.instantiated_in, shown._module_file, shown.lhs, shown.location)") == (
        "None None shown shown\n"
    )
    assert notebook("print(extract_task_module(shown))") == "('shown', '', 'shown', '')\n"
    assert notebook("made = make(); print(made.lhs)") == "made\n"
    assert notebook("async def later(): return TrackedInstance()\nawaited = await later(); print(awaited.lhs)") == (
        "awaited\n"
    )
    printed = notebook(
        "def f(): ...\nname, module, variable, file = extract_task_module(f); print(name, [module], variable)"
    )
    assert printed == "f [''] f\n"
    assert notebook("print(extract_task_module(Task(f)) == extract_task_module(f))") == "True\n"
    assert notebook("import library; print(library.my_obj.location, library.my_obj.lhs)") == "library.my_obj my_obj\n"
    (tmp_path / "example.py").write_text(SPECIFICATION)
    assert notebook(f"import os; os.chdir({str(tmp_path)!r})\n%run example.py") == (
        "Object instantiated in module: example\nObject defined as variable: my_obj\n"
    )

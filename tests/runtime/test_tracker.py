"""flytekit.core.tracker and tracked_abc, inside one process; test_tracker_programs.py has the real programs."""

from __future__ import annotations

import abc
import doctest
import functools
import importlib
import inspect
import logging
import os
import pickle
import runpy
import sys
import sysconfig
import threading
import types
import zipfile
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import pytest

from flytekit.configuration.feature_flags import FeatureFlags
from flytekit.core import tracker
from flytekit.core.tracked_abc import FlyteTrackedABC
from flytekit.core.tracker import (
    InstanceTrackingMeta,
    TrackedInstance,
    _ModuleSanitizer,
    extract_task_module,
    get_full_module_path,
    import_module_from_file,
)
from flytekit.exceptions.system import FlyteSystemException
from flytekit_models import _places

CASES = Path(__file__).parent / "tracker_cases"
DOCS = Path(__file__).parents[2] / "docs" / "utilities"


class Thing(TrackedInstance): ...


def make() -> Thing:
    return Thing()


def function() -> None: ...


here = Thing()
made_here = make()
b_alias = a_alias = Thing()
_hidden = shown = Thing()


@pytest.fixture
def cases(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Any]]:
    """Imports a module of tracker_cases, anew for each test."""
    monkeypatch.syspath_prepend(str(CASES))
    loaded: list[str] = []

    def load(name: str) -> Any:
        loaded.append(name)
        return importlib.import_module(name)

    yield load
    for name in loaded:
        sys.modules.pop(name, None)


@pytest.fixture
def pkl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The working directory is one that tasks were shipped to in pickled form."""
    (tmp_path / "pkl.gz").touch()
    monkeypatch.chdir(tmp_path)


def run_as_main(file: Path | str | None, source: str = "x = make()", spec: str | None = None, **given: Any) -> Any:
    """Run source text as the module of a program, in a namespace of its own, and return the namespace."""
    namespace: dict[str, Any] = {"__name__": "__main__", "Thing": Thing, "make": make, **given}
    if file is not None:
        namespace["__file__"] = str(file)
    if spec is not None:
        namespace["__spec__"] = ModuleSpec(spec, None)
    exec(compile(source, str(file), "exec"), namespace)
    return types.SimpleNamespace(**namespace)


# --- where an object was made --------------------------------------------------------------------------------------


def test_an_object_of_a_pytest_module() -> None:
    assert here.instantiated_in == __name__
    assert here._module_file == Path(__file__).resolve()
    assert here.lhs == here.find_lhs() == "here"
    name, module, variable, file = extract_task_module(here)
    assert (name, variable, file) == (f"{module}.here", "here", os.path.abspath(__file__))
    assert module.endswith("test_tracker")
    assert here.location == name


def test_a_factory_does_not_count_as_the_place() -> None:
    assert made_here.instantiated_in == __name__
    assert made_here.lhs == "made_here"


def test_of_several_variables_the_first_in_the_alphabet_is_taken() -> None:
    assert b_alias.lhs == "a_alias"
    assert shown.lhs == "_hidden"


def test_the_answer_is_kept() -> None:
    thing = Thing()
    globals()["for_a_moment"] = thing
    thing._instantiated_in = __name__
    assert thing.lhs == "for_a_moment"
    del globals()["for_a_moment"]
    assert thing.lhs == thing.find_lhs() == "for_a_moment"


def test_an_object_that_no_variable_holds() -> None:
    thing = Thing()
    thing._instantiated_in = __name__
    with pytest.raises(FlyteSystemException, match=f"no variable of {__name__} .*Thing"):
        _ = thing.lhs


def test_an_object_whose_module_is_gone() -> None:
    thing = Thing()
    thing._instantiated_in = "no_such_module_anywhere"
    with pytest.raises(FlyteSystemException, match="no_such_module_anywhere") as caught:
        thing.find_lhs()
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)


def test_an_object_made_in_a_thread_has_no_module() -> None:
    made: list[Thing] = []
    thread = threading.Thread(target=lambda: made.append(Thing()))
    thread.start()
    thread.join()
    assert made[0].instantiated_in is None
    assert made[0]._module_file is None
    with pytest.raises(FlyteSystemException, match="running program"):
        _ = made[0].lhs
    with pytest.raises(AssertionError):
        extract_task_module(made[0])


def test_an_imported_module(cases: Callable[[str], Any]) -> None:
    module = cases("program")
    file = str(CASES / "program.py")
    assert module.facts() == {
        "module": "program",
        "file": file,
        "while running": "my_obj",
        "lhs": ["my_obj", "made", "first", "first", "task"],
        "location": "program.my_obj",
        "object": {"name": "program.my_obj", "module": "program", "variable": "my_obj", "file": file},
        "task": {"name": "program.function", "module": "program", "variable": "function", "file": file},
        "function": {"name": "program.function", "module": "program", "variable": "function", "file": file},
        "class": {"name": "program.Thing", "module": "program", "variable": "Thing", "file": file},
    }


def test_a_module_that_is_not_loaded_any_more_is_imported_again(cases: Callable[[str], Any]) -> None:
    old = cases("program").my_obj
    del sys.modules["program"]
    old._lhs = None
    with pytest.raises(FlyteSystemException):  # The new module made an object of its own.
        old.find_lhs()
    assert sys.modules["program"].my_obj is not old


def test_globals_that_resent_being_looked_at(cases: Callable[[str], Any]) -> None:
    module = cases("hostile")
    assert module.my_obj.instantiated_in == "hostile"
    assert module.my_obj.lhs == "my_obj"
    assert module.my_obj.location == "hostile.my_obj"
    assert extract_task_module(module.function)[0] == "hostile.function"
    lost = module.Thing()
    lost._instantiated_in = "hostile"
    with pytest.raises(FlyteSystemException):
        lost.find_lhs()


def test_attributes_that_a_module_computes(cases: Callable[[str], Any]) -> None:
    assert cases("computed")._shelf[0].lhs == "on_demand"


def test_something_else_in_the_place_of_a_module(monkeypatch: pytest.MonkeyPatch) -> None:
    class Facade:
        __slots__ = ("inside",)

    facade = Facade()
    facade.inside = thing = Thing()  # type: ignore[attr-defined]
    thing._instantiated_in = "facade_module"
    thing._module_file = None
    monkeypatch.setitem(sys.modules, "facade_module", facade)  # type: ignore[arg-type]
    assert extract_task_module(thing) == ("facade_module.inside", "facade_module", "inside", "")


def test_a_zipped_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tmp_path / "code.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("zipped/__init__.py", "")
        opened.writestr("zipped/program.py", (CASES / "program.py").read_text())
    monkeypatch.syspath_prepend(str(archive))
    module = importlib.import_module("zipped.program")
    file = str(archive / "zipped" / "program.py")
    try:
        facts = module.facts()
    finally:
        for name in ("zipped", "zipped.program"):
            del sys.modules[name]
    assert facts["module"] == "zipped.program"
    assert facts["file"] == file
    assert facts["while running"] == "my_obj"
    assert facts["lhs"] == ["my_obj", "made", "first", "first", "task"]
    assert facts["object"] == {
        "name": "zipped.program.my_obj",
        "module": "zipped.program",
        "variable": "my_obj",
        "file": file,
    }
    assert facts["function"]["name"] == facts["task"]["name"] == "zipped.program.function"


def test_a_module_run_by_a_loader_that_does_not_register_it() -> None:
    source = "x = Thing()\nfound = x.lhs"
    namespace: dict[str, Any] = {"__name__": "unregistered", "__file__": "/somewhere/unregistered.py", "Thing": Thing}
    exec(compile(source, "/somewhere/unregistered.py", "exec"), namespace)
    assert namespace["x"].instantiated_in == "unregistered"
    assert namespace["found"] == "x"


def test_code_without_a_module_name_is_passed_over() -> None:
    frames: list[Any] = []
    exec("frames.append(find())", {"frames": frames, "find": InstanceTrackingMeta._find_instance_module})
    assert frames == [InstanceTrackingMeta._find_instance_module()]


@pytest.mark.parametrize("file", [None, 5, Path("x.py"), "x.py"])
def test_what_a_module_may_say_of_its_file(file: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, Any] = {"__name__": "odd", "__file__": file, "Thing": Thing}
    exec("x = Thing()", namespace)
    expected = None if file in (None, 5) else tmp_path.resolve() / "x.py"
    assert namespace["x"]._module_file == expected


def test_a_relative_file_is_not_taken_for_another_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = []
    for directory in ("one", "two"):
        (tmp_path / directory).mkdir()
        monkeypatch.chdir(tmp_path / directory)
        namespace: dict[str, Any] = {"__name__": "odd", "__file__": "x.py", "Thing": Thing}
        exec("x = Thing()", namespace)
        files.append(namespace["x"]._module_file)
    assert files == [tmp_path.resolve() / "one" / "x.py", tmp_path.resolve() / "two" / "x.py"]


def test_the_file_is_free_of_symbolic_links(tmp_path: Path) -> None:
    (tmp_path / "real.py").touch()
    (tmp_path / "link.py").symlink_to(tmp_path / "real.py")
    namespace: dict[str, Any] = {"__name__": "odd", "__file__": str(tmp_path / "link.py"), "Thing": Thing}
    exec("x = Thing()", namespace)
    assert namespace["x"]._module_file == (tmp_path / "real.py").resolve()


# --- the program's own module ----------------------------------------------------------------------------------------


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a package, a plain directory, and scripts; it is the working directory."""
    for name in ("script.py", "my-script.py", "no_suffix", "plain/script.py", "pkg/__init__.py", "pkg/mod.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("file", "spec", "name"),
    [
        ("script.py", None, "script"),
        ("my-script.py", None, "my-script"),
        ("script.pyc", None, "script"),
        ("plain/script.py", None, "plain.script"),
        ("pkg/mod.py", None, "pkg.mod"),
        ("pkg/mod.py", "pkg.mod", "pkg.mod"),
        ("pkg/__main__.py", "pkg.__main__", "pkg.__main__"),
        ("plain/script.py", "script", "script"),
        ("plain/script.py", "__main__", "plain.script"),
        ("plain/script.py", "__mp_main__", "plain.script"),
        ("v1.2/script.py", None, "script"),
        ("no_suffix", None, None),
        (None, None, None),
    ],
)
def test_the_name_of_a_program(project: Path, file: str | None, spec: str | None, name: str | None) -> None:
    x = run_as_main(None if file is None else project / file, spec=spec).x
    assert x.instantiated_in == name
    assert x._module_file == (None if name is None else project.resolve() / str(file))


def test_the_name_of_a_program_elsewhere(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    os.chdir(tmp_path_factory.mktemp("elsewhere"))  # ``project`` restores the directory.
    assert run_as_main(project / "plain" / "script.py").x.instantiated_in == "script"
    assert run_as_main(project / "pkg" / "mod.py").x.instantiated_in == "pkg.mod"


def test_the_name_of_a_program_when_the_working_directory_is_gone(project: Path, tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    os.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert run_as_main(project / "plain" / "script.py").x.instantiated_in == "script"


@pytest.mark.parametrize(
    ("file", "spec"),
    [
        (Path(sysconfig.get_path("purelib"), "pytest", "__main__.py"), "pytest.__main__"),
        (Path(sysconfig.get_path("stdlib"), "unittest", "__main__.py"), "unittest.__main__"),
        (Path("pytest.exe", "__main__.py"), None),
    ],
)
def test_code_that_an_installed_program_runs_is_not_the_programs(file: Path, spec: str | None, tmp_path: Path) -> None:
    if not file.is_absolute():  # An archive that Python executes.
        (tmp_path / file.parent).touch()
        file = tmp_path / file
    foreign = run_as_main(file, spec=spec).x
    assert (foreign.instantiated_in, foreign._module_file) == (None, None)
    own = run_as_main(file, "x = Thing()", spec=spec).x
    assert own.instantiated_in == spec or own.instantiated_in == "__main__"
    assert own._module_file == file.resolve()


def test_a_program_finds_its_objects_while_it_runs_and_afterwards(project: Path) -> None:
    source = "x = make()\nfound = x.lhs\nlater = Thing()"
    (project / "script.py").write_text("from test_support import Thing, make\n" + source)
    support = types.ModuleType("test_support")
    vars(support).update(Thing=Thing, make=make)
    sys.modules["test_support"] = support
    try:
        namespace = runpy.run_path("script.py", run_name="__main__")
    finally:
        del sys.modules["test_support"]
    assert namespace["found"] == "x"
    main = types.ModuleType("__main__")
    vars(main).update(namespace, __file__=str(project / "script.py"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "__main__", main)
        os.chdir(project / "plain")  # The name no longer follows from the working directory.
        later = namespace["later"]
        assert later.lhs == "later"
        assert extract_task_module(later) == ("script.later", "script", "later", str(project / "script.py"))
    assert "script" not in sys.modules


def test_without_a_file_the_program_still_finds_its_variables() -> None:
    assert run_as_main(None, "x = Thing()\nfound = x.lhs").found == "x"


def test_the_variables_in_which_a_notebook_keeps_results_come_last() -> None:
    assert run_as_main(None, "_ = _3 = x = Thing()\nfound = x.lhs").found == "x"
    assert run_as_main(None, "_ = _3 = Thing()\nfound = _.lhs").found == "_"


def test_another_program_s_variables_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    main = types.ModuleType("__main__")
    vars(main).update(imported_as=made_here)
    monkeypatch.setitem(sys.modules, "__main__", main)
    made_here._lhs = None
    assert made_here.lhs == "made_here"
    lost = Thing()
    lost._instantiated_in, lost._module_file = __name__, None
    vars(main).update(lost=lost)
    with pytest.raises(FlyteSystemException):
        _ = lost.lhs


def test_sys_path_and_sys_modules_stay_as_they_are(project: Path) -> None:
    path, modules = list(sys.path), set(sys.modules)
    run_as_main(project / "script.py", "x = [Thing() for _ in range(100)]")
    assert sys.path == path
    assert set(sys.modules) == modules


def test_a_file_is_resolved_once(project: Path) -> None:
    run_as_main(project / "script.py", "x = Thing()")
    misses = _places.name_of_main.cache_info().misses, _places._resolve_absolute.cache_info().misses
    run_as_main(project / "script.py", "x = [Thing() for _ in range(100)]")
    assert misses == (_places.name_of_main.cache_info().misses, _places._resolve_absolute.cache_info().misses)


@pytest.mark.stress
def test_a_million_instances(project: Path) -> None:
    path = list(sys.path)
    run_as_main(project / "script.py", "for _ in range(1_000_000): Thing()")
    assert sys.path == path


def test_the_module_of_a_program_is_made_without_running_it(project: Path) -> None:
    (project / "script.py").write_text("raise SystemExit('it ran')")
    module = InstanceTrackingMeta._get_module_from_main({"__file__": str(project / "script.py")})
    assert module is not None
    assert (module.__name__, module.__file__) == ("script", str(project / "script.py"))
    assert InstanceTrackingMeta._get_module_from_main({}) is None


# --- classes ---------------------------------------------------------------------------------------------------------


def test_construction_is_cooperative() -> None:
    class Base:
        def __init__(self, number: int, *, word: str) -> None:
            self.given = (number, word)

    class Both(TrackedInstance, Base): ...

    assert Both(1, word="x").given == (1, "x")
    with pytest.raises(TypeError):
        Thing("too", "many")


def test_a_constructor_that_never_calls_ours() -> None:
    class Own(TrackedInstance):
        def __init__(self) -> None:
            self.during = (self.instantiated_in, self._module_file, self._lhs)

    assert Own().during == (None, None, None)
    assert run_as_main(None, "x = Own()\nfound = x.lhs", Own=Own).found == "x"


def test_abstract_classes() -> None:
    class Shape(TrackedInstance, abc.ABC, metaclass=FlyteTrackedABC):
        @abc.abstractmethod
        def area(self) -> float: ...

    class Square(Shape):
        def area(self) -> float:
            return 1.0

    with pytest.raises(TypeError, match="abstract"):
        Shape()
    found = run_as_main(None, "x = Square()\nfound = x.lhs", Square=Square)
    assert found.found == "x"
    assert found.x.area() == 1.0
    assert issubclass(FlyteTrackedABC, abc.ABCMeta)
    assert FlyteTrackedABC.__mro__[1:3] == (InstanceTrackingMeta, abc.ABCMeta)
    Shape.register(int)
    assert isinstance(3, Shape)


def test_tracked_objects_can_be_pickled() -> None:
    copied = pickle.loads(pickle.dumps(here))
    assert (copied.instantiated_in, copied._module_file) == (__name__, here._module_file)


# --- functions -------------------------------------------------------------------------------------------------------


def decorate(wrapped: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(wrapped)
    def wrapper(*args: Any) -> Any:
        return wrapped(*args)

    return wrapper


decorated = decorate(function)


def enclose() -> tuple[Callable[..., Any], Callable[..., Any]]:
    def inner() -> None: ...

    @decorate
    def decorated_inner() -> None: ...

    return inner, decorated_inner


@pytest.mark.parametrize(
    ("candidate", "nested", "wrapped"),
    [
        (function, False, False),
        (decorated, True, True),
        (enclose()[0], True, False),
        (enclose()[1], True, False),
        (lambda: None, False, False),
        (len, False, False),
        (Thing, False, False),
        (Thing.find_lhs, False, False),
        (here.find_lhs, False, False),
        (functools.partial(function), False, False),
    ],
)
def test_nested_and_wrapped_functions(candidate: Any, nested: bool, wrapped: bool) -> None:
    assert tracker.isnested(candidate) is nested
    assert tracker.is_functools_wrapped_module_level(candidate) is wrapped


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("test_x", True),
        ("a.b.test_x", True),
        ("x_test", True),
        ("test_a.x", False),
        ("x", False),
        ("tests", False),
        ("contest", False),
    ],
)
def test_functions_of_test_modules(module: str, expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def candidate() -> None: ...

    candidate.__module__ = module
    monkeypatch.setitem(sys.modules, module, types.ModuleType(module))
    assert tracker.istestfunction(candidate) is expected


def test_without_a_module_it_is_no_test() -> None:
    assert tracker.istestfunction(eval("lambda: 0", {"__name__": "nowhere"})) is False


def unloaded() -> Callable[..., Any]:
    def candidate() -> None: ...

    candidate.__module__ = "not_loaded"
    return candidate


def test_a_function_whose_module_is_not_loaded() -> None:
    with pytest.raises(AssertionError, match="not_loaded"):
        extract_task_module(unloaded())


@pytest.mark.usefixtures("pkl")
def test_shipped_functions_have_no_module() -> None:
    assert extract_task_module(unloaded()) == ("not_loaded.candidate", "not_loaded", "candidate", "")
    thing = Thing()
    thing._lhs, thing._instantiated_in = "thing", None
    assert extract_task_module(thing) == ("thing", "", "thing", "")
    assert thing.location == "thing"


def test_a_qualified_name_is_cut_to_its_last_part() -> None:
    def candidate() -> None: ...

    candidate.__name__ = "a.b.c"
    assert tracker._task_module_from_callable(candidate) == (sys.modules[__name__], __name__, "c")


def test_an_object_s_task_function_speaks_for_it() -> None:
    class Task(TrackedInstance):
        task_function = staticmethod(len)

    with pytest.raises(TypeError):
        extract_task_module(Task())  # Built in, so there is no file.
    Task.task_function = staticmethod(function)
    assert extract_task_module(Task()) == extract_task_module(function)


@pytest.fixture
def main(project: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Run source text as the real ``__main__`` of this process until the test is over."""

    def run(file: str, source: str, spec: str | None = None) -> Any:
        (project / file).write_text(source)
        module = types.ModuleType("__main__")
        module.__file__ = str(project / file)
        module.__spec__ = None if spec is None else ModuleSpec(spec, None)
        monkeypatch.setitem(sys.modules, "__main__", module)
        vars(module).update(decorate=decorate, Thing=Thing)
        exec(compile(source, module.__file__, "exec"), vars(module))
        return module

    return run


@pytest.mark.parametrize(
    ("file", "spec", "root", "expected"),
    [
        ("script.py", None, "auto", "script"),
        ("plain/script.py", None, "auto", "script"),
        ("plain/script.py", "plain.script", "auto", "plain.script"),
        ("pkg/mod.py", None, "auto", "pkg.mod"),
        ("pkg/mod.py", "pkg.mod", "auto", "pkg.mod"),
        ("pkg/mod.py", None, ".", "mod"),
        ("pkg/mod.py", "pkg.mod", ".", "pkg.mod"),
        ("pkg/mod.py", "pkg.mod", "pkg", "mod"),
        ("pkg/mod.py", "pkg.mod", "pkg/", "mod"),
        ("pkg/mod.py", "__main__", "auto", "pkg.mod"),
    ],
)
def test_a_function_of_the_program(
    main: Callable[..., Any],
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    file: str,
    spec: str | None,
    root: str,
    expected: str,
) -> None:
    monkeypatch.setattr(FeatureFlags, "FLYTE_PYTHON_PACKAGE_ROOT", root)
    module = main(file, "def f(): ...\n@decorate\ndef g(): ...", spec)
    assert extract_task_module(module.f) == (f"{expected}.f", expected, "f", str(project / file))
    assert extract_task_module(module.g) == (f"{expected}.g", expected, "g", str(project / file))


def test_a_program_is_not_run_again_for_an_object_without_a_variable(
    main: Callable[..., Any], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(project))
    module = main("script.py", "import sys\nsys.runs = getattr(sys, 'runs', 0) + 1\nheld = [Thing()]")
    try:
        assert module.held[0].instantiated_in == "script"
        with pytest.raises(FlyteSystemException, match="no variable of script"):
            module.held[0].find_lhs()
        assert sys.runs == 1  # type: ignore[attr-defined]
    finally:
        del sys.runs  # type: ignore[attr-defined]
    assert "script" not in sys.modules


def test_a_function_of_another_program_keeps_its_own_file(main: Callable[..., Any], project: Path) -> None:
    shipped = main("script.py", "def f(): ...").f
    main("pkg/mod.py", "", "pkg.mod")
    assert extract_task_module(shipped) == ("script.f", "script", "f", str(project / "script.py"))


def test_a_function_of_a_shipped_program(main: Callable[..., Any], project: Path) -> None:
    (project / "pkl.gz").touch()
    assert extract_task_module(main("script.py", "def f(): ...").f) == ("f", "", "f", str(project / "script.py"))


def test_the_name_of_the_pickle_is_flytekits_to_choose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    container = types.ModuleType("flytekit.core.python_auto_container")
    container.PICKLE_FILE_PATH = "shipped.gz"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, container.__name__, container)
    (tmp_path / "pkl.gz").touch()
    assert not tracker.is_ipython_or_pickle_exists()
    (tmp_path / "shipped.gz").touch()
    assert tracker.is_ipython_or_pickle_exists()


@pytest.mark.parametrize(("shell", "expected"), [(None, False), (object(), True)])
def test_ipython_is_asked_only_where_it_is_loaded(
    shell: object, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    assert tracker.ipython_check() is False
    assert "IPython" not in sys.modules
    ipython = types.ModuleType("IPython")
    ipython.get_ipython = lambda: shell  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    assert tracker.ipython_check() is expected


# --- module names ----------------------------------------------------------------------------------------------------


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for file in ("root/top/__init__.py", "root/top/sub/__init__.py", "root/top/sub/mod.py", "root/top/bare/mod.py"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    return tmp_path / "root"


@pytest.mark.parametrize(
    ("path", "package_root", "name"),
    [
        ("top/sub/mod.py", None, "top.sub.mod"),
        ("top/sub/mod.pyc", None, "top.sub.mod"),
        ("top/sub/not_there.py", None, "top.sub.not_there"),
        ("top/sub/__init__.py", None, "top.sub.__init__"),
        ("top/sub", None, "top.sub"),
        ("top/bare/mod.py", None, "mod"),
        ("top/sub/mod.py", ".", "top.sub.mod"),
        ("top/sub/mod.py", "top", "sub.mod"),
        ("top/sub/mod.py", "top/", "sub.mod"),
        ("top/sub/mod.py", "top/sub/../../top", "sub.mod"),
        ("top/sub/mod.py", "top/sub", "mod"),
        ("top/sub/mod.py", "top/bare", "top.sub.mod"),
        ("missing/directory/mod.py", None, "mod"),
        ("top/missing/mod.py", "top", "mod"),
    ],
)
def test_module_names(tree: Path, path: str, package_root: str | None, name: str, monkeypatch: Any) -> None:
    sanitizer = _ModuleSanitizer()
    root = None if package_root is None else f"{tree}/{package_root}"
    assert sanitizer.get_absolute_module_name(f"{tree}/{path}", root) == name
    assert sanitizer._resolve_abs_module_name(f"{tree}/{path}", root) == name
    monkeypatch.chdir(tree)
    assert sanitizer.get_absolute_module_name(path, package_root) == name


def test_one_sanitizer_answers_for_several_roots(tree: Path) -> None:
    sanitizer, file = _ModuleSanitizer(), str(tree / "top" / "sub" / "mod.py")
    assert sanitizer.get_absolute_module_name(file) == "top.sub.mod"
    assert sanitizer.get_absolute_module_name(file, str(tree / "top")) == "sub.mod"
    assert sanitizer.get_absolute_module_name(file, str(tree / "top" / "sub")) == "mod"
    (tree / "top" / "__init__.py").unlink()
    assert sanitizer.get_absolute_module_name(file) == "sub.mod"


def test_a_package_root_behind_a_symbolic_link(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tree / "top")
    sanitizer = _ModuleSanitizer()
    assert sanitizer.get_absolute_module_name(str(tree / "top" / "sub" / "mod.py"), str(tmp_path / "link")) == "sub.mod"
    assert sanitizer.get_absolute_module_name(str(tmp_path / "link" / "sub" / "mod.py"), str(tree / "top")) == "sub.mod"


def test_an_unreadable_directory(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The super-user may list any directory, so the refusal is acted.
    monkeypatch.setattr(os, "listdir", lambda *_: pytest.fail("nothing needs to be listed"))
    assert _ModuleSanitizer().get_absolute_module_name(str(tree / "top" / "sub" / "mod.py")) == "top.sub.mod"


def test_packages_all_the_way_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "isdir", lambda _: True)
    monkeypatch.setattr(os.path, "isfile", lambda _: True)
    assert _ModuleSanitizer().get_absolute_module_name("/a/b/c.py") == "a.b.c"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("flat.py", "flat"),
        ("top/mod.py", "top.mod"),
        ("top/sub/mod.py", "top.sub.mod"),
        ("bare/mod.py", "mod"),
        ("missing/mod.py", "mod"),
    ],
)
def test_module_names_in_a_zip_archive(tmp_path: Path, path: str, name: str) -> None:
    archive = tmp_path / "pack" / "code.zip"
    archive.parent.mkdir()
    (archive.parent / "__init__.py").touch()  # The archive is a root, whatever lies around it.
    with zipfile.ZipFile(archive, "w") as opened:
        for member in ("__init__.py", "flat.py", "top/__init__.py", "top/mod.py", "top/sub/__init__.pyc"):
            opened.writestr(member, "")
        opened.writestr("bare/mod.py", "")
    assert _ModuleSanitizer().get_absolute_module_name(str(archive / path)) == name


def test_module_names_in_what_only_looks_like_an_archive(tmp_path: Path) -> None:
    (tmp_path / "code.zip").write_bytes(b"not an archive")
    assert _ModuleSanitizer().get_absolute_module_name(str(tmp_path / "code.zip" / "pkg" / "mod.py")) == "mod"


@pytest.mark.parametrize(
    ("root", "given", "expected"),
    [
        ("auto", "mod", "top.sub.mod"),
        ("auto", "a.much.longer.mod", "a.much.longer.mod"),
        (".", "mod", "mod"),
        ("{tree}/top", "mod", "sub.mod"),
    ],
)
def test_the_package_root_flag(
    tree: Path, monkeypatch: pytest.MonkeyPatch, root: str, given: str, expected: str
) -> None:
    monkeypatch.setattr(FeatureFlags, "FLYTE_PYTHON_PACKAGE_ROOT", root.format(tree=tree))
    module = import_module_from_file("mod", tree / "top" / "sub" / "mod.py")
    assert get_full_module_path(module, given) == expected


# --- modules from files ----------------------------------------------------------------------------------------------


def test_a_module_from_a_file_is_not_run(tmp_path: Path) -> None:
    file = tmp_path / "explosive.py"
    file.write_text("raise SystemExit")
    module = import_module_from_file("some.name", str(file))
    assert (module.__name__, module.__file__) == ("some.name", str(file))
    assert "some.name" not in sys.modules
    assert import_module_from_file("x", str(tmp_path / "not_there.py")).__name__ == "x"


@pytest.mark.parametrize("file", ["text.txt", "no_suffix", 5])
def test_a_file_that_holds_no_module(file: Any) -> None:
    with pytest.raises(ModuleNotFoundError, match=str(file)):
        import_module_from_file("x", file)


# --- the surface -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("import_module_from_file", ["module_name", "file"]),
        ("isnested", ["func"]),
        ("is_functools_wrapped_module_level", ["func"]),
        ("istestfunction", ["func"]),
        ("is_ipython_or_pickle_exists", []),
        ("ipython_check", []),
        ("extract_task_module", ["f"]),
        ("_task_module_from_callable", ["f"]),
        ("get_full_module_path", ["mod", "mod_name"]),
        ("InstanceTrackingMeta._get_module_from_main", ["globals"]),
        ("InstanceTrackingMeta._find_instance_module", []),
        ("InstanceTrackingMeta.__call__", ["cls", "args", "kwargs"]),
        ("TrackedInstance.__init__", ["self", "args", "kwargs"]),
        ("TrackedInstance.find_lhs", ["self"]),
        ("_ModuleSanitizer._resolve_abs_module_name", ["self", "path", "package_root"]),
        ("_ModuleSanitizer.get_absolute_module_name", ["self", "path", "package_root"]),
    ],
)
def test_parameters_are_named_as_in_flytekit(name: str, parameters: list[str]) -> None:
    target = functools.reduce(getattr, name.split("."), tracker)
    assert list(inspect.signature(target).parameters) == parameters  # type: ignore[arg-type]


def test_the_shared_sanitizer() -> None:
    assert isinstance(tracker._mod_sanitizer, _ModuleSanitizer)


def test_nothing_is_said_where_nothing_is_wrong(cases: Callable[[str], Any], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert cases("computed")._shelf[0].lhs == "on_demand"
    assert caplog.records == []


def test_the_documented_example_runs() -> None:
    result = doctest.testfile(str(DOCS / "tracker.md"), module_relative=False)
    assert result.attempted > 0
    assert result.failed == 0

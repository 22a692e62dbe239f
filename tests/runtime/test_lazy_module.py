"""Modules that are loaded on first use, and stand-ins for those that are not installed."""

from __future__ import annotations

import doctest
import importlib
import importlib.util
import inspect
import pickle
import sys
import threading
import types
import unittest.mock
import zipfile
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import pytest

from flytekit.lazy_import.lazy_module import _LazyModule, is_imported, lazy_module

COUNTED = """
import builtins
builtins.loads_of_{name} = getattr(builtins, "loads_of_{name}", 0) + 1
import time
time.sleep({seconds})
value = 42
def where():
    return __name__
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the path, whose modules are forgotten afterwards."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def write(folder: Path, name: str, source: str) -> None:
    path = folder / f"{name}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source)
    importlib.invalidate_caches()


def test_the_names_and_signatures_are_flytekits() -> None:
    assert list(inspect.signature(lazy_module).parameters) == ["fullname"]
    assert list(inspect.signature(is_imported).parameters) == ["module_name"]
    assert list(inspect.signature(_LazyModule).parameters) == ["module_name"]
    assert issubclass(_LazyModule, types.ModuleType)
    assert object.__getattribute__(_LazyModule("x.y"), "_module_name") == "x.y"


def test_a_loaded_module_is_given_as_it_is() -> None:
    assert lazy_module("json") is sys.modules["json"]
    assert is_imported("json")


def test_an_installed_module_is_loaded_on_first_use(folder: Path) -> None:
    write(folder, "put_off", COUNTED.format(name="put_off", seconds=0))
    module: Any = lazy_module("put_off")
    assert lazy_module("put_off") is module
    # Whoever looks through these uses what they find.
    assert "put_off" not in sys.modules
    assert not is_imported("put_off")
    assert isinstance(module, types.ModuleType)
    assert module.value == 42
    assert is_imported("put_off")
    assert sys.modules["put_off"] is module
    assert type(module) is types.ModuleType
    assert module.where() == "put_off"
    assert importlib.import_module("put_off") is module


def test_an_import_statement_gives_the_same_module(folder: Path) -> None:
    write(folder, "imported_later", "value = 1")
    module: Any = lazy_module("imported_later")
    assert importlib.import_module("imported_later") is module
    assert module.value == 1


def test_setting_or_deleting_an_attribute_is_a_use(folder: Path) -> None:
    write(folder, "patched", "value = 1\nother = 2")
    module: Any = lazy_module("patched")
    module.value = 5
    assert (module.value, module.other) == (5, 2)
    write(folder, "pruned", "value = 1\nother = 2")
    pruned: Any = lazy_module("pruned")
    del pruned.value
    assert not hasattr(pruned, "value")
    assert pruned.other == 2


@pytest.mark.parametrize("name", ["surely_missing", "surely_missing.sub", "json.surely_missing", "sys.sub"])
def test_a_missing_module_says_so_on_any_use(name: str) -> None:
    module: Any = lazy_module(name)
    assert isinstance(module, _LazyModule)
    assert not is_imported(name)
    for use in (
        lambda: module.anything,
        lambda: module.anything(),
        lambda: module.__version__,
        lambda: setattr(module, "x", 1),
        lambda: getattr(module, "x", "a default"),
        lambda: delattr(module, "x"),
    ):
        with pytest.raises(ImportError, match=name) as caught:
            use()
        assert caught.value.name == name


def test_a_submodule_is_bound_to_its_package(folder: Path) -> None:
    write(folder, "outer/__init__", "")
    write(folder, "outer/inner", "value = 7")
    module: Any = lazy_module("outer.inner")
    assert sys.modules["outer"].inner is module
    assert module.value == 7


def test_a_namespace_package(folder: Path) -> None:
    write(folder, "portion/part", "value = 3")
    module: Any = lazy_module("portion")
    assert not is_imported("portion")
    assert list(module.__path__)
    assert is_imported("portion")
    assert type(module.__spec__.loader).__name__ in ("NamespaceLoader", "_NamespaceLoader")
    assert lazy_module("portion.part").value == 3


def test_a_module_in_a_zip(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = folder / "archive.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("zipped_module.py", "value = 9")
    monkeypatch.syspath_prepend(str(archive))
    assert lazy_module("zipped_module").value == 9


class OldLoader:
    """A loader of the kind that has load_module and nothing newer."""

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def load_module(self, name: str) -> types.ModuleType:
        module = types.ModuleType(name)
        module.value = 11  # type: ignore[attr-defined]
        sys.modules[name] = module
        return module


class OwnTypeLoader:
    """A loader whose modules are of a type of its own."""

    class OwnModule(types.ModuleType):
        value = 12

    def create_module(self, spec: ModuleSpec) -> types.ModuleType:
        return self.OwnModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        pass


class PlainLoader:
    """A loader that leaves the module to others to make, and has methods of its own."""

    loads = 0

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        self.loads += 1
        module.value = 13  # type: ignore[attr-defined]

    def get_data(self, path: str) -> bytes:
        return path.encode()


class Finder:
    def __init__(self, name: str, loader: Any) -> None:
        self.name = name
        self.loader = loader

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        return ModuleSpec(name, self.loader) if name == self.name else None


@pytest.mark.filterwarnings("ignore::ImportWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("loader", "value"), [(OldLoader(), 11), (OwnTypeLoader(), 12), (PlainLoader(), 13)])
def test_loaders_of_other_kinds(loader: Any, value: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder("from_elsewhere", loader)])
    module: Any = lazy_module("from_elsewhere")
    assert not is_imported("from_elsewhere")
    assert module.value == value
    assert is_imported("from_elsewhere")
    loaded: Any = importlib.import_module("from_elsewhere")
    assert loaded.value == value
    # The same to whoever holds either.
    module.added = 1
    assert loaded.added == 1
    del module.added
    assert not hasattr(loaded, "added")
    assert loaded.__loader__ is loaded.__spec__.loader is loader
    assert "from_elsewhere" in repr(module)


def test_a_loaders_own_methods_are_there_before_it_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    loader = PlainLoader()
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder("with_data", loader)])
    module = lazy_module("with_data")
    spec = importlib.util.find_spec("with_data")
    assert spec is not None
    assert spec.loader.get_data("x") == b"x"  # type: ignore[union-attr]
    assert loader.loads == 0
    assert module.value == 13
    assert loader.loads == 1


def test_a_finder_ahead_of_all_others(monkeypatch: pytest.MonkeyPatch) -> None:
    module: Any = lazy_module("wave")
    try:
        monkeypatch.setattr(sys, "meta_path", [Finder("wave", PlainLoader()), *sys.meta_path])
        assert module.value == 13
        assert sys.modules["wave"].value == 13
    finally:
        sys.modules.pop("wave", None)


def test_a_module_that_puts_something_else_in_its_place(folder: Path) -> None:
    source = "import sys\nclass Other:\n    answer = 42\nsys.modules[__name__] = Other()\n"
    write(folder, "replaced", source)
    module: Any = lazy_module("replaced")
    assert module.answer == 42
    assert is_imported("replaced")
    write(folder, "replaced_too", source)
    module = lazy_module("replaced_too")
    assert importlib.import_module("replaced_too").answer == 42
    assert module.answer == 42


def test_a_module_that_makes_its_attributes(folder: Path) -> None:
    write(folder, "makes", "def __getattr__(name):\n    return name.upper()")
    module: Any = lazy_module("makes")
    assert module.anything == "ANYTHING"


def test_a_module_of_python_itself_that_is_built_in() -> None:
    name = next(name for name in sys.builtin_module_names if name not in sys.modules and name != "xxsubtype")
    module = lazy_module(name)
    assert not is_imported(name)
    assert "__doc__" in dir(module)
    assert is_imported(name)


def test_pythons_own_lazy_modules_are_not_imported_either(folder: Path) -> None:
    write(folder, "pythons", "value = 1")
    spec = importlib.util.find_spec("pythons")
    assert spec is not None and spec.loader is not None
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module: Any = importlib.util.module_from_spec(spec)
    sys.modules["pythons"] = module
    assert spec.loader is not None
    spec.loader.exec_module(module)
    assert not is_imported("pythons")
    assert module.value == 1
    assert is_imported("pythons")


def test_what_is_already_there_under_the_name_of_a_submodule_stays_until_it_is_loaded(folder: Path) -> None:
    write(folder, "busy/__init__", "inner = 'a value'")
    write(folder, "busy/inner", "value = 7")
    module: Any = lazy_module("busy.inner")
    busy: Any = sys.modules["busy"]
    assert busy.inner == "a value"
    assert module.value == 7
    assert busy.inner is module


def test_why_a_module_cannot_be_had(folder: Path) -> None:
    write(folder, "broken/__init__", "import surely_missing")
    write(folder, "broken/inner", "")
    module: Any = lazy_module("broken.inner")
    with pytest.raises(ImportError, match=r"broken\.inner") as caught:
        _ = module.anything
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)
    assert caught.value.__cause__.name == "surely_missing"


def test_an_empty_name_is_refused() -> None:
    with pytest.raises(ValueError, match=r"[Ee]mpty"):
        lazy_module("")


def test_a_module_that_fails_to_load_can_be_tried_again(folder: Path) -> None:
    write(folder, "flaky", "import builtins\npartly = 1\nif not hasattr(builtins, 'mended'): raise OSError('broken')")
    module: Any = lazy_module("flaky")
    with pytest.raises(OSError, match="broken"):
        _ = module.partly
    assert not is_imported("flaky")
    with pytest.raises(OSError, match="broken"):
        importlib.import_module("flaky")
    assert lazy_module("flaky") is module
    import builtins

    builtins.mended = True  # type: ignore[attr-defined]
    try:
        assert module.partly == 1
        assert is_imported("flaky")
    finally:
        del builtins.mended  # type: ignore[attr-defined]


def test_a_module_may_look_at_itself_while_it_is_loaded(folder: Path) -> None:
    write(
        folder,
        "looks",
        "import sys\nname = sys.modules[__name__].__name__\nhas = hasattr(sys.modules[__name__], 'name')",
    )
    module: Any = lazy_module("looks")
    assert (module.name, module.has) == ("looks", True)


def test_two_threads_load_a_module_once(folder: Path) -> None:
    import builtins

    write(folder, "shared", COUNTED.format(name="shared", seconds=0.2))
    module: Any = lazy_module("shared")
    barrier, seen = threading.Barrier(8), []

    def touch() -> None:
        barrier.wait()
        seen.append(module.value)

    threads = [threading.Thread(target=touch) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert seen == [42] * 8
    assert builtins.loads_of_shared == 1  # type: ignore[attr-defined]


def in_threads(*calls: Callable[[], object]) -> list[str]:
    """Make the calls at the same time, and give the texts of what they raised."""
    barrier, errors = threading.Barrier(len(calls)), []

    def run(call: Callable[[], object]) -> None:
        barrier.wait()
        try:
            call()
        except Exception as error:
            errors.append(str(error))

    threads = [threading.Thread(target=run, args=(call,), daemon=True) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
    return errors


def test_a_module_that_fails_while_two_threads_wait_for_it(folder: Path) -> None:
    write(folder, "fails_slowly", "import time\ntime.sleep(0.2)\nraise OSError('broken')")
    module: Any = lazy_module("fails_slowly")
    assert in_threads(*[lambda: module.value] * 3) == ["broken"] * 3


def test_a_use_and_an_import_at_once_load_it_once(folder: Path) -> None:
    import builtins

    write(folder, "both_ways", COUNTED.format(name="both_ways", seconds=0.2))
    module: Any = lazy_module("both_ways")

    def import_and_use() -> None:
        from both_ways import value  # type: ignore[import-not-found]

        assert value == 42

    assert in_threads(lambda: module.value, import_and_use, lambda: module.where()) == []
    assert builtins.loads_of_both_ways == 1  # type: ignore[attr-defined]


def test_threads_that_import_each_others_modules_do_not_block_each_other(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One holds the lazy module and wants the other; the other is being imported and uses a lazy module."""
    write(folder, "wants_other", "import time\ntime.sleep(0.1)\nimport uses_lazy\nvalue = 1")
    write(folder, "uses_lazy", "import time, lazies\ntime.sleep(0.3)\nvalue = lazies.plain.value")
    write(folder, "plain_one", "value = 2")
    lazies: Any = types.ModuleType("lazies")
    monkeypatch.setitem(sys.modules, "lazies", lazies)
    lazies.plain = lazy_module("plain_one")
    lazies.wanting = lazy_module("wants_other")
    assert in_threads(lambda: lazies.wanting.value, lambda: importlib.import_module("uses_lazy")) == []


def test_a_circle_of_two_threads_is_given_what_there_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each loads a lazy module whose code uses the other one: as with imports, one of them sees half a module."""
    for mine, other in (("first", "second"), ("second", "first")):
        source = f"import time, lazies\nearly = 1\ntime.sleep(0.2)\nseen = lazies.{other}.early"
        write(folder, f"{mine}_of_circle", source)
    lazies: Any = types.ModuleType("lazies")
    monkeypatch.setitem(sys.modules, "lazies", lazies)
    lazies.first, lazies.second = lazy_module("first_of_circle"), lazy_module("second_of_circle")
    assert in_threads(lambda: lazies.first.seen, lambda: lazies.second.seen) == []
    assert (lazies.first.seen, lazies.second.seen) == (1, 1)


def test_modules_that_are_put_back_forget_it_as_any_other(folder: Path) -> None:
    """Whoever puts ``sys.modules`` back as they were takes out what was loaded since, in whatever way."""
    write(folder, "put_back", COUNTED.format(name="put_back", seconds=0))
    module: Any = lazy_module("put_back")
    with unittest.mock.patch.dict(sys.modules):
        assert module.value == 42
    assert not is_imported("put_back")
    assert module.value == 42
    again: Any = lazy_module("put_back")
    assert again.value == 42
    assert again is sys.modules["put_back"] is not module


def test_a_module_imported_while_it_is_looked_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, "overtaken", "value = 1")

    class Overtaking:
        def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
            if name == "overtaken" and name not in sys.modules:
                sys.modules[name] = types.ModuleType(name)
                sys.modules[name].value = 2  # type: ignore[attr-defined]

    monkeypatch.setattr(sys, "meta_path", [Overtaking(), *sys.meta_path])
    module: Any = lazy_module("overtaken")
    assert module is sys.modules["overtaken"]
    assert module.value == 2


def test_looking_through_all_modules_loads_none(folder: Path) -> None:
    write(folder, "overlooked", "raise OSError('must not be loaded')")
    module = lazy_module("overlooked")
    assert "overlooked" in repr(module)
    assert inspect.getmodule(test_looking_through_all_modules_loads_none) is not module
    for each in list(sys.modules.values()):
        hasattr(each, "__file__")
    found = importlib.util.find_spec("overlooked")
    assert found is not None and module.__spec__ is not None and found.origin == module.__spec__.origin
    assert "overlooked" not in sys.modules
    assert not is_imported("overlooked")


def test_two_threads_ask_for_a_module_at_once(folder: Path) -> None:
    write(folder, "asked_for", "value = 1")
    barrier, seen = threading.Barrier(8), []

    def ask() -> None:
        barrier.wait()
        seen.append(lazy_module("asked_for"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(seen) == 8
    assert all(module is seen[0] for module in seen)


def test_tools_survive_a_module_that_holds_one() -> None:
    holder = types.ModuleType("holder", ">>> 1 + 1\n2\n")
    holder.missing = lazy_module("surely_missing")  # type: ignore[attr-defined]
    sys.modules["holder"] = holder
    try:
        assert doctest.testmod(holder) == (0, 1)
        assert inspect.getmodule(test_tools_survive_a_module_that_holds_one) is not holder
        inspect.getmembers(holder)
    finally:
        del sys.modules["holder"]


def test_getmodule_survives_one_among_the_modules() -> None:
    sys.modules["surely_missing"] = lazy_module("surely_missing")
    try:
        assert not is_imported("surely_missing")
        assert inspect.getmodule(inspect.getmodule) is inspect
    finally:
        del sys.modules["surely_missing"]


def test_it_is_shown_and_pickled() -> None:
    module = lazy_module("surely_missing")
    assert "surely_missing" in repr(module)
    assert dir(module) == []
    loaded = pickle.loads(pickle.dumps(module))
    assert isinstance(loaded, _LazyModule)
    assert repr(loaded) == repr(module)


def test_a_module_not_loaded_yet_is_pickled_without_loading_it(folder: Path) -> None:
    write(folder, "pickled", "value = 1")
    module = lazy_module("pickled")
    assert pickle.loads(pickle.dumps(module)) is module
    assert not is_imported("pickled")


def test_a_module_that_was_blocked_counts_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "blocked", None)
    assert isinstance(lazy_module("blocked"), _LazyModule)
    assert not is_imported("blocked")


def test_the_specifications_example_runs_as_written(capsys: pytest.CaptureFixture[str]) -> None:
    source = (Path(__file__).parents[1] / "data" / "spec" / "lazy_module.py").read_text()
    exec(compile(source, "lazy_module.py", "exec"), {})
    printed = capsys.readouterr().out
    assert printed.startswith("Caught expected ImportError: ")
    assert "my_optional_dependency" in printed


def test_the_documentations_examples() -> None:
    docs = Path(__file__).parents[2] / "docs" / "utilities" / "lazy_module.md"
    result = doctest.testfile(str(docs), module_relative=False)
    assert result.attempted > 0
    assert result.failed == 0

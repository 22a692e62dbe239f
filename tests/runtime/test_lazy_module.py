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
import zipfile
from collections.abc import Iterator
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


def test_a_loaded_module_is_given_as_it_is() -> None:
    assert lazy_module("json") is sys.modules["json"]
    assert is_imported("json")


def test_an_installed_module_is_loaded_on_first_use(folder: Path) -> None:
    write(folder, "put_off", COUNTED.format(name="put_off", seconds=0))
    module: Any = lazy_module("put_off")
    assert lazy_module("put_off") is module is sys.modules["put_off"]
    assert not is_imported("put_off")
    assert isinstance(module, types.ModuleType)
    assert module.value == 42
    assert is_imported("put_off")
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
    ):
        with pytest.raises(ImportError, match=name) as caught:
            use()
        assert caught.value.name == name


def test_a_submodule_is_bound_to_its_package(folder: Path) -> None:
    write(folder, "outer/__init__", "")
    write(folder, "outer/inner", "value = 7")
    module: Any = lazy_module("outer.inner")
    assert sys.modules["outer"].inner is module  # type: ignore[attr-defined]
    assert module.value == 7


def test_a_namespace_package(folder: Path) -> None:
    write(folder, "portion/part", "value = 3")
    module: Any = lazy_module("portion")
    assert is_imported("portion")
    assert list(module.__path__)
    assert lazy_module("portion.part").value == 3  # type: ignore[attr-defined]


def test_a_module_in_a_zip(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = folder / "archive.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("zipped_module.py", "value = 9")
    monkeypatch.syspath_prepend(str(archive))
    assert lazy_module("zipped_module").value == 9  # type: ignore[attr-defined]


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


class Finder:
    def __init__(self, name: str, loader: Any) -> None:
        self.name = name
        self.loader = loader

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        return ModuleSpec(name, self.loader, origin="somewhere") if name == self.name else None


@pytest.mark.filterwarnings("ignore::ImportWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("loader", "value"), [(OldLoader(), 11), (OwnTypeLoader(), 12)])
def test_loaders_of_other_kinds(loader: Any, value: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", [Finder("from_elsewhere", loader), *sys.meta_path])
    if sys.version_info >= (3, 15) and isinstance(loader, OldLoader):
        return
    assert lazy_module("from_elsewhere").value == value  # type: ignore[attr-defined]


def test_a_module_that_fails_to_load_can_be_tried_again(folder: Path) -> None:
    write(folder, "flaky", "import builtins\npartly = 1\nif not hasattr(builtins, 'mended'): raise OSError('broken')")
    module: Any = lazy_module("flaky")
    with pytest.raises(OSError, match="broken"):
        _ = module.partly
    assert not is_imported("flaky")
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

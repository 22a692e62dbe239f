"""Those who only look load no lazy module, and do not fail for one that is missing."""

from __future__ import annotations

import collections.abc
import copy
import doctest
import gc
import importlib
import inspect
import json
import logging
import pickle
import pprint
import pydoc
import subprocess
import sys
import traceback
import types
import typing
import unittest
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from flytekit.lazy_import.lazy_module import is_imported, lazy_module

KINDS = ["broken", "missing"]


def holder_of(module: Any) -> Any:
    holder = types.ModuleType("holder", ">>> 1 + 1\n2\n")
    vars(holder).update(module=module, listed=[module], by_name={"module": module})
    return holder


def assert_warns(module: Any, holder: Any) -> None:
    with unittest.TestCase().assertWarns(UserWarning):
        warnings.warn("x", stacklevel=1)


def search_of_pickle(module: Any, holder: Any) -> None:
    class Function:
        """Like one of numpy: an object whose module pickle has to look for."""

        def __reduce__(self) -> str:
            return "add"

    Function.__module__ = None  # type: ignore[assignment]
    function = Function()
    with mock.patch.object(sys.modules[__name__], "add", function, create=True):
        assert b"add" in pickle.dumps(function)
        # The one that is written in Python, too.
        assert b"add" in pickle._dumps(function)  # type: ignore[attr-defined]


def doctests(module: Any, holder: Any) -> None:
    assert doctest.testmod(holder) == (0, 1)


def members(module: Any, holder: Any) -> None:
    for kind in (inspect.isfunction, inspect.isclass, inspect.isroutine, inspect.ismodule, inspect.iscoroutinefunction):
        inspect.getmembers(holder, kind)
    inspect.getmodule(compile("0", "<x>", "exec"))
    inspect.unwrap(module)
    inspect.isawaitable(module)
    inspect.isabstract(module)


def autospec(module: Any, holder: Any) -> None:
    spec: Any = mock.create_autospec(holder)
    assert spec.listed is not None
    mock.create_autospec(types.SimpleNamespace(module=module), instance=True)


def documentation(module: Any, holder: Any) -> None:
    assert "module" in pydoc.render_doc(holder)


def copies(module: Any, holder: Any) -> None:
    assert copy.deepcopy({"module": module})["module"] is module or type(module).__name__ == "_LazyModule"
    copy.copy(module)
    copy.deepcopy(holder.listed)


def abstract_classes(module: Any, holder: Any) -> None:
    for name in collections.abc.__all__:
        isinstance(module, getattr(collections.abc, name))
    assert isinstance(module, types.ModuleType)
    assert not callable(module)
    assert isinstance(hash(module), int)


@typing.runtime_checkable
class Estimator(typing.Protocol):
    def fit(self) -> None: ...


@typing.runtime_checkable
class Sized(typing.Protocol):
    size: int


def protocols(module: Any, holder: Any) -> None:
    assert not isinstance(module, Estimator)
    assert not isinstance(module, Sized)
    assert not isinstance(module, typing.SupportsInt)


def texts(module: Any, holder: Any) -> None:
    pprint.pformat(holder.by_name)
    logging.getLogger(__name__).debug("%s %r", module, module)
    assert f"{module}" == str(module)
    json.dumps(holder.by_name, default=repr)
    vars(holder)
    dir(holder)


def tracebacks(module: Any, holder: Any) -> None:
    held = module
    try:
        _ = 1 / 0, held
    except ZeroDivisionError as error:
        "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())


def the_collector(module: Any, holder: Any) -> None:
    assert any(isinstance(each, dict) for each in gc.get_objects())


def a_notebook(module: Any, holder: Any) -> None:
    for name in ("_ipython_display_", "_repr_html_", "_repr_mimebundle_", "_ipython_canary_method_should_not_exist_"):
        assert getattr(module, name, None) is None


def arrays_and_frames(module: Any, holder: Any) -> None:
    for name in ("__array__", "__array_interface__", "__dataframe__", "__dlpack__", "__fspath__", "__torch_function__"):
        assert not hasattr(module, name)


def those_who_ask_whether_it_is_there(module: Any, holder: Any) -> None:
    for each in list(sys.modules.values()):
        getattr(each, "DataFrame", None)


LOOKERS = [
    assert_warns,
    search_of_pickle,
    doctests,
    members,
    autospec,
    documentation,
    copies,
    abstract_classes,
    protocols,
    texts,
    tracebacks,
    the_collector,
    a_notebook,
    arrays_and_frames,
    those_who_ask_whether_it_is_there,
]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("look", LOOKERS, ids=lambda look: look.__name__)
def test_looking_loads_nothing(
    look: Callable[[Any, Any], None], kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"looked_at_{look.__name__}" if kind == "broken" else "surely_missing"
    monkeypatch.syspath_prepend(str(tmp_path))
    if kind == "broken":
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('no GPU here')")
        importlib.invalidate_caches()
    module = lazy_module(name)
    look(module, holder_of(module))
    assert not is_imported(name)
    with pytest.raises((RuntimeError, ImportError)):
        _ = module.anything


def test_what_a_module_has_is_found_when_it_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names that tools ask for are its own then, and while its own code runs."""
    monkeypatch.syspath_prepend(str(tmp_path))
    source = "import sys\n__array__ = 1\n__wrapped__ = 2\n_repr_html_ = 3\nsize = 4\n"
    source += "seen = sys.modules[__name__].__wrapped__\n"
    (tmp_path / "with_names.py").write_text(source)
    importlib.invalidate_caches()
    module = lazy_module("with_names")
    assert not hasattr(module, "__array__")
    assert (module.size, module.seen) == (4, 2)
    assert (module.__array__, module.__wrapped__, module._repr_html_) == (1, 2, 3)
    assert isinstance(module, Sized)
    del sys.modules["with_names"]


@pytest.mark.parametrize(
    "name", ["__version__", "__doc__", "__dict__", "__all__", "__path__", "__author__", "_private"]
)
def test_what_modules_have_is_a_use(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    text = "'text'\n__version__ = __all__ = __path__ = __author__ = _private = 'text'"
    (tmp_path / f"used{name}.py").write_text(text)
    importlib.invalidate_caches()
    module = lazy_module(f"used{name}")
    assert getattr(module, name) == "text" or "__version__" in getattr(module, name)
    assert is_imported(f"used{name}")
    del sys.modules[f"used{name}"]


def test_pytest_collects_a_module_that_holds_one(tmp_path: Path) -> None:
    (tmp_path / "no_gpu.py").write_text("raise RuntimeError('no GPU here')")
    source = "from flytekit.lazy_import.lazy_module import is_imported, lazy_module\n"
    source += "test_gpu = lazy_module('no_gpu')\nTestGpu = lazy_module('surely_missing')\n"
    source += "def test_it():\n    assert not is_imported('no_gpu')\n"
    (tmp_path / "test_holder.py").write_text(source)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--doctest-modules", "test_holder.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout

"""Modules that are loaded when they are first used, and stand-ins for modules that are not installed."""

from __future__ import annotations

import importlib
import sys
import threading
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any

# What every module answers; anything else of a missing one is a use of it.
_OF_EVERY_MODULE = frozenset(dir(ModuleType)) | frozenset(vars(ModuleType("a module")))


class _LazyModule(ModuleType):
    """Stands in for a module that is not installed: any use of it raises ImportError.

    What tools ask any object that they pass over (its class, its ``repr``, how to pickle it, whether it has a
    ``__wrapped__``) is answered, so that a module that holds one of these can be inspected.
    """

    def __init__(self, module_name: str) -> None:
        super().__init__(module_name)
        object.__setattr__(self, "_module_name", module_name)

    def __getattribute__(self, attr: str) -> Any:
        if attr in _OF_EVERY_MODULE:
            return object.__getattribute__(self, attr)
        if attr.startswith("__") and attr.endswith("__") and attr != "__version__":
            raise AttributeError(attr)
        raise _not_installed(self)

    def __setattr__(self, attr: str, value: Any) -> None:
        raise _not_installed(self)

    def __repr__(self) -> str:
        return f"<module {object.__getattribute__(self, '_module_name')!r} (not installed)>"

    def __dir__(self) -> list[str]:
        return []

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return lazy_module, (object.__getattribute__(self, "_module_name"),)


def _not_installed(module: _LazyModule) -> ImportError:
    name = object.__getattribute__(module, "_module_name")
    return ImportError(f"The module {name} is needed here, and is not installed.", name=name)


class _DeferredModule(ModuleType):
    """A module that is found and not loaded; the first use of it, by whichever thread, loads it in place."""

    def __getattribute__(self, attr: str) -> Any:
        if attr not in ("__class__", "__spec__", "__name__", "__reduce_ex__"):
            _load(self)
        return object.__getattribute__(self, attr)

    def __setattr__(self, attr: str, value: Any) -> None:
        _load(self)
        object.__setattr__(self, attr, value)

    def __delattr__(self, attr: str) -> None:
        _load(self)
        object.__delattr__(self, attr)

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return lazy_module, (object.__getattribute__(self, "__name__"),)


_loading = threading.RLock()
_being_loaded: set[int] = set()


def _load(module: ModuleType) -> None:
    with _loading:
        # Loaded by another thread meanwhile, or being loaded by this one, whose code may look at itself.
        if type(module) is not _DeferredModule or id(module) in _being_loaded:
            return
        spec: ModuleSpec = object.__getattribute__(module, "__spec__")
        namespace: dict[str, Any] = object.__getattribute__(module, "__dict__")
        before = dict(namespace)
        _being_loaded.add(id(module))
        try:
            assert spec.loader is not None
            spec.loader.exec_module(module)
        except BaseException:
            # The next use tries again, from the start.
            namespace.clear()
            namespace.update(before)
            raise
        finally:
            _being_loaded.discard(id(module))
        object.__setattr__(module, "__class__", ModuleType)


def is_imported(module_name: str) -> bool:
    """Whether *module_name* is loaded; one that was only asked for lazily, and not used, is not."""
    module = sys.modules.get(module_name)
    # The type, not the class attribute: asking a lazy module anything would load it.
    return module is not None and type(module).__name__ not in (_LazyModule.__name__, _DeferredModule.__name__)


def lazy_module(fullname: str) -> ModuleType:
    """The module *fullname*: as it is if it is loaded, to be loaded on its first use if it is installed.

    If it is not installed, what is returned raises ImportError with its name on any use.
    """
    loaded = sys.modules.get(fullname)
    if loaded is not None:
        return loaded
    try:
        spec = find_spec(fullname)
    except (ImportError, ValueError):
        # The package that it would be in is missing, or is no package.
        spec = None
    if spec is None:
        return _LazyModule(fullname)
    if spec.origin is None or not hasattr(spec.loader, "exec_module"):
        # A namespace package has nothing to put off; a loader without exec_module cannot.
        return importlib.import_module(fullname)
    with _loading:
        if fullname in sys.modules:
            return sys.modules[fullname]
        module = module_from_spec(spec)
        if type(module) is not ModuleType:
            return importlib.import_module(fullname)
        module.__class__ = _DeferredModule
        sys.modules[fullname] = module
        parent, _, name = fullname.rpartition(".")
        if parent:
            setattr(sys.modules[parent], name, module)
        return module

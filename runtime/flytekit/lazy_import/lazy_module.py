"""Modules that are loaded on first use, and stand-ins for modules that are not installed."""

from __future__ import annotations

import sys
import threading
from copy import copy
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any

from flytekit_models._probes import is_probe

# What every module answers; anything else of a missing one is a use of it.
_OF_EVERY_MODULE = frozenset(dir(ModuleType)) | frozenset(vars(ModuleType("a module")))


class _LazyModule(ModuleType):
    """Stands in for a module that is not installed: any use of it raises ImportError.

    What tools ask any object that they pass over (its class, its ``repr``, how to pickle it, how to show it) is
    answered, so that a module that holds one of these can be inspected.
    """

    def __init__(self, module_name: str) -> None:
        super().__init__(module_name)
        object.__setattr__(self, "_module_name", module_name)
        object.__setattr__(self, "_reason", None)

    def __getattribute__(self, attr: str) -> Any:
        if attr in _OF_EVERY_MODULE:
            return object.__getattribute__(self, attr)
        if (attr[:2] == attr[-2:] == "__" and attr != "__version__") or is_probe(attr):
            raise AttributeError(attr)
        raise _not_installed(self)

    def __setattr__(self, attr: str, value: Any) -> None:
        raise _not_installed(self)

    def __delattr__(self, attr: str) -> None:
        raise _not_installed(self)

    def __repr__(self) -> str:
        return f"<module {object.__getattribute__(self, '_module_name')!r} (not installed)>"

    def __dir__(self) -> list[str]:
        return []

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return lazy_module, (object.__getattribute__(self, "_module_name"),)


def _not_installed(module: _LazyModule) -> ImportError:
    name = object.__getattribute__(module, "_module_name")
    error = ImportError(f"Module {name} is not yet installed.", name=name)  # flytekit's phrase
    error.__cause__ = object.__getattribute__(module, "_reason")
    return error


class _DeferredModule(ModuleType):
    """A module that was found and is not loaded; the first use of it, by whichever thread, loads it in place.

    Loading it is an ordinary import, which :class:`_DeferredFinder` makes end up in this object. So Python's own locks
    see to it that it is loaded once, and that two threads which import each other's modules don't block each other.
    """

    _deferral: _Deferral

    def __getattribute__(self, attr: str) -> Any:
        if attr in _KNOWN_BEFORE:
            return object.__getattribute__(self, attr)
        deferral: _Deferral | None = getattr(type(self), "_deferral", None)
        if deferral is not None and deferral.is_put_off() and is_probe(attr):
            raise AttributeError(f"module {deferral.name!r} has no attribute {attr!r}, as long as it is not loaded")
        target = _loaded(self)
        # Not object's: a module may have a function that makes attributes.
        return ModuleType.__getattribute__(self, attr) if target is self else getattr(target, attr)

    def __setattr__(self, attr: str, value: Any) -> None:
        target = _loaded(self)
        if target is self:
            object.__setattr__(self, attr, value)
        else:
            setattr(target, attr, value)

    def __delattr__(self, attr: str) -> None:
        target = _loaded(self)
        if target is self:
            object.__delattr__(self, attr)
        else:
            delattr(target, attr)

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return lazy_module, (object.__getattribute__(self, "__spec__").name,)


def _loaded(module: ModuleType) -> Any:
    # Another thread may have loaded it by now, and made it a module like others.
    deferral: _Deferral | None = getattr(type(module), "_deferral", None)
    return module if deferral is None else deferral.loaded()


# Answered without loading: what the import system asks a module for, and what is the same for all modules.
_KNOWN_BEFORE = (
    frozenset(dir(ModuleType))
    .difference(("__annotations__", "__dict__", "__doc__"))
    .union(("__name__", "__spec__", "__loader__", "__package__", "__file__"))
)


class _Deferral:
    """How far the loading of one deferred module is."""

    def __init__(self, spec: ModuleSpec) -> None:
        self.name = spec.name
        self._spec = spec
        # A class for each module, so that nothing has to be kept in the module itself.
        self.module: ModuleType = type(_DeferredModule.__name__, (_DeferredModule,), {"_deferral": self})(spec.name)
        self._namespace: dict[str, Any] = object.__getattribute__(self.module, "__dict__")
        self._namespace.update(__spec__=spec, __loader__=spec.loader, __package__=spec.parent)
        if spec.has_location:
            self._namespace["__file__"] = spec.origin
        self._before = dict(self._namespace)
        self._thread: int | None = None
        """The thread that loads it."""
        self._target: Any = None
        """What the import gave in the end."""

    def loaded(self) -> Any:
        """Load it, if it isn't; gives what stands under its name then, which is not always this module itself.

        Raises:
            BaseException: whatever the module's code raises; the next use tries again.
        """
        while self._target is None:
            if self._thread == threading.get_ident():
                # Its own code, or what that imports, looks at it.
                return self.module
            # Not import_module, which fails where two threads wait for each other; this gives the module as it is.
            __import__(self.name)
            found = sys.modules.get(self.name)
            if found is self.module:
                if self._target is None and self._thread is not None:
                    return self.module
            elif found is not None:
                # Its loader makes its modules itself, its code put something else there, or the finder was not asked.
                self._end(found)
        return self._target

    def is_put_off(self) -> bool:
        """Whether it isn't loaded, and who asks is not its own code."""
        return self._target is None and self._thread != threading.get_ident()

    def spec(self) -> ModuleSpec:
        """A spec that loads into :attr:`module`, if the loader leaves it to others to make the module."""
        spec = copy(self._spec)
        if hasattr(spec.loader, "create_module") and hasattr(spec.loader, "exec_module"):
            spec.loader = _Filler(self, spec.loader)
        return spec

    def begin(self) -> ModuleType:
        """Called by the thread that loads it, before anybody else can see that."""
        self._thread = threading.get_ident()
        return self.module

    def succeed(self) -> None:
        """Its code has run; it is a module like others now, unless its code put something else in its place."""
        if sys.modules.get(self.name) is self.module:
            object.__setattr__(self.module, "__class__", ModuleType)
            self._end(self.module)
        self._thread = None

    def fail(self) -> None:
        """Its code failed; it is as it was before."""
        self._namespace.clear()
        self._namespace.update(self._before)
        self._thread = None

    def _end(self, target: Any) -> None:
        self._target = target
        _deferred.pop(self.name, None)


class _Filler(Loader):
    """Loads a module into the object that stands for it already."""

    def __init__(self, deferral: _Deferral, loader: Any) -> None:
        self._deferral = deferral
        self._loader = loader

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        made: ModuleType | None = self._loader.create_module(spec)
        return self._deferral.begin() if made is None else made

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        if module is not self._deferral.module:
            self._loader.exec_module(module)
            return
        try:
            self._loader.exec_module(module)
        except BaseException:
            self._deferral.fail()
            raise
        self._deferral.succeed()


class _DeferredFinder(MetaPathFinder):
    """Finds the modules that were deferred, ahead of all other finders."""

    def find_spec(self, name: str, path: Any, target: ModuleType | None = None) -> ModuleSpec | None:
        deferral = _deferred.get(name)
        return None if deferral is None else deferral.spec()


_deferred: dict[str, _Deferral] = {}
_finder = _DeferredFinder()


def is_imported(module_name: str) -> bool:
    """Return whether *module_name* is loaded. A lazy module that has not been used is not."""
    module = sys.modules.get(module_name)
    if module is None:
        return False
    # The type, not the class attribute: asking a lazy module anything would load it. Python's own have that name too.
    kind = type(module)
    return not issubclass(kind, _DeferredModule) and kind.__name__ != _LazyModule.__name__


def lazy_module(fullname: str) -> ModuleType:
    """Return the module *fullname*, which is loaded on first use.

    If it is not installed, the returned object raises ImportError with its name on any use. To find a module inside a
    package, the package is loaded.

    Raises:
        ValueError: the name is empty.
    """
    known = _deferred.get(fullname)
    loaded = sys.modules.get(fullname) if known is None else known.module
    if loaded is not None:
        return loaded
    try:
        spec = find_spec(fullname)
    except ImportError as error:
        # The package that it would be in is missing, or is no package, or fails to load for want of another module.
        missing = _LazyModule(fullname)
        object.__setattr__(missing, "_reason", error.with_traceback(None))
        return missing
    if spec is None or (spec.loader is None and spec.submodule_search_locations is None):
        return _LazyModule(fullname)
    if spec.loader is None:
        # Of a namespace package; Python gives it its loader when it makes the module.
        module_from_spec(spec)
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)
    overtaken = sys.modules.get(fullname)
    if overtaken is not None:
        return overtaken
    # It is not among sys.modules: whoever looks through those uses what they find.
    module = _deferred.setdefault(fullname, _Deferral(spec)).module
    parent, _, name = fullname.rpartition(".")
    if parent:
        # As an import does; but one that is already there under the name stays until this is loaded.
        vars(sys.modules[parent]).setdefault(name, module)
    return module

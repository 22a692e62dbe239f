"""Objects that know where they were created, and names by which objects and functions can be loaded."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from flytekit.configuration.feature_flags import FeatureFlags
from flytekit.core.module_names import _mod_sanitizer, _ModuleSanitizer
from flytekit.exceptions import system as _system_exceptions
from flytekit.loggers import logger
from flytekit.tools.interactive import ipython_check
from flytekit_models._places import MAIN_NAMES, absolute, name_of_main, resolved

__all__ = [
    "InstanceTrackingMeta",
    "TrackedInstance",
    "_ModuleSanitizer",
    "_mod_sanitizer",
    "extract_task_module",
    "get_full_module_path",
    "import_module_from_file",
    "is_functools_wrapped_module_level",
    "is_ipython_or_pickle_exists",
    "isnested",
    "istestfunction",
]


def import_module_from_file(module_name: str, file: str | os.PathLike[str]) -> ModuleType:
    """Make the module object for a file, without running the file and without entering it in ``sys.modules``.

    :param module_name: the name that the module gets.
    :param file: the file; it need not exist.
    :raises ModuleNotFoundError: when the file's name is not one that Python can load a module from.
    """
    try:
        spec = importlib.util.spec_from_file_location(module_name, file)
        if spec is not None:
            return importlib.util.module_from_spec(spec)
    except Exception as error:
        raise ModuleNotFoundError(f"No module can be made from {file}", name=module_name) from error
    raise ModuleNotFoundError(f"No module can be made from {file}: unknown kind of file", name=module_name)


def _origin_in_main(namespace: dict[str, Any], own_code: bool) -> tuple[str | None, str | None]:
    """The name by which the program's own module can be imported, and its file; (None, None) if there is no such name.

    :param namespace: the globals of the module.
    :param own_code: whether it is the module's own code that asks, not code that the program merely runs.
    """
    file = namespace.get("__file__")
    if not isinstance(file, (str, os.PathLike)):
        return None, None
    file = os.fspath(file)
    name = name_of_main(file, getattr(namespace.get("__spec__"), "name", None), own_code)
    return (None, None) if name is None else (name, file)


class InstanceTrackingMeta(type):
    """Record for each new instance which module's code created it.

    That is the innermost module that was being executed at top level: the module whose import, or whose run as a
    program, made the object. After the constructor has returned, ``_instantiated_in`` is the module's name and
    ``_module_file`` its file as a :class:`pathlib.Path`, both None where no module was being executed (as in a
    thread of its own) or where it has no name that it could be imported by (as in a notebook).
    """

    @staticmethod
    def _get_module_from_main(globals: dict[str, Any]) -> ModuleType | None:
        """The program's own module, not executed, under the name by which it can be imported; None without one."""
        name, file = _origin_in_main(globals, own_code=True)
        return None if name is None or file is None else import_module_from_file(name, file)

    @staticmethod
    def _find_instance_module() -> tuple[str | None, Any]:
        """The name and the file of the module whose top-level code is running, (None, None) without one."""
        frame: FrameType | None = sys._getframe(1)
        if frame is not None and frame.f_code is _CONSTRUCTION:
            frame = frame.f_back
        creator = frame
        while frame is not None:
            if frame.f_code.co_name == "<module>" and "__name__" in frame.f_globals:
                namespace = frame.f_globals
                name = namespace["__name__"]
                if name not in MAIN_NAMES:
                    return name, namespace.get("__file__")
                return _origin_in_main(namespace, creator is not None and creator.f_globals is namespace)
            frame = frame.f_back
        return None, None

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        instance = super().__call__(*args, **kwargs)
        name, file = InstanceTrackingMeta._find_instance_module()
        instance._instantiated_in = name
        instance._module_file = resolved(file)
        return instance


_CONSTRUCTION = InstanceTrackingMeta.__call__.__code__


class TrackedInstance(metaclass=InstanceTrackingMeta):
    """Base class of objects that can be loaded by the module and the variable that hold them.

    The constructor is cooperative: it passes all its arguments on.
    """

    # Defaults on the class, so that a subclass works that never calls this constructor.
    _instantiated_in: str | None = None
    _module_file: Path | None = None
    _lhs: str | None = None
    _lhs_found_for: tuple[int, int] | None = None
    """The process and the identity of the object whose variable was found; a copy of it takes this over."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    @property
    def instantiated_in(self) -> str | None:
        """Name of the module whose code made the object, as it can be imported; None if there is no such name."""
        return self._instantiated_in

    @property
    def location(self) -> str:
        """The dotted name of the object, ``"package.module.variable"``; see :func:`extract_task_module`."""
        return extract_task_module(self)[0]

    @property
    def lhs(self) -> str:
        """The variable that holds the object; see :meth:`find_lhs`."""
        return self.find_lhs()

    def find_lhs(self) -> str:
        """Find the module-level variable that holds the object.

        Of several the first in alphabetical order is taken. The answer is kept for the next call; a copy of the object
        is another object, and has a variable of its own.

        :raises FlyteSystemException: when no variable of the object's module holds it, or when the module isn't
            loaded and can't be imported.
        """
        me = os.getpid(), id(self)
        kept, found_for = self._lhs, self._lhs_found_for
        if kept is not None and (found_for is None or (found_for == me and self._is_held_by(kept))):
            return kept
        try:
            self._lhs = self._search_lhs()
        except _system_exceptions.FlyteSystemException:
            # The variable may be gone, or be one of the process in which this object was pickled.
            if kept is None or (found_for is not None and found_for != me and found_for[0] == me[0]):
                raise
            return kept
        self._lhs_found_for = me
        logger.debug("%s object of %s is %s", type(self).__name__, self._instantiated_in, self._lhs)
        return self._lhs

    def _is_held_by(self, name: str) -> bool:
        """Whether the variable of that name holds the object still; it is looked for in the likeliest place only."""
        try:
            namespace = next(self._namespaces(), None)
            return namespace is not None and namespace.get(name) is self
        except ImportError:
            return False

    def _search_lhs(self) -> str:
        try:
            for namespace in self._namespaces():
                # Only identity is asked for: nothing is compared and no attribute is read, so nothing can raise.
                names = [name for name, value in list(namespace.items()) if value is self and isinstance(name, str)]
                if names:
                    # A notebook keeps its last results in variables that begin with an underscore.
                    return min(names, key=lambda name: (not self._instantiated_in and name.startswith("_"), name))
        except ImportError as error:
            raise _system_exceptions.FlyteSystemException(
                f"{self._instantiated_in}, where a {type(self).__name__} object was made, cannot be imported"
            ) from error
        raise _system_exceptions.FlyteSystemException(
            f"no variable of {self._instantiated_in or 'the running program'} holds this {type(self).__name__} object"
        )

    def _namespaces(self) -> Iterator[dict[str, Any]]:
        """The namespaces that may hold the object, the likeliest first."""
        origin = self._instantiated_in
        module = sys.modules.get(origin) if origin else None
        if module is not None:
            yield getattr(module, "__dict__", {})  # Anything may stand in sys.modules.
        loaded = module is not None or not origin
        main = sys.modules.get("__main__")
        if main is not None and self._is_home(vars(main)):
            loaded = True
            yield vars(main)
        # A module can run without standing in sys.modules under its name: in a profiler, a doctest, a custom loader.
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            if frame.f_code.co_name == "<module>" and self._is_home(frame.f_globals):
                loaded = True
                yield frame.f_globals
            frame = frame.f_back
        if module is not None:
            yield _computed_attributes(module)
        if origin and not loaded:  # A program must not run twice.
            yield vars(importlib.import_module(origin))

    def _is_home(self, namespace: dict[str, Any]) -> bool:
        """Whether these are the globals of the module that the object was made in."""
        if namespace.get("__name__") not in MAIN_NAMES:
            return self._instantiated_in is not None and namespace.get("__name__") == self._instantiated_in
        if self._instantiated_in is None:
            return True
        file = namespace.get("__file__")
        if self._module_file is None or not isinstance(file, (str, os.PathLike)):
            return False
        if os.path.isabs(file):
            return resolved(file) == self._module_file
        # The working directory may have changed since.
        parts = Path(os.path.normpath(file)).parts
        return self._module_file.parts[-len(parts) :] == parts


def _computed_attributes(module: Any) -> dict[str, Any]:
    """What a module offers without holding it in a global: it lists the names in a ``__dir__`` of its own."""
    found: dict[str, Any] = {}
    try:
        names = set(dir(module)).difference(getattr(module, "__dict__", ()))
    except Exception as error:
        logger.debug("%r cannot be listed: %r", type(module).__name__, error)
        return found
    for name in names:
        try:
            found[name] = getattr(module, name)
        except Exception as error:  # Whatever stands behind one name, it must not hide the others.
            logger.debug("Passing over %s: %r", name, error)
    return found


def isnested(func: Callable[..., Any]) -> bool:
    """Return whether a function is defined inside another one, so that no module has it as an attribute.

    Callables without Python code of their own, such as builtins, are not nested.
    """
    return hasattr(func, "__code__") and func.__code__.co_flags & inspect.CO_NESTED != 0


def is_functools_wrapped_module_level(func: Callable[..., Any]) -> bool:
    """Return whether ``func`` wraps, with ``functools.wraps``, a function defined at the top level of a module.

    A wrapper takes over the name of what it wraps. So the plain and the qualified name agree just when the wrapped
    function stands at top level.
    """
    return hasattr(func, "__wrapped__") and func.__name__ == func.__qualname__


def istestfunction(func: Any) -> bool:
    """Return whether ``func`` is defined in a test module, whose name begins with ``test_`` or ends in ``_test``."""
    module = inspect.getmodule(func)
    if module is None:
        return False
    name = module.__name__.rpartition(".")[2]
    return name.startswith("test_") or name.endswith("_test")


def is_ipython_or_pickle_exists() -> bool:
    """Return whether functions may have no file to be found in.

    So it is inside IPython, and where the working directory holds the file in which pickled tasks are shipped, or did
    when the program started.
    """
    # Flytekit's own constant where that module is in use, so that the two cannot disagree.
    container = sys.modules.get("flytekit.core.python_auto_container")
    return ipython_check() or os.path.exists(absolute(getattr(container, "PICKLE_FILE_PATH", "pkl.gz")))


def get_full_module_path(mod: Any, mod_name: str) -> str:
    """Name a module by the packages around its file if that name is longer than ``mod_name``.

    ``FeatureFlags.FLYTE_PYTHON_PACKAGE_ROOT`` decides: ``"."`` keeps ``mod_name``, ``"auto"`` looks for the outermost
    package, and anything else is the directory that names begin at. With ``"auto"``, the name that the module is loaded
    under stays, if it is the end of the longer one: that is how it was imported.

    :param mod: the module, or a function or class in it.
    :param mod_name: the name it has so far.
    :raises TypeError: when ``mod`` is built in.
    """
    return _more_specific(mod_name, os.path.normcase(absolute(inspect.getsourcefile(mod) or inspect.getfile(mod))))


def _more_specific(module_name: str, file: str) -> str:
    root = FeatureFlags.FLYTE_PYTHON_PACKAGE_ROOT
    if root == ".":
        return module_name
    found = _mod_sanitizer.get_absolute_module_name(file, None if root == "auto" else absolute(root))
    package = found.removesuffix(".__init__")
    if root == "auto" and package.endswith(f".{module_name}") and _is_loaded(module_name, file):
        return module_name + found[len(package) :]
    return found if len(found) > len(module_name) else module_name


def _is_loaded(module_name: str, file: str) -> bool:
    loaded = resolved(getattr(sys.modules.get(module_name), "__file__", None))
    return loaded is not None and loaded == resolved(file)


def _task_module_from_callable(f: Callable[..., Any]) -> tuple[ModuleType | None, str, str]:
    """The module of a function if it is loaded, the module's name, and the function's."""
    module = inspect.getmodule(f)
    return module, getattr(module, "__name__", f.__module__), f.__name__.rpartition(".")[2]


def extract_task_module(f: Callable[..., Any] | TrackedInstance) -> tuple[str, str, str, str]:
    """Return the names by which a function, a class, or a tracked object can be loaded.

    :param f: a tracked object that has a ``task_function`` stands for that function.
    :returns: the name to register it by, the module's name, the name within the module, and the absolute path of the
        file. In IPython, what was defined in a cell has its plain name to be registered by, and no module.
    :raises AssertionError: when no module is known, outside IPython.
    :raises FlyteSystemException: when no variable of its module holds the tracked object.
    """
    if not isinstance(f, TrackedInstance):
        function = f
    elif hasattr(f, "task_function"):
        function = f.task_function
    else:
        return _place_of_instance(f)
    module, module_name, name = _task_module_from_callable(function)
    if module is None:
        if not is_ipython_or_pickle_exists():
            raise AssertionError(f"{module_name}, the module of {name}, is not loaded")
        return f"{module_name}.{name}", module_name, name, ""
    if module_name in MAIN_NAMES:
        return _place_in_main(module, getattr(function, "task_function", function), name)
    module_name = get_full_module_path(module, module_name)
    return f"{module_name}.{name}", module_name, name, absolute(inspect.getfile(module))


def _place_in_main(main: ModuleType, function: Callable[..., Any], name: str) -> tuple[str, str, str, str]:
    # A wrapper's code lies in the file of the decorator.
    function = inspect.unwrap(function)
    file = absolute(inspect.getfile(function))
    if is_ipython_or_pickle_exists():
        return name, "", name, file
    module_name = os.path.splitext(os.path.basename(file))[0]
    if FeatureFlags.FLYTE_PYTHON_PACKAGE_ROOT in ("auto", "."):  # Names that begin at a given directory need no help.
        run_as = getattr(getattr(main, "__spec__", None), "name", None)  # Set by python -m.
        if run_as not in (None, *MAIN_NAMES) and resolved(getattr(main, "__file__", None)) == resolved(file):
            module_name = run_as
    module_name = get_full_module_path(function, module_name)
    return f"{module_name}.{name}", module_name, name, file


def _place_of_instance(instance: TrackedInstance) -> tuple[str, str, str, str]:
    module_name = instance.instantiated_in
    if not module_name:
        if not is_ipython_or_pickle_exists():
            raise AssertionError(f"The module of this {type(instance).__name__} object is not known")
        return instance.lhs, "", instance.lhs, ""
    name = instance.lhs
    module = sys.modules.get(module_name)
    if module is None and instance._is_home(vars(sys.modules["__main__"])):
        module = sys.modules["__main__"]
    file = getattr(module, "__file__", None)
    if file is None or not os.path.isabs(file):
        file = instance._module_file or file
    if file is None:  # A module that was made in memory.
        return f"{module_name}.{name}", module_name, name, ""
    file = os.path.abspath(file)
    module_name = _more_specific(module_name, file)
    return f"{module_name}.{name}", module_name, name, file

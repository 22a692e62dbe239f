"""The dotted name by which a Python file can be imported, worked out from where the file lies."""

from __future__ import annotations

import os
import zipimport


def _is_package(directory: str) -> bool:
    if os.path.isdir(directory):
        return os.path.isfile(os.path.join(directory, "__init__.py"))
    if os.path.isfile(directory):
        return False  # The archive itself: whatever lies in it, its top is where imports start.
    try:
        return zipimport.zipimporter(directory).find_spec("__init__") is not None
    except zipimport.ZipImportError:
        return False  # Neither on disk nor in an archive.


class _ModuleSanitizer:
    """Names modules by the packages around their file, however the file came to be loaded.

    Every directory with an ``__init__.py`` counts as a package; the first one without it, going up, is the root. So is
    one whose own name can't stand in an import statement, as that of ``site-packages``.
    """

    def get_absolute_module_name(self, path: str, package_root: str | None = None) -> str:
        """Name the module in the file ``path``, such as ``"package.sub.module"``.

        :param path: the file; it may lie in a zip archive (``/x/a.zip/package/module.py``), and it need not exist:
            the directories that do not exist count as no packages.
        :param package_root: directory at which to stop, even if it is a package itself. It may be relative, end in a
            separator, or be a symbolic link.
        """
        return self._resolve_abs_module_name(path, package_root)

    def _resolve_abs_module_name(self, path: str, package_root: str | None = None) -> str:
        root = None if package_root is None else os.path.realpath(package_root)
        directory, name = os.path.split(os.path.abspath(path))
        names: list[str] = []
        name = os.path.splitext(name)[0]
        while name:  # It is empty once the top of the file system has been passed.
            names.append(name)
            if not _is_package(directory) or (root is not None and os.path.realpath(directory) == root):
                break
            directory, name = os.path.split(directory)
            if not name.isidentifier():
                break
        return ".".join(reversed(names))


_mod_sanitizer = _ModuleSanitizer()

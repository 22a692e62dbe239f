"""The local file system, for code that joins and splits paths with ``fs.sep``."""

from __future__ import annotations

import os

from fsspec.implementations.local import LocalFileSystem


class FlyteLocalFileSystem(LocalFileSystem):  # type: ignore[misc]  # fsspec ships no types
    r"""fsspec's ``LocalFileSystem`` with the operating system's separator: ``\`` on Windows, ``/`` elsewhere.

    Only :attr:`sep` differs. It is what callers join path parts with; the file system itself takes paths with either
    separator on Windows, and answers with ``/`` everywhere, as fsspec promises.
    """

    sep = os.sep

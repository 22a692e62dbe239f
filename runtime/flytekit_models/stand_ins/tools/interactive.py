"""Whether a person is at the other end."""

from __future__ import annotations

import sys


def ipython_check() -> bool:
    """Whether this code runs inside an IPython shell, which a Jupyter notebook is one of.

    IPython is never imported to find out: a program that hasn't loaded it isn't inside its shell.
    """
    get_ipython = getattr(sys.modules.get("IPython"), "get_ipython", None)
    return get_ipython is not None and get_ipython() is not None

"""What the utilities need of flytekit, for where flytekit is not: settings, exceptions, loggers.

Private: the modules of the same names below ``runtime/flytekit`` hand on what is here, and exist only where there is no
flytekit. Where there is one, its own are used.
"""

from __future__ import annotations

import sys


def take_flytekits_name(module: str) -> None:
    """Give the classes of a stand-in the module name that flytekit's have.

    An exception that is pickled here can then be read where flytekit is installed, and the other way round.
    """
    theirs = "flytekit" + module.removeprefix(__name__)
    for value in list(vars(sys.modules[module]).values()):
        if isinstance(value, type) and value.__module__ == module:
            value.__module__ = theirs

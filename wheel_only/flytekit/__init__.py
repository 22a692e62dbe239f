"""The import root ``flytekit`` where flytekit itself is not installed.

A ``.pth`` file puts the folder that this package is in at the end of the path. So a flytekit in ``site-packages`` is
found first, and this file never runs. A flytekit that only a finder of its own knows (an editable installation), or
that stands further down the path, would be hidden by this package: it is looked for here, and takes this one's place.
"""

import os
import sys


def _give_way() -> None:
    """Let another flytekit be imported in place of this package, if there is one."""
    folder = os.path.dirname(__path__[0])
    before = list(sys.path)
    this = sys.modules.pop(__name__)
    sys.path[:] = [entry for entry in before if entry.rstrip(os.sep) != folder]
    # What importlib.util.find_spec does, without the time that it takes to import that.
    found = (finder.find_spec(__name__, None) for finder in sys.meta_path if hasattr(finder, "find_spec"))
    spec = next((spec for spec in found if spec is not None), None)
    # A namespace package has no location: some folder that happens to be called flytekit. A frozen application may
    # find this very file again.
    if spec is not None and spec.has_location and __spec__ is not None and spec.origin != __spec__.origin:
        # Whoever is importing this package takes what stands in sys.modules when it is done.
        __import__(__name__)
    else:
        sys.path[:] = before
        sys.modules[__name__] = this


if __name__ == "flytekit":
    _give_way()

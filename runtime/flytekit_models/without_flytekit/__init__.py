"""Makes the import root ``flytekit`` importable where nothing else does: ``import flytekit_models.without_flytekit``.

The wheel's ``.pth`` file does the same when Python starts, but only in ``site-packages``. This module is for what is
installed elsewhere: ``pip install --target``, a zip file on the path, a frozen application. An installed flytekit is
not hidden by it. In a checkout there is nothing to do: the folders are on the path.
"""

import os
import sys

_FOLDER = os.path.dirname(__file__)

if _FOLDER not in sys.path:
    sys.path.append(_FOLDER)

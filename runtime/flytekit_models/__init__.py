"""The hand-written runtime of the generated models.

The doors are :mod:`flytekit_models.api_v1`, which generated code imports from, and :func:`core`. Generated code also
imports mixins from :mod:`flytekit_models.behaviours`, where the contract names one; all else is private.
"""

from flytekit_models._core import Core as Core
from flytekit_models._core import core as core
from flytekit_models._version import __version__ as __version__

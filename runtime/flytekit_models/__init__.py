"""The hand-written runtime that generated models stand on.

Generated code imports from :mod:`flytekit_models.api_v1` and, where the contract names one, from a mixin in
:mod:`flytekit_models.behaviours`; from nothing else of this package.
"""

from flytekit_models._version import __version__ as __version__

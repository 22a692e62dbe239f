"""The hand-written runtime that generated models stand on.

Generated code imports from :mod:`flytekit_models.api_v1` and, where the contract names one, from a mixin in
:mod:`flytekit_models.behaviours`; from nothing else of this package.
"""

__version__ = "0.1.0"

"""The generator: the .proto files of an IDL and the contract in, a package of models out.

The way of the data is `pipeline/`; what people run beside it is `sync/`, `diff/`, `overlay/` and `commands/`.
"""

from flytekit_models._version import __version__ as __version__

"""The generator: the .proto files of an IDL and the contract in, a package of models out.

The way of the data is `pipeline/`; what people run beside it is `sync/`, `diff/`, `overlay/` and `commands/`.
"""

__version__ = "0.1.0"

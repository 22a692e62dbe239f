"""The generator: the .proto files of an IDL and the contract in, a package of models out.

The way of the data, each arrow a module that can be run by itself::

    read.py -> contract.py -> bind.py -> ir.py (frozen) -> render.py -> write.py
"""

from flytekit_models._version import __version__ as __version__

"""The version of all that is released together: this package, its generator, and the compiled core.

It stands nowhere else: both distributions take it from here when they are built.
"""

__version__ = "0.1.0"

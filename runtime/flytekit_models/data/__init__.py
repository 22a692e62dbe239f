"""Data operations on models, one a file, imported on first use.

Models inherit the methods of :mod:`flytekit_models.data.methods`, the only module here that is imported with them.
"""

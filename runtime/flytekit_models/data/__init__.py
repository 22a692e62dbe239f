"""Data operations on models: each file is one operation, loaded when it is first used.

:mod:`flytekit_models.data.methods` has the methods that models inherit; nothing else here is imported with a model.
"""

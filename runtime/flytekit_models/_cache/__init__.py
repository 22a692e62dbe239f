"""The parts of the local cache. Private: its door is :mod:`flytekit.core.local_cache`.

They are kept here, not beside their door, because below ``flytekit/`` a name of ours might be one of flytekit's some
day. Imports run one way: ``keys`` and ``reader`` know nothing of the store; ``store`` stands on ``database``, ``files``
and ``repair``, and those on nothing but ``errors``.
"""

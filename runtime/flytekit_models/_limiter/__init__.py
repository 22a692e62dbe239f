"""The parts of :mod:`flytekit.utils.rate_limiter`.

==========  ====================================================================
``line``    those in line, in order, as a value that is replaced, never changed
``state``   what a limiter has granted and who is in line, and whose turn is when
``waiter``  somebody in line: a thread, or a task on an event loop
==========  ====================================================================

Nothing here holds a lock, see :mod:`flytekit_models._atomic`.
"""

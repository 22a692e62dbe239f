"""The parts of :mod:`flytekit.utils.asyn`, which has the public names.

===========  ==========================================================================
``job``      one awaitable on its way through a loop
``host``     an event loop on a thread in the background
``here``     a job on the calling thread, where no other can be started
``runner``   a host that is made when it is needed, and made anew when it was closed
``loops``    how event loops are made and ended
``process``  the hosts that the process has, and whether it exits
===========  ==========================================================================

The manager, which gives each thread its runner, is in :mod:`flytekit.utils.asyn` itself. Nothing here holds a lock,
see :mod:`flytekit_models._atomic`.
"""

"""Exceptions for faults of the platform or of the library, as opposed to the user's own code."""

from __future__ import annotations

from flytekit_models.stand_ins import take_flytekits_name
from flytekit_models.stand_ins.exceptions.base import FlyteException, FlyteRecoverableException


class FlyteSystemException(FlyteRecoverableException):
    """Base of the platform's errors. They count as recoverable."""

    _ERROR_CODE = "SYSTEM:Unknown"


class FlyteSystemUnavailableException(FlyteSystemException):
    """The cluster can't be reached."""

    _ERROR_CODE = "SYSTEM:Unavailable"

    def __str__(self) -> str:
        return "The Flyte cluster did not answer; check that it is running and can be reached from here."


class FlyteNotImplementedException(FlyteSystemException, NotImplementedError):
    """Something that was asked for doesn't exist in this version."""

    _ERROR_CODE = "SYSTEM:NotImplemented"


class FlyteEntrypointNotLoadable(FlyteSystemException):
    """The code of a task can't be loaded.

    :param task_module: name of the module that should hold the task.
    :param task_name: name of the task in the module; None when the module itself can't be loaded.
    :param additional_msg: the reason, where it is known.
    """

    _ERROR_CODE = "SYSTEM:UnloadableCode"

    def __init__(self, task_module: str, task_name: str | None = None, additional_msg: str | None = None) -> None:
        missing = f"module '{task_module}'" if task_name is None else f"task '{task_name}' of module '{task_module}'"
        super().__init__(f"Cannot load {missing}" + ("" if additional_msg is None else f": {additional_msg}"))


class FlyteSystemAssertion(FlyteSystemException, AssertionError):
    """The library met a state that it takes to be impossible."""

    _ERROR_CODE = "SYSTEM:AssertionError"


class FlyteAgentNotFound(FlyteSystemException, AssertionError):
    """No agent is registered for a task type."""

    _ERROR_CODE = "SYSTEM:AgentNotFound"


class FlyteConnectorNotFound(FlyteSystemException, AssertionError):
    """No connector is registered for a task type."""

    _ERROR_CODE = "SYSTEM:ConnectorNotFound"


class FlyteDownloadDataException(FlyteSystemException):
    """Data couldn't be fetched from remote storage."""

    _ERROR_CODE = "SYSTEM:DownloadDataError"


class FlyteUploadDataException(FlyteSystemException):
    """Data couldn't be written to remote storage."""

    _ERROR_CODE = "SYSTEM:UploadDataError"


class FlyteNonRecoverableSystemException(FlyteException):
    """Wraps an exception of the library's own code for which trying again is of no use.

    :param exc_value: the exception that was raised.
    """

    _ERROR_CODE = "USER:NonRecoverableSystemError"

    def __init__(self, exc_value: Exception) -> None:
        self._exc_value = exc_value
        super().__init__(str(exc_value))

    @property
    def value(self) -> Exception:
        """The exception that was raised."""
        return self._exc_value


take_flytekits_name(__name__)

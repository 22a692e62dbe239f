"""The root of flytekit's exceptions: each class carries an error code that a backend can act on."""

from __future__ import annotations

import copyreg
from typing import Any

from flytekit_models.stand_ins import take_flytekits_name


class _FlyteCodedExceptionMetaclass(type):
    """Gives every exception class the read-only attribute :attr:`error_code`."""

    _ERROR_CODE: str

    @property
    def error_code(cls) -> str:
        """The code of the class, such as ``"USER:ValueError"``."""
        return cls._ERROR_CODE


class FlyteException(Exception, metaclass=_FlyteCodedExceptionMetaclass):
    """Base of all exceptions that carry an error code.

    :param args: what went wrong; the text of the exception joins the parts by commas.
    :param timestamp: when it went wrong, in seconds since the epoch, or None when that isn't known.
    """

    _ERROR_CODE = "UnknownFlyteException"
    # A default on the class, for subclasses that never call this constructor.
    _timestamp: float | None = None

    def __init__(self, *args: Any, timestamp: float | None = None) -> None:
        super().__init__(*args)
        self._timestamp = timestamp

    @property
    def timestamp(self) -> float | None:
        """When the error happened, in seconds since the epoch; None when that isn't known."""
        return self._timestamp

    def __str__(self) -> str:
        text = f"{self._ERROR_CODE}: error={','.join(map(str, self.args)) if self.args else None}"
        return f"{text}, cause={self.__cause__}" if self.__cause__ else text

    def __reduce__(self) -> tuple[Any, ...]:
        # ``args`` holds the finished message, which is not what the constructors of the subclasses take.
        restore = copyreg.__newobj__  # type: ignore[attr-defined]
        return restore, (type(self), *self.args), self.__dict__ or None


class FlyteRecoverableException(FlyteException):
    """An error that may go away when the same work is tried again."""

    _ERROR_CODE = "RecoverableFlyteException"


take_flytekits_name(__name__)

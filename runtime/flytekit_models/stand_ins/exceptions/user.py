"""Exceptions for faults in the user's own code or input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flytekit_models.stand_ins import take_flytekits_name
from flytekit_models.stand_ins.exceptions.base import FlyteException
from flytekit_models.stand_ins.exceptions.base import FlyteRecoverableException as _Recoverable


class FlyteUserException(FlyteException):
    """Base of the user's errors."""

    _ERROR_CODE = "USER:Unknown"


class FlyteUserRuntimeException(FlyteException):
    """Wraps an exception that the user's code raised.

    :param exc_value: the exception that was raised.
    :param timestamp: when it was raised, in seconds since the epoch.
    """

    _ERROR_CODE = "USER:RuntimeError"

    def __init__(self, exc_value: Exception, timestamp: float | None = None) -> None:
        self._exc_value = exc_value
        super().__init__(str(exc_value), timestamp=timestamp)

    @property
    def value(self) -> Exception:
        """The exception that was raised."""
        return self._exc_value

    @property
    def error_code(self) -> str:
        """The code of the wrapped exception, if it has one of its own; otherwise that of this class.

        :raises FlyteException: the wrapped exception's code is neither a str nor an int.
        """
        code = getattr(self._exc_value, "error_code", None)
        if code is None:
            # The coded exceptions have it on the class, by their metaclass, where an instance doesn't see it.
            code = getattr(type(self._exc_value), "error_code", None)
        if code is None:
            return self._ERROR_CODE
        if isinstance(code, (str, int)):
            return str(code)
        raise FlyteException(f"An error code is a str or an int, not a {type(code).__name__}")


class FlyteTypeException(FlyteUserException, TypeError):
    """A value has the wrong type.

    :param received_type: the type that came.
    :param expected_type: the type that was wanted, or a list, tuple or set of them.
    :param additional_msg: more to say about it.
    :param received_value: the value itself.
    """

    _ERROR_CODE = "USER:TypeError"

    def __init__(
        self,
        received_type: Any,
        expected_type: Any,
        additional_msg: str | None = None,
        received_value: Any = None,
    ) -> None:
        wanted = f"one of {expected_type}" if isinstance(expected_type, (list, tuple, set)) else f"{expected_type}"
        came = f"{received_type}" if received_value is None else f"{received_value!r} of type {received_type}"
        super().__init__(f"Expected {wanted}, got {came}" + (f": {additional_msg}" if additional_msg else ""))


class FlyteValueException(FlyteUserException, ValueError):
    """A value is not allowed.

    :param received_value: the value that came.
    :param error_message: what is wrong with it.
    """

    _ERROR_CODE = "USER:ValueError"

    def __init__(self, received_value: Any, error_message: str) -> None:
        super().__init__(f"Got {received_value}: {error_message}")


class FlyteDataNotFoundException(FlyteValueException):
    """There is no file at a path.

    :param path: the path.
    """

    def __init__(self, path: str) -> None:
        super().__init__(path, "no such file")


class FlyteEntityNotFoundException(FlyteValueException):
    """A module doesn't hold the task or workflow that was asked of it.

    :param module_name: the module's name.
    :param entity_name: the name of the task or workflow.
    """

    def __init__(self, module_name: str, entity_name: str) -> None:
        super().__init__(f"'{entity_name}'", f"module '{module_name}' has no such task or workflow")
        self._module_name = module_name
        self._entity_name = entity_name

    def __str__(self) -> str:
        return f"Module '{self._module_name}' has no task or workflow '{self._entity_name}'"


class FlyteAssertion(FlyteUserException, AssertionError):
    """The user's code asks for something that can't be."""

    _ERROR_CODE = "USER:AssertionError"


class FlyteValidationException(FlyteAssertion):
    """The user's input didn't pass a check."""

    _ERROR_CODE = "USER:ValidationError"


class FlyteFailureNodeInputMismatchException(FlyteAssertion):
    """The inputs of a workflow's failure node don't fit those of the workflow.

    :param failure_node_node: the failure handler, a task or workflow with ``name`` and ``python_interface``.
    :param workflow: the workflow, with the same attributes.
    """

    _ERROR_CODE = "USER:FailureNodeInputMismatch"

    # The classes of tasks and workflows are no part of this library.
    def __init__(self, failure_node_node: Any, workflow: Any) -> None:
        super().__init__()
        self.failure_node_node = failure_node_node
        self.workflow = workflow

    def __str__(self) -> str:
        node, workflow = self.failure_node_node, self.workflow
        return (
            f"The failure node '{node.name}' takes {node.python_interface.inputs}, but the workflow "
            f"'{workflow.name}' takes {workflow.python_interface.inputs}; the inputs of both must agree"
        )


class FlyteDisapprovalException(FlyteAssertion):
    """A person refused to approve a result."""

    _ERROR_CODE = "USER:ResultNotApproved"


class FlyteEntityAlreadyExistsException(FlyteAssertion):
    """Something is registered already."""

    _ERROR_CODE = "USER:EntityAlreadyExists"


class FlyteEntityNotExistException(FlyteAssertion):
    """Something isn't registered."""

    _ERROR_CODE = "USER:EntityNotExist"


class FlyteTimeout(FlyteAssertion):
    """Waiting took longer than allowed."""

    _ERROR_CODE = "USER:Timeout"


class FlyteRecoverableException(FlyteUserException, _Recoverable):
    """Raised by the user's code to say that trying again may help."""

    _ERROR_CODE = "USER:Recoverable"


class FlyteAuthenticationException(FlyteAssertion):
    """Logging in failed."""

    _ERROR_CODE = "USER:AuthenticationError"


class FlyteInvalidInputException(FlyteUserException):
    """The backend refused a request.

    :param request: the request.
    """

    _ERROR_CODE = "USER:BadInputToAPI"

    def __init__(self, request: Any) -> None:
        self.request = request
        super().__init__()


class FlytePromiseAttributeResolveException(FlyteAssertion):
    """An attribute of a promise can't be found in its value."""

    _ERROR_CODE = "USER:PromiseAttributeResolveError"


class FlyteCompilationException(FlyteUserException):
    """A function can't be made into a task or workflow.

    :param fn: the function.
    :param param_name: the parameter at fault, if it is one parameter.
    """

    _ERROR_CODE = "USER:CompileError"

    def __init__(self, fn: Callable[..., Any], param_name: str | None = None) -> None:
        super().__init__(fn, param_name)
        self.fn = fn
        self.param_name = param_name


class FlyteMissingTypeException(FlyteCompilationException):
    """A parameter has no type annotation."""

    _ERROR_CODE = "USER:MissingTypeError"

    def __str__(self) -> str:
        return f"Parameter '{self.param_name}' needs a type annotation."


class FlyteMissingReturnValueException(FlyteCompilationException):
    """A function that promises a value returns none."""

    _ERROR_CODE = "USER:MissingReturnValueError"

    def __str__(self) -> str:
        return f"Function '{self.fn.__name__}' is annotated with a result and needs a return statement."


take_flytekits_name(__name__)

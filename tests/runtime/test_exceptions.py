"""flytekit.exceptions: codes, bases and texts."""

from __future__ import annotations

import copy
import inspect
import pickle
from types import SimpleNamespace
from typing import Any

import pytest

from flytekit.exceptions import base, eager, system, user

CODES = {
    base: {"FlyteException": "UnknownFlyteException", "FlyteRecoverableException": "RecoverableFlyteException"},
    system: {
        "FlyteSystemException": "SYSTEM:Unknown",
        "FlyteSystemUnavailableException": "SYSTEM:Unavailable",
        "FlyteNotImplementedException": "SYSTEM:NotImplemented",
        "FlyteEntrypointNotLoadable": "SYSTEM:UnloadableCode",
        "FlyteSystemAssertion": "SYSTEM:AssertionError",
        "FlyteAgentNotFound": "SYSTEM:AgentNotFound",
        "FlyteConnectorNotFound": "SYSTEM:ConnectorNotFound",
        "FlyteDownloadDataException": "SYSTEM:DownloadDataError",
        "FlyteUploadDataException": "SYSTEM:UploadDataError",
        "FlyteNonRecoverableSystemException": "USER:NonRecoverableSystemError",
    },
    user: {
        "FlyteUserException": "USER:Unknown",
        "FlyteUserRuntimeException": "USER:RuntimeError",
        "FlyteTypeException": "USER:TypeError",
        "FlyteValueException": "USER:ValueError",
        "FlyteDataNotFoundException": "USER:ValueError",
        "FlyteEntityNotFoundException": "USER:ValueError",
        "FlyteAssertion": "USER:AssertionError",
        "FlyteValidationException": "USER:ValidationError",
        "FlyteFailureNodeInputMismatchException": "USER:FailureNodeInputMismatch",
        "FlyteDisapprovalException": "USER:ResultNotApproved",
        "FlyteEntityAlreadyExistsException": "USER:EntityAlreadyExists",
        "FlyteEntityNotExistException": "USER:EntityNotExist",
        "FlyteTimeout": "USER:Timeout",
        "FlyteRecoverableException": "USER:Recoverable",
        "FlyteAuthenticationException": "USER:AuthenticationError",
        "FlyteInvalidInputException": "USER:BadInputToAPI",
        "FlytePromiseAttributeResolveException": "USER:PromiseAttributeResolveError",
        "FlyteCompilationException": "USER:CompileError",
        "FlyteMissingTypeException": "USER:MissingTypeError",
        "FlyteMissingReturnValueException": "USER:MissingReturnValueError",
    },
}


@pytest.mark.parametrize("module", CODES, ids=lambda module: module.__name__)
def test_codes(module: Any) -> None:
    own = {
        name: cls.error_code
        for name, cls in inspect.getmembers(module, inspect.isclass)
        if cls.__module__ == module.__name__ and issubclass(cls, base.FlyteException)
    }
    assert own == CODES[module]


def test_bases() -> None:
    assert issubclass(system.FlyteSystemException, base.FlyteRecoverableException)
    assert issubclass(system.FlyteNotImplementedException, NotImplementedError)
    assert issubclass(system.FlyteSystemAssertion, AssertionError)
    assert not issubclass(system.FlyteNonRecoverableSystemException, base.FlyteRecoverableException)
    assert issubclass(user.FlyteTypeException, TypeError)
    assert issubclass(user.FlyteValueException, ValueError)
    assert issubclass(user.FlyteAssertion, AssertionError)
    assert issubclass(user.FlyteRecoverableException, base.FlyteRecoverableException)
    assert not issubclass(user.FlyteUserRuntimeException, user.FlyteUserException)
    assert not issubclass(eager.EagerException, base.FlyteException)


def handler(x: int) -> None: ...


_WORKFLOW = SimpleNamespace(name="wf", python_interface=SimpleNamespace(inputs={"b": int}))
_NODE = SimpleNamespace(name="clean", python_interface=SimpleNamespace(inputs={"a": str}))

CASES: list[tuple[base.FlyteException, str]] = [
    (base.FlyteException(), "UnknownFlyteException: error=None"),
    (base.FlyteException("a", 2, timestamp=1.5), "UnknownFlyteException: error=a,2"),
    (system.FlyteSystemUnavailableException("x"), "The Flyte cluster did not answer"),
    (system.FlyteEntrypointNotLoadable("m"), "SYSTEM:UnloadableCode: error=Cannot load module 'm'"),
    (system.FlyteEntrypointNotLoadable("m", "t", "why"), "Cannot load task 't' of module 'm': why"),
    (system.FlyteNonRecoverableSystemException(KeyError("k")), "error='k'"),
    (user.FlyteUserRuntimeException(ValueError("v"), timestamp=2.5), "USER:RuntimeError: error=v"),
    (user.FlyteTypeException(int, str), "Expected <class 'str'>, got <class 'int'>"),
    (
        user.FlyteTypeException(int, [str, float], "in f", 3),
        "Expected one of [<class 'str'>, <class 'float'>], got 3 of type <class 'int'>: in f",
    ),
    (user.FlyteValueException(3, "too small"), "USER:ValueError: error=Got 3: too small"),
    (user.FlyteDataNotFoundException("/p"), "Got /p: no such file"),
    (user.FlyteEntityNotFoundException("m", "t"), "Module 'm' has no task or workflow 't'"),
    (user.FlyteFailureNodeInputMismatchException(_NODE, _WORKFLOW), "The failure node 'clean' takes {'a'"),
    (user.FlyteInvalidInputException({"r": 1}), "USER:BadInputToAPI: error=None"),
    (user.FlyteCompilationException(handler, "x"), "USER:CompileError: error="),
    (user.FlyteMissingTypeException(handler, "x"), "Parameter 'x' needs a type annotation."),
    (user.FlyteMissingReturnValueException(fn=handler), "Function 'handler' is annotated with a result"),
]


@pytest.mark.parametrize(("error", "text"), CASES, ids=lambda value: type(value).__name__)
def test_text_and_copies(error: base.FlyteException, text: str) -> None:
    assert text in str(error)
    again = copy.copy(error)
    assert type(again) is type(error)
    assert (str(again), again.args, vars(again)) == (str(error), error.args, vars(error))


@pytest.mark.parametrize("error", [user.FlyteValueException(3, "low"), user.FlyteEntityNotFoundException("m", "t")])
def test_pickles(error: base.FlyteException) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.timestamp) == (type(error), str(error), None)


def test_causes_and_times() -> None:
    with pytest.raises(base.FlyteException) as caught:
        raise base.FlyteException("a", timestamp=1.5) from KeyError("k")
    assert str(caught.value) == "UnknownFlyteException: error=a, cause='k'"
    assert caught.value.timestamp == 1.5


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (ValueError("v"), "USER:RuntimeError"),
        (user.FlyteTimeout("t"), "USER:Timeout"),
        (type("Numbered", (Exception,), {"error_code": 7})(), "7"),
    ],
)
def test_the_code_of_a_wrapped_exception(value: Exception, code: str) -> None:
    error = user.FlyteUserRuntimeException(value)
    assert error.error_code == code
    assert error.value is value


def test_a_wrapped_exception_with_a_senseless_code() -> None:
    value = type("Senseless", (Exception,), {"error_code": 1.5})()
    with pytest.raises(base.FlyteException, match="not a float"):
        _ = user.FlyteUserRuntimeException(value).error_code
    wrapped = system.FlyteNonRecoverableSystemException(value)
    assert wrapped.value is value


def test_pickles_name_the_modules_that_flytekit_has() -> None:
    raised = user.FlyteValueException(3, "too small")
    assert b"flytekit.exceptions.user" in pickle.dumps(raised)
    assert b"stand_ins" not in pickle.dumps(raised, protocol=0)

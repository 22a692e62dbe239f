"""Exceptions for faults of the platform or of the library, as opposed to the user's own code."""

from flytekit_models.stand_ins.exceptions.system import (
    FlyteAgentNotFound,
    FlyteConnectorNotFound,
    FlyteDownloadDataException,
    FlyteEntrypointNotLoadable,
    FlyteNonRecoverableSystemException,
    FlyteNotImplementedException,
    FlyteSystemAssertion,
    FlyteSystemException,
    FlyteSystemUnavailableException,
    FlyteUploadDataException,
)

__all__ = [
    "FlyteAgentNotFound",
    "FlyteConnectorNotFound",
    "FlyteDownloadDataException",
    "FlyteEntrypointNotLoadable",
    "FlyteNonRecoverableSystemException",
    "FlyteNotImplementedException",
    "FlyteSystemAssertion",
    "FlyteSystemException",
    "FlyteSystemUnavailableException",
    "FlyteUploadDataException",
]

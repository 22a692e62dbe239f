"""Clients and servicers that take and return models: the names that their users need beside the generated classes.

Which is little: the errors, the options of a call, and the streams.
"""

from flytekit_models.services.errors import InvalidMessage, RepeatedToken, StatusError
from flytekit_models.services.options import CallOptions, Metadata
from flytekit_models.services.streams import AsyncDuplexStream, AsyncResponseStream, RequestStream, ResponseStream

__all__ = [
    "AsyncDuplexStream",
    "AsyncResponseStream",
    "CallOptions",
    "InvalidMessage",
    "Metadata",
    "RepeatedToken",
    "RequestStream",
    "ResponseStream",
    "StatusError",
]

"""The options of a call, with the names that grpc uses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias, TypedDict

from flytekit_models.lazy import LazyModule

if TYPE_CHECKING:
    import grpc
else:
    # For who asks for type hints: only those who make channels and servers import it.
    grpc = LazyModule("grpc")

Metadata: TypeAlias = Sequence[tuple[str, str | bytes]]
"""Key-value pairs; keys that end with ``-bin`` have bytes."""


class CallOptions(TypedDict, total=False):
    """The options of a call. All are optional."""

    timeout: float | None
    """Time limit in seconds, after which the call fails with DEADLINE_EXCEEDED."""
    metadata: Metadata | None
    """Metadata sent with the request."""
    credentials: grpc.CallCredentials | None
    """Credentials of this call; only over a secure channel."""
    wait_for_ready: bool | None
    """Whether the call waits for a connection instead of failing with UNAVAILABLE."""
    compression: grpc.Compression | None
    """How the request is compressed."""

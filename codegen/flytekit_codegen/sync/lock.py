"""idl.lock: which release idl/ was written from.

The lock is a JSON object: `distribution`, `version`, `wheel` and `sha256` of the release, the same three for each of
its `requirements` that idl/ took a file from, and `files`, a digest per file. A digest is the sha256 of the file's
serialized descriptor, as `kept` leaves it. So it stands for the schema: it changes with every change to a
declaration, and stays when only comments or layout change.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf.descriptor_pb2 import FileDescriptorProto

from .errors import SyncError
from .release import Release

LOCK_NAME = "idl.lock"


@dataclass(frozen=True)
class LockedRelease:
    """A release as the lock records it; `sha256` is the hex digest of its wheel."""

    distribution: str
    version: str
    wheel: str
    sha256: str

    @classmethod
    def of(cls, release: Release) -> LockedRelease:
        return cls(release.distribution, release.version, release.wheel.name, release.sha256)


@dataclass(frozen=True)
class Lock:
    """The content of idl.lock; `files` maps each file's name to the digest of its schema."""

    release: LockedRelease
    files: Mapping[str, str]
    requirements: tuple[LockedRelease, ...]

    def text(self) -> str:
        """The lock as it stands in its file."""
        content: dict[str, Any] = dict(vars(self.release))
        content["requirements"] = [vars(release) for release in self.requirements]
        content["files"] = dict(sorted(self.files.items()))
        return json.dumps(content, indent=2) + "\n"


def read_lock(idl: Path) -> Lock | None:
    """The lock of an `idl/` folder, None where there is none yet.

    Raises:
        SyncError: there is one, and it can't be read.
    """
    path = idl / LOCK_NAME
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        requirements = tuple(LockedRelease(**item) for item in content.pop("requirements"))
        files = {str(name): str(digest) for name, digest in content.pop("files").items()}
        return Lock(LockedRelease(**content), files, requirements)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SyncError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SyncError(f"{path} is not a lock written by sync; restore it from version control.") from error


def digest(kept_file: FileDescriptorProto) -> str:
    """The digest of a file's schema, from its descriptor as `kept` leaves it."""
    return hashlib.sha256(kept_file.SerializeToString(deterministic=True)).hexdigest()

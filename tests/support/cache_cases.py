"""Executions whose results a local cache holds. Run as a program by a Python with flytekit, it fills or reads a cache.

usage: cache_cases.py fill|read|record FOLDER
``record`` also keeps some values as old releases did, as pickled models, and writes down the keys; that is how flytekit
1.16.31 made tests/runtime/flytekit_store.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NamedTuple

from google.protobuf.struct_pb2 import Struct

from flytekit.models.core.types import BlobType
from flytekit.models.literals import (
    Binary,
    Blob,
    BlobMetadata,
    Literal,
    LiteralCollection,
    LiteralMap,
    Primitive,
    Scalar,
    Schema,
    StructuredDataset,
    StructuredDatasetMetadata,
    Union,
    Void,
)
from flytekit.models.types import LiteralType, SchemaType, SimpleType, StructuredDatasetType

TASK_VERSION = "1.0"


class Case(NamedTuple):
    """The arguments of one ``LocalTaskCache.set``, and whether the value is kept as a pickled model."""

    task: str
    version: str
    inputs: LiteralMap
    ignored: tuple[str, ...]
    outputs: LiteralMap
    pickled: bool


def integer(value: int, **kwargs: Any) -> Literal:
    return Literal(scalar=Scalar(primitive=Primitive(integer=value)), **kwargs)


def literals(**values: Literal) -> LiteralMap:
    return LiteralMap(literals=values)


def cases() -> list[Case]:
    """Each kind of value, as an input and as an output; every other one is kept as a pickle."""
    struct = Struct()
    struct.update({"a": [1, None, {"b": True}]})
    simple = LiteralType(simple=SimpleType.INTEGER)
    column = StructuredDatasetType.DatasetColumn("c", simple)
    dataset_type = StructuredDatasetType(columns=[column], format="parquet")
    scalars = {
        "integer": Scalar(primitive=Primitive(integer=10)),
        "text": Scalar(primitive=Primitive(string_value="hello \u00e9")),
        "datetime": Scalar(primitive=Primitive(datetime=datetime(2024, 2, 3, 4, 5, 6, 7000, tzinfo=timezone.utc))),
        "duration": Scalar(primitive=Primitive(duration=timedelta(days=1, microseconds=5))),
        "void": Scalar(none_type=Void()),
        "generic": Scalar(generic=struct),
        "binary": Scalar(binary=Binary(b"\x00\xff", "msgpack")),
        "blob": Scalar(blob=Blob(BlobMetadata(BlobType("csv", BlobType.BlobDimensionality.MULTIPART)), "s3://b/k")),
        "schema": Scalar(
            schema=Schema(
                "s3://b/s", SchemaType([SchemaType.SchemaColumn("c", SchemaType.SchemaColumn.SchemaColumnType.FLOAT)])
            )
        ),
        "dataset": Scalar(structured_dataset=StructuredDataset("s3://b/d", StructuredDatasetMetadata(dataset_type))),
        "union": Scalar(union=Union(integer(3), simple)),
    }
    values = {name: Literal(scalar=scalar) for name, scalar in scalars.items()}
    values["collection"] = Literal(
        collection=LiteralCollection([integer(1, hash="h1"), integer(2)]), metadata={"kept": "no"}
    )
    values["map"] = Literal(map=literals(a=integer(1), b=Literal(collection=LiteralCollection([integer(3, hash="h")]))))
    values["hashed"] = integer(7, hash="digest")
    values["metadata"] = integer(7, metadata={"m": "n"})
    found = [
        Case(f"pkg.{name}", TASK_VERSION, literals(x=value, y=integer(2)), (), literals(out=value), number % 2 == 1)
        for number, (name, value) in enumerate(values.items())
    ]
    large = literals(out=Literal(scalar=Scalar(binary=Binary(bytes(range(256)) * 160, "raw"))))
    return [
        *found,
        Case("pkg.ignoring", "v", literals(x=integer(1), y=integer(2)), ("y", "other"), literals(o=integer(5)), False),
        Case("", "", LiteralMap({}), (), LiteralMap({}), False),
        Case("pkg.large", "v", literals(x=integer(1)), (), large, False),
        Case("pkg.large_pickle", "v", literals(x=integer(1)), (), large, True),
    ]


def main(job: str, folder: str) -> None:
    from flytekit.core import local_cache
    from flytekit.core.local_cache import LocalTaskCache, _calculate_cache_key

    local_cache.CACHE_LOCATION = folder
    keys = {}
    for case in cases():
        arguments = (case.task, case.version, case.inputs, case.ignored)
        keys[case.task] = _calculate_cache_key(*arguments)
        if job == "read":
            found = LocalTaskCache.get(*arguments)
            assert found is not None, case.task
            assert found.to_flyte_idl() == case.outputs.to_flyte_idl(), case.task
            continue
        LocalTaskCache.set(*arguments, case.outputs)
        if job == "record" and case.pickled:
            LocalTaskCache._cache.set(keys[case.task], case.outputs)
    if job == "record":
        Path(folder, "keys.json").write_text(json.dumps(keys, indent=1) + "\n")
    LocalTaskCache._cache.close()


if __name__ == "__main__":
    main(*sys.argv[1:])

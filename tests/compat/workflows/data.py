"""Files, directories, structured datasets, artifacts, and tasks that are no Python."""

import os
import typing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pandas as pd

from flytekit import ContainerTask, HashMethod, StructuredDataset, kwtypes, task, workflow
from flytekit.core.artifact import Artifact, Inputs
from flytekit.extras.sqlite3.task import SQLite3Config, SQLite3Task
from flytekit.extras.tasks.shell import OutputLocation, ShellTask
from flytekit.types.directory import FlyteDirectory
from flytekit.types.file import FlyteFile
from flytekit.types.schema import FlyteSchema

Columns = kwtypes(name=str, count=int)
Frame = Annotated[pd.DataFrame, HashMethod(lambda frame: str(len(frame)))]
Report = Artifact(name="report", partition_keys=["region"], version="1")
Model = Artifact(name="model", time_partitioned=False, partition_keys=["region", "kind"])


@dataclass
class Bundle:
    file: FlyteFile
    note: str


@task
def make_frame(rows: int) -> Annotated[StructuredDataset, Columns]:
    frame = pd.DataFrame({"name": [f"n{row}" for row in range(rows)], "count": list(range(rows))})
    return StructuredDataset(dataframe=frame)


@task
def narrow(data: Annotated[StructuredDataset, kwtypes(count=int)]) -> Annotated[StructuredDataset, "csv"]:
    return StructuredDataset(dataframe=data.open(pd.DataFrame).all())


@task
def sum_up(frame: pd.DataFrame) -> int:
    return int(frame["count"].sum())


@task
def hashed_frame(rows: int) -> Frame:
    print("making the frame")
    return pd.DataFrame({"count": list(range(rows))})


@task(cache=True, cache_version="1")
def count_rows(frame: pd.DataFrame) -> int:
    print("counting the rows")
    return len(frame)


@task
def make_schema(rows: int) -> FlyteSchema[kwtypes(count=int)]:
    schema = FlyteSchema[kwtypes(count=int)]()
    schema.open().write(pd.DataFrame({"count": list(range(rows))}))
    return schema


@task
def read_schema(schema: FlyteSchema[kwtypes(count=int)]) -> int:
    return len(schema.open().all())


@task
def write_file(text: str) -> FlyteFile[typing.TypeVar("txt")]:
    with open("out.txt", "w") as file:
        file.write(text)
    return "out.txt"


@task
def read_files(folder: FlyteDirectory, bundle: Bundle) -> list[str]:
    found = [Path(folder, name).read_text() for name in sorted(os.listdir(folder))]
    return [*found, Path(bundle.file).read_text() + bundle.note]


@task
def write_folder(count: int) -> FlyteDirectory:
    os.makedirs("folder", exist_ok=True)
    for index in range(count):
        with open(f"folder/{index}", "w") as file:
            file.write(str(index))
    return FlyteDirectory("folder")


@task
def bundle_up(file: FlyteFile) -> Bundle:
    return Bundle(file=file, note="!")


@task
def publish(region: str) -> Annotated[str, Report(region=Inputs.region)]:
    return region


@task
def train(kind: str) -> Annotated[int, Model(region="eu", kind=Inputs.kind)]:
    return 3


@workflow
def artifacts(region: str = "eu", kind: str = "k") -> tuple[str, int]:
    return publish(region=region), train(kind=kind)


@workflow
def queries(found: str = Report.query(region="eu"), latest: int = Model.query(region="eu", kind="k")) -> str:
    return found


@workflow
def frames(rows: int = 3) -> tuple[int, int, int]:
    made = make_frame(rows=rows)
    return (
        sum_up(frame=narrow(data=made)),
        count_rows(frame=hashed_frame(rows=rows)),
        read_schema(schema=make_schema(rows=rows)),
    )


@workflow
def files(text: str = "hello", count: int = 2) -> list[str]:
    return read_files(folder=write_folder(count=count), bundle=bundle_up(file=write_file(text=text)))


shell = ShellTask(
    name="data.shell",
    script="cat {inputs.file} > {outputs.copy}",
    inputs=kwtypes(file=FlyteFile),
    output_locs=[OutputLocation(var="copy", var_type=FlyteFile, location="copy.txt")],
)

sql = SQLite3Task(
    name="data.sql",
    query_template="select * from tracks limit {{.inputs.limit}}",
    inputs=kwtypes(limit=int),
    output_schema_type=FlyteSchema[kwtypes(TrackId=int)],
    task_config=SQLite3Config(uri="https://127.0.0.1/none.zip", compressed=True),
)

container = ContainerTask(
    name="data.container",
    image="alpine:3",
    input_data_dir="/var/inputs",
    output_data_dir="/var/outputs",
    inputs=kwtypes(a=float, b=float),
    outputs=kwtypes(area=float),
    command=["./run", "{{.inputs.a}}", "{{.inputs.b}}"],
    arguments=["--out", "/var/outputs"],
    environment={"X": "y"},
)


@workflow
def shelled(text: str = "in the shell") -> FlyteFile:
    return shell(file=write_file(text=text))


@workflow
def contained(a: float = 1.0) -> float:
    return container(a=a, b=2.0)


@workflow
def queried(limit: int = 3) -> FlyteSchema[kwtypes(TrackId=int)]:
    return sql(limit=limit)

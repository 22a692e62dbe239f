"""A cached task with inputs and outputs of every kind, so that the key of the cache depends on them all."""

import datetime
import enum
from dataclasses import dataclass

from flytekit import task, workflow


class Size(enum.Enum):
    SMALL = "small"
    LARGE = "large"


@dataclass
class Part:
    name: str
    weights: dict[str, float]


@task(cache=True, cache_version="1", cache_ignore_input_vars=("noise",))
def compute(
    size: Size,
    part: Part,
    when: datetime.datetime,
    span: datetime.timedelta,
    texts: list[str | None],
    table: dict[str, list[int]],
    either: int | str,
    noise: float,
) -> tuple[Part, dict[str, int], datetime.datetime | None]:
    print("computing kinds")
    return part, {key: sum(table[key]) for key in sorted(table)}, when + span


@workflow
def kinds() -> tuple[Part, dict[str, int], datetime.datetime | None]:
    return compute(
        size=Size.LARGE,
        part=Part(name="p", weights={"a": 1.5}),
        when=datetime.datetime(2024, 5, 6, tzinfo=datetime.timezone.utc),
        span=datetime.timedelta(hours=1),
        texts=["x", None],
        table={"z": [1, 2]},
        either="text",
        noise=0.25,
    )

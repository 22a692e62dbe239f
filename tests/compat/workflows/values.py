"""Every type of value that flytekit carries, through a task and a workflow each."""

import datetime
import enum
import typing
from dataclasses import dataclass, field
from typing import Annotated

from flytekit import kwtypes, task, workflow
from flytekit.types.file import FlyteFile, JPEGImageFile


class Colour(enum.Enum):
    RED = "red"
    GREEN = "green"


@dataclass
class Point:
    x: int = 1
    y: float = 2.5
    tags: list[str] = field(default_factory=lambda: ["a"])


@dataclass
class Shape:
    """A dataclass within a dataclass."""

    colour: Colour
    points: list[Point]
    named: dict[str, Point]
    label: str | None = None


class Outcome(typing.NamedTuple):
    total: int
    text: str
    when: datetime.datetime


@task
def plain(a: int, b: float, c: str, d: bool) -> tuple[int, float, str, bool]:
    return a + 1, b * 2, c + "!", not d


@task
def times(when: datetime.datetime, span: datetime.timedelta) -> Outcome:
    return Outcome(total=span.days, text=when.isoformat(), when=when + span)


@task
def containers(a: list[list[int]], b: dict[str, list[str]]) -> dict[str, int]:
    return {**{str(index): sum(each) for index, each in enumerate(a)}, **{key: len(b[key]) for key in sorted(b)}}


@task
def maybe(a: int | None = None, b: int | str | list[float] = "text") -> str:
    return f"{a} {b}"


@task
def make_shape(colour: Colour, count: int) -> Shape:
    points = [Point(x=index) for index in range(count)]
    return Shape(colour=colour, points=points, named={"first": Point()}, label=None)


@task
def describe(shape: Shape, colour: Colour) -> str:
    return f"{colour.value} {len(shape.points)} {shape.named['first'].y} {shape.label}"


@task
def named(a: int) -> Annotated[dict[str, typing.Any], kwtypes(x=int)]:
    return {"x": a, "nested": {"list": [1, 2.5, "three", None, True]}}


@task
def nothing(a: int) -> None:
    """Give nothing."""


@task
def image(a: int) -> JPEGImageFile:
    path = "image.jpeg"
    with open(path, "w") as file:
        file.write(f"{a}")
    return JPEGImageFile(path)


@task
def size(image: FlyteFile) -> int:
    with open(image) as file:
        return len(file.read())


@workflow
def plain_values(a: int = 1, b: float = 0.5, c: str = "Umlaut ü", d: bool = False) -> tuple[int, float, str, bool]:
    """Pass on the plain values.

    Args:
        a: a number
        b: a fraction
        c: a text
        d: a truth
    """
    return plain(a=a, b=b, c=c, d=d)


@workflow
def time_values(
    when: datetime.datetime = datetime.datetime(2024, 2, 29, 12, 30, 1, 5, tzinfo=datetime.timezone.utc),
    span: datetime.timedelta = datetime.timedelta(days=1, microseconds=3),
) -> Outcome:
    return times(when=when, span=span)


@workflow
def container_values() -> dict[str, int]:
    return containers(a=[[1, 2], [], [3]], b={"x": ["y"], "z": []})


@workflow
def optional_values(a: int | None = None) -> tuple[str, str, str]:
    return maybe(a=a), maybe(a=3, b=[1.5]), maybe(a=None, b=7)


@workflow
def structured_values(colour: Colour = Colour.GREEN, count: int = 2) -> tuple[str, dict[str, typing.Any]]:
    shape = make_shape(colour=colour, count=count)
    nothing(a=count)
    return describe(shape=shape, colour=colour), named(a=count)


@workflow
def attribute_values(count: int = 3) -> tuple[float, list[str]]:
    shape = make_shape(colour=Colour.RED, count=count)
    return shape.points[0].y, shape.named["first"].tags


@workflow
def file_values(a: int = 1234) -> int:
    return size(image=image(a=a))

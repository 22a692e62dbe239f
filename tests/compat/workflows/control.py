"""How nodes are put together: dynamic, conditional, mapped, nested, gated, failing, awaited."""

from datetime import timedelta
from functools import partial

from flytekit import (
    Resources,
    WorkflowFailurePolicy,
    approve,
    conditional,
    dynamic,
    eager,
    map_task,
    sleep,
    task,
    wait_for_input,
    workflow,
)
from flytekit.core.workflow import ImperativeWorkflow
from flytekit.types.error.error import FlyteError


@task
def increment(x: int) -> int:
    return x + 1


@task
def add(x: int, y: int) -> int:
    return x + y


@task
def total(xs: list[int | None]) -> int:
    return sum(x for x in xs if x is not None)


@task
def numbers(n: int) -> list[int]:
    return list(range(n))


@task
def clean_up(name: str, err: FlyteError | None = None) -> None:
    """Tidy after a failure."""


@dynamic
def powers(n: int) -> list[int]:
    found = []
    for x in range(n):
        found.append(add(x=x, y=increment(x=x)))
    return found


@workflow
def inner(x: int, y: int = 5) -> tuple[int, int]:
    return increment(x=x), add(x=x, y=y)


@workflow
def nested(x: int = 1) -> tuple[int, int]:
    first, second = inner(x=x)
    third, _ = inner(x=second, y=first)
    return third, second


@workflow
def single(x: int) -> int:
    return increment(x=x)


@workflow
def branches(x: int = 7) -> int:
    return (
        conditional("size")
        .if_((x > 5) & (x < 100))
        .then(increment(x=x))
        .elif_((x == 3) | (x <= -3))
        .then(add(x=x, y=x))
        .elif_(x > 0)
        .then(single(x=x))
        .else_()
        .fail("nothing to do")
    )


@workflow
def texts(flag: bool = True, name: str = "a") -> int:
    return (
        conditional("flags")
        .if_(flag.is_true())
        .then(increment(x=1))
        .elif_(name == "b")
        .then(increment(x=2))
        .else_()
        .then(increment(x=3))
    )


@workflow
def mapped(n: int = 4) -> tuple[int, int, int]:
    xs = numbers(n=n)
    one = map_task(increment, concurrency=2, min_success_ratio=0.5)(x=xs).with_overrides(requests=Resources(cpu="1"))
    two = map_task(partial(add, y=10))(x=xs)
    three = map_task(increment, metadata=None, min_successes=1)(x=xs)
    return total(xs=one), total(xs=two), total(xs=three)


@workflow
def grown(n: int = 3) -> list[int]:
    return powers(n=n)


@workflow
def ordered(x: int = 1) -> int:
    one = increment(x=x)
    two = increment(x=x).with_overrides(
        node_name="second",
        name="the second",
        timeout=timedelta(minutes=3),
        retries=4,
        interruptible=True,
        cache=True,
        cache_version="7",
        cache_serialize=True,
        limits=Resources(mem="2Gi", cpu="2"),
        container_image="registry/image:2",
        task_config=None,
    )
    one >> two
    nap = sleep(timedelta(milliseconds=5))
    two >> nap
    return add(x=two, y=one)


@workflow
def gated(x: int = 1) -> int:
    given = wait_for_input("number", timeout=timedelta(hours=1), expected_type=int)
    checked = approve(increment(x=x), "sure", timeout=timedelta(hours=2))
    return add(x=given, y=checked)


@workflow(
    failure_policy=WorkflowFailurePolicy.FAIL_AFTER_EXECUTABLE_NODES_COMPLETE, interruptible=True, on_failure=clean_up
)
def guarded(name: str = "job") -> int:
    return increment(x=1)


@eager
async def awaited(x: int) -> int:
    return increment(x=x)


imperative = ImperativeWorkflow(name="control.imperative")
imperative.add_workflow_input("x", int)
_node = imperative.add_entity(increment, x=imperative.inputs["x"])
_other = imperative.add_entity(add, x=_node.outputs["o0"], y=3)
imperative.add_workflow_output("sum", _other.outputs["o0"])

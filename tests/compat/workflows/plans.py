"""Launch plans, and entities that are somewhere else."""

import datetime

from flytekit import (
    CronSchedule,
    Email,
    FixedRate,
    LaunchPlan,
    PagerDuty,
    Slack,
    reference_launch_plan,
    reference_task,
    task,
    workflow,
)
from flytekit.models.common import Annotations, AuthRole, Labels, RawOutputDataConfig
from flytekit.models.concurrency import ConcurrencyLimitBehavior, ConcurrencyPolicy
from flytekit.models.core.execution import WorkflowExecutionPhase
from flytekit.models.security import Identity, SecurityContext


@task
def report(when: datetime.datetime, name: str, count: int) -> str:
    return f"{name} {count} {when.year}"


@workflow
def reporting(when: datetime.datetime, name: str = "n", count: int = 3) -> str:
    return report(when=when, name=name, count=count)


@reference_task(project="p", domain="d", name="elsewhere.task", version="v1")
def remote_task(a: int, b: list[str]) -> dict[str, int]:
    return {}


@reference_launch_plan(project="p", domain="d", name="elsewhere.plan", version="v3")
def remote_plan(a: int) -> str:
    return ""


default = LaunchPlan.get_or_create(reporting)
fixed = LaunchPlan.get_or_create(reporting, "plans.fixed", default_inputs={"count": 4}, fixed_inputs={"name": "fixed"})
daily = LaunchPlan.get_or_create(
    reporting,
    "plans.daily",
    schedule=CronSchedule(schedule="0 8 * * *", kickoff_time_input_arg="when"),
    notifications=[
        Email(phases=[WorkflowExecutionPhase.FAILED, WorkflowExecutionPhase.ABORTED], recipients_email=["a@b.c"]),
        Slack(phases=[WorkflowExecutionPhase.SUCCEEDED], recipients_email=["d@e.f", "g@h.i"]),
        PagerDuty(phases=[WorkflowExecutionPhase.TIMED_OUT], recipients_email=["j@k.l"]),
    ],
    labels=Labels({"a": "b"}),
    annotations=Annotations({"c": "d"}),
    raw_output_data_config=RawOutputDataConfig("s3://bucket/prefix"),
    max_parallelism=5,
    overwrite_cache=True,
    security_context=SecurityContext(run_as=Identity(iam_role="role", k8s_service_account="account")),
    concurrency=ConcurrencyPolicy(max_concurrency=2, behavior=ConcurrencyLimitBehavior.SKIP),
)
hourly = LaunchPlan.get_or_create(
    reporting,
    "plans.hourly",
    schedule=FixedRate(duration=datetime.timedelta(hours=1), kickoff_time_input_arg="when"),
    auth_role=AuthRole(assumable_iam_role="iam", kubernetes_service_account="k8s"),
    auto_activate=True,
)


@workflow
def planned(name: str = "x") -> tuple[str, str]:
    when = datetime.datetime(2025, 1, 2, tzinfo=datetime.timezone.utc)
    return fixed(when=when), default(when=when, name=name)


@workflow
def remote(a: int = 3) -> tuple[dict[str, int], str]:
    return remote_task(a=a, b=["c"]), remote_plan(a=a)

"""What can be asked of a task: resources, caching, secrets, pods, images, decks, documentation."""

from datetime import timedelta

from kubernetes.client.models import (
    V1Container,
    V1EnvVar,
    V1PodSpec,
    V1ResourceRequirements,
    V1Toleration,
    V1Volume,
    V1VolumeMount,
)

from flytekit import (
    Cache,
    Deck,
    Description,
    Documentation,
    Resources,
    Secret,
    SourceCode,
    TaskMetadata,
    current_context,
    task,
    workflow,
)
from flytekit.core.pod_template import PodTemplate
from flytekit.extras.accelerators import A100, T4, GPUAccelerator
from flytekit.models.core.execution import TaskLog

POD = PodTemplate(
    primary_container_name="main",
    labels={"team": "a", "tier": "b"},
    annotations={"note": "c"},
    pod_spec=V1PodSpec(
        containers=[
            V1Container(
                name="main",
                env=[V1EnvVar(name="A", value="b")],
                resources=V1ResourceRequirements(limits={"cpu": "1"}),
                volume_mounts=[V1VolumeMount(mount_path="/data", name="data")],
            ),
            V1Container(name="side", image="side:1", command=["run"], args=["--now"]),
        ],
        tolerations=[V1Toleration(key="k", operator="Exists")],
        volumes=[V1Volume(name="data")],
    ),
)


@task(
    requests=Resources(cpu="500m", mem="1Gi", ephemeral_storage="3Gi"),
    limits=Resources(cpu="2", mem="2Gi", gpu="1"),
    accelerator=T4,
    environment={"B": "2", "A": "1"},
    retries=3,
    timeout=timedelta(minutes=5, seconds=1),
    interruptible=True,
    deprecated="use another",
    container_image="registry/image:1",
)
def heavy(x: int) -> int:
    return x * 2


@task(accelerator=A100.partition_2g_10gb, shared_memory="2Gi", labels={"l": "1"}, annotations={"a": "2"})
def accelerated(x: int) -> int:
    return x


@task(accelerator=GPUAccelerator("other"), resources=Resources(cpu=("1", "2"), mem="500Mi"), shared_memory=True)
def other_accelerated(x: int) -> int:
    return x


@task(cache=True, cache_version="1.0", cache_serialize=True, cache_ignore_input_vars=("noise",))
def cached(x: int, noise: int) -> int:
    print(f"computing {x}")
    return x + 100


@task(cache=Cache(version="2", serialize=False, ignored_inputs=("noise",)))
def cached_too(x: int, noise: str) -> list[int]:
    return [x, x]


@task(
    secret_requests=[
        Secret(group="group", key="key"),
        Secret(group="file", key="k2", mount_requirement=Secret.MountType.FILE, group_version="v"),
        Secret(group="g", key="k3", env_var="SECRET_ENV", mount_requirement=Secret.MountType.ENV_VAR),
    ]
)
def secretive(x: int) -> int:
    return x


@task(pod_template=POD, secret_requests=[Secret(group="only")])
def in_a_pod(x: int) -> int:
    return x


@task(pod_template_name="a-template", enable_deck=True)
def shown(x: int) -> int:
    Deck("mine", f"<b>{x}</b>")
    current_context().default_deck.append("text")
    return x


@task(
    docs=Documentation(
        short_description="short",
        long_description=Description(value="long", icon_link="icon"),
        source_code=SourceCode(link="link"),
    )
)
def documented(x: int) -> int:
    """Documented by its docstring, too.

    Args:
        x: a number

    Returns:
        the number
    """
    return x


@workflow(docs=Documentation(short_description="the settings", source_code=SourceCode(link="here")))
def settings(x: int = 2) -> tuple[int, int, int]:
    a = heavy(x=x)
    b = accelerated(x=a)
    c = other_accelerated(x=b)
    secretive(x=a)
    in_a_pod(x=a)
    overridden = in_a_pod(x=a).with_overrides(
        accelerator=T4,
        shared_memory="1Gi",
        resources=Resources(cpu="3", mem="3Gi"),
        pod_template=PodTemplate(primary_container_name="main", labels={"x": "y"}),
    )
    shown(x=overridden)
    documented(x=c)
    return a, b, c


@workflow
def caching(x: int = 1) -> tuple[int, int, list[int]]:
    one = cached(x=x, noise=1)
    two = cached(x=x, noise=2)
    one >> two
    return one, two, cached_too(x=x, noise="n")


LOG = TaskLog(uri="uri", name="name", message_format=TaskLog.MessageFormat.JSON, ttl=timedelta(seconds=3))
METADATA = TaskMetadata(cache=True, cache_version="3", retries=2, timeout=5)

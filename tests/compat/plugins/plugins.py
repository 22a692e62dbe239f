"""Tasks of released plugins, which build models of their own or subclass flytekit's."""

from flytekitplugins.athena import AthenaConfig, AthenaTask
from flytekitplugins.awsbatch import AWSBatchConfig
from flytekitplugins.dask import Dask, Scheduler, WorkerGroup
from flytekitplugins.hive import HiveConfig, HiveSelectTask, HiveTask
from flytekitplugins.kfmpi import HorovodJob, Launcher, MPIJob
from flytekitplugins.kfmpi import Worker as MPIWorker
from flytekitplugins.kfpytorch import CleanPodPolicy, Master, PyTorch, RestartPolicy, RunPolicy, Worker
from flytekitplugins.kftensorflow import PS, Chief, Evaluator, TfJob
from flytekitplugins.kftensorflow import Worker as TfWorker
from flytekitplugins.papermill import NotebookTask
from flytekitplugins.pod import Pod
from flytekitplugins.ray import HeadNodeConfig, RayJobConfig, WorkerNodeConfig
from kubernetes.client.models import V1Container, V1PodSpec

from flytekit import Resources, kwtypes, task, workflow
from flytekit.core.pod_template import PodTemplate
from flytekit.types.schema import FlyteSchema

SPEC = V1PodSpec(containers=[V1Container(name="primary"), V1Container(name="side", image="side:1")])


@task(task_config=Pod(pod_spec=SPEC, primary_container_name="primary", labels={"a": "b"}, annotations={"c": "d"}))
def pod(x: int) -> int:
    return x


@task(
    task_config=RayJobConfig(
        head_node_config=HeadNodeConfig(ray_start_params={"log-color": "True"}, requests=Resources(cpu="1")),
        worker_node_config=[
            WorkerNodeConfig(
                group_name="workers",
                replicas=3,
                min_replicas=1,
                max_replicas=5,
                pod_template=PodTemplate(pod_spec=SPEC),
            )
        ],
        runtime_env={"pip": ["numpy"]},
        enable_autoscaling=True,
        shutdown_after_job_finishes=True,
        ttl_seconds_after_finished=20,
    ),
    limits=Resources(mem="2Gi"),
)
def ray(x: int) -> int:
    return x


@task(
    task_config=Dask(
        scheduler=Scheduler(image="scheduler:1", limits=Resources(cpu="1", mem="2Gi")),
        workers=WorkerGroup(number_of_workers=4, requests=Resources(cpu="3")),
    )
)
def dask(x: int) -> int:
    return x


@task(
    task_config=PyTorch(
        master=Master(restart_policy=RestartPolicy.ALWAYS, requests=Resources(cpu="1")),
        worker=Worker(replicas=5, image="worker:1", limits=Resources(cpu="4", mem="2Gi")),
        run_policy=RunPolicy(
            clean_pod_policy=CleanPodPolicy.RUNNING,
            ttl_seconds_after_finished=600,
            active_deadline_seconds=36000,
            backoff_limit=2,
        ),
    )
)
def pytorch(x: int) -> int:
    return x


@task(task_config=MPIJob(launcher=Launcher(replicas=1), worker=MPIWorker(replicas=3, command=["run"]), slots=2))
def mpi(x: int) -> int:
    return x


@task(task_config=HorovodJob(launcher=Launcher(replicas=1), worker=MPIWorker(replicas=2), slots=1, verbose=True))
def horovod(x: int) -> int:
    return x


@task(
    task_config=TfJob(
        chief=Chief(replicas=1),
        ps=PS(replicas=2, image="ps:1"),
        worker=TfWorker(replicas=3, requests=Resources(mem="1Gi")),
        evaluator=Evaluator(replicas=1),
    )
)
def tensorflow(x: int) -> int:
    return x


@task(
    task_config=AWSBatchConfig(
        parameters={"a": "b"}, schedulingPriority=3, platformCapabilities="EC2", propagateTags=True, tags={"h": "w"}
    )
)
def batch(x: int) -> int:
    return x


hive = HiveTask(
    name="plugins.hive",
    inputs=kwtypes(name=str, x=int),
    task_config=HiveConfig(cluster_label="label", tags=["a", "b"]),
    query_template="insert into t values ({{.inputs.name}}, {{.inputs.x}})",
)
select = HiveSelectTask(
    name="plugins.select",
    inputs=kwtypes(name=str),
    select_query="select {{.inputs.name}}",
    output_schema_type=FlyteSchema[kwtypes(a=int)],
)
athena = AthenaTask(
    name="plugins.athena",
    inputs=kwtypes(day=str),
    task_config=AthenaConfig(database="db", catalog="catalog", workgroup="group"),
    query_template="select * from t where day = '{{.inputs.day}}'",
    output_schema_type=FlyteSchema,
)
notebook = NotebookTask(
    name="plugins.notebook",
    notebook_path="notebook.ipynb",
    render_deck=True,
    inputs=kwtypes(x=int),
    outputs=kwtypes(y=float),
)


@workflow
def plugins(x: int, day: str = "monday") -> list[int]:
    hive(name=day, x=x)
    select(name=day)
    athena(day=day)
    notebook(x=x)
    return [pod(x=x), ray(x=x), dask(x=x), pytorch(x=x), mpi(x=x), horovod(x=x), tensorflow(x=x)]

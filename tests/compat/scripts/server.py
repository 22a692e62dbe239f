"""A Flyte server in a few pages: what flytekit's client asks for, kept in memory, on flyteidl's own service stubs.

It takes down every request. An execution is done at once: each node of its workflow succeeded, with one task execution
if it runs a task. Its answers also hold fields that flytekit's hand-written models have no member for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import grpc
from flyteidl.admin import (
    common_pb2,
    execution_pb2,
    launch_plan_pb2,
    matchable_resource_pb2,
    node_execution_pb2,
    project_domain_attributes_pb2,
    project_pb2,
    signal_pb2,
    task_execution_pb2,
    task_pb2,
    version_pb2,
    workflow_attributes_pb2,
    workflow_pb2,
)
from flyteidl.core import compiler_pb2, identifier_pb2, literals_pb2
from flyteidl.core import execution_pb2 as core_execution_pb2
from flyteidl.core import workflow_pb2 as workflow_pb2_core
from flyteidl.service import admin_pb2_grpc, dataproxy_pb2, dataproxy_pb2_grpc, signal_pb2_grpc

PHASE = core_execution_pb2.WorkflowExecution.SUCCEEDED
_START, _END = "start-node", "end-node"


def _key(message: Any) -> bytes:
    return bytes(message.SerializeToString(deterministic=True))


def _number(value: int) -> Any:
    primitive = literals_pb2.Primitive(integer=value)
    return literals_pb2.Literal(scalar=literals_pb2.Scalar(primitive=primitive))


class Store:
    """Everything the server knows."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, str]] = []
        self.tasks: dict[bytes, Any] = {}
        self.workflows: dict[bytes, Any] = {}
        self.plans: dict[bytes, Any] = {}
        self.executions: dict[bytes, Any] = {}
        self.inputs: dict[bytes, Any] = {}
        self.projects = {"flytesnacks": self._project("flytesnacks")}
        self.attributes: dict[str, Any] = {}
        self.signals: dict[bytes, Any] = {}
        self.files: dict[str, bytes] = {}
        self.files_url = ""
        self.last: Any = None
        """The answer that was given last."""

    @staticmethod
    def _project(name: str) -> Any:
        domain = project_pb2.Domain(id="development", name="Development")
        return project_pb2.Project(id=name, name=name, domains=[domain], org="an org")

    def noted(self, method: str, request: Any) -> None:
        """Take down a request."""
        wire = _key(request).hex()
        if self.files_url:
            wire = wire.replace(self.files_url.encode().hex(), b"FILES".hex())
        self.requests.append((method, request.DESCRIPTOR.full_name, wire))


def _page(items: list[Any], request: Any) -> tuple[list[Any], str]:
    first = int(request.token or 0)
    last = first + (request.limit or len(items))
    return items[first:last], str(last) if last < len(items) else ""


def _found(items: dict[bytes, Any], key: Any, context: Any) -> Any:
    if _key(key) not in items:
        context.abort(grpc.StatusCode.NOT_FOUND, f"there is no {key}")
    return items[_key(key)]


def _named(items: dict[bytes, Any], wanted: Any) -> list[Any]:
    """The items of a project, a domain and, if it is given, a name; in the order of their names.

    The order in which they were registered is another one each time: flytekit registers in threads.
    """
    keys = ("project", "domain", "name") if getattr(wanted, "name", "") else ("project", "domain")
    found = [item for item in items.values() if all(getattr(item.id, key) == getattr(wanted, key) for key in keys)]
    return sorted(found, key=lambda item: (item.id.name, item.id.version))


class Admin(admin_pb2_grpc.AdminServiceServicer):
    """The admin service."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # What is registered.

    def CreateTask(self, request: Any, context: Any) -> Any:
        self._new(self._store.tasks, request.id, context)
        compiled = compiler_pb2.CompiledTask(template=request.spec.template)
        compiled.template.id.CopyFrom(request.id)
        closure = task_pb2.TaskClosure(compiled_task=compiled)
        closure.created_at.seconds = 1_700_000_000
        task = task_pb2.Task(id=request.id, closure=closure, short_description="a task")
        self._store.tasks[_key(request.id)] = task
        return task_pb2.TaskCreateResponse()

    def CreateWorkflow(self, request: Any, context: Any) -> Any:
        self._new(self._store.workflows, request.id, context)
        compiled = compiler_pb2.CompiledWorkflowClosure()
        compiled.primary.template.CopyFrom(request.spec.template)
        compiled.primary.template.id.CopyFrom(request.id)
        compiled.primary.connections.downstream[_START].ids.extend(node.id for node in request.spec.template.nodes)
        compiled.primary.connections.upstream[_END].ids.extend(node.id for node in request.spec.template.nodes)
        nodes = compiled.primary.template.nodes
        # The server puts the ends of a workflow among its nodes.
        nodes.add(id=_START)
        nodes.add(id=_END)
        for template in request.spec.sub_workflows:
            compiled.sub_workflows.add().template.CopyFrom(template)
        for task in sorted(self._store.tasks.values(), key=lambda task: task.id.name):
            compiled.tasks.add().template.CopyFrom(task.closure.compiled_task.template)
        closure = workflow_pb2.WorkflowClosure(compiled_workflow=compiled)
        closure.created_at.seconds = 1_700_000_000
        self._store.workflows[_key(request.id)] = workflow_pb2.Workflow(id=request.id, closure=closure)
        return workflow_pb2.WorkflowCreateResponse()

    def CreateLaunchPlan(self, request: Any, context: Any) -> Any:
        self._new(self._store.plans, request.id, context)
        template = self._template(request.spec.workflow_id)
        closure = launch_plan_pb2.LaunchPlanClosure(expected_inputs=request.spec.default_inputs)
        if template is not None:
            closure.expected_outputs.CopyFrom(template.interface.outputs)
        closure.created_at.seconds = 1_700_000_000
        plan = launch_plan_pb2.LaunchPlan(id=request.id, spec=request.spec, closure=closure)
        self._store.plans[_key(request.id)] = plan
        return launch_plan_pb2.LaunchPlanCreateResponse()

    def _template(self, workflow_id: Any) -> Any:
        found = self._store.workflows.get(_key(workflow_id))
        return None if found is None else found.closure.compiled_workflow.primary.template

    def _new(self, items: dict[bytes, Any], key: Any, context: Any) -> None:
        if _key(key) in items:
            context.abort(grpc.StatusCode.ALREADY_EXISTS, f"there is a {key} already")

    def GetTask(self, request: Any, context: Any) -> Any:
        return _found(self._store.tasks, request.id, context)

    def GetWorkflow(self, request: Any, context: Any) -> Any:
        return _found(self._store.workflows, request.id, context)

    def GetLaunchPlan(self, request: Any, context: Any) -> Any:
        return _found(self._store.plans, request.id, context)

    def GetActiveLaunchPlan(self, request: Any, context: Any) -> Any:
        active = [plan for plan in _named(self._store.plans, request.id) if plan.closure.state]
        return active[0] if active else context.abort(grpc.StatusCode.NOT_FOUND, "none is active")

    def UpdateLaunchPlan(self, request: Any, context: Any) -> Any:
        _found(self._store.plans, request.id, context).closure.state = request.state
        return launch_plan_pb2.LaunchPlanUpdateResponse()

    def UpdateNamedEntity(self, request: Any, context: Any) -> Any:
        return common_pb2.NamedEntityUpdateResponse()

    def ListTasks(self, request: Any, context: Any) -> Any:
        page, token = _page(_named(self._store.tasks, request.id), request)
        return task_pb2.TaskList(tasks=page, token=token)

    def ListWorkflows(self, request: Any, context: Any) -> Any:
        page, token = _page(_named(self._store.workflows, request.id), request)
        return workflow_pb2.WorkflowList(workflows=page, token=token)

    def ListLaunchPlans(self, request: Any, context: Any) -> Any:
        page, token = _page(_named(self._store.plans, request.id), request)
        return launch_plan_pb2.LaunchPlanList(launch_plans=page, token=token)

    def ListActiveLaunchPlans(self, request: Any, context: Any) -> Any:
        active = [plan for plan in self._store.plans.values() if plan.closure.state]
        page, token = _page(active, request)
        return launch_plan_pb2.LaunchPlanList(launch_plans=page, token=token)

    def ListTaskIds(self, request: Any, context: Any) -> Any:
        return self._ids(self._store.tasks, request)

    def ListWorkflowIds(self, request: Any, context: Any) -> Any:
        return self._ids(self._store.workflows, request)

    def ListLaunchPlanIds(self, request: Any, context: Any) -> Any:
        return self._ids(self._store.plans, request)

    def _ids(self, items: dict[bytes, Any], request: Any) -> Any:
        names = [
            common_pb2.NamedEntityIdentifier(project=item.id.project, domain=item.id.domain, name=item.id.name, org="o")
            for item in _named(items, request)
        ]
        page, token = _page(names, request)
        return common_pb2.NamedEntityIdentifierList(entities=page, token=token)

    # Executions.

    def CreateExecution(self, request: Any, context: Any) -> Any:
        name = request.name or f"execution{len(self._store.executions)}"
        return self._execute(request.project, request.domain, name, request.spec, request.inputs)

    def _execute(self, project: str, domain: str, name: str, spec: Any, inputs: Any) -> Any:
        key = identifier_pb2.WorkflowExecutionIdentifier(project=project, domain=domain, name=name)
        closure = execution_pb2.ExecutionClosure(phase=PHASE)
        for moment, field in enumerate((closure.started_at, closure.created_at, closure.updated_at)):
            field.seconds, field.nanos = 1_700_000_000 + moment, 123_456_789
        closure.duration.seconds = 5
        closure.outputs.uri = "s3://bucket/outputs"
        closure.state_change_details.principal = "somebody"
        plan = self._store.plans.get(_key(spec.launch_plan))
        if plan is not None:
            closure.workflow_id.CopyFrom(plan.spec.workflow_id)
        else:
            closure.workflow_id.CopyFrom(spec.launch_plan)
        execution = execution_pb2.Execution(id=key, spec=spec, closure=closure)
        self._store.executions[_key(key)] = execution
        self._store.inputs[_key(key)] = inputs
        return execution_pb2.ExecutionCreateResponse(id=key)

    def RelaunchExecution(self, request: Any, context: Any) -> Any:
        return self._again(request, context)

    def RecoverExecution(self, request: Any, context: Any) -> Any:
        return self._again(request, context)

    def _again(self, request: Any, context: Any) -> Any:
        first = _found(self._store.executions, request.id, context)
        inputs = self._store.inputs[_key(request.id)]
        return self._execute(request.id.project, request.id.domain, request.name or "again", first.spec, inputs)

    def GetExecution(self, request: Any, context: Any) -> Any:
        return _found(self._store.executions, request.id, context)

    def GetExecutionData(self, request: Any, context: Any) -> Any:
        inputs = self._store.inputs[_key(request.id)]
        outputs = literals_pb2.LiteralMap(literals={"o0": _number(7)})
        return execution_pb2.WorkflowExecutionGetDataResponse(full_inputs=inputs, full_outputs=outputs)

    def GetExecutionMetrics(self, request: Any, context: Any) -> Any:
        metrics = execution_pb2.WorkflowExecutionGetMetricsResponse()
        metrics.span.workflow_id.CopyFrom(request.id)
        metrics.span.start_time.seconds = 5
        return metrics

    def ListExecutions(self, request: Any, context: Any) -> Any:
        page, token = _page(list(self._store.executions.values()), request)
        return execution_pb2.ExecutionList(executions=page, token=token)

    def TerminateExecution(self, request: Any, context: Any) -> Any:
        execution = _found(self._store.executions, request.id, context)
        execution.closure.phase = core_execution_pb2.WorkflowExecution.ABORTED
        execution.closure.abort_metadata.cause = request.cause
        return execution_pb2.ExecutionTerminateResponse()

    def _compiled(self, execution_id: Any, context: Any) -> Any:
        execution = _found(self._store.executions, execution_id, context)
        workflow = self._store.workflows.get(_key(execution.closure.workflow_id))
        return None if workflow is None else workflow.closure.compiled_workflow

    def _nodes(self, execution_id: Any, parent: str, context: Any) -> list[Any]:
        """The nodes that ran in an execution, or in its node *parent*."""
        compiled = self._compiled(execution_id, context)
        if compiled is None:
            return [workflow_pb2_core.Node(id="n0")] if not parent else []
        nodes = {node.id: node for node in compiled.primary.template.nodes}
        if not parent:
            return list(nodes.values())
        called = nodes[parent].workflow_node.sub_workflow_ref
        return [node for each in compiled.sub_workflows if each.template.id == called for node in each.template.nodes]

    def _node_execution(self, execution_id: Any, node: Any, parent: str = "") -> Any:
        name = f"{parent}/{node.id}" if parent else node.id
        key = identifier_pb2.NodeExecutionIdentifier(node_id=name, execution_id=execution_id)
        closure = node_execution_pb2.NodeExecutionClosure(phase=core_execution_pb2.NodeExecution.SUCCEEDED)
        closure.started_at.seconds, closure.started_at.nanos = 1_700_000_001, 999
        closure.duration.seconds = 2
        closure.deck_uri = "deck"
        closure.dynamic_job_spec_uri = "spec"
        if node.HasField("task_node"):
            closure.task_node_metadata.checkpoint_uri = "checkpoint"
            closure.task_node_metadata.cache_status = 1
        metadata = node_execution_pb2.NodeExecutionMetaData(spec_node_id=node.id, retry_group="0")
        metadata.is_parent_node = node.HasField("branch_node") or node.workflow_node.HasField("sub_workflow_ref")
        metadata.is_array = node.HasField("array_node")
        return node_execution_pb2.NodeExecution(id=key, input_uri="inputs", closure=closure, metadata=metadata)

    def ListNodeExecutions(self, request: Any, context: Any) -> Any:
        key, parent = request.workflow_execution_id, request.unique_parent_id
        made = [self._node_execution(key, node, parent) for node in self._nodes(key, parent, context)]
        page, token = _page(made, request)
        return node_execution_pb2.NodeExecutionList(node_executions=page, token=token)

    def ListNodeExecutionsForTask(self, request: Any, context: Any) -> Any:
        key = request.task_execution_id.node_execution_id
        return node_execution_pb2.NodeExecutionList(
            node_executions=[self._node_execution(key.execution_id, workflow_pb2_core.Node(id="child"))]
        )

    def GetNodeExecution(self, request: Any, context: Any) -> Any:
        return self._node_execution(request.id.execution_id, workflow_pb2_core.Node(id=request.id.node_id))

    def GetNodeExecutionData(self, request: Any, context: Any) -> Any:
        inputs = self._store.inputs.get(_key(request.id.execution_id), literals_pb2.LiteralMap())
        outputs = literals_pb2.LiteralMap(literals={"o0": _number(8)})
        answer = node_execution_pb2.NodeExecutionGetDataResponse(full_inputs=inputs, full_outputs=outputs)
        answer.flyte_urls.inputs = "flyte://inputs"
        return answer

    def _task_execution(self, node_id: Any, task_id: Any) -> Any:
        key = identifier_pb2.TaskExecutionIdentifier(task_id=task_id, node_execution_id=node_id, retry_attempt=1)
        closure = task_execution_pb2.TaskExecutionClosure(phase=core_execution_pb2.TaskExecution.SUCCEEDED)
        closure.started_at.seconds = 1_700_000_002
        closure.logs.add(uri="log", name="log", ShowWhilePending=True)
        closure.reason = "done"
        closure.task_type = "python-task"
        closure.metadata.generated_name = "pod"
        return task_execution_pb2.TaskExecution(id=key, input_uri="inputs", closure=closure)

    def ListTaskExecutions(self, request: Any, context: Any) -> Any:
        task = min((item.id for item in self._store.tasks.values()), key=lambda key: key.name)
        execution = self._task_execution(request.node_execution_id, task)
        return task_execution_pb2.TaskExecutionList(task_executions=[execution])

    def GetTaskExecution(self, request: Any, context: Any) -> Any:
        return self._task_execution(request.id.node_execution_id, request.id.task_id)

    def GetTaskExecutionData(self, request: Any, context: Any) -> Any:
        outputs = literals_pb2.LiteralMap(literals={"o0": _number(9)})
        return task_execution_pb2.TaskExecutionGetDataResponse(full_outputs=outputs)

    # Projects and their settings.

    def RegisterProject(self, request: Any, context: Any) -> Any:
        self._store.projects[request.project.id] = request.project
        return project_pb2.ProjectRegisterResponse()

    def UpdateProject(self, request: Any, context: Any) -> Any:
        self._store.projects[request.id] = request
        return project_pb2.ProjectUpdateResponse()

    def ListProjects(self, request: Any, context: Any) -> Any:
        page, token = _page(list(self._store.projects.values()), request)
        return project_pb2.Projects(projects=page, token=token)

    def GetDomains(self, request: Any, context: Any) -> Any:
        domains = [project_pb2.Domain(id=name, name=name.title()) for name in ("development", "production")]
        return project_pb2.GetDomainsResponse(domains=domains)

    def UpdateProjectDomainAttributes(self, request: Any, context: Any) -> Any:
        self._store.attributes["project"] = request.attributes
        return project_domain_attributes_pb2.ProjectDomainAttributesUpdateResponse()

    def GetProjectDomainAttributes(self, request: Any, context: Any) -> Any:
        return project_domain_attributes_pb2.ProjectDomainAttributesGetResponse(
            attributes=self._store.attributes["project"]
        )

    def UpdateWorkflowAttributes(self, request: Any, context: Any) -> Any:
        self._store.attributes["workflow"] = request.attributes
        return workflow_attributes_pb2.WorkflowAttributesUpdateResponse()

    def GetWorkflowAttributes(self, request: Any, context: Any) -> Any:
        return workflow_attributes_pb2.WorkflowAttributesGetResponse(attributes=self._store.attributes["workflow"])

    def ListMatchableAttributes(self, request: Any, context: Any) -> Any:
        answer = matchable_resource_pb2.ListMatchableAttributesResponse()
        answer.configurations.add(project="p", domain="d").attributes.execution_queue_attributes.tags.append("t")
        return answer

    def GetVersion(self, request: Any, context: Any) -> Any:
        return version_pb2.GetVersionResponse(control_plane_version=version_pb2.Version(Version="1.2.3"))


class DataProxy(dataproxy_pb2_grpc.DataProxyServiceServicer):
    """The service for files."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def CreateUploadLocation(self, request: Any, context: Any) -> Any:
        name = request.filename or "file"
        return dataproxy_pb2.CreateUploadLocationResponse(
            signed_url=f"{self._store.files_url}/{name}", native_url=f"/bucket/{request.project}/{name}"
        )

    def CreateDownloadLocation(self, request: Any, context: Any) -> Any:
        return dataproxy_pb2.CreateDownloadLocationResponse(signed_url=f"{self._store.files_url}/file")

    def CreateDownloadLink(self, request: Any, context: Any) -> Any:
        return dataproxy_pb2.CreateDownloadLinkResponse(signed_url=[f"{self._store.files_url}/file"])

    def GetData(self, request: Any, context: Any) -> Any:
        return dataproxy_pb2.GetDataResponse(literal=_number(3))


class Signals(signal_pb2_grpc.SignalServiceServicer):
    """The service for what a gate waits for."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def SetSignal(self, request: Any, context: Any) -> Any:
        self._store.signals[_key(request.id)] = signal_pb2.Signal(id=request.id, value=request.value)
        return signal_pb2.SignalSetResponse()

    def ListSignals(self, request: Any, context: Any) -> Any:
        return signal_pb2.SignalList(signals=list(self._store.signals.values()))


class _Notes(grpc.ServerInterceptor):
    """Takes down every request before it is answered."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def intercept_service(self, continuation: Callable[[Any], Any], details: Any) -> Any:
        handler = continuation(details)
        if handler is None or handler.unary_unary is None:
            return handler
        method = details.method.rpartition("/")[2]

        def answer(request: Any, context: Any) -> Any:
            self._store.noted(method, request)
            self._store.last = handler.unary_unary(request, context)
            return self._store.last

        return grpc.unary_unary_rpc_method_handler(answer, handler.request_deserializer, handler.response_serializer)


@contextmanager
def running(store: Store) -> Iterator[str]:
    """The address of a server over *store*, while it runs."""
    server = grpc.server(ThreadPoolExecutor(4), interceptors=[_Notes(store)])
    admin_pb2_grpc.add_AdminServiceServicer_to_server(Admin(store), server)
    dataproxy_pb2_grpc.add_DataProxyServiceServicer_to_server(DataProxy(store), server)
    signal_pb2_grpc.add_SignalServiceServicer_to_server(Signals(store), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    files = ThreadingHTTPServer(("127.0.0.1", 0), _file_handler(store))
    store.files_url = f"http://127.0.0.1:{files.server_port}"
    threading.Thread(target=files.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        files.shutdown()
        files.server_close()
        server.stop(None).wait()


def _file_handler(store: Store) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            store.files[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler

"""Each call of the commands that workflows run is allowed to the role of their job, by the planned policies.

What only describes is in AWS's ViewOnlyAccess, whose text is moto's copy; the rest is in the roles' own policies.
"""

import fnmatch
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from moto.backends import get_backend

from operations.backup.report import report
from operations.backup.status import status
from operations.deploy.saved_plan import PlanStore, SavedPlan
from operations.frame.context import Context
from operations.frame.errors import ExitCode
from operations.smoke.smoke import smoke
from tests.components.access.roles import WORKFLOWS, act, document, inputs_of, managed_actions, resources
from tests.engine.simulator import evaluate
from tests.operations.checklists import Person
from tests.operations.fake.ecs import Behaviour
from tests.operations.fake.task_definitions import ACCOUNT
from tests.operations.fake.wire import MOTO
from tests.operations.fake.world import World
from tests.operations.support import Terminal
from tests.operations.test_backup_status import healthy

REGIONS = {"production": "us-east-1", "dr": "us-west-2"}
VIEW = "ViewOnlyAccess"
Keys = Mapping[str, str | Sequence[str]]
# An action, a resource, and the request's keys (Service Authorization Reference).
Need = tuple[str, str, Keys]
TO_ECS: Keys = {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
# Leaves the use of a key to the roles' own policies.
KEY_POLICY: Mapping[str, object] = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
    ],
}
# Every role may ask who it is; the simulator knows CreateLogStream for groups only (test_connect_permissions.py).
OTHERS = {"sts GetCallerIdentity", "logs CreateLogStream"}


def _passed(stack: str) -> list[Need]:
    """Return what ECS requires of someone who uses the API's task definition: to pass its roles."""
    suffix = "-dr" if stack == "dr" else ""
    roles = (f"taskflow-ecs-task-role{suffix}", f"taskflow-ecs-execution-role{suffix}")
    return [("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/{role}", TO_ECS) for role in roles]


def _arn(stack: str, service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGIONS[stack]}:{ACCOUNT}:{resource}"


def _service(stack: str, request: Mapping[str, Any]) -> str:
    return _arn(stack, "ecs", f"service/{request['cluster']}/{request['service']}")


def _image(action: str) -> Callable[[Mapping[str, Any], str], list[Need]]:
    return lambda request, stack: [(action, _arn(stack, "ecr", f"repository/{request['repositoryName']}"), {})]


def _parameter(action: str) -> Callable[[Mapping[str, Any], str], list[Need]]:
    return lambda request, stack: [(action, _arn(stack, "ssm", f"parameter{request['Name']}"), {})]


def _events(action: str) -> Callable[[Mapping[str, Any], str], list[Need]]:
    return lambda request, stack: [
        (
            action,
            _arn(stack, "logs", f"log-group:{request['logGroupName']}:log-stream:{request['logStreamName']}"),
            {},
        )
    ]


def _update(request: Mapping[str, Any], stack: str) -> list[Need]:
    # taskflow names no other property of the service: with each the request would have more keys.
    assert set(request) == {"cluster", "service", "taskDefinition", "forceNewDeployment"}
    # The fake world's task definitions are all of us-east-1.
    keys = {"ecs:task-definition": request["taskDefinition"].replace("us-east-1", REGIONS[stack])}
    return [("ecs:UpdateService", _service(stack, request), keys), *_passed(stack)]


# By operation, what its request needs beyond ViewOnlyAccess.
NEEDS: Mapping[str, Callable[[Mapping[str, Any], str], list[Need]]] = {
    "cloudwatch DescribeAlarms": lambda _, __: [("cloudwatch:DescribeAlarms", "*", {})],
    "ecr DescribeImages": _image("ecr:DescribeImages"),
    "ecr DescribeImageScanFindings": _image("ecr:DescribeImageScanFindings"),
    "ecs DescribeServiceRevisions": lambda request, _: [
        ("ecs:DescribeServiceRevisions", arn, {}) for arn in request["serviceRevisionArns"]
    ],
    "ecs RegisterTaskDefinition": lambda request, stack: [
        ("ecs:RegisterTaskDefinition", _arn(stack, "ecs", f"task-definition/{request['family']}:1"), {}),
        ("ecs:TagResource", _arn(stack, "ecs", f"task-definition/{request['family']}:1"), {}),
        *_passed(stack),
    ],
    "ecs RunTask": lambda request, stack: [
        ("ecs:RunTask", request["taskDefinition"],
         {"ecs:cluster": _arn(stack, "ecs", f"cluster/{request['cluster']}")}),
        *_passed(stack),
    ],
    "ecs UpdateService": _update,
    "ecs StopServiceDeployment": lambda request, _: [
        ("ecs:StopServiceDeployment", request["serviceDeploymentArn"], {})
    ],
    "logs GetLogEvents": _events("logs:GetLogEvents"),
    "logs PutLogEvents": _events("logs:PutLogEvents"),
    "ssm GetParameter": _parameter("ssm:GetParameter"),
    "ssm PutParameter": _parameter("ssm:PutParameter"),
}  # fmt: skip


def _is_viewed(operation: str) -> bool:
    service, _, name = operation.partition(" ")
    return _is_in(VIEW, f"{service}:{name}")


def _is_in(policy: str, action: str) -> bool:
    allowed = managed_actions(policy, action.partition(":")[0])
    return any(fnmatch.fnmatchcase(action, each) for each in allowed)


def _needs(stack: str, requests: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Need]:
    found: list[Need] = []
    for operation, request in requests:
        if operation not in OTHERS and not _is_viewed(operation):
            found += [need for need in NEEDS[operation](request, stack) if need not in found]
    return found


def _refused(job: str, needs: Sequence[Need]) -> list[Need]:
    """Return what the role of a job may not do."""
    requests = [
        replace(
            act(job, *need, group=WORKFLOWS, managed=(VIEW,)),
            resource_policy=KEY_POLICY if need[0].startswith("kms:") else None,
        )
        for need in needs
    ]
    return [need for need, is_allowed in zip(needs, evaluate(requests), strict=True) if not is_allowed]


# What .github/scripts/release.sh runs, in its order; then what may go wrong.
def _release(person: Person) -> Iterator[ExitCode]:
    # People have answered the checklist; a workflow has no terminal.
    assert person.preflight("v1.1.0") is ExitCode.SUCCESS
    person.has_terminal = False
    yield person.preflight("v1.1.0")
    yield person.release("v1.1.0")
    yield person.run(smoke)
    yield person.release("v1.1.0", watch=True)
    yield person.postflight("v1.1.0")
    yield person.rollback()


def _release_to_dr(person: Person) -> Iterator[ExitCode]:
    yield person.release("v1.1.0")
    yield person.run(smoke)


def _failed_migration(person: Person) -> Iterator[ExitCode]:
    person.world.ecs.migration = (40, 1)
    yield person.release("v1.1.0")


def _deployment_that_is_stopped(person: Person) -> Iterator[ExitCode]:
    person.world.push("v1.2.0", Behaviour.SLOW)
    person.world.ecs.deploy(person.world.register("v1.2.0"))
    person.world.clock.sleep(20)
    yield person.rollback()


# The stack, the commands, how they end, and a call that they make, without which the run would prove nothing.
RUNS: Mapping[str, tuple[str, Callable[[Person], Iterator[ExitCode]], set[ExitCode], str]] = {
    "a release and a rollback": ("production", _release, {ExitCode.SUCCESS, ExitCode.CHECK_FAILED}, "ecs RunTask"),
    "a release to dr": ("dr", _release_to_dr, {ExitCode.SUCCESS}, "ecs RegisterTaskDefinition"),
    "a failed migration": ("production", _failed_migration, {ExitCode.FAILED}, "logs GetLogEvents"),
    "a deployment that is stopped": (
        "production", _deployment_that_is_stopped, {ExitCode.SUCCESS}, "ecs StopServiceDeployment",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RUNS)
def test_every_call_of_a_release_is_allowed_to_its_workflow(name: str) -> None:
    stack, commands, ends, call = RUNS[name]
    world = World(stack=stack)
    for version in ("v1.0.0", "v1.1.0"):
        world.push(version)
    person = Person(world=world, stack=stack)
    assert person.release("v1.0.0") is ExitCode.SUCCESS
    requests: list[tuple[str, Mapping[str, Any]]] = []
    for code in commands(person):
        assert code in ends
        requests += person.world.wire.requests
    assert call in {operation for operation, _ in requests}
    assert _refused("release", _needs(stack, requests)) == []


def test_every_call_that_publishes_the_web_application_is_allowed_to_its_workflow() -> None:
    """The calls are those that moto answers: tests/operations/test_assets.py."""
    bucket = f"arn:aws:s3:::taskflow-production-assets-{ACCOUNT}"
    key: Keys = {
        "kms:ViaService": "s3.us-east-1.amazonaws.com",
        "kms:ResourceAliases": ["alias/taskflow-production-assets"],
    }
    needs: Mapping[str, list[Need]] = {
        "s3 ListObjectsV2": [("s3:ListBucket", bucket, {})],
        "s3 PutObject": [
            ("s3:PutObject", f"{bucket}/assets/app-3f2a1b4c.js", {}),
            ("kms:GenerateDataKey", _arn("production", "kms", "key/any"), key),
        ],
        "cloudfront ListDistributions": [("cloudfront:ListDistributions", "*", {})],
        "cloudfront CreateInvalidation": [("cloudfront:CreateInvalidation", _distribution("web"), {})],
    }
    assert needs.keys() == MOTO
    assert _refused("release", [need for each in needs.values() for need in each]) == []
    others: list[Need] = [
        ("cloudfront:CreateInvalidation", _distribution("api"), {}),
        ("kms:GenerateDataKey", _arn("production", "kms", "key/any"),
         {**key, "kms:ResourceAliases": ["alias/taskflow-production-data"]}),
    ]  # fmt: skip
    assert _refused("release", others) == others


def _distribution(site: str) -> str:
    """Return the ARN of a planned distribution: its id is known from an alarm's dimension."""
    alarm = resources()["aws:cloudwatch/metricAlarm:MetricAlarm", f"alerts-edge-errors-{site}"]
    return (
        f"arn:aws:cloudfront::{ACCOUNT}:distribution/{cast('Mapping[str, str]', alarm['dimensions'])['DistributionId']}"
    )


def test_every_call_of_the_nightly_checks_is_allowed_to_its_workflow() -> None:
    """ReadOnlyAccess allows each, and the denial of data none of them."""
    terminal = Terminal(world=healthy())
    calls: set[str] = set()
    for command in (status, report):
        assert terminal.run(command) is ExitCode.SUCCESS
        calls |= set(terminal.world.wire.calls)
    denied = document(inputs_of("rolePolicy:RolePolicy", f"{WORKFLOWS}-nightly-NoData")["policy"])
    statements = cast("Sequence[Mapping[str, Sequence[str]]]", denied["Statement"])
    data = {action for each in statements for action in each["Action"]}
    # S3's permission has another name than its operation.
    actions = {call.replace(" ", ":").replace("GetBucketReplication", "GetReplicationConfiguration") for call in calls}
    assert actions >= {"backup:ListCopyJobs", "rds:DescribeDBSnapshots", "s3:GetBucketVersioning"}
    read = {action for action in actions if _is_in("ReadOnlyAccess", action)}
    assert (actions - read, actions & data) == (set(), set())


@pytest.mark.parametrize(
    ("job", "refused"), [("plan", set[str]()), ("preview", {"s3:PutObject", "kms:GenerateDataKey"})]
)
def test_a_plan_is_saved_by_its_own_job_only(job: str, refused: set[str]) -> None:
    """Of the calls that save and read a plan, a pull request may only read."""
    get_backend("s3").reset()
    terminal = Terminal(world=World())
    terminal.world.wire.restart()
    needs: list[Need] = []
    terminal.run_with(lambda context: _save(context, needs))
    assert {action for action, _, _ in _refused(job, needs)} == refused


def _save(context: Context, needs: list[Need]) -> None:
    """Save and load a plan; note what each call needs."""
    s3 = context.aws.s3

    def note(params: Mapping[str, Any], event_name: str, **_: object) -> None:
        operation = event_name.rpartition(".")[2]
        action = {"HeadObject": "GetObject"}.get(operation, operation)
        needs.append((f"s3:{action}", f"arn:aws:s3:::{params['Bucket']}/{params['Key']}", {}))
        if key := params.get("SSEKMSKeyId"):
            needs.append(("kms:GenerateDataKey", key, {"kms:ViaService": "s3.us-east-1.amazonaws.com"}))

    s3.create_bucket(Bucket="taskflow-pulumi-state-us-east-1")
    s3.meta.events.register("provide-client-params.s3", note)
    try:
        store = PlanStore(context=context)
        now = datetime(2026, 11, 2, tzinfo=UTC)
        plan = SavedPlan(stack="production", commit="0123", state=store.state_version(), saved_at=now, document="{}")
        store.save(plan)
        assert store.load("0123") == plan
    finally:
        s3.meta.events.unregister("provide-client-params.s3", note)
    keys = [resource for action, resource, _ in needs if action.startswith("kms:")]
    needs.append(("kms:Decrypt", keys[0], {}))

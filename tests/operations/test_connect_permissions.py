"""Each call of `db connect` is allowed to prod-db-access, by the planned policies, whose only way to AWS it is."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from tests.components.access.test_people import act
from tests.engine.simulator import evaluate
from tests.operations.connecting import Person, person
from tests.operations.fake.task_definitions import ACCOUNT, REGION

CLUSTER = f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/taskflow-production"
USER_ID = "AROAFAKE:incident-7"
# A document of AWS has no account in its ARN, for which the simulator has no pattern: the statement names it in full.
DOCUMENT = "ssm:StartSession of a document"
Context = Mapping[str, str]
Need = tuple[str, str, Context]


def _arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def _task(target: str) -> str:
    """Return the ARN of the task in a target of SSM."""
    cluster, task, _ = target.removeprefix("ecs:").split("_")
    return _arn("ecs", f"task/{cluster}/{task}")


# By operation: what its request needs, as actions, resources and keys (Service Authorization Reference).
NEEDS: Mapping[str, Callable[[Mapping[str, Any]], list[Need]]] = {
    "rds DescribeDBInstances": lambda request: [
        ("rds:DescribeDBInstances", _arn("rds", f"db:{request['DBInstanceIdentifier']}"), {})
    ],
    "ecs ListTasks": lambda request: [
        ("ecs:ListTasks", "*", {"ecs:cluster": _arn("ecs", f"cluster/{request['cluster']}")})
    ],
    "ecs DescribeServices": lambda request: [
        ("ecs:DescribeServices", _arn("ecs", f"service/{request['cluster']}/{request['services'][0]}"), {})
    ],
    "ecs RunTask": lambda request: [
        ("ecs:RunTask", _arn("ecs", f"task-definition/{request['taskDefinition']}:1"), {"ecs:cluster": CLUSTER}),
        *(
            ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/taskflow-access-{role}",
             {"iam:PassedToService": "ecs-tasks.amazonaws.com"})
            for role in ("task-role", "execution-role")
        ),
    ],
    "ecs DescribeTasks": lambda request: [("ecs:DescribeTasks", task, {}) for task in request["tasks"]],
    "ecs StopTask": lambda request: [("ecs:StopTask", request["task"], {})],
    "ssm StartSession": lambda request: [
        ("ssm:StartSession", _task(request["Target"]), {}),
        (DOCUMENT, f"arn:aws:ssm:{REGION}::document/{request['DocumentName']}", {}),
    ],
    "ssm TerminateSession": lambda request: [
        ("ssm:TerminateSession", _arn("ssm", f"session/{request['SessionId']}"),
         {"aws:userid": USER_ID, "ssm:resourceTag/aws:ssmmessages:session-id": USER_ID})
    ],
    "ssm GetParameter": lambda request: [("ssm:GetParameter", _parameter(request["Name"]), {})],
    "ssm GetParametersByPath": lambda request: [("ssm:GetParametersByPath", _parameter(request["Path"]), {})],
    "ssm PutParameter": lambda request: [
        ("ssm:PutParameter", _parameter(request["Name"]), {"ssm:Overwrite": str(request["Overwrite"]).lower()})
    ],
    # The simulator knows it for groups only. AWS's AmazonRDSEnhancedMonitoringRole allows it on streams, as here.
    "logs CreateLogStream": lambda _request: [],
    "logs PutLogEvents": lambda request: [("logs:PutLogEvents", _stream(request), {})],
}  # fmt: skip
# Before the role is assumed, and what every role may do.
OTHERS = {"sts GetCallerIdentity", "sts AssumeRole"}


def _parameter(name: str) -> str:
    return _arn("ssm", f"parameter{name}")


def _stream(request: Mapping[str, Any]) -> str:
    return _arn("logs", f"log-group:{request['logGroupName']}:log-stream:{request['logStreamName']}")


def _needs(person: Person) -> Iterator[Need]:
    for operation, request in person.world.wire.requests:
        if operation not in OTHERS:
            yield from NEEDS[operation](request)


def test_every_call_of_the_command_is_allowed_to_the_role(tmp_path: Path) -> None:
    """A run that finds a leftover, loses its tunnel, and reads from the replica."""
    alice = person(tmp_path)
    alice.world.wire.denied = frozenset({"ecs StopTask"})
    alice.connect()
    alice.world.wire.denied = frozenset()
    alice.at(5, alice.machine.drop_tunnel)
    alice.connect(is_replica=True)
    found = list(_needs(alice))
    needs = [need for number, need in enumerate(found) if need not in found[:number]]
    assert {operation for operation, _ in alice.world.wire.requests} - OTHERS == NEEDS.keys()
    documents = [resource for action, resource, _ in needs if action == DOCUMENT]
    others = [need for need in needs if need[0] != DOCUMENT]
    requests = [act("database-access", action, resource, keys) for action, resource, keys in others]
    assert [need for need, is_allowed in zip(others, evaluate(requests), strict=True) if not is_allowed] == []
    (statement,) = [each for each in requests[0].identity if each["Sid"] == "StartSession"]
    assert set(documents) <= set(cast("list[str]", statement["Resource"]))

"""One change for each thing about containers that a rule guards. Data only."""

from tests.policies.compliant.compute import ACCOUNT, TEMPORARY, container, containers, linux, logs
from tests.policies.mutations.database import PRODUCTION, each
from tests.policies.mutations.mutation import Change, Mutation, removes, sets, told
from tests.policies.plan import REMOVED

TASK = "TaskDefinition service"
REGISTRY = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com"
DIGEST = f"sha256:{'0' * 64}"
ELSEWHERE = "arn:aws:secretsmanager:us-east-1:111111111111:secret:a-b1C2d3"


def _runs(**changed: object) -> Change:
    return sets(TASK, "containerDefinitions", containers(container("production", **changed)))


def _each(rule: str, *cases: tuple[str, dict[str, object]]) -> tuple[Mutation, ...]:
    """What one rule tells of another container."""
    return tuple(told(label, _runs(**changed), f"{rule}@service", stacks=PRODUCTION) for label, changed in cases)


def _told(name: str, value: str = "hunter2") -> dict[str, object]:
    return {"environment": [{"name": name, "value": value}]}


def _from(source: str) -> dict[str, object]:
    return {"secrets": [{"name": "A", "valueFrom": source}]}


def _logging(name: str, value: object) -> dict[str, object]:
    return {"logConfiguration": logs("production", **{name: value})}


BOTH = containers(container("production"), container("production", name="second", user="0"))

HARDENED = (
    *_each(
        "compute-container-hardened",
        ("a container as root", {"user": "root"}),
        ("a container as root by number", {"user": "0"}),
        ("a container as root's group too", {"user": "0:0"}),
        ("a container as root by another number", {"user": "00:1000"}),
        ("a container as whoever its image says", {"user": REMOVED}),
        ("a privileged container", {"privileged": True}),
        ("a container that writes anywhere", {"readonlyRootFilesystem": False}),
        ("a container that says nothing of its files", {"readonlyRootFilesystem": REMOVED}),
        ("a container without an init process", {"linuxParameters": linux(initProcessEnabled=False)}),
        ("a container that says nothing of its init process", {"linuxParameters": linux(initProcessEnabled=REMOVED)}),
        ("a container that may trace", {"linuxParameters": linux(capabilities={"add": ["SYS_PTRACE"]})}),
        ("a container with a device", {"linuxParameters": linux(devices=[{"hostPath": "/dev/fuse"}])}),
        ("a container with options of its own", {"dockerSecurityOptions": ["no-new-privileges:false"]}),
    ),
    *each(
        "compute-container-hardened@service",
        TASK,
        ("a second container as root", "containerDefinitions", BOTH),
        ("no container", "containerDefinitions", "[]"),
        ("containers that can't be read", "containerDefinitions", "api"),
        ("containers that are one text", "containerDefinitions", '["api"]'),
        ("no word of containers", "containerDefinitions", REMOVED),
        stacks=PRODUCTION,
    ),
)

SECRETS = _each(
    "compute-container-secrets",
    ("a password in plain text", _told("DATABASE_PASSWORD")),
    ("a token in plain text", _told("redisAuth_token")),
    ("an API key in plain text", _told("STRIPE_API_KEY_2")),
    ("a password without a gap", _told("DBPASSWORD")),
    ("a password in a URL", _told("DATABASE_URL", "postgres://app:x@db/taskflow")),
    ("a secret by its name", _from("taskflow/production/cache-auth")),
    ("a secret of another account", _from(ELSEWHERE)),
    ("a secret from nowhere", {"secrets": [{"name": "A"}]}),
    ("variables from a file", {"environmentFiles": [{"type": "s3", "value": "arn:aws:s3:::a/b.env"}]}),
)

LOGS = (
    *_each(
        "compute-container-logs",
        ("another log driver", {"logConfiguration": {**logs("production"), "logDriver": "json-file"}}),
        ("no logs", {"logConfiguration": REMOVED}),
        ("logs that are waited for", _logging("mode", "blocking")),
        ("no word of waiting for logs", _logging("mode", REMOVED)),
        ("logs in another region", _logging("awslogs-region", "eu-west-1")),
        ("logs in no group", _logging("awslogs-group", REMOVED)),
    ),
    told(
        "logs in a group of somebody else's",
        _runs(**_logging("awslogs-group", "/else")),
        "compute-container-logs@service",
        "compute-log-groups@service",
        stacks=PRODUCTION,
    ),
    told("logs in a group that ECS makes", removes("LogGroup service-tasks"), "compute-log-groups@service"),
)

IMAGES = _each(
    "compute-image",
    ("the latest image", {"image": "public.ecr.aws/docker/library/python:latest"}),
    ("an image without a tag", {"image": "public.ecr.aws/docker/library/python"}),
    ("an image of Docker's", {"image": "python:3.13"}),
    ("a release by its tag", {"image": f"{REGISTRY}/taskflow-api:v1.5.0"}),
    ("another repository's image", {"image": f"{REGISTRY}/ledger@{DIGEST}"}),
    ("another region's image", {"image": f"{REGISTRY.replace('us-east-1', 'eu-west-1')}/taskflow-api@{DIGEST}"}),
    ("another account's image", {"image": f"{REGISTRY.replace(ACCOUNT, '111111111111')}/taskflow-api@{DIGEST}"}),
    ("half a digest", {"image": f"{REGISTRY}/taskflow-api@sha256:0123"}),
    ("no image", {"image": REMOVED}),
)

REST = (
    *_each(
        "compute-container-health",
        ("no health check", {"healthCheck": REMOVED}),
        ("a health check of nothing", {"healthCheck": {"interval": 5}}),
        ("no time to stop", {"stopTimeout": 2}),
        ("more time to stop than Fargate gives", {"stopTimeout": 121}),
    ),
    *_each(
        "compute-temporary",
        ("nowhere to write", {"linuxParameters": linux(tmpfs=REMOVED)}),
        ("another place to write", {"linuxParameters": linux(tmpfs=[{"containerPath": "/var", "size": 64}])}),
        ("root's place to write", {"linuxParameters": linux(tmpfs=[{"containerPath": TEMPORARY, "size": 64}])}),
    ),
)

CHANGES = (*HARDENED, *SECRETS, *LOGS, *IMAGES, *REST)

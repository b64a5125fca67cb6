"""Changes that violate the rules about containers. Data only."""

from tests.policies.compliant.compute import (
    ACCOUNT,
    TEMPORARY,
    container,
    container_definitions,
    linux_parameters,
    log_configuration,
    secrets,
    variables,
)
from tests.policies.mutations.database import PRODUCTION, each
from tests.policies.mutations.mutation import Change, Mutation, mutation, removes, sets
from tests.policies.plan import REMOVED

TASK = "TaskDefinition service"
REGISTRY = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com"
DIGEST = f"sha256:{'0' * 64}"
ELSEWHERE = "arn:aws:secretsmanager:us-east-1:111111111111:secret:a-b1C2d3"


def _changed_container(**changed: object) -> Change:
    return sets(TASK, "containerDefinitions", container_definitions(container("production", **changed)))


def _containers(rule: str, *cases: tuple[str, dict[str, object]]) -> tuple[Mutation, ...]:
    """Return the violations of one rule by changed containers."""
    return tuple(
        mutation(label, _changed_container(**changed), f"{rule}@service", stacks=PRODUCTION) for label, changed in cases
    )


def _environment(name: str, value: str = "hunter2") -> dict[str, object]:
    return {"environment": [*variables(), {"name": name, "value": value}]}


def _secret(source: str) -> dict[str, object]:
    return {"secrets": [*secrets("production"), {"name": "A", "valueFrom": source}]}


def _log_option(name: str, value: object) -> dict[str, object]:
    return {"logConfiguration": log_configuration("production", **{name: value})}


TWO_CONTAINERS = container_definitions(container("production"), container("production", name="second", user="0"))

HARDENED = (
    *_containers(
        "compute-container-hardened",
        ("a container as the user root", {"user": "root"}),
        ("a container as the user 0", {"user": "0"}),
        ("a container as user and group 0", {"user": "0:0"}),
        ("a container as the user 00", {"user": "00:1000"}),
        ("a container as the user of its image", {"user": REMOVED}),
        ("a privileged container", {"privileged": True}),
        ("a writable root file system", {"readonlyRootFilesystem": False}),
        ("readonlyRootFilesystem isn't set", {"readonlyRootFilesystem": REMOVED}),
        ("initProcessEnabled is off", {"linuxParameters": linux_parameters(initProcessEnabled=False)}),
        ("initProcessEnabled isn't set", {"linuxParameters": linux_parameters(initProcessEnabled=REMOVED)}),
        ("a container with SYS_PTRACE", {"linuxParameters": linux_parameters(capabilities={"add": ["SYS_PTRACE"]})}),
        ("a container with a device", {"linuxParameters": linux_parameters(devices=[{"hostPath": "/dev/fuse"}])}),
        ("a container with security options", {"dockerSecurityOptions": ["no-new-privileges:false"]}),
    ),
    *each(
        "compute-container-hardened@service",
        TASK,
        ("a second container as the user 0", "containerDefinitions", TWO_CONTAINERS),
        ("no container", "containerDefinitions", "[]"),
        ("containers that aren't JSON", "containerDefinitions", "api"),
        ("containers that aren't objects", "containerDefinitions", '["api"]'),
        ("containerDefinitions isn't set", "containerDefinitions", REMOVED),
        stacks=PRODUCTION,
    ),
)

SECRETS = _containers(
    "compute-container-secrets",
    ("a password in plain text", _environment("DATABASE_PASSWORD")),
    ("a token in plain text", _environment("redisAuth_token")),
    ("an API key in plain text", _environment("STRIPE_API_KEY_2")),
    ("a password in a name without underscores", _environment("DBPASSWORD")),
    ("a password in a URL", _environment("DATABASE_URL", "postgres://app:x@db/taskflow")),
    ("a secret by its name", _secret("taskflow/production/cache-auth")),
    ("a secret of another account", _secret(ELSEWHERE)),
    ("a secret without valueFrom", {"secrets": [*secrets("production"), {"name": "A"}]}),
    ("variables from a file", {"environmentFiles": [{"type": "s3", "value": "arn:aws:s3:::a/b.env"}]}),
)


def _left_out(name: str) -> dict[str, object]:
    """Leave a variable, or a secret, out of the container."""
    given = {"environment": variables(), "secrets": secrets("production")}
    return {key: [entry for entry in entries if entry["name"] != name] for key, entries in given.items()}


ENVIRONMENT = _containers(
    "compute-container-environment",
    *((f"a container without {name}", _left_out(name))
      for name in (*(entry["name"] for entry in variables()), *(entry["name"] for entry in secrets("production")))),
    ("a container without variables", {"environment": REMOVED}),
    ("a container without secrets", {"secrets": REMOVED}),
)  # fmt: skip

LOGS = (
    *_containers(
        "compute-container-logs",
        ("another log driver", {"logConfiguration": {**log_configuration("production"), "logDriver": "json-file"}}),
        ("no log configuration", {"logConfiguration": REMOVED}),
        ("blocking logs", _log_option("mode", "blocking")),
        ("a log mode that isn't set", _log_option("mode", REMOVED)),
        ("logs in another region", _log_option("awslogs-region", "eu-west-1")),
        ("logs without a log group", _log_option("awslogs-group", REMOVED)),
    ),
    mutation(
        "logs in another log group",
        _changed_container(**_log_option("awslogs-group", "/else")),
        "compute-container-logs@service",
        "compute-log-groups@service",
        stacks=PRODUCTION,
    ),
    mutation("logs in a missing log group", removes("LogGroup service-tasks"), "compute-log-groups@service"),
)

IMAGES = _containers(
    "compute-image",
    ("the latest image", {"image": "public.ecr.aws/docker/library/python:latest"}),
    ("an image without a tag", {"image": "public.ecr.aws/docker/library/python"}),
    ("an image of Docker Hub", {"image": "python:3.13"}),
    ("a release by a tag", {"image": f"{REGISTRY}/taskflow-api:v1.5.0"}),
    ("another repository's image", {"image": f"{REGISTRY}/ledger@{DIGEST}"}),
    ("another region's image", {"image": f"{REGISTRY.replace('us-east-1', 'eu-west-1')}/taskflow-api@{DIGEST}"}),
    ("another account's image", {"image": f"{REGISTRY.replace(ACCOUNT, '111111111111')}/taskflow-api@{DIGEST}"}),
    ("a short digest", {"image": f"{REGISTRY}/taskflow-api@sha256:0123"}),
    ("no image", {"image": REMOVED}),
)

REST = (
    *_containers(
        "compute-container-health",
        ("no health check", {"healthCheck": REMOVED}),
        ("a health check without a command", {"healthCheck": {"interval": 5}}),
        ("a stop timeout of 2 seconds", {"stopTimeout": 2}),
        ("a stop timeout above Fargate's limit", {"stopTimeout": 121}),
    ),
    *_containers(
        "compute-temporary",
        ("no tmpfs", {"linuxParameters": linux_parameters(tmpfs=REMOVED)}),
        ("a tmpfs elsewhere", {"linuxParameters": linux_parameters(tmpfs=[{"containerPath": "/var", "size": 64}])}),
        (
            "a tmpfs without a mode",
            {"linuxParameters": linux_parameters(tmpfs=[{"containerPath": TEMPORARY, "size": 64}])},
        ),
    ),
)

CHANGES = (*HARDENED, *SECRETS, *ENVIRONMENT, *LOGS, *IMAGES, *REST)

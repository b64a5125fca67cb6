"""Each key opens for those who have to read what it encrypts, and for nobody else: evaluated as AWS does."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

import pytest

from sandbox.__main__ import STACKS
from tests.engine.both import Both
from tests.engine.simulator import Request, allowed
from tests.engine.tables import INLINE, made

pytestmark = pytest.mark.xdist_group("both-stacks")

ACCOUNT = "987654321098"
REGIONS = {"production": "us-east-1", "dr": "us-west-2"}
KEY = "aws:kms/key:Key"
USE = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
CONTEXT = "kms:EncryptionContext:aws:"


class Keys:
    """A stack's keys and roles, as they came up."""

    def __init__(self, both: Both, stack: str) -> None:
        self.stack, self.region = stack, REGIONS[stack]
        self._resources = made(both[stack].resources)
        self._keys = {
            name: (str(out["arn"]), str(i["policy"])) for type_, name, i, out in self._resources if type_ == KEY
        }

    def by(self, key: str, principal: str, action: str, *, identity: bool = True, **context: str) -> Request:
        """Return a request for a key by a service, or by a role with its own statements (`identity`: may do all)."""
        arn, policy = self._keys[f"keys-{key}"]
        is_service = principal.endswith(".amazonaws.com")
        role = f"arn:aws:iam::{ACCOUNT}:role/{principal}"
        own = [] if is_service else [USE] if identity else list(self._statements(principal))
        caller = {} if is_service else {"kms:CallerAccount": ACCOUNT, "aws:PrincipalArn": role}
        return Request(
            principal=principal if is_service else role,
            action=f"kms:{action}",
            resource=arn,
            resource_policy=cast("Mapping[str, object]", json.loads(policy)),
            identity=own,
            context={**caller, **{NAMES[name]: value for name, value in context.items()}},
        )

    def via(self, service: str) -> str:
        return f"{service}.{self.region}.amazonaws.com"

    def role(self, purpose: str) -> str:
        """Return a role's name by the logical name of its inline policy."""
        (name,) = (str(i["role"]) for type_, logical, i, _ in self._resources if type_ == INLINE and logical == purpose)
        return name

    def _statements(self, role: str) -> Iterator[Mapping[str, object]]:
        for type_, _, inputs, _ in self._resources:
            if type_ == INLINE and inputs["role"] == role:
                yield from cast("Sequence[Mapping[str, object]]", json.loads(str(inputs["policy"]))["Statement"])


NAMES = {
    "via": "kms:ViaService",
    "source": "aws:SourceArn",
    "account": "aws:SourceAccount",
    "group": f"{CONTEXT}logs:arn",
    "bucket": f"{CONTEXT}s3:arn",
    "trail": f"{CONTEXT}cloudtrail:arn",
}


def readers(keys: Keys) -> Iterator[tuple[str, Request]]:
    """Each that has to read, or to write, under a key, with what AWS knows of its request."""
    own, region = f"taskflow-{keys.stack}", keys.region
    files, assets = (f"arn:aws:s3:::{own}-{name}-{ACCOUNT}" for name in ("files", "assets"))
    for service in ("rds", "elasticache", "backup"):
        yield f"data through {service}", keys.by("data", "anyone", "Decrypt", via=keys.via(service))
    for action in ("Decrypt", "GenerateDataKey"):
        group = f"arn:aws:logs:{region}:{ACCOUNT}:log-group:/taskflow/{keys.stack}/api"
        yield f"log groups, {action}", keys.by("logs", f"logs.{region}.amazonaws.com", action, group=group)
        alarms = keys.by("messages", "cloudwatch.amazonaws.com", action, account=ACCOUNT)
        yield f"an alarm's message, {action}", alarms
    for role in ("roles-task-secrets", "roles-execution-secrets") if keys.stack == "production" else ():
        name = keys.role(role)
        yield f"a secret, {role}", keys.by("secrets", name, "Decrypt", identity=False, via=keys.via("secretsmanager"))
    task = keys.role("roles-task-queue")
    yield "a job", keys.by("messages", task, "GenerateDataKey", identity=False, via=keys.via("sqs"))
    yield "a worker's job", keys.by("messages", "worker", "Decrypt", via=keys.via("sqs"))
    access = keys.role("roles-access-sessions")
    yield "a session, at the task's end", keys.by("sessions", access, "Decrypt", identity=False)
    yield "a session, at the person's end", keys.by("sessions", "prod-db-access", "GenerateDataKey")
    archive = f"arn:aws:s3:::{own}-audit-archive-{ACCOUNT}"
    delivery = keys.role("audit-archive-delivery")
    through_s3 = {"via": keys.via("s3"), "bucket": archive}
    yield "records on their way", keys.by("audit", delivery, "GenerateDataKey", identity=False, **through_s3)
    yield "records, by an auditor", keys.by("audit", "auditor", "Decrypt", via=keys.via("s3"))
    if keys.stack == "production":
        source = f"arn:aws:logs:{region}:{ACCOUNT}:delivery-source:{own}-web"
        delivering = keys.by("logs", "delivery.logs.amazonaws.com", "GenerateDataKey", source=source, account=ACCOUNT)
        yield "CloudFront's logs on their way", delivering
        yield "CloudFront's logs, by a reader", keys.by("logs", "on-call", "Decrypt", via=keys.via("s3"))
        site = f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"
        yield "the web application", keys.by("assets", "cloudfront.amazonaws.com", "Decrypt", source=site)
        bucket_role = keys.role("roles-task-bucket")
        for action in ("Decrypt", "GenerateDataKey"):
            file = keys.by("assets", bucket_role, action, identity=False, via=keys.via("s3"), bucket=files)
            yield f"a file, {action}", file
        for name, bucket in (("files", files), ("edge-assets", assets)):
            role = keys.role(f"{name}-replication")
            copying = keys.by("assets", role, "Decrypt", identity=False, via=keys.via("s3"), bucket=bucket)
            yield f"the original of a copy, {name}", copying
            written = keys.by(
                "assets-copy", role, "Encrypt", identity=False,
                via="s3.us-west-2.amazonaws.com", bucket=bucket.replace(f"-{ACCOUNT}", f"-copy-{ACCOUNT}"),
            )  # fmt: skip
            yield f"a copy, {name}", written
        trail = f"arn:aws:cloudtrail:{region}:{ACCOUNT}:trail/{own}"
        yield "the trail", keys.by("audit", "cloudtrail.amazonaws.com", "GenerateDataKey", source=trail, trail=trail)


def others(keys: Keys) -> Iterator[tuple[str, Request]]:
    """Requests by those who have nothing to read there, or not on that way."""
    for key in ("data", "logs", "secrets", "messages", "assets", "audit", "sessions"):
        yield f"{key}, directly", keys.by(key, "anyone", "Decrypt")
        yield f"{key}, through another service", keys.by(key, "anyone", "Decrypt", via=keys.via("lambda"))
    yield "logs written through S3", keys.by("logs", "on-call", "GenerateDataKey", via=keys.via("s3"))
    yield "a session that is opened by others", keys.by("sessions", "on-call", "GenerateDataKey")
    stranger = "arn:aws:cloudfront::111111111111:distribution/E1"
    yield "another account's distribution", keys.by("assets", "cloudfront.amazonaws.com", "Decrypt", source=stranger)
    yield "another account's alarm", keys.by("messages", "cloudwatch.amazonaws.com", "Decrypt", account="111111111111")


@pytest.mark.parametrize("stack", STACKS)
def test_each_key_opens_for_its_readers_alone(both: Both, stack: str) -> None:
    keys = Keys(both, stack)
    wanted, unwanted = dict(readers(keys)), dict(others(keys))
    answers = allowed([*wanted.values(), *unwanted.values()])
    found = dict(zip((*wanted, *unwanted), answers, strict=True))
    assert [name for name in wanted if not found[name]] == [], "they can't"
    assert [name for name in unwanted if found[name]] == [], "they can"

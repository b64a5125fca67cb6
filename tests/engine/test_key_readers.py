"""Each key opens for those who have to read what it encrypts, and for nobody else: evaluated as AWS does."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias, cast

import pytest

from sandbox.__main__ import STACKS
from tests.engine.both import Both
from tests.engine.simulator import Request, allowed
from tests.engine.tables import INLINE, made

pytestmark = pytest.mark.xdist_group("both-stacks")

ACCOUNT = "987654321098"
REGIONS = {"production": "us-east-1", "dr": "us-west-2"}
KEY = "aws:kms/key:Key"
Statement: TypeAlias = Mapping[str, object]
USE: Statement = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
# Placeholders in dr's settings until production's keys exist.
OF_SETTINGS = {
    "arn:aws:kms:us-west-2:987654321098:key/00000000-0000-4000-8000-000000000001": "keys-secrets-copy",
    "arn:aws:kms:us-west-2:987654321098:key/00000000-0000-4000-8000-000000000002": "keys-assets-copy",
}
CONTEXT = "kms:EncryptionContext:aws:"


class Keys:
    """A stack's keys and roles, as they came up."""

    def __init__(self, both: Both, stack: str) -> None:
        self.stack, self.region = stack, REGIONS[stack]
        self._resources = made(both[stack].resources)
        self._keys = {
            name: (str(out["arn"]), str(i["policy"])) for type_, name, i, out in self._resources if type_ == KEY
        }

    def by(
        self, key: str, principal: str, action: str, *, own: Sequence[Statement] = (USE,), **context: str
    ) -> Request:
        """Return a request for a key by a service, or by a role whose own statements are these: it may do all."""
        arn, policy = self._keys[f"keys-{key}"]
        is_service = principal.endswith(".amazonaws.com")
        role = f"arn:aws:iam::{ACCOUNT}:role/{principal}"
        caller = {} if is_service else {"kms:CallerAccount": ACCOUNT, "aws:PrincipalArn": role}
        return Request(
            principal=principal if is_service else role,
            action=f"kms:{action}",
            resource=arn,
            resource_policy=cast("Mapping[str, object]", json.loads(policy)),
            identity=() if is_service else own,
            context={**caller, **{NAMES[name]: value for name, value in context.items()}},
        )

    def via(self, service: str) -> str:
        return f"{service}.{self.region}.amazonaws.com"

    def by_role(self, key: str, purpose: str, action: str, *, of: "Keys | None" = None, **context: str) -> Request:
        """Return a request by the role that has an inline policy of this logical name, in this stack or another one."""
        stack = of or self
        (role,) = (str(i["role"]) for type_, logical, i, _ in stack._resources if (type_, logical) == (INLINE, purpose))
        return self.by(key, role, action, own=list(stack._statements(role, self)), **context)

    def _statements(self, role: str, keys: "Keys") -> Iterator[Statement]:
        for type_, _, inputs, _ in self._resources:
            if type_ == INLINE and inputs["role"] == role:
                policy = str(inputs["policy"])
                for setting, key in OF_SETTINGS.items() if keys is not self else ():
                    policy = policy.replace(setting, keys._keys[key][0])
                yield from cast("Sequence[Statement]", json.loads(policy)["Statement"])


NAMES = {
    "via": "kms:ViaService",
    "source": "aws:SourceArn",
    "is_for_aws": "kms:GrantIsForAWSResource",
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
    for role in ("roles-task-secrets", "roles-execution-secrets"):
        yield f"a secret, {role}", keys.by_role("secrets", role, "Decrypt", via=keys.via("secretsmanager"))
    yield "a job", keys.by_role("messages", "roles-task-queue", "GenerateDataKey", via=keys.via("sqs"))
    yield "a worker's job", keys.by_role("messages", "roles-task-queue", "Decrypt", via=keys.via("sqs"))
    yield "a session, at the task's end", keys.by_role("sessions", "roles-access-sessions", "Decrypt")
    yield "a session, at the person's end", keys.by("sessions", "prod-db-access", "GenerateDataKey")
    archive = f"arn:aws:s3:::{own}-audit-archive-{ACCOUNT}"
    delivering = keys.by_role("audit", "audit-archive-delivery", "GenerateDataKey", via=keys.via("s3"), bucket=archive)
    yield "records on their way", delivering
    for action in ("CreateGrant", "Decrypt", "GenerateDataKey"):
        stream = keys.by("audit", "deployer", action, via=keys.via("firehose"), is_for_aws="true")
        yield f"the stream of records, {action}", stream
    recorded = f"arn:aws:s3:::{own}-config-{ACCOUNT}"
    for action in ("Decrypt", "GenerateDataKey"):
        config = keys.by_role("assets", "baseline-config", action, via=keys.via("s3"), bucket=recorded)
        yield f"Config's records, {action}", config
    yield "records, by an auditor", keys.by("audit", "auditor", "Decrypt", via=keys.via("s3"))
    if keys.stack == "production":
        source = f"arn:aws:logs:{region}:{ACCOUNT}:delivery-source:{own}-web"
        delivering = keys.by("logs", "delivery.logs.amazonaws.com", "GenerateDataKey", source=source, account=ACCOUNT)
        yield "CloudFront's logs on their way", delivering
        yield "CloudFront's logs, by a reader", keys.by("logs", "on-call", "Decrypt", via=keys.via("s3"))
        site = f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"
        yield "the web application", keys.by("assets", "cloudfront.amazonaws.com", "Decrypt", source=site)
        for action in ("Decrypt", "GenerateDataKey"):
            file = keys.by_role("assets", "roles-task-bucket", action, via=keys.via("s3"), bucket=files)
            yield f"a file, {action}", file
        for name, bucket in (("files", files), ("edge-assets", assets)):
            role = f"{name}-replication"
            copying = keys.by_role("assets", role, "Decrypt", via=keys.via("s3"), bucket=bucket)
            yield f"the original of a copy, {name}", copying
            copy, there = _copy_of(bucket), "s3.us-west-2.amazonaws.com"
            yield f"a copy, {name}", keys.by_role("assets-copy", role, "Encrypt", via=there, bucket=copy)
        trail = f"arn:aws:cloudtrail:{region}:{ACCOUNT}:trail/{own}"
        yield "the trail", keys.by("audit", "cloudtrail.amazonaws.com", "GenerateDataKey", source=trail, trail=trail)


def recovering(production: Keys, dr: Keys) -> Iterator[tuple[str, Request]]:
    """Those who have to read production's copies in dr's region, under production's keys there."""
    for service in ("rds", "backup"):
        yield (
            f"a copy of a snapshot through {service}",
            production.by("data-copy", "anyone", "Decrypt", via=dr.via(service)),
        )
    for role in ("roles-task-secrets", "roles-execution-secrets"):
        secret = production.by_role("secrets-copy", role, "Decrypt", of=dr, via=dr.via("secretsmanager"))
        yield f"a copied secret, dr's {role}", secret
    files = _copy_of(f"arn:aws:s3:::taskflow-production-files-{ACCOUNT}")
    for action in ("Decrypt", "GenerateDataKey"):
        file = production.by_role("assets-copy", "roles-task-bucket", action, of=dr, via=dr.via("s3"), bucket=files)
        yield f"a copied file, {action}", file
    yield "a copied image", production.by("assets-copy", "anyone", "Decrypt", via=dr.via("ecr"))


def _copy_of(bucket: str) -> str:
    return bucket.replace(f"-{ACCOUNT}", f"-copy-{ACCOUNT}")


def others(keys: Keys) -> Iterator[tuple[str, Request]]:
    """Requests by those who have nothing to read there, or not on that way."""
    copies = ("data-copy", "secrets-copy", "assets-copy") if keys.stack == "production" else ()
    for key in ("data", "logs", "secrets", "messages", "assets", "audit", "sessions", *copies):
        yield f"{key}, directly", keys.by(key, "anyone", "Decrypt")
        yield f"{key}, through another service", keys.by(key, "anyone", "Decrypt", via=keys.via("lambda"))
    yield "a grant for a person", keys.by("audit", "anyone", "CreateGrant", via=keys.via("firehose"))
    yield "logs written through S3", keys.by("logs", "on-call", "GenerateDataKey", via=keys.via("s3"))
    yield "a session that is opened by others", keys.by("sessions", "on-call", "GenerateDataKey")
    stranger = "arn:aws:cloudfront::111111111111:distribution/E1"
    yield "another account's distribution", keys.by("assets", "cloudfront.amazonaws.com", "Decrypt", source=stranger)
    yield "another account's alarm", keys.by("messages", "cloudwatch.amazonaws.com", "Decrypt", account="111111111111")


@pytest.mark.parametrize("stack", STACKS)
def test_each_key_opens_for_its_readers_alone(both: Both, stack: str) -> None:
    keys = Keys(both, stack)
    wanted, unwanted = dict(readers(keys)), dict(others(keys))
    if stack == "production":
        wanted |= dict(recovering(keys, Keys(both, "dr")))
    answers = allowed([*wanted.values(), *unwanted.values()])
    found = dict(zip((*wanted, *unwanted), answers, strict=True))
    assert [name for name in wanted if not found[name]] == [], "they can't"
    assert [name for name in unwanted if found[name]] == [], "they can"

"""Each key allows its readers and writers and denies everyone else, evaluated as AWS does."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias, cast

import pytest

from reports.access_table import INLINE
from sandbox.__main__ import STACKS
from tests.engine.both import BothStacks
from tests.engine.iam import ACCOUNT, REGIONS
from tests.engine.simulator import Request, evaluate
from tests.engine.tables import resource_rows

pytestmark = pytest.mark.xdist_group("both-stacks")

KEY = "aws:kms/key:Key"
Statement: TypeAlias = Mapping[str, object]
ALLOW_ALL: Statement = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
# The example ARNs in dr's settings: production's keys don't exist yet.
KEYS_IN_SETTINGS = {
    "arn:aws:kms:us-west-2:987654321098:key/00000000-0000-4000-8000-000000000001": "keys-secrets-copy",
    "arn:aws:kms:us-west-2:987654321098:key/00000000-0000-4000-8000-000000000002": "keys-assets-copy",
}
CONTEXT = "kms:EncryptionContext:aws:"


class Keys:
    """The keys and roles of a stack that is up."""

    def __init__(self, both: BothStacks, stack: str) -> None:
        self.stack, self.region = stack, REGIONS[stack]
        self._resources = resource_rows(both[stack].resources)
        self._keys = {
            name: (str(out["arn"]), str(i["policy"])) for type_, name, i, out in self._resources if type_ == KEY
        }

    def by(
        self, key: str, principal: str, action: str, *, identity: Sequence[Statement] = (ALLOW_ALL,), **context: str
    ) -> Request:
        """Return a request for a key by a service or by a role; by default the role's own policies allow everything."""
        arn, policy = self._keys[f"keys-{key}"]
        is_service = principal.endswith(".amazonaws.com")
        role = f"arn:aws:iam::{ACCOUNT}:role/{principal}"
        caller = {} if is_service else {"kms:CallerAccount": ACCOUNT, "aws:PrincipalArn": role}
        return Request(
            principal=principal if is_service else role,
            action=f"kms:{action}",
            resource=arn,
            resource_policy=cast("Mapping[str, object]", json.loads(policy)),
            identity=() if is_service else identity,
            context={**caller, **{CONDITION_KEYS[name]: value for name, value in context.items()}},
        )

    def via(self, service: str) -> str:
        return f"{service}.{self.region}.amazonaws.com"

    def by_role(self, key: str, purpose: str, action: str, *, of: "Keys | None" = None, **context: str) -> Request:
        """Return a request by the role with the inline policy of this logical name, in this stack or another one."""
        stack = of or self
        (role,) = (str(i["role"]) for type_, logical, i, _ in stack._resources if (type_, logical) == (INLINE, purpose))
        return self.by(key, role, action, identity=list(stack._statements(role, self)), **context)

    def _statements(self, role: str, keys: "Keys") -> Iterator[Statement]:
        for type_, _, inputs, _ in self._resources:
            if type_ == INLINE and inputs["role"] == role:
                policy = str(inputs["policy"])
                for setting, key in KEYS_IN_SETTINGS.items() if keys is not self else ():
                    policy = policy.replace(setting, keys._keys[key][0])
                yield from cast("Sequence[Statement]", json.loads(policy)["Statement"])


CONDITION_KEYS = {
    "via": "kms:ViaService",
    "source": "aws:SourceArn",
    "is_for_aws": "kms:GrantIsForAWSResource",
    "account": "aws:SourceAccount",
    "group": f"{CONTEXT}logs:arn",
    "bucket": f"{CONTEXT}s3:arn",
    "trail": f"{CONTEXT}cloudtrail:arn",
    "workgroup": f"{CONTEXT}athena:arn",
}


def required_requests(keys: Keys) -> Iterator[tuple[str, Request]]:
    """Yield the requests that the keys must allow."""
    prefix, region = f"taskflow-{keys.stack}", keys.region
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
    yield "a session, by the task", keys.by_role("sessions", "roles-access-sessions", "Decrypt")
    yield "a session, by its user", keys.by("sessions", "prod-db-access", "GenerateDataKey")
    yield "a session, by break-glass", keys.by("sessions", "prod-break-glass", "GenerateDataKey")
    archive = f"arn:aws:s3:::{prefix}-audit-archive-{ACCOUNT}"
    delivery = keys.by_role("audit", "audit-archive-delivery", "GenerateDataKey", via=keys.via("s3"), bucket=archive)
    yield "delivery of records", delivery
    for action in ("CreateGrant", "Decrypt", "GenerateDataKey"):
        stream = keys.by("audit", "deployer", action, via=keys.via("firehose"), is_for_aws="true")
        yield f"the stream of records, {action}", stream
    config_bucket = f"arn:aws:s3:::{prefix}-config-{ACCOUNT}"
    for action in ("Decrypt", "GenerateDataKey"):
        config = keys.by_role("assets", "baseline-config", action, via=keys.via("s3"), bucket=config_bucket)
        yield f"Config's records, {action}", config
    yield "records, by an auditor", keys.by("audit", "auditor", "Decrypt", via=keys.via("s3"))
    workgroup = f"arn:aws:athena:{region}:{ACCOUNT}:workgroup/{prefix}-audit"
    for action in ("Decrypt", "GenerateDataKey", "DescribeKey"):
        yield f"results of a search, {action}", _results(keys, action, workgroup)
    yield "a search, by an auditor", keys.by("audit", "auditor", "GenerateDataKey", via=keys.via("athena"))
    if keys.stack == "production":
        yield from _production_requests(keys)


def _results(keys: Keys, action: str, workgroup: str, account: str = ACCOUNT) -> Request:
    """Return Athena's request for the results of a workgroup."""
    service = "encryption.athena.amazonaws.com"
    return keys.by("audit", service, action, source=workgroup, workgroup=workgroup, account=account)


def _production_requests(keys: Keys) -> Iterator[tuple[str, Request]]:
    prefix, region = f"taskflow-{keys.stack}", keys.region
    files, assets = (f"arn:aws:s3:::{prefix}-{name}-{ACCOUNT}" for name in ("files", "assets"))
    source = f"arn:aws:logs:{region}:{ACCOUNT}:delivery-source:{prefix}-web"
    delivery = keys.by("logs", "delivery.logs.amazonaws.com", "GenerateDataKey", source=source, account=ACCOUNT)
    yield "delivery of CloudFront's logs", delivery
    yield "CloudFront's logs, by a reader", keys.by("logs", "on-call", "Decrypt", via=keys.via("s3"))
    site = f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"
    yield "the web application", keys.by("assets", "cloudfront.amazonaws.com", "Decrypt", source=site)
    for action in ("Decrypt", "GenerateDataKey"):
        file = keys.by_role("assets", "roles-task-bucket", action, via=keys.via("s3"), bucket=files)
        yield f"a file, {action}", file
    s3 = "s3.us-west-2.amazonaws.com"
    for name, bucket in (("files", files), ("edge-assets", assets)):
        role = f"{name}-replication"
        original = keys.by_role("assets", role, "Decrypt", via=keys.via("s3"), bucket=bucket)
        yield f"the original of a copy, {name}", original
        yield f"a copy, {name}", keys.by_role("assets-copy", role, "Encrypt", via=s3, bucket=_copy_of(bucket))
    role = "files-copy-replication"
    yield "a file of dr", keys.by_role("assets-copy", role, "Decrypt", via=s3, bucket=_copy_of(files))
    yield "a file of dr, back", keys.by_role("assets", role, "Encrypt", via=keys.via("s3"), bucket=files)
    trail = f"arn:aws:cloudtrail:{region}:{ACCOUNT}:trail/{prefix}"
    yield "the trail", keys.by("audit", "cloudtrail.amazonaws.com", "GenerateDataKey", source=trail, trail=trail)


def recovery_requests(production: Keys, dr: Keys) -> Iterator[tuple[str, Request]]:
    """Yield the requests of dr for production's copies, which production's keys in dr's region must allow."""
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


def forbidden_requests(keys: Keys) -> Iterator[tuple[str, Request]]:
    """Yield requests that the keys must deny: the principal or the service is not allowed."""
    copies = ("data-copy", "secrets-copy", "assets-copy") if keys.stack == "production" else ()
    for key in ("data", "logs", "secrets", "messages", "assets", "audit", "sessions", *copies):
        yield f"{key}, directly", keys.by(key, "anyone", "Decrypt")
        yield f"{key}, through another service", keys.by(key, "anyone", "Decrypt", via=keys.via("lambda"))
    if keys.stack == "production":
        yield from _forbidden_replications(keys)
    yield "a grant for a person", keys.by("audit", "anyone", "CreateGrant", via=keys.via("firehose"))
    yield "logs written through S3", keys.by("logs", "on-call", "GenerateDataKey", via=keys.via("s3"))
    yield "a session, by another role", keys.by("sessions", "on-call", "GenerateDataKey")
    stranger = "arn:aws:cloudfront::111111111111:distribution/E1"
    yield "another account's distribution", keys.by("assets", "cloudfront.amazonaws.com", "Decrypt", source=stranger)
    workgroup = f"arn:aws:athena:{keys.region}:{ACCOUNT}:workgroup/primary"
    yield "results of another workgroup", _results(keys, "Decrypt", workgroup)
    yield "another account's alarm", keys.by("messages", "cloudwatch.amazonaws.com", "Decrypt", account="111111111111")


def _forbidden_replications(keys: Keys) -> Iterator[tuple[str, Request]]:
    """Yield the requests of each direction's role that the other direction's may make: each reads its source only."""
    files, s3 = f"arn:aws:s3:::taskflow-production-files-{ACCOUNT}", "s3.us-west-2.amazonaws.com"
    for role, key, via, destination in (
        ("files-replication", "assets-copy", s3, _copy_of(files)),
        ("files-copy-replication", "assets", keys.via("s3"), files),
    ):
        yield f"{role}: its destination, read", keys.by_role(key, role, "Decrypt", via=via, bucket=destination)
    assets = f"arn:aws:s3:::taskflow-production-assets-{ACCOUNT}"
    other = keys.by_role("assets", "files-copy-replication", "Encrypt", via=keys.via("s3"), bucket=assets)
    yield "a file of dr, in another bucket", other


@pytest.mark.parametrize("stack", STACKS)
def test_each_key_allows_only_its_readers(both: BothStacks, stack: str) -> None:
    keys = Keys(both, stack)
    required, forbidden = dict(required_requests(keys)), dict(forbidden_requests(keys))
    if stack == "production":
        required |= dict(recovery_requests(keys, Keys(both, "dr")))
    answers = evaluate([*required.values(), *forbidden.values()])
    allowed = dict(zip((*required, *forbidden), answers, strict=True))
    assert [name for name in required if not allowed[name]] == [], "denied"
    assert [name for name in forbidden if allowed[name]] == [], "allowed"

"""EncryptionKeys: the customer keys, one for each purpose, and who may use each.

Sections: Compliance, Backup & Recovery. A key for everything would let whoever reads logs read the database's snapshots
as well; so each purpose has its own, and its policy names the services that use it. AWS refuses a policy that names a
role which doesn't exist yet: use is therefore let to the account, bound by conditions to the services through which it
comes, and the roles' own policies say who may ask those services.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import pulumi
import pulumi_aws as aws

from components.shared.environment import Environment
from components.shared.service_principals import Conditions, bound

Purpose: TypeAlias = Literal["data", "logs", "secrets", "messages", "assets", "sessions", "audit"]

# Days in which a deletion can be taken back: the most that AWS has.
DELETION_WINDOW = 30

# What the account's administrators may do with a key: all but use it.
ADMINISTRATION = (
    "kms:CancelKeyDeletion", "kms:CreateAlias", "kms:DeleteAlias", "kms:Describe*", "kms:DisableKey", "kms:EnableKey*",
    "kms:Get*", "kms:List*", "kms:PutKeyPolicy", "kms:RevokeGrant", "kms:ScheduleKeyDeletion", "kms:TagResource",
    "kms:UntagResource", "kms:UpdateAlias", "kms:UpdateKeyDescription",
)  # fmt: skip
USE = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")
READ = ("kms:Decrypt",)


@dataclass(frozen=True, kw_only=True)
class CopyKeys:
    """ARNs of the keys in the region that copies go to."""

    region: str
    data: pulumi.Output[str]
    secrets: pulumi.Output[str]
    assets: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class KeysOutputs:
    """ARNs of the keys, by purpose; `copies` where copies for recovery are made."""

    data: pulumi.Output[str]
    logs: pulumi.Output[str]
    secrets: pulumi.Output[str]
    messages: pulumi.Output[str]
    assets: pulumi.Output[str]
    sessions: pulumi.Output[str]
    audit: pulumi.Output[str]
    copies: CopyKeys | None = None


@dataclass(frozen=True, kw_only=True)
class _Own:
    """What a service that comes by itself may do, and when; `sid` is its statements' name, before a number."""

    service: str
    conditions: Conditions
    actions: Sequence[str] = USE
    sid: str = "Use"


@dataclass(frozen=True, kw_only=True)
class _Use:
    """Who uses a key: services `via` which the account's principals come, and `services` that come by themselves.

    `actions` are those of the account's principals.
    `grants`: what it opens later, by itself and for a long time, it has a grant for.
    `roles` are the names of roles that use it directly, each with its action.
    """

    description: str
    via: tuple[str, ...] = ()
    actions: Sequence[str] = USE
    grants: bool = True
    roles: Mapping[str, str] = field(default_factory=dict[str, str])
    services: Sequence[_Own] = ()


class EncryptionKeys(pulumi.ComponentResource):
    """The customer keys of one stack: regional ones, and those that copies in another region need.

    `session_role` is the role of the task that sessions lead to, `session_openers` are those of the people who open
    them, by name. `deliveries`: CloudWatch brings another service's logs to a bucket, CloudFront's for one. `trail`:
    this stack owns the account's trail.
    """

    outputs: KeysOutputs

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        session_role: str,
        session_openers: Sequence[str],
        copy_region: str | None = None,
        deliveries: bool = False,
        trail: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:shared:EncryptionKeys", name, None, opts)
        self._name_prefix = name
        self._environment = environment
        # A session's data key is made for the person who opens it, and opened by the task at the other end.
        self._sessions = {session_role: "kms:Decrypt", **dict.fromkeys(session_openers, "kms:GenerateDataKey")}
        self._deliveries = deliveries
        self._trail = trail

        copies = None
        if copy_region:
            copies = CopyKeys(
                region=copy_region,
                data=self._key("data", copy_region),
                secrets=self._key("secrets", copy_region),
                assets=self._key("assets", copy_region),
            )
        self.outputs = KeysOutputs(
            data=self._key("data"),
            logs=self._key("logs"),
            secrets=self._key("secrets"),
            messages=self._key("messages"),
            assets=self._key("assets"),
            sessions=self._key("sessions"),
            audit=self._key("audit"),
            copies=copies,
        )
        self.register_outputs({})

    def _key(self, purpose: Purpose, copy_region: str | None = None) -> pulumi.Output[str]:
        """Make the key of a purpose with its alias, in another region where one is given: its ARN."""
        environment = self._environment
        region = copy_region or environment.region
        use = _uses(environment, region, self._sessions, deliveries=self._deliveries, trail=self._trail)[purpose]
        suffix = "-copy" if copy_region else ""
        key = aws.kms.Key(
            f"{self._name_prefix}-{purpose}{suffix}",
            description=f"{environment.name}: {use.description}{', copies for recovery' if copy_region else ''}",
            enable_key_rotation=True,
            deletion_window_in_days=DELETION_WINDOW,
            policy=json.dumps(_policy(environment, region, use)),
            region=copy_region,
            tags={"Name": f"{environment.name}-{purpose}{suffix}"},
            opts=pulumi.ResourceOptions(parent=self, protect=True, retain_on_delete=True),
        )
        aws.kms.Alias(
            f"{self._name_prefix}-{purpose}{suffix}",
            name=f"alias/{environment.name}-{purpose}{suffix}",
            target_key_id=key.key_id,
            region=copy_region,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return key.arn


def _uses(
    environment: Environment, region: str, sessions: Mapping[str, str], *, deliveries: bool, trail: bool
) -> Mapping[Purpose, _Use]:
    account = environment.account
    log_group = f"arn:aws:logs:{region}:{account}:log-group"
    # Whatever the stack names itself, and what AWS names: RDS its groups after its instances, and its system
    # measurements' group once for each region; ECS after its clusters; WAF and EventBridge want a beginning.
    wanted = (f"aws-waf-logs-{environment.name}-*", f"/aws/events/{environment.name}")
    own_names = (environment.log_group("*"), environment.audit_log, *wanted)
    aws_names = ("/aws/rds/instance/*", "RDSOSMetrics", "/aws/ecs/containerinsights/*")
    named = [f"{log_group}:{name}" for name in (*own_names, *aws_names)]
    logs: Conditions = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": named}}
    writers = [
        _Own(
            service=f"logs.{region}.amazonaws.com",
            conditions=bound("key", "logs.{region}.amazonaws.com", account=account, further=logs),
        )
    ]
    if deliveries:
        sources = f"arn:aws:logs:{region}:{account}:delivery-source:*"
        writers.append(_own("delivery.logs.amazonaws.com", account, source_arn=sources))
    # A distribution's own ARN would make a circle of key, bucket and distribution.
    distributions = f"arn:aws:cloudfront::{account}:distribution/*"
    return {
        "data": _Use(description="PostgreSQL, Redis and their backups", via=("rds", "elasticache", "backup")),
        "logs": _Use(
            description="log groups and logs in buckets",
            # CloudWatch Logs decrypts log groups itself; logs in a bucket are decrypted for their readers by S3.
            via=("s3",) if deliveries else (),
            actions=READ,
            grants=False,
            services=writers,
        ),
        "secrets": _Use(description="secrets", via=("secretsmanager",)),
        "messages": _Use(
            description="topics and queues",
            via=("sns", "sqs"),
            grants=False,
            # Alarms publish to encrypted topics.
            services=[_own("cloudwatch.amazonaws.com", account)],
        ),
        "assets": _Use(
            description="buckets and images",
            via=("s3", "ecr"),
            # It only opens what others have encrypted.
            services=[
                _own("cloudfront.amazonaws.com", account, source_arn=distributions, actions=READ, sid="Read"),
            ],
        ),
        "sessions": _Use(description="sessions of ECS Exec", roles=sessions),
        "audit": _Use(
            description="the audit's archive, and what is on its way there",
            via=("s3", "firehose"),
            services=_of_trail(environment.trail_arn, account) if trail else (),
        ),
    }


def _of_trail(arn: str, account: str) -> Sequence[_Own]:
    """Let CloudTrail encrypt for one trail: AWS's own statements. A bucket key is opened again, hence Decrypt."""
    service, sid = "cloudtrail.amazonaws.com", "Other"
    context: Conditions = {"StringEquals": {"kms:EncryptionContext:aws:cloudtrail:arn": arn}}
    encrypting, opening = ("kms:GenerateDataKey*",), ("kms:Decrypt", "kms:DescribeKey")
    return (
        _own(service, account, source_arn=arn, further=context, actions=encrypting, sid=sid),
        _own(service, account, source_arn=arn, actions=opening, sid=sid),
    )


def _own(
    service: str,
    account: str,
    *,
    source_arn: str | None = None,
    further: Conditions | None = None,
    actions: Sequence[str] = USE,
    sid: str = "Use",
) -> _Own:
    conditions = bound("key", service, account=account, source_arn=source_arn, further=further)
    return _Own(service=service, conditions=conditions, actions=actions, sid=sid)


def _policy(environment: Environment, region: str, use: _Use) -> Mapping[str, object]:
    """Let the account administer the key, and nobody use it but by the services that it is for."""
    account = {"AWS": f"arn:aws:iam::{environment.account}:root"}
    statements: list[Mapping[str, object]] = [
        {
            "Sid": "Administration",
            "Effect": "Allow",
            "Principal": account,
            "Action": ADMINISTRATION,
            "Resource": "*",
        }
    ]
    if use.via:
        through: Mapping[str, str | Sequence[str]] = {
            "kms:CallerAccount": environment.account,
            "kms:ViaService": [f"{service}.{region}.amazonaws.com" for service in use.via],
        }
        statements.append(
            {
                "Sid": "UseThroughServices",
                "Effect": "Allow",
                "Principal": account,
                "Action": use.actions,
                "Resource": "*",
                "Condition": {"StringEquals": through},
            }
        )
        if use.grants:
            # A volume, a cache or an image is opened again by AWS itself, long after it was made.
            statements.append(
                {
                    "Sid": "GrantsToServices",
                    "Effect": "Allow",
                    "Principal": account,
                    "Action": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
                    "Resource": "*",
                    "Condition": {"StringEquals": through, "Bool": {"kms:GrantIsForAWSResource": "true"}},
                }
            )
    # AWS refuses a policy that names a role which isn't there yet: the account, bound to the role's ARN.
    statements += [
        {
            "Sid": f"UseByRole{number}",
            "Effect": "Allow",
            "Principal": account,
            "Action": action,
            "Resource": "*",
            "Condition": {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{environment.account}:role/{role}"}},
        }
        for number, (role, action) in enumerate(use.roles.items(), start=1)
    ]
    numbers = Counter[str]()
    for own in use.services:
        numbers[own.sid] += 1
        statements.append(
            {
                "Sid": f"{own.sid}{numbers[own.sid]}",
                "Effect": "Allow",
                "Principal": {"Service": own.service},
                "Action": own.actions,
                "Resource": "*",
                "Condition": own.conditions,
            }
        )
    return {"Version": "2012-10-17", "Statement": statements}

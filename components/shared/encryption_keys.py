"""EncryptionKeys: the customer managed keys, one for each purpose, and the principals that may use each.

Sections: Compliance, Backup & Recovery. With one key for everything, a reader of logs could read database snapshots;
so each purpose has its own key, and its policy names the services that use it. AWS rejects a policy that names a role
which doesn't exist yet. So the policies allow the account, on condition that the request comes through those services,
and the roles' own policies decide who may call them.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import pulumi
import pulumi_aws as aws

from components.shared.environment import Environment
from components.shared.service_principals import Conditions, source_conditions

Purpose: TypeAlias = Literal["data", "logs", "secrets", "messages", "assets", "sessions", "audit"]

# Days in which a deletion can be cancelled: AWS's maximum.
DELETION_WINDOW = 30

# Administrators of the account may do everything with a key except use it.
ADMINISTRATION = (
    "kms:CancelKeyDeletion", "kms:CreateAlias", "kms:DeleteAlias", "kms:Describe*", "kms:DisableKey", "kms:EnableKey*",
    "kms:Get*", "kms:List*", "kms:PutKeyPolicy", "kms:RevokeGrant", "kms:ScheduleKeyDeletion", "kms:TagResource",
    "kms:UntagResource", "kms:UpdateAlias", "kms:UpdateKeyDescription",
)  # fmt: skip
USE = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")
READ = ("kms:Decrypt",)


@dataclass(frozen=True, kw_only=True)
class CopyKeys:
    """ARNs of the keys in the recovery region, which encrypt the copies."""

    region: str
    data: pulumi.Output[str]
    secrets: pulumi.Output[str]
    assets: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class KeysOutputs:
    """ARNs of the keys by purpose; `copies` if the stack keeps copies in the recovery region."""

    data: pulumi.Output[str]
    logs: pulumi.Output[str]
    secrets: pulumi.Output[str]
    messages: pulumi.Output[str]
    assets: pulumi.Output[str]
    sessions: pulumi.Output[str]
    audit: pulumi.Output[str]
    copies: CopyKeys | None = None


@dataclass(frozen=True, kw_only=True)
class _ServiceAccess:
    """The access of a service principal; `sid` is the prefix of its statement's Sid, before a number."""

    service: str
    conditions: Conditions
    actions: Sequence[str] = USE
    sid: str = "Use"


@dataclass(frozen=True, kw_only=True)
class _KeyUse:
    """The use of a key: by the account's principals through the services `via`, and by the service principals.

    `actions` are those of the account's principals.
    `grants`: the services in `via` need a grant, because they use the key later, without the caller.
    `role_actions` are the roles that use the key directly, by name, each with its action.
    """

    description: str
    via: tuple[str, ...] = ()
    actions: Sequence[str] = USE
    grants: bool = True
    role_actions: Mapping[str, str] = field(default_factory=dict[str, str])
    services: Sequence[_ServiceAccess] = ()


class EncryptionKeys(pulumi.ComponentResource):
    """The customer managed keys of one stack: those of its region, and those of its copies in another region.

    `session_task_role` is the role of the task that ECS Exec sessions run in, `session_user_roles` are the roles of the
    people who start them, by name. `has_log_delivery`: CloudWatch delivers logs of other services, such as CloudFront,
    to a bucket. `has_trail`: this stack owns the account's trail.
    """

    outputs: KeysOutputs

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        session_task_role: str,
        session_user_roles: Sequence[str],
        copy_region: str | None = None,
        has_log_delivery: bool = False,
        has_trail: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:shared:EncryptionKeys", name, None, opts)
        self._name_prefix = name
        self._environment = environment
        # The caller's role generates a session's data key, the task's role decrypts it.
        self._session_roles = {
            session_task_role: "kms:Decrypt",
            **dict.fromkeys(session_user_roles, "kms:GenerateDataKey"),
        }
        self._has_log_delivery = has_log_delivery
        self._has_trail = has_trail

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
        """Create the key of a purpose and its alias, in the stack's region or in `copy_region`; return its ARN."""
        environment = self._environment
        region = copy_region or environment.region
        use = self._uses(region)[purpose]
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

    def _uses(self, region: str) -> Mapping[Purpose, _KeyUse]:
        environment, account = self._environment, self._environment.account
        # The ARN of a distribution would make key, bucket and distribution depend on one another.
        distributions = f"arn:aws:cloudfront::{account}:distribution/*"
        return {
            "data": _KeyUse(description="PostgreSQL, Redis and their backups", via=("rds", "elasticache", "backup")),
            "logs": _KeyUse(
                description="log groups and logs in buckets",
                # CloudWatch Logs decrypts log groups itself; S3 decrypts logs in a bucket for their readers.
                via=("s3",) if self._has_log_delivery else (),
                actions=READ,
                grants=False,
                services=_log_services(environment, region, has_delivery=self._has_log_delivery),
            ),
            "secrets": _KeyUse(description="secrets", via=("secretsmanager",)),
            "messages": _KeyUse(
                description="topics and queues",
                via=("sns", "sqs"),
                grants=False,
                # Alarms publish to encrypted topics.
                services=[_service_access("cloudwatch.amazonaws.com", account)],
            ),
            "assets": _KeyUse(
                description="buckets and images",
                via=("s3", "ecr"),
                # CloudFront only reads.
                services=[
                    _service_access(
                        "cloudfront.amazonaws.com", account, source_arn=distributions, actions=READ, sid="Read"
                    )
                ],
            ),
            "sessions": _KeyUse(description="sessions of ECS Exec", role_actions=self._session_roles),
            "audit": _KeyUse(
                description="the audit archive and its delivery",
                # Athena's documentation requires that the caller of a query may use the key of its results.
                via=("s3", "firehose", "athena"),
                services=[
                    _athena_access(environment.audit_workgroup_arn, account),
                    *(_cloudtrail_access(environment.trail_arn, account) if self._has_trail else ()),
                ],
            ),
        }


def _log_services(environment: Environment, region: str, *, has_delivery: bool) -> Sequence[_ServiceAccess]:
    account = environment.account
    # The stack's own names, and those that AWS chooses: RDS names log groups after its instances, and has one group
    # per region for OS metrics; ECS names them after its clusters; WAF and EventBridge require a prefix.
    prefixed = (f"aws-waf-logs-{environment.name}-*", f"/aws/events/{environment.name}")
    own_names = (environment.log_group_name("*"), environment.audit_log_group_name, *prefixed)
    aws_names = ("/aws/rds/instance/*", "RDSOSMetrics", "/aws/ecs/containerinsights/*")
    groups = [f"arn:aws:logs:{region}:{account}:log-group:{name}" for name in (*own_names, *aws_names)]
    context: Conditions = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}}
    services = [
        _ServiceAccess(
            service=f"logs.{region}.amazonaws.com",
            conditions=source_conditions(
                "key", "logs.{region}.amazonaws.com", account=account, extra_conditions=context
            ),
        )
    ]
    if has_delivery:
        sources = f"arn:aws:logs:{region}:{account}:delivery-source:*"
        services.append(_service_access("delivery.logs.amazonaws.com", account, source_arn=sources))
    return services


def _cloudtrail_access(arn: str, account: str) -> Sequence[_ServiceAccess]:
    """Return AWS's own statements for one trail. CloudTrail decrypts because the bucket has a bucket key."""
    service, sid = "cloudtrail.amazonaws.com", "Other"
    context: Conditions = {"StringEquals": {"kms:EncryptionContext:aws:cloudtrail:arn": arn}}
    encrypt, decrypt = ("kms:GenerateDataKey*",), ("kms:Decrypt", "kms:DescribeKey")
    return (
        _service_access(service, account, source_arn=arn, extra_conditions=context, actions=encrypt, sid=sid),
        _service_access(service, account, source_arn=arn, actions=decrypt, sid=sid),
    )


def _athena_access(workgroup: str, account: str) -> _ServiceAccess:
    """Return AWS's own statement for the results that Athena stores of one workgroup."""
    return _service_access(
        "encryption.athena.amazonaws.com",
        account,
        source_arn=workgroup,
        extra_conditions={"StringEquals": {"kms:EncryptionContext:aws:athena:arn": workgroup}},
        actions=("kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"),
        sid="Results",
    )


def _service_access(
    service: str,
    account: str,
    *,
    source_arn: str | None = None,
    extra_conditions: Conditions | None = None,
    actions: Sequence[str] = USE,
    sid: str = "Use",
) -> _ServiceAccess:
    conditions = source_conditions(
        "key", service, account=account, source_arn=source_arn, extra_conditions=extra_conditions
    )
    return _ServiceAccess(service=service, conditions=conditions, actions=actions, sid=sid)


def _policy(environment: Environment, region: str, use: _KeyUse) -> Mapping[str, object]:
    """Return the key policy: the account administers the key; only the services and roles of `use` may use it."""
    account = {"AWS": f"arn:aws:iam::{environment.account}:root"}
    statements = [_allow("Administration", account, ADMINISTRATION)]
    if use.via:
        through: Mapping[str, str | Sequence[str]] = {
            "kms:CallerAccount": environment.account,
            "kms:ViaService": [f"{service}.{region}.amazonaws.com" for service in use.via],
        }
        statements.append(_allow("UseThroughServices", account, use.actions, {"StringEquals": through}))
        if use.grants:
            # AWS itself decrypts a volume, a cache or an image long after it was created.
            grant_actions = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]
            for_aws: Conditions = {"StringEquals": through, "Bool": {"kms:GrantIsForAWSResource": "true"}}
            statements.append(_allow("GrantsToServices", account, grant_actions, for_aws))
    # The principal is the account: AWS rejects a policy that names a role which doesn't exist yet.
    for number, (role, action) in enumerate(use.role_actions.items(), start=1):
        caller: Conditions = {"ArnEquals": {"aws:PrincipalArn": environment.role_arn(role)}}
        statements.append(_allow(f"UseByRole{number}", account, action, caller))
    numbers = Counter[str]()
    for access in use.services:
        numbers[access.sid] += 1
        sid = f"{access.sid}{numbers[access.sid]}"
        statements.append(_allow(sid, {"Service": access.service}, access.actions, access.conditions))
    return {"Version": "2012-10-17", "Statement": statements}


def _allow(
    sid: str, principal: Mapping[str, str], actions: str | Sequence[str], conditions: Conditions | None = None
) -> Mapping[str, object]:
    condition = {} if conditions is None else {"Condition": conditions}
    return {"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": actions, "Resource": "*", **condition}

"""IAM policy documents, as JSON that a preview shows as soon as every value in it is known."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import pulumi

Statement: TypeAlias = Mapping[str, object]
Arns: TypeAlias = Sequence[pulumi.Input[str]] | pulumi.Output[list[str]]


def policy_document(*statements: Statement) -> pulumi.Output[str]:
    """Return the policy document of these statements."""
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(sid: str, actions: Sequence[str], resources: Arns, **conditions: Mapping[str, object]) -> Statement:
    """Return an Allow statement; `conditions` are IAM conditions by operator (`StringEquals={...}`)."""
    return _statement(sid, "Allow", actions, resources, conditions)


def deny(sid: str, actions: Sequence[str], resources: Arns, **conditions: Mapping[str, object]) -> Statement:
    """Return a Deny statement; `conditions` as for `allow`."""
    return _statement(sid, "Deny", actions, resources, conditions)


def _statement(
    sid: str, effect: str, actions: Sequence[str], resources: Arns, conditions: Mapping[str, object]
) -> Statement:
    condition = {"Condition": conditions} if conditions else {}
    return {"Sid": sid, "Effect": effect, "Action": list(actions), "Resource": resources, **condition}


def via_service(service: str, region: str) -> Mapping[str, str]:
    """Return the condition that a KMS key is used through one service of one region only."""
    return {"kms:ViaService": f"{service}.{region}.amazonaws.com"}


def require_tls(service: str, resources: Arns) -> Statement:
    """Return the statement that denies every request without TLS."""
    return {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": f"{service}:*",
        "Resource": resources,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }

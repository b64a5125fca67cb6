"""IAM documents, as JSON that a plan shows as soon as everything in it is known."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import pulumi

Statement: TypeAlias = Mapping[str, object]
Arns: TypeAlias = Sequence[pulumi.Input[str]] | pulumi.Output[list[str]]


def document(*statements: Statement) -> pulumi.Output[str]:
    """Give the document of these statements."""
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(
    sid: str, actions: Sequence[str], resources: Arns, **conditions: Mapping[str, pulumi.Input[str]]
) -> Statement:
    """Allow actions on resources; `conditions` are those of IAM by operator (`StringEquals={...}`)."""
    condition = {"Condition": conditions} if conditions else {}
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": resources, **condition}


def through(service: str, region: str) -> Mapping[str, str]:
    """Give the condition that a key is used through a service of a region only."""
    return {"kms:ViaService": f"{service}.{region}.amazonaws.com"}


def tls_only(service: str, resources: Arns) -> Statement:
    """Deny everybody what doesn't come over TLS."""
    return {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": f"{service}:*",
        "Resource": resources,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }

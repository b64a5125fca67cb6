"""Trust policies of the roles that AWS's services take, with what keeps other accounts' resources out."""

import json

from components.naming import Environment


def trust(service: str, *, environment: Environment, source_arn: str | None = None) -> str:
    """Let a service (`backup.amazonaws.com`) take the role on behalf of this account, or of one kind of its things."""
    condition: dict[str, dict[str, str]] = {"StringEquals": {"aws:SourceAccount": environment.account}}
    if source_arn:
        condition["ArnLike"] = {"aws:SourceArn": source_arn}
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
        "Condition": condition,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

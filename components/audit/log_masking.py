"""LogMasking: personal data that gets into a log all the same is counted, and masked for whoever reads it.

Section: Data Handling (No PII in logs). CloudWatch finds what it has an identifier for as it takes a record in, and
masks it on every way out, subscriptions to an archive among them; only who may logs:Unmask sees it, which no role here
does.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.shared.log_groups import NamedGroup
from settings.audit import Logs

IDENTIFIER = "arn:aws:dataprotection::aws:data-identifier"
# The language of these policies, in the only version that there is.
LANGUAGE = "2021-06-01"


@dataclass(frozen=True, kw_only=True)
class LogMaskingOutputs:
    """The groups that are watched, by what writes to them; AWS counts the findings of each."""

    watched: Mapping[str, NamedGroup]


class LogMasking(pulumi.ComponentResource):
    """A policy for each log group that people's doings get into."""

    outputs: LogMaskingOutputs

    def __init__(
        self,
        name: str,
        *,
        settings: Logs,
        groups: Mapping[str, NamedGroup],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:audit:LogMasking", name, None, opts)
        policy = _policy(settings.masked_data)
        for purpose, named in groups.items():
            aws.cloudwatch.LogDataProtectionPolicy(
                f"{name}-{purpose}",
                log_group_name=named.group.name,
                policy_document=policy,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.outputs = LogMaskingOutputs(watched=groups)
        self.register_outputs({})


def _policy(masked_data: Sequence[str]) -> str:
    """Give the policy: CloudWatch wants both statements to name the same data."""
    identifiers = [f"{IDENTIFIER}/{each}" for each in masked_data]
    # Findings are counted in AWS' own metric without a destination; their report would say where in which record.
    nothing = dict[str, str]()
    operations = {"audit": {"Audit": {"FindingsDestination": nothing}}, "mask": {"Deidentify": {"MaskConfig": nothing}}}
    statements = [{"Sid": sid, "DataIdentifier": identifiers, "Operation": does} for sid, does in operations.items()]
    return json.dumps({"Name": "personal-data", "Version": LANGUAGE, "Statement": statements})

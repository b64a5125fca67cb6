"""LogMasking: personal data that reaches a log despite everything is counted and masked.

Section: Data Handling (No PII in logs). CloudWatch Logs detects it at ingestion by AWS's data identifiers, and masks it
at every egress point, subscriptions included. Reading it unmasked requires logs:Unmask, which no role here has.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.shared.log_groups import NamedLogGroup
from settings.audit import Logs

IDENTIFIER = "arn:aws:dataprotection::aws:data-identifier"
# The only version of the policy language.
POLICY_VERSION = "2021-06-01"


@dataclass(frozen=True, kw_only=True)
class LogMaskingOutputs:
    """The masked log groups by purpose; AWS counts the findings of each."""

    masked_log_groups: Mapping[str, NamedLogGroup]


class LogMasking(pulumi.ComponentResource):
    """A data protection policy for each log group that may contain personal data."""

    outputs: LogMaskingOutputs

    def __init__(
        self,
        name: str,
        *,
        settings: Logs,
        log_groups: Mapping[str, NamedLogGroup],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:audit:LogMasking", name, None, opts)
        policy = _policy(settings.masked_data)
        for purpose, log_group in log_groups.items():
            aws.cloudwatch.LogDataProtectionPolicy(
                f"{name}-{purpose}",
                log_group_name=log_group.group.name,
                policy_document=policy,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.outputs = LogMaskingOutputs(masked_log_groups=log_groups)
        self.register_outputs({})


def _policy(masked_data: Sequence[str]) -> str:
    """Return the policy document. CloudWatch Logs requires the same data identifiers in both statements."""
    identifiers = [f"{IDENTIFIER}/{each}" for each in masked_data]
    # AWS's metric counts findings without a destination; a destination would receive their positions in the records.
    empty = dict[str, str]()
    operations = {"audit": {"Audit": {"FindingsDestination": empty}}, "mask": {"Deidentify": {"MaskConfig": empty}}}
    statements = [
        {"Sid": sid, "DataIdentifier": identifiers, "Operation": operation} for sid, operation in operations.items()
    ]
    return json.dumps({"Name": "personal-data", "Version": POLICY_VERSION, "Statement": statements})

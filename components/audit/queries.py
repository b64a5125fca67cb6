"""Saved queries for the audit records: one for each event type of the document, and one for the commands' events.

Section: Audit Logging. docs/audit-records.md describes the fields.
"""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from components.shared.environment import Environment

COMMON_FIELDS = ("event_type", "action", "outcome", "user_id", "source_ip", "request_id")
# The further fields of each event type.
EVENT_FIELDS: Mapping[str, Sequence[str]] = {
    "authentication": ("method",),
    "data_access": ("resource_type", "resource_id", "count"),
    "configuration_change": ("resource_type", "resource_id", "setting"),
    "error": ("error_code", "status"),
    "operation": (
        "principal",
        "ticket",
        "stack",
        "target",
        "severity",
        "digest",
        "task_definition",
        "items",
        "mode",
        "outage_seconds",
        "loss_seconds",
        "count",
        "bytes",
        "reason",
    ),
}
# The maximum of Logs Insights.
LIMIT = 10_000


def create_saved_queries(
    logical: str, *, environment: Environment, log_group: pulumi.Input[str], parent: pulumi.Resource
) -> None:
    """Create a saved query for each event type; its time range is chosen when it is run."""
    for event_type, fields in EVENT_FIELDS.items():
        aws.cloudwatch.QueryDefinition(
            f"{logical}-{event_type.replace('_', '-')}",
            name=f"{environment.name}/audit/{event_type}",
            log_group_names=[log_group],
            query_string="\n".join(
                (
                    f"fields @timestamp, {', '.join((*COMMON_FIELDS, *fields))}",
                    f'| filter event_type = "{event_type}"',
                    "| sort @timestamp desc",
                    f"| limit {LIMIT}",
                )
            ),
            opts=pulumi.ResourceOptions(parent=parent),
        )

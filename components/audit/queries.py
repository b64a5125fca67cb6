"""Saved queries of the audit's records: one for each kind of event that the document names.

Section: Audit Logging. The fields are those of the records that the application writes (docs/audit-records.md).
"""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from components.shared.environment import Environment

# What every record says.
ALIKE = ("event_type", "action", "outcome", "user_id", "source_ip", "request_id")
# Each kind of event, and what its records say besides.
EVENTS: Mapping[str, Sequence[str]] = {
    "authentication": ("method",),
    "data_access": ("resource_type", "resource_id", "count"),
    "configuration_change": ("resource_type", "resource_id", "setting"),
    "error": ("error_code", "status"),
}
# The most that Logs Insights shows.
LIMIT = 10_000


def saved(logical: str, *, environment: Environment, group: pulumi.Input[str], parent: pulumi.Resource) -> None:
    """Save a query for each kind of event; who asks chooses the time."""
    for kind, fields in EVENTS.items():
        aws.cloudwatch.QueryDefinition(
            f"{logical}-{kind.replace('_', '-')}",
            name=f"{environment.name}/audit/{kind}",
            log_group_names=[group],
            query_string="\n".join(
                (
                    f"fields @timestamp, {', '.join((*ALIKE, *fields))}",
                    f'| filter event_type = "{kind}"',
                    "| sort @timestamp desc",
                    f"| limit {LIMIT}",
                )
            ),
            opts=pulumi.ResourceOptions(parent=parent),
        )

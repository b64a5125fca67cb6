"""Alarms on what AWS tells once, as an event: backups that fail, releases that are rolled back, what befalls databases.

Sections: Backup & Recovery, Deployment, Database (RDS PostgreSQL). An event is kept in a log group, and its rule's own
measure is what an alarm watches: so events reach people in the same way as all else, and nothing but alarms may publish
to the topics (decision 0025).
"""

import json
from collections.abc import Iterator, Mapping, Sequence

import pulumi
import pulumi_aws as aws

from components.alerting.alarms import ABOVE, Row
from components.data.postgres import PostgresOutputs
from components.service.service import ServiceOutputs
from components.shared.environment import Environment
from components.shared.iam import document
from components.shared.log_groups import log_group
from components.shared.service_principals import let_in

# Seconds: EventBridge measures each minute, and AWS Backup tells within five.
PERIOD = 300
RETENTION = 90
# RDS' own categories: events that may cost data or time, and its automatic upgrades.
DATABASE_EVENT_CATEGORIES = ("deletion", "failover", "failure", "low storage", "maintenance", "read replica")

Pattern = Mapping[str, object]


class EventAlarms(pulumi.ComponentResource):
    """The rules, and where their events are kept; `rows` are the alarms on them."""

    rows: Sequence[Row]

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        service: ServiceOutputs,
        database: PostgresOutputs,
        logs_key_arn: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:alerting:EventAlarms", name, None, opts)
        self._name_prefix = name
        self._environment = environment
        self._own = pulumi.ResourceOptions(parent=self)
        # EventBridge delivers to names that begin so.
        group = f"/aws/events/{environment.name}"
        kept = log_group(name, name=group, retention_in_days=RETENTION, key_arn=logs_key_arn, parent=self)
        permission = self._let_in(group)
        rows: list[Row] = []
        for purpose, pattern, says in self._wanted(service, database):
            rule = aws.cloudwatch.EventRule(
                f"{name}-{purpose}",
                name=self._rule(purpose),
                description=says,
                event_pattern=json.dumps(pattern),
                opts=self._own,
            )
            aws.cloudwatch.EventTarget(
                f"{name}-{purpose}",
                rule=rule.name,
                arn=kept.arn,
                opts=pulumi.ResourceOptions(parent=self, depends_on=[permission]),
            )
            rows.append(self._row(purpose, says, group))
        self.rows = rows
        self.register_outputs({})

    def _rule(self, purpose: str) -> str:
        return f"{self._environment.name}-{purpose}"

    def _wanted(self, service: ServiceOutputs, database: PostgresOutputs) -> Iterator[tuple[str, Pattern, str]]:
        yield (
            "backup-failed",
            {
                "source": ["aws.backup"],
                "detail-type": ["Backup Job State Change", "Copy Job State Change"],
                "detail": {"state": ["ABORTED", "EXPIRED", "FAILED"]},
            },
            "A backup, or its copy for recovery, has failed",
        )
        yield (
            "release-rolled-back",
            {
                "source": ["aws.ecs"],
                "detail-type": ["ECS Deployment State Change"],
                "resources": [self._environment.arn("ecs", f"service/{service.cluster}/{service.service}")],
                "detail": {"eventName": ["SERVICE_DEPLOYMENT_FAILED"]},
            },
            "A release has failed, and was rolled back",
        )
        yield (
            "database-event",
            {
                "source": ["aws.rds"],
                "detail-type": ["RDS DB Instance Event"],
                "detail": {
                    "EventCategories": list(DATABASE_EVENT_CATEGORIES),
                    "SourceIdentifier": list(database.connection_limits),
                },
            },
            "RDS reports a failure, a failover, a deletion, little storage, maintenance or a replica's trouble",
        )

    def _let_in(self, group: str) -> aws.cloudwatch.LogResourcePolicy:
        """Let EventBridge write there: it takes only log groups of the account as targets."""
        writes = [
            let_in(
                "log group",
                service,
                sid=f"Events{number}",
                actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                # By name: its own ARN isn't known in a preview.
                resources=self._environment.arn("logs", f"log-group:{group}:*"),
                account=self._environment.account,
            )
            for number, service in enumerate(("delivery.logs.amazonaws.com", "events.amazonaws.com"), start=1)
        ]
        return aws.cloudwatch.LogResourcePolicy(
            self._name_prefix,
            policy_name=f"{self._environment.name}-events",
            policy_document=document(*writes),
            opts=self._own,
        )

    def _row(self, purpose: str, says: str, group: str) -> Row:
        return Row(
            name=purpose,
            page=purpose,
            says=says,
            severity="Warning",
            command=f"logs filter-log-events --log-group-name {group}",
            comparison=ABOVE,
            threshold=0,
            periods=1,
            missing="notBreaching",
            namespace="AWS/Events",
            metric="TriggeredRules",
            dimensions={"RuleName": self._rule(purpose)},
            statistic="Sum",
            period=PERIOD,
        )

"""EventAlarms: alarms on EventBridge events: failed backups, releases that are rolled back, RDS events.

Sections: Backup & Recovery, Deployment, Database (RDS PostgreSQL). A rule stores its events in a log group, and an
alarm watches the rule's own metric. So only alarms publish to the topics, and events reach people like everything else
(decision 0025).
"""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pulumi
import pulumi_aws as aws

from components.alerting.alarms import Alarm, AlarmMetric, above
from components.data.postgres import PostgresOutputs
from components.service.service import ServiceOutputs
from components.shared.environment import Environment
from components.shared.iam import policy_document
from components.shared.log_groups import create_log_group
from components.shared.service_principals import allow_service

# Seconds: EventBridge publishes metrics each minute, AWS Backup emits events within five.
PERIOD = 300
RETENTION_DAYS = 90
# RDS' own categories: events that may cost data or time, and its automatic upgrades.
DATABASE_EVENT_CATEGORIES = ("deletion", "failover", "failure", "low storage", "maintenance", "read replica")


class _Event(NamedTuple):
    """An event to watch for: the name of rule and alarm, their description, EventBridge's pattern, and the runbook."""

    name: str
    description: str
    pattern: Mapping[str, object]
    runbook: str | None = None


class EventAlarms(pulumi.ComponentResource):
    """The rules and the log group of their events; `alarms` are the alarms on the rules."""

    alarms: Sequence[Alarm]

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
        self._child_opts = pulumi.ResourceOptions(parent=self)
        # EventBridge requires the prefix /aws/events/.
        self._log_group_name = f"/aws/events/{environment.name}"
        log_group = create_log_group(
            name, name=self._log_group_name, retention_in_days=RETENTION_DAYS, key_arn=logs_key_arn, parent=self
        )
        permission = self._allow_writes()
        events = (
            _backup_failed(),
            _restore_test_failed(),
            _restore_not_validated(environment),
            _release_rolled_back(environment, service),
            _database_event(database),
        )
        for event in events:
            self._create_rule(event, log_group, permission)
        self.alarms = [self._alarm(event) for event in events]
        self.register_outputs({})

    def _create_rule(
        self, event: _Event, log_group: aws.cloudwatch.LogGroup, permission: aws.cloudwatch.LogResourcePolicy
    ) -> None:
        rule = aws.cloudwatch.EventRule(
            f"{self._name_prefix}-{event.name}",
            name=self._rule_name(event),
            description=event.description,
            event_pattern=json.dumps(event.pattern),
            opts=self._child_opts,
        )
        aws.cloudwatch.EventTarget(
            f"{self._name_prefix}-{event.name}",
            rule=rule.name,
            arn=log_group.arn,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission]),
        )

    def _allow_writes(self) -> aws.cloudwatch.LogResourcePolicy:
        """Allow EventBridge to write to the log group; only log groups of the same account can be targets."""
        writes = [
            allow_service(
                "log group",
                service,
                sid=f"Events{number}",
                actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                # By name: the ARN is unknown in a preview.
                resources=self._environment.arn("logs", f"log-group:{self._log_group_name}:*"),
                account=self._environment.account,
            )
            for number, service in enumerate(("delivery.logs.amazonaws.com", "events.amazonaws.com"), start=1)
        ]
        return aws.cloudwatch.LogResourcePolicy(
            self._name_prefix,
            policy_name=f"{self._environment.name}-events",
            policy_document=policy_document(*writes),
            opts=self._child_opts,
        )

    def _alarm(self, event: _Event) -> Alarm:
        return Alarm(
            name=event.name,
            description=event.description,
            severity="Warning",
            runbook=event.runbook,
            command=f"logs filter-log-events --log-group-name {self._log_group_name}",
            metric=AlarmMetric("AWS/Events", "TriggeredRules", {"RuleName": self._rule_name(event)}, "Sum"),
            condition=above(0),
            periods=1,
            missing_data="notBreaching",
            period=PERIOD,
        )

    def _rule_name(self, event: _Event) -> str:
        return f"{self._environment.name}-{event.name}"


def _backup_failed() -> _Event:
    return _Event(
        name="backup-failed",
        description="A backup, or its copy in the recovery region, failed: the weekly snapshot is missing. Read the "
        "event's statusMessage",
        pattern={
            "source": ["aws.backup"],
            "detail-type": ["Backup Job State Change", "Copy Job State Change"],
            "detail": {"state": ["ABORTED", "EXPIRED", "FAILED"]},
        },
    )


def _restore_test_failed() -> _Event:
    return _Event(
        name="restore-test-failed",
        description="The weekly restore test failed: the newest snapshot can't be restored. Read the event's "
        "statusMessage",
        # A restore job has a status, other jobs of AWS Backup have a state.
        pattern={
            "source": ["aws.backup"],
            "detail-type": ["Restore Job State Change"],
            "detail": {"status": ["ABORTED", "FAILED"], "restoreTestingPlanArn": [{"exists": True}]},
        },
    )


def _restore_not_validated(environment: Environment) -> _Event:
    return _Event(
        name="restore-not-validated",
        description="The weekly restore test was not validated: the restored data is wrong or was not checked. Read "
        "the log of the restore validation",
        pattern={
            "source": ["aws.ecs"],
            "detail-type": ["ECS Task State Change"],
            "detail": {
                "group": [f"family:{environment.restore_validation_family}"],
                "lastStatus": ["STOPPED"],
                # A task that didn't start has no exit code.
                "$or": [{"containers": {"exitCode": [{"anything-but": 0}]}}, {"stopCode": ["TaskFailedToStart"]}],
            },
        },
        runbook="restore-test-failed",
    )


def _release_rolled_back(environment: Environment, service: ServiceOutputs) -> _Event:
    return _Event(
        name="release-rolled-back",
        description="A release failed and was rolled back: the previous release is running. Read the event's reason; "
        "don't release it again unchanged",
        pattern={
            "source": ["aws.ecs"],
            "detail-type": ["ECS Deployment State Change"],
            "resources": [environment.arn("ecs", f"service/{service.cluster}/{service.service}")],
            "detail": {"eventName": ["SERVICE_DEPLOYMENT_FAILED"]},
        },
    )


def _database_event(database: PostgresOutputs) -> _Event:
    return _Event(
        name="database-event",
        description="RDS reports a failure, failover, deletion, low storage, maintenance or replica problem. Read the "
        "event's Message",
        pattern={
            "source": ["aws.rds"],
            "detail-type": ["RDS DB Instance Event"],
            "detail": {
                "EventCategories": list(DATABASE_EVENT_CATEGORIES),
                "SourceIdentifier": list(database.connection_limits),
            },
        },
    )

"""AlertingSuite: the document's eight alerts, alarms beyond them, and the channels that carry them to people.

Sections: Monitoring & Alerting (Alert Configuration), Incident Response.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.alerting.alarms import Alarm, AlarmContext, create_alarm
from components.alerting.audit import audit_alarms
from components.alerting.channels import AlertChannels
from components.alerting.composites import composite_alarms
from components.alerting.data_tier import data_tier_alarms
from components.alerting.document import (
    certificate_alarms,
    create_disk_filters,
    database_alarms,
    health_alarms,
    request_alarms,
    utilization_alarms,
)
from components.alerting.edge import edge_alarms, origin_alarms
from components.alerting.events import EventAlarms
from components.audit.audit import AuditOutputs
from components.data.postgres import PostgresOutputs
from components.data.redis import RedisOutputs
from components.ingress.edge import EdgeOutputs
from components.ingress.load_balancer import LoadBalancerOutputs
from components.ingress.origin_failover import OriginHealthChecks
from components.service.service import ServiceOutputs
from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from components.shared.log_groups import NamedLogGroup
from components.storage.job_queue import QueueOutputs
from components.storage.replication import Replication
from settings.alerts import Alerts, SeverityName


@dataclass(frozen=True, kw_only=True)
class AlertingOutputs:
    """The ARNs of all alarms, for the dashboard: the composite ones first."""

    alarm_arns: Sequence[pulumi.Output[str]]


class AlertingSuite(pulumi.ComponentResource):
    """Alarms, topics and channels of one stack.

    `edge` and `origin_checks` are None where the stack has no CDN and no health checks. `replications` and
    `certificate_arns` are by purpose: the stack's replicated buckets, and its certificates in its own region.
    `masked_log_groups` are those in which CloudWatch looks for personal data, by what writes to them.
    """

    outputs: AlertingOutputs

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        settings: Alerts,
        pager_duty_url: pulumi.Output[str],
        load_balancer: LoadBalancerOutputs,
        service: ServiceOutputs,
        database: PostgresOutputs,
        cache: RedisOutputs,
        jobs: QueueOutputs,
        replications: Mapping[str, Replication | None],
        edge: EdgeOutputs | None,
        origin_checks: OriginHealthChecks | None,
        certificate_arns: Mapping[str, pulumi.Output[str]],
        audit: AuditOutputs,
        emergency_roles: Sequence[str],
        masked_log_groups: Mapping[str, NamedLogGroup],
        keys: KeysOutputs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:alerting:AlertingSuite", name, None, opts)
        child_opts = pulumi.ResourceOptions(parent=self)
        channels = AlertChannels(
            f"{name}-channels",
            environment=environment,
            settings=settings,
            pager_duty_url=pager_duty_url,
            keys=keys,
            opts=child_opts,
        )
        create_disk_filters(name, environment=environment, database=database, parent=self)
        events = EventAlarms(
            f"{name}-events",
            environment=environment,
            service=service,
            database=database,
            logs_key_arn=keys.logs,
            opts=child_opts,
        )
        alarms = [
            *request_alarms(settings, load_balancer, service),
            *health_alarms(settings, load_balancer, service),
            *utilization_alarms(settings, service),
            *database_alarms(environment, settings, database),
            *(edge_alarms(edge) if edge else ()),
            *(origin_alarms(origin_checks) if origin_checks else ()),
            *data_tier_alarms(cache, database, jobs, {purpose: each for purpose, each in replications.items() if each}),
            *events.alarms,
            *audit_alarms(
                name,
                environment=environment,
                audit=audit,
                emergency_roles=emergency_roles,
                masked_log_groups=masked_log_groups,
                parent=self,
            ),
            *certificate_alarms(settings, certificate_arns),
        ]
        context = AlarmContext(
            name_prefix=name,
            environment=environment,
            settings=settings,
            topics=channels.topics,
            running=service.running,
            parent=self,
        )
        self.outputs = AlertingOutputs(alarm_arns=_create(alarms, context))
        self.register_outputs({})


def _create(alarms: Sequence[Alarm], context: AlarmContext) -> Sequence[pulumi.Output[str]]:
    """Create the alarms, then the composite ones over them; return the ARNs, the composite ones first."""
    created: list[aws.cloudwatch.MetricAlarm] = []
    members: dict[SeverityName, list[aws.cloudwatch.MetricAlarm]] = {}
    for alarm in alarms:
        created.append(create_alarm(alarm, context))
        if context.is_composite_member(alarm):
            members.setdefault(alarm.severity, []).append(created[-1])
    return [alarm.arn for alarm in (*composite_alarms(members, context), *created)]

"""AlertingSuite: the document's eight alerts, some beyond them, and the channels by which people are told.

Sections: Monitoring & Alerting (Alert Configuration), Incident Response. Every measure is taken each minute but the
certificates', which AWS takes once a day.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.alerting.alarms import ABOVE, AT_LEAST, BELOW, Alarms, Row
from components.alerting.audit import delivery_row, finding_rows, identity_rows
from components.alerting.channels import AlertChannels
from components.alerting.data_tier import further
from components.alerting.edge import edge_rows, origin_rows
from components.alerting.events import EventAlarms
from components.audit.audit import AuditOutputs
from components.data.postgres import PostgresOutputs
from components.data.redis import RedisOutputs
from components.ingress.edge import EdgeOutputs
from components.ingress.load_balancer import LoadBalancerOutputs
from components.ingress.origin_failover import OriginChecks
from components.service.service import ServiceOutputs
from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from components.shared.log_groups import NamedGroup
from components.shared.metrics import BALANCER, error_rate, queries, request_metrics
from components.storage.job_queue import QueueOutputs
from components.storage.replication import Replication
from settings.alerts import Alerts

TASKS, DATABASE, CERTIFICATES = (
    "AWS/ECS",
    "AWS/RDS",
    "AWS/CertificateManager",
)
DAY = 86_400
# Where RDS keeps a database's files.
DATA = "/rdsdbdata"
USED = "DiskUsedPercent"


@dataclass(frozen=True, kw_only=True)
class AlertingOutputs:
    """The ARNs of all alarms, for the dashboard: first those of outages, that tell for others."""

    alarm_arns: Sequence[pulumi.Output[str]]


class AlertingSuite(pulumi.ComponentResource):
    """Alarms, topics and channels of one stack. `certificate_arns` are its certificates in its region, by purpose.

    `replications` are those of buckets, by purpose; `edge` and `checks` where the stack has a CDN, and asks the load
    balancers from outside; `watched` are the log groups that are looked through for personal data.
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
        replications: Mapping[str, Replication],
        edge: EdgeOutputs | None,
        checks: OriginChecks | None,
        certificate_arns: Mapping[str, pulumi.Output[str]],
        audit: AuditOutputs,
        emergency_role: str,
        watched: Mapping[str, NamedGroup],
        keys: KeysOutputs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:alerting:AlertingSuite", name, None, opts)
        self._name_prefix = name
        self._environment = environment
        self._settings = settings
        self._balancer = load_balancer
        self._service = service
        self._database = database
        channels = AlertChannels(
            f"{name}-channels",
            environment=environment,
            settings=settings,
            pager_duty_url=pager_duty_url,
            keys=keys,
            opts=pulumi.ResourceOptions(parent=self),
        )
        alarms = Alarms(
            name,
            environment=environment,
            settings=settings,
            topics=channels.topics,
            running=service.running,
            parent=self,
        )
        for identifier in database.connection_limits:
            self._measure_disk(identifier)
        rows = [*self._requests(), *self._health(), *self._tasks(), *self._databases()]
        rows += [*(edge_rows(edge) if edge else ()), *(origin_rows(checks) if checks else ())]
        rows += further(cache, database, jobs, replications)
        rows += self._events(keys)
        if audit.trail_group:
            rows += identity_rows(
                name, environment=environment, trail=audit.trail_group, emergency_role=emergency_role, parent=self
            )
        rows += [delivery_row(audit.delivery_stream), *finding_rows(watched)]
        rows += [self._certificate(purpose, arn) for purpose, arn in certificate_arns.items()]
        made = [alarms.make(row) for row in rows]
        self.outputs = AlertingOutputs(alarm_arns=[alarm.arn for alarm in (*alarms.together(), *made)])
        self.register_outputs({})

    def _events(self, keys: KeysOutputs) -> Sequence[Row]:
        return EventAlarms(
            f"{self._name_prefix}-events",
            environment=self._environment,
            service=self._service,
            database=self._database,
            logs_key_arn=keys.logs,
            opts=pulumi.ResourceOptions(parent=self),
        ).rows

    def _requests(self) -> Iterator[Row]:
        rate, latency, balancer = self._settings.error_rate, self._settings.p95_latency, self._balancer
        targets = {"LoadBalancer": balancer.suffix, "TargetGroup": balancer.target_group_suffix}
        yield Row(
            name="error-rate",
            page="error-rate",
            says=f"More than {rate.threshold} % of requests have failed for {rate.minutes} minutes",
            severity=rate.severity,
            command=self._describe_service(),
            comparison=ABOVE,
            threshold=rate.threshold,
            periods=rate.minutes,
            missing="notBreaching",
            queries=queries(
                # Without an error nothing is measured of it.
                error_rate(),
                "Failing requests, %",
                request_metrics({"LoadBalancer": balancer.suffix}, targets),
            ),
            # It answers 503 to all but the health path.
            placeholder=True,
            symptom=True,
        )
        yield Row(
            name="p95-latency",
            page="p95-latency",
            says=f"One request in twenty has taken more than {latency.threshold} ms for {latency.minutes} minutes",
            severity=latency.severity,
            command=self._describe_service(),
            comparison=ABOVE,
            # CloudWatch counts seconds.
            threshold=latency.threshold / 1000,
            periods=latency.minutes,
            missing="notBreaching",
            namespace=BALANCER,
            metric="TargetResponseTime",
            dimensions=targets,
            percentile="p95",
            symptom=True,
        )

    def _health(self) -> Iterator[Row]:
        down, balancer, least = self._settings.service_down, self._balancer, self._service.min_count
        targets = {"LoadBalancer": balancer.suffix, "TargetGroup": balancer.target_group_suffix}
        minutes = f"for {down.minutes} minutes"
        for name, says, metric, statistic, comparison, threshold, missing in (
            ("unhealthy-tasks", "A task has been unhealthy", "UnHealthyHostCount", "Maximum", AT_LEAST, 1,
             "notBreaching"),
            ("too-few-healthy-tasks", f"Fewer than {least} tasks have been healthy", "HealthyHostCount", "Minimum",
             BELOW, least, "missing"),
            # A load balancer without a target measures nothing at all.
            ("unreported-tasks", "Nothing has been heard of any task", "HealthyHostCount", "SampleCount", BELOW, 1,
             "breaching"),
        ):  # fmt: skip
            yield Row(
                name=name,
                page="service-down",
                says=f"{says} {minutes}",
                severity=down.severity,
                command=self._describe_service(),
                comparison=comparison,
                threshold=threshold,
                periods=down.minutes,
                missing=missing,
                namespace=BALANCER,
                metric=metric,
                dimensions=targets,
                statistic=statistic,
                symptom=True,
            )

    def _tasks(self) -> Iterator[Row]:
        for name, alert, metric in (
            ("cpu", self._settings.cpu_high, "CPUUtilization"),
            ("memory", self._settings.memory_high, "MemoryUtilization"),
        ):
            yield Row(
                name=name,
                page=name,
                says=f"The tasks' {name} has been above {alert.threshold} % for {alert.minutes} minutes",
                severity=alert.severity,
                command=self._describe_service(),
                comparison=ABOVE,
                threshold=alert.threshold,
                periods=alert.minutes,
                missing="missing",
                namespace=TASKS,
                metric=metric,
                dimensions={"ClusterName": self._service.cluster, "ServiceName": self._service.service},
                statistic="Average",
            )

    def _databases(self) -> Iterator[Row]:
        connections, disk = self._settings.db_connections, self._settings.disk_space
        for identifier, limit in self._database.connection_limits.items():
            command = f"rds describe-db-instances --db-instance-identifier {identifier}"
            dimensions = {"DBInstanceIdentifier": identifier}
            yield Row(
                name=f"connections-{identifier}",
                page="connections",
                says=f"{identifier} has had more than {connections.threshold} % of its {limit} connections in use for "
                f"{connections.minutes} minutes",
                severity=connections.severity,
                command=command,
                comparison=ABOVE,
                # AWS/RDS has no share.
                threshold=limit * connections.threshold / 100,
                periods=connections.minutes,
                missing="missing",
                namespace=DATABASE,
                metric="DatabaseConnections",
                dimensions=dimensions,
                statistic="Average",
            )
            yield Row(
                name=f"disk-{identifier}",
                page="disk",
                says=f"{identifier} has had more than {disk.threshold} % of its disk in use for {disk.minutes} minutes",
                severity=disk.severity,
                command=command,
                comparison=ABOVE,
                threshold=disk.threshold,
                periods=disk.minutes,
                missing="missing",
                namespace=self._own_metrics(),
                metric=USED,
                dimensions=dimensions,
                statistic="Maximum",
            )

    def _certificate(self, purpose: str, arn: pulumi.Output[str]) -> Row:
        expiry = self._settings.ssl_expiry
        return Row(
            name=f"certificate-{purpose}",
            page="certificate",
            says=f"The certificate of {purpose} has fewer than {expiry.days} days left: AWS couldn't renew it",
            severity=expiry.severity,
            command="acm list-certificates --certificate-statuses ISSUED",
            comparison=BELOW,
            threshold=expiry.days,
            periods=1,
            missing="breaching",
            namespace=CERTIFICATES,
            metric="DaysToExpiry",
            dimensions={"CertificateArn": arn},
            statistic="Minimum",
            period=DAY,
        )

    def _measure_disk(self, identifier: str) -> None:
        """Take the used share from the system's own measurements: it stays true when the disk grows."""
        aws.cloudwatch.LogMetricFilter(
            f"{self._name_prefix}-disk-{identifier}",
            name=f"{self._environment.name}-disk-{identifier}",
            log_group_name=self._database.os_metrics_group,
            pattern=f'{{ ($.instanceID = "{identifier}") && ($.fileSys[0].mountPoint = "{DATA}") }}',
            metric_transformation=aws.cloudwatch.LogMetricFilterMetricTransformationArgs(
                namespace=self._own_metrics(),
                name=USED,
                value="$.fileSys[0].usedPercent",
                unit="Percent",
                dimensions={"DBInstanceIdentifier": "$.instanceID"},
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _own_metrics(self) -> str:
        return f"{self._environment.application}/RDS"

    def _describe_service(self) -> str:
        return f"ecs describe-services --cluster {self._service.cluster} --services {self._service.service}"

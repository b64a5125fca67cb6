"""The document's eight alerts, by the rows of its table.

Section: Monitoring & Alerting (Alert Configuration). Thresholds, durations and severities are settings. Every metric is
evaluated each minute but the certificates', which AWS publishes once a day.
"""

from collections.abc import Iterator, Mapping

import pulumi
import pulumi_aws as aws

from components.alerting.alarms import Alarm, AlarmMetric, Condition, MissingData, above, at_least, below
from components.data.postgres import PostgresOutputs
from components.ingress.load_balancer import LoadBalancerOutputs
from components.service.service import ServiceOutputs
from components.shared.environment import Environment
from components.shared.metrics import ALB_NAMESPACE, Dimensions, error_rate_queries
from settings.alerts import Alerts

DAY = 86_400
# The mount point of a database's storage.
DATA = "/rdsdbdata"
DISK_USED = "DiskUsedPercent"


def request_alarms(settings: Alerts, load_balancer: LoadBalancerOutputs, service: ServiceOutputs) -> Iterator[Alarm]:
    """Yield the alarms Error Rate and P95 Latency."""
    rate, latency = settings.error_rate, settings.p95_latency
    targets = _targets(load_balancer)
    yield Alarm(
        name="error-rate",
        description=f"Error rate above {rate.threshold} % for {rate.minutes} minutes: users receive 5xx responses. "
        "Stop or roll back a recent release",
        severity=rate.severity,
        command=_describe_service(service),
        metric=error_rate_queries(targets),
        condition=above(rate.threshold),
        periods=rate.minutes,
        # Without requests there is no error rate.
        missing_data="notBreaching",
        user_facing=True,
        # The placeholder answers 503 on every path but the health check's.
        placeholder=True,
    )
    yield Alarm(
        name="p95-latency",
        description=f"P95 latency above {latency.threshold} ms for {latency.minutes} minutes: 5 % of the requests take "
        "longer. Look at tasks, CPU and slow statements",
        severity=latency.severity,
        command=_describe_service(service),
        metric=AlarmMetric(ALB_NAMESPACE, "TargetResponseTime", targets, "p95"),
        # CloudWatch counts seconds.
        condition=above(latency.threshold / 1000),
        periods=latency.minutes,
        missing_data="notBreaching",
        user_facing=True,
    )


def health_alarms(settings: Alerts, load_balancer: LoadBalancerOutputs, service: ServiceOutputs) -> Iterator[Alarm]:
    """Yield the alarms Service Down: unhealthy, missing or unreported tasks."""
    down, min_count = settings.service_down, service.min_count

    def health_alarm(
        name: str, description: str, *, metric: str, statistic: str, condition: Condition, missing_data: MissingData
    ) -> Alarm:
        return Alarm(
            name=name,
            description=description,
            severity=down.severity,
            command=_describe_service(service),
            metric=AlarmMetric(ALB_NAMESPACE, metric, _targets(load_balancer), statistic),
            condition=condition,
            periods=down.minutes,
            missing_data=missing_data,
            runbook="service-down",
            user_facing=True,
        )

    yield health_alarm(
        "unhealthy-tasks",
        f"Unhealthy tasks for {down.minutes} minutes: the load balancer's health check fails. Find out why in the "
        "tasks' log",
        metric="UnHealthyHostCount",
        statistic="Maximum",
        condition=at_least(1),
        missing_data="notBreaching",
    )
    yield health_alarm(
        "too-few-healthy-tasks",
        f"Fewer than {min_count} healthy tasks for {down.minutes} minutes: the service is below its minimum. Find out "
        "why tasks stop or don't start",
        metric="HealthyHostCount",
        statistic="Minimum",
        condition=below(min_count),
        missing_data="missing",
    )
    yield health_alarm(
        "unreported-tasks",
        f"No task reported for {down.minutes} minutes: the load balancer has no target, users receive 503. Find out "
        "why tasks stop or don't start",
        # A load balancer without a target reports no HealthyHostCount at all.
        metric="HealthyHostCount",
        statistic="SampleCount",
        condition=below(1),
        missing_data="breaching",
    )


def utilization_alarms(settings: Alerts, service: ServiceOutputs) -> Iterator[Alarm]:
    """Yield the alarms CPU High and Memory High."""
    scaling = "scaling doesn't keep up. Compare the number of tasks with service.maxCount"
    memory = "at 100 % a task is killed. Roll back a release that leaks, or raise task.memory"
    for name, title, alert, metric, meaning in (
        ("cpu", "CPU", settings.cpu_high, "CPUUtilization", scaling),
        ("memory", "Memory", settings.memory_high, "MemoryUtilization", memory),
    ):
        dimensions = {"ClusterName": service.cluster, "ServiceName": service.service}
        yield Alarm(
            name=name,
            description=f"{title} of the tasks above {alert.threshold} % for {alert.minutes} minutes: {meaning}",
            severity=alert.severity,
            command=_describe_service(service),
            metric=AlarmMetric("AWS/ECS", metric, dimensions, "Average"),
            condition=above(alert.threshold),
            periods=alert.minutes,
            missing_data="missing",
        )


def database_alarms(environment: Environment, settings: Alerts, database: PostgresOutputs) -> Iterator[Alarm]:
    """Yield the alarms DB Connections and Disk Space, for each instance."""
    connections, disk = settings.db_connections, settings.disk_space
    for identifier, limit in database.connection_limits.items():
        command = f"rds describe-db-instances --db-instance-identifier {identifier}"
        dimensions = {"DBInstanceIdentifier": identifier}
        yield Alarm(
            name=f"connections-{identifier}",
            description=f"{identifier}: more than {connections.threshold} % of {limit} connections used for "
            f"{connections.minutes} minutes. At 100 % the API can't connect. Reduce pools, end idle sessions",
            severity=connections.severity,
            command=command,
            metric=AlarmMetric("AWS/RDS", "DatabaseConnections", dimensions, "Average"),
            # AWS/RDS has a count, no percentage.
            condition=above(limit * connections.threshold / 100),
            periods=connections.minutes,
            missing_data="missing",
            runbook="connections",
        )
        yield Alarm(
            name=f"disk-{identifier}",
            description=f"{identifier}: more than {disk.threshold} % of the disk used for {disk.minutes} minutes. A "
            "full disk stops the database. Look for retained WAL, else raise rds.storage",
            severity=disk.severity,
            command=command,
            metric=AlarmMetric(_rds_namespace(environment), DISK_USED, dimensions, "Maximum"),
            condition=above(disk.threshold),
            periods=disk.minutes,
            missing_data="missing",
            runbook="disk",
        )


def certificate_alarms(settings: Alerts, certificate_arns: Mapping[str, pulumi.Output[str]]) -> Iterator[Alarm]:
    """Yield the alarms SSL Expiry, for each certificate by its purpose."""
    expiry = settings.ssl_expiry
    for purpose, arn in certificate_arns.items():
        yield Alarm(
            name=f"certificate-{purpose}",
            description=f"The {purpose} certificate expires in fewer than {expiry.days} days, or reports no expiry: "
            "AWS couldn't renew it. Check its validation record",
            severity=expiry.severity,
            command="acm list-certificates --certificate-statuses ISSUED",
            metric=AlarmMetric("AWS/CertificateManager", "DaysToExpiry", {"CertificateArn": arn}, "Minimum"),
            condition=below(expiry.days),
            periods=1,
            missing_data="breaching",
            period=DAY,
            runbook="certificate",
        )


def create_disk_filters(
    name_prefix: str, *, environment: Environment, database: PostgresOutputs, parent: pulumi.Resource
) -> None:
    """Create the metric of each instance's used disk space.

    It is a percentage, from enhanced monitoring, which stays valid when RDS grows the disk; AWS/RDS has none.
    """
    for identifier in database.connection_limits:
        aws.cloudwatch.LogMetricFilter(
            f"{name_prefix}-disk-{identifier}",
            name=f"{environment.name}-disk-{identifier}",
            log_group_name=database.os_metrics_log_group,
            pattern=f'{{ ($.instanceID = "{identifier}") && ($.fileSys[0].mountPoint = "{DATA}") }}',
            metric_transformation=aws.cloudwatch.LogMetricFilterMetricTransformationArgs(
                namespace=_rds_namespace(environment),
                name=DISK_USED,
                value="$.fileSys[0].usedPercent",
                unit="Percent",
                dimensions={"DBInstanceIdentifier": "$.instanceID"},
            ),
            opts=pulumi.ResourceOptions(parent=parent),
        )


def _targets(load_balancer: LoadBalancerOutputs) -> Dimensions:
    return {"LoadBalancer": load_balancer.arn_suffix, "TargetGroup": load_balancer.target_group_arn_suffix}


def _rds_namespace(environment: Environment) -> str:
    return f"{environment.application}/RDS"


def _describe_service(service: ServiceOutputs) -> str:
    return f"ecs describe-services --cluster {service.cluster} --services {service.service}"

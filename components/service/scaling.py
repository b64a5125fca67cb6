"""How the number of a service's tasks follows its load, and when one of its deployments has failed.

Sections: Compute (scaling), Deployment Checklist. The alarms are a deployment's own: they have no actions, because
telling people is somebody else's matter. A bad release is rolled back after three minutes, before the alerts' five.
"""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.ingress.load_balancer import LoadBalancerOutputs
from components.shared.environment import Environment
from components.shared.metrics import ALL_REQUESTS, BALANCER, MINUTE, error_rate, queries, request_metrics
from settings.fargate import Deployment, Scaling, Service

NAMESPACE, DIMENSION = "ecs", "ecs:service:DesiredCount"
METRICS = {
    "CPUUtilization": ("cpu", "ECSServiceAverageCPUUtilization"),
    "MemoryUtilization": ("memory", "ECSServiceAverageMemoryUtilization"),
}
MINUTES = 3
# Requests in a minute below which a share of them says nothing.
FEW = 20


def scale(
    name: str, *, resource_id: pulumi.Input[str], settings: Scaling, counts: Service, parent: pulumi.Resource
) -> aws.appautoscaling.Target:
    """Let the number of tasks follow the service's measures; `resource_id` is service/<cluster>/<service>.

    Return what keeps the number between its bounds.
    """
    own = pulumi.ResourceOptions(parent=parent)
    target = aws.appautoscaling.Target(
        name,
        service_namespace=NAMESPACE,
        scalable_dimension=DIMENSION,
        resource_id=resource_id,
        min_capacity=counts.min_count,
        max_capacity=counts.max_count,
        opts=own,
    )
    for policy in settings.policies:
        purpose, metric = METRICS[policy.metric]
        configuration = aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
            target_value=policy.target,
            scale_in_cooldown=settings.scale_in_cooldown,
            scale_out_cooldown=settings.scale_out_cooldown,
            predefined_metric_specification=(
                aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
                    predefined_metric_type=metric
                )
            ),
        )
        aws.appautoscaling.Policy(
            f"{name}-{purpose}",
            policy_type="TargetTrackingScaling",
            service_namespace=target.service_namespace,
            scalable_dimension=target.scalable_dimension,
            resource_id=target.resource_id,
            target_tracking_scaling_policy_configuration=configuration,
            opts=own,
        )
    return target


def deployment_alarms(
    name: str,
    *,
    environment: Environment,
    settings: Deployment,
    load_balancer: LoadBalancerOutputs,
    parent: pulumi.Resource,
) -> list[aws.cloudwatch.MetricAlarm]:
    """Make the alarms by which a deployment is judged: failing requests, and slow ones."""
    dimensions = {"LoadBalancer": load_balancer.suffix, "TargetGroup": load_balancer.target_group_suffix}
    own = pulumi.ResourceOptions(parent=parent)
    errors = aws.cloudwatch.MetricAlarm(
        f"{name}-deployment-errors",
        name=f"{environment.name}-deployment-errors",
        alarm_description=f"Above {settings.errors} % of requests fail: a running deployment is rolled back",
        comparison_operator="GreaterThanThreshold",
        threshold=settings.errors,
        evaluation_periods=MINUTES,
        datapoints_to_alarm=MINUTES,
        treat_missing_data="notBreaching",
        metric_queries=_error_rate(dimensions),
        opts=own,
    )
    latency = aws.cloudwatch.MetricAlarm(
        f"{name}-deployment-latency",
        name=f"{environment.name}-deployment-latency",
        alarm_description=f"P95 above {settings.latency} ms: a running deployment is rolled back",
        comparison_operator="GreaterThanThreshold",
        # CloudWatch counts seconds.
        threshold=settings.latency / 1000,
        namespace=BALANCER,
        metric_name="TargetResponseTime",
        dimensions=dimensions,
        extended_statistic="p95",
        evaluate_low_sample_count_percentiles="ignore",
        period=MINUTE,
        evaluation_periods=MINUTES,
        datapoints_to_alarm=MINUTES,
        treat_missing_data="notBreaching",
        opts=own,
    )
    return [errors, latency]


def _error_rate(dimensions: Mapping[str, pulumi.Input[str]]) -> list[aws.cloudwatch.MetricAlarmMetricQueryArgs]:
    """Return the queries of the error rate, which is 0 while there are too few requests to judge by.

    A minute without any request, or whose counts haven't arrived yet, has no value (nothing divided by nothing): filled
    in as 0 it would end the row of bad minutes each time that the newest one is late.
    """
    rate = f"IF({ALL_REQUESTS} >= {FEW}, {error_rate()}, 0 * {ALL_REQUESTS} / {ALL_REQUESTS})"
    counted = request_metrics({"LoadBalancer": dimensions["LoadBalancer"]}, dimensions)
    return queries(rate, "Failing requests, %", counted, id_="rate")

"""Autoscaling of the service, and the alarms that roll back a deployment.

Sections: Compute (scaling), Deployment Checklist. The alarms only control deployments and have no actions; alerting
notifies people. A bad release is rolled back after three minutes, before alerts fire after five.
"""

import pulumi
import pulumi_aws as aws

from components.ingress.load_balancer import LoadBalancerOutputs
from components.shared.environment import Environment
from components.shared.metrics import ALB_NAMESPACE, MINUTE, error_rate_queries
from settings.fargate import Deployment, Scaling, Service

NAMESPACE, DIMENSION = "ecs", "ecs:service:DesiredCount"
METRICS = {
    "CPUUtilization": ("cpu", "ECSServiceAverageCPUUtilization"),
    "MemoryUtilization": ("memory", "ECSServiceAverageMemoryUtilization"),
}
MINUTES = 3
# Requests per minute below which the error rate is not significant.
MIN_REQUESTS = 20


def create_scaling(
    name: str, *, resource_id: pulumi.Input[str], settings: Scaling, capacity: Service, parent: pulumi.Resource
) -> aws.appautoscaling.Target:
    """Create the scaling target, which has the bounds, and its policies; return the target.

    `resource_id` is service/<cluster>/<service>.
    """
    child_opts = pulumi.ResourceOptions(parent=parent)
    target = aws.appautoscaling.Target(
        name,
        service_namespace=NAMESPACE,
        scalable_dimension=DIMENSION,
        resource_id=resource_id,
        min_capacity=capacity.min_count,
        max_capacity=capacity.max_count,
        opts=child_opts,
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
            opts=child_opts,
        )
    return target


def create_deployment_alarms(
    name: str,
    *,
    environment: Environment,
    settings: Deployment,
    load_balancer: LoadBalancerOutputs,
    parent: pulumi.Resource,
) -> list[aws.cloudwatch.MetricAlarm]:
    """Create the alarms that roll back a deployment: on error rate and latency."""
    dimensions = {"LoadBalancer": load_balancer.arn_suffix, "TargetGroup": load_balancer.target_group_arn_suffix}
    child_opts = pulumi.ResourceOptions(parent=parent)
    errors = aws.cloudwatch.MetricAlarm(
        f"{name}-deployment-errors",
        name=f"{environment.name}-deployment-errors",
        alarm_description=f"Error rate above {settings.errors} %: a running deployment is rolled back",
        comparison_operator="GreaterThanThreshold",
        threshold=settings.errors,
        evaluation_periods=MINUTES,
        datapoints_to_alarm=MINUTES,
        treat_missing_data="notBreaching",
        metric_queries=error_rate_queries(dimensions, min_requests=MIN_REQUESTS, id_="rate"),
        opts=child_opts,
    )
    latency = aws.cloudwatch.MetricAlarm(
        f"{name}-deployment-latency",
        name=f"{environment.name}-deployment-latency",
        alarm_description=f"P95 latency above {settings.latency} ms: a running deployment is rolled back",
        comparison_operator="GreaterThanThreshold",
        # CloudWatch measures seconds.
        threshold=settings.latency / 1000,
        namespace=ALB_NAMESPACE,
        metric_name="TargetResponseTime",
        dimensions=dimensions,
        extended_statistic="p95",
        evaluate_low_sample_count_percentiles="ignore",
        period=MINUTE,
        evaluation_periods=MINUTES,
        datapoints_to_alarm=MINUTES,
        treat_missing_data="notBreaching",
        opts=child_opts,
    )
    return [errors, latency]

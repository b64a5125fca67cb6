"""Changes that violate the rules about compute: tasks, service, scaling and cluster here. Data only."""

from tests.policies.compliant.compute import target_tracking
from tests.policies.mutations import containers as containers_mutations
from tests.policies.mutations.containers import TASK
from tests.policies.mutations.database import DR, PRODUCTION, each, group, subnets
from tests.policies.mutations.mutation import mutation, removes, sets
from tests.policies.plan import REMOVED

SERVICE, CLUSTER = "Service service", "Cluster service"
TARGET, ON_CPU, ON_MEMORY = "Target service", "Policy service-cpu", "Policy service-memory"
LATCH = "ListenerRule origin-latch"
ERRORS = "MetricAlarm service-deployment-errors"
CONFIGURATION = "targetTrackingScalingPolicyConfiguration"
REQUESTS = {"predefinedMetricType": "ALBRequestCountPerTarget"}

TASKS = each(
    "compute-task@service",
    TASK,
    ("a task on EC2", "requiresCompatibilities", ["EC2"]),
    ("a task on Fargate and EC2", "requiresCompatibilities", ["FARGATE", "EC2"]),
    ("requiresCompatibilities isn't set", "requiresCompatibilities", REMOVED),
    ("host network mode", "networkMode", "host"),
    ("networkMode isn't set", "networkMode", REMOVED),
    ("executionRoleArn isn't set", "executionRoleArn", REMOVED),
    ("taskRoleArn isn't set", "taskRoleArn", REMOVED),
    ("skipDestroy is off", "skipDestroy", False),
    ("skipDestroy isn't set", "skipDestroy", REMOVED),
    ("a shared process namespace", "pidMode", "task"),
    ("shared memory", "ipcMode", "host"),
    ("a volume on the host", "volumes", [{"name": "a", "hostPath": "/etc"}]),
    ("half the CPU", "cpu", "512"),
    ("cpu isn't set", "cpu", REMOVED),
    ("twice the memory", "memory", "4096"),
    ("memory isn't set", "memory", REMOVED),
)

SERVICES = (
    *each(
        "compute-service@service",
        SERVICE,
        ("a service on EC2", "launchType", "EC2"),
        ("launchType isn't set", "launchType", REMOVED),
        ("an old platform version", "platformVersion", "1.3.0"),
        ("a daemon service", "schedulingStrategy", "DAEMON"),
        ("one task", "desiredCount", 1),
        ("desiredCount isn't set", "desiredCount", REMOVED),
        ("zone rebalancing is off", "availabilityZoneRebalancing", "DISABLED"),
        ("zone rebalancing isn't set", "availabilityZoneRebalancing", REMOVED),
        ("ECS Exec is on", "enableExecuteCommand", True),
        ("no grace period", "healthCheckGracePeriodSeconds", REMOVED),
    ),
    mutation(
        "a service of another name",
        sets(SERVICE, "name", "another-api"),
        "compute-service@service",
        "compute-scaled@service",
    ),
    *each(
        "compute-deployment@service",
        SERVICE,
        ("no circuit breaker", "deploymentCircuitBreaker", REMOVED),
        ("a circuit breaker that is off", "deploymentCircuitBreaker.enable", False),
        ("a circuit breaker without rollback", "deploymentCircuitBreaker.rollback", False),
        ("deployment alarms that are off", "alarms.enable", False),
        ("deployment alarms without rollback", "alarms.rollback", REMOVED),
        ("50 percent healthy tasks during a deployment", "deploymentMinimumHealthyPercent", 50),
        ("at most 110 percent tasks during a deployment", "deploymentMaximumPercent", 110),
    ),
    # Alarms that no deployment names are alarms for people, and need actions.
    *(
        mutation(
            label,
            sets(SERVICE, path, value),
            "compute-deployment@service",
            "alerting-actions@service-deployment-errors",
            "alerting-actions@service-deployment-latency",
        )
        for label, path, value in (
            ("no deployment alarms", "alarms", REMOVED),
            ("deployment alarms without names", "alarms.alarmNames", list[str]()),
        )
    ),
    mutation("a missing deployment alarm", removes(ERRORS), "compute-deployment-alarms@service"),
    *each(
        "compute-deployment-alarms@service-deployment-errors",
        ERRORS,
        ("a deployment alarm with alarmActions", "alarmActions", ["arn:aws:sns:::critical"]),
        ("a deployment alarm with okActions", "okActions", ["arn:aws:sns:::critical"]),
        ("a deployment alarm with insufficientDataActions", "insufficientDataActions", ["arn:aws:sns:::critical"]),
    ),
    *each(
        "compute-private@service",
        SERVICE,
        ("tasks with public addresses", "networkConfiguration.assignPublicIp", True),
        ("tasks in public subnets", "networkConfiguration.subnets", subnets("public-1", "public-2")),
        ("tasks in one zone", "networkConfiguration.subnets", subnets("private-1")),
        ("tasks without subnets", "networkConfiguration.subnets", REMOVED),
        ("tasks in the load balancer's group", "networkConfiguration.securityGroups", [group("alb")]),
        ("tasks in two groups", "networkConfiguration.securityGroups", [group("service"), group("database")]),
        ("tasks without a group", "networkConfiguration.securityGroups", REMOVED),
    ),
)

SCALING = (
    *each(
        "compute-scaling-bounds@service",
        TARGET,
        ("at least one task", "minCapacity", 1),
        ("minCapacity isn't set", "minCapacity", REMOVED),
        ("at most ten tasks", "maxCapacity", 10),
        ("maxCapacity isn't set", "maxCapacity", REMOVED),
    ),
    mutation(
        "at least four tasks in production",
        sets(TARGET, "minCapacity", 4),
        "compute-scaling-bounds@service",
        stacks=PRODUCTION,
    ),
    mutation(
        "an open latch with at least two tasks",
        sets(LATCH, "actions.0.fixedResponse.statusCode", "200"),
        "compute-tasks-taking-traffic@service",
        stacks=DR,
    ),
    *each(
        "compute-scaling-policies@service-cpu",
        ON_CPU,
        ("a CPU target of 71", CONFIGURATION, target_tracking("CPU", 71)),
        ("a CPU target that isn't set", CONFIGURATION, target_tracking("CPU", 70, targetValue=REMOVED)),
        ("a scale-in cooldown of 60 seconds", CONFIGURATION, target_tracking("CPU", 70, scaleInCooldown=60)),
        ("a scale-in cooldown that isn't set", CONFIGURATION, target_tracking("CPU", 70, scaleInCooldown=REMOVED)),
        ("a scale-out cooldown of 300 seconds", CONFIGURATION, target_tracking("CPU", 70, scaleOutCooldown=300)),
        ("a scale-out cooldown that isn't set", CONFIGURATION, target_tracking("CPU", 70, scaleOutCooldown=REMOVED)),
        ("scale-in disabled", CONFIGURATION, target_tracking("CPU", 70, disableScaleIn=True)),
        ("step scaling", "policyType", "StepScaling"),
        ("policyType isn't set", "policyType", REMOVED),
    ),
    *each(
        "compute-scaling-policies@service-memory",
        ON_MEMORY,
        ("a memory target of 81", CONFIGURATION, target_tracking("Memory", 81)),
    ),
    *(
        mutation(
            label, sets(ON_CPU, CONFIGURATION, value), "compute-scaling-policies@service-cpu", "compute-scaled@service"
        )
        for label, value in (
            ("a target of requests instead of CPU", target_tracking("CPU", 70, predefinedMetricSpecification=REQUESTS)),
            ("a scaling configuration that isn't set", REMOVED),
        )
    ),
    mutation("a service without a scaling target", removes(TARGET), "compute-scaled@service"),
    mutation("a service without a memory policy", removes(ON_MEMORY), "compute-scaled@service"),
    mutation(
        "a scaling policy of another service",
        sets(ON_CPU, "resourceId", "service/taskflow-production/other"),
        "compute-scaled@service",
    ),
)

SESSIONS = "configuration.executeCommandConfiguration"
CLUSTERS = (
    *each(
        "compute-cluster@service",
        CLUSTER,
        ("standard Container Insights", "settings", [{"name": "containerInsights", "value": "enabled"}]),
        ("a cluster without the setting", "settings", [{"name": "other", "value": "enhanced"}]),
        ("settings isn't set", "settings", REMOVED),
        ("sessions logged by default", f"{SESSIONS}.logging", "DEFAULT"),
        ("sessions without logs", f"{SESSIONS}.logging", "NONE"),
        ("sessions without a customer managed key", f"{SESSIONS}.kmsKeyId", REMOVED),
        ("unencrypted session logs", f"{SESSIONS}.logConfiguration.cloudWatchEncryptionEnabled", False),
        ("session logs without a log group", f"{SESSIONS}.logConfiguration.cloudWatchLogGroupName", REMOVED),
        ("a session configuration that isn't set", "configuration", REMOVED),
    ),
    mutation(
        "a missing log group of Container Insights",
        removes("LogGroup service-insights"),
        "compute-cluster-logs@service",
    ),
    mutation(
        "a cluster without a name",
        sets(CLUSTER, "name", REMOVED),
        "compute-cluster-logs@service",
        "alerting-cpu@service",
        "alerting-memory@service",
    ),
)

REACHED = each(
    "compute-reached@service",
    SERVICE,
    ("a service behind no load balancer", "loadBalancers", REMOVED),
    ("a service in an empty list of load balancers", "loadBalancers", []),
    (
        "a service behind another stack's load balancer",
        "loadBalancers.0.targetGroupArn",
        "arn:aws:elasticloadbalancing:::x",
    ),
    ("a service in no target group", "loadBalancers.0.targetGroupArn", REMOVED),
    ("requests to another port", "loadBalancers.0.containerPort", 8080),
    ("requests to no port", "loadBalancers.0.containerPort", REMOVED),
)

CHANGES = (*REACHED, *containers_mutations.CHANGES, *TASKS, *SERVICES, *SCALING, *CLUSTERS)

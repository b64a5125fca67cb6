"""One change for each thing about compute that a rule guards: tasks, service, scaling and cluster here. Data only."""

from tests.policies.compliant.compute import tracking
from tests.policies.mutations import containers as containers_mutations
from tests.policies.mutations.containers import TASK
from tests.policies.mutations.database import DR, PRODUCTION, each, group, subnets
from tests.policies.mutations.mutation import removes, sets, told
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
    ("a task on instances", "requiresCompatibilities", ["EC2"]),
    ("a task on instances too", "requiresCompatibilities", ["FARGATE", "EC2"]),
    ("no word of where a task runs", "requiresCompatibilities", REMOVED),
    ("a host's network", "networkMode", "host"),
    ("no word of the network", "networkMode", REMOVED),
    ("no role to start with", "executionRoleArn", REMOVED),
    ("no role for the task", "taskRoleArn", REMOVED),
    ("revisions that can't be gone back to", "skipDestroy", False),
    ("no word of old revisions", "skipDestroy", REMOVED),
    ("processes shared", "pidMode", "task"),
    ("memory shared", "ipcMode", "host"),
    ("a folder of the host's", "volumes", [{"name": "a", "hostPath": "/etc"}]),
    ("half the processor", "cpu", "512"),
    ("no word of the processor", "cpu", REMOVED),
    ("twice the memory", "memory", "4096"),
    ("no word of memory", "memory", REMOVED),
)

SERVICES = (
    *each(
        "compute-service@service",
        SERVICE,
        ("a service on instances", "launchType", "EC2"),
        ("no word of where the service runs", "launchType", REMOVED),
        ("an old platform", "platformVersion", "1.3.0"),
        ("a task on every instance", "schedulingStrategy", "DAEMON"),
        ("one task", "desiredCount", 1),
        ("no word of tasks", "desiredCount", REMOVED),
        ("tasks that stay in one zone", "availabilityZoneRebalancing", "DISABLED"),
        ("no word of zones", "availabilityZoneRebalancing", REMOVED),
        ("sessions in the service", "enableExecuteCommand", True),
        ("no time to start", "healthCheckGracePeriodSeconds", REMOVED),
    ),
    told(
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
        ("a circuit breaker that leaves it so", "deploymentCircuitBreaker.rollback", False),
        ("deployment alarms that are off", "alarms.enable", False),
        ("deployment alarms that leave it so", "alarms.rollback", REMOVED),
        ("half the tasks during a deployment", "deploymentMinimumHealthyPercent", 50),
        ("little room for new tasks", "deploymentMaximumPercent", 110),
    ),
    # Then they are alarms for people, of which nobody is told.
    *(
        told(
            label,
            sets(SERVICE, path, value),
            "compute-deployment@service",
            "alerting-told@service-deployment-errors",
            "alerting-told@service-deployment-latency",
        )
        for label, path, value in (
            ("no deployment alarms", "alarms", REMOVED),
            ("deployment alarms without a name", "alarms.alarmNames", list[str]()),
        )
    ),
    told("an alarm that isn't there", removes(ERRORS), "compute-deployment-alarms@service"),
    *each(
        "compute-deployment-alarms@service-deployment-errors",
        ERRORS,
        ("a deployment's alarm that pages", "alarmActions", ["arn:aws:sns:::critical"]),
        ("a deployment's alarm that tells of its end", "okActions", ["arn:aws:sns:::critical"]),
        ("a deployment's alarm that tells of its silence", "insufficientDataActions", ["arn:aws:sns:::critical"]),
    ),
    *each(
        "compute-private@service",
        SERVICE,
        ("tasks with public addresses", "networkConfiguration.assignPublicIp", True),
        ("tasks in public subnets", "networkConfiguration.subnets", subnets("public-1", "public-2")),
        ("tasks in one zone", "networkConfiguration.subnets", subnets("private-1")),
        ("tasks in no subnet", "networkConfiguration.subnets", REMOVED),
        ("tasks in the load balancer's group", "networkConfiguration.securityGroups", [group("alb")]),
        ("tasks in two groups", "networkConfiguration.securityGroups", [group("service"), group("database")]),
        ("tasks in no group", "networkConfiguration.securityGroups", REMOVED),
    ),
)

SCALING = (
    *each(
        "compute-scaling-bounds@service",
        TARGET,
        ("one task at least", "minCapacity", 1),
        ("no least", "minCapacity", REMOVED),
        ("ten tasks at most", "maxCapacity", 10),
        ("no most", "maxCapacity", REMOVED),
    ),
    told(
        "four tasks at least in production",
        sets(TARGET, "minCapacity", 4),
        "compute-scaling-bounds@service",
        stacks=PRODUCTION,
    ),
    told(
        "the traffic taken with two tasks at least",
        sets(LATCH, "actions.0.fixedResponse.statusCode", "200"),
        "compute-tasks-taking-traffic@service",
        stacks=DR,
    ),
    *each(
        "compute-scaling-policies@service-cpu",
        ON_CPU,
        ("CPU held at 71", CONFIGURATION, tracking("CPU", 71)),
        ("CPU held at nothing", CONFIGURATION, tracking("CPU", 70, targetValue=REMOVED)),
        ("fewer tasks too soon", CONFIGURATION, tracking("CPU", 70, scaleInCooldown=60)),
        ("no word of fewer tasks", CONFIGURATION, tracking("CPU", 70, scaleInCooldown=REMOVED)),
        ("more tasks too late", CONFIGURATION, tracking("CPU", 70, scaleOutCooldown=300)),
        ("no word of more tasks", CONFIGURATION, tracking("CPU", 70, scaleOutCooldown=REMOVED)),
        ("never fewer tasks", CONFIGURATION, tracking("CPU", 70, disableScaleIn=True)),
        ("tasks by steps", "policyType", "StepScaling"),
        ("no word of how tasks are scaled", "policyType", REMOVED),
    ),
    *each(
        "compute-scaling-policies@service-memory",
        ON_MEMORY,
        ("memory held at 81", CONFIGURATION, tracking("Memory", 81)),
    ),
    *(
        told(
            label, sets(ON_CPU, CONFIGURATION, value), "compute-scaling-policies@service-cpu", "compute-scaled@service"
        )
        for label, value in (
            ("requests followed instead of CPU", tracking("CPU", 70, predefinedMetricSpecification=REQUESTS)),
            ("nothing followed", REMOVED),
        )
    ),
    told("a service that isn't scaled", removes(TARGET), "compute-scaled@service"),
    told("memory that isn't followed", removes(ON_MEMORY), "compute-scaled@service"),
    told(
        "another service's scaling",
        sets(ON_CPU, "resourceId", "service/taskflow-production/other"),
        "compute-scaled@service",
    ),
)

SESSIONS = "configuration.executeCommandConfiguration"
CLUSTERS = (
    *each(
        "compute-cluster@service",
        CLUSTER,
        ("coarse measurements", "settings", [{"name": "containerInsights", "value": "enabled"}]),
        ("another setting", "settings", [{"name": "other", "value": "enhanced"}]),
        ("no word of measurements", "settings", REMOVED),
        ("sessions logged as ECS likes", f"{SESSIONS}.logging", "DEFAULT"),
        ("sessions that nobody logs", f"{SESSIONS}.logging", "NONE"),
        ("sessions under AWS's key", f"{SESSIONS}.kmsKeyId", REMOVED),
        ("sessions' log in plain text", f"{SESSIONS}.logConfiguration.cloudWatchEncryptionEnabled", False),
        ("sessions' log nowhere", f"{SESSIONS}.logConfiguration.cloudWatchLogGroupName", REMOVED),
        ("no word of sessions", "configuration", REMOVED),
    ),
    told("measurements in a group of ECS' own", removes("LogGroup service-insights"), "compute-cluster-logs@service"),
    told("sessions in a group that nobody makes", removes("LogGroup service-sessions"), "compute-cluster-logs@service"),
    told(
        "a cluster without a name of its own",
        sets(CLUSTER, "name", REMOVED),
        "compute-cluster-logs@service",
        "alerting-cpu@service",
        "alerting-memory@service",
    ),
)

CHANGES = (*containers_mutations.CHANGES, *TASKS, *SERVICES, *SCALING, *CLUSTERS)

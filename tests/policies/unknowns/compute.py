"""What of compute a preview may not know: the rule that has to say so, and the place. Data only."""

from tests.policies.compliant.compute import tracking
from tests.policies.mutations.compute import CLUSTER, CONFIGURATION, ERRORS, ON_CPU, SERVICE, TARGET
from tests.policies.mutations.containers import TASK
from tests.policies.plan import Ref
from tests.policies.unknowns.unknown_value import doubt

TEXT = Ref(to="LogGroup flow-logs")
GROUP = Ref(to="SecurityGroup service", via=("SecurityGroup service", "SecurityGroup alb"))
METRIC = {"predefinedMetricType": TEXT}

DOUBTS = (
    doubt("compute-container-hardened", TASK, "containerDefinitions", TEXT),
    *(
        doubt("compute-task", TASK, path, TEXT)
        for path in ("requiresCompatibilities", "networkMode", "skipDestroy", "pidMode", "volumes", "cpu", "memory")
    ),
    *(
        doubt("compute-service", SERVICE, path, TEXT)
        for path in (
            "name",
            "launchType",
            "platformVersion",
            "desiredCount",
            "availabilityZoneRebalancing",
            "enableExecuteCommand",
        )
    ),
    doubt("compute-deployment", SERVICE, "deploymentCircuitBreaker", TEXT, "deploymentCircuitBreaker"),
    doubt("compute-deployment", SERVICE, "deploymentMinimumHealthyPercent", TEXT),
    doubt("compute-deployment", SERVICE, "alarms.alarmNames", TEXT),
    doubt("compute-deployment-alarms", SERVICE, "alarms.alarmNames", [TEXT], "service.alarms.alarmNames.0"),
    doubt("compute-deployment-alarms", ERRORS, "name", TEXT, "service.name"),
    doubt("compute-private", SERVICE, "networkConfiguration.assignPublicIp", TEXT),
    doubt("compute-private", SERVICE, "networkConfiguration.securityGroups", GROUP),
    doubt("compute-scaling-bounds", TARGET, "minCapacity", TEXT),
    doubt("compute-scaling-policies", ON_CPU, "policyType", TEXT),
    doubt("compute-scaling-policies", ON_CPU, CONFIGURATION, tracking("CPU", 70, targetValue=TEXT), "targetValue"),
    doubt(
        "compute-scaling-policies",
        ON_CPU,
        CONFIGURATION,
        tracking("CPU", 70, predefinedMetricSpecification=METRIC),
        "predefinedMetricType",
    ),
    doubt("compute-scaled", TARGET, "resourceId", TEXT, "resourceId"),
    doubt("compute-cluster", CLUSTER, "settings", TEXT),
    doubt("compute-cluster", CLUSTER, "configuration.executeCommandConfiguration.logging", TEXT),
    doubt("compute-cluster-logs", CLUSTER, "name", TEXT),
    doubt("compute-log-groups", "LogGroup service-tasks", "name", TEXT, "service.name"),
)

# They judge the text of the containers, of which another rule says that it isn't known yet.
NEVER_IN_DOUBT = frozenset(
    {
        "compute-container-secrets",
        "compute-container-logs",
        "compute-container-health",
        "compute-image",
        "compute-temporary",
    }
)

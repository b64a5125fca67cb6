"""Unknown values of compute: the rule that reports each, and its path. Data only."""

from tests.policies.compliant.access import EXPORT_ROLE, LOGINS, SESSION, SESSION_EXECUTION, VALIDATION_ROLE
from tests.policies.compliant.compute import target_tracking
from tests.policies.mutations.compute import CLUSTER, CONFIGURATION, ERRORS, ON_CPU, SERVICE, TARGET
from tests.policies.mutations.containers import TASK
from tests.policies.mutations.one_off_tasks import ACCESS, DATABASE, EXPORT, VALIDATION
from tests.policies.plan import Ref
from tests.policies.unknowns.unknown_value import unknown_value

TEXT = Ref(to="LogGroup flow-logs")
GROUP = Ref(to="SecurityGroup service", via=("SecurityGroup service", "SecurityGroup alb"))
METRIC = {"predefinedMetricType": TEXT}

UNKNOWNS = (
    unknown_value("compute-container-environment", ACCESS, "family", TEXT),
    unknown_value("compute-reached", "Service service", "loadBalancers.0.containerPort", TEXT),
    unknown_value("compute-container-hardened", TASK, "containerDefinitions", TEXT),
    # Whether it is the access task.
    *(
        unknown_value(rule, ACCESS, "family", TEXT)
        for rule in (
            "compute-container-hardened",
            "compute-container-health",
            "compute-temporary",
            "compute-image",
        )
    ),
    unknown_value("compute-access-task", TASK, "family", TEXT),
    unknown_value("compute-restore-validation-task", TASK, "family", TEXT),
    unknown_value("compute-data-export-task", TASK, "family", TEXT),
    unknown_value("compute-access", ACCESS, "family", TEXT),
    unknown_value(
        "compute-access", ACCESS, "taskRoleArn", Ref(to=SESSION, output="arn", via=(SESSION, SESSION_EXECUTION))
    ),
    unknown_value("compute-access", SESSION, "name", TEXT),
    # Whether it is the database task.
    *(
        unknown_value(rule, DATABASE, "family", TEXT)
        for rule in ("compute-database-task", "compute-database", "compute-container-health", "compute-image")
    ),
    # Whether it is the restore validation.
    *(unknown_value(rule, VALIDATION, "family", TEXT) for rule in ("compute-restore-validation", "compute-image")),
    unknown_value("compute-restore-validation", VALIDATION_ROLE, "name", TEXT),
    # Whether it is the data export.
    *(unknown_value(rule, EXPORT, "family", TEXT) for rule in ("compute-data-export", "compute-image")),
    unknown_value("compute-data-export", EXPORT_ROLE, "name", TEXT),
    unknown_value("compute-database", DATABASE, "taskRoleArn", Ref(to=LOGINS, output="arn", via=(LOGINS, SESSION))),
    unknown_value("compute-database", LOGINS, "name", TEXT),
    unknown_value("compute-database", SERVICE, "taskDefinition", Ref(to=TASK, output="arn", via=(TASK, DATABASE))),
    unknown_value("compute-access", SERVICE, "taskDefinition", Ref(to=TASK, output="arn", via=(TASK, ACCESS))),
    *(
        unknown_value("compute-task", TASK, path, TEXT)
        for path in ("requiresCompatibilities", "networkMode", "skipDestroy", "pidMode", "volumes", "cpu", "memory")
    ),
    *(
        unknown_value("compute-service", SERVICE, path, TEXT)
        for path in (
            "name",
            "launchType",
            "platformVersion",
            "desiredCount",
            "availabilityZoneRebalancing",
            "enableExecuteCommand",
        )
    ),
    unknown_value("compute-deployment", SERVICE, "deploymentCircuitBreaker", TEXT, "deploymentCircuitBreaker"),
    unknown_value("compute-deployment", SERVICE, "deploymentMinimumHealthyPercent", TEXT),
    unknown_value("compute-deployment", SERVICE, "alarms.alarmNames", TEXT),
    unknown_value("compute-deployment-alarms", SERVICE, "alarms.alarmNames", [TEXT], "service.alarms.alarmNames.0"),
    unknown_value("compute-deployment-alarms", ERRORS, "name", TEXT, "service.name"),
    unknown_value("compute-private", SERVICE, "networkConfiguration.assignPublicIp", TEXT),
    unknown_value("compute-private", SERVICE, "networkConfiguration.securityGroups", GROUP),
    unknown_value("compute-scaling-bounds", TARGET, "minCapacity", TEXT),
    unknown_value("compute-scaling-policies", ON_CPU, "policyType", TEXT),
    unknown_value(
        "compute-scaling-policies", ON_CPU, CONFIGURATION, target_tracking("CPU", 70, targetValue=TEXT), "targetValue"
    ),
    unknown_value(
        "compute-scaling-policies",
        ON_CPU,
        CONFIGURATION,
        target_tracking("CPU", 70, predefinedMetricSpecification=METRIC),
        "predefinedMetricType",
    ),
    unknown_value("compute-scaled", TARGET, "resourceId", TEXT, "resourceId"),
    unknown_value("compute-cluster", CLUSTER, "settings", TEXT),
    unknown_value("compute-cluster", CLUSTER, "configuration.executeCommandConfiguration.logging", TEXT),
    unknown_value("compute-cluster-logs", CLUSTER, "name", TEXT),
    unknown_value("compute-log-groups", "LogGroup service-tasks", "name", TEXT, "service.name"),
)

# They judge the text of the containers; compute-container-hardened reports an unknown one.
NEVER_UNKNOWN = frozenset(
    {
        "compute-container-secrets",
        "compute-container-logs",
    }
)

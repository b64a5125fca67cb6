"""Rules about the service, its tasks, the load balancer and CloudFront."""

from examples.ledger.policies import figures
from examples.ledger.policies.sections import SERVICE
from policies.engine.expectations import at_least, between, equals, in_each, is_false, is_true, property_rule
from policies.readers.resource_types import DISTRIBUTION, ECS_SERVICE, LOAD_BALANCERS

TASK = "aws:ecs/taskDefinition:TaskDefinition"
SCALING_TARGET = "aws:appautoscaling/target:Target"
LISTENER = "aws:lb/listener:Listener"
TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"

RULES = (
    property_rule(
        "service-tasks",
        section=SERVICE,
        description=f"The service has at least {figures.MIN_TASKS} tasks on Fargate, private and without sessions",
        types=ECS_SERVICE,
        rows=(
            equals("launchType", "FARGATE"),
            at_least("desiredCount", figures.MIN_TASKS),
            is_false("networkConfiguration.assignPublicIp", default=False),
            is_false("enableExecuteCommand", default=False),
        ),
        severity="high",
        controls=("ECS.2",),
    ),
    property_rule(
        "service-deployment",
        section=SERVICE,
        description="A deployment keeps all tasks running, and is rolled back if it fails",
        types=ECS_SERVICE,
        rows=(
            is_true("deploymentCircuitBreaker.enable", default=False),
            is_true("deploymentCircuitBreaker.rollback", default=False),
            is_true("alarms.rollback", default=False),
            at_least("deploymentMinimumHealthyPercent", 100, default=100),
        ),
        severity="high",
    ),
    property_rule(
        "service-scaling",
        section=SERVICE,
        description=f"The service scales between {figures.MIN_TASKS} and {figures.MAX_TASKS} tasks",
        types=SCALING_TARGET,
        rows=(
            between("minCapacity", figures.MIN_TASKS, figures.MAX_TASKS),
            between("maxCapacity", figures.MIN_TASKS, figures.MAX_TASKS),
        ),
    ),
    property_rule(
        "service-task-size",
        section=SERVICE,
        description="Every task has the ledger's size, and roles of its own",
        types=TASK,
        rows=(
            equals("cpu", figures.TASK_CPU),
            equals("memory", figures.TASK_MEMORY),
            equals("networkMode", "awsvpc"),
            # A deregistered revision can't be rolled back to.
            is_true("skipDestroy", default=False),
        ),
    ),
    property_rule(
        "service-health",
        section=SERVICE,
        description=f"The load balancer asks for {figures.HEALTH_PATH} on the service's port",
        types=TARGET_GROUP,
        rows=(equals("port", figures.SERVICE_PORT), equals("healthCheck.path", figures.HEALTH_PATH)),
    ),
    property_rule(
        "edge-load-balancer",
        section=SERVICE,
        description="The load balancer can't be deleted, keeps logs, and drops invalid headers",
        types=LOAD_BALANCERS,
        rows=(
            is_true("enableDeletionProtection", default=False),
            is_true("accessLogs.enabled", default=False),
            is_true("dropInvalidHeaderFields", default=False),
        ),
        controls=("ELB.4", "ELB.5", "ELB.6"),
    ),
    property_rule(
        "edge-origin-tls",
        section=SERVICE,
        description="The load balancer accepts TLS 1.3 and 1.2 only",
        types=LISTENER,
        rows=(
            equals("protocol", "HTTPS"),
            equals("port", figures.HTTPS_PORT),
            equals("sslPolicy", figures.ORIGIN_TLS),
        ),
        severity="high",
        controls=("ELB.17",),
    ),
    property_rule(
        "edge-viewers",
        section=SERVICE,
        description="CloudFront accepts TLS 1.3 only, and is as cheap as the ledger needs",
        types=DISTRIBUTION,
        rows=(
            equals("viewerCertificate.minimumProtocolVersion", figures.VIEWER_TLS),
            equals("priceClass", figures.PRICE_CLASS),
            equals("defaultCacheBehavior.viewerProtocolPolicy", "redirect-to-https"),
            in_each("orderedCacheBehaviors", equals("viewerProtocolPolicy", "redirect-to-https")),
        ),
        severity="high",
        controls=("CloudFront.3",),
    ),
)

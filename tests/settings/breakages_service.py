"""Broken values of roles, service, task, tools, incidents, scaling, load balancer and web ACLs."""

from collections.abc import Sequence

from tests.settings.breaking import Rows, rejected

ROLES, SERVICE, TASK, TOOLS, SCALING = (f"taskflow:{name}" for name in ("roles", "service", "task", "tools", "scaling"))
DEPLOYMENT, CONTAINER, POLICY = f"{SERVICE}.deployment", f"{TASK}.health", f"{SCALING}.policies[0]"
RELEASES, RESPONSE = "taskflow:releases", "taskflow:incidents.responseTime"
STAGING = f"{RELEASES}.staging"
BALANCER, WAF = "taskflow:loadBalancer", "taskflow:waf"
TARGET, RATE = f"{BALANCER}.health", f"{WAF}.rateLimit"
TAKES = f"{BALANCER}.originTakesTraffic"

_ROLES: Sequence[Rows] = (
    rejected(f"{ROLES}.ecsTaskRole", "a role's name", "a role", "", "a" * 65, "role/a"),
    rejected(f"{ROLES}.ecsExecutionRole", "a role's name", "a:role", ""),
    rejected(f"{ROLES}.ecsExecutionRole", "a name other than taskflow:roles.ecs", "taskflow-ecs-task-role"),
    rejected(f"{ROLES}.accessTaskRole", "a role's name", "ä", ""),
    rejected(f"{ROLES}.accessTaskRole", "a name other than taskflow:roles.ecsTa", "taskflow-ecs-task-role"),
    *(
        row
        for path in (
            f"{ROLES}.accessExecutionRole",
            f"{ROLES}.databaseTaskRole",
            f"{ROLES}.filesRestoreRole",
            f"{ROLES}.restoreValidationRole",
            f"{ROLES}.dataExportRole",
            f"{ROLES}.databaseAccessRole",
            f"{ROLES}.breakGlassRole",
        )
        for row in (
            rejected(path, "a role's name", "prod db", ""),
            rejected(path, "a name other than taskflow:roles.ecsTa", "taskflow-ecs-task-role"),
        )
    ),
)

_SERVICE: Sequence[Rows] = (
    rejected(f"{SERVICE}.name", "a name of at most 255", "an api", "", "a" * 256),
    rejected(f"{SERVICE}.cluster", "a name of at most 255", "a/b", ""),
    rejected(f"{SERVICE}.desiredCount", "at most taskflow:service.maxCount (20)", 21),
    rejected(f"{SERVICE}.minCount", "at least taskflow:service.minCount (5)", 5, at=(f"{SERVICE}.desiredCount",)),
    rejected(f"{SERVICE}.maxCount", "at most taskflow:service.maxCount (3)", 3, at=(f"{SERVICE}.desiredCount",)),
)

_TASK: Sequence[Rows] = (
    rejected(
        f"{TASK}.cpu", "8192 to 30720 MiB in steps of 1024, with taskflow:task.cpu (4096)", 4096, at=(f"{TASK}.memory",)
    ),
    rejected(f"{TASK}.memory", "2048 to 8192 MiB in steps of 1024, with taskflow:task.cpu (1024)", 1024),
    rejected(f"{TASK}.memory", "in steps of 1024", 2500),
    rejected(f"{TASK}.cpuArchitecture", "one of X86_64, ARM64", "x86_64", "arm64", ""),
    rejected(
        f"{TASK}.placeholderImage",
        "an image of public.ecr.aws with its tag",
        "python:3.13",
        "public.ecr.aws/docker/library/python",
        "docker.io/library/python:3.13",
        "public.ecr.aws/docker/library/python@sha256:" + "0" * 64,
    ),
    rejected(f"{TASK}.placeholderImage", "the tag latest changes", "public.ecr.aws/a/b:latest"),
    rejected(f"{TASK}.temporarySpace", "at most a quarter of taskflow:task.memory (2048)", 513),
    rejected(f"{CONTAINER}.timeout", "at most taskflow:task.health.interval (15)", 16),
)

_RELEASES: Sequence[Rows] = (
    rejected(
        f"{RELEASES}.migrationCommand", "a list of 1 to 20 words", [], [*"abcdefghijklmnopqrstu"], "npm run migrate"
    ),
    rejected(f"{RELEASES}.migrationCommand", "a word of the command", [""], [1], ["a" * 1025], at=("[0]",)),
    rejected(f"{STAGING}.account", "an AWS account id", "1234", "taskflow", ""),
    rejected(f"{STAGING}.region", "an AWS region", "us-east-1a", "virginia", ""),
    rejected(f"{STAGING}.cluster", "a name of at most 255", "a/b", ""),
    rejected(f"{STAGING}.service", "a name of at most 255", "an api", "", "a" * 256),
)

_TOOLS: Sequence[Rows] = (
    rejected(
        f"{TOOLS}.image",
        "the digest of an image",
        "",
        "v1",
        "0" * 64,
        f"sha256:{'0' * 63}",
        f"sha256:{'A' * 64}",
        f"taskflow-tools@sha256:{'0' * 64}",
    ),
)

_INCIDENTS: Sequence[Rows] = (
    rejected(f"{RESPONSE}.sev1", "at most taskflow:incidents.responseTime.sev2 (30)", 31),
    rejected(f"{RESPONSE}.sev3", "at most taskflow:incidents.responseTime.sev4 (1440)", 1441),
    rejected(f"{RESPONSE}.sev4", "at most taskflow:incidents.responseTime.sev4 (119)", 119, at=(f"{RESPONSE}.sev3",)),
)

_SCALING: Sequence[Rows] = (
    rejected(f"{SCALING}.policies", "a list of two policies", []),
    rejected(f"{POLICY}.type", "TargetTracking", "StepScaling", "targetTracking"),
    rejected(f"{POLICY}.metric", "one of CPUUtilization, MemoryUtilization", "RequestCount", "cpu"),
    rejected(
        f"{POLICY}.metric",
        "a metric other than taskflow:scaling.policies[0].metric",
        "MemoryUtilization",
        at=(f"{SCALING}.policies[1].metric",),
    ),
)

_BALANCER: Sequence[Rows] = (
    rejected(
        f"{BALANCER}.tlsPolicy",
        "one of ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
        "ELBSecurityPolicy-2016-08",
        "ELBSecurityPolicy-TLS13-1-3-2021-06",
        "ELBSecurityPolicy-TLS13-1-0-2021-06",
    ),
    rejected(f"{TARGET}.path", "a path such as /health", "health", "/health*", "/health?a=b", "", "/" + "a" * 128),
    rejected(f"{TARGET}.interval", "less than taskflow:loadBalancer.health.interval (5)", 5, at=(f"{TARGET}.timeout",)),
    rejected(f"{TARGET}.timeout", "less than taskflow:loadBalancer.health.interval (15)", 15),
    rejected(f"{BALANCER}.slowStart", "30 to 900 seconds, or 0 for none", 1, 29),
    rejected(TAKES, "false with taskflow:rds.promoted (false)", True),
)

_WAF: Sequence[Rows] = (
    # Production needs the settings of CloudFront's web ACL too.
    rejected(WAF, "", {}, at=(".blockedCountries", ".bodyLimit", ".managedRules", ".rateLimit", ".webACL")),
    rejected(f"{WAF}.managedRules", "each once", ["AWSManagedRulesSQLiRuleSet"]),
    rejected(
        f"{WAF}.managedRules",
        "one of AWSManagedRulesCommonRuleSet",
        ["AWSManagedRulesSQLiRuleSet", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesLinuxRuleSet"],
        at=("[2]",),
    ),
    rejected(
        f"{WAF}.managedRules",
        "a value other than taskflow:waf.managedRules[0]",
        ["AWSManagedRulesSQLiRuleSet", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesSQLiRuleSet"],
        at=("[2]",),
    ),
    rejected(f"{WAF}.blockedCountries", "true or false", [False], at=("[0]",)),
    rejected(f"{WAF}.blockedCountries", "1 to 50 countries", []),
    rejected(f"{WAF}.blockedCountries", "two capital letters", ["KP", "XX"], at=("[1]",)),
    rejected(f"{WAF}.blockedCountries", "in capitals", ["kp"], at=("[0]",)),
    rejected(
        f"{WAF}.blockedCountries",
        "a value other than taskflow:waf.blocked",
        ["KP", "IR", "KP"],
        at=("[2]",),
    ),
)

ROWS: Sequence[Rows] = (*_ROLES, *_SERVICE, *_TASK, *_RELEASES, *_TOOLS, *_INCIDENTS, *_SCALING, *_BALANCER, *_WAF)

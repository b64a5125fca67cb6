"""Broken values of roles, service, task, scaling, load balancer and web ACLs."""

from collections.abc import Mapping, Sequence

from tests.settings.breaking import (
    Breakage,
    Rows,
    and_also,
    block,
    misspelled,
    not_allowed,
    number,
    switch,
    text,
    wrong_type,
)

ROLES, SERVICE, TASK, SCALING = (f"taskflow:{name}" for name in ("roles", "service", "task", "scaling"))
DEPLOYMENT, CONTAINER, POLICY = f"{SERVICE}.deployment", f"{TASK}.health", f"{SCALING}.policies[0]"
BALANCER, WAF = "taskflow:loadBalancer", "taskflow:waf"
TARGET, RATE = f"{BALANCER}.health", f"{WAF}.rateLimit"
TAKES = f"{BALANCER}.originTakesTraffic"

_ROLES: Sequence[Rows] = (
    block(
        ROLES,
        "taskflow:role",
        "a block of ecsTaskRole",
        *(f"{ROLES}.{name}" for name in ("accessTaskRole", "ecsExecutionRole", "ecsTaskRole", "emergencyRole")),
        message="a role's name",
    ),
    text(f"{ROLES}.ecsTaskRole", "taskRole", "a role's name", "a role", "", "a" * 65, "role/a"),
    and_also(
        text(f"{ROLES}.ecsExecutionRole", "ecsExecutonRole", "a role's name", "a:role", ""),
        not_allowed(
            "taskflow-ecs-task-role", f"{ROLES}.ecsExecutionRole", message="a name other than taskflow:roles.ecs"
        ),
    ),
    and_also(
        text(f"{ROLES}.accessTaskRole", "accessTaskRoles", "a role's name", "ä", ""),
        not_allowed(
            "taskflow-ecs-task-role", f"{ROLES}.accessTaskRole", message="a name other than taskflow:roles.ecsTa"
        ),
    ),
    and_also(
        text(f"{ROLES}.emergencyRole", "emergencyRoles", "a role's name", "prod db", ""),
        not_allowed(
            "taskflow-ecs-task-role", f"{ROLES}.emergencyRole", message="a name other than taskflow:roles.ecsTa"
        ),
    ),
)

_SERVICE: Sequence[Rows] = (
    block(
        SERVICE,
        "taskflow:services",
        "a block of name",
        *(
            f"{SERVICE}.{name}"
            for name in ("cluster", "deployment", "desiredCount", "logRetention", "maxCount", "minCount", "name")
        ),
        message="a name of at most 255",
    ),
    text(f"{SERVICE}.name", "nam", "a name of at most 255", "an api", "", "a" * 256),
    text(f"{SERVICE}.cluster", "clusters", "a name of at most 255", "a/b", ""),
    and_also(
        number(f"{SERVICE}.desiredCount", "desiredcount", "2 to 1000 tasks", 0, 1, 1001),
        not_allowed(21, f"{SERVICE}.desiredCount", message="at most taskflow:service.maxCount (20)"),
    ),
    and_also(
        number(f"{SERVICE}.minCount", "mincount", "2 to 1000 tasks", 1, 1001),
        not_allowed(5, f"{SERVICE}.desiredCount", message="at least taskflow:service.minCount (5)"),
    ),
    and_also(
        number(f"{SERVICE}.maxCount", "maxcount", "2 to 1000 tasks", 1, 1001),
        not_allowed(3, f"{SERVICE}.desiredCount", message="at most taskflow:service.maxCount (3)"),
    ),
    block(
        DEPLOYMENT,
        "deployments",
        "a block of minimumHealthyPercent",
        *(
            f"{DEPLOYMENT}.{name}"
            for name in ("errors", "healthCheckGracePeriod", "latency", "maximumPercent", "minimumHealthyPercent")
        ),
        message="100 percent",
    ),
    number(f"{DEPLOYMENT}.minimumHealthyPercent", "minimumhealthyPercent", "100 percent: fewer", 50, 99, 101),
    number(f"{DEPLOYMENT}.maximumPercent", "maximumpercent", "125 to 400 percent", 100, 124, 401),
    number(f"{DEPLOYMENT}.healthCheckGracePeriod", "healthCheckGrace", "1 to 3600 seconds", 0, 3601),
    number(f"{DEPLOYMENT}.errors", "error", "1 to 100 percent", 0, 101),
    number(f"{DEPLOYMENT}.latency", "latencies", "1 to 60000 ms", 0, 60_001),
    number(f"{SERVICE}.logRetention", "logretention", "at least 90 days", 30, 91),
)

_TASK: Sequence[Rows] = (
    block(
        TASK,
        "taskflow:tasks",
        "a block of cpu",
        *(
            f"{TASK}.{name}"
            for name in (
                "cpu",
                "cpuArchitecture",
                "health",
                "memory",
                "placeholderImage",
                "stopTimeout",
                "temporarySpace",
                "user",
            )
        ),
        message="CPU units",
    ),
    and_also(
        number(f"{TASK}.cpu", "cpus", "256, 512, 1024, 2048, 4096, 8192, 16384", 0, 255, 1000, 32_768),
        not_allowed(
            4096, f"{TASK}.memory", message="8192 to 30720 MiB in steps of 1024, with taskflow:task.cpu (4096)"
        ),
    ),
    and_also(
        number(f"{TASK}.memory", "memry", "512 to 122880 MiB", 511, 122_881),
        not_allowed(1024, f"{TASK}.memory", message="2048 to 8192 MiB in steps of 1024, with taskflow:task.cpu (1024)"),
        not_allowed(2500, f"{TASK}.memory", message="in steps of 1024"),
    ),
    text(f"{TASK}.cpuArchitecture", "cpuArchitectures", "one of X86_64, ARM64", "x86_64", "arm64", ""),
    and_also(
        text(
            f"{TASK}.placeholderImage",
            "placeholderimage",
            "an image of public.ecr.aws with its tag",
            "python:3.13",
            "public.ecr.aws/docker/library/python",
            "docker.io/library/python:3.13",
            "public.ecr.aws/docker/library/python@sha256:" + "0" * 64,
        ),
        not_allowed("public.ecr.aws/a/b:latest", f"{TASK}.placeholderImage", message="the tag latest changes"),
    ),
    number(f"{TASK}.user", "users", "0 is root", 0, -1, 65_535),
    and_also(
        number(f"{TASK}.temporarySpace", "temporaryspace", "16 to 1024 MiB", 15, 1025),
        not_allowed(513, f"{TASK}.temporarySpace", message="at most a quarter of taskflow:task.memory (2048)"),
    ),
    number(f"{TASK}.stopTimeout", "stoptimeout", "30 to 120 seconds", 29, 121),
    block(
        CONTAINER,
        "healths",
        "a block of interval",
        *(f"{CONTAINER}.{name}" for name in ("interval", "retries", "startPeriod", "timeout")),
        message="5 to 300 seconds",
    ),
    number(f"{CONTAINER}.interval", "intervals", "5 to 300 seconds", 4, 301),
    and_also(
        number(f"{CONTAINER}.timeout", "timeouts", "2 to 60 seconds", 1, 61),
        not_allowed(16, f"{CONTAINER}.timeout", message="at most taskflow:task.health.interval (15)"),
    ),
    number(f"{CONTAINER}.retries", "retry", "1 to 10 checks", 0, 11),
    number(f"{CONTAINER}.startPeriod", "startperiod", "0 to 300 seconds", -1, 301),
)

_SCALING: Sequence[Rows] = (
    block(
        SCALING,
        "taskflow:scalings",
        "a block of policies",
        *(f"{SCALING}.{name}" for name in ("policies", "scaleInCooldown", "scaleOutCooldown")),
        message="a list of two policies",
    ),
    (
        f"{SCALING}.policies",
        (
            wrong_type("CPUUtilization", f"{SCALING}.policies", "write a list"),
            wrong_type({"metric": "CPUUtilization"}, f"{SCALING}.policies", "a list of two policies"),
            not_allowed([], f"{SCALING}.policies", message="a list of two policies"),
            misspelled("policy", f"{SCALING}.policy", "did you mean policies?"),
        ),
    ),
    text(f"{POLICY}.type", "types", "TargetTracking", "StepScaling", "targetTracking"),
    and_also(
        text(f"{POLICY}.metric", "metrics", "one of CPUUtilization, MemoryUtilization", "RequestCount", "cpu"),
        Breakage(
            kind="value",
            value="MemoryUtilization",
            paths=(f"{SCALING}.policies[1].metric",),
            message="a metric other than taskflow:scaling.policies[0].metric",
        ),
    ),
    number(f"{POLICY}.target", "targets", "10 to 90 percent", 9, 91),
    number(f"{SCALING}.scaleInCooldown", "scaleInCooldowns", "0 to 3600 seconds", -1, 3601),
    number(f"{SCALING}.scaleOutCooldown", "scaleOutCooldowns", "0 to 3600 seconds", -1, 3601),
)

_BALANCER: Sequence[Rows] = (
    block(
        BALANCER,
        "taskflow:loadBalancers",
        "a block of tlsPolicy",
        *(
            f"{BALANCER}.{name}"
            for name in (
                "deletionProtection",
                "deregistrationDelay",
                "health",
                "idleTimeout",
                "logRetention",
                "slowStart",
                "tlsPolicy",
            )
        ),
        message="one of ELBSecurityPolicy-TLS13-1-2",
    ),
    text(
        f"{BALANCER}.tlsPolicy",
        "tlspolicy",
        "one of ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
        "ELBSecurityPolicy-2016-08",
        "ELBSecurityPolicy-TLS13-1-3-2021-06",
        "ELBSecurityPolicy-TLS13-1-0-2021-06",
    ),
    switch(f"{BALANCER}.deletionProtection", "deletionprotection", False, message="true: the domain"),
    number(f"{BALANCER}.idleTimeout", "idletimeout", "1 to 4000 seconds", 0, 4001),
    block(
        TARGET,
        "healths",
        "a block of path",
        *(f"{TARGET}.{name}" for name in ("healthyThreshold", "interval", "path", "timeout", "unhealthyThreshold")),
        message="a path such as /health",
    ),
    text(f"{TARGET}.path", "paths", "a path such as /health", "health", "/health*", "/health?a=b", "", "/" + "a" * 128),
    and_also(
        number(f"{TARGET}.interval", "intervals", "5 to 300 seconds", 4, 301),
        not_allowed(5, f"{TARGET}.timeout", message="less than taskflow:loadBalancer.health.interval (5)"),
    ),
    and_also(
        number(f"{TARGET}.timeout", "timeouts", "2 to 120 seconds", 1, 121),
        not_allowed(15, f"{TARGET}.timeout", message="less than taskflow:loadBalancer.health.interval (15)"),
    ),
    number(f"{TARGET}.healthyThreshold", "healthythreshold", "2 to 10 checks", 1, 11),
    number(f"{TARGET}.unhealthyThreshold", "unhealthythreshold", "2 to 10 checks", 1, 11),
    number(f"{BALANCER}.slowStart", "slowstart", "30 to 900 seconds, or 0 for none", 1, 29, 901, -1),
    number(f"{BALANCER}.deregistrationDelay", "deregistrationdelay", "0 to 3600 seconds", -1, 3601),
    number(f"{BALANCER}.logRetention", "logretention", "at least 90 days", 30, 91),
    (
        TAKES,
        (
            wrong_type("true", TAKES, "without quotes"),
            wrong_type(1, TAKES, "true or false"),
            not_allowed(True, TAKES, message="false with taskflow:rds.promoted (false)"),
            misspelled("originTakesTrafic", f"{BALANCER}.originTakesTrafic", "did you mean originTakesTraffic?"),
        ),
    ),
)

_WAF: Sequence[Rows] = (
    block(
        WAF,
        "taskflow:wafs",
        "a block of managedRules",
        *(f"{WAF}.{name}" for name in ("blockedCountries", "bodyLimit", "managedRules", "rateLimit", "webACL")),
        message="a list of AWSManagedRulesCommonRuleSet",
    ),
    (
        f"{WAF}.managedRules",
        (
            wrong_type("AWSManagedRulesSQLiRuleSet", f"{WAF}.managedRules", "write a list"),
            not_allowed(["AWSManagedRulesSQLiRuleSet"], f"{WAF}.managedRules", message="each once"),
            not_allowed(
                ["AWSManagedRulesSQLiRuleSet", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesLinuxRuleSet"],
                f"{WAF}.managedRules[2]",
                message="one of AWSManagedRulesCommonRuleSet",
            ),
            not_allowed(
                ["AWSManagedRulesSQLiRuleSet", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesSQLiRuleSet"],
                f"{WAF}.managedRules[2]",
                message="a value other than taskflow:waf.managedRules[0]",
            ),
            misspelled("managedRule", f"{WAF}.managedRule", "did you mean managedRules?"),
        ),
    ),
    block(
        RATE,
        "rateLimits",
        "a block of limit",
        f"{RATE}.evaluationWindow",
        f"{RATE}.limit",
        message="10 to 2000000000 requests",
    ),
    number(f"{RATE}.limit", "limits", "10 to 2000000000 requests", 0, 9, 2_000_000_001),
    number(f"{RATE}.evaluationWindow", "evaluationwindow", "60, 120, 300 or 600 seconds", 59, 90, 301, 900),
    (
        f"{WAF}.blockedCountries",
        (
            wrong_type("KP", f"{WAF}.blockedCountries", "write a list"),
            wrong_type([False], f"{WAF}.blockedCountries[0]", "true or false"),
            not_allowed([], f"{WAF}.blockedCountries", message="1 to 50 countries"),
            not_allowed(["KP", "XX"], f"{WAF}.blockedCountries[1]", message="two capital letters"),
            not_allowed(["kp"], f"{WAF}.blockedCountries[0]", message="in capitals"),
            not_allowed(
                ["KP", "IR", "KP"], f"{WAF}.blockedCountries[2]", message="a value other than taskflow:waf.blocked"
            ),
            misspelled("blockedCountry", f"{WAF}.blockedCountry", "did you mean blockedCountries?"),
        ),
    ),
)

SERVICE_ROWS: Mapping[str, Sequence[Breakage]] = dict((*_ROLES, *_SERVICE, *_TASK, *_SCALING, *_BALANCER, *_WAF))

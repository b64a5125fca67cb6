"""Mutations of the load balancer, listeners and targets: one for each property that a rule judges. Data only."""

from tests.policies.compliant.origin import FORWARD, LATCH, LISTENER, LISTENER_RULE, fixed_response, on_path
from tests.policies.mutations import web_acls as web_acls_mutations
from tests.policies.mutations.database import DR, PRODUCTION, each, group, subnets
from tests.policies.mutations.mutation import adds, mutation, removes, sets
from tests.policies.plan import REMOVED, Ref

BALANCER = "LoadBalancer origin"
TARGETS = "TargetGroup origin"
LISTENS = "Listener origin"
ON_SECRET, ON_HEALTH, LATCHED = (f"ListenerRule origin-{name}" for name in ("secret", "health", "latch"))
LISTENER_ARN = Ref(to=LISTENS, output="arn")
TARGET_ARN = Ref(to=TARGETS, output="arn")
ELSEWHERE = "arn:aws:elasticloadbalancing:us-east-1:987654321098:other/0"
TLS = "ELBSecurityPolicy"

LOAD_BALANCER = (
    *each(
        "origin-load-balancer@origin",
        BALANCER,
        ("an internal load balancer", "internal", True),
        ("a network load balancer", "loadBalancerType", "network"),
        ("deletion protection off", "enableDeletionProtection", False),
        ("deletion protection unset", "enableDeletionProtection", REMOVED),
        ("dropInvalidHeaderFields off", "dropInvalidHeaderFields", False),
        ("dropInvalidHeaderFields unset", "dropInvalidHeaderFields", REMOVED),
        ("desyncMitigationMode monitor", "desyncMitigationMode", "monitor"),
        ("desyncMitigationMode unset", "desyncMitigationMode", REMOVED),
        ("enableWafFailOpen on", "enableWafFailOpen", True),
        *(
            (f"{label} {logs}", f"{logs}{path}", value)
            for logs in ("accessLogs", "connectionLogs")
            for label, path, value in (
                ("no", "", REMOVED),
                ("switched off", ".enabled", False),
                ("not switched on", ".enabled", REMOVED),
                ("without a bucket,", ".bucket", REMOVED),
            )
        ),
    ),
    mutation(
        "a classic load balancer",
        adds("aws:elb/loadBalancer:LoadBalancer", "classic", listeners=[]),
        "origin-load-balancer@classic",
    ),
    mutation(
        "a second load balancer, by the other name of its type",
        adds("aws:alb/loadBalancer:LoadBalancer", "second"),
        *(f"origin-{rule}@second" for rule in ("load-balancer", "placed", "reached", "web-acl")),
    ),
    *each(
        "origin-placed@origin",
        BALANCER,
        ("the load balancer in the service's group", "securityGroups", [group("service")]),
        ("the load balancer in two groups", "securityGroups", [group("alb"), group("endpoints")]),
        ("the load balancer in a group outside the stack too", "securityGroups", [group("alb"), "sg-0123456789"]),
        ("the load balancer in no group", "securityGroups", REMOVED),
        ("the load balancer in private subnets", "subnets", subnets("private-1", "private-2")),
        ("the load balancer in one zone", "subnets", subnets("public-1")),
        (
            "the load balancer in one zone by a component's output",
            "subnets",
            [Ref(to="Subnet public-1", via=("Vpc network", "Subnet public-1", "Subnet public-2"))],
        ),
        ("the load balancer in no subnets", "subnets", REMOVED),
    ),
)

LISTENERS = (
    *each(
        "origin-listeners@origin",
        LISTENS,
        ("plain HTTP's port", "port", 80),
        ("another port", "port", 8443),
        ("no port", "port", REMOVED),
        ("plain HTTP", "protocol", "HTTP"),
        ("no protocol", "protocol", REMOVED),
        ("AWS's TLS policy of 2016", "sslPolicy", f"{TLS}-2016-08"),
        ("TLS 1.0 beside 1.3", "sslPolicy", f"{TLS}-TLS13-1-0-PQ-2025-09"),
        ("TLS without 1.3", "sslPolicy", f"{TLS}-TLS-1-2-2017-01"),
        ("TLS 1.3 alone, which CloudFront doesn't support", "sslPolicy", f"{TLS}-TLS13-1-3-2021-06"),
        ("TLS without forward secrecy", "sslPolicy", f"{TLS}-TLS13-1-2-Ext2-2021-06"),
        ("no TLS policy", "sslPolicy", REMOVED),
        ("no certificate", "certificateArn", REMOVED),
        ("a forward by default", "defaultActions", [FORWARD]),
        ("a success by default", "defaultActions", [fixed_response("200")]),
        ("a forward after the refusal", "defaultActions", [fixed_response("403"), FORWARD]),
        ("no default action in the list", "defaultActions", []),
        ("no default action", "defaultActions", REMOVED),
        ("a default action without a status", "defaultActions.0.fixedResponse.statusCode", REMOVED),
        ("a default action without a type", "defaultActions.0.type", REMOVED),
    ),
    *each(
        "origin-certificate@origin",
        LISTENS,
        ("a certificate outside the stack", "certificateArn", "arn:aws:acm:us-east-1:111122223333:certificate/x"),
    ),
    *each(
        "origin-certificate@origin",
        "Certificate origin",
        ("the origin's certificate for another name", "domainName", "www.taskflow.app"),
    ),
    mutation(
        "a second listener that redirects",
        adds(
            LISTENER,
            "plain",
            loadBalancerArn=Ref(to=BALANCER, output="arn"),
            port=80,
            protocol="HTTP",
            defaultActions=[{"type": "redirect", "redirect": {"port": "443", "statusCode": "HTTP_301"}}],
        ),
        "origin-listeners@plain",
    ),
)

FORWARDING = (
    *(
        mutation(label, sets(ON_SECRET, path, value), "origin-forwarding@origin-secret", "origin-reached@origin")
        for label, path, value in (
            ("another header", "conditions.0.httpHeader.httpHeaderName", "x-request-id"),
            ("a condition without a header name", "conditions.0.httpHeader.httpHeaderName", REMOVED),
            ("a host instead of the header", "conditions", [{"hostHeader": {"values": ["origin.taskflow.app"]}}]),
            ("all paths instead of the header", "conditions", [on_path("/*")]),
            ("no conditions", "conditions", REMOVED),
            ("a redirect", "actions", [{"type": "redirect", "redirect": {"statusCode": "HTTP_302"}}]),
            ("no actions", "actions", REMOVED),
            ("an empty list of actions", "actions", []),
            ("an action without a type", "actions.0.type", REMOVED),
            ("another fixed response", "actions", [fixed_response("200")]),
        )
    ),
    *each(
        "origin-forwarding@origin-secret",
        ON_SECRET,
        ("any value of the header", "conditions.0.httpHeader.values", ["*"]),
        ("a second value with a wildcard", "conditions.0.httpHeader.values.1", "aValueThatOnlyCloudFrontKnows?"),
        ("an empty value", "conditions.0.httpHeader.values", [""]),
        ("an empty list of values", "conditions.0.httpHeader.values", []),
        ("no values", "conditions.0.httpHeader.values", REMOVED),
        ("a pattern for the header", "conditions.0.httpHeader.regexValues", [".*"]),
        ("a log-in before the forward", "actions", [{"type": "authenticate-oidc", "order": 1}, FORWARD]),
        ("a rewritten path", "transforms", [{"type": "url-rewrite"}]),
    ),
    *each(
        "origin-forwarding@origin-health",
        ON_HEALTH,
        ("all paths with the health check's prefix", "conditions", [on_path("/health*")]),
        ("another path than the health check's", "conditions", [on_path("/Health")]),
        ("a path beside the health check's", "conditions", [on_path("/health", "/api/*")]),
        ("a pattern for the health check's path", "conditions.0.pathPattern.regexValues", ["/health.*"]),
        ("no path for the health check", "conditions.0.pathPattern.values", REMOVED),
        ("the health check by method", "conditions", [{"httpRequestMethod": {"values": ["GET"]}}]),
    ),
    mutation(
        "a third rule that forwards requests of anyone",
        adds(
            LISTENER_RULE,
            "open",
            listenerArn=LISTENER_ARN,
            priority=1,
            conditions=[on_path("/api/*")],
            actions=[FORWARD],
        ),
        "origin-forwarding@open",
    ),
    mutation(
        "the latch in production",
        adds(
            LISTENER_RULE,
            "latch",
            listenerArn=LISTENER_ARN,
            priority=10,
            conditions=[on_path(LATCH)],
            actions=[fixed_response("404")],
        ),
        "origin-forwarding@latch",
        stacks=PRODUCTION,
    ),
    *each(
        "origin-forwarding@origin-latch",
        LATCHED,
        ("a latch with another status", "actions", [fixed_response("500")]),
        ("a latch without a status", "actions.0.fixedResponse.statusCode", REMOVED),
        ("a latch on another path", "conditions", [on_path("/status")]),
        ("a latch on all paths", "conditions", [on_path("/*")]),
        ("a latch on two paths", "conditions", [on_path(LATCH, "/api")]),
        ("a latch without a path", "conditions", REMOVED),
        ("a latch that forwards", "actions", [FORWARD]),
        stacks=DR,
    ),
)

REACHABILITY = (
    mutation(
        "no listener",
        removes(LISTENS, ON_SECRET, ON_HEALTH),
        "origin-reached@origin",
        stacks=PRODUCTION,
    ),
    mutation("no rule for CloudFront", removes(ON_SECRET), "origin-reached@origin"),
    *each(
        "origin-reached@origin",
        LISTENS,
        ("a listener of a load balancer outside the stack", "loadBalancerArn", ELSEWHERE),
        ("a listener of no load balancer", "loadBalancerArn", REMOVED),
    ),
    *(
        mutation(label, sets(ON_SECRET, "listenerArn", value), "origin-reached@origin-secret", "origin-reached@origin")
        for label, value in (("a rule of a listener outside the stack", ELSEWHERE), ("a rule of no listener", REMOVED))
    ),
    *each(
        "origin-reached@origin-secret",
        ON_SECRET,
        ("targets outside the stack", "actions.0.targetGroupArn", ELSEWHERE),
        ("no targets", "actions.0.targetGroupArn", REMOVED),
        (
            "targets outside the stack beside the stack's",
            "actions.0",
            {"type": "forward", "forward": {"targetGroups": [{"arn": TARGET_ARN}, {"arn": ELSEWHERE}]}},
        ),
        ("no targets in the other syntax", "actions.0.forward", {"targetGroups": [{"weight": 1}]}),
    ),
)

TARGET_GROUP = each(
    "origin-targets@origin",
    TARGETS,
    ("instances as targets", "targetType", "instance"),
    ("targetType unset", "targetType", REMOVED),
    ("another port of the service", "port", 80),
    ("no port of the service", "port", REMOVED),
    ("another protocol to the service", "protocol", "HTTPS"),
    ("no protocol to the service", "protocol", REMOVED),
    ("no health check", "healthCheck", REMOVED),
    ("a disabled health check", "healthCheck.enabled", False),
    ("a health check of another path", "healthCheck.path", "/"),
    ("a health check of no path", "healthCheck.path", REMOVED),
    ("a health check that accepts errors", "healthCheck.matcher", "200-499"),
    ("a health check by TCP", "healthCheck.protocol", "TCP"),
    ("a health check of another port", "healthCheck.port", "8080"),
    ("a slow start shorter than AWS allows", "slowStart", 10),
    ("a slow start longer than AWS allows", "slowStart", 1000),
)

CHANGES = (*LOAD_BALANCER, *LISTENERS, *FORWARDING, *REACHABILITY, *TARGET_GROUP, *web_acls_mutations.CHANGES)

"""One change for each thing about the way in that a rule guards: load balancer and listener here. Data only."""

from tests.policies.compliant.origin import FORWARD, LATCH, LISTENER, LISTENER_RULE, answer, on_path
from tests.policies.mutations import web_acls as web_acls_mutations
from tests.policies.mutations.database import DR, PRODUCTION, each, group, subnets
from tests.policies.mutations.mutation import adds, removes, sets, told
from tests.policies.plan import REMOVED, Ref

BALANCER = "LoadBalancer origin"
TARGETS = "TargetGroup origin"
LISTENS = "Listener origin"
ON_SECRET, ON_HEALTH, LATCHED = (f"ListenerRule origin-{name}" for name in ("secret", "health", "latch"))
LISTENER_ARN = Ref(to=LISTENS, output="arn")
TARGET_ARN = Ref(to=TARGETS, output="arn")
ELSEWHERE = "arn:aws:elasticloadbalancing:us-east-1:987654321098:somebody/elses"
TLS = "ELBSecurityPolicy"

LOAD_BALANCER = (
    *each(
        "origin-load-balancer@origin",
        BALANCER,
        ("a load balancer inside", "internal", True),
        ("a load balancer of another kind", "loadBalancerType", "network"),
        ("a load balancer that can be deleted", "enableDeletionProtection", False),
        ("no word of the load balancer's deletion", "enableDeletionProtection", REMOVED),
        ("malformed headers", "dropInvalidHeaderFields", False),
        ("no word of malformed headers", "dropInvalidHeaderFields", REMOVED),
        ("ambiguous requests", "desyncMitigationMode", "monitor"),
        ("no word of ambiguous requests", "desyncMitigationMode", REMOVED),
        ("no web ACL in an outage of it", "enableWafFailOpen", True),
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
    told(
        "a classic load balancer",
        adds("aws:elb/loadBalancer:LoadBalancer", "classic", listeners=[]),
        "origin-load-balancer@classic",
    ),
    told(
        "a second load balancer, by the other name of its type",
        adds("aws:alb/loadBalancer:LoadBalancer", "second"),
        *(f"origin-{rule}@second" for rule in ("load-balancer", "placed", "reached", "firewall")),
    ),
    *each(
        "origin-placed@origin",
        BALANCER,
        ("the load balancer in the service's group", "securityGroups", [group("service")]),
        ("the load balancer in two groups", "securityGroups", [group("alb"), group("endpoints")]),
        ("the load balancer in a group of somebody else's too", "securityGroups", [group("alb"), "sg-0123456789"]),
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
        ("TLS that CloudFront doesn't speak", "sslPolicy", f"{TLS}-TLS13-1-3-2021-06"),
        ("TLS without forward secrecy", "sslPolicy", f"{TLS}-TLS13-1-2-Ext2-2021-06"),
        ("no TLS policy", "sslPolicy", REMOVED),
        ("no certificate", "certificateArn", REMOVED),
        ("everything forwarded", "defaultActions", [FORWARD]),
        ("everything welcome", "defaultActions", [answer("200")]),
        ("everything welcome after a refusal", "defaultActions", [answer("403"), FORWARD]),
        ("no default action in the list", "defaultActions", []),
        ("no default action", "defaultActions", REMOVED),
        ("an answer without a status", "defaultActions.0.fixedResponse.statusCode", REMOVED),
        ("a default action of no kind", "defaultActions.0.type", REMOVED),
    ),
    told(
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
        told(label, sets(ON_SECRET, path, value), "origin-forwarding@origin-secret", "origin-reached@origin")
        for label, path, value in (
            ("another header", "conditions.0.httpHeader.httpHeaderName", "x-request-id"),
            ("no header's name", "conditions.0.httpHeader.httpHeaderName", REMOVED),
            ("a host instead of the header", "conditions", [{"hostHeader": {"values": ["origin.taskflow.app"]}}]),
            ("all paths instead of the header", "conditions", [on_path("/*")]),
            ("no conditions", "conditions", REMOVED),
            ("a redirect", "actions", [{"type": "redirect", "redirect": {"statusCode": "HTTP_302"}}]),
            ("no actions", "actions", REMOVED),
            ("an empty list of actions", "actions", []),
            ("an action of no kind", "actions.0.type", REMOVED),
            ("another fixed answer", "actions", [answer("200")]),
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
        ("somebody else's log-in first", "actions", [{"type": "authenticate-oidc", "order": 1}, FORWARD]),
        ("another path than was asked for", "transforms", [{"type": "url-rewrite"}]),
    ),
    *each(
        "origin-forwarding@origin-health",
        ON_HEALTH,
        ("what begins like the health check", "conditions", [on_path("/health*")]),
        ("another path than the health check's", "conditions", [on_path("/Health")]),
        ("a path beside the health check's", "conditions", [on_path("/health", "/api/*")]),
        ("a pattern for the health check's path", "conditions.0.pathPattern.regexValues", ["/health.*"]),
        ("no path for the health check", "conditions.0.pathPattern.values", REMOVED),
        ("the health check by a wildcard in the method", "conditions", [{"httpRequestMethod": {"values": ["GET"]}}]),
    ),
    told(
        "a third rule that forwards for everybody",
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
    told(
        "the switch of the fail-over in production",
        adds(
            LISTENER_RULE,
            "latch",
            listenerArn=LISTENER_ARN,
            priority=10,
            conditions=[on_path(LATCH)],
            actions=[answer("404")],
        ),
        "origin-forwarding@latch",
        stacks=PRODUCTION,
    ),
    *each(
        "origin-forwarding@origin-latch",
        LATCHED,
        ("a switch that says nothing that is understood", "actions", [answer("500")]),
        ("a switch of no status", "actions.0.fixedResponse.statusCode", REMOVED),
        ("a switch on another path", "conditions", [on_path("/status")]),
        ("a switch on all paths", "conditions", [on_path("/*")]),
        ("a switch on two paths", "conditions", [on_path(LATCH, "/api")]),
        ("a switch without a path", "conditions", REMOVED),
        ("a switch that forwards", "actions", [FORWARD]),
        stacks=DR,
    ),
)

REACHED = (
    told(
        "no listener",
        removes(LISTENS, ON_SECRET, ON_HEALTH),
        "origin-reached@origin",
        stacks=PRODUCTION,
    ),
    told("nothing for CloudFront", removes(ON_SECRET), "origin-reached@origin"),
    *each(
        "origin-reached@origin",
        LISTENS,
        ("a listener of somebody else's load balancer", "loadBalancerArn", ELSEWHERE),
        ("a listener of no load balancer", "loadBalancerArn", REMOVED),
    ),
    *(
        told(label, sets(ON_SECRET, "listenerArn", value), "origin-reached@origin-secret", "origin-reached@origin")
        for label, value in (("a rule of somebody else's listener", ELSEWHERE), ("a rule of no listener", REMOVED))
    ),
    *each(
        "origin-reached@origin-secret",
        ON_SECRET,
        ("somebody else's targets", "actions.0.targetGroupArn", ELSEWHERE),
        ("no targets", "actions.0.targetGroupArn", REMOVED),
        (
            "somebody else's targets beside one's own",
            "actions.0",
            {"type": "forward", "forward": {"targetGroups": [{"arn": TARGET_ARN}, {"arn": ELSEWHERE}]}},
        ),
        ("no targets in the other way of writing", "actions.0.forward", {"targetGroups": [{"weight": 1}]}),
    ),
)

TARGET_GROUP = each(
    "origin-targets@origin",
    TARGETS,
    ("machines instead of addresses", "targetType", "instance"),
    ("no kind of target", "targetType", REMOVED),
    ("another port of the service", "port", 80),
    ("no port of the service", "port", REMOVED),
    ("another protocol to the service", "protocol", "HTTPS"),
    ("no protocol to the service", "protocol", REMOVED),
    ("no health check", "healthCheck", REMOVED),
    ("a health check that is off", "healthCheck.enabled", False),
    ("a health check of another path", "healthCheck.path", "/"),
    ("a health check of no path", "healthCheck.path", REMOVED),
    ("a health check that takes errors", "healthCheck.matcher", "200-499"),
    ("a health check by TCP", "healthCheck.protocol", "TCP"),
    ("a health check of another port", "healthCheck.port", "8080"),
    ("a start faster than AWS takes", "slowStart", 10),
    ("a start slower than AWS takes", "slowStart", 1000),
)

CHANGES = (*LOAD_BALANCER, *LISTENERS, *FORWARDING, *REACHED, *TARGET_GROUP, *web_acls_mutations.CHANGES)

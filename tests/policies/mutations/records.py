"""Mutations of DNS records and health checks: one for each property that a rule judges. Data only."""

from tests.policies.compliant.names import CAA_VALUES, ORIGIN, RECORD, ROUTING_POLICIES, STANDBY, ZONE, alias_of
from tests.policies.mutations import edge_web_acl as edge_web_acl_mutations
from tests.policies.mutations.database import DR, PRODUCTION, each
from tests.policies.mutations.mutation import Change, adds, mutation, removes, sets, unprotects
from tests.policies.plan import REMOVED, Plan, Ref

WEB_A, API_AAAA, CAA = (f"Record edge-dns-{name}" for name in ("web-a", "api-aaaa", "caa"))
HALF, STANDBY_NAME = "Record origin-failover-origin", "Record origin-failover-standby"
SWITCH, HEALTH = "HealthCheck origin-failover-switch", "HealthCheck origin-failover-health"
STANDBYS = ("origin-failover-recovery-health", "origin-failover-recovery-latch")
OTHERS = "d0123456789.cloudfront.net"
BALANCER = Ref(to="LoadBalancer origin", output="dnsName")

# What makes Route 53 choose between several records, beside failover routing.
ROUTING = (
    *((choice, [dict[str, object]()]) for choice in ROUTING_POLICIES if choice.endswith("Policies")),
    *((choice, {"location": "-"}) for choice in ROUTING_POLICIES if choice.endswith("Policy")),
    ("multivalueAnswerRoutingPolicy", True),
    ("setIdentifier", "one"),
    ("healthCheckId", "0a1b2c3d-0000-4000-8000-000000000000"),
)


def _adds(name: str, host: str, kind: str, **more: object) -> Change:
    return adds(RECORD, name, zoneId=ZONE, name=host, type=kind, **more)


def _exchanges_aliases(plan: Plan) -> None:
    """Exchange the distributions of the two hosts."""
    plan.set(WEB_A, "aliases", [alias_of("api")])
    plan.set(API_AAAA, "aliases", [alias_of("web")])


RECORDS = (
    *(
        mutation(label, _adds("added", host, kind, ttl=60, records=["192.0.2.1"]), "edge-records@added")
        for label, host, kind in (
            ("a wildcard record", "*.taskflow.app", "A"),
            ("an unknown host", "www.taskflow.app", "A"),
            ("a delegated subdomain", "mail.taskflow.app", "NS"),
            ("a name without its domain", "www", "A"),
            ("another domain's record", "taskflow.app.example.com", "A"),
            ("another type under the domain", "origin.taskflow.app", "TXT"),
        )
    ),
    mutation(
        "the standby name in production",
        _adds("added", STANDBY, "CNAME", ttl=60, records=[BALANCER]),
        "edge-records@added",
        stacks=PRODUCTION,
    ),
    *(
        mutation(
            f"{host} in dr",
            _adds("added", f"{host.upper()}.", "A", aliases=[{"name": OTHERS, "zoneId": ZONE}]),
            "edge-records@added",
            stacks=DR,
        )
        for host in ("taskflow.app", "api.taskflow.app")
    ),
)

ALIASES = (
    mutation("no A record of the web application", removes(WEB_A), "edge-aliases@", stacks=PRODUCTION),
    mutation("no AAAA record of the API", removes(API_AAAA), "edge-aliases@", stacks=PRODUCTION),
    mutation(
        "an alias record with another name",
        sets(WEB_A, "name", "www.taskflow.app"),
        "edge-records@edge-dns-web-a",
        "edge-aliases@",
        stacks=PRODUCTION,
    ),
    mutation("an alias record of another type", sets(API_AAAA, "type", "A"), "edge-aliases@", stacks=PRODUCTION),
    mutation(
        "an alias record of a wrong type",
        sets(API_AAAA, "type", "TXT"),
        "edge-records@edge-dns-api-aaaa",
        "edge-aliases@",
        stacks=PRODUCTION,
    ),
    mutation(
        "two aliases exchanged",
        _exchanges_aliases,
        "edge-aliases@edge-dns-web-a",
        "edge-aliases@edge-dns-api-aaaa",
        stacks=PRODUCTION,
    ),
    *each(
        "edge-aliases@edge-dns-web-a",
        WEB_A,
        ("no alias", "aliases", REMOVED),
        ("an empty list of aliases", "aliases", []),
        ("two aliases in one record", "aliases", [alias_of("web"), alias_of("api")]),
        ("an alias of a distribution outside the stack", "aliases.0.name", OTHERS),
        ("an alias without a name", "aliases.0.name", REMOVED),
        ("an alias in another zone", "aliases.0.zoneId", ZONE),
        ("an alias without a zone", "aliases.0.zoneId", REMOVED),
        ("an alias that evaluates the target's health", "aliases.0.evaluateTargetHealth", True),
        ("evaluateTargetHealth unset", "aliases.0.evaluateTargetHealth", REMOVED),
        *((f"an alias with {key}", key, value) for key, value in ROUTING),
        stacks=PRODUCTION,
    ),
    mutation(
        "an alias of the load balancer",
        sets(WEB_A, "aliases", [{"name": BALANCER, "zoneId": "Z35SXDOTRQ7X7K", "evaluateTargetHealth": False}]),
        "edge-aliases@edge-dns-web-a",
        stacks=PRODUCTION,
    ),
)

AUTHORITIES = (
    mutation("no CAA record", removes(CAA), "edge-caa@", stacks=PRODUCTION),
    mutation(
        "a CAA record of another name",
        sets(CAA, "name", "api.taskflow.app"),
        "edge-records@edge-dns-caa",
        "edge-caa@",
        stacks=PRODUCTION,
    ),
    *each(
        "edge-caa@edge-dns-caa",
        CAA,
        ("a second authority", "records", [*CAA_VALUES, '0 issue "letsencrypt.org"']),
        ("another authority than Amazon", "records.0", '0 issue "letsencrypt.org"'),
        ("no authority allowed", "records.0", '0 issue ";"'),
        ("a CAA record without issue", "records.0", REMOVED),
        ("Amazon allowed for wildcards", "records.1", '0 issuewild "amazon.com"'),
        ("another authority for wildcards", "records", [*CAA_VALUES, '0 issuewild "letsencrypt.org"']),
        ("a CAA record without issuewild", "records.1", REMOVED),
        ("an unreadable CAA value", "records.1", "issuewild"),
        ("a CAA value with another tag", "records", [*CAA_VALUES, '0 issuemail "example.com"']),
        ("a CAA record without values", "records", REMOVED),
        *((f"a CAA record with {key}", key, value) for key, value in ROUTING),
        stacks=PRODUCTION,
    ),
)

FAILOVER = (
    mutation("no failover record", removes(HALF), "edge-origin-pair@"),
    mutation(
        "a failover record of another name",
        sets(HALF, "name", "origin2.taskflow.app"),
        "edge-records@origin-failover-origin",
        "edge-origin-pair@",
    ),
    mutation(
        "a failover record of type A",
        sets(HALF, "type", "A"),
        "edge-records@origin-failover-origin",
        "edge-origin-pair@",
    ),
    *each(
        "edge-origin-pair@origin-failover-origin",
        HALF,
        ("a record without failover routing", "failoverRoutingPolicies", REMOVED),
        ("an empty list of failover policies", "failoverRoutingPolicies", []),
        ("a failover record without a type", "failoverRoutingPolicies.0.type", REMOVED),
        ("a failover record without an identifier", "setIdentifier", REMOVED),
        ("a failover record with a TTL of an hour", "ttl", 3600),
        ("a failover record without a TTL", "ttl", REMOVED),
        ("a failover record of a load balancer outside the stack", "records", ["taskflow-other.elb.amazonaws.com"]),
        ("a failover record of two load balancers", "records", [BALANCER, "taskflow-other.elb.amazonaws.com"]),
        ("a failover record without values", "records", REMOVED),
        ("a failover record with an empty value", "records", [""]),
        (
            "a failover record with an alias",
            "aliases",
            [{"name": BALANCER, "zoneId": "Z35SXDOTRQ7X7K", "evaluateTargetHealth": True}],
        ),
    ),
    *each(
        "edge-origin-pair@origin-failover-origin",
        HALF,
        ("SECONDARY in production", "failoverRoutingPolicies.0.type", "SECONDARY"),
        ("PRIMARY without a health check", "healthCheckId", REMOVED),
        ("PRIMARY with a health check outside the stack", "healthCheckId", "a4569007-a456-4000-8000-a4569007d3f0"),
        stacks=PRODUCTION,
    ),
    *each(
        "edge-origin-pair@origin-failover-origin",
        HALF,
        ("PRIMARY in dr", "failoverRoutingPolicies.0.type", "PRIMARY"),
        ("SECONDARY with a health check", "healthCheckId", "0a1b2c3d-0000-4000-8000-000000000000"),
        stacks=DR,
    ),
)

SWITCHES = (
    # It then counts as a plain health check, for which an alarm is missing too.
    *(
        mutation(
            label,
            sets(SWITCH, "invertHealthcheck", value),
            "edge-origin-switch@origin-failover-switch",
            "alerting-edge@origin-failover-switch",
            stacks=PRODUCTION,
        )
        for label, value in (
            ("a switch that isn't inverted", False),
            ("a switch with invertHealthcheck unset", REMOVED),
        )
    ),
    *each(
        "edge-origin-switch@origin-failover-switch",
        SWITCH,
        ("a switch over plain HTTP", "type", "HTTP"),
        ("a switch without a type", "type", REMOVED),
        ("a switch that searches for a text", "type", "HTTPS_STR_MATCH"),
        ("a switch on another port", "port", 8443),
        ("a switch without a port", "port", REMOVED),
        ("a switch of the origin itself", "fqdn", ORIGIN),
        ("a switch without a name", "fqdn", REMOVED),
        ("a switch of an address", "ipAddress", "192.0.2.1"),
        ("a switch on the health path", "resourcePath", "/health"),
        ("a switch without a path", "resourcePath", REMOVED),
        ("a disabled switch", "disabled", True),
        ("a switch without SNI", "enableSni", False),
        stacks=PRODUCTION,
    ),
    mutation(
        "an unprotected switch",
        unprotects(SWITCH),
        "edge-origin-switch@origin-failover-switch",
        stacks=PRODUCTION,
    ),
    mutation(
        "a health check of the load balancer as the switch",
        sets(HALF, "healthCheckId", Ref(to=HEALTH)),
        "edge-origin-switch@origin-failover-health",
        stacks=PRODUCTION,
    ),
)

STANDBY_RECORDS = (
    mutation("no standby record", removes(STANDBY_NAME), "edge-standby@", stacks=DR),
    *each(
        "edge-standby@origin-failover-standby",
        STANDBY_NAME,
        ("a standby record of a load balancer outside the stack", "records", ["taskflow-production.elb.amazonaws.com"]),
        ("a standby record without values", "records", REMOVED),
        ("a standby record with a TTL of an hour", "ttl", 3600),
        ("a standby record without a TTL", "ttl", REMOVED),
        (
            "a standby record with an alias",
            "aliases",
            [{"name": BALANCER, "zoneId": "Z35SXDOTRQ7X7K", "evaluateTargetHealth": True}],
        ),
        *((f"a standby record with {key}", key, value) for key, value in ROUTING),
        stacks=DR,
    ),
)

# Wrong properties of a health check.
WRONG_REQUESTS = (
    ("over plain HTTP", "type", "HTTP"),
    ("without a type", "type", REMOVED),
    ("on port 80", "port", 80),
    ("without a port", "port", REMOVED),
    ("that is disabled", "disabled", True),
    ("without SNI", "enableSni", False),
    ("of an address", "ipAddress", "192.0.2.1"),
)

HEALTH_CHECKS = (
    *(
        mutation(f"no {check}", removes(f"HealthCheck {check}"), "edge-health-checks@", stacks=PRODUCTION)
        for check in ("origin-failover-health", *STANDBYS)
    ),
    *each(
        "edge-health-checks@",
        HEALTH,
        ("a health check of the origin's name", "fqdn", ORIGIN),
        ("a health check without a name", "fqdn", REMOVED),
        stacks=PRODUCTION,
    ),
    *each(
        "edge-health-checks@origin-failover-health",
        HEALTH,
        ("an inverted health check", "invertHealthcheck", True),
        ("a health check of the root path", "resourcePath", "/"),
        ("a health check without a path", "resourcePath", REMOVED),
        *((f"a health check {how}", path, value) for how, path, value in WRONG_REQUESTS),
        stacks=PRODUCTION,
    ),
    *(
        case
        for check in STANDBYS
        for case in (
            *each(
                "edge-health-checks@",
                f"HealthCheck {check}",
                (f"{check} of the origin's name", "fqdn", ORIGIN),
                (f"{check} without a name", "fqdn", REMOVED),
                (f"{check}, inverted", "invertHealthcheck", True),
                (f"{check} of the root path", "resourcePath", "/"),
                (f"{check} without a path", "resourcePath", REMOVED),
                stacks=PRODUCTION,
            ),
            *each(
                f"edge-health-checks@{check}",
                f"HealthCheck {check}",
                *((f"{check} {how}", path, value) for how, path, value in WRONG_REQUESTS),
                stacks=PRODUCTION,
            ),
        )
    ),
)

CHANGES = (
    *RECORDS,
    *ALIASES,
    *AUTHORITIES,
    *FAILOVER,
    *SWITCHES,
    *STANDBY_RECORDS,
    *HEALTH_CHECKS,
    *edge_web_acl_mutations.CHANGES,
)

"""One change for each thing about the domain's names and the origin's pair that a rule guards. Data only."""

from tests.policies.compliant.names import CHOICES, ORIGIN, RECORD, SIGNERS, STANDBY, ZONE, alias_of
from tests.policies.mutations import guard as guard_mutations
from tests.policies.mutations.database import DR, PRODUCTION, each
from tests.policies.mutations.mutation import Change, adds, removes, sets, told
from tests.policies.plan import REMOVED, Plan, Ref

WEB_A, API_AAAA, CAA = (f"Record edge-dns-{name}" for name in ("web-a", "api-aaaa", "caa"))
HALF, STANDBY_NAME = "Record origin-failover-origin", "Record origin-failover-standby"
SWITCH, HEALTH = "HealthCheck origin-failover-switch", "HealthCheck origin-failover-health"
STANDBYS = ("origin-failover-recovery-health", "origin-failover-recovery-active")
OTHERS = "d0123456789.cloudfront.net"
BALANCER = Ref(to="LoadBalancer origin", output="dnsName")

# What makes Route 53 choose between a record and others, beside the pair's own way.
CHOSEN = (
    *((choice, [dict[str, object]()]) for choice in CHOICES if choice.endswith("Policies")),
    *((choice, {"location": "-"}) for choice in CHOICES if choice.endswith("Policy")),
    ("multivalueAnswerRoutingPolicy", True),
    ("setIdentifier", "one"),
    ("healthCheckId", "0a1b2c3d-0000-4000-8000-000000000000"),
)


def _adds(name: str, host: str, kind: str, **more: object) -> Change:
    return adds(RECORD, name, zoneId=ZONE, name=host, type=kind, **more)


def _crossed(plan: Plan) -> None:
    """Each host's alias leads to the other's distribution."""
    plan.set(WEB_A, "aliases", [alias_of("api")])
    plan.set(API_AAAA, "aliases", [alias_of("web")])


KNOWN = (
    *(
        told(label, _adds("added", host, kind, ttl=60, records=["192.0.2.1"]), "edge-records@added")
        for label, host, kind in (
            ("a wildcard's record", "*.taskflow.app", "A"),
            ("a host of nobody's", "www.taskflow.app", "A"),
            ("a part of the domain that is somebody else's", "mail.taskflow.app", "NS"),
            ("a name without its domain", "www", "A"),
            ("another domain's record", "taskflow.app.example.com", "A"),
            ("another type under the domain", "origin.taskflow.app", "TXT"),
        )
    ),
    told(
        "a name for standing by in production",
        _adds("added", STANDBY, "CNAME", ttl=60, records=[BALANCER]),
        "edge-records@added",
        stacks=PRODUCTION,
    ),
    *(
        told(
            f"{host} from the stack that stands by",
            _adds("added", f"{host.upper()}.", "A", aliases=[{"name": OTHERS, "zoneId": ZONE}]),
            "edge-records@added",
            stacks=DR,
        )
        for host in ("taskflow.app", "api.taskflow.app")
    ),
)

ALIASES = (
    told("no IPv4 for the web application", removes(WEB_A), "edge-aliases@", stacks=PRODUCTION),
    told("no IPv6 for the API", removes(API_AAAA), "edge-aliases@", stacks=PRODUCTION),
    told(
        "an alias under another name",
        sets(WEB_A, "name", "www.taskflow.app"),
        "edge-records@edge-dns-web-a",
        "edge-aliases@",
        stacks=PRODUCTION,
    ),
    told("an alias of another type", sets(API_AAAA, "type", "A"), "edge-aliases@", stacks=PRODUCTION),
    told(
        "an alias of a wrong type",
        sets(API_AAAA, "type", "TXT"),
        "edge-records@edge-dns-api-aaaa",
        "edge-aliases@",
        stacks=PRODUCTION,
    ),
    told(
        "the two hosts crossed",
        _crossed,
        "edge-aliases@edge-dns-web-a",
        "edge-aliases@edge-dns-api-aaaa",
        stacks=PRODUCTION,
    ),
    *each(
        "edge-aliases@edge-dns-web-a",
        WEB_A,
        ("no alias", "aliases", REMOVED),
        ("an empty list of aliases", "aliases", []),
        ("an alias of two things", "aliases", [alias_of("web"), alias_of("api")]),
        ("somebody else's distribution", "aliases.0.name", OTHERS),
        ("an alias of nothing", "aliases.0.name", REMOVED),
        ("an alias in another zone", "aliases.0.zoneId", ZONE),
        ("an alias in no zone", "aliases.0.zoneId", REMOVED),
        ("an alias that asks for health", "aliases.0.evaluateTargetHealth", True),
        ("an alias without a word of health", "aliases.0.evaluateTargetHealth", REMOVED),
        *((f"an alias with {key}", key, value) for key, value in CHOSEN),
        stacks=PRODUCTION,
    ),
    told(
        "an alias of the load balancer",
        sets(WEB_A, "aliases", [{"name": BALANCER, "zoneId": "Z35SXDOTRQ7X7K", "evaluateTargetHealth": False}]),
        "edge-aliases@edge-dns-web-a",
        stacks=PRODUCTION,
    ),
)

WHO_SIGNS = (
    told("nobody who may sign", removes(CAA), "edge-caa@", stacks=PRODUCTION),
    told(
        "signers of another name",
        sets(CAA, "name", "api.taskflow.app"),
        "edge-records@edge-dns-caa",
        "edge-caa@",
        stacks=PRODUCTION,
    ),
    *each(
        "edge-caa@edge-dns-caa",
        CAA,
        ("another who signs", "records", [*SIGNERS, '0 issue "letsencrypt.org"']),
        ("another than Amazon who signs", "records.0", '0 issue "letsencrypt.org"'),
        ("nobody who signs", "records.0", '0 issue ";"'),
        ("no word of who signs", "records.0", REMOVED),
        ("Amazon for a wildcard", "records.1", '0 issuewild "amazon.com"'),
        ("another for a wildcard", "records", [*SIGNERS, '0 issuewild "letsencrypt.org"']),
        ("no word of wildcards", "records.1", REMOVED),
        ("a line that can't be read", "records.1", "issuewild"),
        ("a line about something else", "records", [*SIGNERS, '0 issuemail "example.com"']),
        ("no signers", "records", REMOVED),
        *((f"signers with {key}", key, value) for key, value in CHOSEN),
        stacks=PRODUCTION,
    ),
)

PAIR = (
    told("no half of the pair", removes(HALF), "edge-origin-pair@"),
    told(
        "the half of another name",
        sets(HALF, "name", "origin2.taskflow.app"),
        "edge-records@origin-failover-origin",
        "edge-origin-pair@",
    ),
    told(
        "a half of the pair by address",
        sets(HALF, "type", "A"),
        "edge-records@origin-failover-origin",
        "edge-origin-pair@",
    ),
    *each(
        "edge-origin-pair@origin-failover-origin",
        HALF,
        ("a name that is no pair", "failoverRoutingPolicies", REMOVED),
        ("a name that is a pair of nothing", "failoverRoutingPolicies", []),
        ("a half of no kind", "failoverRoutingPolicies.0.type", REMOVED),
        ("a half without a word of its own", "setIdentifier", REMOVED),
        ("a half that is kept for an hour", "ttl", 3600),
        ("a half that is kept for AWS's default", "ttl", REMOVED),
        ("somebody else's load balancer", "records", ["taskflow-other.elb.amazonaws.com"]),
        ("a second load balancer", "records", [BALANCER, "taskflow-other.elb.amazonaws.com"]),
        ("no load balancer", "records", REMOVED),
        ("an empty name for the load balancer", "records", [""]),
        (
            "a half that is an alias as well",
            "aliases",
            [{"name": BALANCER, "zoneId": "Z35SXDOTRQ7X7K", "evaluateTargetHealth": True}],
        ),
    ),
    *each(
        "edge-origin-pair@origin-failover-origin",
        HALF,
        ("the other half in production", "failoverRoutingPolicies.0.type", "SECONDARY"),
        ("no switch", "healthCheckId", REMOVED),
        ("somebody else's switch", "healthCheckId", "a4569007-a456-4000-8000-a4569007d3f0"),
        stacks=PRODUCTION,
    ),
    *each(
        "edge-origin-pair@origin-failover-origin",
        HALF,
        ("the other half in dr", "failoverRoutingPolicies.0.type", "PRIMARY"),
        ("a switch in dr", "healthCheckId", "0a1b2c3d-0000-4000-8000-000000000000"),
        stacks=DR,
    ),
)

SWITCHED = (
    # Then it is a plain check, on which there is no alarm either.
    *(
        told(
            label,
            sets(SWITCH, "invertHealthcheck", value),
            "edge-origin-switch@origin-failover-switch",
            "alerting-edge@origin-failover-switch",
            stacks=PRODUCTION,
        )
        for label, value in (("a switch that isn't inverted", False), ("no word of inverting the switch", REMOVED))
    ),
    *each(
        "edge-origin-switch@origin-failover-switch",
        SWITCH,
        ("a switch over plain HTTP", "type", "HTTP"),
        ("a switch of no kind", "type", REMOVED),
        ("a switch that looks for a text", "type", "HTTPS_STR_MATCH"),
        ("a switch of another port", "port", 8443),
        ("a switch of no port", "port", REMOVED),
        ("a switch of the origin itself", "fqdn", ORIGIN),
        ("a switch of nobody", "fqdn", REMOVED),
        ("a switch of an address", "ipAddress", "192.0.2.1"),
        ("a switch of health", "resourcePath", "/health"),
        ("a switch of any path", "resourcePath", REMOVED),
        ("a switch that is off", "disabled", True),
        ("a switch without the name that it asks for", "enableSni", False),
        stacks=PRODUCTION,
    ),
    told(
        "a switch that may be replaced",
        lambda plan: setattr(plan.resources[SWITCH], "protect", False),
        "edge-origin-switch@origin-failover-switch",
        stacks=PRODUCTION,
    ),
    told(
        "the health check of its own load balancer as the switch",
        sets(HALF, "healthCheckId", Ref(to=HEALTH)),
        "edge-origin-switch@origin-failover-health",
        stacks=PRODUCTION,
    ),
)

STANDING_BY = (
    told("no name for standing by", removes(STANDBY_NAME), "edge-standby@", stacks=DR),
    *each(
        "edge-standby@origin-failover-standby",
        STANDBY_NAME,
        ("somebody else who stands by", "records", ["taskflow-production.elb.amazonaws.com"]),
        ("nobody who stands by", "records", REMOVED),
        ("standing by for an hour", "ttl", 3600),
        ("standing by for AWS's default", "ttl", REMOVED),
        (
            "standing by as an alias as well",
            "aliases",
            [{"name": BALANCER, "zoneId": "Z35SXDOTRQ7X7K", "evaluateTargetHealth": True}],
        ),
        *((f"standing by with {key}", key, value) for key, value in CHOSEN),
        stacks=DR,
    ),
)

# How a health check asks, broken.
BADLY_ASKED = (
    ("over plain HTTP", "type", "HTTP"),
    ("over no protocol", "type", REMOVED),
    ("of port 80", "port", 80),
    ("of no port at all", "port", REMOVED),
    ("that is switched off", "disabled", True),
    ("without the name that it asks for", "enableSni", False),
    ("of an address", "ipAddress", "192.0.2.1"),
)

WATCHED = (
    *(
        told(f"no {check}", removes(f"HealthCheck {check}"), "edge-health-checks@", stacks=PRODUCTION)
        for check in ("origin-failover-health", *STANDBYS)
    ),
    *each(
        "edge-health-checks@",
        HEALTH,
        ("a health check of the origin's name", "fqdn", ORIGIN),
        ("a health check of nothing", "fqdn", REMOVED),
        stacks=PRODUCTION,
    ),
    *each(
        "edge-health-checks@origin-failover-health",
        HEALTH,
        ("an inverted health check", "invertHealthcheck", True),
        ("a health check of the first page", "resourcePath", "/"),
        ("a health check of no page", "resourcePath", REMOVED),
        *((f"a health check {how}", path, value) for how, path, value in BADLY_ASKED),
        stacks=PRODUCTION,
    ),
    *(
        mutation
        for check in STANDBYS
        for mutation in (
            *each(
                "edge-health-checks@",
                f"HealthCheck {check}",
                (f"{check} of the origin's name", "fqdn", ORIGIN),
                (f"{check} of nothing", "fqdn", REMOVED),
                (f"{check}, inverted", "invertHealthcheck", True),
                (f"{check} of the first page", "resourcePath", "/"),
                (f"{check} of no page", "resourcePath", REMOVED),
                stacks=PRODUCTION,
            ),
            *each(
                f"edge-health-checks@{check}",
                f"HealthCheck {check}",
                *((f"{check} {how}", path, value) for how, path, value in BADLY_ASKED),
                stacks=PRODUCTION,
            ),
        )
    ),
)

CHANGES = (*KNOWN, *ALIASES, *WHO_SIGNS, *PAIR, *SWITCHED, *STANDING_BY, *WATCHED, *guard_mutations.CHANGES)

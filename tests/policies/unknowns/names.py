"""What the edge's rules do with an unknown: guard, logs and names."""

from collections.abc import Callable

from tests.policies.compliant.edge import API, WEB
from tests.policies.compliant.names import BODY, EDGE_GEO, EDGE_RATE, RECORD, SIGNERS, STANDBY, ZONE
from tests.policies.compliant.names import DESTINATION as DESTINATION_TYPE
from tests.policies.mutations.guard import (
    ACL,
    DELIVERY,
    DESTINATION,
    POLICY,
    REGIONAL,
    SAMPLES,
    SIZE,
    SOURCE,
    STATUS,
    SUBSCRIPTION,
    encryption_by,
)
from tests.policies.mutations.names import CAA, CHOSEN, HALF, HEALTH, SWITCH, WEB_A
from tests.policies.plan import Plan, Ref
from tests.policies.unknowns.unknown_value import Doubt, doubt

TEXT = Ref(to="LogGroup flow-logs")


def _either(*keys: str) -> Ref:
    """A value made from each of these, so that nothing tells which one it is."""
    return Ref(to=keys[0], via=keys)


DISTRIBUTION = _either(WEB, API)
ACLS = _either(ACL, REGIONAL)
SOURCES = _either(SOURCE, "LogDeliverySource edge-logs-api")
BUCKETS = _either("Bucket edge-logs", "Bucket files")
KEYS = _either("Key keys-logs", "Key keys-data")
ENCRYPTION = "BucketServerSideEncryptionConfiguration edge-logs"
CHECKS = _either(SWITCH, HEALTH)


def _second_balancer(key: str, path: str) -> Callable[[Plan], object]:
    def change(plan: Plan) -> None:
        plan.add("aws:alb/loadBalancer:LoadBalancer", "second", None)
        plan.set(key, path, _either("LoadBalancer origin", "LoadBalancer second"))

    return change


def _second_destination(plan: Plan) -> None:
    to = {"destinationResourceArn": Ref(to="Bucket edge-logs", output="arn")}
    plan.add(DESTINATION_TYPE, "second", None, deliveryDestinationConfiguration=to)
    plan.set(DELIVERY, "deliveryDestinationArn", _either(DESTINATION, "LogDeliveryDestination second"))


def _in_dr(path: str, value: object) -> Callable[[Plan], object]:
    """The same stack as the one that stands by, with its name and something else in it."""

    def change(plan: Plan) -> None:
        plan.stack = "dr"
        balancer = Ref(to="LoadBalancer origin", output="dnsName")
        plan.add(RECORD, "standby", None, zoneId=ZONE, name=STANDBY, type="CNAME", ttl=60, records=[balancer])
        plan.set("Record standby", path, value)

    return change


def _two_certificates(plan: Plan) -> None:
    plan.set(WEB_A, "name", _either("Certificate edge-web", "Certificate edge-api"))


GUARD = (
    doubt("edge-guarded", WEB, "webAclId", ACLS),
    *(doubt("edge-guarded", ACL, path, TEXT) for path in ("scope", "name", "region")),
    *(
        doubt("edge-guard-rules", ACL, path, TEXT)
        for path in (
            "scope",
            "rules",
            "ruleJson",
            "defaultAction",
            "associationConfig",
            "associationConfig.requestBodies",
            "associationConfig.requestBodies.0",
            "associationConfig.requestBodies.0.cloudfront.defaultSizeInspectionLimit",
            SAMPLES,
            f"{EDGE_GEO}.statement.geoMatchStatement.countryCodes",
            f"{EDGE_RATE}.statement.rateBasedStatement.limit",
            f"{BODY}.{SAMPLES}",
            f"{BODY}.statement",
            f"{SIZE}.comparisonOperator",
            f"{SIZE}.size",
            f"{SIZE}.fieldToMatch",
            f"{SIZE}.fieldToMatch.body",
            f"{SIZE}.fieldToMatch.body.oversizeHandling",
            f"{SIZE}.textTransformations",
            f"{SIZE}.textTransformations.0.type",
            f"{BODY}.action",
        )
    ),
    doubt("origin-web-acl-rules", REGIONAL, SAMPLES, TEXT),
    doubt("origin-web-acl-logs", ACL, "scope", TEXT),
)

LOGS = (
    *(doubt("edge-log-delivery", key, "region", TEXT) for key in (SOURCE, DELIVERY, DESTINATION)),
    doubt("edge-log-delivery", SOURCE, "logType", TEXT),
    doubt("edge-log-delivery", DELIVERY, "recordFields", TEXT),
    doubt("edge-log-delivery", DELIVERY, "recordFields.0", TEXT),
    doubt("edge-access-logs", SOURCE, "resourceArn", DISTRIBUTION),
    doubt("edge-access-logs", DELIVERY, "deliverySourceName", SOURCES),
    Doubt(rule="edge-access-logs", place="edge-logs-web.deliveryDestinationArn", change=_second_destination),
    doubt(
        "edge-access-logs",
        DESTINATION,
        "deliveryDestinationConfiguration.destinationResourceArn",
        BUCKETS,
    ),
    doubt("edge-access-logs", "Bucket edge-logs", "bucket", TEXT),
    doubt("edge-log-bucket", POLICY, "policy", TEXT),
    doubt("edge-log-bucket", POLICY, "bucket", BUCKETS),
    doubt("edge-log-key", "Key keys-logs", "policy", TEXT),
    doubt("edge-log-key", ENCRYPTION, "rules", encryption_by(KEYS), "kmsMasterKeyId"),
    doubt("edge-log-key", ENCRYPTION, "rules", KEYS),
    doubt("edge-log-key", ENCRYPTION, "bucket", BUCKETS),
    doubt("edge-metrics", SUBSCRIPTION, "distributionId", DISTRIBUTION),
    doubt("edge-metrics", SUBSCRIPTION, STATUS, TEXT),
)

NAMES = (
    *(
        doubt(rule, WEB_A, "name", TEXT)
        for rule in ("edge-records", "edge-aliases", "edge-caa", "edge-origin-pair", "edge-origin-switch")
    ),
    Doubt(rule="edge-records", place="edge-dns-web-a.name", change=_two_certificates),
    doubt("edge-records", WEB_A, "type", TEXT),
    doubt("edge-aliases", WEB_A, "type", TEXT),
    doubt("edge-aliases", WEB_A, "aliases", TEXT),
    doubt("edge-aliases", WEB_A, "aliases.0.name", DISTRIBUTION),
    doubt("edge-aliases", WEB_A, "aliases.0.evaluateTargetHealth", TEXT),
    doubt("edge-aliases", WEB, "aliases", TEXT),
    doubt("edge-aliases", WEB, "aliases.0", TEXT),
    *(doubt("edge-aliases", WEB_A, key, TEXT) for key, _ in CHOSEN if key != "healthCheckId"),
    doubt("edge-aliases", WEB_A, "healthCheckId", CHECKS),
    doubt("edge-caa", CAA, "type", TEXT),
    doubt("edge-caa", CAA, "records", TEXT),
    doubt("edge-caa", CAA, "records", [*SIGNERS, TEXT], "edge-dns-caa.records.2"),
    doubt("edge-caa", CAA, "setIdentifier", TEXT),
)

PAIR = (
    doubt("edge-origin-pair", HALF, "type", TEXT),
    doubt("edge-origin-pair", HALF, "failoverRoutingPolicies", TEXT),
    doubt("edge-origin-pair", HALF, "failoverRoutingPolicies.0.type", TEXT),
    doubt("edge-origin-pair", HALF, "ttl", TEXT),
    doubt("edge-origin-pair", HALF, "aliases", TEXT),
    doubt("edge-origin-pair", HALF, "healthCheckId", CHECKS),
    doubt("edge-origin-pair", HALF, "records", TEXT),
    Doubt(
        rule="edge-origin-pair", place="origin-failover-origin.records.0", change=_second_balancer(HALF, "records.0")
    ),
    doubt("edge-origin-switch", HALF, "type", TEXT),
    doubt("edge-origin-switch", HALF, "healthCheckId", CHECKS),
    *(
        doubt("edge-origin-switch", SWITCH, key, TEXT)
        for key in (
            "type",
            "port",
            "fqdn",
            "resourcePath",
            "invertHealthcheck",
            "disabled",
            "enableSni",
            "ipAddress",
        )
    ),
    *(
        Doubt(rule="edge-standby", place=f"standby.{path}", change=_in_dr(path, TEXT))
        for path in ("name", "type", "ttl", "records", "aliases", "setIdentifier", "weightedRoutingPolicies")
    ),
    Doubt(rule="edge-standby", place="standby.healthCheckId", change=_in_dr("healthCheckId", CHECKS)),
    *(
        doubt("edge-health-checks", HEALTH, key, TEXT)
        for key in ("type", "port", "resourcePath", "invertHealthcheck", "disabled", "enableSni", "ipAddress")
    ),
    *(
        doubt("edge-health-checks", "HealthCheck origin-failover-recovery-active", key, TEXT)
        for key in ("type", "port", "fqdn", "resourcePath", "disabled", "enableSni", "ipAddress", "invertHealthcheck")
    ),
    Doubt(rule="edge-health-checks", place="origin-failover-health.fqdn", change=_second_balancer(HEALTH, "fqdn")),
)

DOUBTS: tuple[Doubt, ...] = (*GUARD, *LOGS, *NAMES, *PAIR)
NEVER_IN_DOUBT: set[str] = set()

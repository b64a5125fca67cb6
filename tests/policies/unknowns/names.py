"""Unknown values of CloudFront's web ACL and logs, DNS records and health checks. Data only."""

from collections.abc import Callable

from tests.policies.compliant.edge import API, WEB
from tests.policies.compliant.names import BODY, CAA_VALUES, EDGE_GEO, EDGE_RATE, RECORD, STANDBY, ZONE
from tests.policies.compliant.names import DESTINATION as DESTINATION_TYPE
from tests.policies.mutations.edge_web_acl import (
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
from tests.policies.mutations.records import CAA, HALF, HEALTH, ROUTING, SWITCH, WEB_A
from tests.policies.plan import Plan, Ref
from tests.policies.unknowns.unknown_value import UnknownValue, unknown_value

TEXT = Ref(to="LogGroup flow-logs")


def _either(*keys: str) -> Ref:
    """Return a value that depends on each of these, so that a preview can't resolve it."""
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
    """Turn the stack into dr with a standby record, and set one of its properties."""

    def change(plan: Plan) -> None:
        plan.stack = "dr"
        balancer = Ref(to="LoadBalancer origin", output="dnsName")
        plan.add(RECORD, "standby", None, zoneId=ZONE, name=STANDBY, type="CNAME", ttl=60, records=[balancer])
        plan.set("Record standby", path, value)

    return change


def _two_certificates(plan: Plan) -> None:
    plan.set(WEB_A, "name", _either("Certificate edge-web", "Certificate edge-api"))


WEB_ACL = (
    unknown_value("edge-web-acl", WEB, "webAclId", ACLS),
    *(unknown_value("edge-web-acl", ACL, path, TEXT) for path in ("scope", "name", "region")),
    *(
        unknown_value("edge-web-acl-rules", ACL, path, TEXT)
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
    unknown_value("origin-web-acl-rules", REGIONAL, SAMPLES, TEXT),
    unknown_value("origin-web-acl-logs", ACL, "scope", TEXT),
)

LOGS = (
    *(unknown_value("edge-log-delivery", key, "region", TEXT) for key in (SOURCE, DELIVERY, DESTINATION)),
    unknown_value("edge-log-delivery", SOURCE, "logType", TEXT),
    unknown_value("edge-log-delivery", DELIVERY, "recordFields", TEXT),
    unknown_value("edge-log-delivery", DELIVERY, "recordFields.0", TEXT),
    unknown_value("edge-access-logs", SOURCE, "resourceArn", DISTRIBUTION),
    unknown_value("edge-access-logs", DELIVERY, "deliverySourceName", SOURCES),
    UnknownValue(rule="edge-access-logs", place="edge-logs-web.deliveryDestinationArn", change=_second_destination),
    unknown_value(
        "edge-access-logs",
        DESTINATION,
        "deliveryDestinationConfiguration.destinationResourceArn",
        BUCKETS,
    ),
    unknown_value("edge-access-logs", "Bucket edge-logs", "bucket", TEXT),
    unknown_value("edge-log-bucket", POLICY, "policy", TEXT),
    unknown_value("edge-log-bucket", POLICY, "bucket", BUCKETS),
    unknown_value("edge-log-key", "Key keys-logs", "policy", TEXT),
    unknown_value("edge-log-key", ENCRYPTION, "rules", encryption_by(KEYS), "kmsMasterKeyId"),
    unknown_value("edge-log-key", ENCRYPTION, "rules", KEYS),
    unknown_value("edge-log-key", ENCRYPTION, "bucket", BUCKETS),
    unknown_value("edge-metrics", SUBSCRIPTION, "distributionId", DISTRIBUTION),
    unknown_value("edge-metrics", SUBSCRIPTION, STATUS, TEXT),
)

RECORDS = (
    *(
        unknown_value(rule, WEB_A, "name", TEXT)
        for rule in ("edge-records", "edge-aliases", "edge-caa", "edge-origin-pair", "edge-origin-switch")
    ),
    UnknownValue(rule="edge-records", place="edge-dns-web-a.name", change=_two_certificates),
    unknown_value("edge-records", WEB_A, "type", TEXT),
    unknown_value("edge-aliases", WEB_A, "type", TEXT),
    unknown_value("edge-aliases", WEB_A, "aliases", TEXT),
    unknown_value("edge-aliases", WEB_A, "aliases.0.name", DISTRIBUTION),
    unknown_value("edge-aliases", WEB_A, "aliases.0.evaluateTargetHealth", TEXT),
    unknown_value("edge-aliases", WEB, "aliases", TEXT),
    unknown_value("edge-aliases", WEB, "aliases.0", TEXT),
    *(unknown_value("edge-aliases", WEB_A, key, TEXT) for key, _ in ROUTING if key != "healthCheckId"),
    unknown_value("edge-aliases", WEB_A, "healthCheckId", CHECKS),
    unknown_value("edge-caa", CAA, "type", TEXT),
    unknown_value("edge-caa", CAA, "records", TEXT),
    unknown_value("edge-caa", CAA, "records", [*CAA_VALUES, TEXT], "edge-dns-caa.records.2"),
    unknown_value("edge-caa", CAA, "setIdentifier", TEXT),
)

FAILOVER = (
    unknown_value("edge-origin-pair", HALF, "type", TEXT),
    unknown_value("edge-origin-pair", HALF, "failoverRoutingPolicies", TEXT),
    unknown_value("edge-origin-pair", HALF, "failoverRoutingPolicies.0.type", TEXT),
    unknown_value("edge-origin-pair", HALF, "ttl", TEXT),
    unknown_value("edge-origin-pair", HALF, "aliases", TEXT),
    unknown_value("edge-origin-pair", HALF, "healthCheckId", CHECKS),
    unknown_value("edge-origin-pair", HALF, "records", TEXT),
    UnknownValue(
        rule="edge-origin-pair", place="origin-failover-origin.records.0", change=_second_balancer(HALF, "records.0")
    ),
    unknown_value("edge-origin-switch", HALF, "type", TEXT),
    unknown_value("edge-origin-switch", HALF, "healthCheckId", CHECKS),
    *(
        unknown_value("edge-origin-switch", SWITCH, key, TEXT)
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
        UnknownValue(rule="edge-standby", place=f"standby.{path}", change=_in_dr(path, TEXT))
        for path in ("name", "type", "ttl", "records", "aliases", "setIdentifier", "weightedRoutingPolicies")
    ),
    UnknownValue(rule="edge-standby", place="standby.healthCheckId", change=_in_dr("healthCheckId", CHECKS)),
    *(
        unknown_value("edge-health-checks", HEALTH, key, TEXT)
        for key in ("type", "port", "resourcePath", "invertHealthcheck", "disabled", "enableSni", "ipAddress")
    ),
    *(
        unknown_value("edge-health-checks", "HealthCheck origin-failover-recovery-latch", key, TEXT)
        for key in ("type", "port", "fqdn", "resourcePath", "disabled", "enableSni", "ipAddress", "invertHealthcheck")
    ),
    UnknownValue(
        rule="edge-health-checks", place="origin-failover-health.fqdn", change=_second_balancer(HEALTH, "fqdn")
    ),
)

UNKNOWNS: tuple[UnknownValue, ...] = (*WEB_ACL, *LOGS, *RECORDS, *FAILOVER)
NEVER_UNKNOWN: set[str] = set()

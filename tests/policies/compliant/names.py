"""The compliant guard, logs and names of the edge as plain data. No rule is used here."""

from collections.abc import Mapping

from tests.policies.compliant.access import document
from tests.policies.compliant.data import ACCOUNT, key, policy_statements
from tests.policies.compliant.edge import HOSTS
from tests.policies.compliant.origin import (
    LATCH,
    LOG_GROUP,
    WAF_LOGGING,
    WEB_ACL,
    choice,
    firewall_rule,
    firewall_rules,
    kept,
)
from tests.policies.compliant.storage import BUCKET, encryption, ending, of_bucket, part, tls_only
from tests.policies.plan import Plan, Ref

RECORD = "aws:route53/record:Record"
HEALTH_CHECK = "aws:route53/healthCheck:HealthCheck"
SOURCE = "aws:cloudwatch/logDeliverySource:LogDeliverySource"
DELIVERY = "aws:cloudwatch/logDelivery:LogDelivery"
DESTINATION = "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination"
SUBSCRIPTION = "aws:cloudfront/monitoringSubscription:MonitoringSubscription"

ZONE = "Z0123456789"
ORIGIN, STANDBY = "origin.taskflow.app", "standby.taskflow.app"
FIELDS = ("date", "time", "c-ip", "cs-method", "cs(Host)", "cs-uri-stem", "sc-status")
LOG_BUCKET = f"taskflow-production-edge-logs-{ACCOUNT}"
SIGNERS = ('0 issue "amazon.com"', '0 issuewild ";"')

# All but "multivalueAnswerRoutingPolicy", which is a truth value, are lists or objects.
CHOICES = (
    "failoverRoutingPolicies",
    "weightedRoutingPolicies",
    "latencyRoutingPolicies",
    "geolocationRoutingPolicies",
    "geoproximityRoutingPolicy",
    "cidrRoutingPolicy",
)

# Where the rules of the edge's web ACL stand in its list.
EDGE_GEO, EDGE_RATE, BODY, EDGE_COMMON, EDGE_INPUTS, EDGE_SQL = (f"rules.{index}" for index in range(6))


def add_names(plan: Plan) -> None:
    """Add production's web ACL of the edge, logs and names, and each stack's half of the origin's name."""
    if plan.stack != "dr":
        _guard(plan)
        _log_bucket(plan)
        _logs(plan)
        _names(plan)
    _pair(plan)


def edge_rules() -> list[dict[str, object]]:
    """The document's rules as CloudFront's web ACL has them: for all requests, and with a bound of the body."""
    geo = {"geoMatchStatement": {"countryCodes": ["KP", "IR"]}}
    rate = {"rateBasedStatement": {"limit": 2000, "evaluationWindowSec": 300, "aggregateKeyType": "IP"}}
    return [
        firewall_rule("GeoBlockRule", 10, geo, action=choice("block")),
        firewall_rule("RateLimitRule", 20, rate, action=choice("block")),
        firewall_rule("BodyLimitRule", 25, larger(), action=choice("block")),
        *firewall_rules()[2:],
    ]


def larger(**changed: object) -> dict[str, object]:
    """The statement that a body is too large, with something else in it; None takes it out."""
    whole: dict[str, object] = {
        "comparisonOperator": "GT",
        "size": 65536,
        "fieldToMatch": {"body": {"oversizeHandling": "MATCH"}},
        "textTransformations": [{"priority": 0, "type": "NONE"}],
    }
    return {"sizeConstraintStatement": {name: value for name, value in {**whole, **changed}.items() if value}}


def reading(limit: str) -> dict[str, object]:
    """How much of a body WAF is told to read."""
    return {"requestBodies": [{"cloudfront": {"defaultSizeInspectionLimit": limit}}]}


def _guard(plan: Plan) -> None:
    name = "taskflow-production-acl"
    acl = plan.add(
        WEB_ACL,
        "edge-web-acl",
        None,
        name=name,
        scope="CLOUDFRONT",
        defaultAction=choice("allow"),
        associationConfig=reading("KB_64"),
        visibilityConfig={"cloudwatchMetricsEnabled": True, "metricName": name, "sampledRequestsEnabled": False},
        rules=edge_rules(),
    )
    acl.computed = {"arn": f"arn:aws:wafv2:us-east-1:{ACCOUNT}:global/webacl/{name}"}
    logs = "aws-waf-logs-taskflow-production-edge"
    group = plan.add(LOG_GROUP, "edge-web-acl", None, name=logs, retentionInDays=90, kmsKeyId=key("logs"))
    group.protect = True
    group.computed = {"arn": f"arn:aws:logs:::log-group:{logs}"}
    plan.add(
        WAF_LOGGING,
        "edge-web-acl",
        None,
        resourceArn=Ref(to=acl.key, output="arn"),
        logDestinationConfigs=[Ref(to=group.key, output="arn")],
        redactedFields=[{"singleHeader": {"name": header}} for header in ("authorization", "cookie")],
        loggingFilter=kept("BLOCK", "COUNT"),
    )


def writing(**changed: object) -> str:
    """The policy of the bucket for access logs, with something else in the statement that lets them in."""
    whole: dict[str, object] = {
        "Sid": "Delivery",
        "Effect": "Allow",
        "Principal": {"Service": "delivery.logs.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{LOG_BUCKET}/AWSLogs/{ACCOUNT}/CloudFront/*",
        "Condition": sent_by(),
    }
    statement = {name: value for name, value in {**whole, **changed}.items() if value is not None}
    return document(tls_only("s3", *of_bucket(LOG_BUCKET)), statement)


def sent_by(
    account: str = ACCOUNT, source: str = f"arn:aws:logs:us-east-1:{ACCOUNT}:delivery-source:*"
) -> dict[str, object]:
    """For whom CloudWatch has to bring logs."""
    return {"StringEquals": {"aws:SourceAccount": account}, "ArnLike": {"aws:SourceArn": source}}


def using(**changed: object) -> str:
    """The policy of the key for logs, with something else in the statement that lets access logs use it."""
    whole: dict[str, object] = {
        "Sid": "Deliveries",
        "Effect": "Allow",
        "Principal": {"Service": "delivery.logs.amazonaws.com"},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
        "Condition": sent_by(),
    }
    statement = {name: value for name, value in {**whole, **changed}.items() if value is not None}
    return document(*policy_statements("logs"), statement)


def _log_bucket(plan: Plan) -> None:
    plan.set("Key keys-logs", "policy", using())
    name = "edge-logs"
    bucket = plan.add(BUCKET, name, None, bucket=LOG_BUCKET, forceDestroy=False)
    bucket.protect = True
    bucket.computed = {"arn": f"arn:aws:s3:::{LOG_BUCKET}"}
    own = {"bucket": Ref(to=bucket.key)}
    blocks = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    plan.add(part("PublicAccessBlock"), name, None, **own, **dict.fromkeys(blocks, True))
    plan.add(part("OwnershipControls"), name, None, **own, rule={"objectOwnership": "BucketOwnerEnforced"})
    plan.add(part("ServerSideEncryptionConfiguration"), name, None, **own, rules=encryption("logs"))
    plan.add(part("Versioning"), name, None, **own, versioningConfiguration={"status": "Enabled"})
    plan.add(part("LifecycleConfiguration"), name, None, **own, rules=ending(is_logs=True))
    plan.add(part("Policy"), name, None, **own, policy=writing())


def _logs(plan: Plan) -> None:
    arn = f"arn:aws:logs:us-east-1:{ACCOUNT}"
    to = {"destinationResourceArn": Ref(to="Bucket edge-logs", output="arn")}
    destination = plan.add(
        DESTINATION,
        "edge-logs",
        None,
        name="taskflow-production-edge",
        deliveryDestinationConfiguration=to,
        outputFormat="json",
    )
    destination.computed = {"arn": f"{arn}:delivery-destination:taskflow-production-edge"}
    for purpose in HOSTS:
        of = Ref(to=f"Distribution edge-{purpose}", output="arn")
        name = f"taskflow-production-{purpose}"
        source = plan.add(SOURCE, f"edge-logs-{purpose}", None, name=name, logType="ACCESS_LOGS", resourceArn=of)
        source.computed = {"arn": f"{arn}:delivery-source:{name}"}
        plan.add(
            DELIVERY,
            f"edge-logs-{purpose}",
            None,
            # The provider gives back what it was given, so a preview knows it.
            deliverySourceName=name,
            deliveryDestinationArn=Ref(to=destination.key, output="arn"),
            recordFields=list(FIELDS),
            s3DeliveryConfigurations=[{"suffixPath": "{DistributionId}/{yyyy}/{MM}/{dd}"}],
        )
        metrics = {"realtimeMetricsSubscriptionConfig": {"realtimeMetricsSubscriptionStatus": "Enabled"}}
        distribution = Ref(to=f"Distribution edge-{purpose}")
        plan.add(SUBSCRIPTION, f"edge-{purpose}", None, distributionId=distribution, monitoringSubscription=metrics)


def _names(plan: Plan) -> None:
    for purpose, host in HOSTS.items():
        for kind in ("A", "AAAA"):
            _record(plan, f"edge-dns-{purpose}-{kind.lower()}", host, kind, aliases=[alias_of(purpose)])
    _record(plan, "edge-dns-caa", HOSTS["web"], "CAA", ttl=3600, records=list(SIGNERS))


def alias_of(purpose: str) -> dict[str, object]:
    """An alias of one of the distributions."""
    distribution = f"Distribution edge-{purpose}"
    name, zone = (Ref(to=distribution, output=output) for output in ("domainName", "hostedZoneId"))
    return {"name": name, "zoneId": zone, "evaluateTargetHealth": False}


def _pair(plan: Plan) -> None:
    balancer = Ref(to="LoadBalancer origin", output="dnsName")
    own: dict[str, object] = {"ttl": 60, "records": [balancer]}
    half, more = "SECONDARY", dict[str, object]()
    if plan.stack == "dr":
        _record(plan, "origin-failover-standby", STANDBY, "CNAME", **own)
    else:
        _check(plan, "origin-failover-switch", STANDBY, LATCH, invertHealthcheck=True)
        plan.resources["HealthCheck origin-failover-switch"].protect = True
        half, more = "PRIMARY", {"healthCheckId": Ref(to="HealthCheck origin-failover-switch")}
        _check(plan, "origin-failover-health", balancer, "/health")
        _check(plan, "origin-failover-recovery-health", STANDBY, "/health")
        _check(plan, "origin-failover-recovery-active", STANDBY, LATCH)
    policies = [{"type": half}]
    more |= {"setIdentifier": half.lower(), "failoverRoutingPolicies": policies}
    _record(plan, "origin-failover-origin", ORIGIN, "CNAME", **own, **more)


def _record(plan: Plan, name: str, host: str, kind: str, **more: object) -> None:
    record = plan.add(RECORD, name, None, zoneId=ZONE, name=host, type=kind, **more)
    # What isn't there is shown as empty in an `up`.
    unset = dict[str, object].fromkeys((*CHOICES, "aliases", "records"), list[object]())
    texts = dict.fromkeys(("healthCheckId", "setIdentifier"), "")
    record.computed = {"fqdn": host, **unset, **texts, "multivalueAnswerRoutingPolicy": False}


def _check(plan: Plan, name: str, host: object, path: str, **more: object) -> None:
    asks: Mapping[str, object] = {"type": "HTTPS", "port": 443, "fqdn": host, "resourcePath": path, "enableSni": True}
    check = plan.add(HEALTH_CHECK, name, None, **asks, requestInterval=10, failureThreshold=3, **more)
    unset = {"invertHealthcheck": False, "disabled": False, "ipAddress": "", "searchString": ""}
    check.computed = {"arn": f"arn:aws:route53:::healthcheck/{name}", **unset}

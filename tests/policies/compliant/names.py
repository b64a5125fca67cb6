"""Plan the compliant web ACL and logs of CloudFront, the DNS records and the health checks."""

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
    log_filter,
    web_acl_rule,
    web_acl_rules,
)
from tests.policies.compliant.storage import (
    BUCKET,
    bucket_arns,
    bucket_part,
    encryption_rules,
    lifecycle_rules,
    tls_only,
)
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
CAA_VALUES = ('0 issue "amazon.com"', '0 issuewild ";"')

# All but multivalueAnswerRoutingPolicy, which is a boolean.
ROUTING_POLICIES = (
    "failoverRoutingPolicies",
    "weightedRoutingPolicies",
    "latencyRoutingPolicies",
    "geolocationRoutingPolicies",
    "geoproximityRoutingPolicy",
    "cidrRoutingPolicy",
)

# Paths of the rules of CloudFront's web ACL.
EDGE_GEO, EDGE_RATE, BODY, EDGE_COMMON, EDGE_INPUTS, EDGE_SQL = (f"rules.{index}" for index in range(6))


def add_names(plan: Plan) -> None:
    """Add CloudFront's web ACL, logs and DNS records to production, and each stack's half of the failover records."""
    if plan.stack != "dr":
        _web_acl(plan)
        _log_bucket(plan)
        _logs(plan)
        _records(plan)
    _failover(plan)


def edge_rules() -> list[dict[str, object]]:
    """Return the rules of CloudFront's web ACL: for all requests, and with a body limit."""
    geo = {"geoMatchStatement": {"countryCodes": ["KP", "IR"]}}
    rate = {"rateBasedStatement": {"limit": 2000, "evaluationWindowSec": 300, "aggregateKeyType": "IP"}}
    return [
        web_acl_rule("GeoBlockRule", 10, geo, action=choice("block")),
        web_acl_rule("RateLimitRule", 20, rate, action=choice("block")),
        web_acl_rule("BodyLimitRule", 25, body_limit(), action=choice("block")),
        *web_acl_rules()[2:],
    ]


def body_limit(**changed: object) -> dict[str, object]:
    """Return the body limit's statement with changed properties; None removes one."""
    whole: dict[str, object] = {
        "comparisonOperator": "GT",
        "size": 65536,
        "fieldToMatch": {"body": {"oversizeHandling": "MATCH"}},
        "textTransformations": [{"priority": 0, "type": "NONE"}],
    }
    return {"sizeConstraintStatement": {name: value for name, value in {**whole, **changed}.items() if value}}


def body_inspection(limit: str) -> dict[str, object]:
    """Return the setting of how much of a body WAF inspects."""
    return {"requestBodies": [{"cloudfront": {"defaultSizeInspectionLimit": limit}}]}


def _web_acl(plan: Plan) -> None:
    name = "taskflow-production-acl"
    acl = plan.add(
        WEB_ACL,
        "edge-web-acl",
        None,
        name=name,
        scope="CLOUDFRONT",
        defaultAction=choice("allow"),
        associationConfig=body_inspection("KB_64"),
        visibilityConfig={
            "cloudwatchMetricsEnabled": True,
            "metricName": f"{name}-requests",
            "sampledRequestsEnabled": False,
        },
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
        loggingFilter=log_filter("BLOCK", "COUNT"),
    )


def log_bucket_policy(**changed: object) -> str:
    """Return the log bucket's policy with changed elements in the statement for log delivery."""
    whole: dict[str, object] = {
        "Sid": "Delivery",
        "Effect": "Allow",
        "Principal": {"Service": "delivery.logs.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{LOG_BUCKET}/AWSLogs/{ACCOUNT}/CloudFront/*",
        "Condition": delivery_conditions(),
    }
    statement = {name: value for name, value in {**whole, **changed}.items() if value is not None}
    return document(tls_only("s3", *bucket_arns(LOG_BUCKET)), statement)


def delivery_conditions(
    account: str = ACCOUNT, source: str = f"arn:aws:logs:us-east-1:{ACCOUNT}:delivery-source:*"
) -> dict[str, object]:
    """Return the conditions for log delivery: an account and a source."""
    return {"StringEquals": {"aws:SourceAccount": account}, "ArnLike": {"aws:SourceArn": source}}


def log_key_policy(**changed: object) -> str:
    """Return the policy of the key for logs with changed elements in the statement for log delivery."""
    whole: dict[str, object] = {
        "Sid": "Deliveries",
        "Effect": "Allow",
        "Principal": {"Service": "delivery.logs.amazonaws.com"},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
        "Condition": delivery_conditions(),
    }
    statement = {name: value for name, value in {**whole, **changed}.items() if value is not None}
    return document(*policy_statements("logs"), statement)


def _log_bucket(plan: Plan) -> None:
    plan.set("Key keys-logs", "policy", log_key_policy())
    name = "edge-logs"
    bucket = plan.add(BUCKET, name, None, bucket=LOG_BUCKET, forceDestroy=False)
    bucket.protect = True
    bucket.computed = {"arn": f"arn:aws:s3:::{LOG_BUCKET}"}
    bucket_input = {"bucket": Ref(to=bucket.key)}
    blocks = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    plan.add(bucket_part("PublicAccessBlock"), name, None, **bucket_input, **dict.fromkeys(blocks, True))
    plan.add(
        bucket_part("OwnershipControls"), name, None, **bucket_input, rule={"objectOwnership": "BucketOwnerEnforced"}
    )
    plan.add(
        bucket_part("ServerSideEncryptionConfiguration"), name, None, **bucket_input, rules=encryption_rules("logs")
    )
    plan.add(bucket_part("Versioning"), name, None, **bucket_input, versioningConfiguration={"status": "Enabled"})
    plan.add(bucket_part("LifecycleConfiguration"), name, None, **bucket_input, rules=lifecycle_rules(is_logs=True))
    plan.add(bucket_part("Policy"), name, None, **bucket_input, policy=log_bucket_policy())


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
            # The provider returns this input as an output, so a preview knows it.
            deliverySourceName=name,
            deliveryDestinationArn=Ref(to=destination.key, output="arn"),
            recordFields=list(FIELDS),
            s3DeliveryConfigurations=[{"suffixPath": "{DistributionId}/{yyyy}/{MM}/{dd}"}],
        )
        metrics = {"realtimeMetricsSubscriptionConfig": {"realtimeMetricsSubscriptionStatus": "Enabled"}}
        distribution = Ref(to=f"Distribution edge-{purpose}")
        plan.add(SUBSCRIPTION, f"edge-{purpose}", None, distributionId=distribution, monitoringSubscription=metrics)


def _records(plan: Plan) -> None:
    for purpose, host in HOSTS.items():
        for kind in ("A", "AAAA"):
            _record(plan, f"edge-dns-{purpose}-{kind.lower()}", host, kind, aliases=[alias_of(purpose)])
    _record(plan, "edge-dns-caa", HOSTS["web"], "CAA", ttl=3600, records=list(CAA_VALUES))


def alias_of(purpose: str) -> dict[str, object]:
    """Return an alias of a distribution."""
    distribution = f"Distribution edge-{purpose}"
    name, zone = (Ref(to=distribution, output=output) for output in ("domainName", "hostedZoneId"))
    return {"name": name, "zoneId": zone, "evaluateTargetHealth": False}


def _failover(plan: Plan) -> None:
    balancer = Ref(to="LoadBalancer origin", output="dnsName")
    target: dict[str, object] = {"ttl": 60, "records": [balancer]}
    half, more = "SECONDARY", dict[str, object]()
    if plan.stack == "dr":
        _record(plan, "origin-failover-standby", STANDBY, "CNAME", **target)
    else:
        _check(plan, "origin-failover-switch", STANDBY, LATCH, invertHealthcheck=True)
        plan.resources["HealthCheck origin-failover-switch"].protect = True
        half, more = "PRIMARY", {"healthCheckId": Ref(to="HealthCheck origin-failover-switch")}
        _check(plan, "origin-failover-health", balancer, "/health")
        _check(plan, "origin-failover-recovery-health", STANDBY, "/health")
        _check(plan, "origin-failover-recovery-latch", STANDBY, LATCH)
    policies = [{"type": half}]
    more |= {"setIdentifier": half.lower(), "failoverRoutingPolicies": policies}
    _record(plan, "origin-failover-origin", ORIGIN, "CNAME", **target, **more)


def _record(plan: Plan, name: str, host: str, kind: str, **more: object) -> None:
    record = plan.add(RECORD, name, None, zoneId=ZONE, name=host, type=kind, **more)
    # AWS returns empty values for unset properties.
    unset = dict[str, object].fromkeys((*ROUTING_POLICIES, "aliases", "records"), list[object]())
    texts = dict.fromkeys(("healthCheckId", "setIdentifier"), "")
    record.computed = {"fqdn": host, **unset, **texts, "multivalueAnswerRoutingPolicy": False}


def _check(plan: Plan, name: str, host: object, path: str, **more: object) -> None:
    request: Mapping[str, object] = {
        "type": "HTTPS",
        "port": 443,
        "fqdn": host,
        "resourcePath": path,
        "enableSni": True,
    }
    check = plan.add(HEALTH_CHECK, name, None, **request, requestInterval=10, failureThreshold=3, **more)
    unset = {"invertHealthcheck": False, "disabled": False, "ipAddress": "", "searchString": ""}
    check.computed = {"arn": f"arn:aws:route53:::healthcheck/{name}", **unset}

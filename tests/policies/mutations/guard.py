"""One change for each thing about the edge's web ACL, its logs and its metrics that a rule guards. Data only."""

from tests.policies.compliant.access import document
from tests.policies.compliant.data import policy_statements
from tests.policies.compliant.edge import API, WEB
from tests.policies.compliant.names import (
    BODY,
    EDGE_COMMON,
    EDGE_GEO,
    EDGE_RATE,
    EDGE_SQL,
    FIELDS,
    LOG_BUCKET,
    edge_rules,
    larger,
    reading,
    sent_by,
    using,
    writing,
)
from tests.policies.compliant.origin import choice, firewall_rule, without_header
from tests.policies.mutations.database import PRODUCTION, each
from tests.policies.mutations.mutation import Mutation, removes, sets, told
from tests.policies.mutations.web_acls import logged_otherwise
from tests.policies.plan import REMOVED, Ref

ACL, LOGGING = "WebAcl edge-web-acl", "WebAclLoggingConfiguration edge-web-acl"
REGIONAL, REGIONAL_LOGGING = "WebAcl origin", "WebAclLoggingConfiguration origin"
SOURCE, DELIVERY = "LogDeliverySource edge-logs-web", "LogDelivery edge-logs-web"
DESTINATION = "LogDeliveryDestination edge-logs"
POLICY, SUBSCRIPTION = "BucketPolicy edge-logs", "MonitoringSubscription edge-api"
BUCKET = f"arn:aws:s3:::{LOG_BUCKET}"
ELSEWHERE = "arn:aws:wafv2:us-east-1:987654321098:global/webacl/somebody/elses"
RULES = "edge-guard-rules@edge-web-acl"
SIZE = f"{BODY}.statement.sizeConstraintStatement"
STATUS = "monitoringSubscription.realtimeMetricsSubscriptionConfig.realtimeMetricsSubscriptionStatus"
SAMPLES = "visibilityConfig.sampledRequestsEnabled"


def encryption_by(key: object) -> list[dict[str, object]]:
    """The rules of a bucket's encryption, by any key."""
    by_default = {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": key}
    return [{"applyServerSideEncryptionByDefault": by_default, "bucketKeyEnabled": True}]


def _acl(*cases: tuple[str, str, object]) -> tuple[Mutation, ...]:
    return each(RULES, ACL, *cases, stacks=PRODUCTION)


GUARDED = (
    *each(
        "edge-guarded@edge-web",
        WEB,
        ("a distribution without a web ACL", "webAclId", REMOVED),
        ("a distribution behind somebody else's web ACL", "webAclId", ELSEWHERE),
        stacks=PRODUCTION,
    ),
    told(
        "a distribution behind the load balancer's web ACL",
        sets(API, "webAclId", Ref(to=REGIONAL, output="arn")),
        "edge-guarded@edge-api",
        stacks=PRODUCTION,
    ),
    *(
        told(label, sets(ACL, path, value), "edge-guarded@edge-web", "edge-guarded@edge-api", stacks=PRODUCTION)
        for label, path, value in (
            ("a web ACL of another name at the edge", "name", "taskflow-production-edge"),
            ("a web ACL of no name at the edge", "name", REMOVED),
            ("a web ACL of the edge in another region", "region", "us-west-2"),
        )
    ),
    *(
        told(
            label,
            sets(ACL, "scope", value),
            "edge-guarded@edge-web",
            "edge-guarded@edge-api",
            # The load balancer's has other rules, and what it writes down has the origin's secret in it.
            "origin-web-acl-rules@edge-web-acl",
            "origin-web-acl-logs@edge-web-acl",
            stacks=PRODUCTION,
        )
        for label, value in (("a web ACL of the edge for a region", "REGIONAL"), ("a web ACL for nothing", REMOVED))
    ),
)

RULES_OF_ACL = (
    *_acl(
        ("an edge without rules", "rules", REMOVED),
        ("an edge with an empty list of rules", "rules", []),
        ("an edge with rules as a text", "ruleJson", "[]"),
        ("an edge that blocks everything", "defaultAction", choice("block")),
        *((f"no rule {index} at the edge", f"rules.{index}", REMOVED) for index in range(6)),
        ("an edge rule that counts by country", f"{EDGE_GEO}.action", choice("count")),
        ("one country at the edge", f"{EDGE_GEO}.statement.geoMatchStatement.countryCodes", ["IR"]),
        (
            "some requests by country at the edge",
            f"{EDGE_GEO}.statement",
            {"andStatement": {"statements": [{"geoMatchStatement": {"countryCodes": ["KP", "IR"]}}, without_header()]}},
        ),
        ("too many requests at the edge", f"{EDGE_RATE}.statement.rateBasedStatement.limit", 2001),
        (
            "some requests counted at the edge",
            f"{EDGE_RATE}.statement.rateBasedStatement.scopeDownStatement",
            without_header(),
        ),
        ("a rate after the managed groups of the edge", f"{EDGE_RATE}.priority", 99),
        ("a managed group of the edge that counts", f"{EDGE_SQL}.overrideAction", choice("count")),
        (
            "a counted rule of a managed group of the edge",
            f"{EDGE_COMMON}.statement.managedRuleGroupStatement.ruleActionOverrides.0.name",
            "CrossSiteScripting_BODY",
        ),
        ("an edge without metrics", "visibilityConfig.cloudwatchMetricsEnabled", False),
        ("one metric of two rules of the edge", f"{BODY}.visibilityConfig.metricName", "RateLimitRule"),
        ("samples of the edge's requests", SAMPLES, True),
        *((f"samples of the edge's rule {index}", f"rules.{index}.{SAMPLES}", True) for index in range(6)),
        (
            "a rule that lets requests pass by the edge's others",
            "rules",
            [firewall_rule("First", 1, larger(), action=choice("allow")), *edge_rules()],
        ),
    ),
    *_acl(
        *(
            (f"a bound of the body that {what}", f"{BODY}.action", action)
            for what, action in (("counts", choice("count")), ("does nothing", REMOVED))
        ),
        ("a bound of the smaller bodies", f"{SIZE}.comparisonOperator", "LT"),
        ("a bound of bodies by no comparison", f"{SIZE}.comparisonOperator", REMOVED),
        ("a bound of 64 KB and a byte", f"{SIZE}.size", 65537),
        ("a bound of no size", f"{SIZE}.size", REMOVED),
        ("a bound of the path", f"{SIZE}.fieldToMatch", choice("uriPath")),
        ("a bound of nothing", f"{SIZE}.fieldToMatch", REMOVED),
        ("a bound that larger bodies pass by", f"{SIZE}.fieldToMatch.body.oversizeHandling", "NO_MATCH"),
        ("a bound with no word of larger bodies", f"{SIZE}.fieldToMatch", choice("body")),
        ("a bound of a changed body", f"{SIZE}.textTransformations.0.type", "COMPRESS_WHITE_SPACE"),
        ("a bound of some bodies", f"{BODY}.statement", {"andStatement": {"statements": [larger(), without_header()]}}),
        ("a body that is read for 48 KB", "associationConfig", reading("KB_48")),
        ("a body that is read in part", "associationConfig.requestBodies.0.cloudfront", REMOVED),
        ("a body that is read for AWS's default", "associationConfig", REMOVED),
    ),
    *each(
        "origin-web-acl-rules@origin",
        REGIONAL,
        ("samples of the load balancer's requests", SAMPLES, True),
        *((f"samples of the load balancer's rule {index}", f"rules.{index}.{SAMPLES}", True) for index in range(5)),
    ),
)

FIREWALL_LOGS = (
    told(
        "a web ACL of the edge without logs",
        removes(LOGGING),
        "origin-web-acl-logs@edge-web-acl",
        stacks=PRODUCTION,
    ),
    *each(
        "origin-web-acl-logs@edge-web-acl",
        LOGGING,
        *((f"a log of the edge with what field {index} holds", f"redactedFields.{index}", REMOVED) for index in (0, 1)),
        ("whole requests in the edge's log", "redactedFields", REMOVED),
        *logged_otherwise("the edge's log"),
        ("a log of the edge among others", "logDestinationConfigs", [Ref(to="LogGroup flow-logs", output="arn")]),
        stacks=PRODUCTION,
    ),
    *each(
        "origin-web-acl-logs@origin",
        REGIONAL_LOGGING,
        (
            "a log of the load balancer's as the edge has it",
            "redactedFields",
            [{"singleHeader": {"name": name}} for name in ("authorization", "cookie")],
        ),
    ),
)

ACCESS_LOGS = (
    told(
        "a distribution without access logs",
        removes(SOURCE, DELIVERY),
        "edge-access-logs@edge-web",
        stacks=PRODUCTION,
    ),
    told("access logs of nobody's", removes(DELIVERY), "edge-access-logs@edge-logs-web", stacks=PRODUCTION),
    told(
        "access logs to nowhere",
        removes(DESTINATION),
        "edge-access-logs@edge-logs-web",
        "edge-access-logs@edge-logs-api",
        stacks=PRODUCTION,
    ),
    *each(
        "edge-access-logs@edge-web",
        SOURCE,
        ("access logs of somebody else's", "resourceArn", "arn:aws:cloudfront::987654321098:distribution/EOTHER"),
        ("access logs of nothing", "resourceArn", REMOVED),
        ("access logs of the other distribution twice", "resourceArn", Ref(to=API, output="arn")),
        stacks=PRODUCTION,
    ),
    *each(
        "edge-access-logs@edge-logs-web",
        DELIVERY,
        ("a delivery of somebody else's logs", "deliverySourceName", "taskflow-production-other"),
        ("a delivery of nothing", "deliverySourceName", REMOVED),
        ("a delivery of the other's logs", "deliverySourceName", "taskflow-production-api"),
        ("a delivery elsewhere", "deliveryDestinationArn", "arn:aws:logs:us-east-1:1:delivery-destination:other"),
        ("a delivery to nowhere", "deliveryDestinationArn", REMOVED),
        stacks=PRODUCTION,
    ),
    *each(
        "edge-access-logs@edge-logs",
        DESTINATION,
        *(
            (label, "deliveryDestinationConfiguration", {"destinationResourceArn": to})
            for label, to in (
                ("access logs among the files", Ref(to="Bucket files", output="arn")),
                ("access logs in somebody else's bucket", "arn:aws:s3:::somebody-elses"),
                ("access logs in the load balancer's bucket", Ref(to="Bucket origin-logs", output="arn")),
            )
        ),
        ("access logs in no bucket", "deliveryDestinationConfiguration", REMOVED),
        stacks=PRODUCTION,
    ),
    *(
        told(f"access logs by a {kind} elsewhere", sets(key, "region", "us-west-2"), blamed, stacks=PRODUCTION)
        for kind, key, blamed in (
            ("source", SOURCE, "edge-log-delivery@edge-logs-web"),
            ("delivery", DELIVERY, "edge-log-delivery@edge-logs-web"),
            ("destination", DESTINATION, "edge-log-delivery@edge-logs"),
        )
    ),
    *each(
        "edge-log-delivery@edge-logs-web",
        SOURCE,
        ("another kind of logs", "logType", "TRACES"),
        ("no kind of logs", "logType", REMOVED),
        stacks=PRODUCTION,
    ),
    *each(
        "edge-log-delivery@edge-logs-web",
        DELIVERY,
        *(
            (f"{field} in the access logs", "recordFields", [*FIELDS, field])
            for field in ("cs(Cookie)", "cs-uri-query", "cs(Referer)")
        ),
        ("AWS's fields in the access logs", "recordFields", REMOVED),
        ("no field in the access logs", "recordFields", []),
        stacks=PRODUCTION,
    ),
    *each(
        "edge-log-bucket@edge-logs",
        POLICY,
        *(
            (label, "policy", writing(**changed))
            for label, changed in (
                ("nobody who may bring access logs", {"Principal": {"Service": "cloudtrail.amazonaws.com"}}),
                (
                    "access logs of another region",
                    {"Condition": sent_by(source="arn:aws:logs:us-west-2:987654321098:*")},
                ),
                ("access logs from any place", {"Condition": {"StringEquals": {"aws:SourceAccount": "987654321098"}}}),
                ("access logs in another folder", {"Resource": f"{BUCKET}/logs/*"}),
                ("access logs of another account's folder", {"Resource": f"{BUCKET}/AWSLogs/1/CloudFront/*"}),
                ("access logs that may be read", {"Action": ["s3:PutObject", "s3:GetObject"]}),
                ("access logs that may be anything", {"Action": None, "NotAction": "s3:GetObject"}),
                ("access logs in any bucket", {"Resource": "*"}),
            )
        ),
        stacks=PRODUCTION,
    ),
    told(
        "access logs of the delivery sources of any account",
        sets(POLICY, "policy", writing(Condition={"ArnLike": sent_by()["ArnLike"]})),
        "edge-log-bucket@edge-logs",
        stacks=PRODUCTION,
    ),
    *each(
        "storage-bucket-encrypted@edge-logs",
        "BucketServerSideEncryptionConfiguration edge-logs",
        (
            "access logs under S3's own key",
            "rules",
            [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}],
        ),
        stacks=PRODUCTION,
    ),
)

KEYS = (
    *each(
        "edge-log-key@keys-logs",
        "Key keys-logs",
        ("a key that access logs can't use", "policy", document(*policy_statements("logs"))),
        *(
            (label, "policy", using(**changed))
            for label, changed in (
                ("a key for another service's logs", {"Principal": {"Service": "cloudtrail.amazonaws.com"}}),
                ("a key that access logs can't be written under", {"Action": "kms:Decrypt"}),
                ("a key for access logs that are denied", {"Effect": "Deny"}),
                (
                    "a key for access logs of another region",
                    {"Condition": sent_by(source="arn:aws:logs:us-west-2:987654321098:delivery-source:*")},
                ),
            )
        ),
        stacks=PRODUCTION,
    ),
    told(
        "access logs under somebody else's key",
        sets("BucketServerSideEncryptionConfiguration edge-logs", "rules", encryption_by("arn:aws:kms:::key/other")),
        "edge-log-key@edge-logs",
        stacks=PRODUCTION,
    ),
)

METRICS = (
    told("a distribution that isn't measured", removes(SUBSCRIPTION), "edge-metrics@edge-api", stacks=PRODUCTION),
    *each(
        "edge-metrics@edge-api",
        SUBSCRIPTION,
        ("metrics of somebody else's distribution", "distributionId", "EOTHER"),
        ("metrics of no distribution", "distributionId", REMOVED),
        ("metrics that are off", STATUS, "Disabled"),
        ("no word of metrics of a distribution", STATUS, REMOVED),
        stacks=PRODUCTION,
    ),
)

CHANGES = (*GUARDED, *RULES_OF_ACL, *FIREWALL_LOGS, *ACCESS_LOGS, *KEYS, *METRICS)

"""Mutations of CloudFront's web ACL, logs and metrics: one for each property that a rule judges. Data only."""

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
    body_inspection,
    body_limit,
    delivery_conditions,
    edge_rules,
    log_bucket_policy,
    log_key_policy,
)
from tests.policies.compliant.origin import choice, web_acl_rule, without_header
from tests.policies.mutations.database import PRODUCTION, each
from tests.policies.mutations.mutation import Mutation, mutation, removes, sets
from tests.policies.mutations.web_acls import log_filter_changes
from tests.policies.plan import REMOVED, Ref

ACL, LOGGING = "WebAcl edge-web-acl", "WebAclLoggingConfiguration edge-web-acl"
REGIONAL, REGIONAL_LOGGING = "WebAcl origin", "WebAclLoggingConfiguration origin"
SOURCE, DELIVERY = "LogDeliverySource edge-logs-web", "LogDelivery edge-logs-web"
DESTINATION = "LogDeliveryDestination edge-logs"
POLICY, SUBSCRIPTION = "BucketPolicy edge-logs", "MonitoringSubscription edge-api"
BUCKET = f"arn:aws:s3:::{LOG_BUCKET}"
ELSEWHERE = "arn:aws:wafv2:us-east-1:987654321098:global/webacl/other/0"
RULES = "edge-web-acl-rules@edge-web-acl"
SIZE = f"{BODY}.statement.sizeConstraintStatement"
STATUS = "monitoringSubscription.realtimeMetricsSubscriptionConfig.realtimeMetricsSubscriptionStatus"
SAMPLES = "visibilityConfig.sampledRequestsEnabled"


def encryption_by(key: object) -> list[dict[str, object]]:
    """Return the rules of a bucket's encryption with any key."""
    by_default = {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": key}
    return [{"applyServerSideEncryptionByDefault": by_default, "bucketKeyEnabled": True}]


def _acl(*cases: tuple[str, str, object]) -> tuple[Mutation, ...]:
    return each(RULES, ACL, *cases, stacks=PRODUCTION)


ASSOCIATED = (
    *each(
        "edge-web-acl@edge-web",
        WEB,
        ("a distribution without a web ACL", "webAclId", REMOVED),
        ("a distribution with a web ACL outside the stack", "webAclId", ELSEWHERE),
        stacks=PRODUCTION,
    ),
    mutation(
        "a distribution with the load balancer's web ACL",
        sets(API, "webAclId", Ref(to=REGIONAL, output="arn")),
        "edge-web-acl@edge-api",
        stacks=PRODUCTION,
    ),
    *(
        mutation(label, sets(ACL, path, value), "edge-web-acl@edge-web", "edge-web-acl@edge-api", stacks=PRODUCTION)
        for label, path, value in (
            ("CloudFront's web ACL with another name", "name", "taskflow-production-edge"),
            ("CloudFront's web ACL without a name", "name", REMOVED),
            ("CloudFront's web ACL in another region", "region", "us-west-2"),
        )
    ),
    *(
        mutation(
            label,
            sets(ACL, "scope", value),
            "edge-web-acl@edge-web",
            "edge-web-acl@edge-api",
            # A regional web ACL has other rules, and its logs have to redact the origin's secret.
            "origin-web-acl-rules@edge-web-acl",
            "origin-web-acl-logs@edge-web-acl",
            stacks=PRODUCTION,
        )
        for label, value in (
            ("CloudFront's web ACL with the scope REGIONAL", "REGIONAL"),
            ("CloudFront's web ACL without a scope", REMOVED),
        )
    ),
)

ACL_RULES = (
    *_acl(
        ("CloudFront's web ACL without rules", "rules", REMOVED),
        ("CloudFront's web ACL with an empty list of rules", "rules", []),
        ("CloudFront's web ACL with ruleJson", "ruleJson", "[]"),
        ("CloudFront's web ACL that blocks by default", "defaultAction", choice("block")),
        *((f"CloudFront's web ACL without rule {index}", f"rules.{index}", REMOVED) for index in range(6)),
        ("CloudFront's geo rule that counts", f"{EDGE_GEO}.action", choice("count")),
        ("CloudFront's geo rule with one country", f"{EDGE_GEO}.statement.geoMatchStatement.countryCodes", ["IR"]),
        (
            "CloudFront's geo rule for some requests",
            f"{EDGE_GEO}.statement",
            {"andStatement": {"statements": [{"geoMatchStatement": {"countryCodes": ["KP", "IR"]}}, without_header()]}},
        ),
        ("CloudFront's rate rule with a higher limit", f"{EDGE_RATE}.statement.rateBasedStatement.limit", 2001),
        (
            "CloudFront's rate rule for some requests",
            f"{EDGE_RATE}.statement.rateBasedStatement.scopeDownStatement",
            without_header(),
        ),
        ("CloudFront's rate rule after the managed groups", f"{EDGE_RATE}.priority", 99),
        ("CloudFront's managed group that counts", f"{EDGE_SQL}.overrideAction", choice("count")),
        (
            "CloudFront's managed group with a rule that counts",
            f"{EDGE_COMMON}.statement.managedRuleGroupStatement.ruleActionOverrides.0.name",
            "CrossSiteScripting_BODY",
        ),
        ("CloudFront's web ACL without metrics", "visibilityConfig.cloudwatchMetricsEnabled", False),
        ("two of CloudFront's rules with one metric", f"{BODY}.visibilityConfig.metricName", "RateLimitRule"),
        ("sampled requests of CloudFront's web ACL", SAMPLES, True),
        *((f"sampled requests of CloudFront's rule {index}", f"rules.{index}.{SAMPLES}", True) for index in range(6)),
        (
            "a rule that allows before CloudFront's others",
            "rules",
            [web_acl_rule("First", 1, body_limit(), action=choice("allow")), *edge_rules()],
        ),
    ),
    *_acl(
        *(
            (f"a body limit that {what}", f"{BODY}.action", action)
            for what, action in (("counts", choice("count")), ("does nothing", REMOVED))
        ),
        ("a body limit for smaller bodies", f"{SIZE}.comparisonOperator", "LT"),
        ("a body limit without comparison", f"{SIZE}.comparisonOperator", REMOVED),
        ("a body limit of 64 KB and a byte", f"{SIZE}.size", 65537),
        ("a body limit without size", f"{SIZE}.size", REMOVED),
        ("a body limit on the path", f"{SIZE}.fieldToMatch", choice("uriPath")),
        ("a body limit on no field", f"{SIZE}.fieldToMatch", REMOVED),
        ("a body limit without oversize match", f"{SIZE}.fieldToMatch.body.oversizeHandling", "NO_MATCH"),
        ("a body limit with oversizeHandling unset", f"{SIZE}.fieldToMatch", choice("body")),
        ("a body limit on a transformed body", f"{SIZE}.textTransformations.0.type", "COMPRESS_WHITE_SPACE"),
        (
            "a body limit for some requests",
            f"{BODY}.statement",
            {"andStatement": {"statements": [body_limit(), without_header()]}},
        ),
        ("body inspection of 48 KB", "associationConfig", body_inspection("KB_48")),
        ("body inspection without a limit", "associationConfig.requestBodies.0.cloudfront", REMOVED),
        ("body inspection of AWS's default size", "associationConfig", REMOVED),
    ),
    *each(
        "origin-web-acl-rules@origin",
        REGIONAL,
        ("sampled requests of the load balancer's web ACL", SAMPLES, True),
        *(
            (f"sampled requests of the load balancer's rule {index}", f"rules.{index}.{SAMPLES}", True)
            for index in range(5)
        ),
    ),
)

ACL_LOGS = (
    mutation(
        "CloudFront's web ACL without logs",
        removes(LOGGING),
        "origin-web-acl-logs@edge-web-acl",
        stacks=PRODUCTION,
    ),
    *each(
        "origin-web-acl-logs@edge-web-acl",
        LOGGING,
        *(
            (f"redacted field {index} missing in CloudFront's web ACL logs", f"redactedFields.{index}", REMOVED)
            for index in (0, 1)
        ),
        ("no redacted fields in CloudFront's web ACL logs", "redactedFields", REMOVED),
        *log_filter_changes("CloudFront's web ACL logs"),
        (
            "CloudFront's web ACL logs in another log group",
            "logDestinationConfigs",
            [Ref(to="LogGroup flow-logs", output="arn")],
        ),
        stacks=PRODUCTION,
    ),
    *each(
        "origin-web-acl-logs@origin",
        REGIONAL_LOGGING,
        (
            "CloudFront's redacted fields in the load balancer's web ACL logs",
            "redactedFields",
            [{"singleHeader": {"name": name}} for name in ("authorization", "cookie")],
        ),
    ),
)

ACCESS_LOGS = (
    mutation(
        "a distribution without access logs",
        removes(SOURCE, DELIVERY),
        "edge-access-logs@edge-web",
        stacks=PRODUCTION,
    ),
    mutation("access logs without a delivery", removes(DELIVERY), "edge-access-logs@edge-logs-web", stacks=PRODUCTION),
    mutation(
        "access logs without a destination",
        removes(DESTINATION),
        "edge-access-logs@edge-logs-web",
        "edge-access-logs@edge-logs-api",
        stacks=PRODUCTION,
    ),
    *each(
        "edge-access-logs@edge-web",
        SOURCE,
        (
            "access logs of a distribution outside the stack",
            "resourceArn",
            "arn:aws:cloudfront::987654321098:distribution/EOTHER",
        ),
        ("access logs of no distribution", "resourceArn", REMOVED),
        ("access logs of the other distribution twice", "resourceArn", Ref(to=API, output="arn")),
        stacks=PRODUCTION,
    ),
    *each(
        "edge-access-logs@edge-logs-web",
        DELIVERY,
        ("a delivery of a source outside the stack", "deliverySourceName", "taskflow-production-other"),
        ("a delivery without a source", "deliverySourceName", REMOVED),
        ("a delivery of the other source", "deliverySourceName", "taskflow-production-api"),
        (
            "a delivery to a destination outside the stack",
            "deliveryDestinationArn",
            "arn:aws:logs:us-east-1:1:delivery-destination:other",
        ),
        ("a delivery without a destination", "deliveryDestinationArn", REMOVED),
        stacks=PRODUCTION,
    ),
    *each(
        "edge-access-logs@edge-logs",
        DESTINATION,
        *(
            (label, "deliveryDestinationConfiguration", {"destinationResourceArn": to})
            for label, to in (
                ("access logs in the bucket for files", Ref(to="Bucket files", output="arn")),
                ("access logs in a bucket outside the stack", "arn:aws:s3:::other"),
                ("access logs in the load balancer's bucket", Ref(to="Bucket origin-logs", output="arn")),
            )
        ),
        ("access logs in no bucket", "deliveryDestinationConfiguration", REMOVED),
        stacks=PRODUCTION,
    ),
    *(
        mutation(
            f"a log delivery {kind} in another region", sets(key, "region", "us-west-2"), reported, stacks=PRODUCTION
        )
        for kind, key, reported in (
            ("source", SOURCE, "edge-log-delivery@edge-logs-web"),
            ("delivery", DELIVERY, "edge-log-delivery@edge-logs-web"),
            ("destination", DESTINATION, "edge-log-delivery@edge-logs"),
        )
    ),
    *each(
        "edge-log-delivery@edge-logs-web",
        SOURCE,
        ("another kind of logs", "logType", "TRACES"),
        ("logType unset", "logType", REMOVED),
        stacks=PRODUCTION,
    ),
    *each(
        "edge-log-delivery@edge-logs-web",
        DELIVERY,
        *(
            (f"{field} in the access logs", "recordFields", [*FIELDS, field])
            for field in ("cs(Cookie)", "cs-uri-query", "cs(Referer)")
        ),
        ("recordFields unset", "recordFields", REMOVED),
        ("recordFields empty", "recordFields", []),
        stacks=PRODUCTION,
    ),
    *each(
        "edge-log-bucket@edge-logs",
        POLICY,
        *(
            (label, "policy", log_bucket_policy(**changed))
            for label, changed in (
                ("a log bucket for another service", {"Principal": {"Service": "cloudtrail.amazonaws.com"}}),
                (
                    "access logs of another region",
                    {"Condition": delivery_conditions(source="arn:aws:logs:us-west-2:987654321098:*")},
                ),
                (
                    "access logs from any source of the account",
                    {"Condition": {"StringEquals": {"aws:SourceAccount": "987654321098"}}},
                ),
                ("access logs in another folder", {"Resource": f"{BUCKET}/logs/*"}),
                ("access logs in another account's folder", {"Resource": f"{BUCKET}/AWSLogs/1/CloudFront/*"}),
                ("permission to read access logs", {"Action": ["s3:PutObject", "s3:GetObject"]}),
                ("all actions but one on access logs", {"Action": None, "NotAction": "s3:GetObject"}),
                ("access logs in any bucket", {"Resource": "*"}),
            )
        ),
        stacks=PRODUCTION,
    ),
    mutation(
        "access logs of the delivery sources of any account",
        sets(POLICY, "policy", log_bucket_policy(Condition={"ArnLike": delivery_conditions()["ArnLike"]})),
        "edge-log-bucket@edge-logs",
        stacks=PRODUCTION,
    ),
    *each(
        "storage-bucket-encrypted@edge-logs",
        "BucketServerSideEncryptionConfiguration edge-logs",
        (
            "access logs under S3's key",
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
        ("a key without permission for access logs", "policy", document(*policy_statements("logs"))),
        *(
            (label, "policy", log_key_policy(**changed))
            for label, changed in (
                ("a key for another service's logs", {"Principal": {"Service": "cloudtrail.amazonaws.com"}}),
                ("a key with which access logs can't be encrypted", {"Action": "kms:Decrypt"}),
                ("a key that denies access logs", {"Effect": "Deny"}),
                (
                    "a key for access logs of another region",
                    {"Condition": delivery_conditions(source="arn:aws:logs:us-west-2:987654321098:delivery-source:*")},
                ),
            )
        ),
        stacks=PRODUCTION,
    ),
    mutation(
        "access logs under a key outside the stack",
        sets("BucketServerSideEncryptionConfiguration edge-logs", "rules", encryption_by("arn:aws:kms:::key/other")),
        "edge-log-key@edge-logs",
        "encryption-keys-own@edge-logs",
        stacks=PRODUCTION,
    ),
)

METRICS = (
    mutation("a distribution without metrics", removes(SUBSCRIPTION), "edge-metrics@edge-api", stacks=PRODUCTION),
    *each(
        "edge-metrics@edge-api",
        SUBSCRIPTION,
        ("metrics of a distribution outside the stack", "distributionId", "EOTHER"),
        ("metrics of no distribution", "distributionId", REMOVED),
        ("metrics that are off", STATUS, "Disabled"),
        ("metrics status unset", STATUS, REMOVED),
        stacks=PRODUCTION,
    ),
)

CHANGES = (*ASSOCIATED, *ACL_RULES, *ACL_LOGS, *ACCESS_LOGS, *KEYS, *METRICS)

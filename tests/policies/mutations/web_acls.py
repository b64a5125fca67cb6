"""Mutations of the load balancer's web ACL: one for each property that a rule judges. Data only."""

from collections.abc import Iterator

from tests.policies.compliant.origin import (
    COMMON,
    GEO,
    HEADER,
    INPUTS,
    RATE,
    SECRETS,
    SQL,
    byte_match,
    choice,
    log_filter,
    managed_group,
    web_acl_rule,
    web_acl_rules,
    without_header,
)
from tests.policies.mutations.database import each
from tests.policies.mutations.mutation import adds, mutation, removes, sets
from tests.policies.plan import REMOVED, Ref

WEB_ACL = "WebAcl origin"
ASSOCIATION = "WebAclAssociation origin"
LOGGING = "WebAclLoggingConfiguration origin"
ELSEWHERE = "arn:aws:wafv2:us-east-1:987654321098:regional/webacl/other/0"
RULES = "origin-web-acl-rules@origin"


def log_filter_changes(where: str) -> Iterator[tuple[str, str, object]]:
    """Return every part of a log filter, changed or removed: label, path and value."""
    only = "loggingFilter.filters.0"
    yield f"all requests in {where}", "loggingFilter", REMOVED
    yield f"no request in {where}", "loggingFilter.filters", []
    yield f"unmatched requests in {where}", "loggingFilter.defaultBehavior", "KEEP"
    yield f"matched requests dropped from {where}", f"{only}.behavior", "DROP"
    yield f"requests with all actions in {where}", f"{only}.requirement", "MEETS_ALL"
    yield f"blocked requests only in {where}", "loggingFilter", log_filter("BLOCK")
    yield f"allowed requests in {where}", "loggingFilter", log_filter("BLOCK", "COUNT", "ALLOW")
    labelled = {"labelNameCondition": {"labelName": "awswaf:managed:x"}}
    yield f"requests by label in {where}", f"{only}.conditions.1", labelled


GEO_PARTS = f"{GEO}.statement.andStatement.statements"
RATES = f"{RATE}.statement.rateBasedStatement"
GROUP = f"{COMMON}.statement.managedRuleGroupStatement"
FIELD = f"{RATES}.scopeDownStatement.notStatement.statement"
MATCH = f"{FIELD}.orStatement.statements.1.byteMatchStatement"
COUNTED = f"{GROUP}.ruleActionOverrides"
METRIC = "visibilityConfig.metricName"
METRICS = "visibilityConfig.cloudwatchMetricsEnabled"

PATH = choice("uriPath")
COOKIES = {"singleHeader": {"name": "cookie"}}
ON_PATH = {"byteMatchStatement": {"searchString": "a", "fieldToMatch": PATH, "positionalConstraint": "EXACTLY"}}


def _with(**rule: object) -> list[dict[str, object]]:
    """Return the document's rules with another rule before them."""
    size = {"sizeConstraintStatement": {"comparisonOperator": "GT", "size": 8192, "fieldToMatch": choice("body")}}
    return [web_acl_rule("Another", 1, size) | rule, *web_acl_rules()]


ASSOCIATED = (
    mutation("a load balancer without a web ACL", removes(ASSOCIATION), "origin-web-acl@origin"),
    *each(
        "origin-web-acl@origin",
        ASSOCIATION,
        ("a web ACL of another resource", "resourceArn", ELSEWHERE),
        ("an association without a resource", "resourceArn", REMOVED),
        ("a web ACL outside the stack", "webAclArn", ELSEWHERE),
        ("an association without a web ACL", "webAclArn", REMOVED),
    ),
    mutation(
        "a web ACL for CloudFront",
        sets(WEB_ACL, "scope", "CLOUDFRONT"),
        "origin-web-acl@origin",
        # A web ACL of CloudFront has other rules.
        "edge-web-acl-rules@origin",
        "alerting-edge@origin",
    ),
)

ACL_RULES = (
    *each(
        RULES,
        WEB_ACL,
        ("no rules", "rules", REMOVED),
        ("an empty list of rules", "rules", []),
        ("ruleJson instead of rules", "ruleJson", "[]"),
        ("a web ACL that blocks by default", "defaultAction", choice("block")),
        ("a web ACL without a default action", "defaultAction", REMOVED),
        *((f"no rule {index}", f"rules.{index}", REMOVED) for index in range(5)),
        ("a rule that allows before the others", "rules", _with(action=choice("allow"))),
        (
            "a rule group of this account",
            "rules",
            _with(statement={"ruleGroupReferenceStatement": {"arn": "arn:a"}}, overrideAction=choice("none")),
        ),
        (
            "another vendor's rule group",
            "rules",
            _with(
                statement={"managedRuleGroupStatement": {"vendorName": "F5", "name": "A"}},
                overrideAction=choice("none"),
            ),
        ),
        ("the rate rule after a managed group", f"{RATE}.priority", 35),
        ("the geo rule last", f"{GEO}.priority", 60),
        ("a managed group first", f"{SQL}.priority", 1),
        ("a rule without a priority", f"{INPUTS}.priority", REMOVED),
        ("no metrics", METRICS, False),
        ("metrics unset", METRICS, REMOVED),
        ("metric name unset", METRIC, REMOVED),
        *((f"rule {index} without metrics", f"rules.{index}.{METRICS}", False) for index in range(5)),
        ("a rule with another rule's metric", f"{SQL}.{METRIC}", "RateLimitRule"),
        ("a rule without a metric name", f"{SQL}.{METRIC}", REMOVED),
        ("a rule without visibilityConfig", f"{INPUTS}.visibilityConfig", REMOVED),
    ),
    mutation(
        "a rule added outside the web ACL",
        adds("aws:wafv2/webAclRule:WebAclRule", "added"),
        "origin-web-acl-rules@added",
    ),
    mutation(
        "a rule group added outside the web ACL",
        adds("aws:wafv2/webAclRuleGroupAssociation:WebAclRuleGroupAssociation", "added"),
        "origin-web-acl-rules@added",
    ),
)

OWN_RULES = each(
    RULES,
    WEB_ACL,
    *(
        (f"a {name} rule that {what}", f"{rule}.action", value)
        for name, rule in (("geo", GEO), ("rate", RATE))
        for what, value in (("counts", choice("count")), ("allows", choice("allow")), ("has no action", REMOVED))
    ),
    ("a geo rule with one country", f"{GEO_PARTS}.0.geoMatchStatement.countryCodes", ["KP"]),
    ("a geo rule without countries", f"{GEO_PARTS}.0.geoMatchStatement.countryCodes", REMOVED),
    ("a geo rule by a forwarded address", f"{GEO_PARTS}.0.geoMatchStatement.forwardedIpConfig", {"headerName": "a"}),
    (
        "a geo rule for CloudFront's requests too",
        f"{GEO}.statement",
        {"geoMatchStatement": {"countryCodes": ["KP", "IR"]}},
    ),
    (
        "a geo rule for requests with the header",
        f"{GEO_PARTS}.1",
        {"orStatement": {"statements": [byte_match(SECRETS[0])]}},
    ),
    (
        "a geo rule with two further conditions",
        f"{GEO_PARTS}.1",
        {"andStatement": {"statements": [without_header(), ON_PATH]}},
    ),
    ("a geo rule on one path", f"{GEO_PARTS}.1", ON_PATH),
    ("a higher rate limit", f"{RATES}.limit", 2001),
    ("no rate limit", f"{RATES}.limit", REMOVED),
    ("the rate limit for a minute", f"{RATES}.evaluationWindowSec", 60),
    ("a rate rule by a forwarded address", f"{RATES}.aggregateKeyType", "FORWARDED_IP"),
    ("a rate rule by custom keys", f"{RATES}.aggregateKeyType", "CUSTOM_KEYS"),
    ("a rate rule for CloudFront's requests too", f"{RATES}.scopeDownStatement", REMOVED),
    ("a rate rule on one path", f"{RATES}.scopeDownStatement", ON_PATH),
    ("a rate rule for CloudFront's requests alone", f"{RATES}.scopeDownStatement", byte_match(SECRETS[0])),
    ("a rate rule that excludes by another header", f"{MATCH}.fieldToMatch", COOKIES),
    ("a rate rule that excludes by path", f"{MATCH}.fieldToMatch", PATH),
    ("a rate rule that excludes by a part of the header", f"{MATCH}.positionalConstraint", "CONTAINS"),
    ("a rate rule that excludes without a comparison", f"{MATCH}.positionalConstraint", REMOVED),
    ("a rate rule that excludes an empty value", f"{MATCH}.searchString", ""),
    (
        "a rate rule that excludes by a transformed header",
        f"{MATCH}.textTransformations",
        [{"priority": 0, "type": "LOWERCASE"}],
    ),
    ("a rate rule that excludes no values", f"{FIELD}.orStatement.statements", []),
    ("a rate rule with an empty exclusion", FIELD, REMOVED),
)

MANAGED = each(
    RULES,
    WEB_ACL,
    *(
        (f"{name} that {what}", f"{rule}.overrideAction", value)
        for name, rule in (("common rules", COMMON), ("bad inputs", INPUTS), ("SQL", SQL))
        for what, value in (("count", choice("count")), ("have no action", REMOVED))
    ),
    ("another vendor's rules of that name", f"{GROUP}.vendorName", "Fortinet"),
    ("a managed group without a vendor", f"{GROUP}.vendorName", REMOVED),
    ("another managed group", f"{GROUP}.name", "AWSManagedRulesAmazonIpReputationList"),
    ("a managed group without a name", f"{GROUP}.name", REMOVED),
    ("common rules for some requests", f"{GROUP}.scopeDownStatement", ON_PATH),
    ("common rules for requests without the header", f"{GROUP}.scopeDownStatement", without_header()),
    ("common rules with an excluded rule", f"{GROUP}.excludedRules", [{"name": "NoUserAgent_HEADER"}]),
    ("another common rule that counts", f"{COUNTED}.0.name", "CrossSiteScripting_BODY"),
    ("a count override without a name", f"{COUNTED}.0.name", REMOVED),
    ("the size rule that allows", f"{COUNTED}.0.actionToUse", choice("allow")),
    ("the size rule without an action", f"{COUNTED}.0.actionToUse", REMOVED),
    (
        "a rule of another group that counts",
        f"{SQL}.statement",
        managed_group(
            "AWSManagedRulesSQLiRuleSet",
            ruleActionOverrides=[{"name": "SizeRestrictions_BODY", "actionToUse": choice("count")}],
        ),
    ),
)

LOGS = (
    mutation("a web ACL without logs", removes(LOGGING), "origin-web-acl-logs@origin"),
    *each(
        "origin-web-acl-logs@origin",
        LOGGING,
        ("logs of a web ACL outside the stack", "resourceArn", ELSEWHERE),
        ("logs of no web ACL", "resourceArn", REMOVED),
        ("logs to a bucket outside the stack", "logDestinationConfigs", ["arn:aws:s3:::aws-waf-logs-other"]),
        (
            "logs to a bucket outside the stack too",
            "logDestinationConfigs",
            [Ref(to="LogGroup origin-web-acl", output="arn"), "arn:aws:s3:::aws-waf-logs-other"],
        ),
        ("logs without a destination", "logDestinationConfigs", REMOVED),
        ("logs in another log group", "logDestinationConfigs", [Ref(to="LogGroup flow-logs", output="arn")]),
        ("no redacted fields", "redactedFields", REMOVED),
        *((f"redacted field {index} missing", f"redactedFields.{index}", REMOVED) for index in range(3)),
        ("another redacted header", "redactedFields.2.singleHeader.name", f"{HEADER}-2"),
        *log_filter_changes("the logs"),
    ),
    *each(
        "origin-web-acl-logs@origin",
        "LogGroup origin-web-acl",
        ("a log group name that AWS rejects", "name", "/taskflow/origin-web-acl"),
        ("a log group without a name", "name", REMOVED),
    ),
)

CHANGES = (*ASSOCIATED, *ACL_RULES, *OWN_RULES, *MANAGED, *LOGS)

"""One change for each thing about the load balancer's web ACL that a rule guards. Data only."""

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
    firewall_rule,
    firewall_rules,
    kept,
    managed,
    without_header,
)
from tests.policies.mutations.database import each
from tests.policies.mutations.mutation import adds, removes, sets, told
from tests.policies.plan import REMOVED, Ref

WEB_ACL = "WebAcl origin"
ASSOCIATION = "WebAclAssociation origin"
LOGGING = "WebAclLoggingConfiguration origin"
ELSEWHERE = "arn:aws:wafv2:us-east-1:987654321098:regional/webacl/somebody/elses"
RULES = "origin-web-acl-rules@origin"


def logged_otherwise(where: str) -> Iterator[tuple[str, str, object]]:
    """Every part of a log's filter, changed or removed."""
    only = "loggingFilter.filters.0"
    yield f"all requests in {where}", "loggingFilter", REMOVED
    yield f"no request in {where}", "loggingFilter.filters", []
    yield f"unmatched requests in {where}", "loggingFilter.defaultBehavior", "KEEP"
    yield f"matched requests left out of {where}", f"{only}.behavior", "DROP"
    yield f"requests that are blocked and counted in {where}", f"{only}.requirement", "MEETS_ALL"
    yield f"blocked requests only in {where}", "loggingFilter", kept("BLOCK")
    yield f"allowed requests in {where}", "loggingFilter", kept("BLOCK", "COUNT", "ALLOW")
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
    """The document's rules and another one before them."""
    size = {"sizeConstraintStatement": {"comparisonOperator": "GT", "size": 8192, "fieldToMatch": choice("body")}}
    return [firewall_rule("Another", 1, size) | rule, *firewall_rules()]


ASSOCIATED = (
    told("no web ACL before the load balancer", removes(ASSOCIATION), "origin-web-acl@origin"),
    *each(
        "origin-web-acl@origin",
        ASSOCIATION,
        ("a web ACL before something else", "resourceArn", ELSEWHERE),
        ("a web ACL before nothing", "resourceArn", REMOVED),
        ("somebody else's web ACL", "webAclArn", ELSEWHERE),
        ("an association with no web ACL", "webAclArn", REMOVED),
    ),
    told(
        "a web ACL for CloudFront",
        sets(WEB_ACL, "scope", "CLOUDFRONT"),
        "origin-web-acl@origin",
        # At the edge other rules are asked for.
        "edge-guard-rules@origin",
        "alerting-edge@origin",
    ),
)

WHOLE = (
    *each(
        RULES,
        WEB_ACL,
        ("no rules", "rules", REMOVED),
        ("an empty list of rules", "rules", []),
        ("rules as a text", "ruleJson", "[]"),
        ("everything blocked", "defaultAction", choice("block")),
        ("no default", "defaultAction", REMOVED),
        *((f"no rule {index}", f"rules.{index}", REMOVED) for index in range(5)),
        ("a rule that lets requests pass by the others", "rules", _with(action=choice("allow"))),
        (
            "a group of one's own rules",
            "rules",
            _with(statement={"ruleGroupReferenceStatement": {"arn": "arn:a"}}, overrideAction=choice("none")),
        ),
        (
            "somebody else's group of rules",
            "rules",
            _with(
                statement={"managedRuleGroupStatement": {"vendorName": "F5", "name": "A"}},
                overrideAction=choice("none"),
            ),
        ),
        ("the rate after a managed group", f"{RATE}.priority", 35),
        ("the countries after all", f"{GEO}.priority", 60),
        ("a managed group before all", f"{SQL}.priority", 1),
        ("a rule without a place", f"{INPUTS}.priority", REMOVED),
        ("no metrics", METRICS, False),
        ("no word of metrics", METRICS, REMOVED),
        ("no metric's name", METRIC, REMOVED),
        *((f"rule {index} without metrics", f"rules.{index}.{METRICS}", False) for index in range(5)),
        ("a rule with another's metric", f"{SQL}.{METRIC}", "RateLimitRule"),
        ("a rule without a metric's name", f"{SQL}.{METRIC}", REMOVED),
        ("a rule without a word of metrics", f"{INPUTS}.visibilityConfig", REMOVED),
    ),
    told("a rule from outside", adds("aws:wafv2/webAclRule:WebAclRule", "added"), "origin-web-acl-rules@added"),
    told(
        "a group of rules from outside",
        adds("aws:wafv2/webAclRuleGroupAssociation:WebAclRuleGroupAssociation", "added"),
        "origin-web-acl-rules@added",
    ),
)

CHEAP = each(
    RULES,
    WEB_ACL,
    *(
        (f"the rule {name} that {what}", f"{rule}.action", value)
        for name, rule in (("of countries", GEO), ("of the rate", RATE))
        for what, value in (("counts", choice("count")), ("allows", choice("allow")), ("does nothing", REMOVED))
    ),
    ("one country", f"{GEO_PARTS}.0.geoMatchStatement.countryCodes", ["KP"]),
    ("no country", f"{GEO_PARTS}.0.geoMatchStatement.countryCodes", REMOVED),
    ("countries by what the client says", f"{GEO_PARTS}.0.geoMatchStatement.forwardedIpConfig", {"headerName": "a"}),
    (
        "countries of CloudFront's own addresses",
        f"{GEO}.statement",
        {"geoMatchStatement": {"countryCodes": ["KP", "IR"]}},
    ),
    ("countries with the header", f"{GEO_PARTS}.1", {"orStatement": {"statements": [byte_match(SECRETS[0])]}}),
    ("countries narrowed twice", f"{GEO_PARTS}.1", {"andStatement": {"statements": [without_header(), ON_PATH]}}),
    ("countries on one path", f"{GEO_PARTS}.1", ON_PATH),
    ("too many requests", f"{RATES}.limit", 2001),
    ("any number of requests", f"{RATES}.limit", REMOVED),
    ("too many requests in a minute", f"{RATES}.evaluationWindowSec", 60),
    ("requests counted by what the client says", f"{RATES}.aggregateKeyType", "FORWARDED_IP"),
    ("requests counted by something else", f"{RATES}.aggregateKeyType", "CUSTOM_KEYS"),
    ("CloudFront's requests counted too", f"{RATES}.scopeDownStatement", REMOVED),
    ("only some requests counted", f"{RATES}.scopeDownStatement", ON_PATH),
    ("only CloudFront's requests counted", f"{RATES}.scopeDownStatement", byte_match(SECRETS[0])),
    ("requests counted without another header", f"{MATCH}.fieldToMatch", COOKIES),
    ("requests counted without a path", f"{MATCH}.fieldToMatch", PATH),
    ("requests counted without a part of the header", f"{MATCH}.positionalConstraint", "CONTAINS"),
    ("requests counted with no word of how to compare", f"{MATCH}.positionalConstraint", REMOVED),
    ("requests counted without any header", f"{MATCH}.searchString", ""),
    (
        "requests counted without a changed header",
        f"{MATCH}.textTransformations",
        [{"priority": 0, "type": "LOWERCASE"}],
    ),
    ("requests counted without one of no values", f"{FIELD}.orStatement.statements", []),
    ("requests counted without nothing", FIELD, REMOVED),
)

MANAGED = each(
    RULES,
    WEB_ACL,
    *(
        (f"{name} that {what}", f"{rule}.overrideAction", value)
        for name, rule in (("common rules", COMMON), ("bad inputs", INPUTS), ("SQL", SQL))
        for what, value in (("count", choice("count")), ("do nothing", REMOVED))
    ),
    ("another vendor's rules of that name", f"{GROUP}.vendorName", "Fortinet"),
    ("no vendor", f"{GROUP}.vendorName", REMOVED),
    ("another group", f"{GROUP}.name", "AWSManagedRulesAmazonIpReputationList"),
    ("no group", f"{GROUP}.name", REMOVED),
    ("common rules for some requests", f"{GROUP}.scopeDownStatement", ON_PATH),
    ("common rules for what CloudFront didn't send", f"{GROUP}.scopeDownStatement", without_header()),
    ("common rules but one", f"{GROUP}.excludedRules", [{"name": "NoUserAgent_HEADER"}]),
    ("another rule that counts", f"{COUNTED}.0.name", "CrossSiteScripting_BODY"),
    ("a rule without a name that counts", f"{COUNTED}.0.name", REMOVED),
    ("the size rule that allows", f"{COUNTED}.0.actionToUse", choice("allow")),
    ("the size rule that does nothing", f"{COUNTED}.0.actionToUse", REMOVED),
    (
        "a rule of another group that counts",
        f"{SQL}.statement",
        managed(
            "AWSManagedRulesSQLiRuleSet",
            ruleActionOverrides=[{"name": "SizeRestrictions_BODY", "actionToUse": choice("count")}],
        ),
    ),
)

LOGS = (
    told("a web ACL without logs", removes(LOGGING), "origin-web-acl-logs@origin"),
    *each(
        "origin-web-acl-logs@origin",
        LOGGING,
        ("logs of somebody else's web ACL", "resourceArn", ELSEWHERE),
        ("logs of no web ACL", "resourceArn", REMOVED),
        ("logs that go elsewhere", "logDestinationConfigs", ["arn:aws:s3:::aws-waf-logs-somebody-elses"]),
        (
            "logs that go elsewhere too",
            "logDestinationConfigs",
            [Ref(to="LogGroup origin-web-acl", output="arn"), "arn:aws:s3:::aws-waf-logs-somebody-elses"],
        ),
        ("logs that go nowhere", "logDestinationConfigs", REMOVED),
        ("logs among others", "logDestinationConfigs", [Ref(to="LogGroup flow-logs", output="arn")]),
        ("whole requests in the logs", "redactedFields", REMOVED),
        *((f"a log with what field {index} holds", f"redactedFields.{index}", REMOVED) for index in range(3)),
        ("a log with another field than the header", "redactedFields.2.singleHeader.name", f"{HEADER}-2"),
        *logged_otherwise("the logs"),
    ),
    *each(
        "origin-web-acl-logs@origin",
        "LogGroup origin-web-acl",
        ("logs by a name that AWS refuses", "name", "/taskflow/origin-web-acl"),
        ("logs by any name", "name", REMOVED),
    ),
)

CHANGES = (*ASSOCIATED, *WHOLE, *CHEAP, *MANAGED, *LOGS)

"""Unknown values of the load balancer and its web ACL: the rule that reports each, and its path. Data only."""

from tests.policies.compliant.origin import BALANCER as BALANCER_TYPE
from tests.policies.compliant.origin import COMMON, GEO, LATCH, LISTENER, LISTENER_RULE, RATE, SQL, on_path
from tests.policies.compliant.origin import TARGETS as TARGETS_TYPE
from tests.policies.compliant.origin import WEB_ACL as WEB_ACL_TYPE
from tests.policies.mutations.database import subnets
from tests.policies.mutations.origin import BALANCER, LISTENS, ON_HEALTH, ON_SECRET, TARGETS
from tests.policies.mutations.web_acls import ASSOCIATION, COUNTED, GEO_PARTS, GROUP, LOGGING, MATCH, RATES, WEB_ACL
from tests.policies.plan import Plan, Ref
from tests.policies.unknowns.unknown_value import UnknownValue, unknown_value

TEXT = Ref(to="LogGroup flow-logs")
ALB = Ref(to="SecurityGroup alb", via=("SecurityGroup alb", "SecurityGroup service"))
SUBNET = Ref(to="Subnet public-1", via=("Subnet public-1", "Subnet private-1"))
CERTIFICATES = Ref(to="Certificate origin", output="arn", via=("Certificate origin", "Certificate edge-web"))
LOGS = Ref(to="LogGroup flow-logs", output="arn", via=("LogGroup flow-logs", "LogGroup origin-web-acl"))


def _one_of_two(rule_id: str, type_: str, key: str, path: str, **inputs: object) -> UnknownValue:
    """Make a property depend on two resources of a type, so that a preview can't resolve it."""
    first = f"{type_.rpartition(':')[2]} origin"
    second = first.replace("origin", "second")

    def change(plan: Plan) -> None:
        plan.add(type_, "second", None, **inputs)
        plan.set(key, path, Ref(to=first, output="arn", via=(first, second)))

    return UnknownValue(rule=rule_id, place=f"{key.rpartition(' ')[2]}.{path}", change=change)


def _unknown_status(plan: Plan) -> None:
    reply = {"type": "fixed-response", "fixedResponse": {"statusCode": TEXT}}
    listener = Ref(to=LISTENS, output="arn")
    plan.add(LISTENER_RULE, "added", None, listenerArn=listener, conditions=[on_path(LATCH)], actions=[reply])


def _unknown_tier(plan: Plan) -> None:
    """Make the tier of a subnet unknown; the load balancer refers to it directly, not by a component's output."""
    plan.set(BALANCER, "subnets", subnets("public-1", "public-2"))
    plan.set("Subnet public-1", "tags.SubnetType", TEXT)


UNKNOWNS = (
    unknown_value("origin-certificate", LISTENS, "certificateArn", CERTIFICATES),
    unknown_value("origin-certificate", "Certificate origin", "domainName", TEXT),
    UnknownValue(
        rule="compute-tasks-taking-traffic",
        place="added.actions.0.fixedResponse.statusCode",
        change=_unknown_status,
    ),
    *(
        unknown_value("origin-load-balancer", BALANCER, path, TEXT)
        for path in (
            "loadBalancerType",
            "internal",
            "enableDeletionProtection",
            "dropInvalidHeaderFields",
            "desyncMitigationMode",
            "enableWafFailOpen",
            "accessLogs.enabled",
            "connectionLogs.enabled",
        )
    ),
    unknown_value("origin-load-balancer", BALANCER, "accessLogs", TEXT),
    unknown_value("origin-placed", BALANCER, "securityGroups", ALB),
    unknown_value("origin-placed", BALANCER, "securityGroups", [ALB], "origin.securityGroups.0"),
    unknown_value("origin-placed", BALANCER, "subnets", SUBNET),
    unknown_value("origin-placed", BALANCER, "subnets", [SUBNET], "origin.subnets.0"),
    unknown_value("origin-placed", "SecurityGroup alb", "tags.Name", TEXT),
    UnknownValue(rule="origin-placed", place="public-1.tags.SubnetType", change=_unknown_tier),
    *(
        unknown_value("origin-listeners", LISTENS, path, TEXT)
        for path in (
            "port",
            "protocol",
            "sslPolicy",
            "defaultActions",
            "defaultActions.0.type",
            "defaultActions.0.fixedResponse.statusCode",
        )
    ),
    *(
        unknown_value("origin-forwarding", ON_SECRET, path, TEXT)
        for path in (
            "conditions",
            "conditions.0.httpHeader.httpHeaderName",
            "conditions.0.httpHeader.values",
            "conditions.0.httpHeader.values.1",
            "conditions.0.httpHeader.regexValues",
            "actions",
            "actions.0.type",
            "transforms",
        )
    ),
    unknown_value("origin-forwarding", ON_SECRET, "conditions.0", TEXT),
    unknown_value("origin-forwarding", ON_SECRET, "actions.0", TEXT),
    unknown_value("origin-forwarding", ON_HEALTH, "conditions.0.pathPattern.values", TEXT),
    unknown_value("origin-forwarding", ON_HEALTH, "conditions.0.pathPattern.values.0", TEXT),
    unknown_value("origin-forwarding", ON_HEALTH, "conditions.0.pathPattern.regexValues", TEXT),
    UnknownValue(rule="origin-forwarding", place="added.actions.0.fixedResponse.statusCode", change=_unknown_status),
    _one_of_two("origin-reached", BALANCER_TYPE, LISTENS, "loadBalancerArn"),
    _one_of_two("origin-reached", TARGETS_TYPE, ON_SECRET, "actions.0.targetGroupArn"),
    _one_of_two("origin-reached", LISTENER, ON_SECRET, "listenerArn", loadBalancerArn=Ref(to=BALANCER, output="arn")),
    unknown_value("origin-reached", ON_SECRET, "conditions", TEXT),
    unknown_value("origin-reached", ON_SECRET, "conditions.0.httpHeader.httpHeaderName", TEXT),
    unknown_value("origin-reached", ON_SECRET, "actions", TEXT),
    unknown_value("origin-reached", ON_SECRET, "actions.0.type", TEXT),
    unknown_value("origin-reached", ON_HEALTH, "actions.0.type", TEXT),
    *(
        unknown_value("origin-targets", TARGETS, path, TEXT)
        for path in (
            "targetType",
            "port",
            "protocol",
            "healthCheck.enabled",
            "healthCheck.path",
            "healthCheck.matcher",
            "healthCheck.protocol",
            "healthCheck.port",
            "slowStart",
        )
    ),
    _one_of_two("origin-web-acl", BALANCER_TYPE, ASSOCIATION, "resourceArn"),
    _one_of_two("origin-web-acl", WEB_ACL_TYPE, ASSOCIATION, "webAclArn"),
    unknown_value("origin-web-acl", WEB_ACL, "scope", TEXT),
    *(
        unknown_value("origin-web-acl-rules", WEB_ACL, path, TEXT)
        for path in (
            "scope",
            "rules",
            "ruleJson",
            "defaultAction",
            "visibilityConfig.cloudwatchMetricsEnabled",
            "visibilityConfig.metricName",
            f"{SQL}.visibilityConfig.metricName",
            f"{SQL}.visibilityConfig.cloudwatchMetricsEnabled",
            f"{SQL}.priority",
            f"{SQL}.statement",
            f"{GEO}.action",
            f"{GEO}.statement.andStatement.statements",
            f"{GEO_PARTS}.0",
            f"{GEO_PARTS}.0.geoMatchStatement.countryCodes",
            f"{GEO_PARTS}.0.geoMatchStatement.countryCodes.1",
            f"{GEO_PARTS}.0.geoMatchStatement.forwardedIpConfig",
            f"{GEO_PARTS}.1",
            f"{RATE}.action",
            f"{RATES}.aggregateKeyType",
            f"{RATES}.limit",
            f"{RATES}.evaluationWindowSec",
            f"{RATES}.scopeDownStatement",
            f"{RATES}.scopeDownStatement.notStatement.statement",
            f"{RATES}.scopeDownStatement.notStatement.statement.orStatement.statements",
            f"{MATCH}.fieldToMatch",
            f"{MATCH}.fieldToMatch.singleHeader.name",
            f"{MATCH}.positionalConstraint",
            f"{MATCH}.textTransformations",
            f"{MATCH}.textTransformations.0.type",
            f"{COMMON}.overrideAction",
            f"{GROUP}.vendorName",
            f"{GROUP}.name",
            f"{GROUP}.scopeDownStatement",
            f"{GROUP}.excludedRules",
            f"{GROUP}.ruleActionOverrides",
            f"{COUNTED}.0.name",
            f"{COUNTED}.0.actionToUse",
        )
    ),
    unknown_value("origin-web-acl-rules", WEB_ACL, SQL, TEXT),
    _one_of_two("origin-web-acl-logs", WEB_ACL_TYPE, LOGGING, "resourceArn"),
    unknown_value("origin-web-acl-logs", LOGGING, "logDestinationConfigs", LOGS),
    unknown_value("origin-web-acl-logs", LOGGING, "logDestinationConfigs", [LOGS], "logDestinationConfigs.0"),
    unknown_value("origin-web-acl-logs", "LogGroup origin-web-acl", "name", TEXT),
    unknown_value("origin-web-acl-logs", LOGGING, "redactedFields", TEXT),
    unknown_value("origin-web-acl-logs", LOGGING, "redactedFields.2.singleHeader.name", TEXT),
    unknown_value("origin-web-acl-logs", LOGGING, "loggingFilter", TEXT),
)

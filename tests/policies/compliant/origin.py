"""Plan the compliant load balancer, its listener and its web ACL."""

from collections.abc import Mapping

from tests.policies.compliant.data import ACCOUNT, REGIONS, key
from tests.policies.plan import Plan, Ref

BALANCER = "aws:lb/loadBalancer:LoadBalancer"
TARGETS = "aws:lb/targetGroup:TargetGroup"
LISTENER = "aws:lb/listener:Listener"
LISTENER_RULE = "aws:lb/listenerRule:ListenerRule"
WEB_ACL = "aws:wafv2/webAcl:WebAcl"
WAF_LOGGING = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"

# Two values, as during a rotation.
HEADER = "x-origin-secret"
SECRETS = ("aValueThatOnlyCloudFrontKnows0001", "aValueThatOnlyCloudFrontKnows0002")
LATCH = "/.well-known/origin-takes-traffic"
FORWARD = {"type": "forward", "targetGroupArn": Ref(to="TargetGroup origin", output="arn")}

# Paths of the web ACL's rules.
GEO, RATE, COMMON, INPUTS, SQL = (f"rules.{index}" for index in range(5))


def add_origin(plan: Plan) -> None:
    """Add the load balancer behind CloudFront with its web ACL; in dr with the latch of the fail-over."""
    name = f"taskflow-{'dr' if plan.stack == 'dr' else 'production'}"
    _balancer(plan, name)
    _listener(plan)
    on_header = {"httpHeader": {"httpHeaderName": HEADER, "values": list(SECRETS)}}
    _rule(plan, "origin-health", 20, on_path("/health"), FORWARD)
    _rule(plan, "origin-secret", 30, on_header, FORWARD)
    if plan.stack == "dr":
        _rule(plan, "origin-latch", 10, on_path(LATCH), fixed_response("404"))
    _firewall(plan, name)


def on_path(*paths: str) -> dict[str, object]:
    """Return a listener rule's condition on paths."""
    return {"pathPattern": {"values": list(paths)}}


def fixed_response(status: str) -> dict[str, object]:
    """Return a listener's fixed response."""
    return {
        "type": "fixed-response",
        "fixedResponse": {"__defaults": [], "statusCode": status, "contentType": "text/plain", "messageBody": "-"},
    }


def byte_match(value: str, **changed: object) -> dict[str, object]:
    """Return the statement that matches one value of CloudFront's header."""
    match: dict[str, object] = {
        "searchString": value,
        "fieldToMatch": {"singleHeader": {"name": HEADER}},
        "positionalConstraint": "EXACTLY",
        "textTransformations": [{"priority": 0, "type": "NONE"}],
    }
    return {"byteMatchStatement": match | changed}


def without_header() -> dict[str, object]:
    """Return the statement that matches requests without CloudFront's header."""
    values = {"orStatement": {"statements": [byte_match(value) for value in SECRETS]}}
    return {"notStatement": {"statement": values}}


def managed_group(name: str, **more: object) -> dict[str, object]:
    """Return the statement of an AWS managed rule group."""
    return {"managedRuleGroupStatement": {"vendorName": "AWS", "name": name, **more}}


def choice(key: str) -> dict[str, object]:
    """Return one of a web ACL's alternatives: a key with an empty object."""
    return {key: {}}


def web_acl_rule(name: str, priority: int, statement: Mapping[str, object], **action: object) -> dict[str, object]:
    """Return a web ACL's rule with a separate metric."""
    metric = {"cloudwatchMetricsEnabled": True, "metricName": name, "sampledRequestsEnabled": False}
    return {"name": name, "priority": priority, **action, "statement": statement, "visibilityConfig": metric}


def web_acl_rules() -> list[dict[str, object]]:
    """Return the document's rules for the regional web ACL."""
    geo = {"geoMatchStatement": {"countryCodes": ["KP", "IR"]}}
    rate = {
        "limit": 2000,
        "evaluationWindowSec": 300,
        "aggregateKeyType": "IP",
        "scopeDownStatement": without_header(),
    }
    counted = [{"name": "SizeRestrictions_BODY", "actionToUse": choice("count")}]
    both = {"andStatement": {"statements": [geo, without_header()]}}
    common = managed_group("AWSManagedRulesCommonRuleSet", ruleActionOverrides=counted)
    inputs, sql = (managed_group(f"AWSManagedRules{name}RuleSet") for name in ("KnownBadInputs", "SQLi"))
    return [
        # AWS's provider adds this to an empty object.
        web_acl_rule("GeoBlockRule", 10, both, action={"__defaults": [], "block": {"__defaults": []}}),
        web_acl_rule("RateLimitRule", 20, {"rateBasedStatement": rate}, action=choice("block")),
        web_acl_rule("AWSManagedRulesCommonRuleSet", 30, common, overrideAction=choice("none")),
        web_acl_rule("AWSManagedRulesKnownBadInputsRuleSet", 40, inputs, overrideAction=choice("none")),
        web_acl_rule("AWSManagedRulesSQLiRuleSet", 50, sql, overrideAction=choice("none")),
    ]


def _balancer(plan: Plan, name: str) -> None:
    balancer = plan.add(
        BALANCER,
        "origin",
        None,
        name=name,
        internal=False,
        loadBalancerType="application",
        securityGroups=[Ref(to="SecurityGroup alb")],
        subnets=[Ref(to=f"Subnet public-{n}", via=("Vpc network", *_SUBNETS)) for n in (1, 2)],
        enableDeletionProtection=True,
        dropInvalidHeaderFields=True,
        desyncMitigationMode="strictest",
        idleTimeout=60,
        accessLogs={"bucket": f"{name}-load-balancer-logs-{ACCOUNT}", "prefix": "access", "enabled": True},
        connectionLogs={"bucket": f"{name}-load-balancer-logs-{ACCOUNT}", "prefix": "connections", "enabled": True},
    )
    balancer.computed = {"arn": _arn(plan, f"loadbalancer/app/{name}"), "dnsName": f"{name}.elb.amazonaws.com"}
    targets = plan.add(
        TARGETS,
        "origin",
        None,
        targetType="ip",
        port=3001,
        protocol="HTTP",
        vpcId=Ref(to="Vpc main", via=("Vpc network", *_SUBNETS)),
        slowStart=30,
        deregistrationDelay=60,
        healthCheck={
            "path": "/health",
            "protocol": "HTTP",
            "matcher": "200",
            "interval": 15,
            "timeout": 5,
            "healthyThreshold": 2,
            "unhealthyThreshold": 3,
        },
    )
    targets.computed = {"arn": _arn(plan, f"targetgroup/{name}")}


def _listener(plan: Plan) -> None:
    certificate = plan.add(
        "aws:acm/certificate:Certificate",
        "origin",
        None,
        domainName="origin.taskflow.app",
        validationMethod="DNS",
    )
    certificate.computed = {"arn": f"arn:aws:acm:::{ACCOUNT}:certificate/origin"}
    record = plan.add(
        "aws:route53/record:Record",
        "origin-validation",
        None,
        name="_a.origin.taskflow.app",
        type="CNAME",
        ttl=300,
        zoneId="Z0123456789",
        records=["_b.acm-validations.aws"],
        allowOverwrite=True,
    )
    record.computed = {"fqdn": "_a.origin.taskflow.app"}
    arn = Ref(to=certificate.key, output="arn")
    validation = plan.add(
        "aws:acm/certificateValidation:CertificateValidation",
        "origin",
        None,
        certificateArn=arn,
        validationRecordFqdns=[Ref(to=record.key, output="fqdn")],
    )
    validation.computed = {"certificateArn": certificate.computed["arn"]}
    listener = plan.add(
        LISTENER,
        "origin",
        None,
        loadBalancerArn=Ref(to="LoadBalancer origin", output="arn"),
        port=443,
        protocol="HTTPS",
        sslPolicy="ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
        certificateArn=Ref(to=validation.key, output="certificateArn"),
        defaultActions=[fixed_response("403")],
    )
    listener.computed = {"arn": _arn(plan, "listener/app/origin")}


def _rule(plan: Plan, name: str, priority: int, condition: Mapping[str, object], action: Mapping[str, object]) -> None:
    rule = plan.add(
        LISTENER_RULE,
        name,
        None,
        listenerArn=Ref(to="Listener origin", output="arn"),
        priority=priority,
        conditions=[condition],
        actions=[dict(action)],
    )
    rule.computed = {"arn": _arn(plan, f"listener-rule/app/{name}")}


def _firewall(plan: Plan, name: str) -> None:
    acl = plan.add(
        WEB_ACL,
        "origin",
        None,
        name=f"{name}-origin",
        scope="REGIONAL",
        defaultAction={"allow": {"__defaults": []}},
        visibilityConfig={
            "cloudwatchMetricsEnabled": True,
            "metricName": f"{name}-origin",
            "sampledRequestsEnabled": False,
        },
        rules=web_acl_rules(),
    )
    acl.computed = {"arn": f"arn:aws:wafv2:::{ACCOUNT}:regional/webacl/{name}-origin"}
    plan.add(
        "aws:wafv2/webAclAssociation:WebAclAssociation",
        "origin",
        None,
        resourceArn=Ref(to="LoadBalancer origin", output="arn"),
        webAclArn=Ref(to=acl.key, output="arn"),
    )
    logs = f"aws-waf-logs-{name}-origin"
    group = plan.add(LOG_GROUP, "origin-web-acl", None, name=logs, retentionInDays=90, kmsKeyId=key("logs"))
    group.protect = True
    group.computed = {"arn": f"arn:aws:logs:::log-group:{logs}"}
    plan.add(
        WAF_LOGGING,
        "origin",
        None,
        resourceArn=Ref(to=acl.key, output="arn"),
        logDestinationConfigs=[Ref(to=group.key, output="arn")],
        redactedFields=[{"singleHeader": {"name": header}} for header in ("authorization", "cookie", HEADER)],
        loggingFilter=log_filter("BLOCK", "COUNT"),
    )


def log_filter(*actions: str) -> dict[str, object]:
    """Return the log filter that keeps requests with these actions."""
    conditions = [{"actionCondition": {"action": action}} for action in actions]
    return {
        "defaultBehavior": "DROP",
        "filters": [{"behavior": "KEEP", "requirement": "MEETS_ANY", "conditions": conditions}],
    }


def _arn(plan: Plan, path: str) -> str:
    return f"arn:aws:elasticloadbalancing:{REGIONS.get(plan.stack, 'us-east-1')}:{ACCOUNT}:{path}"


_SUBNETS = tuple(f"Subnet {tier}-{n}" for tier in ("public", "private", "data") for n in (1, 2))

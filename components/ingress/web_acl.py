"""The web ACLs of CloudFront and of the load balancer: the document's rules in both.

Section: WAF Rules. The cheapest rules come first. At the load balancer all of CloudFront's requests come from a few
addresses, so the rules by address exclude requests with CloudFront's secret header.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

import pulumi
import pulumi_aws as aws

from components.shared.environment import Environment
from components.shared.log_groups import create_log_group
from settings.waf import Waf

# AWS's limit of 8 KB for a body blocks ordinary requests, so it only counts. CloudFront's web ACL has BodyLimitRule.
COUNTED_RULES = {"AWSManagedRulesCommonRuleSet": ("SizeRestrictions_BODY",)}

# The sizes of a body, in KB, that WAF can inspect at CloudFront.
INSPECTION_LIMITS = (16, 32, 48, 64)

# Requests with these rule actions are logged.
LOGGED_ACTIONS = ("BLOCK", "COUNT")

# Redacted in the logs.
CREDENTIAL_HEADERS = ("authorization", "cookie")

Rule: TypeAlias = aws.wafv2.WebAclRuleArgsDict
Statement: TypeAlias = aws.wafv2.WebAclRuleStatementArgsDict
# The SDK has a separate type for the statement inside a rate-based rule.
ScopeDownStatement: TypeAlias = aws.wafv2.WebAclRuleStatementRateBasedStatementScopeDownStatementArgsDict


@dataclass(frozen=True, kw_only=True)
class TrustedHeader:
    """The header that marks trusted requests: its name in lower case, and the accepted values."""

    name: str
    values: Sequence[pulumi.Output[str]]


class RegionalWebAcl(pulumi.ComponentResource):
    """The web ACL of a load balancer, with its log."""

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        settings: Waf,
        log_retention: int,
        logs_key_arn: pulumi.Input[str],
        load_balancer_arn: pulumi.Input[str],
        trusted_header: TrustedHeader,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:ingress:RegionalWebAcl", name, None, opts)
        physical = f"{environment.name}-origin"
        acl = aws.wafv2.WebAcl(
            name,
            name=physical,
            description="Protects the load balancer, including against requests that bypass CloudFront",
            scope="REGIONAL",
            default_action=_allow_by_default(),
            rules=_rules(settings, trusted_header=trusted_header),
            visibility_config=_acl_metrics(physical),
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.wafv2.WebAclAssociation(
            name, resource_arn=load_balancer_arn, web_acl_arn=acl.arn, opts=pulumi.ResourceOptions(parent=self)
        )
        group = _log_group(name, physical, log_retention, logs_key_arn, parent=self)
        _enable_logging(name, acl, group, redacted_headers=(*CREDENTIAL_HEADERS, trusted_header.name), parent=self)
        self.register_outputs({})


class CloudFrontWebAcl(pulumi.ComponentResource):
    """The web ACL of CloudFront's distributions, with its log. AWS requires it to be in us-east-1."""

    arn: pulumi.Output[str]
    metric_name: str

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        settings: Waf,
        log_retention: int,
        logs_key_arn: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:ingress:CloudFrontWebAcl", name, None, opts)
        if settings.web_acl is None or settings.body_limit is None:
            raise ValueError("waf.webACL and waf.bodyLimit are required for CloudFront's web ACL")
        acl = aws.wafv2.WebAcl(
            name,
            name=settings.web_acl,
            description="Protects everything behind CloudFront",
            scope="CLOUDFRONT",
            default_action=_allow_by_default(),
            rules=_rules(settings, body_limit=settings.body_limit),
            association_config=_body_inspection(settings.body_limit),
            visibility_config=_acl_metrics(settings.web_acl),
            opts=pulumi.ResourceOptions(parent=self),
        )
        group = _log_group(name, f"{environment.name}-edge", log_retention, logs_key_arn, parent=self)
        _enable_logging(name, acl, group, redacted_headers=CREDENTIAL_HEADERS, parent=self)
        self.arn = acl.arn
        self.metric_name = settings.web_acl
        self.register_outputs({})


def _rules(settings: Waf, *, trusted_header: TrustedHeader | None = None, body_limit: int | None = None) -> list[Rule]:
    """Return the rules in order; the rules by address exclude requests with the trusted header.

    `body_limit` is in bytes. The load balancer has none: WAF inspects at most 8 KB of a body there, so a limit would
    block every larger body.
    """
    geo: Statement = {"geo_match_statement": {"country_codes": list(settings.blocked_countries)}}
    rate: aws.wafv2.WebAclRuleStatementRateBasedStatementArgsDict = {
        "limit": settings.rate_limit.limit,
        "evaluation_window_sec": settings.rate_limit.evaluation_window,
        "aggregate_key_type": "IP",
    }
    if trusted_header:
        geo = {"and_statement": {"statements": [geo, cast("Statement", _without_header(trusted_header))]}}
        rate["scope_down_statement"] = cast("ScopeDownStatement", _without_header(trusted_header))
    custom: list[tuple[str, Statement]] = [("GeoBlockRule", geo), ("RateLimitRule", {"rate_based_statement": rate})]
    if body_limit:
        custom.append(("BodyLimitRule", _larger_body(body_limit)))
    rules = [_blocking_rule(name, 10 * n, statement) for n, (name, statement) in enumerate(custom, start=1)]
    managed = enumerate(settings.managed_rules, start=len(custom) + 1)
    return rules + [_managed_rule(name, 10 * n) for n, name in managed]


def _blocking_rule(name: str, priority: int, statement: Statement) -> Rule:
    return {
        "name": name,
        "priority": priority,
        "action": {"block": {}},
        "statement": statement,
        "visibility_config": _rule_metrics(name),
    }


def _managed_rule(name: str, priority: int) -> Rule:
    """Return the rule for one of AWS's managed rule groups, with the exceptions that only count."""
    group: aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementArgsDict = {"vendor_name": "AWS", "name": name}
    if name in COUNTED_RULES:
        group["rule_action_overrides"] = [
            {"name": rule, "action_to_use": {"count": {}}} for rule in COUNTED_RULES[name]
        ]
    return {
        "name": name,
        "priority": priority,
        "override_action": {"none": {}},
        "statement": {"managed_rule_group_statement": group},
        "visibility_config": _rule_metrics(name),
    }


def _rule_metrics(name: str) -> aws.wafv2.WebAclRuleVisibilityConfigArgsDict:
    return {"cloudwatch_metrics_enabled": True, "metric_name": name, "sampled_requests_enabled": False}


def _without_header(trusted_header: TrustedHeader) -> Mapping[str, object]:
    """Return the statement that matches requests without the trusted header; the caller casts it to the SDK's type."""
    matches = [
        {
            "byte_match_statement": {
                "search_string": value,
                "positional_constraint": "EXACTLY",
                "field_to_match": {"single_header": {"name": trusted_header.name}},
                "text_transformations": [{"priority": 0, "type": "NONE"}],
            }
        }
        for value in trusted_header.values
    ]
    any_match = matches[0] if len(matches) == 1 else {"or_statement": {"statements": matches}}
    return {"not_statement": {"statement": any_match}}


def _larger_body(size: int) -> Statement:
    """Return the statement that matches larger bodies, including those that WAF can't inspect to the end."""
    return {
        "size_constraint_statement": {
            "comparison_operator": "GT",
            "size": size,
            "field_to_match": {"body": {"oversize_handling": "MATCH"}},
            "text_transformations": [{"priority": 0, "type": "NONE"}],
        }
    }


def _body_inspection(size: int) -> aws.wafv2.WebAclAssociationConfigArgs:
    """Inspect as much of a body as the limit needs, and no more: a larger inspection limit costs more."""
    limit = next(limit for limit in INSPECTION_LIMITS if limit * 1024 >= size)
    return aws.wafv2.WebAclAssociationConfigArgs(
        request_bodies=[
            aws.wafv2.WebAclAssociationConfigRequestBodyArgs(
                cloudfront=aws.wafv2.WebAclAssociationConfigRequestBodyCloudfrontArgs(
                    default_size_inspection_limit=f"KB_{limit}"
                )
            )
        ]
    )


def _allow_by_default() -> aws.wafv2.WebAclDefaultActionArgs:
    return aws.wafv2.WebAclDefaultActionArgs(allow=aws.wafv2.WebAclDefaultActionAllowArgs())


def _acl_metrics(metric: str) -> aws.wafv2.WebAclVisibilityConfigArgs:
    """Enable metrics without samples: samples show all headers, including sessions and the origin secret."""
    return aws.wafv2.WebAclVisibilityConfigArgs(
        cloudwatch_metrics_enabled=True, metric_name=metric, sampled_requests_enabled=False
    )


def _log_group(
    logical: str, name: str, retention: int, key_arn: pulumi.Input[str], *, parent: pulumi.Resource
) -> aws.cloudwatch.LogGroup:
    # WAF delivers only to log groups with this prefix.
    physical = f"aws-waf-logs-{name}"
    return create_log_group(logical, name=physical, retention_in_days=retention, key_arn=key_arn, parent=parent)


def _enable_logging(
    logical: str,
    acl: aws.wafv2.WebAcl,
    group: aws.cloudwatch.LogGroup,
    *,
    redacted_headers: Sequence[str],
    parent: pulumi.Resource,
) -> None:
    aws.wafv2.WebAclLoggingConfiguration(
        logical,
        resource_arn=acl.arn,
        log_destination_configs=[group.arn],
        redacted_fields=[_redacted_field(header) for header in redacted_headers],
        logging_filter=_matched_requests(),
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _matched_requests() -> aws.wafv2.WebAclLoggingConfigurationLoggingFilterArgs:
    """Log the requests that a rule blocked or counted: all requests would be terabytes a month at the rate limit."""
    condition = aws.wafv2.WebAclLoggingConfigurationLoggingFilterFilterConditionArgs
    action = aws.wafv2.WebAclLoggingConfigurationLoggingFilterFilterConditionActionConditionArgs
    return aws.wafv2.WebAclLoggingConfigurationLoggingFilterArgs(
        default_behavior="DROP",
        filters=[
            aws.wafv2.WebAclLoggingConfigurationLoggingFilterFilterArgs(
                behavior="KEEP",
                requirement="MEETS_ANY",
                conditions=[condition(action_condition=action(action=each)) for each in LOGGED_ACTIONS],
            )
        ],
    )


def _redacted_field(header: str) -> aws.wafv2.WebAclLoggingConfigurationRedactedFieldArgs:
    return aws.wafv2.WebAclLoggingConfigurationRedactedFieldArgs(
        single_header=aws.wafv2.WebAclLoggingConfigurationRedactedFieldSingleHeaderArgs(name=header)
    )

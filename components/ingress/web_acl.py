"""What a web ACL blocks: the document's rules, made once for the edge and for the load balancer.

Section: WAF Rules. The cheap rules come first. Behind CloudFront every request comes from CloudFront's own addresses,
so a rule that goes by the address has to pass over what came that way: that is the header by which CloudFront is known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

import pulumi
import pulumi_aws as aws

from components.shared.environment import Environment
from components.shared.log_groups import log_group
from settings.waf import Waf

# AWS's own bound of a body, 8 KB, refuses many an upload: counted. The edge has a bound of its own.
COUNTED = {"AWSManagedRulesCommonRuleSet": ("SizeRestrictions_BODY",)}

# Kilobytes of a body that WAF can be told to read at CloudFront.
READABLE = (16, 32, 48, 64)

# Actions of rules that put a request into the log.
LOGGED_ACTIONS = ("BLOCK", "COUNT")

# Headers that say who somebody is.
PRIVATE_HEADERS = ("authorization", "cookie")

Rule: TypeAlias = aws.wafv2.WebAclRuleArgsDict
Statement: TypeAlias = aws.wafv2.WebAclRuleStatementArgsDict
# A rate rule's own type for what is inside it.
Within: TypeAlias = aws.wafv2.WebAclRuleStatementRateBasedStatementScopeDownStatementArgsDict


@dataclass(frozen=True, kw_only=True)
class KnownBy:
    """The header, in lower case, that shows a request to be known, and the values of which one is enough."""

    header: str
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
        known: KnownBy,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:ingress:RegionalWebAcl", name, None, opts)
        physical = f"{environment.name}-origin"
        acl = aws.wafv2.WebAcl(
            name,
            name=physical,
            description="Guards the load balancer, also against requests that bypass CloudFront",
            scope="REGIONAL",
            default_action=_allowing(),
            rules=rules(settings, known=known),
            visibility_config=_whole(physical),
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.wafv2.WebAclAssociation(
            name, resource_arn=load_balancer_arn, web_acl_arn=acl.arn, opts=pulumi.ResourceOptions(parent=self)
        )
        group = _log_group(name, physical, log_retention, logs_key_arn, parent=self)
        _logged(name, acl, group, redacted=(*PRIVATE_HEADERS, known.header), parent=self)
        self.register_outputs({})


class CloudFrontWebAcl(pulumi.ComponentResource):
    """The web ACL of CloudFront, with its log: its distributions name it, and must be in us-east-1 as it is.

    `measured_as` is the name of its metrics.
    """

    arn: pulumi.Output[str]
    measured_as: str

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
            raise ValueError("CloudFront's web ACL needs waf.webACL and waf.bodyLimit")
        acl = aws.wafv2.WebAcl(
            name,
            name=settings.web_acl,
            description="Guards everything that comes through CloudFront",
            scope="CLOUDFRONT",
            default_action=_allowing(),
            rules=rules(settings, body_limit=settings.body_limit),
            association_config=_reading(settings.body_limit),
            visibility_config=_whole(settings.web_acl),
            opts=pulumi.ResourceOptions(parent=self),
        )
        group = _log_group(name, f"{environment.name}-edge", log_retention, logs_key_arn, parent=self)
        _logged(name, acl, group, redacted=PRIVATE_HEADERS, parent=self)
        self.arn = acl.arn
        self.measured_as = settings.web_acl
        self.register_outputs({})


def rules(settings: Waf, *, known: KnownBy | None = None, body_limit: int | None = None) -> list[Rule]:
    """Give the rules in their order; those that go by the address pass over `known` requests.

    Without `body_limit` (bytes) a body may be of any size: before a load balancer WAF reads 8 KB and no more, and a
    bound that it can't read would refuse whatever is larger.
    """
    geo: Statement = {"geo_match_statement": {"country_codes": list(settings.blocked_countries)}}
    rate: aws.wafv2.WebAclRuleStatementRateBasedStatementArgsDict = {
        "limit": settings.rate_limit.limit,
        "evaluation_window_sec": settings.rate_limit.evaluation_window,
        "aggregate_key_type": "IP",
    }
    if known:
        geo = {"and_statement": {"statements": [geo, cast("Statement", _unknown(known))]}}
        rate["scope_down_statement"] = cast("Within", _unknown(known))
    own: list[tuple[str, Statement]] = [("GeoBlockRule", geo), ("RateLimitRule", {"rate_based_statement": rate})]
    if body_limit:
        own.append(("BodyLimitRule", _larger_than(body_limit)))
    first = [_blocking(name, 10 * n, statement) for n, (name, statement) in enumerate(own, start=1)]
    managed = enumerate(settings.managed_rules, start=len(own) + 1)
    return first + [_managed(name, 10 * n) for n, name in managed]


def _blocking(name: str, priority: int, statement: Statement) -> Rule:
    return {
        "name": name,
        "priority": priority,
        "action": {"block": {}},
        "statement": statement,
        "visibility_config": _measured(name),
    }


def _managed(name: str, priority: int) -> Rule:
    """Take a rule set of AWS's as it is, but for what is only counted."""
    whole: aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementArgsDict = {"vendor_name": "AWS", "name": name}
    if name in COUNTED:
        whole["rule_action_overrides"] = [{"name": rule, "action_to_use": {"count": {}}} for rule in COUNTED[name]]
    return {
        "name": name,
        "priority": priority,
        "override_action": {"none": {}},
        "statement": {"managed_rule_group_statement": whole},
        "visibility_config": _measured(name),
    }


def _measured(name: str) -> aws.wafv2.WebAclRuleVisibilityConfigArgsDict:
    return {"cloudwatch_metrics_enabled": True, "metric_name": name, "sampled_requests_enabled": False}


def _unknown(known: KnownBy) -> Mapping[str, object]:
    """Give the statement that a request isn't known, under the SDK's names: a rate rule has types of its own for it."""
    matches = [
        {
            "byte_match_statement": {
                "search_string": value,
                "positional_constraint": "EXACTLY",
                "field_to_match": {"single_header": {"name": known.header}},
                "text_transformations": [{"priority": 0, "type": "NONE"}],
            }
        }
        for value in known.values
    ]
    either = matches[0] if len(matches) == 1 else {"or_statement": {"statements": matches}}
    return {"not_statement": {"statement": either}}


def _larger_than(size: int) -> Statement:
    """Give the statement that a body is larger; one of which WAF can't read the end is."""
    return {
        "size_constraint_statement": {
            "comparison_operator": "GT",
            "size": size,
            "field_to_match": {"body": {"oversize_handling": "MATCH"}},
            "text_transformations": [{"priority": 0, "type": "NONE"}],
        }
    }


def _reading(size: int) -> aws.wafv2.WebAclAssociationConfigArgs:
    """Let WAF read as much of a body as it is to judge, and no more: more is paid for."""
    limit = next(limit for limit in READABLE if limit * 1024 >= size)
    return aws.wafv2.WebAclAssociationConfigArgs(
        request_bodies=[
            aws.wafv2.WebAclAssociationConfigRequestBodyArgs(
                cloudfront=aws.wafv2.WebAclAssociationConfigRequestBodyCloudfrontArgs(
                    default_size_inspection_limit=f"KB_{limit}"
                )
            )
        ]
    )


def _allowing() -> aws.wafv2.WebAclDefaultActionArgs:
    return aws.wafv2.WebAclDefaultActionArgs(allow=aws.wafv2.WebAclDefaultActionAllowArgs())


def _whole(metric: str) -> aws.wafv2.WebAclVisibilityConfigArgs:
    """Measure, but take no samples: they show all headers, sessions and the origin's secret among them."""
    return aws.wafv2.WebAclVisibilityConfigArgs(
        cloudwatch_metrics_enabled=True, metric_name=metric, sampled_requests_enabled=False
    )


def _log_group(
    logical: str, name: str, retention: int, key_arn: pulumi.Input[str], *, parent: pulumi.Resource
) -> aws.cloudwatch.LogGroup:
    # WAF delivers only to names that begin so.
    physical = f"aws-waf-logs-{name}"
    return log_group(logical, name=physical, retention_in_days=retention, key_arn=key_arn, parent=parent)


def _logged(
    logical: str,
    acl: aws.wafv2.WebAcl,
    group: aws.cloudwatch.LogGroup,
    *,
    redacted: Sequence[str],
    parent: pulumi.Resource,
) -> None:
    aws.wafv2.WebAclLoggingConfiguration(
        logical,
        resource_arn=acl.arn,
        log_destination_configs=[group.arn],
        redacted_fields=[_redacted(header) for header in redacted],
        logging_filter=_matched_only(),
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _matched_only() -> aws.wafv2.WebAclLoggingConfigurationLoggingFilterArgs:
    """Keep the requests that a rule blocked or counted: all of them are terabytes a month at the rate limit's pace."""
    logged = aws.wafv2.WebAclLoggingConfigurationLoggingFilterFilterConditionArgs
    action = aws.wafv2.WebAclLoggingConfigurationLoggingFilterFilterConditionActionConditionArgs
    return aws.wafv2.WebAclLoggingConfigurationLoggingFilterArgs(
        default_behavior="DROP",
        filters=[
            aws.wafv2.WebAclLoggingConfigurationLoggingFilterFilterArgs(
                behavior="KEEP",
                requirement="MEETS_ANY",
                conditions=[logged(action_condition=action(action=each)) for each in LOGGED_ACTIONS],
            )
        ],
    )


def _redacted(header: str) -> aws.wafv2.WebAclLoggingConfigurationRedactedFieldArgs:
    return aws.wafv2.WebAclLoggingConfigurationRedactedFieldArgs(
        single_header=aws.wafv2.WebAclLoggingConfigurationRedactedFieldSingleHeaderArgs(name=header)
    )

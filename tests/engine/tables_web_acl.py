"""The rules of a web ACL as a table: priority, name, action, metric and statement."""

from collections.abc import Iterator, Sequence
from typing import cast

from tests.engine.wording import Object, ResourceRow, as_list, as_object, format_number, joined

WEB_ACL = "aws:wafv2/webAcl:WebAcl"


def web_acl_lines(resources: Sequence[ResourceRow], scope: str) -> Iterator[str]:
    """Yield the lines of the web ACL of a scope, its rules by priority."""
    (acl,) = (inputs for type_, _, inputs, _ in resources if type_ == WEB_ACL and inputs["scope"] == scope)
    yield f"Web ACL {acl['name']} ({scope}), by priority:"
    for rule in sorted(cast("list[Object]", acl["rules"]), key=lambda rule: float(str(rule["priority"]))):
        action = "block" if "action" in rule else _managed_action(rule)
        metric = as_object(rule["visibilityConfig"])["metricName"]
        yield f"  {format_number(rule['priority']):>4}  {rule['name']}: {action}; metric {metric}"
        yield f"        {_statement(as_object(rule['statement']))}"
    yield f"     -  default: {joined(list(as_object(acl['defaultAction'])))}"
    for body in as_list(as_object(acl.get("associationConfig")).get("requestBodies") or []):
        limit = as_object(as_object(body)["cloudfront"])["defaultSizeInspectionLimit"]
        yield f"        inspects {limit} of a body"


def _managed_action(rule: Object) -> str:
    group = as_object(as_object(rule["statement"])["managedRuleGroupStatement"])
    counted = [
        f"{override['name']} counted" for override in cast("list[Object]", group.get("ruleActionOverrides") or [])
    ]
    return "; ".join(["AWS's actions" if "none" in as_object(rule["overrideAction"]) else "counted", *counted])


def _statement(statement: Object) -> str:
    """Describe a statement."""
    ((kind, value),) = statement.items()
    inner = as_object(value)
    match kind:
        case "andStatement" | "orStatement":
            word = " and " if kind == "andStatement" else " or "
            return word.join(_statement(each) for each in cast("list[Object]", inner["statements"]))
        case "notStatement":
            return f"not ({_statement(as_object(inner['statement']))})"
        case _:
            return _simple_statement(kind, inner)


def _simple_statement(kind: str, inner: Object) -> str:
    """Describe a statement that isn't a logical combination of others."""
    match kind:
        case "geoMatchStatement":
            return f"from {joined(inner['countryCodes'])}"
        case "byteMatchStatement":
            header = as_object(as_object(inner["fieldToMatch"])["singleHeader"])["name"]
            return f"header {header} is {inner['searchString']}"
        case "sizeConstraintStatement":
            oversize = as_object(as_object(inner["fieldToMatch"])["body"])["oversizeHandling"]
            return f"body {inner['comparisonOperator']} {format_number(inner['size'])} bytes, oversized: {oversize}"
        case "rateBasedStatement":
            return _rate(inner)
        case _:
            return "every request" if "scopeDownStatement" not in inner else "some requests"


def _rate(rate: Object) -> str:
    scope = rate.get("scopeDownStatement")
    scope_down = f", counting only {_statement(as_object(scope))}" if scope else ""
    limit, seconds = format_number(rate["limit"]), format_number(rate["evaluationWindowSec"])
    return f"more than {limit} in {seconds} s from one address{scope_down}"

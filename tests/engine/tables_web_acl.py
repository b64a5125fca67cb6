"""A web ACL's rules as a table: order, name, action, metric, and what each goes by, in words."""

from collections.abc import Iterator, Sequence
from typing import cast

from tests.engine.wording import Made, Object, as_list, as_object, number, words

WEB_ACL = "aws:wafv2/webAcl:WebAcl"


def web_acl(resources: Sequence[Made], scope: str) -> Iterator[str]:
    """Give the lines of the one web ACL of a scope, its rules in the order in which they are asked."""
    (acl,) = (inputs for type_, _, inputs, _ in resources if type_ == WEB_ACL and inputs["scope"] == scope)
    yield f"Web ACL {acl['name']} ({scope}), in this order:"
    for rule in sorted(cast("list[Object]", acl["rules"]), key=lambda rule: float(str(rule["priority"]))):
        action = "block" if "action" in rule else _managed_action(rule)
        metric = as_object(rule["visibilityConfig"])["metricName"]
        yield f"  {number(rule['priority']):>4}  {rule['name']}: {action}; metric {metric}"
        yield f"        {_statement(as_object(rule['statement']))}"
    yield f"     -  anything else: {words(list(as_object(acl['defaultAction'])))}"
    for body in as_list(as_object(acl.get("associationConfig")).get("requestBodies") or []):
        limit = as_object(as_object(body)["cloudfront"])["defaultSizeInspectionLimit"]
        yield f"        of a body it reads {limit}"


def _managed_action(rule: Object) -> str:
    whole = as_object(as_object(rule["statement"])["managedRuleGroupStatement"])
    counted = [
        f"{override['name']} counted" for override in cast("list[Object]", whole.get("ruleActionOverrides") or [])
    ]
    return "; ".join(["as AWS has it" if "none" in as_object(rule["overrideAction"]) else "counted", *counted])


def _statement(statement: Object) -> str:
    """Say a statement in words."""
    ((kind, value),) = statement.items()
    inner = as_object(value)
    match kind:
        case "andStatement" | "orStatement":
            word = " and " if kind == "andStatement" else " or "
            return word.join(_statement(each) for each in cast("list[Object]", inner["statements"]))
        case "notStatement":
            return f"not ({_statement(as_object(inner['statement']))})"
        case _:
            return _plain(kind, inner)


def _plain(kind: str, inner: Object) -> str:
    """Say a statement that holds no other in words; of a rate, what it holds is a part of it."""
    match kind:
        case "geoMatchStatement":
            return f"from {words(inner['countryCodes'])}"
        case "byteMatchStatement":
            header = as_object(as_object(inner["fieldToMatch"])["singleHeader"])["name"]
            return f"header {header} is {inner['searchString']}"
        case "sizeConstraintStatement":
            oversize = as_object(as_object(inner["fieldToMatch"])["body"])["oversizeHandling"]
            return (
                f"body {inner['comparisonOperator']} {number(inner['size'])} bytes; one too large to read: {oversize}"
            )
        case "rateBasedStatement":
            return _rate(inner)
        case _:
            return "every request" if "scopeDownStatement" not in inner else "some requests"


def _rate(rate: Object) -> str:
    scope = rate.get("scopeDownStatement")
    counting = f", counting {_statement(as_object(scope))}" if scope else ""
    return f"more than {number(rate['limit'])} in {number(rate['evaluationWindowSec'])} s from one address{counting}"

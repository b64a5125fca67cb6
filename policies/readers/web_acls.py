"""Judges the rules of a web ACL, of CloudFront's or the load balancer's.

A search string is a secret: no message contains one, nor a statement that may contain one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from policies.engine.expectations import (
    expect,
    expect_absent,
    expect_contains,
    expect_empty,
    expect_false,
    expect_set,
    expect_true,
    number,
    within,
)
from policies.engine.facts import Absent, Known, Node, Resource, Unknown
from policies.engine.rule import Verdict, violation
from policies.figures import names as names_figures
from policies.figures import origin as origin_figures
from policies.readers.waf_statements import excludes_header, has_only, is_untransformed, keys_of

# Resources that add a rule to a web ACL, which the web ACL itself doesn't contain.
ADDED_RULES = (
    "aws:wafv2/webAclRule:WebAclRule",
    "aws:wafv2/webAclRuleGroupAssociation:WebAclRuleGroupAssociation",
)

Kind: TypeAlias = Literal["geo", "rate", "size", "managed", "group", "other"]
_KINDS: tuple[tuple[str, Kind], ...] = (
    ("geoMatchStatement", "geo"),
    ("rateBasedStatement", "rate"),
    ("sizeConstraintStatement", "size"),
    ("managedRuleGroupStatement", "managed"),
    ("ruleGroupReferenceStatement", "group"),
)
_LIMIT = f"at most {origin_figures.RATE_LIMIT} in {origin_figures.RATE_WINDOW} s, or the same rate"


@dataclass(frozen=True, kw_only=True)
class _Rule:
    """One rule of a web ACL: its node, its name in messages, and its kind.

    `parts` are the statements that must hold together: those of an "and", or else the only one.
    """

    node: Node
    name: str
    kind: Kind | Unknown
    parts: tuple[Node, ...]


def expect_web_acl_rules(acl: Resource, trusted: str | None) -> Iterator[Verdict]:
    """Require the document's rules.

    The geo and rate rules must apply to the requests without the header `trusted` only, or to all if it is None.
    """
    yield from expect_empty(acl.at("ruleJson"), "rules, which the pack can judge")
    yield from _exactly(acl.at("defaultAction"), "allow")
    items = acl.at("rules").items()
    if isinstance(items, Unknown):
        yield items
        return
    rules = tuple(_read(node) for node in items.value) if isinstance(items, Known) else ()
    for rule in rules:
        yield from _named(rule, _judge(rule, trusted))
    yield from _missing(rules)
    yield from _order(rules)
    yield from _metrics(acl, rules)


def expect_body_limit(acl: Resource) -> Iterator[Verdict]:
    """Require a limit on the body in a web ACL of CloudFront, where the managed size rule only counts.

    WAF inspects only the beginning of a body, so the limit must be within that.
    """
    items = acl.at("rules").items()
    rules = tuple(_read(node) for node in items.value) if isinstance(items, Known) else ()
    if isinstance(items, Unknown) or any(isinstance(rule.kind, Unknown) for rule in rules):
        return
    inspected = _inspected_bytes(acl)
    if isinstance(inspected, Unknown):
        yield inspected
        return
    judged = [tuple(_named(rule, _size(rule, inspected))) for rule in rules if rule.kind == "size"]
    if not judged:
        yield violation("no rule limits the body", f"a rule that blocks bodies over {names_figures.BODY_LIMIT} bytes")
    # One is enough; another may limit another part of the request.
    elif () not in judged:
        yield from (verdict for each in judged for verdict in each)


def _inspected_bytes(acl: Resource) -> int | Unknown:
    """Return how many bytes of a body WAF inspects at CloudFront."""
    bodies = acl.at("associationConfig", "requestBodies").items()
    if isinstance(bodies, Unknown):
        return bodies
    nodes = bodies.value if isinstance(bodies, Known) else ()
    limits = [node.at("cloudfront", "defaultSizeInspectionLimit").text() for node in nodes]
    unknown = next((limit for limit in limits if isinstance(limit, Unknown)), None)
    names = [limit.value for limit in limits if isinstance(limit, Known)]
    sizes = (names_figures.BODY_INSPECTION_LIMITS.get(name, 0) for name in names)
    return unknown or min(sizes, default=names_figures.BODY_INSPECTION_DEFAULT)


def _named(rule: _Rule, verdicts: Iterator[Verdict]) -> Iterator[Verdict]:
    """Return the verdicts, with the rule's name before each violation."""
    for verdict in verdicts:
        yield verdict if isinstance(verdict, Unknown) else f"the rule {rule.name}: {verdict}"


def _read(node: Node) -> _Rule:
    name = node.at("name").text()
    statement = node.at("statement")
    parts: tuple[Node, ...] = (statement,)
    if has_only(statement, "andStatement") is True:
        several = statement.at("andStatement", "statements")
        inner = several.items()
        parts = inner.value if isinstance(inner, Known) else (several,)
    unknown = next((part.value for part in parts if isinstance(part.value, Unknown)), None)
    kind: Kind | None = next((kind for key, kind in _KINDS if any(_has(part, key) for part in parts)), None)
    return _Rule(
        node=node,
        name=name.value if isinstance(name, Known) else node.path[-1],
        kind=kind or unknown or "other",
        parts=parts,
    )


def _has(statement: Node, key: str) -> bool:
    found = keys_of(statement)
    return not isinstance(found, Unknown) and key in found


def _judge(rule: _Rule, trusted: str | None) -> Iterator[Verdict]:
    yield from expect_set(rule.node.at("priority"), "a priority")
    match rule.kind:
        case Unknown() as unknown:
            yield unknown
        case "geo":
            yield from _geo(rule, trusted)
        case "rate":
            yield from _rate(rule, trusted)
        case "managed":
            yield from _managed(rule)
        case "group":
            yield violation("the pack can't judge the rules of a rule group", "statements in the web ACL itself")
        case "size" | "other":
            actions = keys_of(rule.node.at("action"))
            if isinstance(actions, Unknown):
                yield actions
            elif "allow" in actions:
                yield violation("it allows requests past the rules after it", "block, count, captcha or challenge")


def _geo(rule: _Rule, trusted: str | None) -> Iterator[Verdict]:
    yield from _exactly(rule.node.at("action"), "block")
    matches = [part for part in rule.parts if _has(part, "geoMatchStatement")]
    yield from _scope([part for part in rule.parts if part not in matches], trusted)
    for match in (part.at("geoMatchStatement") for part in matches):
        # The client sets the header that AWS would read the address from.
        yield from expect_absent(match.at("forwardedIpConfig"), "nothing: the source address of the request")
        yield from expect_contains(match.at("countryCodes"), origin_figures.BLOCKED_COUNTRIES)


def _rate(rule: _Rule, trusted: str | None) -> Iterator[Verdict]:
    yield from _exactly(rule.node.at("action"), "block")
    rate = rule.node.at("statement", "rateBasedStatement")
    yield from expect(rate.at("aggregateKeyType"), "IP", default="IP")
    scope = rate.at("scopeDownStatement")
    yield from _scope([] if scope.value is None else [scope], trusted)
    limit, window = rate.at("limit").scalar(), rate.at("evaluationWindowSec").scalar()
    requests, seconds = number(limit), number(window) or origin_figures.RATE_WINDOW
    unknown = next((fact for fact in (limit, window) if isinstance(fact, Unknown)), None)
    if unknown:
        yield unknown
    elif requests is None:
        yield violation("limit isn't set", _LIMIT)
    elif requests * origin_figures.RATE_WINDOW > origin_figures.RATE_LIMIT * seconds:
        yield violation(f"it allows {requests} requests in {seconds} s", _LIMIT)


def _size(rule: _Rule, inspected: int) -> Iterator[Verdict]:
    """Require that a rule blocks every body over the limit."""
    yield from _exactly(rule.node.at("action"), "block")
    yield from _exactly(rule.node.at("statement"), "sizeConstraintStatement")
    size = rule.node.at("statement", "sizeConstraintStatement")
    yield from expect(size.at("comparisonOperator"), "GT", "GE")
    yield from within(size.at("size"), 1, min(inspected, names_figures.BODY_LIMIT))
    yield from _exactly(size.at("fieldToMatch"), "body")
    yield from expect(size.at("fieldToMatch", "body", "oversizeHandling"), "MATCH", default="CONTINUE")
    is_whole = is_untransformed(size.at("textTransformations"))
    if isinstance(is_whole, Unknown):
        yield is_whole
    elif not is_whole:
        yield violation("it measures a transformed body", "textTransformations of NONE alone")


def _scope(others: Sequence[Node], trusted: str | None) -> Iterator[Verdict]:
    """Require the scope of a geo or rate rule, by its other statements."""
    if trusted is None:
        if others:
            yield violation("it applies to a part of the requests only", "all of them")
        return
    answer = excludes_header(others[0], trusted) if len(others) == 1 else False
    if isinstance(answer, Unknown):
        yield answer
    elif not answer:
        allowed = f"exactly those without {trusted}: a notStatement of the header's exact values"
        yield violation("it applies to other requests", allowed)


def _managed(rule: _Rule) -> Iterator[Verdict]:
    yield from _exactly(rule.node.at("overrideAction"), "none")
    group = rule.node.at("statement", "managedRuleGroupStatement")
    yield from expect(group.at("vendorName"), "AWS")
    name = group.at("name").text()
    if isinstance(name, Unknown):
        yield name
    allowed = "the group as a whole, for all requests"
    yield from expect_empty(group.at("scopeDownStatement"), allowed)
    yield from expect_empty(group.at("excludedRules"), allowed)
    counted = origin_figures.MANAGED_GROUPS.get(name.value, frozenset[str]()) if isinstance(name, Known) else None
    match group.at("ruleActionOverrides").items():
        case Known(value=overrides):
            for override in overrides:
                yield from _override(override, counted)
        case Unknown() as unknown:
            yield unknown
        case Absent():
            pass


def _override(override: Node, counted: frozenset[str] | None) -> Iterator[Verdict]:
    """Judge an override of a rule in a group; `counted` are the rules that may count, None if they are unknown."""
    match override.at("name").text():
        case Unknown() as unknown:
            yield unknown
        case Known(value=name) if counted is None or name in counted:
            yield from _exactly(override.at("actionToUse"), "count")
        case name:
            label = name.value if isinstance(name, Known) else "a rule without a name"
            allowed = f"counting of {', '.join(sorted(counted or ())) or 'none'}"
            yield violation(f"{label} is overridden", allowed)


def _missing(rules: Sequence[_Rule]) -> Iterator[Verdict]:
    kinds = {rule.kind for rule in rules}
    names = [rule.node.at("statement", "managedRuleGroupStatement", "name") for rule in rules if rule.kind == "managed"]
    groups = [node.text() for node in names]
    # An unknown rule may be the missing one; its own verdict reports it.
    if any(isinstance(each, Unknown) for each in (*kinds, *groups)):
        return
    if "geo" not in kinds:
        countries = " and ".join(origin_figures.BLOCKED_COUNTRIES)
        yield violation("no rule blocks by country", f"a rule that blocks {countries}")
    if "rate" not in kinds:
        yield violation("no rule limits the rate", _LIMIT)
    for name in origin_figures.MANAGED_GROUPS:
        if Known(value=name) not in groups:
            yield violation(
                f"the managed group {name} is missing", f"all of {', '.join(origin_figures.MANAGED_GROUPS)}"
            )


def _order(rules: Sequence[_Rule]) -> Iterator[Verdict]:
    """Require the cheap rules before the managed groups."""
    managed = [number(rule.node.at("priority").scalar()) for rule in rules if rule.kind == "managed"]
    for rule in rules:
        priority = rule.node.at("priority").scalar()
        place = number(priority)
        if isinstance(priority, Unknown):
            yield priority
        elif rule.kind in ("geo", "rate") and any(other is not None and (place or 0) > other for other in managed):
            yield violation(f"the rule {rule.name} comes after a managed group", "geo and rate rules first")


def _metrics(acl: Resource, rules: Sequence[_Rule]) -> Iterator[Verdict]:
    names: set[str] = set()
    for config in (acl.at("visibilityConfig"), *(rule.node.at("visibilityConfig") for rule in rules)):
        yield from expect_true(config.at("cloudwatchMetricsEnabled"))
        # Samples contain all of a request's headers.
        yield from expect_false(config.at("sampledRequestsEnabled"), default=False)
        path, allowed = ".".join((*config.path, "metricName")), "a metric name that is unique in the web ACL"
        match config.at("metricName").text():
            case Known(value=name):
                if name in names:
                    yield violation(f"{path} is {name}, a duplicate", allowed)
                names.add(name)
            case Unknown() as unknown:
                yield unknown
            case Absent():
                yield violation(f"{path} isn't set", allowed)


def _exactly(node: Node, key: str) -> Iterator[Verdict]:
    """Require this key, and no other, of a node."""
    found = keys_of(node)
    if isinstance(found, Unknown):
        yield found
    elif found != (key,):
        yield violation(f"{'.'.join(node.path)} is {' and '.join(found) or 'not set'}", key)

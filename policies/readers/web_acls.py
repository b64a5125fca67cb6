"""Says what is wrong with the rules of a web ACL, whatever it guards. No rule of the pack stands here.

A search string is a secret: no message shows one, nor a statement that may hold one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from policies.engine.expectations import (
    expect,
    expect_absent,
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
from policies.readers.waf_statements import is_bare, is_without, members, only

# They add a rule to a web ACL from outside: it says nothing of it itself.
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
_LIMIT = f"at most {origin_figures.RATE_LIMIT} in {origin_figures.RATE_WINDOW} s, or as few in proportion"


@dataclass(frozen=True, kw_only=True)
class _Rule:
    """One rule of a web ACL: its place, its name for a message, and what it goes by.

    `parts` are the statements that have to hold together: those of an "and", or else the only one.
    """

    node: Node
    name: str
    kind: Kind | Unknown
    parts: tuple[Node, ...]


def expect_web_acl_rules(acl: Resource, trusted: str | None) -> Iterator[Verdict]:
    """What is wrong with what a web ACL does.

    Its geo and rate rules judge only the requests that come without the header `trusted`; None: they judge all.
    """
    yield from expect_empty(acl.at("ruleJson"), "rules, which can be judged")
    yield from _exactly(acl.at("defaultAction"), "allow")
    items = acl.at("rules").items()
    if isinstance(items, Unknown):
        yield items
        return
    rules = tuple(_read(node) for node in items.value) if isinstance(items, Known) else ()
    for rule in rules:
        yield from _of_rule(rule, _judged(rule, trusted))
    yield from _missing(rules)
    yield from _order(rules)
    yield from _metrics(acl, rules)


def expect_body_limit(acl: Resource) -> Iterator[Verdict]:
    """What is wrong with how a web ACL of CloudFront's bounds a body: the managed size rule only counts.

    WAF reads the beginning of a body and no more, so a rule that is to see its end has to stay within that.
    """
    items = acl.at("rules").items()
    rules = tuple(_read(node) for node in items.value) if isinstance(items, Known) else ()
    if isinstance(items, Unknown) or any(isinstance(rule.kind, Unknown) for rule in rules):
        return
    readable = _readable(acl)
    if isinstance(readable, Unknown):
        yield readable
        return
    judged = [tuple(_of_rule(rule, _size(rule, readable))) for rule in rules if rule.kind == "size"]
    if not judged:
        yield violation(
            "no rule bounds the body", f"one that blocks what is larger than {names_figures.BODY_LIMIT} bytes"
        )
    # One is enough; another may ask of another part of the request.
    elif () not in judged:
        yield from (verdict for each in judged for verdict in each)


def _readable(acl: Resource) -> int | Unknown:
    """How many bytes of a body WAF reads at CloudFront."""
    bodies = acl.at("associationConfig", "requestBodies").items()
    if isinstance(bodies, Unknown):
        return bodies
    nodes = bodies.value if isinstance(bodies, Known) else ()
    limits = [node.at("cloudfront", "defaultSizeInspectionLimit").text() for node in nodes]
    unknown = next((limit for limit in limits if isinstance(limit, Unknown)), None)
    named = [limit.value for limit in limits if isinstance(limit, Known)]
    return unknown or min((names_figures.BODY_READ.get(name, 0) for name in named), default=names_figures.BODY_UNSAID)


def _of_rule(rule: _Rule, found: Iterator[Verdict]) -> Iterator[Verdict]:
    """The same, with the rule's name before each fault."""
    for verdict in found:
        yield verdict if isinstance(verdict, Unknown) else f"the rule {rule.name}: {verdict}"


def _read(node: Node) -> _Rule:
    name = node.at("name").text()
    statement = node.at("statement")
    parts: tuple[Node, ...] = (statement,)
    if only(statement, "andStatement") is True:
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
    found = members(statement)
    return not isinstance(found, Unknown) and key in found


def _judged(rule: _Rule, trusted: str | None) -> Iterator[Verdict]:
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
            yield violation("what a rule group of one's own does can't be judged", "statements in the web ACL itself")
        case "size" | "other":
            actions = members(rule.node.at("action"))
            if isinstance(actions, Unknown):
                yield actions
            elif "allow" in actions:
                yield violation("it lets requests pass by the rules after it", "block, count, captcha or challenge")


def _geo(rule: _Rule, trusted: str | None) -> Iterator[Verdict]:
    yield from _exactly(rule.node.at("action"), "block")
    matches = [part for part in rule.parts if _has(part, "geoMatchStatement")]
    yield from _narrowed([part for part in rule.parts if part not in matches], trusted)
    for match in (part.at("geoMatchStatement") for part in matches):
        # The client writes the header that AWS would go by.
        yield from expect_absent(match.at("forwardedIpConfig"), "nothing: the address that the request comes from")
        items = match.at("countryCodes").items()
        codes = [item.text() for item in items.value] if isinstance(items, Known) else [items]
        lacking = [code for code in origin_figures.BLOCKED_COUNTRIES if Known(value=code) not in codes]
        if lacking:
            unknown = next((code for code in codes if isinstance(code, Unknown)), None)
            allowed = f"{' and '.join(origin_figures.BLOCKED_COUNTRIES)} at least"
            yield unknown or violation(f"countryCodes lacks {', '.join(lacking)}", allowed)


def _rate(rule: _Rule, trusted: str | None) -> Iterator[Verdict]:
    yield from _exactly(rule.node.at("action"), "block")
    rate = rule.node.at("statement", "rateBasedStatement")
    yield from expect(rate.at("aggregateKeyType"), "IP", default="IP")
    scope = rate.at("scopeDownStatement")
    yield from _narrowed([] if scope.value is None else [scope], trusted)
    limit, window = rate.at("limit").scalar(), rate.at("evaluationWindowSec").scalar()
    requests, seconds = number(limit), number(window) or origin_figures.RATE_WINDOW
    unknown = next((fact for fact in (limit, window) if isinstance(fact, Unknown)), None)
    if unknown:
        yield unknown
    elif requests is None:
        yield violation("limit isn't set", _LIMIT)
    elif requests * origin_figures.RATE_WINDOW > origin_figures.RATE_LIMIT * seconds:
        yield violation(f"it lets {requests} requests pass in {seconds} s", _LIMIT)


def _size(rule: _Rule, readable: int) -> Iterator[Verdict]:
    """What keeps a rule from blocking every body that is too large."""
    yield from _exactly(rule.node.at("action"), "block")
    yield from _exactly(rule.node.at("statement"), "sizeConstraintStatement")
    size = rule.node.at("statement", "sizeConstraintStatement")
    yield from expect(size.at("comparisonOperator"), "GT", "GE")
    yield from within(size.at("size"), 1, min(readable, names_figures.BODY_LIMIT))
    yield from _exactly(size.at("fieldToMatch"), "body")
    yield from expect(size.at("fieldToMatch", "body", "oversizeHandling"), "MATCH", default="CONTINUE")
    is_whole = is_bare(size.at("textTransformations"))
    if isinstance(is_whole, Unknown):
        yield is_whole
    elif not is_whole:
        yield violation("it measures a changed body", "textTransformations of NONE alone")


def _narrowed(others: Sequence[Node], trusted: str | None) -> Iterator[Verdict]:
    """What is wrong with the statements that a rule is narrowed by."""
    if trusted is None:
        if others:
            yield violation("it judges a part of the requests only", "all of them")
        return
    answer = is_without(others[0], trusted) if len(others) == 1 else False
    if isinstance(answer, Unknown):
        yield answer
    elif not answer:
        allowed = f"exactly those without {trusted}: a notStatement of the header's exact values"
        yield violation("it judges other requests than it should", allowed)


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
    """One rule of a group that does something else; `counted` are those that may count, None while that is unknown."""
    match override.at("name").text():
        case Unknown() as unknown:
            yield unknown
        case Known(value=name) if counted is None or name in counted:
            yield from _exactly(override.at("actionToUse"), "count")
        case name:
            named = name.value if isinstance(name, Known) else "a rule without a name"
            allowed = f"counting of {', '.join(sorted(counted or ())) or 'none'}"
            yield violation(f"{named} is overridden", allowed)


def _missing(rules: Sequence[_Rule]) -> Iterator[Verdict]:
    kinds = {rule.kind for rule in rules}
    named = [rule.node.at("statement", "managedRuleGroupStatement", "name") for rule in rules if rule.kind == "managed"]
    groups = [node.text() for node in named]
    # What can't be read yet may be the one that is missing; the rule itself has said so.
    if any(isinstance(each, Unknown) for each in (*kinds, *groups)):
        return
    if "geo" not in kinds:
        countries = " and ".join(origin_figures.BLOCKED_COUNTRIES)
        yield violation("no rule blocks by country", f"one that blocks {countries}")
    if "rate" not in kinds:
        yield violation("no rule limits the rate", _LIMIT)
    for name in origin_figures.MANAGED_GROUPS:
        if Known(value=name) not in groups:
            yield violation(
                f"the managed group {name} isn't there", f"all of {', '.join(origin_figures.MANAGED_GROUPS)}"
            )


def _order(rules: Sequence[_Rule]) -> Iterator[Verdict]:
    """The cheap rules come before the managed groups."""
    managed = [number(rule.node.at("priority").scalar()) for rule in rules if rule.kind == "managed"]
    for rule in rules:
        priority = rule.node.at("priority").scalar()
        place = number(priority)
        if isinstance(priority, Unknown):
            yield priority
        elif rule.kind in ("geo", "rate") and any(other is not None and (place or 0) > other for other in managed):
            yield violation(f"the rule {rule.name} comes after a managed group", "geo and rate first: they are cheap")


def _metrics(acl: Resource, rules: Sequence[_Rule]) -> Iterator[Verdict]:
    names: set[str] = set()
    for config in (acl.at("visibilityConfig"), *(rule.node.at("visibilityConfig") for rule in rules)):
        yield from expect_true(config.at("cloudwatchMetricsEnabled"))
        # Samples show all of a request's headers.
        yield from expect_false(config.at("sampledRequestsEnabled"), default=False)
        path, allowed = ".".join((*config.path, "metricName")), "a name that no other metric of the web ACL has"
        match config.at("metricName").text():
            case Known(value=name):
                if name in names:
                    yield violation(f"{path} is {name}, as another's", allowed)
                names.add(name)
            case Unknown() as unknown:
                yield unknown
            case Absent():
                yield violation(f"{path} isn't set", allowed)


def _exactly(node: Node, key: str) -> Iterator[Verdict]:
    """A place where one of several things is said by its key."""
    found = members(node)
    if isinstance(found, Unknown):
        yield found
    elif found != (key,):
        yield violation(f"{'.'.join(node.path)} is {' and '.join(found) or 'not set'}", key)

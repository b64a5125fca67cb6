"""Rules about cache behaviors: routing, caching, forwarded headers, methods, functions and error responses."""

from collections.abc import Iterator, Mapping

from policies.engine.expectations import (
    equals,
    expect,
    expect_absent,
    expect_empty,
    expect_set,
    in_each,
    is_true,
    must_be_absent,
    must_be_empty,
    must_be_set,
    one_of,
    property_rule,
)
from policies.engine.facts import Absent, Known, Node, Resource, Unknown, elements_of
from policies.engine.graph import Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, expect_reference, violation
from policies.figures import edge as edge_figures
from policies.figures.edge import Kind
from policies.readers.distributions import (
    CACHE_POLICY,
    FUNCTION,
    HEADERS_POLICY,
    Target,
    behaviors,
    is_planned,
    target_of,
)
from policies.readers.resource_types import DISTRIBUTION

_EVERY_BEHAVIOR = (
    one_of("viewerProtocolPolicy", "redirect-to-https", "https-only"),
    is_true("compress", default=False),
    must_be_set("responseHeadersPolicyId", "a policy of this stack"),
    must_be_empty("lambdaFunctionAssociations", "Lambda@Edge could read request bodies"),
    must_be_absent("realtimeLogConfigArn", "no rule checks real-time logs"),
)
_FUNCTION_EVENT = "viewer-request"
_TARGETS: Mapping[Kind, str] = {"assets": "the asset buckets", "api": "the load balancer"}


def _behaviors(distribution: Resource) -> Iterator[Verdict]:
    for behavior in behaviors(distribution):
        if isinstance(behavior.value, Unknown):
            yield behavior.value
            continue
        for row in _EVERY_BEHAVIOR:
            yield from row.judge(behavior.at(*row.path))
        target = target_of(behavior, distribution)
        if not isinstance(target, Target):
            yield target
        elif target.kind == "api":
            yield from _api_behavior(behavior)
        else:
            yield from _assets_behavior(behavior)


def _api_behavior(behavior: Node) -> Iterator[Verdict]:
    """Require that nothing is cached and that the whole request is forwarded unchanged."""
    yield from expect(behavior.at("cachePolicyId"), edge_figures.CACHING_DISABLED)
    yield from expect(behavior.at("originRequestPolicyId"), edge_figures.ALL_VIEWER)
    yield from _methods(behavior.at("allowedMethods"), edge_figures.ALL_METHODS)
    yield from expect_empty(behavior.at("functionAssociations"), "nothing: the API gets the viewer's request unchanged")


def _assets_behavior(behavior: Node) -> Iterator[Verdict]:
    """Require reads by path, and the one function that maps all other paths to the single-page application."""
    yield from expect_set(behavior.at("cachePolicyId"), "a policy of this stack")
    yield from expect_absent(
        behavior.at("originRequestPolicyId"), "nothing: forwarded headers would break the signature of S3 requests"
    )
    yield from _methods(behavior.at("allowedMethods"), edge_figures.READ_METHODS, edge_figures.PREFLIGHT_METHODS)
    allowed = f"one function, on {_FUNCTION_EVENT}"
    match behavior.at("functionAssociations").items():
        case Known(value=(association,)):
            yield from expect(association.at("eventType"), _FUNCTION_EVENT)
            yield from expect_set(association.at("functionArn"), allowed)
        case Unknown() as unknown:
            yield unknown
        case functions:
            count = len(functions.value) if isinstance(functions, Known) else 0
            yield violation(f"{'.'.join(behavior.path)} has {count} functions", allowed)


def _methods(node: Node, required: frozenset[str], optional: frozenset[str] = frozenset()) -> Iterator[Verdict]:
    facts = [method.text() for method in elements_of(node)]
    methods = {fact.value for fact in facts if isinstance(fact, Known)}
    unknown = next((fact for fact in facts if isinstance(fact, Unknown)), None)
    name, allowed = ".".join(node.path), _listed(required)
    if methods - required - optional:
        yield violation(f"{name} has {_listed(methods - required - optional)}", allowed)
    elif required - methods:
        yield unknown or violation(f"{name} lacks {_listed(required - methods)}", allowed)


def _listed(methods: frozenset[str] | set[str]) -> str:
    return ", ".join(sorted(methods))


def _routing(distribution: Resource) -> Iterator[Verdict]:
    """Judge the paths of each host that is served; edge-hosts reports unknown hosts."""
    for alias in elements_of(distribution.at("aliases")):
        match alias.text():
            case Known(value=host) if host in edge_figures.ROUTES:
                yield from _routes(distribution, host, edge_figures.ROUTES[host])
            case Unknown() as unknown:
                yield unknown
            case _:
                pass


def _routes(distribution: Resource, host: str, required: Mapping[str, Kind]) -> Iterator[Verdict]:
    found: set[str] = set()
    is_complete = True
    for behavior in behaviors(distribution):
        path = Known(value="") if behavior.path[0] == "defaultCacheBehavior" else behavior.at("pathPattern").text()
        if isinstance(path, Unknown):
            is_complete = False
            yield path
        elif isinstance(path, Absent) or path.value not in required or path.value in found:
            text = "no path" if isinstance(path, Absent) else path.value or "another default"
            yield violation(f"{host} has a behavior for {text}", f"{_described(required)}, once each")
        else:
            found.add(path.value)
            yield from _target(behavior, distribution, required[path.value])
    if required[""] == "assets":
        # CloudFront may list the bucket, so / would answer with the list.
        yield from expect_set(distribution.at("defaultRootObject"), "the file for /")
    for path in required:
        if is_complete and path not in found:
            yield violation(f"{host} has no behavior for {path}", _described(required))


def _target(behavior: Node, distribution: Resource, required: Kind) -> Iterator[Verdict]:
    target = target_of(behavior, distribution)
    if isinstance(target, Unknown):
        yield target
    elif isinstance(target, Target) and target.kind != required:
        yield violation(f"{'.'.join(behavior.path)} goes to {_TARGETS[target.kind]}", _TARGETS[required])
    elif isinstance(target, Target) and required == "assets" and target.group is None:
        yield violation(f"{'.'.join(behavior.path)} goes to one bucket", "an origin group of the bucket and its copy")


def _described(routes: Mapping[str, Kind]) -> str:
    return " and ".join(f"{path or 'the default'} to {_TARGETS[kind]}" for path, kind in routes.items())


def _attachments(stack: Stack) -> Iterator[Finding]:
    """Require policies and functions of this stack, which the rules judge."""
    for distribution in stack.of(DISTRIBUTION) if is_planned(stack) else ():
        for behavior in behaviors(distribution):
            for node, type_ in _references(behavior, distribution):
                kind = f"a {type_.rpartition(':')[2]}"
                yield from expect_reference(distribution, node, stack, type_, kind, is_optional=True)


def _references(behavior: Node, distribution: Resource) -> Iterator[tuple[Node, str]]:
    yield behavior.at("responseHeadersPolicyId"), HEADERS_POLICY
    target = target_of(behavior, distribution)
    if isinstance(target, Target) and target.kind == "assets":
        yield behavior.at("cachePolicyId"), CACHE_POLICY
        for association in elements_of(behavior.at("functionAssociations")):
            yield association.at("functionArn"), FUNCTION


def _errors(distribution: Resource) -> Iterator[Verdict]:
    codes: set[object] = set()
    unknown: Unknown | None = None
    for response in elements_of(distribution.at("customErrorResponses")):
        code = response.at("errorCode").scalar()
        if isinstance(code, Known):
            codes.add(code.value)
        elif isinstance(code, Unknown):
            unknown = code
    missing = [str(code) for code in edge_figures.CACHED_ERRORS if code not in codes]
    if unknown or missing:
        found = f"CloudFront caches the errors {', '.join(missing)} for 10 s"
        yield unknown or violation(found, "an element of customErrorResponses for each")


RULES = (
    ResourceRule(
        id="edge-behaviors",
        section="CDN (CloudFront)",
        description="Viewers are redirected to HTTPS; API responses are never cached, API requests forwarded unchanged",
        remedy=f"API: cachePolicyId {edge_figures.CACHING_DISABLED} (CachingDisabled), originRequestPolicyId "
        f"{edge_figures.ALL_VIEWER} (AllViewer), methods {_listed(edge_figures.ALL_METHODS)}. Assets: a cache policy "
        f"of this stack, methods {_listed(edge_figures.READ_METHODS)}, one function on {_FUNCTION_EVENT}.",
        types=(DISTRIBUTION,),
        judge=_behaviors,
        severity="critical",
        controls=("CloudFront.3",),
    ),
    ResourceRule(
        id="edge-routing",
        section="CDN (CloudFront)",
        description="The web application comes from the asset buckets, the API from the load balancer",
        remedy="Give the distribution these behaviors, and no other.",
        types=(DISTRIBUTION,),
        judge=_routing,
        severity="high",
        controls=("CloudFront.1",),
    ),
    StackRule(
        id="edge-policies-in-stack",
        section="CDN (CloudFront)",
        description="Behaviors use policies and functions of this stack, which the rules judge",
        remedy="Name a policy or function of this stack.",
        judge=_attachments,
    ),
    property_rule(
        "edge-errors",
        section="CDN (CloudFront)",
        description="CloudFront replaces no error response and caches none",
        types=DISTRIBUTION,
        rows=(
            in_each(
                "customErrorResponses",
                must_be_absent("responseCode", "it would replace the API's errors too"),
                must_be_absent("responsePagePath", "it would replace the API's errors too"),
                equals("errorCachingMinTtl", 0),
            ),
        ),
        also=_errors,
        remedy=f"Add an element for each of {', '.join(map(str, edge_figures.CACHED_ERRORS))}.",
    ),
)

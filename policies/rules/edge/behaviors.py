"""Rules about what a distribution does with a request: caching, headers, methods, functions, errors."""

from collections.abc import Iterator, Mapping

from policies.engine.expectations import expect, expect_absent, expect_empty, expect_set, expect_true
from policies.engine.facts import Absent, Known, Node, Resource, Unknown, elements_of
from policies.engine.graph import Found, Outside, Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, violation
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


def _behaviors(distribution: Resource) -> Iterator[Verdict]:
    for behavior in behaviors(distribution):
        if isinstance(behavior.value, Unknown):
            yield behavior.value
            continue
        yield from expect(behavior.at("viewerProtocolPolicy"), "redirect-to-https", "https-only")
        yield from expect_true(behavior.at("compress"), default=False)
        yield from expect_set(behavior.at("responseHeadersPolicyId"), "a policy of this stack")
        yield from expect_empty(behavior.at("lambdaFunctionAssociations"), "nothing: no code that sees bodies")
        yield from expect_absent(behavior.at("realtimeLogConfigArn"), "nothing: logs that aren't judged")
        target = target_of(behavior, distribution)
        if not isinstance(target, Target):
            yield target
        elif target.kind == "api":
            yield from _for_api(behavior)
        else:
            yield from _for_assets(behavior)


def _for_api(behavior: Node) -> Iterator[Verdict]:
    """Nothing is kept, and all of a request is handed on as it is."""
    yield from expect(behavior.at("cachePolicyId"), edge_figures.CACHING_DISABLED)
    yield from expect(behavior.at("originRequestPolicyId"), edge_figures.ALL_VIEWER)
    yield from _methods(behavior.at("allowedMethods"), edge_figures.EVERYTHING)
    yield from expect_empty(behavior.at("functionAssociations"), "nothing: the API gets what the viewer asked")


def _for_assets(behavior: Node) -> Iterator[Verdict]:
    """Files are read by their names, and the one function gives the web application for all other paths."""
    yield from expect_set(behavior.at("cachePolicyId"), "a policy of this stack")
    # What it would hand on would break the signature.
    yield from expect_absent(behavior.at("originRequestPolicyId"), "nothing: a bucket is asked by the path alone")
    yield from _methods(behavior.at("allowedMethods"), edge_figures.READING, edge_figures.ASKING)
    allowed = "one function, on viewer-request"
    match behavior.at("functionAssociations").items():
        case Known(value=(association,)):
            yield from expect(association.at("eventType"), "viewer-request")
            yield from expect_set(association.at("functionArn"), allowed)
        case Unknown() as unknown:
            yield unknown
        case functions:
            count = len(functions.value) if isinstance(functions, Known) else 0
            yield violation(f"{'.'.join(behavior.path)} has {count} functions", allowed)


def _methods(node: Node, needed: frozenset[str], optional: frozenset[str] = frozenset()) -> Iterator[Verdict]:
    facts = [method.text() for method in elements_of(node)]
    methods = {fact.value for fact in facts if isinstance(fact, Known)}
    doubt = next((fact for fact in facts if isinstance(fact, Unknown)), None)
    name, allowed = ".".join(node.path), ", ".join(sorted(needed))
    if methods - needed - optional:
        yield violation(f"{name} has {', '.join(sorted(methods - needed - optional))}", allowed)
    elif needed - methods:
        yield doubt or violation(f"{name} lacks {', '.join(sorted(needed - methods))}", allowed)


def _routed(distribution: Resource) -> Iterator[Verdict]:
    """Which path goes where, by the host that is served; a host that isn't the document's is another rule's."""
    for alias in elements_of(distribution.at("aliases")):
        match alias.text():
            case Known(value=host) if host in edge_figures.WAYS:
                yield from _ways(distribution, host, edge_figures.WAYS[host])
            case Unknown() as unknown:
                yield unknown
            case _:
                pass


def _ways(distribution: Resource, host: str, wanted: Mapping[str, Kind]) -> Iterator[Verdict]:
    found: set[str] = set()
    is_certain = True
    for behavior in behaviors(distribution):
        path = Known(value="") if behavior.path[0] == "defaultCacheBehavior" else behavior.at("pathPattern").text()
        if isinstance(path, Unknown):
            is_certain = False
            yield path
        elif isinstance(path, Absent) or path.value not in wanted or path.value in found:
            text = "no path" if isinstance(path, Absent) else path.value or "another default"
            yield violation(f"{host} has a behaviour for {text}", f"{_named(wanted)}, once each")
        else:
            found.add(path.value)
            yield from _goes(behavior, distribution, wanted[path.value])
    if wanted[""] == "assets":
        # Whoever may list a bucket is given the list for /.
        yield from expect_set(distribution.at("defaultRootObject"), "the file that is given for /")
    for path in wanted:
        if is_certain and path not in found:
            yield violation(f"{host} has no behaviour for {path}", _named(wanted))


def _goes(behavior: Node, distribution: Resource, wanted: Kind) -> Iterator[Verdict]:
    target = target_of(behavior, distribution)
    if isinstance(target, Unknown):
        yield target
    elif isinstance(target, Target) and target.kind != wanted:
        yield violation(f"{'.'.join(behavior.path)} goes to {_WHO[target.kind]}", _WHO[wanted])
    elif isinstance(target, Target) and wanted == "assets" and target.group is None:
        yield violation(f"{'.'.join(behavior.path)} goes to one bucket", "a group of the bucket and its copy")


_WHO: Mapping[Kind, str] = {"assets": "the buckets of the assets", "api": "the load balancer"}


def _named(wanted: Mapping[str, Kind]) -> str:
    return " and ".join(f"{path or 'the default'} to {_WHO[kind]}" for path, kind in wanted.items())


def _own(stack: Stack) -> Iterator[Finding]:
    """What behaviours name is this stack's, so that it is judged."""
    for distribution in stack.of(DISTRIBUTION) if is_planned(stack) else ():
        for behavior in behaviors(distribution):
            for node, kind in _references(behavior, distribution):
                match stack.refer(distribution, node, kind):
                    case Outside(text=text):
                        verdict = violation(
                            f"{'.'.join(node.path)} is {text}", f"a {kind.rpartition(':')[2]} of this stack"
                        )
                        yield Finding(resource=distribution, verdict=verdict)
                    case Unknown() as unknown:
                        yield Finding(resource=distribution, verdict=unknown)
                    case Found() | Absent():
                        pass


def _references(behavior: Node, distribution: Resource) -> Iterator[tuple[Node, str]]:
    yield behavior.at("responseHeadersPolicyId"), HEADERS_POLICY
    target = target_of(behavior, distribution)
    if isinstance(target, Target) and target.kind == "assets":
        yield behavior.at("cachePolicyId"), CACHE_POLICY
        for association in elements_of(behavior.at("functionAssociations")):
            yield association.at("functionArn"), FUNCTION


def _errors(distribution: Resource) -> Iterator[Verdict]:
    codes: set[object] = set()
    doubt: Unknown | None = None
    for response in elements_of(distribution.at("customErrorResponses")):
        code = response.at("errorCode").scalar()
        if isinstance(code, Known):
            codes.add(code.value)
        elif isinstance(code, Unknown):
            doubt = code
        for key in ("responseCode", "responsePagePath"):
            yield from expect_absent(response.at(key), "nothing: the API's errors would be rewritten too")
        yield from expect(response.at("errorCachingMinTtl"), 0)
    lacking = [str(code) for code in edge_figures.KEPT_ERRORS if code not in codes]
    if doubt or lacking:
        allowed = "customErrorResponses with errorCachingMinTtl 0 for each"
        yield doubt or violation(f"CloudFront keeps errors with {', '.join(lacking)} for 10 s", allowed)


RULES = (
    ResourceRule(
        id="edge-behaviors",
        section="CDN (CloudFront)",
        description="Viewers are led to HTTPS; the API's answers are never kept, and nothing of its requests is lost",
        remedy="API: CachingDisabled, AllViewer, all methods. Assets: a cache policy, GET and HEAD, one function.",
        types=(DISTRIBUTION,),
        judge=_behaviors,
    ),
    ResourceRule(
        id="edge-routing",
        section="CDN (CloudFront)",
        description="The web application's files come from the buckets, and what is the API's from the load balancer",
        remedy="Give the distribution these behaviours, and no other.",
        types=(DISTRIBUTION,),
        judge=_routed,
    ),
    StackRule(
        id="edge-policies-own",
        section="CDN (CloudFront)",
        description="Policies and functions that behaviours name are this stack's, where they are judged",
        remedy="Name a policy or function of this stack.",
        judge=_own,
    ),
    ResourceRule(
        id="edge-errors",
        section="CDN (CloudFront)",
        description="No error is rewritten, and none is kept for somebody else",
        remedy="List each code with errorCachingMinTtl 0, and without a response of its own.",
        types=(DISTRIBUTION,),
        judge=_errors,
    ),
)

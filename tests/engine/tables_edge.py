"""What the edge does with a request, as a table: host and path to origin, methods, cache, headers, and the web ACL."""

from collections.abc import Iterator, Mapping, Sequence

from tests.engine.tables_web_acl import web_acl
from tests.engine.wording import Made, Object, as_list, as_object, number, opened, words

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
CACHE = "aws:cloudfront/cachePolicy:CachePolicy"
HEADERS = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"
FUNCTION = "aws:cloudfront/function:Function"

# AWS's own policies, by their ids.
MANAGED: Mapping[str, str] = {
    "4135ea2d-6df8-44a3-9df3-4b5a84be39ad": "CachingDisabled",
    "216adef6-5c7f-47e4-b989-5492eafa07d3": "AllViewer",
}


def edge(resources: Sequence[Made], secrets: Mapping[str, str]) -> str:
    """Give every distribution with its behaviours, what they name, and the web ACL. `secrets`: as for `origin`."""
    made = [(type_, name, as_object(opened(dict(inputs), secrets)), out) for type_, name, inputs, out in resources]
    lines: list[str] = []
    for type_, _, inputs, _ in made:
        if type_ == DISTRIBUTION:
            lines += [*_distribution(inputs, _names(made)), ""]
    for title, type_, described in (
        ("Cache policies", CACHE, _cache),
        ("Headers of every answer", HEADERS, _headers),
        ("Functions", FUNCTION, _function),
    ):
        lines.append(title)
        for kind, _, inputs, _ in made:
            if kind == type_:
                lines += [f"  {inputs['name']}", *(f"    {line}" for line in described(inputs))]
        lines.append("")
    return "\n".join([*lines, *web_acl(made, "CLOUDFRONT")]) + "\n"


def _names(resources: Sequence[Made]) -> Mapping[str, str]:
    """Give the names of what is named by an id or an ARN."""
    names = dict(MANAGED)
    for type_, _, inputs, outputs in resources:
        if type_ in (CACHE, HEADERS, FUNCTION):
            names |= {str(outputs[key]): str(inputs["name"]) for key in ("id", "arn") if key in outputs}
    return names


def _distribution(inputs: Object, names: Mapping[str, str]) -> Iterator[str]:
    viewer = as_object(inputs["viewerCertificate"])
    ipv6 = "IPv6" if inputs["isIpv6Enabled"] else "IPv4 alone"
    yield f"https://{words(inputs['aliases'])}"
    yield f"  {inputs['priceClass']}, {inputs['httpVersion']}, {ipv6}, {viewer['minimumProtocolVersion']}"
    for origin in map(as_object, as_list(inputs["origins"])):
        yield f"  origin {origin['originId']}: {_origin(origin)}"
    for group in map(as_object, as_list(inputs.get("originGroups") or [])):
        members = " then ".join(str(as_object(m)["originId"]) for m in as_list(group["members"]))
        codes = words(as_object(group["failoverCriteria"])["statusCodes"])
        yield f"  origin {group['originId']}: {members}, where the first answers {codes}"
    ordered = [as_object(each) for each in as_list(inputs.get("orderedCacheBehaviors") or [])]
    for path, behavior in [
        *((str(each["pathPattern"]), each) for each in ordered),
        ("*", as_object(inputs["defaultCacheBehavior"])),
    ]:
        yield from _behavior(path, behavior, names)
    errors = [as_object(each) for each in as_list(inputs.get("customErrorResponses") or [])]
    kept = {number(each["errorCachingMinTtl"]) for each in errors}
    rewritten = [each for each in errors if each.get("responseCode") or each.get("responsePagePath")]
    yield (
        f"  errors {words([number(each['errorCode']) for each in errors])}: kept for {', '.join(sorted(kept))} s, "
        + (
            f"rewritten: {words([number(each['errorCode']) for each in rewritten])}"
            if rewritten
            else "as the origin says"
        )
    )


def _origin(origin: Object) -> str:
    custom = as_object(origin.get("customOriginConfig"))
    headers = [as_object(each) for each in as_list(origin.get("customHeaders") or [])]
    said = "".join(f", with {each['name']}: {each['value']}" for each in headers)
    if custom:
        return f"{origin['domainName']}, {custom['originProtocolPolicy']} {words(custom['originSslProtocols'])}{said}"
    return f"{origin['domainName']}, {'signed' if origin.get('originAccessControlId') else 'unsigned'}{said}"


def _behavior(path: str, behavior: Object, names: Mapping[str, str]) -> Iterator[str]:
    def named(key: str) -> str:
        return names.get(str(behavior.get(key)), "nothing")

    yield f"  {path} -> {behavior['targetOriginId']}; {behavior['viewerProtocolPolicy']}"
    yield f"    methods {words(behavior['allowedMethods'])}"
    compressed = "compressed" if behavior["compress"] else "as it is"
    yield f"    cache {named('cachePolicyId')}; passed on {named('originRequestPolicyId')}; {compressed}"
    functions = [as_object(each) for each in as_list(behavior.get("functionAssociations") or [])]
    run = [f"{names.get(str(each['functionArn']))} at {each['eventType']}" for each in functions]
    yield f"    headers {named('responseHeadersPolicyId')}; function {words(list(run)) or 'none'}"


def _cache(inputs: Object) -> Iterator[str]:
    yield f"seconds: {', '.join(f'{key} {number(inputs[key])}' for key in ('minTtl', 'defaultTtl', 'maxTtl'))}"
    key = as_object(inputs["parametersInCacheKeyAndForwardedToOrigin"])
    yield f"gzip {key['enableAcceptEncodingGzip']}, brotli {key['enableAcceptEncodingBrotli']}"
    parts = (("cookie", "cookies"), ("header", "headers"), ("queryString", "queryStrings"))
    beside = (f"{many} {as_object(key[many + 'Config'])[one + 'Behavior']}" for one, many in parts)
    yield f"kept by path, and {', '.join(beside)}"


def _headers(inputs: Object) -> Iterator[str]:
    for name, config in sorted(as_object(inputs["securityHeadersConfig"]).items()):
        parts = (f"{key} {_shown(value)}" for key, value in sorted(as_object(config).items()))
        yield f"{name}: {'; '.join(parts)}"


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _function(inputs: Object) -> Iterator[str]:
    yield f"{inputs['runtime']}: {inputs['comment']}"

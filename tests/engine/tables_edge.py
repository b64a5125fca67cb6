"""The edge as a table: origins, methods, cache and headers for each host and path, and the web ACL."""

from collections.abc import Iterator, Mapping, Sequence

from tests.engine.tables_web_acl import web_acl_lines
from tests.engine.wording import Object, ResourceRow, as_list, as_object, format_number, joined, reveal_secrets

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
CACHE = "aws:cloudfront/cachePolicy:CachePolicy"
HEADERS = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"
FUNCTION = "aws:cloudfront/function:Function"

# AWS's managed policies by id.
MANAGED: Mapping[str, str] = {
    "4135ea2d-6df8-44a3-9df3-4b5a84be39ad": "CachingDisabled",
    "216adef6-5c7f-47e4-b989-5492eafa07d3": "AllViewer",
}


def edge_table(resources: Sequence[ResourceRow], secrets: Mapping[str, str]) -> str:
    """Return every distribution with its behaviours and their policies, and the web ACL; see `origin_table`."""
    rows = [
        (type_, name, as_object(reveal_secrets(dict(inputs), secrets)), out) for type_, name, inputs, out in resources
    ]
    lines: list[str] = []
    for type_, _, inputs, _ in rows:
        if type_ == DISTRIBUTION:
            lines += [*_distribution(inputs, _names(rows)), ""]
    for title, type_, describe in (
        ("Cache policies", CACHE, _cache),
        ("Response headers", HEADERS, _headers),
        ("Functions", FUNCTION, _function),
    ):
        lines.append(title)
        for kind, _, inputs, _ in rows:
            if kind == type_:
                lines += [f"  {inputs['name']}", *(f"    {line}" for line in describe(inputs))]
        lines.append("")
    return "\n".join([*lines, *web_acl_lines(rows, "CLOUDFRONT")]) + "\n"


def _names(resources: Sequence[ResourceRow]) -> Mapping[str, str]:
    """Return the names of policies and functions by id and ARN."""
    names = dict(MANAGED)
    for type_, _, inputs, outputs in resources:
        if type_ in (CACHE, HEADERS, FUNCTION):
            names |= {str(outputs[key]): str(inputs["name"]) for key in ("id", "arn") if key in outputs}
    return names


def _distribution(inputs: Object, names: Mapping[str, str]) -> Iterator[str]:
    viewer = as_object(inputs["viewerCertificate"])
    ipv6 = "IPv6" if inputs["isIpv6Enabled"] else "IPv4 only"
    yield f"https://{joined(inputs['aliases'])}"
    yield f"  {inputs['priceClass']}, {inputs['httpVersion']}, {ipv6}, {viewer['minimumProtocolVersion']}"
    for origin in map(as_object, as_list(inputs["origins"])):
        yield f"  origin {origin['originId']}: {_origin(origin)}"
    for group in map(as_object, as_list(inputs.get("originGroups") or [])):
        members = ", then ".join(str(as_object(m)["originId"]) for m in as_list(group["members"]))
        codes = joined(as_object(group["failoverCriteria"])["statusCodes"])
        yield f"  origin {group['originId']}: {members} on {codes}"
    ordered = [as_object(each) for each in as_list(inputs.get("orderedCacheBehaviors") or [])]
    for path, behavior in [
        *((str(each["pathPattern"]), each) for each in ordered),
        ("*", as_object(inputs["defaultCacheBehavior"])),
    ]:
        yield from _behavior(path, behavior, names)
    errors = [as_object(each) for each in as_list(inputs.get("customErrorResponses") or [])]
    ttls = ", ".join(sorted({format_number(each["errorCachingMinTtl"]) for each in errors}))
    codes = joined([format_number(each["errorCode"]) for each in errors])
    rewritten = [each for each in errors if each.get("responseCode") or each.get("responsePagePath")]
    rewrites = f"rewritten: {joined([format_number(each['errorCode']) for each in rewritten])}"
    yield f"  errors {codes}: cached for {ttls} s, {rewrites if rewritten else 'not rewritten'}"


def _origin(origin: Object) -> str:
    custom = as_object(origin.get("customOriginConfig"))
    headers = [as_object(each) for each in as_list(origin.get("customHeaders") or [])]
    sent = "".join(f", with {each['name']}: {each['value']}" for each in headers)
    if custom:
        return f"{origin['domainName']}, {custom['originProtocolPolicy']} {joined(custom['originSslProtocols'])}{sent}"
    return f"{origin['domainName']}, {'signed' if origin.get('originAccessControlId') else 'unsigned'}{sent}"


def _behavior(path: str, behavior: Object, names: Mapping[str, str]) -> Iterator[str]:
    def name_of(key: str) -> str:
        return names.get(str(behavior.get(key)), "none")

    yield f"  {path} -> {behavior['targetOriginId']}; {behavior['viewerProtocolPolicy']}"
    yield f"    methods {joined(behavior['allowedMethods'])}"
    compression = "on" if behavior["compress"] else "off"
    yield (
        f"    cache policy {name_of('cachePolicyId')}; origin request policy {name_of('originRequestPolicyId')}; "
        f"compression {compression}"
    )
    functions = [as_object(each) for each in as_list(behavior.get("functionAssociations") or [])]
    run = [f"{names.get(str(each['functionArn']))} at {each['eventType']}" for each in functions]
    yield f"    response headers policy {name_of('responseHeadersPolicyId')}; function {joined(list(run)) or 'none'}"


def _cache(inputs: Object) -> Iterator[str]:
    yield f"seconds: {', '.join(f'{key} {format_number(inputs[key])}' for key in ('minTtl', 'defaultTtl', 'maxTtl'))}"
    key = as_object(inputs["parametersInCacheKeyAndForwardedToOrigin"])
    yield f"gzip {key['enableAcceptEncodingGzip']}, brotli {key['enableAcceptEncodingBrotli']}"
    parts = (("cookie", "cookies"), ("header", "headers"), ("queryString", "queryStrings"))
    others = (f"{many} {as_object(key[many + 'Config'])[one + 'Behavior']}" for one, many in parts)
    yield f"cache key: path, {', '.join(others)}"


def _headers(inputs: Object) -> Iterator[str]:
    for name, config in sorted(as_object(inputs["securityHeadersConfig"]).items()):
        parts = (f"{key} {_shown(value)}" for key, value in sorted(as_object(config).items()))
        yield f"{name}: {'; '.join(parts)}"


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _function(inputs: Object) -> Iterator[str]:
    yield f"{inputs['runtime']}: {inputs['comment']}"

"""Broken values of the edge: CloudFront, what its web ACL has to itself, and the zone that all names are in."""

from collections.abc import Mapping, Sequence

from tests.settings.breaking import (
    Broken,
    Rows,
    and_also,
    block,
    misspelt,
    not_allowed,
    number,
    switch,
    text,
    wrong_type,
)

EDGE, WAF = "taskflow:cloudfront", "taskflow:waf"
CACHING = f"{EDGE}.caching"
ZONE = "taskflow:environment.hostedZoneName"
ACL, LIMIT = f"{WAF}.webACL", f"{WAF}.bodyLimit"
POLICY = f"{EDGE}.contentSecurityPolicy"
SECONDS = "0 to 3153600000 seconds"

_ROWS: Sequence[Rows] = (
    (
        ZONE,
        (
            wrong_type(True, ZONE, "true or false"),
            not_allowed("taskflow.app.", ZONE, says="the dot at the end"),
            not_allowed("Z0123456789", ZONE, says="in lower case"),
            not_allowed("api.taskflow.app", "taskflow:environment.domain", says=f'{ZONE} ("api.taskflow.app"), or a'),
            not_allowed("askflow.app", "taskflow:environment.domain", says=f'{ZONE} ("askflow.app"), or a name below'),
            misspelt("hostedZoneNames", "taskflow:environment.hostedZoneNames", "did you mean hostedZoneName?"),
        ),
    ),
    and_also(
        block(
            EDGE,
            "taskflow:cloudfrnt",
            "a block of priceClass",
            *(
                f"{EDGE}.{name}"
                for name in (
                    "caching",
                    "compression",
                    "contentSecurityPolicy",
                    "http2",
                    "http3",
                    "logRetention",
                    "oldVersions",
                    "priceClass",
                    "tlsPolicy",
                )
            ),
            says="PriceClass_All",
        ),
        not_allowed(None, EDGE, says="a block of priceClass"),
    ),
    text(f"{EDGE}.priceClass", "priceclass", "one of PriceClass_All", "All", "PriceClass_300", ""),
    block(
        CACHING,
        "cachings",
        "a block of minTTL",
        *(f"{CACHING}.{name}" for name in ("defaultTTL", "maxTTL", "minTTL")),
        says=SECONDS,
    ),
    and_also(
        number(f"{CACHING}.minTTL", "minTtl", SECONDS, -1, 3_153_600_001),
        not_allowed(86_401, f"{CACHING}.minTTL", says=f"at most {CACHING}.defaultTTL (86400)"),
    ),
    and_also(
        number(f"{CACHING}.defaultTTL", "defaultTtl", SECONDS, -1, 3_153_600_001),
        not_allowed(31_536_001, f"{CACHING}.defaultTTL", says=f"at most {CACHING}.maxTTL (31536000)"),
    ),
    and_also(
        number(f"{CACHING}.maxTTL", "maxTtl", SECONDS, -1, 3_153_600_001),
        not_allowed(60, f"{CACHING}.defaultTTL", says=f"at most {CACHING}.maxTTL (60)"),
    ),
    and_also(
        switch(f"{EDGE}.compression", "compressions"),
        Broken(
            how="value",
            value=True,
            told=(f"{CACHING}.maxTTL",),
            says=f"at least 1 with {EDGE}.compression (true): CloudFront compresses only what it caches",
            beside={CACHING: {"minTTL": 0, "defaultTTL": 0, "maxTTL": 0}},
        ),
    ),
    switch(f"{EDGE}.http2", "htp2"),
    switch(f"{EDGE}.http3", "htp3"),
    text(f"{EDGE}.tlsPolicy", "tlspolicy", "one of TLSv1.3_2025", "TLSv1.2_2021", "TLSv1.3", ""),
    and_also(
        text(POLICY, "contentSecurityPolicies", "a Content-Security-Policy in one line", "default-src 'self'\n", ""),
        not_allowed("img-src 'self'", POLICY, says="neither default-src nor script-src stands in it"),
        not_allowed("default-src 'self'; " + "a" * 2048, POLICY, says="a Content-Security-Policy in one line"),
    ),
    number(f"{EDGE}.oldVersions", "oldversions", "1 to 85 days", 0, 86, 90),
    number(f"{EDGE}.logRetention", "logretention", "at least 90 days", 30, 91),
    (
        ACL,
        (
            wrong_type(15.1, ACL, "quote it"),
            wrong_type(["x"], ACL, "one text is meant here"),
            not_allowed("an acl", ACL, says="a web ACL's name"),
            not_allowed("a" * 129, ACL, says="a web ACL's name"),
            not_allowed(None, ACL, says="nothing stands here"),
            misspelt("webAcl", f"{WAF}.webAcl", "did you mean webACL?"),
        ),
    ),
    (
        LIMIT,
        (
            wrong_type("65536", LIMIT, "leave the quotes out"),
            wrong_type(True, LIMIT, "8192 to 65536 bytes"),
            not_allowed(65_537, LIMIT, says="of more, WAF reads the beginning only"),
            not_allowed(8_191, LIMIT, says="8192 to 65536 bytes"),
            not_allowed(None, LIMIT, says="8192 to 65536 bytes"),
            misspelt("bodylimit", f"{WAF}.bodylimit", "did you mean bodyLimit?"),
        ),
    ),
)

EDGE_ROWS: Mapping[str, Sequence[Broken]] = dict(_ROWS)

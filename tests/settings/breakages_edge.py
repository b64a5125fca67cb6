"""Broken values of the edge: CloudFront, its web ACL's own settings, and the hosted zone."""

from collections.abc import Mapping, Sequence

from tests.settings.breaking import (
    Breakage,
    Rows,
    and_also,
    block,
    misspelled,
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
            not_allowed("taskflow.app.", ZONE, message="the trailing dot"),
            not_allowed("Z0123456789", ZONE, message="in lower case"),
            not_allowed(
                "api.taskflow.app", "taskflow:environment.domain", message=f'{ZONE} ("api.taskflow.app"), or a'
            ),
            not_allowed(
                "askflow.app", "taskflow:environment.domain", message=f'{ZONE} ("askflow.app"), or a name below'
            ),
            misspelled("hostedZoneNames", "taskflow:environment.hostedZoneNames", "did you mean hostedZoneName?"),
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
            message="PriceClass_All",
        ),
        not_allowed(None, EDGE, message="a block of priceClass"),
    ),
    text(f"{EDGE}.priceClass", "priceclass", "one of PriceClass_All", "All", "PriceClass_300", ""),
    block(
        CACHING,
        "cachings",
        "a block of minTTL",
        *(f"{CACHING}.{name}" for name in ("defaultTTL", "maxTTL", "minTTL")),
        message=SECONDS,
    ),
    and_also(
        number(f"{CACHING}.minTTL", "minTtl", SECONDS, -1, 3_153_600_001),
        not_allowed(86_401, f"{CACHING}.minTTL", message=f"at most {CACHING}.defaultTTL (86400)"),
    ),
    and_also(
        number(f"{CACHING}.defaultTTL", "defaultTtl", SECONDS, -1, 3_153_600_001),
        not_allowed(31_536_001, f"{CACHING}.defaultTTL", message=f"at most {CACHING}.maxTTL (31536000)"),
    ),
    and_also(
        number(f"{CACHING}.maxTTL", "maxTtl", SECONDS, -1, 3_153_600_001),
        not_allowed(60, f"{CACHING}.defaultTTL", message=f"at most {CACHING}.maxTTL (60)"),
    ),
    and_also(
        switch(f"{EDGE}.compression", "compressions"),
        Breakage(
            kind="value",
            value=True,
            paths=(f"{CACHING}.maxTTL",),
            message=f"at least 1 with {EDGE}.compression (true): CloudFront compresses only what it caches",
            also={CACHING: {"minTTL": 0, "defaultTTL": 0, "maxTTL": 0}},
        ),
    ),
    switch(f"{EDGE}.http2", "htp2"),
    switch(f"{EDGE}.http3", "htp3"),
    text(f"{EDGE}.tlsPolicy", "tlspolicy", "TLSv1.3_2025", "TLSv1.2_2021", "TLSv1.3", ""),
    and_also(
        text(POLICY, "contentSecurityPolicies", "a Content-Security-Policy in one line", "default-src 'self'\n", ""),
        not_allowed("img-src 'self'", POLICY, message="neither default-src nor script-src"),
        not_allowed("default-src 'self'; " + "a" * 2048, POLICY, message="a Content-Security-Policy in one line"),
    ),
    number(f"{EDGE}.oldVersions", "oldversions", "1 to 85 days", 0, 86, 90),
    number(f"{EDGE}.logRetention", "logretention", "at least 90 days", 30, 91),
    (
        ACL,
        (
            wrong_type(15.1, ACL, "quote it"),
            wrong_type(["x"], ACL, "write one string"),
            not_allowed("an acl", ACL, message="a web ACL's name"),
            not_allowed("a" * 129, ACL, message="a web ACL's name"),
            not_allowed(None, ACL, message="the value is missing"),
            misspelled("webAcl", f"{WAF}.webAcl", "did you mean webACL?"),
        ),
    ),
    (
        LIMIT,
        (
            wrong_type("65536", LIMIT, "without quotes"),
            wrong_type(True, LIMIT, "8192 to 65536 bytes"),
            not_allowed(65_537, LIMIT, message="WAF inspects only the beginning"),
            not_allowed(8_191, LIMIT, message="8192 to 65536 bytes"),
            not_allowed(None, LIMIT, message="8192 to 65536 bytes"),
            misspelled("bodylimit", f"{WAF}.bodylimit", "did you mean bodyLimit?"),
        ),
    ),
)

EDGE_ROWS: Mapping[str, Sequence[Breakage]] = dict(_ROWS)

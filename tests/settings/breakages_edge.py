"""Broken values of the edge: CloudFront, its web ACL's own settings, the domain and the hosted zone."""

from collections.abc import Sequence

from tests.settings.breaking import Rows, rejected

EDGE, WAF = "taskflow:cloudfront", "taskflow:waf"
CACHING = f"{EDGE}.caching"
ZONE = "taskflow:environment.hostedZoneName"
ACL = f"{WAF}.webACL"
POLICY = f"{EDGE}.contentSecurityPolicy"
SECONDS = "0 to 3153600000 seconds"

ROWS: Sequence[Rows] = (
    rejected("taskflow:environment.domain", "without https://", "https://taskflow.app"),
    rejected("taskflow:environment.domain", "the trailing dot", "taskflow.app."),
    rejected("taskflow:environment.domain", "in lower case", "TaskFlow.app"),
    rejected("taskflow:environment.domain", "such as taskflow.app", "localhost"),
    rejected("taskflow:environment.domain", "must not be a number", "10.20.0.1"),
    rejected(
        "taskflow:environment.domain", "such as taskflow.app", "-a.app", f"{'a' * 64}.app", ".".join(["a" * 60] * 5)
    ),
    # With the prefix standby. one more than ACM's 64.
    rejected("taskflow:environment.domain", "has 65 octets", f"{'a' * 53}.app"),
    rejected(ZONE, "the trailing dot", "taskflow.app."),
    rejected(ZONE, "in lower case", "Z0123456789"),
    rejected(ZONE, f'{ZONE} ("api.taskflow.app"), or a', "api.taskflow.app", at=("taskflow:environment.domain",)),
    rejected(ZONE, f'{ZONE} ("askflow.app"), or a name below', "askflow.app", at=("taskflow:environment.domain",)),
    rejected(EDGE, "a block of priceClass", None),
    rejected(f"{EDGE}.priceClass", "one of PriceClass_All", "All", "PriceClass_300", ""),
    rejected(f"{CACHING}.minTTL", f"at most {CACHING}.defaultTTL (86400)", 86_401),
    rejected(f"{CACHING}.defaultTTL", f"at most {CACHING}.maxTTL (31536000)", 31_536_001),
    rejected(f"{CACHING}.maxTTL", f"at most {CACHING}.maxTTL (60)", 60, at=(f"{CACHING}.defaultTTL",)),
    rejected(
        f"{EDGE}.compression",
        f"at least 1 with {EDGE}.compression (true): CloudFront compresses only what it caches",
        True,
        at=(f"{CACHING}.maxTTL",),
        also={CACHING: {"minTTL": 0, "defaultTTL": 0, "maxTTL": 0}},
    ),
    rejected(f"{EDGE}.tlsPolicy", "TLSv1.3_2025", "TLSv1.2_2021", "TLSv1.3", ""),
    rejected(POLICY, "a Content-Security-Policy in one line", "default-src 'self'\n", ""),
    rejected(POLICY, "neither default-src nor script-src", "img-src 'self'"),
    rejected(POLICY, "a Content-Security-Policy in one line", "default-src 'self'; " + "a" * 2048),
    rejected(ACL, "a web ACL's name", "an acl", "a" * 129),
)

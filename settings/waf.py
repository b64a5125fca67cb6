"""WAF Rules: the rules of the web ACLs at the edge and at the load balancer."""

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import Field, StringConstraints

from settings.base import Block, Conflict, no_duplicates
from settings.errors import did_you_mean
from settings.values import Allowed, Items, NotNull, Unit, exactly, reject_if

# Bytes of a body that WAF can inspect at CloudFront; at a load balancer always 8 KB.
MAX_BODY = 65_536

# The rule sets of AWS that the document requires.
RuleSet: TypeAlias = Literal[
    "AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesSQLiRuleSet"
]
REQUIRED_SETS: tuple[RuleSet, ...] = get_args(RuleSet)

# The codes that WAF accepts: ISO 3166-1 alpha-2, and Kosovo's XK.
COUNTRIES = frozenset(
    re.findall(
        "[A-Z]{2}",
        """
        AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS
        BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE
        EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM
        HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC
        LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
        NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
        SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
        TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
        """,
    )
)


def _unknown_country(code: str) -> str | None:
    return None if code in COUNTRIES else did_you_mean(code, sorted(COUNTRIES))


Country: TypeAlias = Annotated[
    str,
    StringConstraints(pattern="^[A-Z]{2}$"),
    reject_if(_unknown_country),
    Allowed(
        "a country's code of two capital letters (ISO 3166), such as KP",
        advice=lambda code: "write it in capitals" if code.upper() in COUNTRIES else "",
    ),
]
WebAclName: TypeAlias = Annotated[
    str,
    StringConstraints(pattern="^[A-Za-z0-9_-]{1,128}$"),
    Allowed("a web ACL's name: 1 to 128 letters, digits, hyphens and underscores"),
]
BodyLimit: TypeAlias = Annotated[
    int, Field(ge=8_192, le=MAX_BODY), Unit("bytes", "WAF inspects only the beginning of a larger body")
]


class RateLimit(Block):
    """RateLimitRule: the requests that one address may send."""

    limit: Annotated[int, Field(ge=10, le=2_000_000_000), Unit("requests")] = Field(
        description="Requests of one address in an evaluation window. Source: WAF Rules, RateLimitRule.limit."
    )
    evaluation_window: Annotated[Literal[60, 120, 300, 600], exactly(int), Unit("seconds")] = Field(
        description="Evaluation window in seconds. Source: WAF Rules, RateLimitRule.evaluationWindow."
    )


class Waf(Block):
    """The rules of both web ACLs."""

    managed_rules: Annotated[
        tuple[RuleSet, ...],
        Items(minimum=len(REQUIRED_SETS), maximum=len(REQUIRED_SETS), unique=True),
        Allowed(f"a list of {', '.join(REQUIRED_SETS)}, each once"),
    ] = Field(description="AWS's rule sets, in the order of their evaluation. Source: WAF Rules.")
    rate_limit: RateLimit = Field(description="Rate limit of one address. Source: WAF Rules, RateLimitRule.")
    blocked_countries: Annotated[
        tuple[Country, ...], Items(minimum=1, maximum=50, unique=True), Allowed("a list of 1 to 50 countries")
    ] = Field(description="Countries whose requests are blocked. Source: WAF Rules, GeoBlockRule (compliance).")
    web_acl: Annotated[WebAclName | None, NotNull()] = Field(
        default=None,
        alias="webACL",
        description="Name of CloudFront's web ACL; required with a cloudfront block. Source: WAF Rules, webACL.",
    )
    body_limit: Annotated[BodyLimit | None, NotNull()] = Field(
        default=None,
        description="Largest request body in bytes that CloudFront's web ACL accepts; required with a cloudfront "
        "block. It replaces AWS's rule of 8 KB, which only counts. Source: WAF, inspection of bodies.",
    )

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Require lists without duplicates."""
        return (no_duplicates(self, "managed_rules", "blocked_countries"),)

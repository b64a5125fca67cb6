"""WAF Rules: what the web ACLs block, at the edge and at the load balancer alike."""

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, TypeAlias

from pydantic import Field

from settings.base import Block, Conflict
from settings.errors import did_you_mean
from settings.values import Items, Text, Whole, Word

# Of a body, WAF reads this many bytes at CloudFront, if it is told to; a load balancer's always 8 KB.
LARGEST_BODY = 65_536

# AWS's rule sets that the document asks for.
REQUIRED_SETS = ("AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesSQLiRuleSet")

# ISO 3166-1 alpha-2, and Kosovo's XK, as WAF takes them.
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


def _no_country(code: str) -> str | None:
    return None if code in COUNTRIES else did_you_mean(code, sorted(COUNTRIES))


Country: TypeAlias = Annotated[
    str,
    Text(
        name="country",
        allowed="a country's code of two capital letters (ISO 3166), such as KP",
        pattern="[A-Z]{2}",
        complaint=_no_country,
        advice=lambda code: "in capitals" if code.upper() in COUNTRIES else "",
    ),
]


class RateLimit(Block):
    """RateLimitRule: how often one address may ask."""

    limit: Annotated[
        int, Whole(name="requests", allowed="10 to 2000000000 requests", minimum=10, maximum=2_000_000_000)
    ] = Field(description="Requests of one address in a window. Source: WAF Rules, RateLimitRule.limit.")
    evaluation_window: Annotated[
        int,
        Whole(
            name="seconds",
            allowed="60, 120, 300 or 600 seconds",
            minimum=60,
            maximum=600,
            choices=(60, 120, 300, 600),
        ),
    ] = Field(description="Seconds of a window. Source: WAF Rules, RateLimitRule.evaluationWindow.")


class Waf(Block):
    """The rules of both web ACLs."""

    managed_rules: Annotated[
        tuple[Annotated[str, Word.of("rule set", *REQUIRED_SETS)], ...],
        Items(
            name="list of rule sets",
            allowed=f"a list of {', '.join(REQUIRED_SETS)}, each once",
            minimum=len(REQUIRED_SETS),
            maximum=len(REQUIRED_SETS),
            unique=True,
        ),
    ] = Field(description="AWS's rule sets, in the order in which they are asked. Source: WAF Rules.")
    rate_limit: RateLimit = Field(description="How often one address may ask. Source: WAF Rules, RateLimitRule.")
    blocked_countries: Annotated[
        tuple[Country, ...],
        Items(name="list of countries", allowed="a list of 1 to 50 countries", minimum=1, maximum=50, unique=True),
    ] = Field(description="Countries whose requests are refused. Source: WAF Rules, GeoBlockRule (compliance).")
    web_acl: Annotated[
        str | None,
        Text(
            name="web ACL",
            allowed="a web ACL's name: 1 to 128 letters, digits, hyphens and underscores",
            pattern="[A-Za-z0-9_-]{1,128}",
        ),
    ] = Field(
        default=None,
        alias="webACL",
        description="The name of CloudFront's web ACL, where there is a cloudfront block. Source: WAF Rules, webACL.",
    )
    body_limit: Annotated[
        int | None,
        Whole(
            name="bytes",
            allowed=f"8192 to {LARGEST_BODY} bytes: of more, WAF reads the beginning only",
            minimum=8_192,
            maximum=LARGEST_BODY,
        ),
    ] = Field(
        default=None,
        description="Bytes of a request's body that CloudFront's web ACL lets pass, where there is a cloudfront block; "
        "instead of AWS's own bound of 8 KB, which is only counted. Source: WAF, inspection of bodies.",
    )

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Give the checks that nothing is said twice."""
        return (self._once("managed_rules"), self._once("blocked_countries"))

    def _once(self, name: str) -> Iterator[Conflict]:
        items: Sequence[str] = getattr(self, name)
        for index, item in enumerate(items):
            first = items.index(item)
            if first != index:
                yield Conflict(at=(name, index), allowed="another one than {against}", against=(name, first))

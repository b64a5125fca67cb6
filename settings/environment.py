"""Environment Details: the account, the region, the tags and the domain of a stack.

Account, region and tags are the AWS provider's own settings (`aws:…`): they reach every resource through it, and the
provider itself refuses a wrong account.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, TypeAlias

from pydantic import Field

from settings.base import Block, Conflict, Place
from settings.errors import nearest
from settings.provider import AssumedRole, WebIdentityRole
from settings.values import Entries, Items, Switch, Text, Whole, Word

# What every resource says of itself, and what to write there.
REQUIRED_TAGS: Mapping[str, str] = MappingProxyType(
    {
        "Application": "the project's name",
        "Environment": "the stack's name",
        "Owner": "who answers for it, such as devops",
        "ManagedBy": "what changes it: pulumi",
        "DataClassification": "how its data is to be treated, such as confidential",
        "CostCenter": "who pays for it",
    }
)

LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN = rf"{LABEL}(?:\.{LABEL})+"

# ACM takes at most 64 octets as a certificate's first name (RequestCertificate, DomainName; RFC 5280). The longest name
# below the domain is dr's load balancer's; the domain is the same in both stacks.
LONGEST_PREFIX = "standby."
LONGEST_CERTIFICATE_NAME = 64
LONGEST_DOMAIN = LONGEST_CERTIFICATE_NAME - len(LONGEST_PREFIX)


def _domain_advice(text: str) -> str:
    if "://" in text or "/" in text:
        return "the name alone, without https:// and without a path"
    if text.endswith("."):
        return "leave out the dot at the end"
    return "in lower case" if text != text.lower() else ""


def _application_domain_advice(text: str) -> str:
    if len(text) > LONGEST_DOMAIN and re.fullmatch(DOMAIN, text):
        name = f"{LONGEST_PREFIX}{text}"
        return f"with {LONGEST_PREFIX} before it, it has {len(name)} octets; ACM takes {LONGEST_CERTIFICATE_NAME}"
    return _domain_advice(text)


def _all_digits_at_the_end(text: str) -> str | None:
    return "the last label can't be a number" if text.rpartition(".")[2].isdigit() else None


def _not_tag_text(text: str) -> str | None:
    odd = next((c for c in text if unicodedata.category(c)[0] not in "LNZ" and c not in "_.:/=+-@"), None)
    return None if odd is None else f"{odd!a} can't stand in a tag"


def _tag_advice(text: str) -> str:
    return _not_tag_text(text) or (f"it has {len(text)} characters" if text else "it is empty")


def _not_tag_key(text: str) -> str | None:
    return "names that begin with aws: are AWS's own" if text.lower().startswith("aws:") else _not_tag_text(text)


# AWS's rules for tags: letters, digits and spaces of any script, and _ . : / = + - @. The pattern leaves out the other
# signs of ASCII, since JSON Schema and Python have no common way to say the rest.
TAG_SIGNS = r"""[^!"#$%&'()*,;<>?\[\\\]^`{|}~\x00-\x1f]"""
TAG_KEY = Text(
    name="tag name",
    allowed="a tag's name: 1 to 128 letters, digits, spaces and _ . : / = + - @, not beginning with aws:",
    pattern=f"{TAG_SIGNS}+",
    max_length=128,
    complaint=_not_tag_key,
    advice=_tag_advice,
)
TAG_VALUE = Text(
    name="text",
    allowed="a tag's text: at most 256 letters, digits, spaces and _ . : / = + - @",
    pattern=f"{TAG_SIGNS}*",
    max_length=256,
    complaint=_not_tag_text,
    advice=_tag_advice,
)

AccountId: TypeAlias = Annotated[
    str,
    Text(
        name="account id",
        allowed="an AWS account id: twelve digits, in quotes",
        pattern="[0-9]{12}",
        number_advice="without quotes it is a number: leading zeros are lost, and one with leading zeros may even be "
        "read as octal. Quote it",
    ),
]
_REGION = Text(name="region", allowed="an AWS region, such as us-east-1", pattern="[a-z]{2}(?:-[a-z]+)+-[0-9]")
Region: TypeAlias = Annotated[str, _REGION]
# Lower-case labels of at most 63 letters, digits and hyphens, at most 253 characters in all (RFC 1035).
Domain: TypeAlias = Annotated[
    str,
    Text(
        name="domain",
        allowed="a domain name in lower case, such as taskflow.app",
        pattern=DOMAIN,
        max_length=253,
        complaint=_all_digits_at_the_end,
        advice=_domain_advice,
    ),
]
Tags: TypeAlias = Annotated[
    Mapping[Annotated[str, TAG_KEY], Annotated[str, TAG_VALUE]],
    Entries(
        name="map of texts",
        allowed="a map of at most 50 tags, name: text",
        maximum=50,
        keys=TAG_KEY,
        required=tuple(REQUIRED_TAGS),
    ),
]


class EnvironmentDetails(Block):
    """Environment Details: what the application is called from outside."""

    domain: Annotated[
        str,
        Text(
            name="domain",
            allowed=f"a domain name in lower case of at most {LONGEST_DOMAIN} characters, such as taskflow.app",
            pattern=DOMAIN,
            max_length=LONGEST_DOMAIN,
            complaint=_all_digits_at_the_end,
            advice=_application_domain_advice,
        ),
    ] = Field(
        description="The application's domain: the web application's own name, and api. before it the API's; at most "
        f"{LONGEST_DOMAIN} characters. Source: Environment Details, URL."
    )
    hosted_zone: Annotated[
        str,
        Text(
            name="hosted zone",
            allowed="the id of the domain's hosted zone in Route 53, such as Z0123456789ABCDEFGHIJ",
            pattern="Z[A-Z0-9]{7,31}",
        ),
    ] = Field(
        description="The id of the domain's hosted zone, which nothing is looked up for. Source: Environment Details, "
        "Domain (managed via Route 53)."
    )
    hosted_zone_name: Domain = Field(
        description="The hosted zone's own name: Route 53 takes no other names into it. Source: Environment Details, "
        "Domain (managed via Route 53)."
    )

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Give the check that the domain is in its zone."""
        return (self._domain_in_zone(),)

    def _domain_in_zone(self) -> Iterator[Conflict]:
        if self.domain != self.hosted_zone_name and not self.domain.endswith(f".{self.hosted_zone_name}"):
            yield Conflict(at=("domain",), allowed="{against}, or a name below it", against=("hosted_zone_name",))


class DefaultTags(Block):
    """The tags that the AWS provider puts on every resource."""

    tags: Tags = Field(
        description="Tags of every resource, name: text; "
        + ", ".join(f"{name} ({purpose})" for name, purpose in REQUIRED_TAGS.items())
        + " are required. Source: Environment Details."
    )


class Aws(Block):
    """The AWS provider's own settings: which account, which region, which tags."""

    region: Region = Field(
        description="The region that the stack lives in. Source: Environment Details, Region (us-east-1 primary, "
        "us-west-2 for recovery)."
    )
    allowed_account_ids: Annotated[
        tuple[AccountId, ...],
        Items(
            name="list of one account id",
            allowed='a list of exactly one account id, such as ["987654321098"]',
            minimum=1,
            maximum=1,
        ),
    ] = Field(
        description="The one account that may be changed: the provider refuses any other. Source: Environment Details, "
        "AWS Account."
    )
    default_tags: DefaultTags = Field(
        description="What the provider puts on every resource. Source: Environment Details."
    )
    profile: Annotated[
        str | None,
        Text(name="profile", allowed="a profile's name in your AWS configuration", pattern="[!-Z^-~]+", max_length=128),
    ] = Field(
        default=None,
        description="The profile of your AWS configuration to sign in with; without it the usual order of credentials "
        "holds. Source: your own machine; better left out of a committed file.",
    )
    assume_roles: Annotated[
        tuple[AssumedRole, ...] | None,
        Items(name="list of roles", allowed="a list of roles to assume, one after the other", minimum=1),
    ] = Field(
        default=None,
        description="Roles that the provider assumes, one after the other; the last is the account's. Source: the "
        "AWS provider, for CI accounts.",
    )
    assume_role_with_web_identity: WebIdentityRole | None = Field(
        default=None,
        description="A role that the provider assumes with a token of OpenID Connect. Source: the AWS provider, for CI "
        "accounts.",
    )
    sts_region: Annotated[str | None, _REGION] = Field(
        default=None,
        description="The region whose STS gives the credentials; without it the stack's. Source: the AWS provider.",
    )
    max_retries: Annotated[int | None, Whole(name="count", allowed="1 to 100 tries", minimum=1, maximum=100)] = Field(
        default=None, description="How often a call that fails is tried (25). Source: the AWS provider."
    )
    retry_mode: Annotated[str | None, Word.of("word", "standard", "adaptive")] = Field(
        default=None,
        description="How calls are tried again; adaptive slows down when AWS throttles. Source: the AWS provider.",
    )
    token_bucket_rate_limiter_capacity: Annotated[
        int | None, Whole(name="count", allowed="1 to 10000 tokens", minimum=1, maximum=10_000)
    ] = Field(default=None, description="How many retries may be under way at once. Source: the AWS provider.")
    use_fips_endpoint: Annotated[bool | None, Switch()] = Field(
        default=None,
        description="Whether AWS is called at its FIPS endpoints; a service without fails. Source: the AWS provider.",
    )
    use_dualstack_endpoint: Annotated[bool | None, Switch()] = Field(
        default=None,
        description="Whether AWS is called at its endpoints for IPv4 and IPv6. Source: the AWS provider.",
    )
    skip_metadata_api_check: Annotated[bool | None, Switch()] = Field(
        default=None,
        description="False lets the provider sign in with the role of the EC2 instance that it runs on; Pulumi's own "
        "default is true. Source: the AWS provider.",
    )
    tag_policy_compliance: Annotated[str | None, Word.of("word", "error", "warning", "disabled")] = Field(
        default=None,
        description="How a tag is reported that the organization's policies require and a resource lacks. "
        "Source: the AWS provider.",
    )

    @property
    def account(self) -> str:
        """Give the account's id, twelve digits."""
        return self.allowed_account_ids[0]

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Give the checks of the tags."""
        return (self._required_tags(), self._tags_without_regard_to_case(), self._role_in_account())

    def _role_in_account(self) -> Iterator[Conflict]:
        # Roles before the last one may belong to other accounts: a hub, from which all are reached.
        last: AssumedRole | WebIdentityRole | None = self.assume_role_with_web_identity
        at: Place = ("assume_role_with_web_identity", "role_arn")
        for index, role in enumerate(self.assume_roles or ()):
            last, at = role, ("assume_roles", index, "role_arn")
        # A role that was refused is no block.
        if isinstance(last, Block) and last.role_arn.split(":")[4] != self.account:
            yield Conflict(at=at, allowed="a role of the account {against}", against=("allowed_account_ids", 0))

    def _tags_without_regard_to_case(self) -> Iterator[Conflict]:
        names: dict[str, str] = {}
        for name in self.default_tags.tags:
            first = names.setdefault(name.lower(), name)
            if first != name:
                at, against = (("default_tags", "tags", tag) for tag in (name, first))
                yield Conflict(at=at, allowed="another name than {against}: IAM ignores case", against=against)

    def _required_tags(self) -> Iterator[Conflict]:
        tags = self.default_tags.tags
        others = [name for name in tags if name not in REQUIRED_TAGS]
        for name, purpose in REQUIRED_TAGS.items():
            if not tags.get(name, "").strip():
                misspelt = None if name in tags else nearest(name, others)
                hint = f"{misspelt} stands there: is this one meant?" if misspelt else ""
                yield Conflict(at=("default_tags", "tags", name), allowed=purpose, hint=hint)

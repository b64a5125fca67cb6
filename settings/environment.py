"""Environment Details: the account, the region, the tags and the domain of a stack.

Account, region and tags are the AWS provider's settings (`aws:…`): every resource gets them through the provider, which
also rejects a wrong account.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StringConstraints

from settings.base import Block, Conflict, Location
from settings.errors import nearest
from settings.provider import AssumedRole, WebIdentityRole
from settings.values import Allowed, Items, NotNull, Unit, reject_if

# The tags that every resource carries, with their meanings.
REQUIRED_TAGS: Mapping[str, str] = MappingProxyType(
    {
        "Application": "the project's name",
        "Environment": "the stack's name",
        "Owner": "the responsible team, such as devops",
        "ManagedBy": "the tool that manages it: pulumi",
        "DataClassification": "the class of its data, such as confidential",
        "CostCenter": "the cost center that pays for it",
    }
)

LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN = rf"^{LABEL}(?:\.{LABEL})+$"

# ACM takes at most 64 octets as a certificate's first name (RequestCertificate, DomainName; RFC 5280). The longest name
# below the domain is dr's load balancer's; the domain is the same in both stacks.
LONGEST_PREFIX = "standby."
MAX_CERTIFICATE_NAME = 64
MAX_DOMAIN = MAX_CERTIFICATE_NAME - len(LONGEST_PREFIX)


def _domain_advice(text: str) -> str:
    if "://" in text or "/" in text:
        return "write the name only, without https:// and without a path"
    if text.endswith("."):
        return "remove the trailing dot"
    return "write it in lower case" if text != text.lower() else ""


def _application_domain_advice(text: str) -> str:
    if len(text) > MAX_DOMAIN and re.fullmatch(DOMAIN, text):
        length = len(f"{LONGEST_PREFIX}{text}")
        return f"{LONGEST_PREFIX}{text} has {length} octets; ACM takes {MAX_CERTIFICATE_NAME}"
    return _domain_advice(text)


def _numeric_top_level(text: str) -> str | None:
    return "the last label must not be a number" if text.rpartition(".")[2].isdigit() else None


def _invalid_tag_text(text: str) -> str | None:
    invalid = next((c for c in text if unicodedata.category(c)[0] not in "LNZ" and c not in "_.:/=+-@"), None)
    return None if invalid is None else f"{invalid!a} is not allowed in a tag"


def _tag_advice(text: str) -> str:
    return _invalid_tag_text(text) or (f"it has {len(text)} characters" if text else "it is empty")


def _invalid_tag_key(text: str) -> str | None:
    return "the prefix aws: is reserved for AWS" if text.lower().startswith("aws:") else _invalid_tag_text(text)


# AWS's rules for tags: letters, digits and spaces of any script, and _ . : / = + - @. The pattern excludes the other
# signs of ASCII; the rest can't be written in a way that Python and JSON Schema share.
TAG_CHARACTER = r"""[^!"#$%&'()*,;<>?\[\\\]^`{|}~\x00-\x1f]"""
TAG_KEY = f"^{TAG_CHARACTER}+$"
TagKey: TypeAlias = Annotated[
    str,
    StringConstraints(pattern=TAG_KEY, max_length=128),
    reject_if(_invalid_tag_key),
    Allowed(
        "a tag's name: 1 to 128 letters, digits, spaces and _ . : / = + - @, not starting with aws:",
        advice=_tag_advice,
    ),
]
TagValue: TypeAlias = Annotated[
    str,
    StringConstraints(pattern=f"^{TAG_CHARACTER}*$", max_length=256),
    reject_if(_invalid_tag_text),
    Allowed("a tag's value: at most 256 letters, digits, spaces and _ . : / = + - @", advice=_tag_advice),
]
Tags: TypeAlias = Annotated[
    Mapping[TagKey, TagValue],
    Field(
        max_length=50,
        # Pydantic's own schema of a map accepts any value for a key that doesn't match the pattern.
        json_schema_extra={
            "propertyNames": {"type": "string", "pattern": TAG_KEY, "maxLength": 128},
            "required": list(REQUIRED_TAGS),
        },
    ),
    Allowed("a map of at most 50 tags, name: value"),
]

AccountId: TypeAlias = Annotated[
    str,
    StringConstraints(pattern="^[0-9]{12}$"),
    Allowed(
        "an AWS account id: twelve digits, in quotes",
        number_advice="without quotes YAML reads a number, drops leading zeros and may even read it as octal: quote it",
    ),
]
Region: TypeAlias = Annotated[
    str,
    StringConstraints(pattern="^[a-z]{2}(?:-[a-z]+)+-[0-9]$"),
    Allowed("an AWS region, such as us-east-1"),
]
# Lower-case labels of at most 63 letters, digits and hyphens, at most 253 characters in all (RFC 1035).
Domain: TypeAlias = Annotated[
    str,
    StringConstraints(pattern=DOMAIN, max_length=253),
    reject_if(_numeric_top_level),
    Allowed("a domain name in lower case, such as taskflow.app", advice=_domain_advice),
]
Profile: TypeAlias = Annotated[
    str,
    StringConstraints(pattern="^[!-Z^-~]+$", max_length=128),
    Allowed("a profile's name in your AWS configuration"),
]
Tries: TypeAlias = Annotated[int, Field(ge=1, le=100), Unit("tries")]
Tokens: TypeAlias = Annotated[int, Field(ge=1, le=10_000), Unit("tokens")]


class EnvironmentDetails(Block):
    """Environment Details: the application's names in DNS."""

    domain: Annotated[
        str,
        StringConstraints(pattern=DOMAIN, max_length=MAX_DOMAIN),
        reject_if(_numeric_top_level),
        Allowed(
            f"a domain name in lower case of at most {MAX_DOMAIN} characters, such as taskflow.app",
            advice=_application_domain_advice,
        ),
    ] = Field(
        description="Domain of the web application; the API's is api. before it. Source: Environment Details, URL."
    )
    hosted_zone: Annotated[
        str,
        StringConstraints(pattern="^Z[A-Z0-9]{7,31}$"),
        Allowed("the id of the domain's hosted zone in Route 53, such as Z0123456789ABCDEFGHIJ"),
    ] = Field(
        description="Id of the domain's hosted zone; it isn't looked up. Source: Environment Details, Domain (managed "
        "via Route 53)."
    )
    hosted_zone_name: Domain = Field(
        description="Name of the hosted zone: Route 53 rejects records of other names. Source: Environment Details, "
        "Domain (managed via Route 53)."
    )

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Require the domain to be in its zone."""
        return (self._domain_in_zone(),)

    def _domain_in_zone(self) -> Iterator[Conflict]:
        if self.domain != self.hosted_zone_name and not self.domain.endswith(f".{self.hosted_zone_name}"):
            yield Conflict(at=("domain",), allowed="{against}, or a name below it", against=("hosted_zone_name",))


class DefaultTags(Block):
    """The tags that the AWS provider puts on every resource."""

    tags: Tags = Field(
        description="Tags of every resource, name: value. Required: "
        + ", ".join(f"{name} ({meaning})" for name, meaning in REQUIRED_TAGS.items())
        + ". Source: Environment Details."
    )


class Aws(Block):
    """The AWS provider's settings: account, region, tags and sign-in."""

    region: Region = Field(
        description="Region of the stack. Source: Environment Details, Region (us-east-1 primary, us-west-2 for "
        "recovery)."
    )
    allowed_account_ids: Annotated[
        tuple[AccountId, ...],
        Items(minimum=1, maximum=1),
        Allowed('a list of exactly one account id, such as ["987654321098"]'),
    ] = Field(
        description="The only account that may be changed: the provider rejects any other. Source: Environment "
        "Details, AWS Account."
    )
    default_tags: DefaultTags = Field(description="Tags of every resource. Source: Environment Details.")
    profile: Annotated[Profile | None, NotNull()] = Field(
        default=None,
        description="Profile of your AWS configuration to sign in with; by default AWS's usual order of credentials "
        "applies. Belongs to your machine, not into a committed file. Source: the AWS provider.",
    )
    assume_roles: Annotated[
        tuple[AssumedRole, ...] | None,
        NotNull(),
        Items(minimum=1),
        Allowed("a list of roles to assume, one after the other"),
    ] = Field(
        default=None,
        description="Roles that the provider assumes, one after the other; the last belongs to the account. Source: "
        "the AWS provider, for CI accounts.",
    )
    assume_role_with_web_identity: WebIdentityRole | None = Field(
        default=None,
        description="Role that the provider assumes with an OpenID Connect token. Source: the AWS provider, for CI "
        "accounts.",
    )
    sts_region: Annotated[Region | None, NotNull()] = Field(
        default=None,
        description="Region whose STS issues the credentials; by default the stack's. Source: the AWS provider.",
    )
    max_retries: Annotated[Tries | None, NotNull()] = Field(
        default=None,
        description="Number of tries of a failing call; the provider's default is 25. Source: the AWS provider.",
    )
    retry_mode: Annotated[Literal["standard", "adaptive"] | None, NotNull()] = Field(
        default=None,
        description="Retry strategy; adaptive slows down when AWS throttles. Source: the AWS provider.",
    )
    token_bucket_rate_limiter_capacity: Annotated[Tokens | None, NotNull()] = Field(
        default=None, description="Number of retries that may run at once. Source: the AWS provider."
    )
    use_fips_endpoint: Annotated[bool | None, NotNull()] = Field(
        default=None,
        description="Whether to call AWS's FIPS endpoints; services without one fail. Source: the AWS provider.",
    )
    use_dualstack_endpoint: Annotated[bool | None, NotNull()] = Field(
        default=None,
        description="Whether to call AWS's endpoints for IPv4 and IPv6. Source: the AWS provider.",
    )
    skip_metadata_api_check: Annotated[bool | None, NotNull()] = Field(
        default=None,
        description="False lets the provider sign in with the role of the EC2 instance that it runs on; Pulumi's "
        "default is true. Source: the AWS provider.",
    )
    tag_policy_compliance: Annotated[Literal["error", "warning", "disabled"] | None, NotNull()] = Field(
        default=None,
        description="How to report a resource without a tag that the organization's tag policies require. "
        "Source: the AWS provider.",
    )

    @property
    def account(self) -> str:
        """Return the account's id, twelve digits."""
        return self.allowed_account_ids[0]

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Require the tags, unique regardless of case, and a role of the account."""
        return (self._required_tags(), self._case_insensitive_tags(), self._role_in_account())

    def _role_in_account(self) -> Iterator[Conflict]:
        # Roles before the last one may belong to other accounts, such as a hub.
        last: AssumedRole | WebIdentityRole | None = self.assume_role_with_web_identity
        at: Location = ("assume_role_with_web_identity", "role_arn")
        for index, role in enumerate(self.assume_roles or ()):
            last, at = role, ("assume_roles", index, "role_arn")
        # An invalid role is no block.
        if isinstance(last, Block) and last.role_arn.split(":")[4] != self.account:
            yield Conflict(at=at, allowed="a role of the account {against}", against=("allowed_account_ids", 0))

    def _case_insensitive_tags(self) -> Iterator[Conflict]:
        names: dict[str, str] = {}
        for name in self.default_tags.tags:
            first = names.setdefault(name.lower(), name)
            if first != name:
                at, against = (("default_tags", "tags", tag) for tag in (name, first))
                yield Conflict(at=at, allowed="a name other than {against}: IAM ignores case", against=against)

    def _required_tags(self) -> Iterator[Conflict]:
        tags = self.default_tags.tags
        others = [name for name in tags if name not in REQUIRED_TAGS]
        for name, meaning in REQUIRED_TAGS.items():
            if not tags.get(name, "").strip():
                misspelled = None if name in tags else nearest(name, others)
                hint = f"is {misspelled} a misspelling of it?" if misspelled else ""
                yield Conflict(at=("default_tags", "tags", name), allowed=meaning, hint=hint)

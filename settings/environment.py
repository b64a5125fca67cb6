"""Environment Details: the account, the region, the tags and the domain of a stack.

Account, region and tags are the AWS provider's own settings (`aws:…`): they reach every resource through it, and the
provider itself refuses a wrong account.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, TypeAlias

from pydantic import Field

from settings.base import Block, Conflict
from settings.errors import nearest
from settings.values import Entries, Items, Text

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


def _domain_advice(text: str) -> str:
    if "://" in text or "/" in text:
        return "the name alone, without https:// and without a path"
    if text.endswith("."):
        return "leave out the dot at the end"
    return "in lower case" if text != text.lower() else ""


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
Region: TypeAlias = Annotated[
    str,
    Text(name="region", allowed="an AWS region, such as us-east-1", pattern="[a-z]{2}(?:-[a-z]+)+-[0-9]"),
]
# Lower-case labels of at most 63 letters, digits and hyphens, at most 253 characters in all (RFC 1035).
Domain: TypeAlias = Annotated[
    str,
    Text(
        name="domain",
        allowed="a domain name in lower case, such as taskflow.app",
        pattern=rf"{LABEL}(?:\.{LABEL})+",
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

    domain: Domain = Field(
        description="The application's domain: the web application's own name, and api. before it the API's. "
        "Source: Environment Details, URL."
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

    @property
    def account(self) -> str:
        """Give the account's id, twelve digits."""
        return self.allowed_account_ids[0]

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Give the check of the required tags."""
        return (self._required_tags(),)

    def _required_tags(self) -> Iterator[Conflict]:
        tags = self.default_tags.tags
        others = [name for name in tags if name not in REQUIRED_TAGS]
        for name, purpose in REQUIRED_TAGS.items():
            if not tags.get(name, "").strip():
                misspelt = None if name in tags else nearest(name, others)
                hint = f"{misspelt} stands there: is this one meant?" if misspelt else ""
                yield Conflict(at=("default_tags", "tags", name), allowed=purpose, hint=hint)

"""The AWS provider's settings beside account, region and tags: which are accepted, and why the others are refused.

Accepted is what says who deploys and how patiently. Refused is what weakens a check of the provider's, sends its calls
elsewhere, puts a credential into a file, or belongs to one machine; for the last, AWS's SDK has environment variables.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar, TypeAlias

from pydantic import Field

from settings.base import Block
from settings.values import Text

_CREDENTIAL = "a credential doesn't belong in a file; sign in by the environment, a profile or aws:assumeRoles"
_SERVED_ELSEWHERE = "the calls would go to something other than AWS"
_MACHINE = "it belongs to one machine, not to the stack; set {} in the environment"
_PROXY = "it belongs to one machine and may hold a password; set {} in the environment"

# Keys of the provider (pulumi_aws.config), and of Pulumi itself, that a stack file may not have.
REFUSED_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "aws:accessKey": _CREDENTIAL,
        "aws:secretKey": _CREDENTIAL,
        "aws:token": _CREDENTIAL,
        "aws:assumeRole": "the provider's version 7 has aws:assumeRoles, a list",
        "aws:customCaBundle": _MACHINE.format("AWS_CA_BUNDLE"),
        "aws:sharedConfigFiles": _MACHINE.format("AWS_CONFIG_FILE"),
        "aws:sharedCredentialsFiles": _MACHINE.format("AWS_SHARED_CREDENTIALS_FILE"),
        "aws:httpProxy": _PROXY.format("HTTP_PROXY"),
        "aws:httpsProxy": _PROXY.format("HTTPS_PROXY"),
        "aws:noProxy": _MACHINE.format("NO_PROXY"),
        "aws:userAgents": _MACHINE.format("TF_APPEND_USER_AGENT"),
        "aws:ec2MetadataServiceEndpoint": "credentials would come from something other than EC2",
        "aws:ec2MetadataServiceEndpointMode": _MACHINE.format("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"),
        "aws:endpoints": _SERVED_ELSEWHERE,
        "aws:s3UsePathStyle": "S3 itself needs no such addresses, only services that imitate it",
        "aws:s3UsEast1RegionalEndpoint": "S3's global endpoint is obsolete; the provider uses the region's",
        "aws:insecure": "TLS certificates would not be verified",
        "aws:forbiddenAccountIds": "aws:allowedAccountIds names the one account; the provider takes one of both",
        "aws:ignoreTags": "a plan would no longer show that a required tag was changed or removed",
        "aws:skipCredentialsValidation": "wrong credentials are to stop the stack before anything is made",
        "aws:skipRequestingAccountId": "without the account's id, aws:allowedAccountIds can't refuse a wrong account",
        "aws:skipRegionValidation": "a misspelt region is to stop the stack before anything is made",
        "pulumi:autonaming": "names are part of the design: those that people, alarms and runbooks use are written "
        "out, the others are the provider's, from logical names; the sandbox plans them that way",
        "pulumi:disable-default-providers": "all resources use the default provider of aws, which has the account, the "
        "region and the tags from this file",
    }
)

RoleArn: TypeAlias = Annotated[
    str,
    Text(
        name="ARN",
        allowed="the ARN of an IAM role, such as arn:aws:iam::987654321098:role/deploy",
        pattern="arn:aws:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]{1,512}",
    ),
]
# STS takes 15 minutes to 12 hours, and the provider Go's notation.
Duration: TypeAlias = Annotated[
    str | None,
    Text(
        name="duration",
        allowed="15 minutes to 12 hours, in minutes or hours: 15m to 720m, or 1h to 12h",
        pattern="(?:1[5-9]|[2-9][0-9]|[1-6][0-9]{2}|7[01][0-9]|720)m|(?:[1-9]|1[0-2])h",
    ),
]


def _name(purpose: str) -> Text:
    return Text(
        name="name",
        allowed=f"{purpose}: 2 to 64 letters, digits and _ + = , . @ -",
        pattern="[A-Za-z0-9_+=,.@-]{2,64}",
    )


_PERMISSIONS = "what the session may do belongs to the role's own policies, where it is reviewed"
_SESSION_TAGS = "no policy here uses session tags; sourceIdentity identifies the caller"


class AssumedRole(Block):
    """A role that the provider assumes before its first call."""

    refused_names: ClassVar[Mapping[str, str]] = {
        "policy": _PERMISSIONS,
        "policyArns": _PERMISSIONS,
        "tags": _SESSION_TAGS,
        "transitiveTagKeys": _SESSION_TAGS,
    }
    role_arn: RoleArn = Field(description="The role's ARN. Source: STS, AssumeRole.")
    session_name: Annotated[str | None, _name("a session's name")] = Field(
        default=None, description="The session's name, as CloudTrail shows it. Source: STS, AssumeRole."
    )
    external_id: Annotated[
        str | None,
        Text(
            name="text",
            allowed="an external id: 2 to 1224 letters, digits and _ + = , . @ : / -",
            pattern="[A-Za-z0-9_+=,.@:/-]{2,1224}",
        ),
    ] = Field(default=None, description="The external id that the role's trust asks for. Source: STS, AssumeRole.")
    source_identity: Annotated[str | None, _name("an identity")] = Field(
        default=None,
        description="The identity that CloudTrail shows for all that the session does. Source: STS, AssumeRole.",
    )
    duration: Duration = Field(
        default=None,
        description="How long the session lasts; an `up` takes up to an hour. Source: STS, AssumeRole.",
    )


class WebIdentityRole(Block):
    """A role that the provider assumes with a token of OpenID Connect, such as a CI system writes into a file."""

    refused_names: ClassVar[Mapping[str, str]] = {
        "policy": _PERMISSIONS,
        "policyArns": _PERMISSIONS,
        "webIdentityToken": "the token is a credential; webIdentityTokenFile is the path of its file",
    }
    role_arn: RoleArn = Field(description="The role's ARN. Source: STS, AssumeRoleWithWebIdentity.")
    web_identity_token_file: Annotated[
        str,
        Text(
            name="path",
            allowed="the absolute path of a file with the token; the token itself is a credential and stays out",
            pattern="/[A-Za-z0-9._/-]+",
            max_length=1024,
        ),
    ] = Field(description="The path of the file with the token. Source: STS, AssumeRoleWithWebIdentity.")
    session_name: Annotated[str | None, _name("a session's name")] = Field(
        default=None, description="The session's name, as CloudTrail shows it. Source: STS, AssumeRoleWithWebIdentity."
    )
    duration: Duration = Field(
        default=None, description="How long the session lasts. Source: STS, AssumeRoleWithWebIdentity."
    )

"""The AWS provider's settings beside account, region and tags: which are accepted, and why others are forbidden.

Accepted are those for sign-in and retries. Forbidden are those that weaken a check of the provider, redirect its calls,
put a credential into a file, or belong to one machine; for the latter AWS's SDK has environment variables.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar, TypeAlias

from pydantic import Field, StringConstraints

from settings.base import Block
from settings.values import Allowed, NotNull

_CREDENTIAL = "a credential doesn't belong in a file; sign in with environment variables, a profile or aws:assumeRoles"
_REDIRECTED = "it sends calls to something other than AWS"
_MACHINE = "it belongs to one machine, not to the stack; set {} in the environment"
_PROXY = "it belongs to one machine and may contain a password; set {} in the environment"

# Keys of the provider (pulumi_aws.config), and of Pulumi itself, that a stack file must not have.
FORBIDDEN_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "aws:accessKey": _CREDENTIAL,
        "aws:secretKey": _CREDENTIAL,
        "aws:token": _CREDENTIAL,
        "aws:assumeRole": "version 7 of the provider has aws:assumeRoles, a list",
        "aws:customCaBundle": _MACHINE.format("AWS_CA_BUNDLE"),
        "aws:sharedConfigFiles": _MACHINE.format("AWS_CONFIG_FILE"),
        "aws:sharedCredentialsFiles": _MACHINE.format("AWS_SHARED_CREDENTIALS_FILE"),
        "aws:httpProxy": _PROXY.format("HTTP_PROXY"),
        "aws:httpsProxy": _PROXY.format("HTTPS_PROXY"),
        "aws:noProxy": _MACHINE.format("NO_PROXY"),
        "aws:userAgents": _MACHINE.format("TF_APPEND_USER_AGENT"),
        "aws:ec2MetadataServiceEndpoint": "credentials would come from something other than EC2",
        "aws:ec2MetadataServiceEndpointMode": _MACHINE.format("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"),
        "aws:endpoints": _REDIRECTED,
        "aws:s3UsePathStyle": "S3 doesn't need path-style addresses, only services that imitate it do",
        "aws:s3UsEast1RegionalEndpoint": "S3's global endpoint is obsolete; the provider uses the region's",
        "aws:insecure": "TLS certificates would not be verified",
        "aws:forbiddenAccountIds": "aws:allowedAccountIds names the only account; the provider takes one of the two",
        "aws:ignoreTags": "a plan would no longer show that a required tag was changed or removed",
        "aws:skipCredentialsValidation": "wrong credentials must stop the stack before anything is created",
        "aws:skipRequestingAccountId": "without the account's id, aws:allowedAccountIds can't reject a wrong account",
        "aws:skipRegionValidation": "a misspelled region must stop the stack before anything is created",
        "pulumi:autonaming": "names are part of the design: those that people, alarms and runbooks use are set, the "
        "provider derives the others from logical names, and the sandbox plans them that way",
        "pulumi:disable-default-providers": "all resources use the default aws provider, which has the account, the "
        "region and the tags of this file",
    }
)

RoleArn: TypeAlias = Annotated[
    str,
    StringConstraints(pattern="^arn:aws:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]{1,512}$"),
    Allowed("the ARN of an IAM role, such as arn:aws:iam::987654321098:role/deploy"),
]
# STS takes 15 minutes to 12 hours, the provider takes Go's notation.
Duration: TypeAlias = Annotated[
    str,
    StringConstraints(pattern="^(?:(?:1[5-9]|[2-9][0-9]|[1-6][0-9]{2}|7[01][0-9]|720)m|(?:[1-9]|1[0-2])h)$"),
    Allowed("15 minutes to 12 hours, in minutes or hours: 15m to 720m, or 1h to 12h"),
]
_NAME = StringConstraints(pattern="^[A-Za-z0-9_+=,.@-]{2,64}$")
SessionName: TypeAlias = Annotated[str, _NAME, Allowed("a session's name: 2 to 64 letters, digits and _ + = , . @ -")]
Identity: TypeAlias = Annotated[str, _NAME, Allowed("an identity: 2 to 64 letters, digits and _ + = , . @ -")]
ExternalId: TypeAlias = Annotated[
    str,
    StringConstraints(pattern="^[A-Za-z0-9_+=,.@:/-]{2,1224}$"),
    Allowed("an external id: 2 to 1224 letters, digits and _ + = , . @ : / -"),
]

_PERMISSIONS = "the session's permissions belong to the role's own policies, where they are reviewed"
_SESSION_TAGS = "no policy here uses session tags; sourceIdentity identifies the caller"


class AssumedRole(Block):
    """A role that the provider assumes before its first call."""

    forbidden_names: ClassVar[Mapping[str, str]] = {
        "policy": _PERMISSIONS,
        "policyArns": _PERMISSIONS,
        "tags": _SESSION_TAGS,
        "transitiveTagKeys": _SESSION_TAGS,
    }
    role_arn: RoleArn = Field(description="ARN of the role. Source: STS, AssumeRole.")
    session_name: Annotated[SessionName | None, NotNull()] = Field(
        default=None, description="Name of the session in CloudTrail. Source: STS, AssumeRole."
    )
    external_id: Annotated[ExternalId | None, NotNull()] = Field(
        default=None, description="External id that the role's trust policy requires. Source: STS, AssumeRole."
    )
    source_identity: Annotated[Identity | None, NotNull()] = Field(
        default=None, description="Identity that CloudTrail shows for the session's calls. Source: STS, AssumeRole."
    )
    duration: Annotated[Duration | None, NotNull()] = Field(
        default=None, description="Length of the session; an `up` takes up to an hour. Source: STS, AssumeRole."
    )


class WebIdentityRole(Block):
    """A role that the provider assumes with an OpenID Connect token, such as a CI system writes into a file."""

    forbidden_names: ClassVar[Mapping[str, str]] = {
        "policy": _PERMISSIONS,
        "policyArns": _PERMISSIONS,
        "webIdentityToken": "the token is a credential; webIdentityTokenFile is the path of its file",
    }
    role_arn: RoleArn = Field(description="ARN of the role. Source: STS, AssumeRoleWithWebIdentity.")
    web_identity_token_file: Annotated[
        str,
        StringConstraints(pattern="^/[A-Za-z0-9._/-]+$", max_length=1024),
        Allowed("the absolute path of a file with the token; the token is a credential and must not be in a file here"),
    ] = Field(description="Path of the file with the token. Source: STS, AssumeRoleWithWebIdentity.")
    session_name: Annotated[SessionName | None, NotNull()] = Field(
        default=None, description="Name of the session in CloudTrail. Source: STS, AssumeRoleWithWebIdentity."
    )
    duration: Annotated[Duration | None, NotNull()] = Field(
        default=None, description="Length of the session. Source: STS, AssumeRoleWithWebIdentity."
    )

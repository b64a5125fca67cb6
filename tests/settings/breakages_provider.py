"""Broken values of the AWS provider: region, account, tags, sign-in and calls."""

from collections.abc import Mapping, Sequence
from typing import cast

from settings.yaml_values import Json
from tests.settings.breaking import Rows, rejected
from tests.settings.support import as_data

ROLE = "arn:aws:iam::987654321098:role/deploy"
ELSEWHERE = "arn:aws:iam::111111111111:role/deploy"
ROLES, WEB = "aws:assumeRoles", "aws:assumeRoleWithWebIdentity"
FIRST = f"{ROLES}[0]"
DURATION = "15 minutes to 12 hours"

# The settings of a stack that a CI system deploys; both ways at once, for the tests.
SIGNING_IN: Mapping[str, Json] = {
    ROLES: [
        {
            "roleArn": ROLE,
            "sessionName": "ci",
            "externalId": "taskflow:ci",
            "sourceIdentity": "github",
            "duration": "60m",
        }
    ],
    WEB: {"roleArn": ROLE, "webIdentityTokenFile": "/var/run/token", "sessionName": "ci", "duration": "1h"},
}

TAGS = cast("dict[str, dict[str, Json]]", as_data("production")["aws:defaultTags"])["tags"]

ROWS: Sequence[Rows] = (
    rejected("aws:region", "such as us-east-1", "useast1", "us-east-1a", ""),
    rejected("aws:allowedAccountIds", "drops leading zeros", [987654321098], at=("[0]",)),
    rejected("aws:allowedAccountIds", "exactly one", [], ["987654321098", "123456789012"]),
    rejected("aws:allowedAccountIds", "twelve digits", ["98765432109"], at=("[0]",)),
    rejected("aws:defaultTags.tags", "at most 50", {f"t{n}": "x" for n in range(51)}),
    rejected(
        "aws:defaultTags.tags",
        'a name other than aws:defaultTags.tags.Owner ("devops"): IAM ignores case',
        {**TAGS, "owner": "devops"},
        at=(".owner",),
    ),
    rejected(
        "aws:defaultTags.tags",
        "a name other than aws:defaultTags.tags.team",
        {**TAGS, "team": "a", "Team": "a", "TEAM": "a"},
        at=(".TEAM", ".Team"),
    ),
    rejected("aws:profile", "a profile's name", "two words", ""),
    rejected(ROLES, "a list of roles", []),
    rejected(ROLES, "the ARN of an IAM role", [{}], at=(f"{FIRST}.roleArn",)),
    rejected(ROLES, "a block of roleArn", [ROLE], at=(FIRST,)),
    rejected(
        ROLES, "a role of the account aws:allowedAccountIds[0]", [{"roleArn": ELSEWHERE}], at=(f"{FIRST}.roleArn",)
    ),
    # A hub in another account isn't the last role.
    rejected(ROLES, "a role of the account", [{"roleArn": ROLE}, {"roleArn": ELSEWHERE}], at=("[1].roleArn",)),
    rejected(ROLES, "the ARN of an IAM role", [{"roleArn": ELSEWHERE}, {"roleArn": "x"}], at=("[1].roleArn",)),
    rejected(f"{FIRST}.roleArn", "the ARN of an IAM role", "deploy", ROLE.replace("role", "user"), ""),
    rejected(f"{FIRST}.roleArn", 'aws:allowedAccountIds[0] ("987654321098")', ELSEWHERE),
    rejected(f"{FIRST}.sessionName", "a session's name", "x", "two words", "x" * 65),
    rejected(f"{FIRST}.externalId", "an external id", "x", "two words", "x" * 1225),
    rejected(f"{FIRST}.sourceIdentity", "an identity", "x", "two words"),
    rejected(f"{FIRST}.duration", DURATION, "14m", "721m", "13h", "3600s", "1h30m", ""),
    rejected(f"{WEB}.roleArn", "the ARN of an IAM role", "deploy", ""),
    rejected(f"{WEB}.roleArn", "a role of the account aws:allowedAccountIds[0]", ELSEWHERE),
    rejected(f"{WEB}.webIdentityTokenFile", "the absolute path", "token", "eyJhbGciOi.J9"),
    rejected(f"{WEB}.sessionName", "a session's name", "x", "two words"),
    rejected(f"{WEB}.duration", DURATION, "0h", "10m"),
    rejected("aws:stsRegion", "an AWS region", "useast1", "us-east-1a", ""),
    rejected("aws:maxRetries", "1 to 100 tries", "many"),
    rejected("aws:tokenBucketRateLimiterCapacity", "1 to 10000 tokens", "few"),
    *(
        rejected(f"aws:{name}", "true or false", "yes", 1)
        for name in ("useFipsEndpoint", "useDualstackEndpoint", "skipMetadataApiCheck")
    ),
)

# Settings of Pulumi's provider that this project leaves out, and what replaces each.
LEFT_OUT: Mapping[str, str] = {
    f"{FIRST}.policy": "the role's own policies",
    f"{FIRST}.policyArns": "the role's own policies",
    f"{FIRST}.tags": "sourceIdentity identifies the caller",
    f"{FIRST}.transitiveTagKeys": "sourceIdentity identifies the caller",
    f"{WEB}.policy": "the role's own policies",
    f"{WEB}.policyArns": "the role's own policies",
    f"{WEB}.webIdentityToken": "webIdentityTokenFile is the path of its file",
}

"""Broken values of the AWS provider's further settings: how it signs in, and how it calls AWS."""

from collections.abc import Mapping, Sequence

from tests.settings.as_pulumi import Json
from tests.settings.breaking import Broken, Rows, and_also, misspelt, not_allowed, text, wrong_type

ROLE = "arn:aws:iam::987654321098:role/deploy"
ELSEWHERE = "arn:aws:iam::111111111111:role/deploy"
ROLES, WEB = "aws:assumeRoles", "aws:assumeRoleWithWebIdentity"
FIRST = f"{ROLES}[0]"
LASTS = "15 minutes to 12 hours"

# What a stack file has whose stack is deployed by a CI system; both at once, for the tests.
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


def _flat(key: str, name: str, says: str, *values: Json) -> Rows:
    """Return the rows of a value under a key of its own: there, Pulumi hands over `"3"` and `3` alike."""
    return key, (
        wrong_type(["x"], key, says),
        wrong_type({"x": 1}, key, says),
        *(not_allowed(value, key, says=says) for value in values),
        misspelt(name, name, f"did you mean {key}?"),
    )


_ROWS: Sequence[Rows] = (
    (
        ROLES,
        (
            wrong_type(ROLE, ROLES, "a list is meant here"),
            wrong_type({"roleArn": ROLE}, ROLES, "a list of roles"),
            not_allowed([], ROLES, says="a list of roles"),
            not_allowed([{}], f"{FIRST}.roleArn", says="the ARN of an IAM role"),
            not_allowed([ROLE], FIRST, says="a block of roleArn"),
            # A hub in another account leads to the role, and isn't the last.
            not_allowed(
                [{"roleArn": ELSEWHERE}], f"{FIRST}.roleArn", says="a role of the account aws:allowedAccountIds[0]"
            ),
            not_allowed(
                [{"roleArn": ROLE}, {"roleArn": ELSEWHERE}], f"{ROLES}[1].roleArn", says="a role of the account"
            ),
            not_allowed(
                [{"roleArn": ELSEWHERE}, {"roleArn": "x"}], f"{ROLES}[1].roleArn", says="the ARN of an IAM role"
            ),
            misspelt("aws:assumeRols", "aws:assumeRols", "did you mean aws:assumeRoles?"),
        ),
    ),
    and_also(
        text(f"{FIRST}.roleArn", "rolearn", "the ARN of an IAM role", "deploy", ROLE.replace("role", "user"), ""),
        not_allowed(ELSEWHERE, f"{FIRST}.roleArn", says='aws:allowedAccountIds[0] ("987654321098")'),
    ),
    and_also(
        text(f"{FIRST}.sessionName", "sessionname", "a session's name", "x", "two words", "x" * 65),
        *(
            misspelt(name, f"{FIRST}.{name}", says)
            for names, says in (
                (("policy", "policyArns"), "the role's own policies"),
                (("tags", "transitiveTagKeys"), "sourceIdentity identifies the caller"),
            )
            for name in names
        ),
    ),
    text(f"{FIRST}.externalId", "externalID", "an external id", "x", "two words", "x" * 1225),
    text(f"{FIRST}.sourceIdentity", "sourceidentity", "an identity", "x", "two words"),
    text(f"{FIRST}.duration", "durations", LASTS, "14m", "721m", "13h", "3600s", "1h30m", ""),
    (
        WEB,
        (
            wrong_type(ROLE, WEB, "a block of roleArn"),
            wrong_type([], WEB, "a block of roleArn"),
            not_allowed({}, f"{WEB}.roleArn", f"{WEB}.webIdentityTokenFile", says="the ARN of an IAM role"),
            misspelt("aws:assumeRoleWithWebIdentit", "aws:assumeRoleWithWebIdentit", f"did you mean {WEB}?"),
        ),
    ),
    and_also(
        text(f"{WEB}.roleArn", "rolearn", "the ARN of an IAM role", "deploy", ""),
        not_allowed(ELSEWHERE, f"{WEB}.roleArn", says="a role of the account aws:allowedAccountIds[0]"),
    ),
    text(f"{WEB}.webIdentityTokenFile", "webidentityTokenFile", "the absolute path", "token", "eyJhbGciOi.J9"),
    and_also(
        text(f"{WEB}.sessionName", "sessionname", "a session's name", "x", "two words"),
        misspelt("policy", f"{WEB}.policy", "the role's own policies"),
        misspelt("policyArns", f"{WEB}.policyArns", "the role's own policies"),
        misspelt("webIdentityToken", f"{WEB}.webIdentityToken", "webIdentityTokenFile is the path of its file"),
    ),
    text(f"{WEB}.duration", "durations", LASTS, "0h", "10m"),
    _flat("aws:stsRegion", "aws:stsregion", "an AWS region", "useast1", "us-east-1a", ""),
    _flat("aws:maxRetries", "aws:maxRetrys", "1 to 100 tries", 0, 101, "many"),
    _flat("aws:retryMode", "aws:retrymode", "one of standard, adaptive", "legacy", ""),
    _flat(
        "aws:tokenBucketRateLimiterCapacity", "aws:tokenBucketRateLimitCapacity", "1 to 10000 tokens", 0, 10_001, "few"
    ),
    _flat("aws:useFipsEndpoint", "aws:useFipsEndpoints", "true or false", "yes", 1),
    _flat("aws:useDualstackEndpoint", "aws:useDualStackEndpoints", "true or false", "yes", 1),
    _flat("aws:skipMetadataApiCheck", "aws:skipMetadataCheck", "true or false", "no", 0),
    _flat("aws:tagPolicyCompliance", "aws:tagPolicy", "one of error, warning, disabled", "warn", ""),
)

PROVIDER_ROWS: Mapping[str, Sequence[Broken]] = dict(_ROWS)

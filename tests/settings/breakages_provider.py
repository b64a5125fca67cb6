"""Broken values of the AWS provider's further settings: sign-in and calls."""

from collections.abc import Mapping, Sequence

from tests.settings.as_pulumi import Json
from tests.settings.breaking import Breakage, Rows, and_also, misspelled, not_allowed, text, wrong_type

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


def _flat(key: str, name: str, says: str, *values: Json) -> Rows:
    """Return the rows of a value under its own key, where Pulumi hands over `"3"` and `3` alike."""
    return key, (
        wrong_type(["x"], key, says),
        wrong_type({"x": 1}, key, says),
        *(not_allowed(value, key, message=says) for value in values),
        misspelled(name, name, f"did you mean {key}?"),
    )


_ROWS: Sequence[Rows] = (
    (
        ROLES,
        (
            wrong_type(ROLE, ROLES, "write a list"),
            wrong_type({"roleArn": ROLE}, ROLES, "a list of roles"),
            not_allowed([], ROLES, message="a list of roles"),
            not_allowed([{}], f"{FIRST}.roleArn", message="the ARN of an IAM role"),
            not_allowed([ROLE], FIRST, message="a block of roleArn"),
            # A hub in another account isn't the last role.
            not_allowed(
                [{"roleArn": ELSEWHERE}], f"{FIRST}.roleArn", message="a role of the account aws:allowedAccountIds[0]"
            ),
            not_allowed(
                [{"roleArn": ROLE}, {"roleArn": ELSEWHERE}], f"{ROLES}[1].roleArn", message="a role of the account"
            ),
            not_allowed(
                [{"roleArn": ELSEWHERE}, {"roleArn": "x"}], f"{ROLES}[1].roleArn", message="the ARN of an IAM role"
            ),
            misspelled("aws:assumeRols", "aws:assumeRols", "did you mean aws:assumeRoles?"),
        ),
    ),
    and_also(
        text(f"{FIRST}.roleArn", "rolearn", "the ARN of an IAM role", "deploy", ROLE.replace("role", "user"), ""),
        not_allowed(ELSEWHERE, f"{FIRST}.roleArn", message='aws:allowedAccountIds[0] ("987654321098")'),
    ),
    and_also(
        text(f"{FIRST}.sessionName", "sessionname", "a session's name", "x", "two words", "x" * 65),
        *(
            misspelled(name, f"{FIRST}.{name}", says)
            for names, says in (
                (("policy", "policyArns"), "the role's own policies"),
                (("tags", "transitiveTagKeys"), "sourceIdentity identifies the caller"),
            )
            for name in names
        ),
    ),
    text(f"{FIRST}.externalId", "externalID", "an external id", "x", "two words", "x" * 1225),
    text(f"{FIRST}.sourceIdentity", "sourceidentity", "an identity", "x", "two words"),
    text(f"{FIRST}.duration", "durations", DURATION, "14m", "721m", "13h", "3600s", "1h30m", ""),
    (
        WEB,
        (
            wrong_type(ROLE, WEB, "a block of roleArn"),
            wrong_type([], WEB, "a block of roleArn"),
            not_allowed({}, f"{WEB}.roleArn", f"{WEB}.webIdentityTokenFile", message="the ARN of an IAM role"),
            misspelled("aws:assumeRoleWithWebIdentit", "aws:assumeRoleWithWebIdentit", f"did you mean {WEB}?"),
        ),
    ),
    and_also(
        text(f"{WEB}.roleArn", "rolearn", "the ARN of an IAM role", "deploy", ""),
        not_allowed(ELSEWHERE, f"{WEB}.roleArn", message="a role of the account aws:allowedAccountIds[0]"),
    ),
    text(f"{WEB}.webIdentityTokenFile", "webidentityTokenFile", "the absolute path", "token", "eyJhbGciOi.J9"),
    and_also(
        text(f"{WEB}.sessionName", "sessionname", "a session's name", "x", "two words"),
        misspelled("policy", f"{WEB}.policy", "the role's own policies"),
        misspelled("policyArns", f"{WEB}.policyArns", "the role's own policies"),
        misspelled("webIdentityToken", f"{WEB}.webIdentityToken", "webIdentityTokenFile is the path of its file"),
    ),
    text(f"{WEB}.duration", "durations", DURATION, "0h", "10m"),
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

PROVIDER_ROWS: Mapping[str, Sequence[Breakage]] = dict(_ROWS)

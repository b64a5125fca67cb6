"""The trust policies of roles: of people with MFA, a ticket and an identity, of workflows by GitHub's token.

Sections: Access Controls (How to Access), Database Access, Deployment Commands. The principal of people is the account,
on condition of exact ARNs: AWS rejects a policy that names a role which doesn't exist yet.
"""

from collections.abc import Mapping, Sequence

import pulumi

from components.shared.environment import Environment
from components.shared.iam import Statement, policy_document

# Sessions limited to 1 hour; the MFA is as old at most.
SESSION_SECONDS = 3600
# The beginnings of a session's name, which is the ticket: incident-12345.
INCIDENT, CHANGE = "incident-", "change-"
# The path of the roles that IAM Identity Center creates.
IDENTITY_CENTER = ":role/aws-reserved/sso.amazonaws.com/"


def people_trust_policy(environment: Environment, people: Sequence[str], tickets: Sequence[str]) -> pulumi.Output[str]:
    """Return the trust policy of a role: who may assume it, by ARN, with tickets of these kinds.

    Sessions of IAM Identity Center don't carry AWS's MFA keys, because it enforces MFA itself: they have a separate
    statement. STS authorizes the source identity as a separate action, without the keys of the ticket and of MFA.
    """
    center = [arn for arn in people if IDENTITY_CENTER in arn]
    others = [arn for arn in people if IDENTITY_CENTER not in arn]
    ticket = {"sts:RoleSessionName": [f"{kind}?*" for kind in tickets], "sts:SourceIdentity": "?*"}
    mfa = {
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
        "NumericLessThan": {"aws:MultiFactorAuthAge": str(SESSION_SECONDS)},
    }
    statements = [
        _allow(environment, sid, "sts:AssumeRole", arns, {"StringLike": ticket, **more})
        for sid, arns, more in (("WithMfa", others, mfa), ("ByIdentityCenter", center, {}))
        if arns
    ]
    identity = {"StringLike": {"sts:SourceIdentity": "?*"}}
    return policy_document(
        *statements, _allow(environment, "SourceIdentity", "sts:SetSourceIdentity", people, identity)
    )


def workflow_trust_policy(environment: Environment, *, issuer: str, claims: Mapping[str, str]) -> pulumi.Output[str]:
    """Return the trust policy of a workflow's role: what its token must claim, exactly or by a pattern, and a ticket.

    AWS documents these keys for GitHub (Service Authorization Reference, AWS STS).
    """
    patterns = {f"{issuer}:{claim}": value for claim, value in claims.items() if "*" in value}
    exact = {f"{issuer}:{claim}": value for claim, value in claims.items() if "*" not in value}
    return policy_document(
        {
            "Sid": "Workflow",
            "Effect": "Allow",
            "Principal": {"Federated": f"arn:aws:iam::{environment.account}:oidc-provider/{issuer}"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": exact, "StringLike": {**patterns, "sts:RoleSessionName": f"{CHANGE}?*"}},
        }
    )


def _allow(
    environment: Environment, sid: str, action: str, people: Sequence[str], conditions: Mapping[str, object]
) -> Statement:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{environment.account}:root"},
        "Action": action,
        "Condition": {"ArnEquals": {"aws:PrincipalArn": list(people)}, **conditions},
    }

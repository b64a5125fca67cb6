"""Changes that violate the rules about the access task and its roles. Data only."""

from tests.policies.compliant.access import (
    ACCOUNT,
    ATTACHMENT,
    EXECUTION_POLICY,
    ROLE_POLICY,
    SESSION,
    SESSION_EXECUTION,
    SESSION_START,
    SESSIONS,
    allow,
    document,
)
from tests.policies.mutations.access import KEY, OWN, READ, REGION, permission
from tests.policies.mutations.mutation import adds, mutation, removes
from tests.policies.plan import Ref

TRAIL = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/taskflow/production/trail:*"
API_IMAGES = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/taskflow-api"
SECRETS = document(allow([READ], OWN))

PERMISSIONS = tuple(
    permission(label, key, statement)
    for label, key, statement in (
        ("the access task reading a secret", SESSIONS, allow([READ], OWN)),
        ("the access task encrypting with a key", SESSIONS, allow(["kms:Encrypt"], KEY)),
        ("a key of another region for sessions", SESSIONS, allow(["kms:Decrypt"], KEY.replace(REGION, "us-west-2"))),
        ("sessions in another log group", SESSIONS, allow(["logs:PutLogEvents"], TRAIL)),
        ("a secret for the start of the access task", SESSION_START, allow([READ], OWN)),
        ("another image for the access task", SESSION_START, allow(["ecr:BatchGetImage"], API_IMAGES)),
        ("another log group for the access task", SESSION_START, allow(["logs:PutLogEvents"], TRAIL)),
        ("a key for the start of the access task", SESSION_START, allow(["kms:Decrypt"], KEY)),
    )
)

ROLES = (
    *(
        mutation(
            f"a further policy of {role.partition(' ')[2]}",
            adds(ROLE_POLICY, "added", role=Ref(to=role), name="Extra", policy=SECRETS),
            "access-roles@added",
        )
        for role in (SESSION, SESSION_EXECUTION)
    ),
    *(
        mutation(
            f"AWS's execution policy on {role.partition(' ')[2]}",
            adds(ATTACHMENT, "added", role=Ref(to=role), policyArn=EXECUTION_POLICY),
            "access-roles@added",
        )
        for role in (SESSION, SESSION_EXECUTION)
    ),
    *(
        mutation(f"no {key.partition(' ')[2]}", removes(key), f"access-roles@{role.partition(' ')[2]}")
        for key, role in ((SESSIONS, SESSION), (SESSION_START, SESSION_EXECUTION))
    ),
)

CHANGES = (*PERMISSIONS, *ROLES)

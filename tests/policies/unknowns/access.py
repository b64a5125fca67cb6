"""Unknown values of access: the rule that reports each, and its path. Data only."""

from tests.policies.compliant.access import EXECUTION, QUEUE, SECRETS, SESSIONS, TASK
from tests.policies.plan import Ref
from tests.policies.unknowns.unknown_value import unknown_value

TEXT = Ref(to="LogGroup flow-logs")
ROLES = Ref(to=TASK, via=(TASK, EXECUTION))
ATTACHED = "RolePolicyAttachment roles-execution"

UNKNOWNS = (
    unknown_value("access-wildcards", SESSIONS, "policy", TEXT),
    unknown_value("access-permissions", SECRETS, "name", TEXT),
    unknown_value("access-services", TASK, "assumeRolePolicy", TEXT),
    unknown_value("access-trust", TASK, "assumeRolePolicy", TEXT),
    unknown_value("access-trust", TASK, "maxSessionDuration", TEXT),
    unknown_value("access-roles", TASK, "name", TEXT),
    unknown_value("access-people", "Policy people-boundary", "name", TEXT),
    unknown_value("access-people", "Role people-dba", "assumeRolePolicy", TEXT),
    unknown_value("access-people", "RolePolicyAttachment people-dba-CloudWatchReadOnlyAccess", "role", ROLES),
    unknown_value("access-boundary", "Policy people-boundary", "policy", TEXT),
    unknown_value("access-boundary", "Policy people-boundary", "name", TEXT),
    unknown_value("access-workflows", TASK, "assumeRolePolicy", TEXT),
    unknown_value("access-workflows", "Role delivery-plan", "assumeRolePolicy", TEXT),
    unknown_value("access-workflows", "Policy people-boundary", "name", TEXT),
    unknown_value("access-read-only", "RolePolicyAttachment delivery-nightly-ReadOnlyAccess", "role", ROLES),
    unknown_value("access-read-only", "RolePolicy delivery-nightly-NoData", "policy", TEXT),
    unknown_value("access-token-issuer", "OpenIdConnectProvider delivery", "url", TEXT),
    unknown_value("access-token-issuer", "OpenIdConnectProvider delivery", "clientIdLists", TEXT),
    unknown_value("access-roles", QUEUE, "role", ROLES),
    unknown_value("access-roles", QUEUE, "name", TEXT),
    unknown_value("access-roles", ATTACHED, "policyArn", TEXT),
    unknown_value("access-attachments", ATTACHED, "policyArn", TEXT),
    unknown_value("access-attachments", TASK, "inlinePolicies", TEXT),
    unknown_value("access-attachments", TASK, "managedPolicyArns", TEXT),
)

# One judges the type only, and access-wildcards reports an unknown policy.
NEVER_UNKNOWN = frozenset({"access-no-users", "access-conditions"})

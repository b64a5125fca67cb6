"""What of access a preview may not know: the rule that has to say so, and the place. Data only."""

from tests.policies.compliant.access import EXECUTION, QUEUE, SECRETS, SESSIONS, TASK
from tests.policies.plan import Ref
from tests.policies.unknowns.unknown_value import doubt

TEXT = Ref(to="LogGroup flow-logs")
ROLES = Ref(to=TASK, via=(TASK, EXECUTION))
ATTACHED = "RolePolicyAttachment roles-execution"

DOUBTS = (
    doubt("access-wildcards", SESSIONS, "policy", TEXT),
    doubt("access-permissions", SECRETS, "name", TEXT),
    doubt("access-services", TASK, "assumeRolePolicy", TEXT),
    doubt("access-trust", TASK, "assumeRolePolicy", TEXT),
    doubt("access-trust", TASK, "maxSessionDuration", TEXT),
    doubt("access-roles", TASK, "name", TEXT),
    doubt("access-roles", QUEUE, "role", ROLES),
    doubt("access-roles", QUEUE, "name", TEXT),
    doubt("access-roles", ATTACHED, "policyArn", TEXT),
    doubt("access-attachments", ATTACHED, "policyArn", TEXT),
    doubt("access-attachments", TASK, "inlinePolicies", TEXT),
    doubt("access-attachments", TASK, "managedPolicyArns", TEXT),
)

# It asks only for the resource's type.
NEVER_IN_DOUBT = frozenset({"access-no-users"})

"""What of encryption, keys and credentials a preview may not know: the rule that has to say so, and the place."""

from tests.policies.compliant.data import PRIMARY, REDIS, REPLICA
from tests.policies.plan import REMOVED, Plan, Ref
from tests.policies.unknowns.unknown_value import Doubt, doubt

TEXT = Ref(to="LogGroup flow-logs")
PARAMETERS = Ref(to="ParameterGroup database", via=("ParameterGroup database", "ParameterGroup database-replicas"))
# From both: which of the two it replicates is open, and so is whose key it takes.
SOURCES = Ref(to=PRIMARY, via=(PRIMARY, REPLICA))


def _insights(plan: Plan) -> None:
    """Insights that may be on, without a key."""
    plan.set(PRIMARY, "performanceInsightsEnabled", TEXT)
    plan.set(PRIMARY, "performanceInsightsKmsKeyId", REMOVED)


def _out_of_a_component(plan: Plan) -> None:
    """A component that another process made shows itself instead of the one password in it that is meant."""
    component = "Vpc network"
    for n in (1, 2):
        plan.add("random:index/randomPassword:RandomPassword", f"within-{n}", component, length=40)
    plan.set(PRIMARY, "password", Ref(to="RandomPassword within-1", output="result", via=(component,)))


DOUBTS = (
    doubt("encryption-database", PRIMARY, "storageEncrypted", TEXT),
    Doubt(rule="encryption-database", place="database.performanceInsightsEnabled", change=_insights),
    doubt("encryption-database-key", REPLICA, "replicateSourceDb", SOURCES),
    doubt("encryption-cache", REDIS, "atRestEncryptionEnabled", TEXT),
    doubt("encryption-cache", REDIS, "transitEncryptionEnabled", TEXT),
    doubt("encryption-cache", REDIS, "transitEncryptionMode", TEXT),
    doubt("encryption-secrets", "Secret cache", "replicas", TEXT),
    doubt("encryption-secrets", "Secret cache", "replicas", [TEXT], "cache.replicas.0"),
    doubt("encryption-keys-rotate", "Key keys-data", "enableKeyRotation", TEXT),
    doubt("encryption-keys-rotate", "Key keys-data", "deletionWindowInDays", TEXT),
    doubt("encryption-keys-closed", "Key keys-data", "policy", TEXT),
    doubt("encryption-keys-kept", "Key keys-data", "policy", TEXT),
    doubt("encryption-tls-database", PRIMARY, "parameterGroupName", PARAMETERS),
    doubt("encryption-tls-database", "ParameterGroup database", "parameters", TEXT),
    doubt(
        "encryption-tls-database",
        "ParameterGroup database",
        "parameters",
        [{"name": "rds.force_ssl", "value": TEXT}],
        "database.parameters.0.value",
    ),
    doubt(
        "encryption-tls-database",
        "ParameterGroup database",
        "parameters",
        [{"name": TEXT, "value": "1"}],
        "database.parameters.0.name",
    ),
    *(
        doubt("encryption-keys-rotate", "Key keys-data", name, TEXT)
        for name in ("isEnabled", "bypassPolicyLockoutSafetyCheck", "keyUsage", "customerMasterKeySpec", "multiRegion")
    ),
    Doubt(rule="credentials-generated", place="database.password", change=_out_of_a_component),
    doubt("credentials-generated", PRIMARY, "manageMasterUserPassword", TEXT),
    doubt("credentials-length", "RandomPassword cache", "length", TEXT),
    doubt("credentials-recovery", "Secret cache", "recoveryWindowInDays", TEXT),
    doubt("credentials-names", "Secret cache", "name", TEXT),
)

# A key that is unknown yet was given; where a password goes is known beforehand.
NEVER_IN_DOUBT = frozenset({"credentials-contained", "encryption-backups", "encryption-logs"})

"""Unknown values of encryption, keys and credentials."""

from tests.policies.compliant.data import PRIMARY, REDIS, REPLICA
from tests.policies.plan import REMOVED, Plan, Ref
from tests.policies.unknowns.unknown_value import UnknownValue, unknown_value

TEXT = Ref(to="LogGroup flow-logs")
PARAMETERS = Ref(to="ParameterGroup database", via=("ParameterGroup database", "ParameterGroup database-replicas"))
SCRAM = {"name": "rds.accepted_password_auth_method", "value": "scram"}
KEYS = Ref(to="Key keys-logs", output="arn", via=("Key keys-logs", "Key keys-data"))
# It is unknown which of the two is replicated, and so whose key AWS uses.
SOURCES = Ref(to=PRIMARY, via=(PRIMARY, REPLICA))


def _insights(plan: Plan) -> None:
    """Set Performance Insights to unknown, without a key."""
    plan.set(PRIMARY, "performanceInsightsEnabled", TEXT)
    plan.set(PRIMARY, "performanceInsightsKmsKeyId", REMOVED)


def _out_of_a_component(plan: Plan) -> None:
    """Set the password to an output of a component: the engine passes the component instead of the RandomPassword."""
    component = "Vpc network"
    for n in (1, 2):
        plan.add("random:index/randomPassword:RandomPassword", f"within-{n}", component, length=40)
    plan.set(PRIMARY, "password", Ref(to="RandomPassword within-1", output="result", via=(component,)))


UNKNOWNS = (
    unknown_value("encryption-database", PRIMARY, "storageEncrypted", TEXT),
    UnknownValue(rule="encryption-database", place="database.performanceInsightsEnabled", change=_insights),
    unknown_value("encryption-database-key", REPLICA, "replicateSourceDb", SOURCES),
    unknown_value("encryption-cache", REDIS, "atRestEncryptionEnabled", TEXT),
    unknown_value("encryption-cache", REDIS, "transitEncryptionEnabled", TEXT),
    unknown_value("encryption-cache", REDIS, "transitEncryptionMode", TEXT),
    unknown_value("encryption-secrets", "Secret cache", "replicas", TEXT),
    unknown_value("encryption-secrets", "Secret cache", "replicas", [TEXT], "cache.replicas.0"),
    unknown_value("encryption-keys-rotate", "Key keys-data", "enableKeyRotation", TEXT),
    unknown_value("encryption-keys-rotate", "Key keys-data", "deletionWindowInDays", TEXT),
    unknown_value("encryption-keys-own", "LogGroup flow-logs", "kmsKeyId", KEYS),
    unknown_value("encryption-keys-own", "Key keys-logs", "region", TEXT, "region"),
    unknown_value("credentials-copied", "Secret database-application", "replicas", TEXT),
    unknown_value("encryption-keys-closed", "Key keys-data", "policy", TEXT),
    unknown_value("encryption-keys-kept", "Key keys-data", "policy", TEXT),
    unknown_value("encryption-tls-database", PRIMARY, "parameterGroupName", PARAMETERS),
    unknown_value("encryption-tls-database", "ParameterGroup database", "parameters", TEXT),
    unknown_value(
        "encryption-tls-database",
        "ParameterGroup database",
        "parameters",
        [{"name": "rds.force_ssl", "value": TEXT}, SCRAM],
        "database.parameters.0.value",
    ),
    unknown_value(
        "encryption-tls-database",
        "ParameterGroup database",
        "parameters",
        [{"name": TEXT, "value": "1"}, SCRAM],
        "database.parameters.0.name",
    ),
    *(
        unknown_value("encryption-keys-rotate", "Key keys-data", name, TEXT)
        for name in ("isEnabled", "bypassPolicyLockoutSafetyCheck", "keyUsage", "customerMasterKeySpec", "multiRegion")
    ),
    UnknownValue(rule="credentials-generated", place="database.password", change=_out_of_a_component),
    unknown_value("credentials-generated", PRIMARY, "manageMasterUserPassword", TEXT),
    unknown_value("credentials-length", "RandomPassword cache", "length", TEXT),
    unknown_value("credentials-recovery", "Secret cache", "recoveryWindowInDays", TEXT),
    unknown_value("credentials-names", "Secret cache", "name", TEXT),
)

# An unknown key is set, and the uses of a password are always known.
NEVER_UNKNOWN = frozenset({"credentials-contained", "encryption-backups", "encryption-logs"})

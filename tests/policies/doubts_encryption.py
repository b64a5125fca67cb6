"""What of encryption, keys and credentials a preview may not know: the rule that has to say so, and the place."""

from tests.policies.data_tier import PRIMARY, REDIS, REPLICA
from tests.policies.doubting import doubt
from tests.policies.plan import Ref

TEXT = Ref(to="LogGroup flow-logs")
PARAMETERS = Ref(to="ParameterGroup database", via=("ParameterGroup database", "ParameterGroup database-replicas"))
# From both: which of the two it replicates is open, and so is whose key it takes.
SOURCES = Ref(to=PRIMARY, via=(PRIMARY, REPLICA))

DOUBTS = (
    doubt("encryption-database", PRIMARY, "storageEncrypted", TEXT),
    doubt("encryption-database-key", REPLICA, "replicateSourceDb", SOURCES),
    doubt("encryption-cache", REDIS, "atRestEncryptionEnabled", TEXT),
    doubt("encryption-cache", REDIS, "transitEncryptionEnabled", TEXT),
    doubt("encryption-cache", REDIS, "transitEncryptionMode", TEXT),
    doubt("encryption-secrets", "Secret cache", "replicas", TEXT),
    doubt("encryption-secrets", "Secret cache", "replicas", [TEXT], "cache.replicas.0"),
    doubt("encryption-keys-rotate", "Key keys-data", "enableKeyRotation", TEXT),
    doubt("encryption-keys-rotate", "Key keys-data", "deletionWindowInDays", TEXT),
    doubt("encryption-keys-closed", "Key keys-data", "policy", TEXT),
    doubt("encryption-tls-database", PRIMARY, "parameterGroupName", PARAMETERS),
    doubt("encryption-tls-database", "ParameterGroup database", "parameters", TEXT),
    doubt("credentials-generated", PRIMARY, "manageMasterUserPassword", TEXT),
    doubt("credentials-length", "RandomPassword cache", "length", TEXT),
    doubt("credentials-recovery", "Secret cache", "recoveryWindowInDays", TEXT),
)

# A key that is unknown yet was given; where a password goes is known beforehand.
NEVER_IN_DOUBT = frozenset({"credentials-contained", "encryption-backups", "encryption-logs"})

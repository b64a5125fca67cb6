"""One change for each thing about encryption, keys and credentials that a rule guards. Data only."""

import json
from collections.abc import Mapping

from tests.policies.compliant.data import PRIMARY, REDIS, REPLICA, key, policy_statements
from tests.policies.mutations.mutation import Change, Mutation, adds, all_of, sets, told
from tests.policies.plan import REMOVED, Plan, Ref

PRODUCTION = ("production",)
DATA_KEY = "Key keys-data"
CLOSED = "encryption-keys-closed@keys-data"
KEPT = "encryption-keys-kept@keys-data"
ACCOUNT = "987654321098"
OTHER = "111111111111"
LOGS_CONTEXT, LOGS = "kms:EncryptionContext:aws:logs:arn", f"arn:aws:logs:us-east-1:{ACCOUNT}:*"
KEY_POLICY = "aws:kms/keyPolicy:KeyPolicy"
RDS = "rds.us-east-1.amazonaws.com"


def _each(key_: str, blamed: str, *changes: tuple[str, str, object], **more: tuple[str, ...]) -> tuple[Mutation, ...]:
    return tuple(told(label, sets(key_, path, value), blamed, **more) for label, path, value in changes)


def _statement(index: int, **changed: object) -> Change:
    """Change one of the data key's statements: 0 is its administration, 1 its use, 2 a service's."""

    def change(plan: Plan) -> None:
        statements = policy_statements("data")
        statements[index] = {k: v for k, v in (statements[index] | changed).items() if v is not REMOVED}
        plan.set(DATA_KEY, "policy", json.dumps({"Version": "2012-10-17", "Statement": statements}))

    return change


def _condition(**lines: object) -> Mapping[str, object]:
    return {"StringEquals": {name.replace("__", ":"): value for name, value in lines.items()}}


def _parameters(key_: str, *rows: tuple[str, str]) -> Change:
    pinned = (("max_connections", "800"), *rows)
    return sets(key_, "parameters", [{"name": name, "value": value} for name, value in pinned])


STORES = (
    *_each(
        PRIMARY,
        "encryption-database@database",
        ("a database in plain text", "storageEncrypted", False),
        ("a database that says nothing of encryption", "storageEncrypted", REMOVED),
        ("insights under AWS's key", "performanceInsightsKmsKeyId", REMOVED),
    ),
    told(
        "a replica in plain text",
        sets(REPLICA, "storageEncrypted", False),
        "encryption-database@database-replica-1",
        stacks=PRODUCTION,
    ),
    *_each(
        PRIMARY,
        "encryption-database-key@database",
        ("a database under AWS's key", "kmsKeyId", REMOVED),
        ("a database under AWS's key by name", "kmsKeyId", "arn:aws:kms:us-east-1:987654321098:alias/aws/rds"),
    ),
    *_each(
        REDIS,
        "encryption-cache@cache",
        ("a cache in plain text", "atRestEncryptionEnabled", False),
        ("a cache that says nothing of encryption", "atRestEncryptionEnabled", REMOVED),
        ("a cache under AWS's key", "kmsKeyId", REMOVED),
        ("a cache without TLS", "transitEncryptionEnabled", False),
        ("a cache that says nothing of TLS", "transitEncryptionEnabled", REMOVED),
        ("a cache that takes plain text as well", "transitEncryptionMode", "preferred"),
        ("a cache open to all", "authToken", REMOVED),
    ),
    told(
        "a cache for no group of users",
        all_of(sets(REDIS, "authToken", REMOVED), sets(REDIS, "userGroupIds", [])),
        "encryption-cache@cache",
    ),
    told(
        "a replica in another region under AWS's key",
        sets(REPLICA, "region", "us-west-2"),
        "encryption-database-key@database-replica-1",
        stacks=PRODUCTION,
    ),
    told(
        "a replica of somebody else's database, under whatever key that has",
        sets(REPLICA, "replicateSourceDb", "somebody-elses"),
        "encryption-database-key@database-replica-1",
        "database-replica@database-replica-1",
        "database-replica@database",
        stacks=PRODUCTION,
    ),
    told(
        "a parameter group that takes plain text",
        _parameters("ParameterGroup database", ("rds.force_ssl", "0")),
        "encryption-tls-database@database",
    ),
    told(
        "a parameter group that says nothing of TLS",
        _parameters("ParameterGroup database"),
        "encryption-tls-database@database",
    ),
    told(
        "a replica whose parameter group takes plain text",
        _parameters("ParameterGroup database-replicas", ("rds.force_ssl", "0")),
        "encryption-tls-database@database-replica-1",
        stacks=PRODUCTION,
    ),
    *(
        told(
            label,
            sets(PRIMARY, "parameterGroupName", value),
            "encryption-tls-database@database",
            "database-parameters@database",
        )
        for label, value in (("AWS's own parameters", "default.postgres15"), ("no parameters", REMOVED))
    ),
)

RECORDS = (
    told("a log group under AWS's key", sets("LogGroup flow-logs", "kmsKeyId", REMOVED), "encryption-logs@flow-logs"),
    *_each(
        "Secret cache",
        "encryption-secrets@cache",
        ("a secret under AWS's key", "kmsKeyId", REMOVED),
        ("a secret under AWS's key by name", "kmsKeyId", "alias/aws/secretsmanager"),
        ("a copy of a secret under AWS's key", "replicas", [{"region": "us-west-2"}]),
    ),
    told("a vault under AWS's key", sets("Vault backups", "kmsKeyArn", REMOVED), "encryption-backups@backups"),
    told(
        "daily copies under AWS's key",
        sets("InstanceAutomatedBackupsReplication daily-copy", "kmsKeyId", REMOVED),
        "encryption-backups@daily-copy",
        stacks=PRODUCTION,
    ),
)

KEYS = (
    *_each(
        DATA_KEY,
        "encryption-keys-rotate@keys-data",
        ("a key that isn't rotated", "enableKeyRotation", False),
        ("a key that says nothing of rotation", "enableKeyRotation", REMOVED),
        ("a key that is gone in a week", "deletionWindowInDays", 7),
        ("a key that is switched off", "isEnabled", False),
        ("a key that may lock everybody out", "bypassPolicyLockoutSafetyCheck", True),
        ("a key that signs", "keyUsage", "SIGN_VERIFY"),
        ("an asymmetric key", "customerMasterKeySpec", "RSA_4096"),
        ("a key of several regions", "multiRegion", True),
    ),
    told(
        "a key of imported material",
        adds("aws:kms/externalKey:ExternalKey", "imported", policy="{}"),
        "encryption-keys-rotate@imported",
    ),
    told(
        "a key that is half of another",
        adds("aws:kms/replicaKey:ReplicaKey", "half", primaryKeyArn=key("data")),
        "encryption-keys-rotate@half",
    ),
    told(
        "a policy of its own that may lock everybody out",
        adds(
            KEY_POLICY,
            "locking",
            keyId=key("data"),
            bypassPolicyLockoutSafetyCheck=True,
            policy=json.dumps({"Statement": policy_statements("data")}),
        ),
        "encryption-keys-rotate@locking",
    ),
    told("a key with AWS's policy", sets(DATA_KEY, "policy", REMOVED), CLOSED),
    told("a key whose policy isn't JSON", sets(DATA_KEY, "policy", "{"), CLOSED),
    told("a key whose policy says nothing", sets(DATA_KEY, "policy", '{"Statement": []}'), CLOSED),
    told("a key whose policy nobody may change", _statement(0, Action="kms:Describe*"), KEPT),
    told(
        "a key that one of the account may lose",
        _statement(0, Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/a"}),
        KEPT,
    ),
    told(
        "a key kept in order on conditions",
        _statement(0, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        KEPT,
    ),
    told("a key that nobody keeps in order", _statement(0, Effect="Deny"), KEPT),
    told("a key for another account", _statement(1, Principal={"AWS": f"arn:aws:iam::{OTHER}:root"}), CLOSED),
    told("a key for everybody", _statement(1, Principal="*", Condition=REMOVED), CLOSED),
    told("a key that the account may use by itself", _statement(1, Condition=REMOVED), CLOSED),
    told("administrators who may decrypt", _statement(0, Action="kms:*"), CLOSED),
    told("administrators who may give grants", _statement(0, Action=["kms:PutKeyPolicy", "kms:CreateGrant"]), CLOSED),
    told(
        "a use by any service",
        _statement(1, Condition={"StringLike": {"kms:ViaService": "*.us-east-1.amazonaws.com"}}),
        CLOSED,
    ),
    told(
        "a use by a service, if by any",
        _statement(1, Condition={"StringEqualsIfExists": {"kms:ViaService": RDS}}),
        CLOSED,
    ),
    told(
        "a use by any role",
        _statement(1, Condition={"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/*"}}),
        CLOSED,
    ),
    told("administrators who may do all but delete", _statement(0, Action=REMOVED, NotAction="kms:Delete*"), CLOSED),
    told(
        "a key for everybody of another account",
        _statement(1, Principal="*", Condition=_condition(kms__CallerAccount=OTHER, kms__ViaService=RDS)),
        CLOSED,
    ),
    told(
        "a key for everybody of the account by themselves",
        _statement(1, Principal="*", Condition=_condition(kms__CallerAccount=ACCOUNT)),
        CLOSED,
    ),
    told("a key for another login", _statement(1, Principal={"Federated": "accounts.google.com"}), CLOSED),
    told(
        "a key for all but one",
        _statement(1, Principal=REMOVED, NotPrincipal={"AWS": f"arn:aws:iam::{OTHER}:root"}),
        CLOSED,
    ),
    told("a statement of no known effect", _statement(1, Effect="allow"), CLOSED),
    told("a service on any account's behalf", _statement(2, Condition=REMOVED), CLOSED),
    told(
        "a service on another account's behalf",
        _statement(2, Condition=_condition(aws__SourceAccount=OTHER)),
        CLOSED,
        "access-services@keys-data",
    ),
    told(
        "a service by a condition that it doesn't send",
        _statement(2, Condition={"ArnLike": {LOGS_CONTEXT: LOGS}, **_condition(aws__SourceAccount=ACCOUNT)}),
        "access-services@keys-data",
    ),
    told(
        "a service for any account's log group of the account's name",
        _statement(2, Condition={"ArnLike": {"aws:SourceArn": f"arn:aws:logs:us-east-1:*:log-group:{ACCOUNT}"}}),
        CLOSED,
        "access-services@keys-data",
    ),
    told(
        "a policy of its own without a word", adds(KEY_POLICY, "open", keyId=key("data")), "encryption-keys-closed@open"
    ),
    told(
        "a policy of its own for another account",
        adds(
            KEY_POLICY,
            "open",
            keyId=key("data"),
            policy=json.dumps({"Statement": [{"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "kms:*"}]}),
        ),
        "encryption-keys-closed@open",
        "encryption-keys-kept@open",
    ),
)

RESULT = Ref(to="RandomPassword cache", output="result")
GENERATED = "generated-cache"


def _holding(key_: str, path: str, value: object) -> Change:
    """Write out what was generated, where nothing says what the text was made from: known even in a later preview."""

    def change(plan: Plan) -> None:
        plan.set("RandomPassword cache", "result", GENERATED)
        plan.set(key_.format(plan.stack), path, value)

    return change


CREDENTIALS = (
    told("a password written out", sets(PRIMARY, "password", "written-out-1234"), "credentials-generated@database"),
    told("a token written out", sets(REDIS, "authToken", "written-out-1234"), "credentials-generated@cache"),
    told(
        "a secret written out",
        sets("SecretVersion cache", "secretString", "written-out-1234"),
        "credentials-generated@cache",
    ),
    told(
        "a binary secret written out",
        sets("SecretVersion cache", "secretBinary", "d3JpdHRlbg=="),
        "credentials-generated@cache",
    ),
    told(
        "a password that isn't kept, written out",
        sets(PRIMARY, "passwordWo", "written-out-1234"),
        "credentials-generated@database",
    ),
    told(
        "a password made from something known",
        sets(PRIMARY, "password", Ref(to="LogGroup flow-logs", output="arn")),
        "credentials-generated@database",
    ),
    told(
        "a password that RDS manages",
        sets(PRIMARY, "manageMasterUserPassword", True),
        "credentials-generated@database",
    ),
    told("a password in a tag", sets(REDIS, "tags", {"Token": RESULT}), "credentials-contained@cache"),
    told(
        "a password in a parameter",
        adds("aws:ssm/parameter:Parameter", "token", type="String", value=RESULT),
        "credentials-contained@token",
        "residency-types@token",
    ),
    told(
        "a password's text in a tag",
        _holding(REDIS, "tags", {"Token": f"is {GENERATED}"}),
        "credentials-contained@cache",
    ),
    told("a password's text as a tag", _holding(REDIS, "tags", {GENERATED: "1"}), "credentials-contained@cache"),
    told(
        "a password's text in an output of the stack",
        _holding("Stack taskflow-{}", "addresses", [f"rediss://:{GENERATED}@cache"]),
        "credentials-contained@taskflow-production",
        stacks=PRODUCTION,
    ),
    told("a short password", sets("RandomPassword cache", "length", 16), "credentials-length@cache"),
    told("a password of no length", sets("RandomPassword cache", "length", REMOVED), "credentials-length@cache"),
    *_each(
        "Secret cache",
        "credentials-recovery@cache",
        ("a secret that is gone in a week", "recoveryWindowInDays", 7),
        ("a secret that is gone at once", "recoveryWindowInDays", 0),
    ),
    told(
        "a secret that looks like an ARN",
        sets("Secret cache", "name", "taskflow/production/cache-master"),
        "credentials-names@cache",
    ),
)

CHANGES = (*STORES, *RECORDS, *KEYS, *CREDENTIALS)

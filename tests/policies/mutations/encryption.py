"""Mutations of encryption, keys and credentials. Data only."""

import json
from collections.abc import Mapping

from tests.policies.compliant.data import PRIMARY, REDIS, REPLICA, key, policy_statements
from tests.policies.mutations.mutation import Change, Mutation, adds, all_of, mutation, sets
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


def _each(key_: str, reported: str, *changes: tuple[str, str, object], **more: tuple[str, ...]) -> tuple[Mutation, ...]:
    return tuple(mutation(label, sets(key_, path, value), reported, **more) for label, path, value in changes)


def _statement(index: int, **changed: object) -> Change:
    """Change a statement of the data key's policy: 0 is administration, 1 use, 2 use by a service."""

    def change(plan: Plan) -> None:
        statements = policy_statements("data")
        statements[index] = {k: v for k, v in (statements[index] | changed).items() if v is not REMOVED}
        plan.set(DATA_KEY, "policy", json.dumps({"Version": "2012-10-17", "Statement": statements}))

    return change


def _condition(**lines: object) -> Mapping[str, object]:
    return {"StringEquals": {name.replace("__", ":"): value for name, value in lines.items()}}


SCRAM = (("rds.accepted_password_auth_method", "scram"),)


def _parameters(key_: str, *rows: tuple[str, str]) -> Change:
    pinned = (("max_connections", "800"), *SCRAM, *rows)
    return sets(key_, "parameters", [{"name": name, "value": value} for name, value in pinned])


STORES = (
    *_each(
        PRIMARY,
        "encryption-database@database",
        ("a database in plain text", "storageEncrypted", False),
        ("storageEncrypted unset", "storageEncrypted", REMOVED),
        ("Performance Insights with the AWS managed key", "performanceInsightsKmsKeyId", REMOVED),
    ),
    mutation(
        "a replica in plain text",
        sets(REPLICA, "storageEncrypted", False),
        "encryption-database@database-replica-1",
        stacks=PRODUCTION,
    ),
    *_each(
        PRIMARY,
        "encryption-database-key@database",
        ("a database with the AWS managed key", "kmsKeyId", REMOVED),
    ),
    mutation(
        "a database with the AWS managed key by name",
        sets(PRIMARY, "kmsKeyId", "arn:aws:kms:us-east-1:987654321098:alias/aws/rds"),
        "encryption-database-key@database",
        "encryption-keys-own@database",
    ),
    *_each(
        REDIS,
        "encryption-cache@cache",
        ("a cache in plain text", "atRestEncryptionEnabled", False),
        ("atRestEncryptionEnabled unset", "atRestEncryptionEnabled", REMOVED),
        ("a cache with the AWS managed key", "kmsKeyId", REMOVED),
        ("a cache without TLS", "transitEncryptionEnabled", False),
        ("transitEncryptionEnabled unset", "transitEncryptionEnabled", REMOVED),
        ("a cache that accepts plain text as well", "transitEncryptionMode", "preferred"),
        ("a cache without authentication", "authToken", REMOVED),
    ),
    mutation(
        "a cache with an empty list of user groups",
        all_of(sets(REDIS, "authToken", REMOVED), sets(REDIS, "userGroupIds", [])),
        "encryption-cache@cache",
    ),
    mutation(
        "a replica in another region with the AWS managed key",
        sets(REPLICA, "region", "us-west-2"),
        "encryption-database-key@database-replica-1",
        "encryption-keys-own@database-replica-1",
        stacks=PRODUCTION,
    ),
    mutation(
        "a replica of another stack's database, with an unknown key",
        sets(REPLICA, "replicateSourceDb", "another-stacks"),
        "encryption-database-key@database-replica-1",
        "database-replica@database-replica-1",
        "database-replica@database",
        stacks=PRODUCTION,
    ),
    mutation(
        "a parameter group that accepts plain text",
        _parameters("ParameterGroup database", ("rds.force_ssl", "0")),
        "encryption-tls-database@database",
    ),
    *_each(
        "ParameterGroup database",
        "encryption-tls-database@database",
        ("a parameter group that accepts passwords as MD5", "parameters.2.value", "md5+scram"),
        ("a parameter group without a method of passwords", "parameters.2", REMOVED),
    ),
    mutation(
        "a parameter group without rds.force_ssl",
        _parameters("ParameterGroup database"),
        "encryption-tls-database@database",
    ),
    mutation(
        "a replica whose parameter group accepts plain text",
        _parameters("ParameterGroup database-replicas", ("rds.force_ssl", "0")),
        "encryption-tls-database@database-replica-1",
        stacks=PRODUCTION,
    ),
    *(
        mutation(
            label,
            sets(PRIMARY, "parameterGroupName", value),
            "encryption-tls-database@database",
            "database-parameters@database",
        )
        for label, value in (("AWS's default parameters", "default.postgres15"), ("no parameters", REMOVED))
    ),
)

RECORDS = (
    mutation(
        "a log group with the AWS managed key",
        sets("LogGroup flow-logs", "kmsKeyId", REMOVED),
        "encryption-logs@flow-logs",
    ),
    *_each(
        "Secret cache",
        "encryption-secrets@cache",
        ("a secret with the AWS managed key", "kmsKeyId", REMOVED),
        ("a replica of a secret with the AWS managed key", "replicas", [{"region": "us-west-2"}]),
    ),
    mutation(
        "a secret with the AWS managed key by name",
        sets("Secret cache", "kmsKeyId", "alias/aws/secretsmanager"),
        "encryption-secrets@cache",
        "encryption-keys-own@cache",
    ),
    mutation(
        "a vault with the AWS managed key", sets("Vault backups", "kmsKeyArn", REMOVED), "encryption-backups@backups"
    ),
    mutation(
        "daily copies with the AWS managed key",
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
        ("enableKeyRotation unset", "enableKeyRotation", REMOVED),
        ("a key that is deleted after a week", "deletionWindowInDays", 7),
        ("a disabled key", "isEnabled", False),
        ("a key without the lockout safety check", "bypassPolicyLockoutSafetyCheck", True),
        ("a key that signs", "keyUsage", "SIGN_VERIFY"),
        ("an asymmetric key", "customerMasterKeySpec", "RSA_4096"),
        ("a key of several regions", "multiRegion", True),
    ),
    mutation(
        "a key with imported material",
        adds("aws:kms/externalKey:ExternalKey", "imported", policy="{}"),
        "encryption-keys-rotate@imported",
    ),
    mutation(
        "a replica key",
        adds("aws:kms/replicaKey:ReplicaKey", "half", primaryKeyArn=key("data")),
        "encryption-keys-rotate@half",
    ),
    mutation(
        "a separate policy without the lockout safety check",
        adds(
            KEY_POLICY,
            "locking",
            keyId=key("data"),
            bypassPolicyLockoutSafetyCheck=True,
            policy=json.dumps({"Statement": policy_statements("data")}),
        ),
        "encryption-keys-rotate@locking",
    ),
    mutation("a key with AWS's default policy", sets(DATA_KEY, "policy", REMOVED), CLOSED),
    mutation("a key whose policy isn't JSON", sets(DATA_KEY, "policy", "{"), CLOSED),
    mutation("a key policy without statements", sets(DATA_KEY, "policy", '{"Statement": []}'), CLOSED),
    mutation("a key whose policy can't be changed", _statement(0, Action="kms:Describe*"), KEPT),
    mutation(
        "a key administered by one role",
        _statement(0, Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/a"}),
        KEPT,
    ),
    mutation(
        "a key administered under a condition",
        _statement(0, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        KEPT,
    ),
    mutation("a key without an administrator", _statement(0, Effect="Deny"), KEPT),
    mutation("a key for another account", _statement(1, Principal={"AWS": f"arn:aws:iam::{OTHER}:root"}), CLOSED),
    mutation("a key for every account", _statement(1, Principal="*", Condition=REMOVED), CLOSED),
    mutation("a key that the whole account may use", _statement(1, Condition=REMOVED), CLOSED),
    mutation("every action through a service", _statement(1, Action="kms:*"), CLOSED),
    mutation("every action for a service", _statement(2, Action=["kms:Decrypt", "*"]), CLOSED),
    mutation("administrators who may decrypt", _statement(0, Action="kms:*"), CLOSED),
    mutation(
        "administrators who may create grants", _statement(0, Action=["kms:PutKeyPolicy", "kms:CreateGrant"]), CLOSED
    ),
    mutation(
        "use by any service",
        _statement(1, Condition={"StringLike": {"kms:ViaService": "*.us-east-1.amazonaws.com"}}),
        CLOSED,
    ),
    mutation(
        "use by a service with IfExists",
        _statement(1, Condition={"StringEqualsIfExists": {"kms:ViaService": RDS}}),
        CLOSED,
    ),
    mutation(
        "use by any role",
        _statement(1, Condition={"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/*"}}),
        CLOSED,
    ),
    mutation(
        "administrators who may do all but delete", _statement(0, Action=REMOVED, NotAction="kms:Delete*"), CLOSED
    ),
    mutation(
        "a key for all principals of another account",
        _statement(1, Principal="*", Condition=_condition(kms__CallerAccount=OTHER, kms__ViaService=RDS)),
        CLOSED,
    ),
    mutation(
        "a key for all principals of the account directly",
        _statement(1, Principal="*", Condition=_condition(kms__CallerAccount=ACCOUNT)),
        CLOSED,
    ),
    mutation("a key for a federated principal", _statement(1, Principal={"Federated": "accounts.google.com"}), CLOSED),
    mutation(
        "a key for all principals except one",
        _statement(1, Principal=REMOVED, NotPrincipal={"AWS": f"arn:aws:iam::{OTHER}:root"}),
        CLOSED,
    ),
    mutation("a statement with an unknown effect", _statement(1, Effect="allow"), CLOSED),
    mutation("a service on behalf of any account", _statement(2, Condition=REMOVED), CLOSED),
    mutation(
        "a service on behalf of another account",
        _statement(2, Condition=_condition(aws__SourceAccount=OTHER)),
        CLOSED,
        "access-services@keys-data",
    ),
    mutation(
        "a service with a condition key that it doesn't send",
        _statement(2, Condition={"ArnLike": {LOGS_CONTEXT: LOGS}, **_condition(aws__SourceAccount=ACCOUNT)}),
        "access-services@keys-data",
    ),
    mutation(
        "a service for log groups named after the account in any account",
        _statement(2, Condition={"ArnLike": {"aws:SourceArn": f"arn:aws:logs:us-east-1:*:log-group:{ACCOUNT}"}}),
        CLOSED,
        "access-services@keys-data",
    ),
    mutation(
        "a separate policy without statements",
        adds(KEY_POLICY, "open", keyId=key("data")),
        "encryption-keys-closed@open",
    ),
    mutation(
        "a separate policy for another account",
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
    """Set a copy of a generated text without a dependency: it is known even in a later preview."""

    def change(plan: Plan) -> None:
        plan.set("RandomPassword cache", "result", GENERATED)
        plan.set(key_.format(plan.stack), path, value)

    return change


CREDENTIALS = (
    mutation("a literal password", sets(PRIMARY, "password", "literal-1234"), "credentials-generated@database"),
    mutation("a literal token", sets(REDIS, "authToken", "literal-1234"), "credentials-generated@cache"),
    mutation(
        "a literal secret",
        sets("SecretVersion cache", "secretString", "literal-1234"),
        "credentials-generated@cache",
    ),
    mutation(
        "a literal binary secret",
        sets("SecretVersion cache", "secretBinary", "d3JpdHRlbg=="),
        "credentials-generated@cache",
    ),
    mutation(
        "a literal write-only password",
        sets(PRIMARY, "passwordWo", "literal-1234"),
        "credentials-generated@database",
    ),
    mutation(
        "a password from an output that isn't generated",
        sets(PRIMARY, "password", Ref(to="LogGroup flow-logs", output="arn")),
        "credentials-generated@database",
    ),
    mutation(
        "a password that RDS manages",
        sets(PRIMARY, "manageMasterUserPassword", True),
        "credentials-generated@database",
    ),
    mutation("a password in a tag", sets(REDIS, "tags", {"Token": RESULT}), "credentials-contained@cache"),
    mutation(
        "a password in a parameter",
        adds("aws:ssm/parameter:Parameter", "token", type="String", value=RESULT),
        "credentials-contained@token",
        "residency-types@token",
    ),
    mutation(
        "a password's text in a tag",
        _holding(REDIS, "tags", {"Token": f"is {GENERATED}"}),
        "credentials-contained@cache",
    ),
    mutation("a password's text as a tag", _holding(REDIS, "tags", {GENERATED: "1"}), "credentials-contained@cache"),
    mutation(
        "a password's text in an output of the stack",
        _holding("Stack taskflow-{}", "addresses", [f"rediss://:{GENERATED}@cache"]),
        "credentials-contained@taskflow-production",
        stacks=PRODUCTION,
    ),
    mutation("a short password", sets("RandomPassword cache", "length", 16), "credentials-length@cache"),
    mutation(
        "a password without a length", sets("RandomPassword cache", "length", REMOVED), "credentials-length@cache"
    ),
    *_each(
        "Secret database-application",
        "credentials-copied@database-application",
        ("a login without a copy in the recovery region", "replicas", REMOVED),
        ("a login with an empty list of copies", "replicas", []),
        ("a login copied to another region", "replicas.0.region", "eu-west-1"),
        stacks=PRODUCTION,
    ),
    *_each(
        "Secret cache",
        "credentials-recovery@cache",
        ("a secret that can be restored for a week", "recoveryWindowInDays", 7),
        ("a secret that can't be restored", "recoveryWindowInDays", 0),
    ),
    mutation(
        "a secret's name that looks like an ARN",
        sets("Secret cache", "name", "taskflow/production/cache-master"),
        "credentials-names@cache",
    ),
)

CHANGES = (*STORES, *RECORDS, *KEYS, *CREDENTIALS)

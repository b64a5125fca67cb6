"""Encryption: each resource that stores or carries data, by which key it is encrypted at rest, and how in transit."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias, cast

from reports.access_table import statements_of
from reports.conformance.evaluate import property_of
from reports.evidence.source import Source
from reports.markdown import short_type, table
from reports.states import Recorded, State

KEY = "aws:kms/key:Key"
_AWS_API = "AWS's API: TLS 1.2 or newer"
_NOTHING = "stores nothing"
_UNENCRYPTED = "**none**"
# At rest, and in transit.
Protection: TypeAlias = tuple[str, str]
Describe: TypeAlias = Callable[["Stack", Recorded], Protection]
HEAD = """\
# Encryption
Each resource that stores or carries data. *At rest*: the key; KMS and S3 encrypt with AES-256. *In transit*: what the
resource requires of its clients. What isn't built to the letter is in [conformance](conformance.md#data-handling).
"""


class Stack:
    """A stack's resources, and the names of the keys of both stacks."""

    def __init__(self, state: State, keys: Mapping[str, str]) -> None:
        """Take a state, and the names of keys by ARN."""
        self.state, self._keys = state, keys

    def key(self, arn: object) -> str:
        """Return the name of a key; bold text if there is none."""
        return f"KMS: {self._keys.get(str(arn), str(arn))}" if arn else _UNENCRYPTED

    def beside(self, type_: str, **inputs: object) -> Recorded | None:
        """Return the resource of a type that has these inputs."""
        found = (each for each in self.state.resources if each.type == type_)
        return next((each for each in found if all(each.inputs.get(k) == v for k, v in inputs.items())), None)


def page(sources: Sequence[Source]) -> str:
    """Return the page."""
    keys = {
        str(each.outputs.get("arn")): f"`{each.name}` ({source.stack})"
        for source in sources
        for each in source.state.resources
        if each.type == KEY
    }
    lines = [HEAD]
    for source in sources:
        lines += [f"\n## {source.stack}\n", *_stack(Stack(source.state, keys))]
    lines += ["\n## Keys\n", *_keys(sources)]
    return "\n".join(lines) + "\n"


def _stack(stack: Stack) -> Iterator[str]:
    rows: list[tuple[str, str, str, str]] = []
    unclassified: list[str] = []
    for each in sorted(stack.state.resources, key=lambda each: (each.type, each.name)):
        if each.type in DATA:
            rows.append((short_type(each.type), f"`{each.name}`", *DATA[each.type](stack, each)))
        elif each.type.startswith("aws:") and not each.type.startswith(NO_DATA):
            unclassified.append(f"- {each.type} `{each.name}`")
    yield from table(("Resource", "Name", "At rest", "In transit"), rows)
    if unclassified:
        yield "\n**Not classified**: this page doesn't know whether these store or carry data.\n"
        yield from unclassified


def _keys(sources: Sequence[Source]) -> Iterator[str]:
    rows = [
        (
            source.stack,
            f"`{each.name}`",
            str(each.outputs.get("arn", "")).split(":")[3],
            "every year" if each.inputs.get("enableKeyRotation") else _UNENCRYPTED,
            f"{each.inputs.get('deletionWindowInDays')} days",
        )
        for source in sources
        for each in sorted(source.state.resources, key=lambda each: each.name)
        if each.type == KEY
    ]
    yield from table(("Stack", "Key", "Region", "Rotation", "A deletion can be cancelled for"), rows)


def _by(path: str, transit: str = _AWS_API) -> Describe:
    """Describe a resource that names its key in a property."""
    return lambda stack, each: (stack.key(property_of(each, path)), transit)


def _requires_tls(policy: Recorded | None) -> str:
    """Return whether a resource's policy denies requests without TLS."""
    condition = {"Bool": {"aws:SecureTransport": "false"}}
    statements = statements_of(policy.inputs["policy"]) if policy else ()
    denies = any(each["Effect"] == "Deny" and each.get("Condition") == condition for each in statements)
    return "TLS, required by its policy" if denies else "**plain text is possible**"


def _database(stack: Stack, each: Recorded) -> Protection:
    source = "KMS: the key of its source" if each.inputs.get("storageEncrypted") else _UNENCRYPTED
    group = stack.beside("aws:rds/parameterGroup:ParameterGroup", name=each.inputs.get("parameterGroupName"))
    parameters = cast("Sequence[Mapping[str, object]]", group.inputs.get("parameters") or ()) if group else ()
    is_forced = any(p.get("name") == "rds.force_ssl" and p.get("value") == "1" for p in parameters)
    key = each.inputs.get("kmsKeyId")
    transit = "TLS, required (rds.force_ssl)" if is_forced else "**plain text is possible**"
    return stack.key(key) if key else source, transit


def _cache(stack: Stack, each: Recorded) -> Protection:
    transit = "TLS, required" if each.inputs.get("transitEncryptionEnabled") else _UNENCRYPTED
    return stack.key(each.inputs.get("kmsKeyId")) if each.inputs.get(
        "atRestEncryptionEnabled"
    ) else _UNENCRYPTED, transit


def _bucket(stack: Stack, each: Recorded) -> Protection:
    name = each.inputs.get("bucket")
    rule = stack.beside(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration", bucket=name
    )
    at = "rules.0.applyServerSideEncryptionByDefault"
    algorithm = property_of(rule, f"{at}.sseAlgorithm") if rule else None
    key = property_of(rule, f"{at}.kmsMasterKeyId") if rule else None
    at_rest = "S3's key" if algorithm == "AES256" else stack.key(key)
    return at_rest, _requires_tls(stack.beside("aws:s3/bucketPolicy:BucketPolicy", bucket=name))


def _queue(stack: Stack, each: Recorded) -> Protection:
    policy = stack.beside("aws:sqs/queuePolicy:QueuePolicy", queueUrl=each.id)
    return stack.key(each.inputs.get("kmsMasterKeyId")), _requires_tls(policy)


def _topic(stack: Stack, each: Recorded) -> Protection:
    policy = stack.beside("aws:sns/topicPolicy:TopicPolicy", arn=each.outputs.get("arn"))
    return stack.key(each.inputs.get("kmsMasterKeyId")), _requires_tls(policy)


def _secret(stack: Stack, each: Recorded) -> Protection:
    copies = cast("Sequence[Mapping[str, object]]", each.inputs.get("replicas") or ())
    keys = [stack.key(each.inputs.get("kmsKeyId")), *(f"copy: {stack.key(copy.get('kmsKeyId'))}" for copy in copies)]
    return ", ".join(keys), _AWS_API


def _distribution(_: Stack, each: Recorded) -> Protection:
    viewers = property_of(each, "viewerCertificate.minimumProtocolVersion")
    origins = "its origins: TLS 1.2 or newer, by the rule edge-origins"
    return "AWS's, at the edge", f"viewers: {viewers or '**not set**'}; {origins}"


def _targets(_: Stack, each: Recorded) -> Protection:
    protocol = each.inputs.get("protocol")
    return _NOTHING, "HTTPS" if protocol == "HTTPS" else f"**{protocol}**, inside the VPC (decision 0015)"


DATA: Mapping[str, Describe] = {
    "aws:athena/workgroup:Workgroup": _by(
        "configuration.managedQueryResultsConfiguration.encryptionConfiguration.kmsKey"
    ),
    "aws:backup/vault:Vault": _by("kmsKeyArn"),
    "aws:cfg/deliveryChannel:DeliveryChannel": _by("s3KmsKeyArn"),
    "aws:cloudfront/distribution:Distribution": _distribution,
    "aws:cloudtrail/trail:Trail": _by("kmsKeyId"),
    "aws:cloudwatch/logGroup:LogGroup": _by("kmsKeyId"),
    "aws:ecr/repository:Repository": _by("encryptionConfigurations.0.kmsKey"),
    "aws:ecs/cluster:Cluster": _by(
        "configuration.executeCommandConfiguration.kmsKeyId", "sessions: TLS of Session Manager, and the same key"
    ),
    "aws:ecs/taskDefinition:TaskDefinition": lambda _, __: (
        "Fargate's temporary storage: AWS's key, AES-256",
        "opens connections; accepts those of its target group, if it has one",
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": _cache,
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": _by("serverSideEncryption.keyArn"),
    "aws:lb/listener:Listener": lambda _, each: (
        _NOTHING,
        f"{each.inputs.get('protocol')}: {each.inputs.get('sslPolicy')}",
    ),
    "aws:lb/targetGroup:TargetGroup": _targets,
    "aws:rds/instance:Instance": _database,
    "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication": _by("kmsKeyId"),
    "aws:s3/bucket:Bucket": _bucket,
    "aws:secretsmanager/secret:Secret": _secret,
    "aws:sns/topic:Topic": _topic,
    "aws:sns/topicSubscription:TopicSubscription": lambda _, each: (_NOTHING, str(each.inputs.get("protocol")).upper()),
    "aws:sqs/queue:Queue": _queue,
}
# Types, by their beginning, that store no data of the application and carry none: settings, relations, permissions.
NO_DATA = (
    "aws:accessanalyzer/", "aws:acm/", "aws:appautoscaling/", "aws:backup/plan", "aws:backup/restoreTesting",
    "aws:backup/selection", "aws:backup/vaultLock", "aws:cfg/recorder", "aws:chatbot/", "aws:cloudfront/cachePolicy",
    "aws:cloudfront/function", "aws:cloudfront/monitoring", "aws:cloudfront/origin", "aws:cloudfront/response",
    "aws:cloudwatch/compositeAlarm", "aws:cloudwatch/dashboard", "aws:cloudwatch/event", "aws:cloudwatch/logData",
    "aws:cloudwatch/logDelivery", "aws:cloudwatch/logMetricFilter", "aws:cloudwatch/logResourcePolicy",
    "aws:cloudwatch/logStream", "aws:cloudwatch/logSubscriptionFilter", "aws:cloudwatch/metricAlarm",
    "aws:cloudwatch/queryDefinition", "aws:ebs/encryptionByDefault", "aws:ec2/", "aws:ecr/lifecyclePolicy",
    "aws:ecr/replicationConfiguration", "aws:ecs/service", "aws:elasticache/parameterGroup",
    "aws:elasticache/subnetGroup", "aws:glue/", "aws:guardduty/", "aws:iam/", "aws:kms/", "aws:lb/listenerRule",
    "aws:lb/loadBalancer", "aws:rds/parameterGroup", "aws:rds/subnetGroup", "aws:route53/", "aws:s3/account",
    "aws:s3/bucketLifecycle", "aws:s3/bucketObjectLock", "aws:s3/bucketOwnership", "aws:s3/bucketPolicy",
    "aws:s3/bucketPublic", "aws:s3/bucketReplication", "aws:s3/bucketServerSide", "aws:s3/bucketVersioning",
    "aws:secretsmanager/secretVersion", "aws:securityhub/", "aws:sns/topicPolicy", "aws:sqs/queuePolicy",
    "aws:sqs/redrive", "aws:vpc/", "aws:wafv2/",
)  # fmt: skip

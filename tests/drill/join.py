"""Joins AWS of the sandbox with AWS of the commands' tests: what Pulumi made is what the commands see.

After each `up` the difference of the simulated account's resources is carried over, a resource at a time, as the call
that the provider makes: a new instance, a promotion, other bounds of scaling, another task definition. `TAKES` is the
whole table. What is not in it is the fakes' own:

- what AWS does by itself: times, deployments, tasks, backups and their copies, replication, metrics, states of alarms;
- what commands have changed since: the release that runs, the number of tasks, the bounds that a fence has set. An `up`
  that doesn't change a resource changes nothing of it here either, as in AWS;
- images in the registry, which a build pushes, and people's log-ins;
- names: the fakes derive them from the stack's, and `require_names` holds them to what Pulumi made.

What users meet (tests/drill/outside.py) is read from the same resources, the latch's rule and the DNS records among
them.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

from operations.database.sql import scram_verifier
from operations.frame.errors import OperationError
from tests.drill.engine import SandboxPulumi
from tests.engine.live_stack import AwsResource
from tests.operations.fake.rds_state import AVAILABLE, parameter_group, security_groups, subnet_group
from tests.operations.fake.wire import ServiceError
from tests.operations.fake.world import AUDIT, REGISTRIES, World

# The provider looks at an instance so often, and doesn't trust the first answers.
LOOK, LOOKS = 10, 3
VALID = timedelta(days=200)
# Inputs of an instance, by the members of ModifyDBInstance.
MODIFIED: Mapping[str, str] = {
    "allocatedStorage": "AllocatedStorage",
    "backupRetentionPeriod": "BackupRetentionPeriod",
    "backupWindow": "PreferredBackupWindow",
    "deletionProtection": "DeletionProtection",
    "instanceClass": "DBInstanceClass",
    "iamDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
    "maintenanceWindow": "PreferredMaintenanceWindow",
    "maxAllocatedStorage": "MaxAllocatedStorage",
    "multiAz": "MultiAZ",
    "parameterGroupName": "DBParameterGroupName",
}
ALARM = (
    "alarmDescription", "actionsEnabled", "alarmRule", "namespace", "metricName", "period", "statistic",
    "extendedStatistic", "threshold", "evaluationPeriods", "datapointsToAlarm", "comparisonOperator",
    "treatMissingData",
)  # fmt: skip
Inputs = Mapping[str, Any]
# What a fake does for a resource: before and after the `up`, None where it didn't exist.
Take = Callable[[World, AwsResource | None, AwsResource | None], None]


def _both(before: AwsResource | None, after: AwsResource | None) -> tuple[Inputs, Inputs]:
    return before["inputs"] if before else {}, after["inputs"] if after else {}


def secret(world: World, before: AwsResource | None, after: AwsResource | None) -> None:
    """Create a secret with its first value, which the database or the cache has; rotations change it later."""
    if before or not after:
        return
    name = str(after["inputs"]["secretId"]).partition(":secret:")[2][:-7]
    value: dict[str, str] = json.loads(str(after["inputs"]["secretString"]))
    stored = world.secrets.add(name, value)
    if name.endswith("/database-application"):
        world.logins.secret = stored
        world.logins.verifiers.clear()
        world.logins.verifiers[value["username"]] = scram_verifier(value["password"])
    if name.endswith("/cache-auth"):
        world.cache.tokens = [value["authToken"]]


def certificate(world: World, before: AwsResource | None, after: AwsResource | None) -> None:
    """Issue a certificate. ACM renews it."""
    if after and not before:
        world.certificates.ends[str(after["inputs"]["domainName"])] = world.clock.now() + VALID


def task_definition(world: World, before: AwsResource | None, after: AwsResource | None) -> None:
    """Register a revision. Old ones stay: the program retains them."""
    if after is None or (before and before["outputs"]["arn"] == after["outputs"]["arn"]):
        return
    inputs = after["inputs"]
    same = ("family", "cpu", "memory", "networkMode", "requiresCompatibilities", "taskRoleArn", "executionRoleArn",
            "runtimePlatform")  # fmt: skip
    tags = cast("dict[str, str]", after["outputs"]["tagsAll"])
    world.ecs.register(
        {
            **{name: inputs[name] for name in same if name in inputs},
            "containerDefinitions": json.loads(str(inputs["containerDefinitions"])),
            "tags": [{"key": key, "value": value} for key, value in tags.items()],
        }
    )


def instance(world: World, before: AwsResource | None, after: AwsResource | None) -> None:
    """Create, promote, change or delete an instance, and wait for it as the provider does."""
    old, new = _both(before, after)
    name = str((new or old)["identifier"])
    if after and not before:
        _create_instance(world, name, after)
    elif before and not after:
        world.rds.instances.pop(name, None)
    else:
        _change_instance(world, name, old, new)


def _create_instance(world: World, name: str, after: AwsResource) -> None:
    new, outputs = cast("Inputs", after["inputs"]), cast("Inputs", after["outputs"])
    source, rds = new.get("replicateSourceDb"), world.rds
    world.clock.sleep(rds.creation.total_seconds())
    groups = outputs["vpcSecurityGroupIds"]
    subnets = new.get("dbSubnetGroupName")
    rds.add(
        name,
        DBInstanceArn=outputs["arn"],
        DbiResourceId=outputs["resourceId"],
        Endpoint={"Address": outputs["address"], "Port": int(outputs["port"])},
        DBInstanceClass=outputs["instanceClass"],
        EngineVersion=outputs["engineVersionActual"],
        MultiAZ=bool(new.get("multiAz")),
        BackupRetentionPeriod=int(outputs["backupRetentionPeriod"]),
        DeletionProtection=bool(new.get("deletionProtection")),
        VpcSecurityGroups=security_groups(*groups),
        DBParameterGroups=parameter_group(str(outputs["parameterGroupName"])),
        MonitoringRoleArn=outputs["monitoringRoleArn"],
        **({"DBSubnetGroup": subnet_group(str(subnets), f"vpc-0{world.stack}")} if subnets else {}),
        **({"KmsKeyId": outputs["kmsKeyId"]} if "kmsKeyId" in outputs else {}),
        **({"ReadReplicaSourceDBInstanceIdentifier": source} if source else {}),
    )
    if source:
        # The source lists a replica of its region by name, one of another region by ARN.
        listed = str(outputs["arn"]) if ":" in str(source) else name
        of_source = (str(source).rpartition(":")[2], rds.other if rds.other and ":" in str(source) else rds)
        found = of_source[1].instances.get(of_source[0])
        if found:
            found.values["ReadReplicaDBInstanceIdentifiers"].append(listed)


def _change_instance(world: World, name: str, old: Inputs, new: Inputs) -> None:
    rds, named = world.rds, {"DBInstanceIdentifier": name}
    try:
        changed = {MODIFIED[key]: new[key] for key in MODIFIED if key in new and new[key] != old.get(key)}
        if old.get("replicateSourceDb") and not new.get("replicateSourceDb"):
            kept = {"BackupRetentionPeriod": new["backupRetentionPeriod"], "PreferredBackupWindow": new["backupWindow"]}
            rds.promote_read_replica({**named, **kept})
            _await_instance(world, name)
            changed = {key: value for key, value in changed.items() if key not in kept}
        if changed:
            rds.modify_db_instance({**named, **changed, "ApplyImmediately": bool(new.get("applyImmediately"))})
            _await_instance(world, name)
    except ServiceError as error:
        raise OperationError(f"`pulumi up` of {world.stack} failed", advice=error.message) from error


def _await_instance(world: World, name: str) -> None:
    looks = LOOKS
    while looks or world.rds.find(name).status != AVAILABLE:
        looks = max(0, looks - 1)
        world.clock.sleep(LOOK)


def backups_copy(world: World, before: AwsResource | None, after: AwsResource | None) -> None:
    """Begin to copy an instance's daily backups to this region."""
    name = str(after["inputs"]["sourceDbInstanceArn"]).rpartition(":")[2] if after else ""
    source = world.rds.other.instances.get(name) if world.rds.other else None
    if source and not before:
        world.rds.replicate_backups(source.values)


def service(world: World, before: AwsResource | None, after: AwsResource | None) -> None:
    """Create the service with the template's tasks. Releases and scaling own its task definition and their number."""
    _, new = _both(before, after)
    if not after:
        return
    network = new["networkConfiguration"]
    world.ecs.alarm_names[:] = new["alarms"]["alarmNames"]
    world.ecs.network = {
        "subnets": network["subnets"],
        "securityGroups": network["securityGroups"],
        "assignPublicIp": "ENABLED" if network["assignPublicIp"] else "DISABLED",
    }
    if not before:
        world.ecs.desired = int(new["desiredCount"])
        world.ecs.deploy(world.ecs.find(str(new["taskDefinition"]).rpartition("/")[2].partition(":")[0]))
        while not world.ecs.deployments[-1].is_over:
            world.clock.sleep(LOOK)


def scaling(world: World, before: AwsResource | None, after: AwsResource | None) -> None:
    """Register the scaling target: AWS moves the service into its bounds."""
    _, new = _both(before, after)
    if after:
        world.scaling.minimum, world.scaling.maximum = int(new["minCapacity"]), int(new["maxCapacity"])
        world.scaling.adjust()


def alarm(world: World, before: AwsResource | None, after: AwsResource | None) -> None:
    """Put an alarm, or delete it. Its state stays; that of a new one is OK."""
    old, new = _both(before, after)
    name = str((new or old).get("name") or (new or old).get("alarmName"))
    if not after:
        world.alarms.pop(name, None)
        return
    members = {key[0].upper() + key[1:]: new[key] for key in ALARM if new.get(key) is not None}
    dimensions = [{"Name": key, "Value": value} for key, value in new.get("dimensions", {}).items()]
    queries = [
        {"Id": each["id"], "ReturnData": bool(each.get("returnData"))}
        | ({"Expression": each["expression"]} if each.get("expression") else {})
        for each in new.get("metricQueries", [])
    ]
    kept = {key: value for key, value in world.alarms.get(name, {}).items() if key.startswith("State")}
    world.alarms[name] = {
        "AlarmName": name,
        "StateValue": "OK",
        **members,
        **({"Dimensions": dimensions} if dimensions else {}),
        **({"Metrics": queries} if queries else {}),
        **kept,
    }


# In the order in which the engine makes them, as far as one needs another.
TAKES: Mapping[str, Take] = {
    "aws:secretsmanager/secretVersion:SecretVersion": secret,
    "aws:acm/certificate:Certificate": certificate,
    "aws:rds/instance:Instance": instance,
    "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication": backups_copy,
    "aws:ecs/taskDefinition:TaskDefinition": task_definition,
    "aws:cloudwatch/metricAlarm:MetricAlarm": alarm,
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": alarm,
    "aws:ecs/service:Service": service,
    "aws:appautoscaling/target:Target": scaling,
}


@dataclass(kw_only=True)
class Join:
    """Both worlds of the commands, by region, and what they have taken of the engine's."""

    pulumi: SandboxPulumi
    worlds: Mapping[str, World]
    known: dict[tuple[str, str, str], AwsResource] = field(default_factory=dict[tuple[str, str, str], AwsResource])

    def __post_init__(self) -> None:
        for world in self.worlds.values():
            _empty(world)

    def apply(self) -> None:
        """Carry over what has changed since the last time."""
        found = {(each["type"], _region(each), each["id"]): each for each in self.pulumi.resources()}
        before, self.known = self.known, found
        # The engine works in parallel: by URN the order is that of each run, and a replica comes after its source.
        urns = {key: each["urn"] for key, each in (*before.items(), *found.items())}
        for kind, take in TAKES.items():
            for key in sorted(urns, key=lambda each: urns[each]):
                if key[0] == kind and before.get(key) != found.get(key):
                    take(self.worlds[key[1]], before.get(key), found.get(key))
        for region, world in self.worlds.items():
            if world.ecs.deployments:
                self._require_names(region, world)

    def _require_names(self, region: str, world: World) -> None:
        """Require that the names which the fakes derive from the stack's are those of what Pulumi made."""
        name = f"taskflow-{world.stack}"
        for kind, member, wanted in (
            ("aws:ecs/cluster:Cluster", "name", world.ecs.cluster),
            ("aws:ecs/service:Service", "name", world.ecs.service),
            ("aws:ecs/taskDefinition:TaskDefinition", "family", f"{world.ecs.service}-template"),
            ("aws:ecs/taskDefinition:TaskDefinition", "family", f"{name}-access"),
            ("aws:ecs/taskDefinition:TaskDefinition", "family", f"{name}-database"),
            ("aws:appautoscaling/target:Target", "resourceId", world.scaling.resource),
            ("aws:lb/loadBalancer:LoadBalancer", "name", name),
            ("aws:elasticache/replicationGroup:ReplicationGroup", "replicationGroupId", world.cache.name),
            ("aws:ecr/repository:Repository", "name", REGISTRIES[world.stack].rpartition("/")[2]),
            ("aws:backup/vault:Vault", "name", "taskflow-production"),
            ("aws:cloudwatch/logGroup:LogGroup", "name", AUDIT),
        ):
            there = {
                str({**each["outputs"], **each["inputs"]}.get(member))
                for (of_kind, of_region, _), each in self.known.items()
                if (of_kind, of_region) == (kind, region)
            }
            assert wanted in there, f"{kind} {wanted} isn't in {region}: {sorted(there)}"


def _region(resource: AwsResource) -> str:
    return str(resource["outputs"].get("region") or "")


def _empty(world: World) -> None:
    """Remove what the fake has of a stack that Pulumi hasn't made."""
    world.rds.instances.clear()
    world.rds.kept_backups.clear()
    world.alarms.clear()
    world.secrets.secrets.clear()
    world.certificates.ends.clear()
    world.ecs.definitions.clear()
    world.ecs.tags.clear()
    world.ecs.deployments.clear()
    world.ecs.alarm_names.clear()

"""The API of RDS: restores, copies, changes, promotions and deletions, with AWS's defaults and refusals.

Lists come in pages of two, so that a command that reads only the first page fails. A change takes minutes, and shows a
moment after the request: until then an instance is still `available`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.operations.fake.rds_region import RdsRegion
from tests.operations.fake.rds_requests import PENDING, require_monitoring_role, wanted
from tests.operations.fake.rds_state import (
    AUTOMATED,
    AVAILABLE,
    AWS_BACKUP,
    KEPT,
    MANUAL,
    AutomatedBackup,
    Change,
    Instance,
    arn,
    defaults,
    deployed,
    host_of,
    id_of,
    snapshot,
    tags_of,
)
from tests.operations.fake.wire import ServiceError

PAGE = 2


@dataclass(kw_only=True)
class Rds(RdsRegion):
    """One region's RDS, as commands meet it."""

    # Descriptions.

    def describe_db_instances(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        if identifier := request.get("DBInstanceIdentifier"):
            return {"DBInstances": [self.described(self.find(identifier))]}
        self.advance()
        listed, more = _page(list(self.instances.values()), request)
        return {"DBInstances": [self.described(each) for each in listed], **more}

    def describe_db_snapshots(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        self.advance()
        kind, name = request.get("SnapshotType"), request.get("DBSnapshotIdentifier")
        instance = request.get("DBInstanceIdentifier")
        if instance and instance not in self.instances:
            raise ServiceError("DBInstanceNotFound", f"DBInstance {instance} not found.", 404)
        # Without a type: all but AWS Backup's (fact 70); one that is named is found by its name.
        kinds = {kind} if kind else {AUTOMATED, MANUAL, *([AWS_BACKUP] if name else [])}
        found = [
            each
            for each in self.snapshots.values()
            if each["SnapshotType"] in kinds
            and name in (None, each["DBSnapshotIdentifier"])
            and instance in (None, each["DBInstanceIdentifier"])
        ]
        if name and not found:
            raise ServiceError("DBSnapshotNotFound", f"DBSnapshot {name} not found.", 404)
        listed, more = _page(found, request)
        return {"DBSnapshots": listed, **more}

    def describe_db_instance_automated_backups(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        self.advance()
        found = self.automated_backups()
        for name in ("DBInstanceIdentifier", "DbiResourceId", "DBInstanceAutomatedBackupsArn"):
            if name in request:
                found = [each for each in found if each.get(name) == request[name]]
        listed, more = _page(found, request)
        return {"DBInstanceAutomatedBackups": listed, **more}

    def describe_db_parameter_groups(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        listed, more = _page(list(self.parameter_groups), request)
        kind = {"DBParameterGroupFamily": "postgres15"}
        groups = [
            {"DBParameterGroupName": each, "DBParameterGroupArn": arn(self.region, "pg", each), **kind}
            for each in listed
        ]
        return {"DBParameterGroups": groups, **more}

    def describe_db_subnet_groups(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        listed, more = _page(list(self.subnet_groups), request)
        groups = [{"DBSubnetGroupName": each, "DBSubnetGroupArn": arn(self.region, "subgrp", each)} for each in listed]
        return {"DBSubnetGroups": groups, **more}

    def list_tags_for_resource(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        kind, name = request["ResourceName"].split(":", 6)[5:]
        if kind in {"pg", "subgrp"}:
            return {"TagList": tags_of((self.parameter_groups if kind == "pg" else self.subnet_groups)[name])}
        return {"TagList": list(self.tagged(request["ResourceName"])["TagList"])}

    # Restores.

    def restore_db_instance_to_point_in_time(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        self.advance()
        named = {
            "SourceDBInstanceIdentifier": "DBInstanceIdentifier",
            "SourceDbiResourceId": "DbiResourceId",
            "SourceDBInstanceAutomatedBackupsArn": "DBInstanceAutomatedBackupsArn",
        }
        (name,) = [each for each in named if each in request]
        found = [each for each in self.automated_backups() if each.get(named[name]) == request[name]]
        if name == "SourceDBInstanceIdentifier":
            found = [each for each in found if each["Status"] == "active"]
        if not found:
            raise ServiceError("DBInstanceNotFound", f"{request[name]} has no automated backup", 404)
        backup, time = found[0], request.get("RestoreTime")
        window = backup["RestoreWindow"]
        assert (time is None) == request.get("UseLatestRestorableTime", False)
        if time and not window["EarliestTime"] <= time <= window["LatestTime"]:
            message = "The specified instance cannot be restored to a time outside of its restore window"
            raise ServiceError("InvalidParameterValue", message)
        source = self.instances.get(backup["DBInstanceIdentifier"])
        values = {**deployed("any", self.stack, self.clock.now()), **(source.values if source else {})}
        return self._restore(
            request["TargetDBInstanceIdentifier"],
            {**values, **{key: backup[key] for key in KEPT if key in backup}},
            request,
            f"{backup['DBInstanceIdentifier']} at {time or window['LatestTime']:%Y-%m-%dT%H:%M:%SZ}",
        )

    def restore_db_instance_from_db_snapshot(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        source = self.snapshot_named(request["DBSnapshotIdentifier"])
        if source["Status"] != AVAILABLE:
            raise ServiceError("InvalidDBSnapshotState", "Snapshot is not in available state")
        values = {**deployed("any", self.stack, self.clock.now()), **{k: v for k, v in source.items() if k in KEPT}}
        # RDS User Guide, Tagging: the snapshot's tags, if the request has none.
        request = {"Tags": source["TagList"], **request}
        name = source.get("SourceDBSnapshotIdentifier", source["DBSnapshotArn"]).split(":", 6)[6]
        return self._restore(request["DBInstanceIdentifier"], values, request, name)

    def _restore(
        self, identifier: str, source: Mapping[str, Any], request: Mapping[str, Any], data_of: str
    ) -> Mapping[str, Any]:
        if identifier in self.instances:
            raise ServiceError("DBInstanceAlreadyExists", "DB instance already exists")
        for name, known, code in (
            ("DBParameterGroupName", self.parameter_groups, "DBParameterGroupNotFound"),
            ("DBSubnetGroupName", self.subnet_groups, "DBSubnetGroupNotFoundFault"),
        ):
            if name in request and request[name] not in known:
                raise ServiceError(code, f"{name} doesn't refer to an existing group", 404)
        asked = {"Port": source["Endpoint"]["Port"], **request}
        has_subnets = "DBSubnetGroupName" in request
        values: dict[str, Any] = {
            **defaults(self.region, has_subnets=has_subnets),
            **{name: source[name] for name in KEPT if name in source},
            **wanted(asked, {}, is_new=True, vpc=f"vpc-0{self.stack}"),
            **self.forced,
            "DBInstanceIdentifier": identifier,
            "DBInstanceArn": arn(self.region, "db", identifier),
            "DbiResourceId": f"db-{id_of(identifier, str(len(self.restored))).hex[:26].upper()}",
            "DBInstanceStatus": "creating",
        }
        # Without an address and a time of creation until it is created.
        port = values.pop("Endpoint")["Port"]
        created = self.clock.now() + self.creation
        has_failed = self.creation_ends != AVAILABLE
        status = self.creation_ends if has_failed else "backing-up" if values["BackupRetentionPeriod"] else AVAILABLE
        up = {} if has_failed else {"Endpoint": {"Address": host_of(identifier, self.region), "Port": port}}
        changes = [Change(at=created, values={"DBInstanceStatus": status, "InstanceCreateTime": created, **up})]
        if status == "backing-up":
            changes.append(Change(at=created + self.first_backup, values={"DBInstanceStatus": AVAILABLE}))
        self.instances[identifier] = Instance(values=values, changes=changes, data_of=data_of)
        self.restored.append(identifier)
        return {"DBInstance": self.described(self.instances[identifier])}

    # Changes.

    def modify_db_instance(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        instance, now = self.find(request["DBInstanceIdentifier"]), self.clock.now()
        # AWS doesn't document whether an instance that failed may lose its protection: assumed.
        if request.keys() - {"DBInstanceIdentifier", "ApplyImmediately"} != {"DeletionProtection"}:
            _require_available(instance)
        is_restored = request["DBInstanceIdentifier"] in self.restored
        asked = wanted(request, instance.values, is_new=False, vpc="")
        changed = {name: value for name, value in asked.items() if instance.values.get(name) != value}
        changed |= {name: value for name, value in self.forced.items() if is_restored and name in changed}
        require_monitoring_role({**instance.values, **changed})
        at_once = {"DeletionProtection", "CopyTagsToSnapshot", "AutoMinorVersionUpgrade"}
        instance.values |= {name: value for name, value in changed.items() if name in at_once}
        later = {name: value for name, value in changed.items() if name not in at_once}
        if later:
            instance.values["PendingModifiedValues"] = {name: later[name] for name in PENDING if name in later}
            self._change_later(instance, later, now, is_immediate=request.get("ApplyImmediately", False))
        return {"DBInstance": self.described(instance)}

    def _change_later(self, instance: Instance, later: Mapping[str, Any], now: datetime, *, is_immediate: bool) -> None:
        """Apply changes after a while; those that wait for the maintenance window stay pending here."""
        applied = later if is_immediate else {name: value for name, value in later.items() if name not in PENDING}
        pending = {} if is_immediate else {name: later[name] for name in PENDING if name in later}
        end = now + self.unseen + self.modification
        values = {**applied, "PendingModifiedValues": pending, "DBInstanceStatus": AVAILABLE}
        instance.changes += [
            Change(at=now + self.unseen, values={"DBInstanceStatus": "modifying"}),
            Change(at=end, values=values),
        ]

    def promote_read_replica(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Promote in place: refused while a backup runs; it reboots; one day of backups by default (fact 72)."""
        instance, now = self.find(request["DBInstanceIdentifier"]), self.clock.now()
        source = instance.values.get("ReadReplicaSourceDBInstanceIdentifier")
        if source is None:
            raise ServiceError("InvalidDBInstanceState", "DB Instance is not a read replica")
        _require_available(instance)
        rebooting = now + self.unseen + self.promotion
        instance.changes += [
            Change(at=now + self.unseen, values={"DBInstanceStatus": "modifying"}),
            Change(at=rebooting, values={"DBInstanceStatus": "rebooting"}),
            Change(
                at=rebooting + self.reboot,
                values={
                    "DBInstanceStatus": AVAILABLE,
                    "BackupRetentionPeriod": request.get("BackupRetentionPeriod", 1),
                    **{key: request[key] for key in ("PreferredBackupWindow",) if key in request},
                },
                removed=("ReadReplicaSourceDBInstanceIdentifier",),
            ),
        ]
        self._forget_replica(source, instance)
        return {"DBInstance": self.described(instance)}

    def _forget_replica(self, source: str, replica: Instance) -> None:
        """Take a replica off its source's list, in this region or the other."""
        regions = [each for each in (self, self.other) if each]
        for instance in (instance for each in regions for instance in each.instances.values()):
            if source in (instance.values["DBInstanceIdentifier"], instance.values["DBInstanceArn"]):
                names = (replica.values["DBInstanceIdentifier"], replica.values["DBInstanceArn"])
                listed = instance.values["ReadReplicaDBInstanceIdentifiers"]
                instance.values["ReadReplicaDBInstanceIdentifiers"] = [each for each in listed if each not in names]

    def add_tags_to_resource(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        resource = self.tagged(request["ResourceName"])
        new = {each["Key"]: each["Value"] for each in request["Tags"]}
        resource["TagList"] = tags_of({**{each["Key"]: each["Value"] for each in resource["TagList"]}, **new})
        return {}

    def delete_db_instance(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        instance, now = self.find(request["DBInstanceIdentifier"]), self.clock.now()
        values = instance.values
        if values["DeletionProtection"]:
            message = "Cannot delete protected DB Instance, please disable deletion protection and try again."
            raise ServiceError("InvalidParameterCombination", message)
        if instance.status == "deleting":
            raise ServiceError("InvalidDBInstanceState", "The instance is already being deleted.")
        final = request.get("FinalDBSnapshotIdentifier")
        assert (final is None) == request.get("SkipFinalSnapshot", False)
        end = now + self.deletion
        if final:
            if instance.status != AVAILABLE:
                message = "Cannot create a snapshot because the database instance is not in the available state"
                raise ServiceError("InvalidDBInstanceState", message)
            self.require_no_snapshot(final)
            self.snapshots[final] = snapshot(final, MANUAL, values, now, self.region)
        if not request.get("DeleteAutomatedBackups", True) and values["BackupRetentionPeriod"]:
            (kept,) = [each for each in self.automated_backups() if each["DbiResourceId"] == values["DbiResourceId"]]
            self.kept_backups.append(AutomatedBackup(values={**kept, "Status": "retained"}, until=now))
        else:
            self.forget_automated(values["DBInstanceIdentifier"])
        for each in self.other.kept_backups if self.other else ():
            if each.values["DbiResourceId"] == values["DbiResourceId"]:
                each.values["Status"], each.until = "retained", now
        for name in values["ReadReplicaDBInstanceIdentifiers"]:
            # Those of the region become instances of their own; one of another region stops to replicate.
            if name in self.instances:
                self.instances[name].values.pop("ReadReplicaSourceDBInstanceIdentifier", None)
        instance.changes[:] = [Change(at=end, is_end=True)]
        values["DBInstanceStatus"] = "deleting"
        return {"DBInstance": self.described(instance)}

    # Snapshots.

    def copy_db_snapshot(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        source, name = self.snapshot_named(request["SourceDBSnapshotIdentifier"]), request["TargetDBSnapshotIdentifier"]
        self.require_no_snapshot(name)
        now, end = self.clock.now(), self.clock.now() + self.copying
        copied = {
            **source,
            **snapshot(name, MANUAL, source, now, self.region),
            "SourceDBSnapshotIdentifier": source["DBSnapshotArn"],
            "OriginalSnapshotCreateTime": source["OriginalSnapshotCreateTime"],
            "KmsKeyId": request.get("KmsKeyId", source["KmsKeyId"]),
            "TagList": request.get("Tags", []),
            "Status": "creating",
            "PercentProgress": 0,
        }
        self.snapshots[name] = copied
        self.copies.append((end, name))
        return {"DBSnapshot": copied}

    def delete_db_snapshot(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        found = self.snapshot_named(request["DBSnapshotIdentifier"])
        if found["SnapshotType"] != MANUAL or found["Status"] == "creating":
            raise ServiceError("InvalidDBSnapshotState", "The snapshot can't be deleted in its state, or by this API")
        return {"DBSnapshot": self.snapshots.pop(found["DBSnapshotIdentifier"])}


def _require_available(instance: Instance) -> None:
    if instance.status != AVAILABLE:
        name = instance.values["DBInstanceIdentifier"]
        raise ServiceError("InvalidDBInstanceState", f"Database instance {name} is not in available state.")


def _page(listed: Sequence[Any], request: Mapping[str, Any]) -> tuple[list[Any], dict[str, str]]:
    start = int(request.get("Marker", 0))
    end = start + PAGE
    return list(listed[start:end]), {"Marker": str(end)} if end < len(listed) else {}

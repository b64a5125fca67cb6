"""The copies in the recovery region: secrets, daily backups and weekly snapshots."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from operations.backup.freshness import RUNBOOK, WEEKLY_LIMIT, Backup, judge
from operations.checklist.judgement import Finding, failed, passed
from operations.dr.sight import Sight
from operations.frame.context import Context
from operations.rotation.secret import CURRENT

# RDS uploads transaction logs every five minutes, and copies them to the other region after that: no time is promised.
COPY_LIMIT = timedelta(hours=1)


def secret_names(recovery: Context) -> Sequence[str]:
    """Return what the API's tasks read in the recovery region: replicas of production's, by ARN, and its own token."""
    secrets, environment = recovery.settings.rds.secrets, recovery.environment
    replicas = [secrets.application, secrets.master] if secrets else []
    return [*replicas, f"{environment.application}/{environment.stack}/cache-auth"]


def secrets(sight: Sight) -> Finding:
    """Check that each secret is in the region and has a current value."""
    client, missing = sight.recovery.aws.secretsmanager, list[str]()
    names = secret_names(sight.recovery)
    for name in names:
        try:
            answer = client.describe_secret(SecretId=name)
        except client.exceptions.ResourceNotFoundException:
            missing.append(f"{_short(name)} is missing")
            continue
        if answer.get("DeletedDate"):
            missing.append(f"{_short(name)} is to be deleted")
        elif not any(CURRENT in labels for labels in answer.get("VersionIdsToStages", {}).values()):
            missing.append(f"{_short(name)} has no current value")
    if missing:
        return failed(
            "; ".join(missing), "`pulumi up --stack production` replicates them; their ARNs are in dr's file."
        )
    return passed(f"{len(names)} with a current value")


def daily_backups(sight: Sight) -> Finding:
    """Check until when the copies of production's daily backups allow a restore in this region."""
    rds, name = sight.recovery.aws.rds, sight.stacks.production.settings.rds.serving_identifier()
    pages = rds.get_paginator("describe_db_instance_automated_backups").paginate(DBInstanceIdentifier=name)
    found = [cast("Mapping[str, Any]", each) for page in pages for each in page["DBInstanceAutomatedBackups"]]
    times = [each.get("RestoreWindow", {}).get("LatestTime") for each in found]
    return judge(Backup(what="copy", at=_newest(times), limit=COPY_LIMIT), sight.recovery.clock.now())


def weekly_snapshots(sight: Sight) -> Finding:
    """Check the newest copy of production's weekly snapshot, in the vault that production created here."""
    production = sight.stacks.production
    pages = sight.recovery.aws.backup.get_paginator("list_recovery_points_by_backup_vault").paginate(
        BackupVaultName=production.environment.name,
        ByResourceArn=production.environment.arn("rds", f"db:{production.settings.rds.serving_identifier()}"),
    )
    times = [
        each.get("CreationDate")
        for page in pages
        for each in page["RecoveryPoints"]
        if each.get("Status") == "COMPLETED"
    ]
    finding = judge(Backup(what="copy", at=_newest(times), limit=WEEKLY_LIMIT), sight.recovery.clock.now())
    return finding if times else failed("there is no copy", f"Find out why: {RUNBOOK}.")


def _short(name: str) -> str:
    """Return a secret's name without the rest of an ARN."""
    return name.rpartition(":")[2]


def _newest(times: Sequence[datetime | None]) -> datetime | None:
    return max((time for time in times if time is not None), default=None)

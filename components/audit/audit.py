"""AuditTrail: audit records, searchable for the retention of logs and archived for the retention of records.

Sections: Audit Logging, Data Handling (data retention), Backup Schedule (CloudWatch Logs). Each stack has an archive
that Athena searches, and a log group for the application's audit records; one stack of the account owns its CloudTrail.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.audit.archive import archive_name, create_archive
from components.audit.archive_search import create_archive_search
from components.audit.delivery import Delivery, archive_log_groups
from components.audit.queries import create_saved_queries
from components.audit.trail import create_trail
from components.data.postgres import PostgresOutputs
from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from components.shared.log_groups import NamedLogGroup, create_log_group
from settings.audit import Audit


@dataclass(frozen=True, kw_only=True)
class AuditOutputs:
    """The names of the archive bucket and of the delivery stream to it; the log groups of the records and the trail.

    `trail_log_group` is None if this stack doesn't own the trail.
    """

    archive_bucket: str
    delivery_stream: str
    records_log_group: NamedLogGroup
    records_log_group_arn: str
    trail_log_group: NamedLogGroup | None


class AuditTrail(pulumi.ComponentResource):
    """The archive, the delivery of records to it, and the account's trail if this stack owns it.

    `other_environments` are the application's other environments in the account: the trail records reads of their
    archives as well.
    """

    outputs: AuditOutputs

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        settings: Audit,
        other_environments: Sequence[Environment],
        database: PostgresOutputs,
        keys: KeysOutputs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:audit:AuditTrail", name, None, opts)
        bucket = create_archive(
            f"{name}-archive",
            environment=environment,
            settings=settings.archive,
            has_trail=settings.trail,
            keys=keys,
            parent=self,
        )
        records = create_log_group(
            f"{name}-records",
            name=environment.audit_log_group_name,
            retention_in_days=settings.log_retention,
            key_arn=keys.logs,
            parent=self,
        )
        create_saved_queries(name, environment=environment, log_group=records.name, parent=self)
        delivery = Delivery(environment=environment, bucket=bucket, keys=keys, log_retention=settings.log_retention)
        statement_log_groups = {name: logs.group.name for name, logs in database.statement_log_groups.items()}
        archive_log_groups(name, {"records": records.name, **statement_log_groups}, delivery, parent=self)
        create_archive_search(
            f"{name}-search",
            environment=environment,
            retention=settings.archive.retention,
            keys=keys,
            parent=self,
        )
        trail_log_group = None
        if settings.trail:
            trail_log_group = create_trail(
                f"{name}-trail",
                environment=environment,
                retention=settings.log_retention,
                bucket=bucket,
                archives=[bucket.name, *map(archive_name, other_environments)],
                keys=keys,
                parent=self,
            )
        self.outputs = AuditOutputs(
            archive_bucket=bucket.name,
            delivery_stream=delivery.stream,
            records_log_group=NamedLogGroup(name=environment.audit_log_group_name, group=records),
            records_log_group_arn=environment.arn("logs", f"log-group:{environment.audit_log_group_name}"),
            trail_log_group=trail_log_group,
        )
        self.register_outputs({"archive": bucket.name})

"""AuditTrail: who did what, to be searched for as long as logs are kept and archived for as long as records are.

Sections: Audit Logging, Data Handling (data retention), Backup Schedule (CloudWatch Logs). Each stack has an archive of
its own and the log group in which the application writes its records; one stack of an account has its CloudTrail.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.audit.archive import Archive, archive
from components.audit.delivery import Delivery, delivered
from components.audit.queries import saved
from components.audit.trail import trail
from components.data.postgres import PostgresOutputs
from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from components.shared.log_groups import NamedGroup, log_group
from settings.audit import Audit


@dataclass(frozen=True, kw_only=True)
class AuditOutputs:
    """What the neighbours need: names of the archive and of the stream to it, and the log groups of records and trail.

    `records_arn` is the group's ARN, for a policy; `trail_group` is None where this stack doesn't own the trail.
    """

    archive: str
    delivery_stream: str
    records: NamedGroup
    records_arn: str
    trail_group: NamedGroup | None


class AuditTrail(pulumi.ComponentResource):
    """The archive, the records that go there, and the account's trail where this stack owns it.

    `others` are the account's other environments of the application, whose archives the trail watches as well.
    """

    outputs: AuditOutputs

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        settings: Audit,
        others: Sequence[Environment],
        database: PostgresOutputs,
        keys: KeysOutputs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:audit:AuditTrail", name, None, opts)
        place = Archive(environment=environment, settings=settings.archive, keys=keys)
        bucket = archive(f"{name}-archive", place, is_trails=settings.trail, parent=self)
        records = log_group(
            f"{name}-records",
            name=environment.audit_log,
            retention_in_days=settings.log_retention,
            key_arn=keys.logs,
            parent=self,
        )
        saved(name, environment=environment, group=records.name, parent=self)
        delivery = Delivery(environment=environment, bucket=bucket, keys=keys, retention=settings.log_retention)
        delivered(
            name,
            {"records": records.name, **{name: logs.group.name for name, logs in database.statement_logs.items()}},
            delivery,
            parent=self,
        )
        trail_group = None
        if settings.trail:
            trail_group = trail(
                f"{name}-trail",
                environment=environment,
                retention=settings.log_retention,
                bucket=bucket,
                archives=[place.name, *(Archive.name_in(other) for other in others)],
                keys=keys,
                parent=self,
            )
        self.outputs = AuditOutputs(
            archive=place.name,
            delivery_stream=delivery.stream,
            records=NamedGroup(name=environment.audit_log, group=records),
            records_arn=environment.arn("logs", f"log-group:{environment.audit_log}"),
            trail_group=trail_group,
        )
        self.register_outputs({"archive": place.name})

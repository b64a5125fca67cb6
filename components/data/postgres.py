"""PostgresCluster: the database of the document, as a primary with its replicas or as a replica of another region's.

Sections: Database (RDS PostgreSQL), Database Access, Backup & Recovery. An instance with a source is a replica until it
is promoted; from then on it is a primary in place, and keeps what it was made from in its settings. A successor stands
beside the first instance, and serves once it is promoted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.data.postgres_parameters import FAMILY, parameters
from components.network.vpc import NetworkOutputs
from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from components.shared.log_groups import NamedGroup, final_snapshot, log_group
from components.shared.secrets import Copy, generated
from components.shared.service_principals import trust
from settings.rds import Rds, Source

# What RDS writes to CloudWatch of PostgreSQL.
STATEMENTS = "postgresql"
EXPORTS = (STATEMENTS, "upgrade")
# RDS' own name of the group that all instances of a region send their system's measurements to.
OS_METRICS = "RDSOSMetrics"
MONITORING_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"


@dataclass(frozen=True, kw_only=True)
class PostgresOutputs:
    """What the neighbours need of the database.

    `host` takes writes once the instance is a primary, `reader_host` reads only; `primary_arns` are this stack's
    primaries by name, none while its instance is a replica. Each secret holds a username and a password, nothing else.
    `replicas` are all that follow another instance, in this region or another; `connection_limits` are those of every
    instance there is, by its identifier; `os_metrics_group` has their systems' measurements, `statement_logs` what
    PostgreSQL itself writes, by identifier. `serving` is the instance behind `host`, for what has to wait until it is
    what its settings say. `version` is the one that runs, with the minor that AWS chose.
    """

    identifier: str
    replica_identifiers: tuple[str, ...]
    host: pulumi.Output[str]
    reader_host: pulumi.Output[str]
    port: int
    database_name: str
    max_connections: int
    connection_limits: Mapping[str, int]
    replicas: tuple[str, ...]
    os_metrics_group: pulumi.Output[str]
    statement_logs: Mapping[str, NamedGroup]
    primary_arns: Mapping[str, pulumi.Output[str]]
    master_secret_arn: pulumi.Output[str]
    application_secret_arn: pulumi.Output[str]
    secrets_key_arn: pulumi.Input[str]
    serving: pulumi.Resource
    version: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class _Wanted:
    """One instance as the settings have it."""

    identifier: str
    source: Source | None
    promoted: bool

    @property
    def is_primary(self) -> bool:
        return self.source is None or self.promoted


@dataclass(frozen=True, kw_only=True)
class _Made:
    """One instance with its replicas."""

    wanted: _Wanted
    instance: aws.rds.Instance
    replicas: tuple[aws.rds.Instance, ...]
    replica_identifiers: tuple[str, ...]


class PostgresCluster(pulumi.ComponentResource):
    """PostgreSQL on RDS: instances, parameters, logs, and the credentials of its two users."""

    outputs: PostgresOutputs

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        settings: Rds,
        port: int,
        network: NetworkOutputs,
        keys: KeysOutputs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:data:PostgresCluster", name, None, opts)
        self._name_prefix = name
        self._environment = environment
        self._settings = settings
        self._port = port
        self._network = network
        self._keys = keys
        self._own = pulumi.ResourceOptions(parent=self)

        master_secret, application_secret, password = self._credentials()
        self._password = password
        self._subnet_group = aws.rds.SubnetGroup(
            name,
            description=f"Data subnets of {environment.name}",
            subnet_ids=network.data_subnet_ids,
            tags={"Name": environment.name},
            opts=self._own,
        )
        self._parameters = self._parameter_group("primary", settings.max_connections)
        self._replica_parameters = (
            self._parameter_group("replicas", settings.replica_max_connections) if settings.read_replicas else None
        )
        self._monitoring, self._monitoring_permission = self._monitoring_role()
        self._os_metrics = self._log_group("os-metrics", OS_METRICS)
        self._statement_logs: dict[str, NamedGroup] = {}

        made = [self._instance_with_replicas(wanted) for wanted in _wanted(settings)]
        serving = next((m for m in reversed(made) if m.wanted.promoted), made[0])
        self.outputs = PostgresOutputs(
            identifier=serving.wanted.identifier,
            replica_identifiers=serving.replica_identifiers,
            host=serving.instance.address,
            reader_host=(serving.replicas[0] if serving.replicas else serving.instance).address,
            port=port,
            database_name=settings.database_name,
            max_connections=settings.max_connections,
            connection_limits=_limits(made, settings),
            replicas=tuple(name for each in made for name in _following(each)),
            os_metrics_group=self._os_metrics.name,
            statement_logs=self._statement_logs,
            primary_arns={m.wanted.identifier: m.instance.arn for m in made if m.wanted.is_primary},
            master_secret_arn=master_secret,
            application_secret_arn=application_secret,
            secrets_key_arn=settings.secrets.key if settings.secrets else keys.secrets,
            serving=serving.instance,
            version=serving.instance.engine_version_actual,
        )
        self.register_outputs({"host": self.outputs.host, "readerHost": self.outputs.reader_host})

    def _credentials(self) -> tuple[pulumi.Output[str], pulumi.Output[str], pulumi.Output[str] | None]:
        """Give the two secrets' ARNs and the master user's password: made here, or by the stack that is copied."""
        settings, environment = self._settings, self._environment
        if settings.secrets:
            # A replica has its source's users.
            return (
                pulumi.Output.from_input(settings.secrets.master),
                pulumi.Output.from_input(settings.secrets.application),
                None,
            )
        copies = self._keys.copies
        copy = Copy(region=copies.region, key_arn=copies.secrets) if copies else None
        purposes = {
            # Not "master": a secret's name that ends in a hyphen and six characters is read as a partial ARN.
            "owner": (_master_user(environment), "Owner of the database; nothing uses it daily"),
            "application": (f"{environment.application}_app", "The API's own user"),
        }
        master, application = (
            generated(
                f"{self._name_prefix}-{purpose}",
                name=f"{environment.application}/{environment.stack}/{self._name_prefix}-{purpose}",
                description=description,
                field="password",
                beside={"username": user},
                key_arn=self._keys.secrets,
                copy=copy,
                parent=self,
            )
            for purpose, (user, description) in purposes.items()
        )
        return master.secret_arn, application.secret_arn, master.value

    def _parameter_group(self, role: str, max_connections: int) -> aws.rds.ParameterGroup:
        rows = parameters(max_connections=max_connections, slow_statement_ms=self._settings.slow_statement_ms)
        return aws.rds.ParameterGroup(
            f"{self._name_prefix}-{role}",
            family=FAMILY,
            description=f"{self._environment.name}: {role}",
            parameters=[
                aws.rds.ParameterGroupParameterArgs(
                    name=row.name, value=row.value, apply_method="pending-reboot" if row.static else "immediate"
                )
                for row in rows
            ],
            tags={"Name": f"{self._environment.name}-{role}"},
            opts=self._own,
        )

    def _monitoring_role(self) -> tuple[aws.iam.Role, aws.iam.RolePolicyAttachment]:
        environment, name = self._environment, f"{self._name_prefix}-monitoring"
        instances = f"arn:aws:rds:{environment.region}:{environment.account}:db:*"
        role = aws.iam.Role(
            name,
            description="Lets RDS send its instances' system measurements to CloudWatch Logs",
            assume_role_policy=trust("monitoring.rds.amazonaws.com", environment=environment, source_arn=instances),
            opts=self._own,
        )
        return role, aws.iam.RolePolicyAttachment(name, role=role.name, policy_arn=MONITORING_POLICY, opts=self._own)

    def _log_group(self, logical: str, name: str) -> aws.cloudwatch.LogGroup:
        return log_group(
            f"{self._name_prefix}-{logical}",
            name=name,
            retention_in_days=self._settings.log_retention,
            key_arn=self._keys.logs,
            parent=self,
        )

    def _instance_with_replicas(self, wanted: _Wanted) -> _Made:
        instance = self._instance(wanted)
        # A promoted instance that came from another region has as many replicas as the settings give a primary.
        count = self._settings.read_replicas if wanted.is_primary else 0
        identifiers = tuple(f"{wanted.identifier}-replica-{number}" for number in range(1, count + 1))
        replicas = tuple(self._replica(identifier, instance) for identifier in identifiers)
        return _Made(wanted=wanted, instance=instance, replicas=replicas, replica_identifiers=identifiers)

    def _instance(self, wanted: _Wanted) -> aws.rds.Instance:
        """Make a primary, or a replica of another region's instance, which has engine, users and storage from it."""
        settings, source = self._settings, wanted.source
        args = self._args(wanted.identifier)
        args.db_subnet_group_name = self._subnet_group.name
        args.kms_key_id = self._keys.data
        args.parameter_group_name = self._parameters.name
        args.backup_retention_period = settings.backup_retention
        args.backup_window = settings.backup_window
        args.delete_automated_backups = False
        if source is None:
            args.engine = settings.engine
            args.engine_lifecycle_support = "open-source-rds-extended-support-disabled"
            # A gp3 volume under 400 GiB has the document's 3,000 IOPS, and AWS refuses to be told so.
            args.allocated_storage = settings.storage
            args.username = _master_user(self._environment)
            args.password = self._password
            args.db_name = settings.database_name
        if source is None or wanted.promoted:
            args.engine_version = settings.version
            args.multi_az = settings.multi_az
            args.database_insights_mode = "standard"
            args.skip_final_snapshot = False
            logical = f"{self._name_prefix}-{wanted.identifier}-final-snapshot"
            args.final_snapshot_identifier = final_snapshot(logical, of=wanted.identifier, parent=self)
        else:
            args.replicate_source_db = source.instance
            args.multi_az = False
            # AWS makes none of a replica.
            args.skip_final_snapshot = True
        return self._made(args, wanted.identifier)

    def _replica(self, identifier: str, primary: aws.rds.Instance) -> aws.rds.Instance:
        """Make a replica in the primary's own region: key, subnets and storage are the primary's."""
        args = self._args(identifier)
        args.replicate_source_db = primary.identifier
        args.parameter_group_name = self._replica_parameters.name if self._replica_parameters else None
        args.multi_az = False
        args.backup_retention_period = 0
        args.skip_final_snapshot = True
        return self._made(args, identifier)

    def _args(self, identifier: str) -> aws.rds.InstanceArgs:
        """Give what every instance has alike."""
        settings = self._settings
        return aws.rds.InstanceArgs(
            identifier=identifier,
            instance_class=settings.instance_class,
            storage_type=settings.storage_type,
            max_allocated_storage=settings.max_storage,
            # Said of every replica too: the provider would replace one that is encrypted and doesn't say so.
            storage_encrypted=settings.encryption,
            port=self._port,
            publicly_accessible=False,
            vpc_security_group_ids=[self._network.security_groups.database],
            ca_cert_identifier=settings.certificate_authority,
            iam_database_authentication_enabled=True,
            deletion_protection=settings.deletion_protection,
            copy_tags_to_snapshot=True,
            auto_minor_version_upgrade=settings.auto_minor_version_upgrade,
            apply_immediately=settings.apply_immediately,
            maintenance_window=settings.maintenance_window,
            monitoring_interval=settings.monitoring_interval,
            monitoring_role_arn=self._monitoring.arn,
            performance_insights_enabled=True,
            performance_insights_kms_key_id=self._keys.data,
            enabled_cloudwatch_logs_exports=list(EXPORTS),
        )

    def _made(self, args: aws.rds.InstanceArgs, identifier: str) -> aws.rds.Instance:
        """Make the instance after its log groups. The password is changed from outside, and never written back."""
        names = {export: f"/aws/rds/instance/{identifier}/{export}" for export in EXPORTS}
        logs = {export: self._log_group(f"{identifier}-{export}", name) for export, name in names.items()}
        self._statement_logs[identifier] = NamedGroup(name=names[STATEMENTS], group=logs[STATEMENTS])
        return aws.rds.Instance(
            f"{self._name_prefix}-{identifier}",
            args,
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=True,
                ignore_changes=["password"],
                depends_on=[*logs.values(), self._os_metrics, self._monitoring_permission],
            ),
        )


def _wanted(settings: Rds) -> Sequence[_Wanted]:
    first = _Wanted(identifier=settings.identifier, source=settings.source, promoted=settings.promoted)
    successor = settings.successor
    if successor is None:
        return (first,)
    return first, _Wanted(identifier=successor.identifier, source=successor.source, promoted=successor.promoted)


def _limits(made: Sequence[_Made], settings: Rds) -> Mapping[str, int]:
    limits: dict[str, int] = {}
    for each in made:
        limits[each.wanted.identifier] = settings.max_connections
        limits |= dict.fromkeys(each.replica_identifiers, settings.replica_max_connections)
    return limits


def _following(made: _Made) -> Sequence[str]:
    return made.replica_identifiers if made.wanted.is_primary else (made.wanted.identifier,)


def _master_user(environment: Environment) -> str:
    return f"{environment.application}_admin"

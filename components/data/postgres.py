"""PostgresCluster: the document's database, as a primary with replicas or as a replica of another region's primary.

Sections: Database (RDS PostgreSQL), Database Access, Backup & Recovery. An instance with a source is a replica until it
is promoted; then the same instance is a primary, and its settings still name the source. A successor is a second
instance beside the first; it serves once it is promoted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.data.postgres_parameters import FAMILY, parameters
from components.network.vpc import NetworkOutputs
from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from components.shared.log_groups import NamedLogGroup, create_log_group, final_snapshot_name
from components.shared.secrets import SecretReplica, generate_secret
from components.shared.service_principals import trust_policy
from settings.rds import Rds, Source

# Logs that RDS exports to CloudWatch.
STATEMENTS = "postgresql"
EXPORTS = (STATEMENTS, "upgrade")
# RDS's name of the log group that receives the OS metrics of all instances in a region.
OS_METRICS = "RDSOSMetrics"
MONITORING_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"


@dataclass(frozen=True, kw_only=True)
class PostgresOutputs:
    """Endpoints, instances, logs and secrets of the database.

    `host` accepts writes once the instance is a primary, `reader_host` only reads; `identifier` and
    `replica_identifiers` are the instances behind them. `primary_arns` are this stack's primaries by identifier, empty
    while its instance is a replica; `all_replica_identifiers` are the instances that replicate another one, in this
    region or another; `connection_limits` are those of all instances by identifier. `os_metrics_log_group` receives
    their OS metrics, `statement_log_groups` the logs of PostgreSQL itself, by identifier. Each secret holds only a
    username and a password. `serving_instance` is the instance behind `host`, for resources that depend on its
    promotion. `engine_version` is the running version, whose minor AWS chooses. `subnet_group` and `parameter_group`
    are the names of a primary's.
    """

    identifier: str
    replica_identifiers: tuple[str, ...]
    host: pulumi.Output[str]
    reader_host: pulumi.Output[str]
    port: int
    database_name: str
    max_connections: int
    connection_limits: Mapping[str, int]
    all_replica_identifiers: tuple[str, ...]
    os_metrics_log_group: pulumi.Output[str]
    statement_log_groups: Mapping[str, NamedLogGroup]
    primary_arns: Mapping[str, pulumi.Output[str]]
    master_secret_arn: pulumi.Output[str]
    application_secret_arn: pulumi.Output[str]
    secrets_key_arn: pulumi.Input[str]
    serving_instance: pulumi.Resource
    engine_version: pulumi.Output[str]
    subnet_group: pulumi.Output[str]
    parameter_group: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class _InstanceSpec:
    """An instance as the settings define it; `restored`: it exists already, and so do its log groups."""

    identifier: str
    source: Source | None
    promoted: bool
    restored: bool = False
    is_successor: bool = False

    @property
    def is_primary(self) -> bool:
        return self.source is None or self.promoted


@dataclass(frozen=True, kw_only=True)
class _DeployedInstance:
    """An instance and its replicas."""

    spec: _InstanceSpec
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
        self._child_opts = pulumi.ResourceOptions(parent=self)

        master_secret, application_secret, password = self._credentials()
        self._password = password
        self._subnet_group = aws.rds.SubnetGroup(
            name,
            description=f"Data subnets of {environment.name}",
            subnet_ids=network.data_subnet_ids,
            tags={"Name": environment.name},
            opts=self._child_opts,
        )
        self._parameters = self._parameter_group("primary", settings.max_connections)
        self._replica_parameters = (
            self._parameter_group("replicas", settings.replica_max_connections) if settings.read_replicas else None
        )
        self._monitoring, self._monitoring_permission = self._monitoring_role()
        self._os_metrics = self._log_group("os-metrics", OS_METRICS)
        self._statement_log_groups: dict[str, NamedLogGroup] = {}

        deployed = [self._instance_with_replicas(spec) for spec in _instance_specs(settings)]
        self.outputs = self._outputs(deployed, master_secret, application_secret)
        self.register_outputs({"host": self.outputs.host, "readerHost": self.outputs.reader_host})

    def _outputs(
        self,
        deployed: Sequence[_DeployedInstance],
        master_secret: pulumi.Output[str],
        application_secret: pulumi.Output[str],
    ) -> PostgresOutputs:
        settings = self._settings
        serving = next(each for each in deployed if each.spec.identifier == settings.serving_identifier())
        return PostgresOutputs(
            identifier=serving.spec.identifier,
            replica_identifiers=serving.replica_identifiers,
            host=serving.instance.address,
            reader_host=(serving.replicas[0] if serving.replicas else serving.instance).address,
            port=self._port,
            database_name=settings.database_name,
            max_connections=settings.max_connections,
            connection_limits=_connection_limits(deployed, settings),
            all_replica_identifiers=tuple(name for each in deployed for name in _replicating(each)),
            os_metrics_log_group=self._os_metrics.name,
            statement_log_groups=self._statement_log_groups,
            primary_arns={each.spec.identifier: each.instance.arn for each in deployed if each.spec.is_primary},
            master_secret_arn=master_secret,
            application_secret_arn=application_secret,
            secrets_key_arn=settings.secrets.key if settings.secrets else self._keys.secrets,
            serving_instance=serving.instance,
            engine_version=serving.instance.engine_version_actual,
            subnet_group=self._subnet_group.name,
            parameter_group=self._parameters.name,
        )

    def _credentials(self) -> tuple[pulumi.Output[str], pulumi.Output[str], pulumi.Output[str] | None]:
        """Return the ARNs of both secrets, and the master password unless another stack owns the secrets."""
        settings, environment = self._settings, self._environment
        if settings.secrets:
            # A replica has the users of its source.
            return (
                pulumi.Output.from_input(settings.secrets.master),
                pulumi.Output.from_input(settings.secrets.application),
                None,
            )
        copies = self._keys.copies
        replica = SecretReplica(region=copies.region, key_arn=copies.secrets) if copies else None
        purposes = {
            # Not "master": Secrets Manager takes a name that ends in a hyphen and six characters for a partial ARN.
            "owner": (_master_user(environment), "Master user of the database, not for daily use"),
            # The first of the two logins between which rotations alternate (operations/database/roles.sql).
            "application": (f"{environment.application}_app_a", "Database user of the API"),
        }
        master, application = (
            generate_secret(
                f"{self._name_prefix}-{purpose}",
                name=f"{environment.application}/{environment.stack}/{self._name_prefix}-{purpose}",
                description=description,
                field="password",
                other_fields={"username": user},
                key_arn=self._keys.secrets,
                replica=replica,
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
            opts=self._child_opts,
        )

    def _monitoring_role(self) -> tuple[aws.iam.Role, aws.iam.RolePolicyAttachment]:
        environment, name = self._environment, f"{self._name_prefix}-monitoring"
        instances = f"arn:aws:rds:{environment.region}:{environment.account}:db:*"
        role = aws.iam.Role(
            name,
            description="Allows RDS to send OS metrics to CloudWatch Logs",
            assume_role_policy=trust_policy(
                "monitoring.rds.amazonaws.com", environment=environment, source_arn=instances
            ),
            opts=self._child_opts,
        )
        return role, aws.iam.RolePolicyAttachment(
            name, role=role.name, policy_arn=MONITORING_POLICY, opts=self._child_opts
        )

    def _log_group(self, logical: str, name: str, *, exists: bool = False) -> aws.cloudwatch.LogGroup:
        return create_log_group(
            f"{self._name_prefix}-{logical}",
            name=name,
            retention_in_days=self._settings.log_retention,
            key_arn=self._keys.logs,
            parent=self,
            exists=exists,
        )

    def _instance_with_replicas(self, spec: _InstanceSpec) -> _DeployedInstance:
        instance = self._instance(spec)
        # A promoted instance from another region has the same replicas as any primary. A successor has them before: its
        # promotion can't wait half an hour for them, and they go on with it (RDS, cascading read replicas).
        count = self._settings.read_replicas if spec.is_primary or spec.is_successor else 0
        identifiers = tuple(f"{spec.identifier}-replica-{number}" for number in range(1, count + 1))
        replicas = tuple(self._replica(identifier, instance) for identifier in identifiers)
        return _DeployedInstance(spec=spec, instance=instance, replicas=replicas, replica_identifiers=identifiers)

    def _instance(self, spec: _InstanceSpec) -> aws.rds.Instance:
        """Create a primary, or a replica of another region's instance, with engine, users and storage of its source."""
        settings, source = self._settings, spec.source
        args = self._args(spec.identifier)
        args.db_subnet_group_name = self._subnet_group.name
        args.kms_key_id = self._keys.data
        args.parameter_group_name = self._parameters.name
        args.backup_retention_period = settings.backup_retention
        args.backup_window = settings.backup_window
        args.delete_automated_backups = False
        # The standby and the backups after a promotion can't wait for the maintenance window.
        args.apply_immediately = settings.apply_immediately or (spec.is_successor and source is not None)
        if source is None:
            args.engine = settings.engine
            args.engine_lifecycle_support = "open-source-rds-extended-support-disabled"
            # No iops: a gp3 volume under 400 GiB has the document's 3,000 IOPS, and RDS rejects the argument.
            args.allocated_storage = settings.storage
            args.username = _master_user(self._environment)
            args.password = self._password
            args.db_name = settings.database_name
        if source is None or spec.promoted:
            args.engine_version = settings.version
            args.multi_az = settings.multi_az
            args.database_insights_mode = "standard"
            args.skip_final_snapshot = False
            logical = f"{self._name_prefix}-{spec.identifier}-final-snapshot"
            args.final_snapshot_identifier = final_snapshot_name(logical, identifier=spec.identifier, parent=self)
        else:
            args.replicate_source_db = source.instance
            args.multi_az = False
            # RDS creates no final snapshot of a replica.
            args.skip_final_snapshot = True
        return self._create(args, spec.identifier, exists=spec.restored)

    def _replica(self, identifier: str, primary: aws.rds.Instance) -> aws.rds.Instance:
        """Create a replica in the primary's region, with the primary's key, subnets and storage."""
        args = self._args(identifier)
        args.replicate_source_db = primary.identifier
        args.parameter_group_name = self._replica_parameters.name if self._replica_parameters else None
        args.multi_az = False
        args.backup_retention_period = 0
        args.skip_final_snapshot = True
        return self._create(args, identifier)

    def _args(self, identifier: str) -> aws.rds.InstanceArgs:
        """Return the arguments that all instances share."""
        settings = self._settings
        return aws.rds.InstanceArgs(
            identifier=identifier,
            instance_class=settings.instance_class,
            storage_type=settings.storage_type,
            max_allocated_storage=settings.max_storage,
            # Also for replicas: the provider would replace an encrypted one without the argument.
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

    def _create(self, args: aws.rds.InstanceArgs, identifier: str, *, exists: bool = False) -> aws.rds.Instance:
        """Create the instance after its log groups, or import both. A rotation changes the password outside of Pulumi.

        The engine imports and then updates in the same `up`: the update brings what RDS doesn't return, such as the
        name of the final snapshot, and corrects what differs. What can't be changed in place would replace the
        instance, which its protection prevents.
        """
        names = {export: f"/aws/rds/instance/{identifier}/{export}" for export in EXPORTS}
        logs = {
            export: self._log_group(f"{identifier}-{export}", name, exists=exists) for export, name in names.items()
        }
        self._statement_log_groups[identifier] = NamedLogGroup(name=names[STATEMENTS], group=logs[STATEMENTS])
        return aws.rds.Instance(
            f"{self._name_prefix}-{identifier}",
            args,
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=True,
                # The provider imports an instance by its name; its id is the resource id that RDS generates.
                import_=identifier if exists else None,
                ignore_changes=["password"],
                depends_on=[*logs.values(), self._os_metrics, self._monitoring_permission],
            ),
        )


def _instance_specs(settings: Rds) -> Sequence[_InstanceSpec]:
    first = _InstanceSpec(identifier=settings.identifier, source=settings.source, promoted=settings.promoted)
    successor = settings.successor
    if successor is None:
        return (first,)
    second = _InstanceSpec(
        identifier=successor.identifier,
        source=successor.source,
        promoted=successor.promoted,
        restored=successor.restored,
        is_successor=True,
    )
    return first, second


def _connection_limits(deployed: Sequence[_DeployedInstance], settings: Rds) -> Mapping[str, int]:
    limits: dict[str, int] = {}
    for each in deployed:
        limits[each.spec.identifier] = settings.max_connections
        limits |= dict.fromkeys(each.replica_identifiers, settings.replica_max_connections)
    return limits


def _replicating(deployed: _DeployedInstance) -> Sequence[str]:
    own = () if deployed.spec.is_primary else (deployed.spec.identifier,)
    return *own, *deployed.replica_identifiers


def _master_user(environment: Environment) -> str:
    return f"{environment.application}_admin"

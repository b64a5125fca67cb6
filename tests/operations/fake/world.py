"""One region of AWS with a deployed stack: ECS, registry, parameters, logs, alarms and metrics."""

import functools
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from operations.database.sql import scram_verifier
from tests.operations.fake.alarms import Alarms
from tests.operations.fake.archive import Archive
from tests.operations.fake.backup_jobs import BackupJobs
from tests.operations.fake.backups import Backups
from tests.operations.fake.cache_groups import CacheGroups
from tests.operations.fake.clock import FakeClock
from tests.operations.fake.credentials import ElastiCache, Logins, SecretsManager, StoredSecret
from tests.operations.fake.ecs import Behaviour, Ecs
from tests.operations.fake.files import Files
from tests.operations.fake.log_events import LogEvents as AuditEvents
from tests.operations.fake.log_groups import LogGroups
from tests.operations.fake.log_search import LogEvents
from tests.operations.fake.parameters import Parameters
from tests.operations.fake.rds import Rds
from tests.operations.fake.scaling import Certificates, LoadBalancer, Scaling
from tests.operations.fake.scans import OCI_INDEX, Scans
from tests.operations.fake.sessions import Sessions
from tests.operations.fake.sts import Sts
from tests.operations.fake.task_definitions import ACCOUNT
from tests.operations.fake.wire import Handler, ServiceError, Wire, snake

REGISTRIES = {
    stack: f"{ACCOUNT}.dkr.ecr.{region}.amazonaws.com/taskflow-api"
    for stack, region in (("production", "us-east-1"), ("dr", "us-west-2"), ("staging", "us-east-1"))
}
PLACEHOLDER = "public.ecr.aws/docker/library/python:3.13.7-alpine3.22"
AUDIT = "/taskflow/audit"
# The operations of fake/files.py.
FILES = ("s3 ListObjectVersions", "s3 PutObject", "s3control CreateJob", "s3control DescribeJob", "s3control ListJobs")
# An operation that a command calls and that isn't here fails the test.
OPERATIONS = (
    "ecs DescribeServices", "ecs UpdateService", "ecs ListServiceDeployments", "ecs DescribeServiceDeployments",
    "ecs DescribeServiceRevisions", "ecs StopServiceDeployment", "ecs ListTasks", "ecs DescribeTasks", "ecs RunTask",
    "ecs DescribeTaskDefinition", "ecs RegisterTaskDefinition", "ecs ListTaskDefinitions",
    "ecs DeregisterTaskDefinition", "ecs StopTask", "ecr DescribeImages", "ssm GetParameter", "ssm PutParameter",
    "logs DescribeLogGroups", "logs CreateLogGroup", "logs PutRetentionPolicy",
    "logs CreateLogStream", "logs PutLogEvents", "logs GetLogEvents", "cloudwatch DescribeAlarms",
    "secretsmanager DescribeSecret",
    "secretsmanager GetSecretValue", "secretsmanager PutSecretValue", "secretsmanager UpdateSecretVersionStage",
    "elasticache DescribeReplicationGroups", "elasticache ModifyReplicationGroup",
    "elasticache DescribeCacheClusters", "elasticache CreateReplicationGroup",
    "cloudwatch GetMetricData", "sts GetCallerIdentity", "ecr DescribeImageScanFindings", "ecr BatchGetImage",
    "rds DescribeDBInstances", "rds DescribeDBSnapshots", "rds DescribeDBInstanceAutomatedBackups",
    "rds DescribeDBParameterGroups", "rds DescribeDBSubnetGroups", "rds ListTagsForResource",
    "rds RestoreDBInstanceToPointInTime", "rds RestoreDBInstanceFromDBSnapshot", "rds ModifyDBInstance",
    "rds PromoteReadReplica", "rds AddTagsToResource", "rds DeleteDBInstance", "rds CopyDBSnapshot",
    "rds DeleteDBSnapshot", "elasticache DescribeSnapshots", "backup ListRecoveryPointsByBackupVault",
    "backup ListBackupJobs", "backup ListCopyJobs", "backup ListRestoreJobs",
    "cloudwatch GetMetricData", "sts GetCallerIdentity", "sts AssumeRole", "ssm GetParametersByPath",
    "logs FilterLogEvents", "cloudwatch DescribeAlarmHistory",
    "athena StartQueryExecution", "athena GetQueryExecution", "athena GetQueryResults", "athena StopQueryExecution",
    "ssm StartSession", "ssm TerminateSession",
    "application-autoscaling DescribeScalableTargets", "application-autoscaling RegisterScalableTarget",
    "elbv2 DescribeLoadBalancers", "elbv2 DescribeTargetGroups", "elbv2 DescribeTargetHealth", "acm ListCertificates",
)  # fmt: skip


@dataclass(kw_only=True)
class World:
    """AWS as a command meets it. `principal` is who calls; the session's name is the ticket."""

    stack: str = "production"
    clock: FakeClock = field(default_factory=FakeClock)
    principal: str = f"arn:aws:sts::{ACCOUNT}:assumed-role/taskflow-devops/change-1042"
    account: str = ACCOUNT
    ecs: Ecs = field(init=False)
    secrets: SecretsManager = field(init=False)
    logins: Logins = field(init=False)
    cache: ElastiCache = field(init=False)
    cache_groups: CacheGroups = field(init=False)
    # The other stack, in the other region.
    partner: "World | None" = None
    backups: Backups = field(init=False)
    backup_jobs: BackupJobs = field(init=False)
    scans: Scans = field(default_factory=Scans)
    sts: Sts = field(init=False)
    audit_log: AuditEvents = field(init=False)
    archive: Archive = field(init=False)
    sessions: Sessions = field(init=False)
    files: Files = field(init=False)
    rds: Rds = field(init=False)
    log_groups: LogGroups = field(init=False)
    scaling: Scaling = field(init=False)
    balancer: LoadBalancer = field(init=False)
    certificates: Certificates = field(init=False)
    wire: Wire = field(init=False)
    images: dict[str, str] = field(default_factory=dict[str, str])
    store: Parameters = field(default_factory=Parameters)
    log_events: LogEvents = field(default_factory=LogEvents)
    streams: dict[str, list[dict[str, Any]]] = field(default_factory=dict[str, list[dict[str, Any]]])
    cloudwatch: Alarms = field(default_factory=Alarms)
    # In moto, by host.
    distributions: dict[str, str] = field(default_factory=dict[str, str])
    # Values of a query, each from a time on.
    metrics: dict[str, list[tuple[datetime, float | None]]] = field(
        default_factory=dict[str, list[tuple[datetime, float | None]]]
    )

    # Since when the latch answers 200, and since when it doesn't any more.
    latched_at: datetime | None = None
    unlatched_at: datetime | None = None
    # Values of a query by its id, for each minute.
    gauges: dict[str, Callable[[datetime], float | None]] = field(
        default_factory=dict[str, Callable[[datetime], float | None]]
    )

    def __post_init__(self) -> None:
        self.ecs = Ecs(clock=self.clock, stack=self.stack)
        self._add_credentials()
        self.backups = Backups(clock=self.clock, stack=self.stack)
        self.cache_groups = CacheGroups(clock=self.clock, stack=self.stack, cache=self.cache, backups=self.backups)
        self.backup_jobs = BackupJobs(clock=self.clock, stack=self.stack, backups=self.backups)
        self.sts = Sts(clock=self.clock)
        self.audit_log = AuditEvents(clock=self.clock)
        self.archive = Archive(clock=self.clock, stack=self.stack)
        self.sessions = Sessions(ecs=self.ecs)
        self.rds = Rds(clock=self.clock, stack=self.stack)
        self.log_groups = LogGroups(stack=self.stack)
        self.scaling = Scaling(ecs=self.ecs)
        self.balancer = LoadBalancer(ecs=self.ecs, stack=self.stack)
        self.certificates = Certificates(clock=self.clock, stack=self.stack)
        self.wire = Wire(handlers={name: self._handler(*name.split()) for name in OPERATIONS})
        self.files = Files(clock=self.clock, stack=self.stack)
        self.wire.raw = {
            "s3 ListObjectsV2": self.archive.list_objects,
            "s3 GetBucketVersioning": self.backup_jobs.get_bucket_versioning,
            "s3 GetBucketReplication": self.backup_jobs.get_bucket_replication,
            **{name: functools.partial(self.files.answer, name) for name in FILES},
        }
        self.set_template({"A": "1", "B": "2", "C": "3"})
        template = self.ecs.find(f"{self.ecs.service}-template")
        self.ecs.deploy(template)
        for name in ("errors", "latency"):
            self.set_alarm(f"deployment-{name}")
            self.ecs.alarm_names.append(f"taskflow-{self.stack}-deployment-{name}")
        targets = [{"Name": "LoadBalancer", "Value": "app/taskflow-production/1"}]
        latency: dict[str, Any] = {
            "Namespace": "AWS/ApplicationELB",
            "MetricName": "TargetResponseTime",
            "Dimensions": targets,
        }
        self.set_alarm("p95-latency", Period=60, ExtendedStatistic="p95", **latency)
        rate = {"Id": "rate", "Expression": "100 * errors / requests", "ReturnData": True}
        self.set_alarm("error-rate", Metrics=[rate])
        self.clock.sleep(600)

    def _handler(self, service: str, operation: str) -> Handler:
        parts = {
            "ecs": (self.ecs,),
            "ecr": (self.scans, self),
            "secretsmanager": (self.secrets,),
            "elasticache": (self.cache_groups, self.cache, self.backups),
            "rds": (self.rds,),
            "logs": (self, self.log_groups),
            "ssm": (self.sessions, self),
            "backup": (self.backup_jobs,),
            "athena": (self.archive,),
            "application-autoscaling": (self.scaling,),
            "elbv2": (self.balancer,),
            "acm": (self.certificates,),
        }
        name = snake(operation)
        return next(getattr(part, name) for part in parts.get(service, (self,)) if hasattr(part, name))

    def _add_credentials(self) -> None:
        """Create the secrets with their first values, which the database and the cache have."""
        self.secrets = SecretsManager(clock=self.clock)
        password, token = {"username": "taskflow_app_a", "password": "FirstPassword1"}, {"authToken": "FirstToken1"}
        stored = self.secrets.add(f"taskflow/{self.stack}/database-application", password)
        self.secrets.add(f"taskflow/{self.stack}/cache-auth", token)
        self.logins = Logins(secret=stored, clock=self.clock, sessions=self._logins_in_use)
        self.logins.verifiers["taskflow_app_a"] = scram_verifier(password["password"])
        self.ecs.programs[f"taskflow-{self.stack}-database"] = self.logins.run
        self.cache = ElastiCache(
            clock=self.clock, name=f"taskflow-{self.stack}", tokens=[token["authToken"]], changed_at=self.clock.now()
        )
        self.ecs.register(
            {
                "family": f"taskflow-{self.stack}-database",
                "containerDefinitions": [
                    {
                        "name": "database",
                        "image": "tools",
                        "logConfiguration": {
                            "logDriver": "awslogs",
                            "options": {
                                "awslogs-group": f"/taskflow/{self.stack}/sessions",
                                "awslogs-stream-prefix": "database",
                            },
                        },
                    }
                ],
            }
        )

    def _logins_in_use(self) -> set[str]:
        """Return the logins with sessions on the primary: those of the other stack are on its replica."""
        secret = self._secret("database-application")
        return {secret.current_at(start)["username"] for start in self.ecs.task_starts()}

    def passwords_in_use(self) -> list[dict[str, str]]:
        """Return the passwords that the tasks of this stack and of the other one have read."""
        secret, starts = self._secret("database-application"), self.ecs.task_starts()
        if other := self.partner:
            starts += [start - other.secrets.delay for start in other.ecs.task_starts()]
        return [secret.current_at(start) for start in starts]

    def tokens_in_use(self) -> list[str]:
        """Return the tokens of the cache that the tasks have read."""
        secret = self._secret("cache-auth")
        return [secret.current_at(start)["authToken"] for start in self.ecs.task_starts()]

    def require_valid_credentials(self) -> None:
        """Raise if a task that runs, or one that would start now, has a password or a token that isn't valid."""
        now = self.clock.now()
        for password in (*self.passwords_in_use(), self._secret("database-application").current_at(now)):
            assert self.logins.accepts(password), f"a task has a wrong password of {password['username']}"
        for token in (*self.tokens_in_use(), self._secret("cache-auth").current_at(now)["authToken"]):
            assert token in self.cache.tokens, "a task has a wrong token"

    def _secret(self, purpose: str) -> StoredSecret:
        return self.secrets.secrets[f"taskflow/{self.stack}/{purpose}"]

    def add_recovery_stack(self, delay: timedelta = timedelta(seconds=8)) -> "World":
        """Add the recovery stack, which reads replicas of this one's secrets."""
        other = self.partner = World(stack="dr", clock=self.clock)
        other.secrets.secrets, other.secrets.delay, other.secrets.is_replica = self.secrets.secrets, delay, True
        self.wire.others["us-west-2"] = other.wire.handlers
        other.wire = self.wire
        self.rds.other, other.rds.other = other.rds, self.rds
        # Its database is a replica of this one.
        other.ecs.programs["taskflow-dr-database"] = self.logins.run
        self.logins.delays["taskflow-dr-database"] = delay
        return other

    # What a test does.

    def take_backups(self) -> None:
        """Take new backups of the database and the cache: the newest are hours old."""
        self.backups.__post_init__()
        self.rds.take_backups()

    def turn_latch(self, *, on: bool) -> None:
        """Let the load balancer answer 200 on the latch path, or 404."""
        if on != (self.latched_at is not None):
            self.latched_at, self.unlatched_at = (self.clock.now(), None) if on else (None, self.clock.now())

    def hosts(self) -> set[str]:
        """Return the instances that tasks have: those of the service, and those before a deployment, which drain."""
        if not self.ecs.has_tasks:
            return set()
        newest, now = self.ecs.deployments[-1], self.clock.now()
        revisions = [self.ecs.running()]
        if not newest.is_over:
            revisions.append(newest.target)
        elif newest.finished_at and now - newest.finished_at < self.ecs.draining and newest.source:
            revisions += [newest.source] if self.ecs.had_tasks(newest.created_at) else []
        return {self._host(each.task_definition) for each in revisions}

    def _host(self, definition: str) -> str:
        (container,) = self.ecs.definitions[definition]["containerDefinitions"]
        values = {each["name"]: each["value"] for each in container.get("environment", [])}
        return str(values.get("DATABASE_HOST", self.rds.host())).partition(".")[0]

    def written(self) -> frozenset[str]:
        """Return the primaries that take writes of the service."""
        self.rds.advance()
        known = self.rds.instances
        source = "ReadReplicaSourceDBInstanceIdentifier"
        return frozenset(each for each in self.hosts() if each in known and source not in known[each].values)

    def set_template(self, environment: Mapping[str, str]) -> None:
        """Register Pulumi's template, as an `up` does."""
        self.ecs.register(
            {
                "family": f"{self.ecs.service}-template",
                "cpu": "1024",
                "memory": "2048",
                "networkMode": "awsvpc",
                "requiresCompatibilities": ["FARGATE"],
                "containerDefinitions": [
                    {
                        "name": "api",
                        "image": PLACEHOLDER,
                        "command": ["python", "-c", "placeholder"],
                        "essential": True,
                        "environment": [{"name": key, "value": value} for key, value in environment.items()],
                        "logConfiguration": {
                            "logDriver": "awslogs",
                            "options": {
                                "awslogs-group": "/taskflow/production/api",
                                "awslogs-region": "us-east-1",
                                "awslogs-stream-prefix": "api",
                            },
                        },
                    }
                ],
                "tags": [{"key": "Application", "value": "taskflow"}],
            }
        )

    def push(self, version: str, behaviour: Behaviour = Behaviour.GOOD) -> str:
        """Push an image; return its digest."""
        digest = f"sha256:{hashlib.sha256(version.encode()).hexdigest()}"
        self.images[version] = digest
        self.ecs.behaviour[f"{REGISTRIES[self.stack]}@{digest}"] = behaviour
        return digest

    def register(self, version: str) -> str:
        """Register a version's task definition, as a release does; return its ARN."""
        template = self.ecs.definitions[self.ecs.find(f"{self.ecs.service}-template")]
        (container,) = template["containerDefinitions"]
        image = f"{REGISTRIES[self.stack]}@{self.images[version]}"
        settings = {name: template[name] for name in ("cpu", "memory", "networkMode")}
        containers = [{**container, "image": image}]
        return self.ecs.register({**settings, "family": self.ecs.service, "containerDefinitions": containers})

    @property
    def migrations(self) -> list[str]:
        """The releases whose migrations were started, once for each task."""
        return [task.started_by.rpartition("/")[0] for task in self.ecs.tasks]

    @property
    def running(self) -> str:
        """The version that serves users; `placeholder` before the first release."""
        image = self.ecs.running().image
        versions = {digest: version for version, digest in self.images.items()}
        return versions.get(image.partition("@")[2], "placeholder")

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters by name."""
        return self.store.values

    @property
    def alarms(self) -> dict[str, dict[str, Any]]:
        """The alarms by name."""
        return self.cloudwatch.alarms

    def events(self) -> list[dict[str, Any]]:
        """Return the audit events, the oldest first."""
        return [event for stream in self.streams.values() for event in stream]

    # The small services.

    def get_caller_identity(self, _request: Mapping[str, Any]) -> Mapping[str, Any]:
        arn = self.sts.role_of(self.wire.keys_used[-1]) or self.principal
        return {"Account": self.account, "Arn": arn, "UserId": "AROAFAKE:change-1042"}

    def assume_role(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        return self.sts.assume_role(self.principal, request)

    def describe_images(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        (image,) = request["imageIds"]
        digest = self.images.get(image["imageTag"]) if "imageTag" in image else image["imageDigest"]
        if digest not in self.images.values():
            raise ServiceError("ImageNotFoundException", "The image does not exist")
        kind = OCI_INDEX if digest in self.scans.indexes else "application/vnd.oci.image.manifest.v1+json"
        return {"imageDetails": [{"imageDigest": digest, "registryId": ACCOUNT, "imageManifestMediaType": kind}]}

    def get_parameter(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        if request["Name"] not in self.parameters:
            raise ServiceError("ParameterNotFound")
        return {"Parameter": {"Name": request["Name"], "Value": self.parameters[request["Name"]]}}

    def put_parameter(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        return self.store.put(request)

    def get_parameters_by_path(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        return self.store.by_path(request)

    def describe_log_groups(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        return self.backup_jobs.describe_log_groups(request, self.log_groups.groups)

    def create_log_stream(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        assert request["logGroupName"] == AUDIT
        if request["logStreamName"] in self.streams:
            raise ServiceError("ResourceAlreadyExistsException")
        self.streams[request["logStreamName"]] = []
        return {}

    def put_log_events(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        if request["logStreamName"] not in self.streams:
            raise ServiceError("ResourceNotFoundException")
        self.streams[request["logStreamName"]] += [json.loads(each["message"]) for each in request["logEvents"]]
        self.log_events.events += [(AUDIT, each["timestamp"], each["message"]) for each in request["logEvents"]]
        for each in request["logEvents"]:
            self.audit_log.put(request["logStreamName"], each["timestamp"], each["message"])
        return {}

    def get_log_events(self, _request: Mapping[str, Any]) -> Mapping[str, Any]:
        lines = ["Applying 0042_add_index", "error: deadlock detected"]
        return {"events": [{"timestamp": 1, "message": line, "ingestionTime": 1} for line in lines]}

    def describe_alarms(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        return self.cloudwatch.describe(request)

    def describe_alarm_history(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        return self.cloudwatch.describe_history(request)

    def filter_log_events(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        # Only `audit query` chooses the order.
        return (self.audit_log if "startFromHead" in request else self.log_events).filter(request)

    def get_metric_data(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        (query,) = (each for each in request["MetricDataQueries"] if each.get("ReturnData", True))
        changes, gauge = self.metrics.get(query["Id"], []), self.gauges.get(query["Id"])
        start = int(request["StartTime"])
        minutes = range(start // 60 * 60 if gauge else start, int(request["EndTime"]), 60)
        found: list[tuple[datetime, float]] = []
        for minute in (datetime.fromtimestamp(each, UTC) for each in minutes):
            if gauge is None:
                values = [value for since, value in changes if since <= minute][-1:]
            else:
                # A minute is published once it is over.
                values = [gauge(minute)] if minute + timedelta(minutes=1) <= self.clock.now() else []
            found += [(minute, value) for value in values if value is not None]
        result = {"Values": [value for _, value in found], "Timestamps": [minute for minute, _ in found]}
        return {"MetricDataResults": [{"Id": query["Id"], **result}]}

    def set_alarm(self, name: str, state: str = "OK", **metric: object) -> None:
        """Create an alarm of the stack, or change its state."""
        full = f"taskflow-{self.stack}-{name}"
        self.alarms[full] = {**self.alarms.get(full, {}), "AlarmName": full, "StateValue": state, **metric}

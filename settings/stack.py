"""The settings of a stack, their keys in the stack file, and the checks between blocks."""

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Network
from types import MappingProxyType

from pydantic import Field

from settings.access import Access
from settings.alerts import Alerts
from settings.audit import Audit, Logs
from settings.backup import Backup
from settings.base import Block, Conflict, Location, valid_items
from settings.baseline import AccountWide, Baseline
from settings.cloudfront import CloudFront
from settings.dashboard import Dashboard
from settings.delivery import Delivery
from settings.elasticache import Elasticache
from settings.environment import Aws, EnvironmentDetails
from settings.fargate import Scaling, Service, Task
from settings.incidents import Incidents
from settings.load_balancer import LoadBalancer
from settings.network import Network, prefix_length_for, usable_addresses
from settings.rds import Rds, Source
from settings.releases import Releases
from settings.roles import Roles
from settings.shape import block_in, block_of, names
from settings.stacks import RECOVERY
from settings.storage import Storage
from settings.tools import Tools
from settings.waf import Waf
from settings.windows import overlap, spans, widened

PROJECT = "taskflow"

# The region of CloudFront's certificates, web ACLs and logs, wherever the origin is.
EDGE_REGION = "us-east-1"

# Minutes. AWS Backup starts no snapshot in RDS' maintenance window or in the hour before it.
HOUR = 60
# Production's number of tasks (Compute, service.desiredCount), which a promoted recovery stack needs too.
MIN_TASKS_AFTER_PROMOTION = 4

# The blocks of people in `access`.
JOBS = ("on_call", "devops", "dba", "database_access", "break_glass")

# Keys that Pulumi itself reads; their values aren't checked. provider.py has the forbidden ones.
PULUMI_KEYS: Mapping[str, str] = MappingProxyType({"pulumi:tags": "Tags of the stack itself, in Pulumi's backend."})


class Settings(Block):
    """All settings of a stack. `project` and `stack` are Pulumi's names; the rest is from the stack file."""

    project: str = Field(description="Name of the project. Source: Pulumi.yaml.")
    stack: str = Field(description="Name of the stack. Source: the stack file's name.")
    aws: Aws = Field(description="Settings of the AWS provider. Source: Environment Details.")
    environment: EnvironmentDetails = Field(description="The application's names in DNS. Source: Environment Details.")
    network: Network = Field(
        description="VPC, subnets, ports, endpoints and flow logs. Source: Production Architecture."
    )
    rds: Rds = Field(description="PostgreSQL database. Source: Database (RDS PostgreSQL).")
    elasticache: Elasticache = Field(description="Redis cache. Source: Cache (ElastiCache Redis).")
    backup: Backup = Field(
        description="Weekly snapshot, its vaults and the copies in the recovery region. Source: Backup & Recovery."
    )
    storage: Storage = Field(description="Bucket, queue and image registry. Source: IAM Roles, Deployment Commands.")
    waf: Waf = Field(description="Rules of the web ACLs. Source: WAF Rules.")
    load_balancer: LoadBalancer = Field(
        description="Load balancer in front of the API. Source: Production Architecture."
    )
    cloudfront: CloudFront | None = Field(
        default=None, description="CloudFront distributions; not in the recovery stack. Source: CDN (CloudFront)."
    )
    roles: Roles = Field(description="Names of IAM roles. Source: IAM Roles.")
    access: Access | None = Field(
        default=None, description="Roles of people; not in the recovery stack. Source: Access Controls."
    )
    delivery: Delivery | None = Field(
        default=None, description="Roles of workflows; not in the recovery stack. Source: Deployment Commands."
    )
    service: Service = Field(description="ECS service of the API. Source: Compute (ECS Fargate).")
    task: Task = Field(description="ECS task of the service. Source: Compute (ECS Fargate).")
    scaling: Scaling = Field(description="Scaling of the service. Source: Compute (ECS Fargate).")
    releases: Releases = Field(description="Migrations and time limits of releases. Source: Deployment Commands.")
    tools: Tools = Field(description="Image of one-off tasks, and the access task. Source: Database Access.")
    incidents: Incidents = Field(description="Response times of incidents. Source: Severity Levels.")
    alerts: Alerts = Field(description="Alerts and their notification channels. Source: Alert Configuration.")
    dashboard: Dashboard = Field(description="Dashboard of the key metrics. Source: Key Metrics.")
    audit: Audit = Field(description="Audit trail and its archive. Source: Audit Logging.")
    logs: Logs = Field(description="Masking of personal data in logs. Source: Data Handling.")
    baseline: Baseline = Field(description="Services that monitor the account. Source: Compliance.")

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Require blocks that fit together, in the stack and the region."""
        return (
            self._zones_in_region(),
            self._room_for_tasks(),
            self._tag("Application", "project"),
            self._tag("Environment", "stack"),
            self._replica_in_recovery(),
            self._sources_in_other_region(),
            self._secrets_in_region(),
            self._copies_in_other_region(),
            self._snapshot_outside_maintenance(),
            self._backup_apart_from_snapshot(),
            self._cache_apart_from_database("snapshot_window"),
            self._cache_apart_from_database("maintenance_window"),
            self._bucket_copy_in_recovery(),
            self._keys_in_region(),
            self._switch_in_recovery(),
            self._switch_after_promotion(),
            self._tasks_after_promotion(),
            self._one_edge(),
            self._edge_in_its_region(),
            self._edge_setting("web_acl", "the name of CloudFront's web ACL"),
            self._edge_setting("body_limit", "the largest body in bytes that CloudFront's web ACL accepts"),
            self._one_trail(),
            self._one_account(),
            self._once_in_the_account("access", Access, "the account's roles of people"),
            self._once_in_the_account("delivery", Delivery, "the account's roles of workflows"),
            self._people_of_account(),
            self._states_of_account(),
            self._roles_of_people(),
        )

    def _zones_in_region(self) -> Iterator[Conflict]:
        region = self.aws.region
        for index, zone in valid_items(self.network.availability_zones):
            if zone[:-1] != region:
                at = ("network", "availability_zones", index)
                yield Conflict(at=at, allowed="a zone of {against}", against=("aws", "region"))

    def _room_for_tasks(self) -> Iterator[Conflict]:
        # ECS spreads the tasks over the zones. After the loss of one zone the other must hold all of them, even during
        # a release (old and new tasks side by side, up to maximumPercent). Each task and each endpoint takes an
        # address.
        tasks = self.service.max_count * self.service.deployment.maximum_percent // 100
        endpoints = len(self.network.interface_endpoints)
        for index, subnet in valid_items(self.network.private_subnets):
            if usable_addresses(IPv4Network(subnet)) < tasks + endpoints:
                allowed = (
                    f"/{prefix_length_for(tasks + endpoints)} or larger, so that one zone has room for {tasks} tasks "
                    f"(a release at {{against}}) and {endpoints} interface endpoints"
                )
                yield Conflict(
                    at=("network", "private_subnets", index), allowed=allowed, against=("service", "max_count")
                )

    def _tag(self, tag: str, name: str) -> Iterator[Conflict]:
        expected = {"project": self.project, "stack": self.stack}[name]
        value = self.aws.default_tags.tags.get(tag)
        if value is not None and value.strip() and value != expected:
            yield Conflict(at=("aws", "default_tags", "tags", tag), allowed=f'"{expected}", the {name}\'s name')

    def _replica_in_recovery(self) -> Iterator[Conflict]:
        if self.stack != RECOVERY:
            return
        if self.rds.source is None:
            allowed = "instance and maxConnections of production's instance, which this stack replicates"
            yield Conflict(at=("rds", "source"), allowed=allowed)
        if self.rds.secrets is None:
            allowed = "master and application: the replicas of production's secrets in this region; key: their KMS key"
            yield Conflict(at=("rds", "secrets"), allowed=allowed)

    def _sources_in_other_region(self) -> Iterator[Conflict]:
        successor = self.rds.successor
        sources: tuple[tuple[Location, Source | None], ...] = (
            (("rds", "source", "instance"), self.rds.source),
            (("rds", "successor", "source", "instance"), successor.source if successor else None),
        )
        for at, source in sources:
            if source is None:
                continue
            region, account = source.instance.split(":")[3:5]
            if region == self.aws.region:
                yield Conflict(at=at, allowed="an instance in a region other than {against}", against=("aws", "region"))
            elif account != self.aws.account:
                allowed = "an instance of the account {against}"
                yield Conflict(at=at, allowed=allowed, against=("aws", "allowed_account_ids", 0))

    def _secrets_in_region(self) -> Iterator[Conflict]:
        for name in ("master", "application") if self.rds.secrets else ():
            allowed = "the secret's replica in {against}: its ARN differs only in the region"
            arn: str = getattr(self.rds.secrets, name)
            yield from self._in_region(("rds", "secrets", name), arn, allowed=allowed, thing="a secret")

    def _in_region(self, at: Location, arn: str, *, allowed: str, thing: str) -> Iterator[Conflict]:
        """Require an ARN of the stack's region and account; `allowed` describes the region's."""
        region, account = arn.split(":")[3:5]
        if region != self.aws.region:
            yield Conflict(at=at, allowed=allowed, against=("aws", "region"))
        elif account != self.aws.account:
            against = ("aws", "allowed_account_ids", 0)
            yield Conflict(at=at, allowed=f"{thing} of the account {{against}}", against=against)

    def _copies_in_other_region(self) -> Iterator[Conflict]:
        if self.backup.recovery and self.backup.recovery.region == self.aws.region:
            at = ("backup", "recovery", "region")
            yield Conflict(at=at, allowed="a region other than {against}", against=("aws", "region"))

    def _snapshot_outside_maintenance(self) -> Iterator[Conflict]:
        window = self.rds.maintenance_window
        if any(self.backup.weekly_snapshot.start_span().overlaps(span) for span in widened(window, before=HOUR)):
            allowed = "a time whose startWindow ends an hour before {against}, or a time after it"
            yield Conflict(
                at=("backup", "weekly_snapshot", "at"), allowed=allowed, against=("rds", "maintenance_window")
            )

    def _backup_apart_from_snapshot(self) -> Iterator[Conflict]:
        window = widened(self.rds.backup_window, before=HOUR, after=HOUR)
        if any(self.backup.weekly_snapshot.start_span().overlaps(span) for span in window):
            allowed = "a window at least an hour before or after {against} and its startWindow"
            yield Conflict(at=("rds", "backup_window"), allowed=allowed, against=("backup", "weekly_snapshot", "at"))

    def _cache_apart_from_database(self, window: str) -> Iterator[Conflict]:
        text: str = getattr(self.elasticache, window)
        for other in ("backup_window", "maintenance_window"):
            if overlap(text, spans(getattr(self.rds, other))):
                at = ("elasticache", window)
                yield Conflict(at=at, allowed="a window that doesn't overlap {against}", against=("rds", other))

    def _bucket_copy_in_recovery(self) -> Iterator[Conflict]:
        at = ("storage", "bucket", "copy_of")
        copy, recovery = self.storage.bucket.copy_of, self.backup.recovery
        if self.stack == RECOVERY and copy is None:
            yield Conflict(at=at, allowed="bucket and key of the replica of production's bucket in this region")
        elif recovery and recovery.region and copy:
            allowed = "nothing: with {against}, this stack's own bucket is replicated"
            yield Conflict(at=at, allowed=allowed, against=("backup", "recovery", "region"))

    def _keys_in_region(self) -> Iterator[Conflict]:
        copy, secrets = self.storage.bucket.copy_of, self.rds.secrets
        named: tuple[tuple[Location, str | None], ...] = (
            (("rds", "secrets", "key"), secrets.key if secrets else None),
            (("storage", "bucket", "copy_of", "key"), copy.key if copy else None),
        )
        for at, arn in named:
            if arn is not None:
                yield from self._in_region(at, arn, allowed="a key in {against}", thing="a key")

    def _switch_in_recovery(self) -> Iterator[Conflict]:
        switch, at = self.load_balancer.origin_takes_traffic, ("load_balancer", "origin_takes_traffic")
        if self.stack == RECOVERY and switch is None:
            yield Conflict(at=at, allowed="false; true to take over the traffic")
        elif self.stack != RECOVERY and switch is not None:
            yield Conflict(at=at, allowed=f"nothing: only {RECOVERY} takes over")

    def _switch_after_promotion(self) -> Iterator[Conflict]:
        if self.load_balancer.origin_takes_traffic and not self.rds.serves_writes():
            allowed = "false with {against}: the database is read-only"
            yield Conflict(at=("load_balancer", "origin_takes_traffic"), allowed=allowed, against=("rds", "promoted"))

    def _tasks_after_promotion(self) -> Iterator[Conflict]:
        rds, minimum = self.rds, MIN_TASKS_AFTER_PROMOTION
        is_promoted = rds.source is not None and rds.serves_writes()
        if self.stack == RECOVERY and is_promoted and self.service.min_count < minimum:
            allowed = f"at least {minimum} with {{against}}: this stack is about to receive the traffic"
            has_successor = rds.successor is not None and rds.successor.serves
            promoted: Location = ("rds", "successor", "promoted") if has_successor else ("rds", "promoted")
            yield Conflict(at=("service", "min_count"), allowed=allowed, against=promoted)

    def _one_edge(self) -> Iterator[Conflict]:
        if self.stack == RECOVERY and self.cloudfront:
            allowed = "nothing: CloudFront stays in production when this stack takes over"
            yield Conflict(at=("cloudfront",), allowed=allowed)
        elif self.stack != RECOVERY and self.cloudfront is None:
            yield Conflict(at=("cloudfront",), allowed=block_of(CloudFront))

    def _edge_in_its_region(self) -> Iterator[Conflict]:
        if self.cloudfront and self.stack != RECOVERY and self.aws.region != EDGE_REGION:
            allowed = f"nothing with {{against}}: CloudFront's certificates and web ACLs are in {EDGE_REGION}"
            yield Conflict(at=("cloudfront",), allowed=allowed, against=("aws", "region"))

    def _edge_setting(self, name: str, purpose: str) -> Iterator[Conflict]:
        is_set = getattr(self.waf, name) is not None
        if self.cloudfront and not is_set:
            yield Conflict(at=("waf", name), allowed=purpose)
        elif self.cloudfront is None and self.stack == RECOVERY and is_set:
            yield Conflict(at=("waf", name), allowed="nothing: this stack has no CloudFront")

    def _one_trail(self) -> Iterator[Conflict]:
        if self.stack == RECOVERY and self.audit.trail:
            allowed = "false: production's trail records all regions of the account"
            yield Conflict(at=("audit", "trail"), allowed=allowed)

    def _one_account(self) -> Iterator[Conflict]:
        if self.stack == RECOVERY and self.baseline.account:
            allowed = "nothing: account-wide settings belong to production"
            yield Conflict(at=("baseline", "account"), allowed=allowed)
        elif self.stack != RECOVERY and self.baseline.account is None:
            yield Conflict(at=("baseline", "account"), allowed=block_of(AccountWide))

    def _once_in_the_account(self, name: str, kind: type[Block], what: str) -> Iterator[Conflict]:
        is_set = getattr(self, name) is not None
        if self.stack == RECOVERY and is_set:
            yield Conflict(at=(name,), allowed=f"nothing: {what} belong to production")
        elif self.stack != RECOVERY and not is_set:
            yield Conflict(at=(name,), allowed=block_of(kind))

    def _people_of_account(self) -> Iterator[Conflict]:
        for _, account in valid_items(self.aws.allowed_account_ids):
            for name in JOBS if self.access else ():
                people: Sequence[str] = getattr(self.access, name).assumed_by
                for index, arn in valid_items(people):
                    if arn.split(":")[4] != account:
                        at = ("access", name, "assumed_by", index)
                        against = ("aws", "allowed_account_ids", 0)
                        yield Conflict(at=at, allowed="a principal of the account {against}", against=against)

    def _states_of_account(self) -> Iterator[Conflict]:
        for _, account in valid_items(self.aws.allowed_account_ids):
            for index, state in valid_items(self.delivery.states) if self.delivery else ():
                if state.key.split(":")[4] != account:
                    against = ("aws", "allowed_account_ids", 0)
                    allowed = "a key of the account {against}"
                    yield Conflict(at=("delivery", "states", index, "key"), allowed=allowed, against=against)

    def _roles_of_people(self) -> Iterator[Conflict]:
        """Require a different role for each job."""
        first: dict[str, Location] = {}
        for name in Roles.model_fields:
            first.setdefault(getattr(self.roles, name), ("roles", name))
        for name in ("on_call", "devops", "dba") if self.access else ():
            role: str = getattr(self.access, name).role
            at = ("access", name, "role")
            if first.setdefault(role, at) != at:
                yield Conflict(at=at, allowed="a name other than {against}", against=first[role])


def keys(project: str = PROJECT) -> Mapping[str, Location]:
    """Return the keys of a stack file, with their locations in Settings under the file's names.

    Each setting of the AWS provider has a key (`aws:region`), and so has each other block (`taskflow:network`).
    """
    locations: dict[str, Location] = {f"aws:{name}": ("aws", name) for name in names(Aws)}
    for name, info in names(Settings).items():
        block = block_in(info.annotation)
        if block and block is not Aws:
            locations[f"{project}:{name}"] = (name,)
    return locations

"""The settings of one stack as a whole, the keys that they stand under, and the checks between blocks."""

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Network
from types import MappingProxyType

from pydantic import Field

from settings.alerts import Alerts
from settings.audit import Audit, Logs
from settings.backup import Backup
from settings.base import Block, Conflict, Place, accepted_items
from settings.baseline import AccountWide, Baseline
from settings.cloudfront import CloudFront
from settings.dashboard import Dashboard
from settings.elasticache import Elasticache
from settings.environment import Aws, EnvironmentDetails
from settings.fargate import Scaling, Service, Task
from settings.load_balancer import LoadBalancer
from settings.network import Network, addresses, smallest_with
from settings.rds import Rds, Source
from settings.roles import Roles
from settings.shape import block_in, block_of, names
from settings.stacks import RECOVERY
from settings.storage import Storage
from settings.waf import Waf
from settings.windows import meet, spans, widened

PROJECT = "taskflow"

# CloudFront's certificates, web ACLs and logs are there, wherever the origin is.
EDGE_REGION = "us-east-1"

# AWS Backup begins no snapshot in the hour before RDS' maintenance window, nor in it; the daily backup isn't to meet
# one either.
HOUR = 60
# Tasks: what production asks for (Compute, service.desiredCount), and the recovery stack once its database is promoted.
TASKS_AFTER_PROMOTION = 4

# Keys that Pulumi itself reads: they pass through, whatever stands in them. provider.py has those that are refused.
PULUMIS_OWN: Mapping[str, str] = MappingProxyType({"pulumi:tags": "Tags of the stack itself, in Pulumi's backend."})


class Settings(Block):
    """All settings of a stack. `project` and `stack` are Pulumi's names for it; the file says the rest."""

    project: str = Field(description="The project's name. Source: Pulumi.yaml.")
    stack: str = Field(description="The stack's name. Source: the stack file's own name.")
    aws: Aws = Field(description="The AWS provider's own settings. Source: Environment Details.")
    environment: EnvironmentDetails = Field(description="The environment's details. Source: Environment Details.")
    network: Network = Field(
        description="The VPC, its subnets, ports, endpoints and flow logs. Source: Production Architecture."
    )
    rds: Rds = Field(description="The database. Source: Database (RDS PostgreSQL).")
    elasticache: Elasticache = Field(description="The cache. Source: Cache (ElastiCache Redis).")
    backup: Backup = Field(
        description="The weekly snapshot, its vaults and the copies elsewhere. Source: Backup & Recovery."
    )
    storage: Storage = Field(
        description="The bucket, the queue and the images. Source: IAM Roles, Deployment Commands."
    )
    waf: Waf = Field(description="What the web ACLs block. Source: WAF Rules.")
    load_balancer: LoadBalancer = Field(
        description="The load balancer in front of the API. Source: Production Architecture."
    )
    cloudfront: CloudFront | None = Field(
        default=None, description="The edge; not the recovery stack's. Source: CDN (CloudFront)."
    )
    roles: Roles = Field(description="The roles that tasks take. Source: IAM Roles.")
    service: Service = Field(description="The API's service. Source: Compute (ECS Fargate).")
    task: Task = Field(description="The task that the service runs. Source: Compute (ECS Fargate).")
    scaling: Scaling = Field(description="How the service follows the load. Source: Compute (ECS Fargate).")
    alerts: Alerts = Field(description="What people are told of. Source: Alert Configuration.")
    dashboard: Dashboard = Field(description="The dashboard of metrics. Source: Key Metrics.")
    audit: Audit = Field(description="The audit trail and its archive. Source: Audit Logging.")
    logs: Logs = Field(description="What is masked in logs. Source: Data Handling.")
    baseline: Baseline = Field(description="What watches over the account. Source: Compliance.")

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Give the checks between blocks."""
        return (
            self._zones_in_region(),
            self._room_for_tasks(),
            self._tag("Application", "project"),
            self._tag("Environment", "stack"),
            self._replica_in_recovery(),
            self._sources_elsewhere(),
            self._secrets_here(),
            self._copies_elsewhere(),
            self._snapshot_apart_from_maintenance(),
            self._snapshot_apart_from_backup(),
            self._cache_apart_from_database("snapshot_window"),
            self._cache_apart_from_database("maintenance_window"),
            self._bucket_copy_in_recovery(),
            self._keys_here(),
            self._switch_in_recovery(),
            self._switch_after_promotion(),
            self._tasks_after_promotion(),
            self._one_edge(),
            self._edge_in_its_region(),
            self._edge_has("web_acl", "the name of CloudFront's web ACL"),
            self._edge_has("body_limit", "the bytes of a body that CloudFront's web ACL lets pass"),
            self._one_trail(),
            self._one_account(),
        )

    def _zones_in_region(self) -> Iterator[Conflict]:
        region = self.aws.region
        for index, zone in accepted_items(self.network.availability_zones):
            if zone[:-1] != region:
                at = ("network", "availability_zones", index)
                yield Conflict(at=at, allowed="a zone of {against}", against=("aws", "region"))

    def _room_for_tasks(self) -> Iterator[Conflict]:
        # ECS spreads the tasks over the zones. When one is lost, the other has to hold all of them, and the release
        # that repairs it (old and new tasks side by side, up to maximumPercent) has to fit as well: so each subnet has
        # room for everything. Each task and each endpoint takes an address in each zone that it is in.
        tasks = self.service.max_count * self.service.deployment.maximum_percent // 100
        endpoints = len(self.network.interface_endpoints)
        for index, subnet in accepted_items(self.network.private_subnets):
            if addresses(IPv4Network(subnet)) < tasks + endpoints:
                allowed = (
                    f"/{smallest_with(tasks + endpoints)} or larger, so that one zone has room for {tasks} tasks (a "
                    f"release at {{against}}) and {endpoints} interface endpoints"
                )
                yield Conflict(
                    at=("network", "private_subnets", index), allowed=allowed, against=("service", "max_count")
                )

    def _tag(self, tag: str, name: str) -> Iterator[Conflict]:
        meant = {"project": self.project, "stack": self.stack}[name]
        given = self.aws.default_tags.tags.get(tag)
        if given is not None and given.strip() and given != meant:
            yield Conflict(at=("aws", "default_tags", "tags", tag), allowed=f'"{meant}", the {name}\'s name')

    def _replica_in_recovery(self) -> Iterator[Conflict]:
        if self.stack != RECOVERY:
            return
        if self.rds.source is None:
            allowed = "instance and maxConnections of production's instance: this stack's is a replica of it"
            yield Conflict(at=("rds", "source"), allowed=allowed)
        if self.rds.secrets is None:
            allowed = "master and application: the copies of production's secrets in this region"
            yield Conflict(at=("rds", "secrets"), allowed=allowed)

    def _sources_elsewhere(self) -> Iterator[Conflict]:
        successor = self.rds.successor
        sources: tuple[tuple[Place, Source | None], ...] = (
            (("rds", "source", "instance"), self.rds.source),
            (("rds", "successor", "source", "instance"), successor.source if successor else None),
        )
        for at, source in sources:
            if source is None:
                continue
            region, account = source.instance.split(":")[3:5]
            if region == self.aws.region:
                yield Conflict(at=at, allowed="an instance of another region than {against}", against=("aws", "region"))
            elif account != self.aws.account:
                allowed = "an instance of the account {against}"
                yield Conflict(at=at, allowed=allowed, against=("aws", "allowed_account_ids", 0))

    def _secrets_here(self) -> Iterator[Conflict]:
        for name in ("master", "application") if self.rds.secrets else ():
            region = "the secret's copy in {against}: its ARN differs in the region only"
            arn: str = getattr(self.rds.secrets, name)
            yield from self._here(("rds", "secrets", name), arn, region=region, thing="a secret")

    def _here(self, at: Place, arn: str, *, region: str, thing: str) -> Iterator[Conflict]:
        """Judge the region and account of what the file names; `region` says what else is allowed."""
        its_region, account = arn.split(":")[3:5]
        if its_region != self.aws.region:
            yield Conflict(at=at, allowed=region, against=("aws", "region"))
        elif account != self.aws.account:
            against = ("aws", "allowed_account_ids", 0)
            yield Conflict(at=at, allowed=f"{thing} of the account {{against}}", against=against)

    def _copies_elsewhere(self) -> Iterator[Conflict]:
        if self.backup.recovery and self.backup.recovery.region == self.aws.region:
            at = ("backup", "recovery", "region")
            yield Conflict(at=at, allowed="another region than {against}", against=("aws", "region"))

    def _snapshot_apart_from_maintenance(self) -> Iterator[Conflict]:
        window = self.rds.maintenance_window
        if any(self.backup.weekly_snapshot.begins().meets(span) for span in widened(window, before=HOUR)):
            allowed = "a moment whose startWindow ends an hour before {against}, or that comes after it"
            yield Conflict(
                at=("backup", "weekly_snapshot", "at"), allowed=allowed, against=("rds", "maintenance_window")
            )

    def _snapshot_apart_from_backup(self) -> Iterator[Conflict]:
        window = widened(self.rds.backup_window, before=HOUR, after=HOUR)
        if any(self.backup.weekly_snapshot.begins().meets(span) for span in window):
            allowed = "a window that stays an hour apart from {against} and its startWindow"
            yield Conflict(at=("rds", "backup_window"), allowed=allowed, against=("backup", "weekly_snapshot", "at"))

    def _cache_apart_from_database(self, window: str) -> Iterator[Conflict]:
        text: str = getattr(self.elasticache, window)
        for other in ("backup_window", "maintenance_window"):
            if meet(text, spans(getattr(self.rds, other))):
                at = ("elasticache", window)
                yield Conflict(at=at, allowed="a window apart from {against}", against=("rds", other))

    def _bucket_copy_in_recovery(self) -> Iterator[Conflict]:
        at = ("storage", "bucket", "copy_of")
        copy, recovery = self.storage.bucket.copy_of, self.backup.recovery
        if self.stack == RECOVERY and copy is None:
            yield Conflict(at=at, allowed="bucket and key of the copy of production's bucket in this region")
        elif recovery and recovery.region and copy:
            allowed = "nothing: with {against}, this stack's own bucket is the one that is copied"
            yield Conflict(at=at, allowed=allowed, against=("backup", "recovery", "region"))

    def _keys_here(self) -> Iterator[Conflict]:
        copy, secrets = self.storage.bucket.copy_of, self.rds.secrets
        named: tuple[tuple[Place, str | None], ...] = (
            (("rds", "secrets", "key"), secrets.key if secrets else None),
            (("storage", "bucket", "copy_of", "key"), copy.key if copy else None),
        )
        for at, arn in named:
            if arn is not None:
                yield from self._here(at, arn, region="a key in {against}", thing="a key")

    def _switch_in_recovery(self) -> Iterator[Conflict]:
        switch, at = self.load_balancer.origin_takes_traffic, ("load_balancer", "origin_takes_traffic")
        if self.stack == RECOVERY and switch is None:
            yield Conflict(at=at, allowed="false; true once this stack takes over")
        elif self.stack != RECOVERY and switch is not None:
            yield Conflict(at=at, allowed=f"nothing: only {RECOVERY} takes over, and gives back")

    def _switch_after_promotion(self) -> Iterator[Conflict]:
        if self.load_balancer.origin_takes_traffic and not self.rds.promoted:
            allowed = "false as long as {against}: its database can't be written to"
            yield Conflict(at=("load_balancer", "origin_takes_traffic"), allowed=allowed, against=("rds", "promoted"))

    def _tasks_after_promotion(self) -> Iterator[Conflict]:
        if self.stack == RECOVERY and self.rds.promoted and self.service.min_count < TASKS_AFTER_PROMOTION:
            allowed = f"at least {TASKS_AFTER_PROMOTION} with {{against}}: this stack is about to receive the traffic"
            yield Conflict(at=("service", "min_count"), allowed=allowed, against=("rds", "promoted"))

    def _one_edge(self) -> Iterator[Conflict]:
        if self.stack == RECOVERY and self.cloudfront:
            allowed = "nothing: CloudFront is the other stack's, and stays there when this one takes over"
            yield Conflict(at=("cloudfront",), allowed=allowed)
        elif self.stack != RECOVERY and self.cloudfront is None:
            yield Conflict(at=("cloudfront",), allowed=block_of(CloudFront))

    def _edge_in_its_region(self) -> Iterator[Conflict]:
        if self.cloudfront and self.stack != RECOVERY and self.aws.region != EDGE_REGION:
            allowed = f"nothing with {{against}}: CloudFront's certificates and web ACLs are in {EDGE_REGION}"
            yield Conflict(at=("cloudfront",), allowed=allowed, against=("aws", "region"))

    def _edge_has(self, name: str, purpose: str) -> Iterator[Conflict]:
        given = getattr(self.waf, name) is not None
        if self.cloudfront and not given:
            yield Conflict(at=("waf", name), allowed=purpose)
        elif self.cloudfront is None and self.stack == RECOVERY and given:
            yield Conflict(at=("waf", name), allowed="nothing: this stack has no CloudFront")

    def _one_trail(self) -> Iterator[Conflict]:
        if self.stack == RECOVERY and self.audit.trail:
            allowed = "false: the other stack's trail has all regions of the account in it"
            yield Conflict(at=("audit", "trail"), allowed=allowed)

    def _one_account(self) -> Iterator[Conflict]:
        if self.stack == RECOVERY and self.baseline.account:
            allowed = "nothing: what is the whole account's is the other stack's"
            yield Conflict(at=("baseline", "account"), allowed=allowed)
        elif self.stack != RECOVERY and self.baseline.account is None:
            yield Conflict(at=("baseline", "account"), allowed=block_of(AccountWide))


def keys(project: str = PROJECT) -> Mapping[str, Place]:
    """Give the keys of a stack file, with their places in Settings under the file's names.

    The AWS provider's settings each have a key (`aws:region`), each other block has one (`taskflow:network`).
    """
    places: dict[str, Place] = {f"aws:{name}": ("aws", name) for name in names(Aws)}
    for name, info in names(Settings).items():
        block = block_in(info.annotation)
        if block and block is not Aws:
            places[f"{project}:{name}"] = (name,)
    return places

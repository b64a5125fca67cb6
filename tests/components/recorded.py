"""The data tier's resources as their inputs alone: the components run with no engine, a world gives the ids."""

from collections.abc import Mapping
from typing import NoReturn, cast

import pulumi
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks, set_mocks

from components.backup import BackupPlan
from components.keys import EncryptionKeys
from components.naming import Environment
from components.network import NetworkOutputs, SecurityGroups
from components.postgres import PostgresCluster
from components.redis import RedisCluster
from sandbox.kinds import KINDS
from sandbox.values import Value
from sandbox.world import Provider, World
from settings.stack import Settings

# By type and logical name.
Recorded = dict[tuple[str, str], Mapping[str, Value]]


class _Recording(Mocks):
    def __init__(self, provider: Provider) -> None:
        self.resources: Recorded = {}
        self._world = World()
        self._provider = provider

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Value]]:
        inputs = cast("dict[str, Value]", args.inputs)
        if args.typ not in KINDS:
            return args.name, inputs
        self.resources[args.typ, args.name] = inputs
        thing = self._world.create(args.typ, f"{args.typ} {args.name}", {"name": args.name, **inputs}, self._provider)
        # The same in each run, so that a difference is the settings' doing.
        return thing.id, {**thing.outputs, **({"result": "generated"} if args.typ.startswith("random:") else {})}

    def call(self, args: MockCallArgs) -> NoReturn:
        raise AssertionError(f"{args.token}: nothing is looked up")


def recorded(settings: Settings) -> Recorded:
    """Give the inputs of all that the data tier registers for these settings."""
    provider = Provider(region=settings.aws.region, allowed_accounts=settings.aws.allowed_account_ids)
    mocks = _Recording(provider)
    set_mocks(mocks, project=settings.project, stack=settings.stack, preview=False)
    pulumi.runtime.test(lambda: _data_tier(settings))()
    return mocks.resources


def _data_tier(settings: Settings) -> None:
    """As `__main__.py` has it, beside a network that is there already."""
    environment = Environment(
        application=settings.project,
        stack=settings.stack,
        region=settings.aws.region,
        account=settings.aws.account,
        domain=settings.environment.domain,
    )
    recovery, ports = settings.backup.recovery, settings.network.ports
    keys = EncryptionKeys("keys", environment=environment, copy_region=recovery.region if recovery else None).outputs
    network = _network()
    database = PostgresCluster(
        "database", environment=environment, settings=settings.rds, port=ports.database, network=network, keys=keys
    ).outputs
    RedisCluster(
        "cache", environment=environment, settings=settings.elasticache, port=ports.cache, network=network, keys=keys
    )
    BackupPlan(
        "backup", environment=environment, settings=settings.backup, primary_arns=database.primary_arns, keys=keys
    )


def _network() -> NetworkOutputs:
    def out(text: str) -> pulumi.Output[str]:
        return pulumi.Output.from_input(text)

    subnets = pulumi.Output.from_input(["subnet-1", "subnet-2"])
    roles = ("alb", "service", "database", "cache", "endpoints")
    return NetworkOutputs(
        vpc_id=out("vpc-1"),
        public_subnet_ids=subnets,
        private_subnet_ids=subnets,
        data_subnet_ids=subnets,
        security_groups=SecurityGroups(**{role: out(f"sg-{role}") for role in roles}),
    )

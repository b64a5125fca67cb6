"""A missing price is an error that names all; a change costs what it adds; tiers count the whole account."""

from collections.abc import Sequence

import pytest

from reports.cost.difference import difference
from reports.cost.estimate import MissingPricesError, estimate, total
from reports.states import Recorded
from tests.reports.cost.made_up import (
    items_of,
    price_of_one,
    primary,
    real_prices,
    redis,
    replica,
    resource,
    service,
    state,
    usage,
    vpc,
)

ADD_TYPE = "add it to PRICED in a module of reports/cost, or to free.py"
ADD_PRICE = "add it to reports/cost/prices.yaml"
ADD_ROW = "add a row to"
ADD_SERVICE = "add it to reports/cost/service.py"
REDIS = "aws:elasticache/replicationGroup:ReplicationGroup"
LOGS = "aws:cloudwatch/logGroup:LogGroup"


def test_all_missing_prices_are_named_at_once() -> None:
    wrong = state(
        resource("aws:mq/broker:Broker", "queue"),
        primary(instanceClass="db.r8g.large"),
        resource("aws:elasticache/replicationGroup:ReplicationGroup", "cache", engine="valkey", numNodeGroups=1,
                 nodeType="cache.r6g.large", replicasPerNodeGroup=0),
        resource("aws:s3/bucket:Bucket", "reports", bucket="reports"),
        resource("aws:cloudwatch/logGroup:LogGroup", "worker", name="worker"),
        resource("aws:kms/key:Key", "elsewhere", region="eu-west-1"),
        resource("aws:ecs/service:Service", "ec2", launchType="EC2"),
    )  # fmt: skip
    with pytest.raises(MissingPricesError) as error:
        items_of(wrong, kms_requests_per_key=1)
    assert list(error.value.problems) == [
        f"production: {problem}"
        for problem in (
            f"worker ({LOGS}): its volume isn't known: {ADD_ROW} VOLUMES in reports/cost/logs.py",
            f"ec2 (aws:ecs/service:Service): only services on Fargate have a price: {ADD_SERVICE}",
            f"cache ({REDIS}): there is no price elasticache.valkey.cache.r6g.large: {ADD_PRICE}",
            "elsewhere (aws:kms/key:Key): the price kms.key has no figure for eu-west-1: add it to prices.yaml",
            "elsewhere (aws:kms/key:Key): the price kms.requests has no figure for eu-west-1: add it to prices.yaml",
            f"queue (aws:mq/broker:Broker): the type is neither priced nor free: {ADD_TYPE}",
            f"primary (aws:rds/instance:Instance): there is no price rds.postgres.multi-az.db.r8g.large: {ADD_PRICE}",
            f"reports (aws:s3/bucket:Bucket): its content isn't known: {ADD_ROW} CONTENTS in reports/cost/storage.py",
        )
    ]
    assert "8 without a price" in str(error.value)


@pytest.mark.parametrize("paid", [
    {"iops": 6000}, {"databaseInsightsMode": "advanced"}, {"performanceInsightsRetentionPeriod": 731},
    {"engineLifecycleSupport": "open-source-rds-extended-support-enabled"}, {"engine": "mysql"}, {"storageType": "io2"},
])  # fmt: skip
def test_what_a_database_would_pay_more_for_is_an_error(paid: dict[str, object]) -> None:
    with pytest.raises(MissingPricesError):
        items_of(state(primary(**paid)))


CHANGES: Sequence[tuple[str, Sequence[Recorded], Sequence[Recorded], dict[tuple[str, str], float]]] = [
    ("twice the tasks", service(tasks=4), service(tasks=8), {
        ("service", "tasks: vCPU"): 4 * 730, ("service", "tasks: memory"): 8 * 730,
        ("service", "Container Insights"): 24 * 2 * 4}),
    ("a NAT gateway less", vpc(gateways=2), vpc(gateways=1), {
        ("nat-1", "NAT gateway"): -730, ("nat-1", "public IPv4 addresses"): -730}),
    ("a second replica", [primary(), replica()], [primary(), replica(), replica("replica-2")], {
        ("replica-2", "instance"): 730, ("replica-2", "storage"): 200}),
    ("no standby", [primary()], [primary(multiAz=False)], {
        ("primary", "instance"): 0, ("primary", "storage"): 0}),
    ("a shard more", [redis(shards=2)], [redis(shards=3)], {("cache", "nodes"): 2 * 730}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "expected"), [change[1:] for change in CHANGES], ids=[c[0] for c in CHANGES]
)
def test_a_change_costs_what_it_adds(
    before: Sequence[Recorded], after: Sequence[Recorded], expected: dict[tuple[str, str], float]
) -> None:
    changed = difference(items_of(state(*before)), items_of(state(*after)))
    found = {(change.name[2], change.name[3]): change.usd for change in changed.items}
    assert found == pytest.approx({key: usd for key, usd in expected.items() if usd})
    back = difference(items_of(state(*after)), items_of(state(*before)))
    assert {change.name: -change.usd for change in back.items} == {change.name: change.usd for change in changed.items}


def test_a_standby_costs_twice_as_much() -> None:
    """The price of two zones is a price in itself: with the real table, it is twice that of one."""
    single, multi = (
        total(estimate([state(primary(multiAz=zones))], usage(), real_prices())) for zones in (False, True)
    )
    assert multi == pytest.approx(2 * single)


def test_tiers_count_the_volume_of_the_whole_account() -> None:
    """Two distributions together pass the first 10 TB, which neither passes alone."""
    one, two = (resource("aws:cloudfront/distribution:Distribution", name, region="") for name in ("one", "two"))
    # 6,000 GB each.
    figures = usage(requests_per_second=1, response_bytes=6000 * 1024**3 / 2_628_000)
    transfer = [
        item.usd for item in estimate([state(one, two)], figures, real_prices()) if item.price == "cloudfront.transfer"
    ]
    assert sum(transfer) == pytest.approx(10_240 * 0.085 + 1_760 * 0.080)
    assert transfer[0] == pytest.approx(transfer[1])


def test_volumes_of_two_regions_are_separate() -> None:
    logs = [
        state(resource("aws:cloudwatch/logGroup:LogGroup", "network-flow-logs", region=region, name="flows",
                       retentionInDays=90), stack=stack)
        for stack, region in (("production", "us-east-1"), ("dr", "us-west-2"))
    ]  # fmt: skip
    figures = usage(idle_flow_records_per_second=1, flow_record_bytes=10_240 * 1024**3 / 2_628_000)
    vended = [item.usd for item in estimate(logs, figures, real_prices()) if item.price == "logs.vended"]
    assert vended == pytest.approx([10_240 * 0.5, 10_240 * 0.5])


def test_components_and_free_types_cost_nothing() -> None:
    component = resource("taskflow:data:RedisCluster", "cache", id_="")
    assert not estimate([state(component, resource("aws:iam/role:Role"))], usage(), price_of_one())


def test_the_order_of_the_state_changes_nothing() -> None:
    resources = [primary(), replica(), redis(), *service(), *vpc()]
    assert items_of(state(*reversed(resources))) == items_of(state(*resources))

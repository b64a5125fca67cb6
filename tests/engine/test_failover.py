"""Failover of the origin and failback, with both stacks in one account, during the loss of us-east-1 and after it."""

import functools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from operations.dr.failback_plan import FailbackPlan
from operations.frame.plan import Expected, require_expected
from operations.frame.pulumi import Step
from sandbox.project import PLACEHOLDER
from sandbox.values import Value
from tests.engine.live_stack import LiveStacks, live_stacks, steps
from tests.engine.routing import Routing
from tests.engine.support import run
from tests.settings.support import PROMOTED, TAKING_TRAFFIC

pytestmark = pytest.mark.xdist_group("failover")

ORIGIN = "origin.taskflow.app"
STANDBY = "standby.taskflow.app"
HEADER = "x-origin-secret"
SECRET = PLACEHOLDER
PRODUCTION, DR = "taskflow-production", "taskflow-dr"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory, recording: Path) -> Iterator[LiveStacks]:
    """Yield both stacks. The tests below change them one after the other."""
    yield from live_stacks(tmp_path_factory.mktemp("failover"), recording, "production", "dr")


def lose_region(live: LiveStacks, region: str | None) -> None:
    """Lose a region from the next operation on; None restores all regions."""
    world = json.loads(live.world.read_text())
    live.world.write_text(json.dumps({**world, "outage": region, "rejected_calls": []}))


def rejected_calls(live: LiveStacks) -> list[str]:
    return json.loads(live.world.read_text())["rejected_calls"]


def routing(live: LiveStacks, *, lost_region: str = "", unhealthy: str = "") -> Routing:
    return Routing(resources=live.resources(), lost_regions=frozenset({lost_region}), unhealthy=frozenset({unhealthy}))


def up(live: LiveStacks, stack: str, edits: Mapping[str, Value] | None = None) -> dict[str, str]:
    done = run(live.stack(stack, edits).up)
    assert done.ok, done.text
    return steps(done)


def test_before_a_failover_production_receives_all_traffic(live: LiveStacks) -> None:
    """A failing /health pages people but moves no traffic; neither does the loss of a region."""
    for failure in (
        routing(live),
        routing(live, unhealthy=PRODUCTION),
        routing(live, unhealthy=DR),
        routing(live, lost_region="us-east-1"),
        routing(live, lost_region="us-west-2"),
    ):
        assert failure.load_balancer_of(ORIGIN) == PRODUCTION
    assert routing(live).status_of(ORIGIN, "/api/tasks", {HEADER: SECRET}) == 200
    assert routing(live).status_of(ORIGIN, "/api/tasks") == 403, "CloudFront's secret is required"
    assert routing(live, unhealthy=PRODUCTION).status_of(ORIGIN, "/health") == 502


def test_production_works_without_dr(live: LiveStacks) -> None:
    """The standby's name doesn't resolve, and an inverted check without an answer is healthy."""
    production = Routing(resources=[resource for resource in live.resources() if ":production::" in resource["urn"]])
    assert production.load_balancer_of(STANDBY) is None
    assert production.load_balancer_of(ORIGIN) == PRODUCTION


def test_dr_works_without_production(live: LiveStacks) -> None:
    dr = Routing(resources=[resource for resource in live.resources() if ":dr::" in resource["urn"]])
    assert dr.load_balancer_of(ORIGIN) == DR


def alarm_checks(live: LiveStacks) -> dict[str, str]:
    """Return the ids of the health checks that no record depends on, by logical name: they are for alarms."""
    used = {str(record["inputs"].get("healthCheckId")) for record in live.resources("aws:route53/record:Record")}
    unused = [c for c in live.resources("aws:route53/healthCheck:HealthCheck") if c["id"] not in used]
    return {str(c["urn"]).rpartition("::")[2]: c["id"] for c in unused}


def test_the_alarm_checks_request_both_load_balancers_and_the_latch(live: LiveStacks) -> None:
    """Production owns all of them, because Route 53 publishes metrics in its region only."""
    found = alarm_checks(live)
    assert set(found) == {
        "origin-failover-health",
        "origin-failover-recovery-health",
        "origin-failover-recovery-latch",
    }
    for unhealthy, expected in (
        ("", {"origin-failover-health", "origin-failover-recovery-health"}),
        (PRODUCTION, {"origin-failover-recovery-health"}),
        (DR, {"origin-failover-health"}),
    ):
        state = routing(live, unhealthy=unhealthy)
        assert {name for name, id_ in found.items() if state.is_healthy(id_)} == expected


def test_promotion_and_failover_need_nothing_in_the_lost_region(live: LiveStacks) -> None:
    """While us-east-1 and the global control planes are lost, dr takes over without a call to any of them."""
    lose_region(live, "us-east-1")
    done = up(live, "dr", TAKING_TRAFFIC)
    assert rejected_calls(live) == []
    assert {name: done[name] for name in ("database-taskflow-dr", "origin-latch")} == {
        "database-taskflow-dr": "update",
        "origin-latch": "update",
    }
    after = routing(live, lost_region="us-east-1")
    assert after.load_balancer_of(ORIGIN) == DR
    assert after.is_healthy(alarm_checks(live)["origin-failover-recovery-latch"])
    for path in ("/api/tasks", "/", "/api/tasks/42?a=b"):
        assert after.status_of(ORIGIN, path, {HEADER: SECRET}) == 200, "dr's listener accepts the same secret"
    assert after.status_of(ORIGIN, "/api/tasks") == 403


def test_a_second_up_during_the_outage_needs_nothing_in_the_lost_region(live: LiveStacks) -> None:
    assert up(live, "dr", TAKING_TRAFFIC) == {}
    assert rejected_calls(live) == []


def test_calls_to_the_lost_region_are_rejected_and_recorded(live: LiveStacks) -> None:
    """Otherwise the two tests above would prove nothing."""
    production = run(live.stack("production", {"taskflow:cloudfront.http3": False}).up)
    assert not production.ok
    assert "us-east-1 can't be reached" in production.text
    assert "update aws:cloudfront/distribution:Distribution" in rejected_calls(live)
    with pytest.raises(Exception, match="us-east-1 can't be reached"):
        live.stack("dr", TAKING_TRAFFIC).refresh()
    assert any(call.startswith("read aws:") for call in rejected_calls(live)), "a refresh calls IAM and Route 53"


def test_failback_is_a_persons_decision(live: LiveStacks) -> None:
    lose_region(live, None)
    assert routing(live).load_balancer_of(ORIGIN) == DR, "the region's return moves no traffic"
    assert up(live, "production") == {}, "the interrupted update left nothing to do"
    assert routing(live).load_balancer_of(ORIGIN) == DR, "an `up` of production moves no traffic"
    assert up(live, "dr", PROMOTED) == {"origin-latch": "update"}
    assert routing(live).load_balancer_of(ORIGIN) == PRODUCTION


# A failback, with the settings that `taskflow dr failback` writes.
NEW, NEW_REPLICA = "taskflow-production-2", "taskflow-dr-2"
PLAN = FailbackPlan(source=DR, name=NEW, replica=NEW_REPLICA, of_production={}, of_recovery={}, is_promoted=False)


def _successor(name: str, source: str, region: str, **more: Value) -> Mapping[str, Value]:
    instance = f"arn:aws:rds:{region}:987654321098:db:{source}"
    return {
        "taskflow:rds.successor": {"identifier": name, "source": {"instance": instance, "maxConnections": 800}, **more}
    }


def carry_out(live: LiveStacks, stack: str, edits: Mapping[str, Value], expected: Expected, *urns: str) -> list[str]:
    """Run an `up`, of everything or of some resources; its steps are those that the command accepts."""
    done = run(functools.partial(live.stack(stack, edits).up, target=list(urns) or None))
    assert done.ok, done.text
    require_expected([Step(operation=each.operation, urn=each.urn) for each in done.changed], expected, "", stack)
    return [f"{each.operation} {each.name}" for each in done.changed]


@pytest.mark.thorough
def test_production_gets_a_replica_of_drs_database(live: LiveStacks) -> None:
    """And a replica of that one, which goes on after the promotion."""
    edits = _successor(NEW, DR, "us-west-2")
    done = carry_out(live, "production", edits, PLAN.is_of_addition)
    assert {"create database-taskflow-production-2", "create database-taskflow-production-2-replica-1"} <= set(done)
    assert carry_out(live, "production", edits, PLAN.is_of_addition) == []


@pytest.mark.thorough
def test_the_switch_promotes_it_without_waiting_for_the_rest(live: LiveStacks) -> None:
    """Users wait for the instance and the address, not for the replication of its backups to the other region."""
    edits = _successor(NEW, DR, "us-west-2", promoted=True)
    preview = run(live.stack("production", edits).preview)
    planned = [Step(operation=each.operation, urn=each.urn) for each in preview.changed]
    require_expected(planned, PLAN.is_of_switch, "", "production")
    done = carry_out(live, "production", edits, PLAN.is_of_switch, *PLAN.urgent(planned))
    assert {each for each in done if each.startswith(("update", "replace", "create "))} == {
        "update database-taskflow-production-2",
        "create database-taskflow-production-2-final-snapshot",
        "replace service",
        "replace database-task",
        "replace data-export",
    }
    host = live.stack("production").outputs()["databaseHost"].value
    assert host.startswith("taskflow-production-2.")
    rest = carry_out(live, "production", edits, PLAN.is_of_switch)
    assert "create backup-taskflow-production-2" in rest
    assert carry_out(live, "production", edits, PLAN.is_of_switch) == []


@pytest.mark.thorough
def test_dr_stands_by_with_a_replica_of_it(live: LiveStacks) -> None:
    """First the replica and its address, then, once the tasks have it, their number of a standby."""
    replica = _successor(NEW_REPLICA, NEW, "us-east-1", standby=True)
    edits = {**PROMOTED, **replica}
    done = carry_out(live, "dr", edits, PLAN.is_of_standby)
    assert {"create database-taskflow-dr-2", "replace service"} <= set(done)
    assert not any(each.endswith((" database-taskflow-dr", " service-scaling")) for each in done)
    fewer = carry_out(live, "dr", {"taskflow:rds.promoted": True, **replica}, PLAN.is_of_standby)
    assert "update service" in fewer

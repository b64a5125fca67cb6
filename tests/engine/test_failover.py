"""The origin's name over a fail-over and back, both stacks in one account, while us-east-1 is lost and after."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from sandbox.project import PLACEHOLDER
from sandbox.values import Value
from tests.engine.live_stack import Standing, stand, steps
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
def both_standing(tmp_path_factory: pytest.TempPathFactory, recording: Path) -> Iterator[Standing]:
    """Production first, dr after it, which needs production's instance; the tests below change them in order."""
    yield from stand(tmp_path_factory.mktemp("failover"), recording, "production", "dr")


def lose(standing: Standing, region: str | None) -> None:
    """Lose a region from the next operation on, or have all of them back."""
    world = json.loads(standing.world.read_text())
    standing.world.write_text(json.dumps({**world, "outage": region, "tried": []}))


def tried(standing: Standing) -> list[str]:
    return json.loads(standing.world.read_text())["tried"]


def routing(standing: Standing, *, lost: str = "", ill: str = "") -> Routing:
    return Routing(things=standing.things(), lost=frozenset({lost}), ill=frozenset({ill}))


def up(standing: Standing, stack: str, edits: Mapping[str, Value] | None = None) -> dict[str, str]:
    brought = run(standing.stack(stack, edits).up)
    assert brought.ok, brought.text
    return steps(brought)


def test_before_a_fail_over_all_goes_to_production_whatever_fails(both_standing: Standing) -> None:
    """A failing /health pages people; it moves nothing. Nor does the loss of the whole region, or dr's."""
    for failing in (
        routing(both_standing),
        routing(both_standing, ill=PRODUCTION),
        routing(both_standing, ill=DR),
        routing(both_standing, lost="us-east-1"),
        routing(both_standing, lost="us-west-2"),
    ):
        assert failing.balancer_of(ORIGIN) == PRODUCTION
    assert routing(both_standing).ask(ORIGIN, "/api/tasks", {HEADER: SECRET}) == 200
    assert routing(both_standing).ask(ORIGIN, "/api/tasks") == 403, "not without CloudFront's secret"
    assert routing(both_standing, ill=PRODUCTION).ask(ORIGIN, "/health") == 502


def test_production_stands_alone_as_well(both_standing: Standing) -> None:
    """Without dr, the standby's name leads nowhere, and an inverted check that gets no answer is healthy."""
    alone = Routing(things=[thing for thing in both_standing.things() if ":production::" in thing["urn"]])
    assert alone.balancer_of(STANDBY) is None
    assert alone.balancer_of(ORIGIN) == PRODUCTION


def test_dr_stands_alone_as_well(both_standing: Standing) -> None:
    alone = Routing(things=[thing for thing in both_standing.things() if ":dr::" in thing["urn"]])
    assert alone.balancer_of(ORIGIN) == DR


def checks(both_standing: Standing) -> dict[str, str]:
    """The ids of the health checks that no record depends on, by what each is for: they are for alarms."""
    used = {str(thing["inputs"].get("healthCheckId")) for thing in both_standing.things("aws:route53/record:Record")}
    ordinary = [c for c in both_standing.things("aws:route53/healthCheck:HealthCheck") if c["id"] not in used]
    return {str(c["urn"]).rpartition("::")[2]: c["id"] for c in ordinary}


def test_the_ordinary_checks_ask_both_load_balancers_and_who_takes_over(both_standing: Standing) -> None:
    """All are production's, since Route 53 measures in its region alone."""
    found = checks(both_standing)
    assert set(found) == {
        "origin-failover-health",
        "origin-failover-recovery-health",
        "origin-failover-recovery-active",
    }
    for ill, well in (
        ("", {"origin-failover-health", "origin-failover-recovery-health"}),
        (PRODUCTION, {"origin-failover-recovery-health"}),
        (DR, {"origin-failover-health"}),
    ):
        assert {name for name, id_ in found.items() if routing(both_standing, ill=ill).is_healthy(id_)} == well


def test_promotion_and_switch_need_nothing_of_the_lost_region(both_standing: Standing) -> None:
    """With us-east-1 and the global control planes gone, dr takes over: none of them is even asked."""
    lose(both_standing, "us-east-1")
    done = up(both_standing, "dr", TAKING_TRAFFIC)
    assert tried(both_standing) == []
    assert {name: done[name] for name in ("database-taskflow-dr", "origin-latch")} == {
        "database-taskflow-dr": "update",
        "origin-latch": "update",
    }
    moved = routing(both_standing, lost="us-east-1")
    assert moved.balancer_of(ORIGIN) == DR
    assert moved.is_healthy(checks(both_standing)["origin-failover-recovery-active"])
    for method_and_path in ("/api/tasks", "/", "/api/tasks/42?a=b"):
        assert moved.ask(ORIGIN, method_and_path, {HEADER: SECRET}) == 200, "dr's listener knows the same secret"
    assert moved.ask(ORIGIN, "/api/tasks") == 403


def test_a_second_up_during_the_outage_needs_nothing_of_it_either(both_standing: Standing) -> None:
    again = up(both_standing, "dr", TAKING_TRAFFIC)
    assert again == {}
    assert tried(both_standing) == []


def test_what_would_need_the_lost_region_is_refused_and_noted(both_standing: Standing) -> None:
    """The two tests above would prove nothing if the stand-ins' outage were none."""
    production = run(both_standing.stack("production", {"taskflow:cloudfront.http3": False}).up)
    assert not production.ok
    assert "us-east-1 can't be reached" in production.text
    assert "update aws:cloudfront/distribution:Distribution" in tried(both_standing)
    with pytest.raises(Exception, match="us-east-1 can't be reached"):
        both_standing.stack("dr", TAKING_TRAFFIC).refresh()
    assert any(each.startswith("read aws:") for each in tried(both_standing)), "a refresh would ask IAM and Route 53"


def test_the_regions_return_moves_nothing_and_a_person_moves_it_back(both_standing: Standing) -> None:
    lose(both_standing, None)
    assert routing(both_standing).balancer_of(ORIGIN) == DR
    assert up(both_standing, "production") == {}, "what was interrupted has nothing left to do"
    assert routing(both_standing).balancer_of(ORIGIN) == DR, "nor does an `up` of production"
    assert up(both_standing, "dr", PROMOTED) == {"origin-latch": "update"}
    assert routing(both_standing).balancer_of(ORIGIN) == PRODUCTION

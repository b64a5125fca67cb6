"""The service over its life on the engine: releases and scaling from outside, another template, the origin's switch."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from sandbox.values import Value
from tests.engine.live_stack import POLICIES, Standing, stand, steps
from tests.engine.support import resources, run
from tests.settings.support import PROMOTED, TAKING_TRAFFIC

pytestmark = pytest.mark.xdist_group("service")

SERVICE = "aws:ecs/service:Service"
TEMPLATE = "aws:ecs/taskDefinition:TaskDefinition"
RULE = "aws:lb/listenerRule:ListenerRule"
RELEASED = "arn:aws:ecs:us-east-1:987654321098:task-definition/taskflow-api-production:7"


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory, recording: Path) -> Iterator[Standing]:
    yield from stand(tmp_path_factory.mktemp("production"), recording, "production")


@pytest.fixture(scope="module")
def dr(tmp_path_factory: pytest.TempPathFactory, recording: Path) -> Iterator[Standing]:
    yield from stand(tmp_path_factory.mktemp("dr"), recording, "dr")


def test_neither_a_release_nor_scaling_is_ever_undone(production: Standing) -> None:
    """A release, or a rollback, and autoscaling change the service from outside; no `up` takes that back."""
    world = json.loads(production.world.read_text())
    (service,) = (thing for thing in world["things"] if thing["type"] == SERVICE)
    service["outputs"] |= {"taskDefinition": RELEASED, "desiredCount": 9}
    production.world.write_text(json.dumps(world))

    stack = production.stack("production")
    assert run(stack.up).changed == [], "without a refresh nothing is noticed"
    stack.refresh()
    (seen,) = (r for r in resources(stack) if r["type"] == SERVICE)
    outputs = seen["outputs"]
    assert isinstance(outputs, dict)
    assert (outputs["taskDefinition"], outputs["desiredCount"]) == (RELEASED, 9), "the refresh has seen it"
    after = run(stack.up)
    assert after.ok, after.text
    assert after.changed == []
    (now,) = production.things(SERVICE)
    assert (now["outputs"]["taskDefinition"], now["outputs"]["desiredCount"]) == (RELEASED, 9)


def test_another_template_is_a_new_revision_beside_the_running_one(production: Standing) -> None:
    """The next release starts from it; what runs, and the revision that it may be rolled back to, stay."""
    changed = production.stack("production", {"taskflow:task.stopTimeout": 60, "taskflow:service.desiredCount": 6})
    up = run(changed.up)
    assert up.ok, up.text
    touched = steps(up)
    assert set(touched) == {"service"}
    types = {p.type for p in up.changed}
    assert types == {TEMPLATE}, "the service is left alone"
    (template,) = (r for r in resources(changed) if r["type"] == TEMPLATE)
    inputs = template["inputs"]
    assert isinstance(inputs, dict)
    assert inputs["skipDestroy"] is True, "AWS can't go back to a revision that was deregistered"


def test_the_service_waits_for_all_that_its_first_tasks_need(production: Standing) -> None:
    """Rules that forward, the roles' permissions, and the alarms that judge its deployments."""
    state = resources(production.stack("production"))
    (service,) = (r for r in state if r["type"] == SERVICE)
    waits_for = {str(urn).rsplit("::", 1)[-1] for urn in _listed(service, "dependencies")}
    assert waits_for >= {
        "origin-health", "origin-secret", "roles-task-secrets", "roles-task-bucket", "roles-task-queue",
        "roles-execution-secrets", "roles-execution",
    }  # fmt: skip
    by_property = service["propertyDependencies"]
    assert isinstance(by_property, dict)
    alarms = {str(urn).rsplit("::", 1)[-1] for urn in _listed(by_property, "alarms")}
    assert alarms == {"service-deployment-errors", "service-deployment-latency"}


def test_a_release_finds_what_it_needs_among_the_outputs(production: Standing) -> None:
    (root,) = (r for r in resources(production.stack("production")) if r["type"] == "pulumi:pulumi:Stack")
    outputs = root["outputs"]
    assert isinstance(outputs, dict)
    assert outputs["cluster"] == "taskflow-production"
    assert outputs["service"] == outputs["releaseFamily"] == "taskflow-api-production"
    assert str(outputs["taskTemplate"]).startswith(
        "arn:aws:ecs:us-east-1:987654321098:task-definition/taskflow-api-production-template:"
    )
    (service,) = production.things(SERVICE)
    network = service["inputs"]["networkConfiguration"]
    assert isinstance(network, dict)
    assert outputs["taskSubnets"] == network["subnets"]
    assert [outputs["taskSecurityGroup"]] == network["securityGroups"]
    assert len(_listed(network, "subnets")) == 2, "one in each zone"


def test_a_switch_that_the_load_balancer_made_is_taken_over(dr: Standing) -> None:
    """It was the load balancer's own once; a replacement would close the latch for a moment, and move the traffic."""
    latch, balancer = "taskflow:latch:OriginLatch", "taskflow:ingress:LoadBalancer"
    (file,) = (dr.sandbox.folder / "state").rglob("stacks/taskflow/dr.json")
    before, document = file.read_text(), json.loads(file.read_text())
    latest = document["checkpoint"]["latest"]
    latest["resources"] = [r for r in latest["resources"] if r["type"] != latch]
    (rule,) = (r for r in latest["resources"] if r["type"] == RULE and r["urn"].endswith("::origin-latch"))
    (parent,) = (r for r in latest["resources"] if r["type"] == balancer)
    rule |= {"urn": rule["urn"].replace(latch, balancer), "parent": parent["urn"]}
    file.write_text(json.dumps(document))
    preview = run(dr.stack("dr").preview)
    file.write_text(before)
    assert preview.ok, preview.text
    assert {p.type: p.operation for p in preview.changed} == {latch: "create"}, "the component alone is new"


def test_the_switch_comes_with_and_after_the_promotion(dr: Standing) -> None:
    """The origin's name moves only to a load balancer whose database takes writes; and it may be moved back."""
    before = _answer(dr)
    assert before == "404"
    taken = dr.stack("dr", TAKING_TRAFFIC, policies=POLICIES)
    up = run(taken.up)
    assert up.ok, up.text
    assert _answer(dr) == "200"
    done = steps(up)
    assert done["origin-latch"] == "update"
    assert done["database-taskflow-dr"] == "update"
    order = [p.name for p in up.changed]
    assert order.index("database-taskflow-dr") < order.index("origin-latch")
    (rule,) = (r for r in resources(taken) if r["type"] == RULE and str(r["urn"]).endswith("::origin-latch"))
    waits_for = {str(urn).rpartition("::")[2] for urn in _listed(rule, "dependencies")}
    assert waits_for >= {"database-taskflow-dr", "service"}, "the promoted database, the service and its least tasks"
    assert order.index("service") < order.index("origin-latch"), "scaling's least number of tasks is raised before"

    back = run(dr.stack("dr", PROMOTED).up)
    assert back.ok, back.text
    assert steps(back) == {"origin-latch": "update"}
    assert _answer(dr) == "404"


def test_the_switch_without_a_promoted_database_is_refused(dr: Standing) -> None:
    refused = run(dr.stack("dr", {"taskflow:loadBalancer.originTakesTraffic": True}).preview)
    assert not refused.ok
    assert "taskflow:loadBalancer.originTakesTraffic" in refused.text
    assert "taskflow:rds.promoted (false)" in refused.text


def _answer(standing: Standing) -> str:
    """Give the status with which dr answers the latch path."""
    (rule,) = (t for t in standing.things(RULE) if t["urn"].endswith("::origin-latch"))
    actions = rule["inputs"]["actions"]
    assert isinstance(actions, list)
    action = actions[0]
    assert isinstance(action, dict)
    response = action["fixedResponse"]
    assert isinstance(response, dict)
    return str(response["statusCode"])


def _listed(of: Mapping[str, Value], key: str) -> list[Value]:
    value = of.get(key)
    assert isinstance(value, list)
    return value

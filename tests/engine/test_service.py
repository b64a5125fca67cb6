"""Lifecycle of the service on the engine: external releases and scaling, a new template, the origin latch."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from sandbox.values import Value
from tests.engine.live_stack import POLICIES, LiveStacks, live_stacks, steps
from tests.engine.support import resources, run
from tests.settings.support import PROMOTED, TAKING_TRAFFIC

pytestmark = pytest.mark.xdist_group("service")

SERVICE = "aws:ecs/service:Service"
TEMPLATE = "aws:ecs/taskDefinition:TaskDefinition"
RULE = "aws:lb/listenerRule:ListenerRule"
RELEASED = "arn:aws:ecs:us-east-1:987654321098:task-definition/taskflow-api-production:7"


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory, recording: Path) -> Iterator[LiveStacks]:
    yield from live_stacks(tmp_path_factory.mktemp("production"), recording, "production")


@pytest.fixture(scope="module")
def dr(tmp_path_factory: pytest.TempPathFactory, recording: Path) -> Iterator[LiveStacks]:
    yield from live_stacks(tmp_path_factory.mktemp("dr"), recording, "dr")


def test_releases_and_autoscaling_are_never_undone(production: LiveStacks) -> None:
    """Releases, rollbacks and autoscaling change the service outside of Pulumi; no `up` reverts them."""
    world = json.loads(production.world.read_text())
    (service,) = (resource for resource in world["resources"] if resource["type"] == SERVICE)
    service["outputs"] |= {"taskDefinition": RELEASED, "desiredCount": 9}
    production.world.write_text(json.dumps(world))

    stack = production.stack("production")
    assert run(stack.up).changed == [], "without a refresh Pulumi sees no change"
    stack.refresh()
    (refreshed,) = (r for r in resources(stack) if r["type"] == SERVICE)
    outputs = refreshed["outputs"]
    assert isinstance(outputs, dict)
    assert (outputs["taskDefinition"], outputs["desiredCount"]) == (RELEASED, 9), "the refresh didn't read the change"
    after = run(stack.up)
    assert after.ok, after.text
    assert after.changed == []
    (now,) = production.resources(SERVICE)
    assert (now["outputs"]["taskDefinition"], now["outputs"]["desiredCount"]) == (RELEASED, 9)


def test_a_changed_template_is_a_new_revision_and_keeps_the_running_one(production: LiveStacks) -> None:
    """The next release starts from it; the running revision and those for a rollback stay."""
    changed = production.stack("production", {"taskflow:task.stopTimeout": 60, "taskflow:service.desiredCount": 6})
    up = run(changed.up)
    assert up.ok, up.text
    touched = steps(up)
    assert set(touched) == {"service"}
    types = {p.type for p in up.changed}
    assert types == {TEMPLATE}, "the service changes"
    (template,) = (r for r in resources(changed) if r["type"] == TEMPLATE and str(r["urn"]).endswith("::service"))
    inputs = template["inputs"]
    assert isinstance(inputs, dict)
    assert inputs["skipDestroy"] is True, "ECS can't roll back to a deregistered revision"


def test_the_service_depends_on_everything_its_first_tasks_need(production: LiveStacks) -> None:
    """Forwarding rules, permissions of the roles, and deployment alarms."""
    state = resources(production.stack("production"))
    (service,) = (r for r in state if r["type"] == SERVICE)
    dependencies = {str(urn).rsplit("::", 1)[-1] for urn in _list(service, "dependencies")}
    assert dependencies >= {
        "origin-health", "origin-secret", "roles-task-secrets", "roles-task-bucket", "roles-task-queue",
        "roles-execution-secrets", "roles-execution",
    }  # fmt: skip
    by_property = service["propertyDependencies"]
    assert isinstance(by_property, dict)
    alarms = {str(urn).rsplit("::", 1)[-1] for urn in _list(by_property, "alarms")}
    assert alarms == {"service-deployment-errors", "service-deployment-latency"}


def test_the_outputs_contain_everything_a_release_needs(production: LiveStacks) -> None:
    (root,) = (r for r in resources(production.stack("production")) if r["type"] == "pulumi:pulumi:Stack")
    outputs = root["outputs"]
    assert isinstance(outputs, dict)
    assert outputs["cluster"] == "taskflow-production"
    assert outputs["service"] == outputs["releaseFamily"] == "taskflow-api-production"
    assert str(outputs["taskTemplate"]).startswith(
        "arn:aws:ecs:us-east-1:987654321098:task-definition/taskflow-api-production-template:"
    )
    (service,) = production.resources(SERVICE)
    network = service["inputs"]["networkConfiguration"]
    assert isinstance(network, dict)
    assert outputs["taskSubnets"] == network["subnets"]
    assert [outputs["taskSecurityGroup"]] == network["securityGroups"]
    assert len(_list(network, "subnets")) == 2, "one in each zone"


def test_a_latch_rule_of_the_load_balancer_is_adopted(dr: LiveStacks) -> None:
    """The rule was once the load balancer's child. Replacing it would switch the traffic for a moment."""
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
    assert {p.type: p.operation for p in preview.changed} == {latch: "create"}, "only the component is new"


def test_the_latch_switches_after_the_promotion(dr: LiveStacks) -> None:
    """Traffic moves only to a load balancer with a writable database; it may be moved back."""
    before = _latch_status(dr)
    assert before == "404"
    promoted = dr.stack("dr", TAKING_TRAFFIC, policies=POLICIES)
    up = run(promoted.up)
    assert up.ok, up.text
    assert _latch_status(dr) == "200"
    operations = steps(up)
    assert operations["origin-latch"] == "update"
    assert operations["database-taskflow-dr"] == "update"
    order = [p.name for p in up.changed]
    assert order.index("database-taskflow-dr") < order.index("origin-latch")
    (rule,) = (r for r in resources(promoted) if r["type"] == RULE and str(r["urn"]).endswith("::origin-latch"))
    dependencies = {str(urn).rpartition("::")[2] for urn in _list(rule, "dependencies")}
    assert dependencies >= {"database-taskflow-dr", "service"}, "the promoted database and the service"
    assert order.index("service") < order.index("origin-latch"), "the minimum of tasks increases first"

    back = run(dr.stack("dr", PROMOTED).up)
    assert back.ok, back.text
    assert steps(back) == {"origin-latch": "update"}
    assert _latch_status(dr) == "404"


def test_the_latch_requires_a_promoted_database(dr: LiveStacks) -> None:
    preview = run(dr.stack("dr", {"taskflow:loadBalancer.originTakesTraffic": True}).preview)
    assert not preview.ok
    assert "taskflow:loadBalancer.originTakesTraffic" in preview.text
    assert "taskflow:rds.promoted (false)" in preview.text


def _latch_status(live: LiveStacks) -> str:
    """Return the status of dr's response on the latch path."""
    (rule,) = (t for t in live.resources(RULE) if t["urn"].endswith("::origin-latch"))
    actions = rule["inputs"]["actions"]
    assert isinstance(actions, list)
    action = actions[0]
    assert isinstance(action, dict)
    response = action["fixedResponse"]
    assert isinstance(response, dict)
    return str(response["statusCode"])


def _list(of: Mapping[str, Value], key: str) -> list[Value]:
    value = of.get(key)
    assert isinstance(value, list)
    return value

"""The stand-in's Check rejects violations of AWS's service models, and accepts both stacks' plans."""

import contextlib
import copy
import json
import re
from collections.abc import Iterator

import pytest

from sandbox.kinds.table import KINDS
from sandbox.server import SharedState
from sandbox.service_models import operations
from sandbox.service_models.check import HIDDEN
from sandbox.service_models.coverage import Summary
from sandbox.service_models.row import Request
from sandbox.values import UNKNOWN, Value
from sandbox.world import World
from tests.sandbox.service_models.planned import STACKS, Planned, RejectedError, check, first, plan, planned
from tests.sandbox.service_models.violations import REMOVED, VIOLATIONS, Violation

WEB_ACL = "aws:wafv2/webAcl:WebAcl"
STEP = re.compile(r"[^.\[\]]+")

pytestmark = pytest.mark.xdist_group("service-models")


def changed(resource: Planned, path: str, value: Value) -> Planned:
    """Return a planned resource with one property changed, or removed."""
    inputs = copy.deepcopy(dict(resource.inputs))
    *outer, last = STEP.findall(path)
    within: Value = inputs
    for step in outer:
        within = _items(within)[int(step)] if step.isdecimal() else _object(within)[step]
    if value == REMOVED:
        del _object(within)[last]
    else:
        _object(within)[last] = value
    return Planned(stack=resource.stack, type=resource.type, name=resource.name, inputs=inputs)


def changed_first(token: str, path: str, value: Value) -> Planned:
    """Change the first resource of a type that has the property: only some secrets have replicas."""
    for resource in planned(token):
        with contextlib.suppress(KeyError, IndexError, AssertionError):
            return changed(resource, path, value)
    raise LookupError(f"no {token} has {path}")


def _items(value: Value) -> list[Value]:
    assert isinstance(value, list)
    return value


def _object(value: Value) -> dict[str, Value]:
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize("stack", STACKS)
def test_all_planned_resources_are_accepted(stack: str) -> None:
    rejected = {f"{r.type} {r.name}": failures for r in plan(stack) if (failures := check(r))}
    assert not rejected


@pytest.mark.parametrize("violation", VIOLATIONS, ids=lambda violation: violation.id)
def test_a_violation_is_reported_with_property_and_operation(violation: Violation) -> None:
    failures = check(changed_first(violation.type, violation.path, violation.value))
    assert failures, "it is accepted"
    for path, message in failures.items():
        assert path.startswith(violation.path)
        assert message.startswith(f"{path}: ")
        assert violation.message in message
        assert f"{violation.operation} " in message


@pytest.mark.parametrize(
    ("token", "path"),
    [
        ("aws:cloudwatch/logGroup:LogGroup", "retentionInDays"),
        ("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "rules[0].expiration.days"),
    ],
)
def test_a_zero_that_the_provider_omits_is_accepted(token: str, path: str) -> None:
    assert not check(changed_first(token, path, 0))
    assert check(changed_first(token, path, -1))


def test_the_violations_are_many_and_of_many_types() -> None:
    assert len(VIOLATIONS) >= 40
    assert len({violation.type for violation in VIOLATIONS}) >= 25


def test_a_message_has_the_value_and_the_constraint() -> None:
    resource = changed(first(WEB_ACL), "scope", "GLOBAL")
    assert check(resource) == {
        "scope": "scope: 'GLOBAL' is not allowed: CLOUDFRONT, REGIONAL (wafv2 CreateWebACL Scope)"
    }


@pytest.mark.parametrize(
    ("token", "path"),
    [
        ("aws:rds/instance:Instance", "password"),
        ("aws:elasticache/replicationGroup:ReplicationGroup", "authToken"),
        ("aws:secretsmanager/secretVersion:SecretVersion", "secretString"),
    ],
)
def test_a_value_that_may_be_a_secret_is_hidden(token: str, path: str) -> None:
    message = check(changed(first(token), path, "Hidden/@" * 10_000))[path]
    assert HIDDEN in message
    assert "Hidden" not in message


def test_unknown_values_are_skipped_at_any_depth() -> None:
    """Each value in turn is unknown, or a text with an unknown part."""
    one_of_each_type = {resource.type: resource for resource in plan("production")}
    for resource in one_of_each_type.values():
        for inputs in _with_unknowns(dict(resource.inputs)):
            unknown = Planned(stack=resource.stack, type=resource.type, name=resource.name, inputs=inputs)
            assert not check(unknown), (resource.type, resource.name, inputs)


def _with_unknowns(inputs: dict[str, Value]) -> Iterator[dict[str, Value]]:
    for name, value in inputs.items():
        yield {**inputs, name: UNKNOWN}
        if isinstance(value, str):
            yield {**inputs, name: f"é\n {UNKNOWN} " * 100}
        elif isinstance(value, list) and value:
            yield {**inputs, name: [UNKNOWN, *value[1:]]}


@pytest.mark.parametrize(
    ("token", "unknown", "path", "value"),
    [
        (WEB_ACL, "name", "scope", "GLOBAL"),
        (WEB_ACL, "rules[0].statement", "rules[0].name", "a b"),
        # Its members are in the same structure of the request as the record's.
        ("aws:route53/record:Record", "failoverRoutingPolicies", "type", "ALIAS"),
        ("aws:lb/targetGroup:TargetGroup", "healthCheck", "port", 0),
    ],
)
def test_an_unknown_value_hides_no_violation_beside_it(token: str, unknown: str, path: str, value: Value) -> None:
    resource = changed(changed(first(token), unknown, UNKNOWN), path, value)
    assert list(check(resource)) == [path]


def test_a_type_without_a_row_is_an_error_that_names_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = {token: row for token, row in operations.ROWS.items() if token != WEB_ACL}
    monkeypatch.setattr(operations, "ROWS", rows)
    with pytest.raises(RejectedError, match=r"aws:wafv2/webAcl:WebAcl.*sandbox/service_models/rows_\*\.py"):
        check(first(WEB_ACL))


def test_most_planned_values_are_constrained() -> None:
    """Without ids and ARNs, which are unknown in a preview; tests/engine/test_stacks.py has the preview's figure."""
    shared = SharedState(world=World())
    for stack in STACKS:
        for resource in plan(stack):
            check(_as_in_a_preview(resource), shared)
    summary = shared.coverage.summary()
    assert summary.constrained / summary.known > 0.78
    assert summary.known > 2500
    assert json.loads(shared.coverage.as_json())["constrained"] == summary.constrained
    for token in ("wafv2 WebAcl", "cloudwatch MetricAlarm", "iam Role"):
        assert token not in summary.unchecked_types
    assert "s3 BucketPolicy" in summary.unchecked_types


def _as_in_a_preview(resource: Planned) -> Planned:
    """Make ids and ARNs unknown, as before the first `up`."""
    inputs = {name: _before_creation(value) for name, value in resource.inputs.items()}
    return Planned(stack=resource.stack, type=resource.type, name=resource.name, inputs=inputs)


GENERATED = re.compile(r"arn:aws:(?!iam::aws|s3:::)|[a-z]+-(public|private|data)-\d|(vpc|subnet|sg|vpce)-\w+|Z\w+$")


def _before_creation(value: Value) -> Value:
    if isinstance(value, dict):
        return {name: _before_creation(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_before_creation(item) for item in value]
    return UNKNOWN if isinstance(value, str) and GENERATED.search(value) else value


def test_a_resource_that_is_checked_twice_counts_once() -> None:
    shared = SharedState(world=World())
    for _ in range(2):
        check(first(WEB_ACL), shared)
    once = SharedState(world=World())
    check(first(WEB_ACL), once)
    assert shared.coverage.summary() == once.coverage.summary()


def test_the_command_prints_the_share_and_the_unchecked_types() -> None:
    shared = SharedState(world=World())
    for token in (WEB_ACL, "aws:sqs/queuePolicy:QueuePolicy"):
        check(first(token), shared)
    share, unchecked = Summary.from_json(shared.coverage.as_json()).lines()
    assert re.fullmatch(
        r"Checked against AWS's service models \(botocore [\d.]+\): \d+ of \d+ known values \(\d\d%\)\.", share
    )
    assert unchecked == "Not checked here: sqs QueuePolicy (no constraint in the models)."
    assert Summary().lines() == []


def test_each_planned_property_is_in_a_request_or_excluded_by_its_row() -> None:
    shared = SharedState(world=World())
    for stack in STACKS:
        for resource in plan(stack):
            check(resource, shared)
    for token, result in shared.coverage.by_urn.values():
        row = operations.ROWS[token]
        assert isinstance(row, Request) or not result.unmapped
        excluded = [name for name, member in row.names.items() if member is None] if isinstance(row, Request) else []
        # `region` is the provider's, not part of a request.
        assert set(result.unmapped) <= {*excluded, "region"}, token


def test_the_rows_cover_exactly_the_known_types() -> None:
    assert set(operations.ROWS) == set(KINDS)

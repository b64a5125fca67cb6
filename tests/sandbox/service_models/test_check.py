"""What AWS's service models refuse is refused by the stand-in's Check, and nothing that the stacks plan is."""

import contextlib
import copy
import json
import re
from collections.abc import Iterator

import pytest

from sandbox.kinds.table import KINDS
from sandbox.server import Account
from sandbox.service_models import operations
from sandbox.service_models.check import HIDDEN
from sandbox.service_models.coverage import Summary
from sandbox.service_models.row import Request
from sandbox.values import UNKNOWN, Value
from sandbox.world import World
from tests.sandbox.service_models.planned import STACKS, Planned, RefusedError, check, first, plan, planned
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
    """Change the first resource of a type that has the place: some secrets have replicas, others none."""
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
def test_nothing_that_a_stack_plans_is_refused(stack: str) -> None:
    refused = {f"{r.type} {r.name}": failures for r in plan(stack) if (failures := check(r))}
    assert not refused


@pytest.mark.parametrize("violation", VIOLATIONS, ids=lambda violation: violation.id)
def test_a_violation_is_refused_by_property_and_operation(violation: Violation) -> None:
    failures = check(changed_first(violation.type, violation.path, violation.value))
    assert failures, "it is accepted"
    for path, message in failures.items():
        assert path.startswith(violation.path)
        assert message.startswith(f"{path}: ")
        assert violation.says in message
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


def test_a_message_shows_the_value_and_the_constraint() -> None:
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
def test_a_value_that_may_be_secret_is_not_shown(token: str, path: str) -> None:
    message = check(changed(first(token), path, "Hidden/@" * 10_000))[path]
    assert HIDDEN in message
    assert "Hidden" not in message


def test_what_a_preview_does_not_know_is_skipped_at_any_depth() -> None:
    """Each value in turn is unknown, or a text with an unknown part: no message names it."""
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
        # Its members belong to the same structure of the request as the record's.
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
    with pytest.raises(RefusedError, match=r"aws:wafv2/webAcl:WebAcl.*sandbox/service_models/rows_\*\.py"):
        check(first(WEB_ACL))


def test_most_of_what_is_planned_is_held_to_a_constraint() -> None:
    """Ids and ARNs are left out, which a preview doesn't know: tests/engine/test_stacks.py has the preview's figure."""
    account = Account(world=World())
    for stack in STACKS:
        for resource in plan(stack):
            check(_as_in_a_preview(resource), account)
    summary = account.coverage.summary()
    assert summary.held / summary.leaves > 0.78
    assert summary.leaves > 2500
    assert json.loads(account.coverage.as_json())["held"] == summary.held
    for token in ("wafv2 WebAcl", "cloudwatch MetricAlarm", "iam Role"):
        assert token not in summary.types_without
    assert "s3 BucketPolicy" in summary.types_without


def _as_in_a_preview(resource: Planned) -> Planned:
    """Make what holds an id or an ARN unknown, as it is before the first `up`."""
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
    account = Account(world=World())
    for _ in range(2):
        check(first(WEB_ACL), account)
    once = Account(world=World())
    check(first(WEB_ACL), once)
    assert account.coverage.summary() == once.coverage.summary()


def test_the_command_shows_the_share_and_the_types_without() -> None:
    account = Account(world=World())
    for token in (WEB_ACL, "aws:sqs/queuePolicy:QueuePolicy"):
        check(first(token), account)
    held, without = Summary.from_json(account.coverage.as_json()).lines()
    assert re.fullmatch(
        r"\d+ of \d+ planned texts and numbers \(\d\d%\) were held to a constraint of AWS's service models "
        r"\(botocore [\d.]+\)\.",
        held,
    )
    assert without == "Types with no constraint on what is known of them: sqs QueuePolicy."
    assert Summary().lines() == []


def test_each_property_of_the_plans_is_in_a_request_or_its_row_says_that_it_is_not() -> None:
    account = Account(world=World())
    for stack in STACKS:
        for resource in plan(stack):
            check(resource, account)
    for token, checked in account.coverage.by_urn.values():
        row = operations.ROWS[token]
        assert isinstance(row, Request) or not checked.unmapped
        known = [name for name, target in row.names.items() if target is None] if isinstance(row, Request) else []
        # The provider's own: in which region it calls.
        assert set(checked.unmapped) <= {*known, "region"}, token


def test_every_type_has_a_row_and_no_row_is_left_over() -> None:
    assert set(operations.ROWS) == set(KINDS)

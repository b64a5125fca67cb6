"""Every setting, broken in every way of the committed table, is told of at its path, and nothing else is."""

from collections.abc import Iterator, Mapping
from typing import cast

import pytest

from settings.base import Block, Place
from settings.network import ENDPOINT_SERVICES
from settings.parse import path
from settings.shape import block_in, kind_of, names
from settings.stack import Settings
from settings.values import Items
from tests.settings.as_pulumi import Json
from tests.settings.breakages import BREAKAGES
from tests.settings.breakages_data import BASES
from tests.settings.breakages_provider import SIGNING_IN
from tests.settings.breaking import Broken
from tests.settings.support import ABSENT, as_data, changed, parsed, refusal, told, whole_text

CASES = [
    pytest.param(at, broken, id=f"{at}-{broken.how}-{number}")
    for at, ways in BREAKAGES.items()
    for number, broken in enumerate(ways)
]


def _fields(model: type[Block], above: Place = ()) -> Iterator[str]:
    """Give the path of every field of every model; the AWS provider's block itself is no setting."""
    for name, info in names(model).items():
        block = block_in(info.annotation)
        place = (*above, name)
        if place != ("aws",) and (above or block):
            yield path(place)
        if block:
            # Of a list's blocks the first one stands for all.
            yield from _fields(block, (*place, 0) if isinstance(kind_of(info), Items) else place)


def test_every_field_of_every_model_has_its_rows() -> None:
    """A new setting must come with at least a wrong type, a value that isn't allowed and a misspelt name."""
    fields = set(_fields(Settings))
    assert len(fields) > 15, "the models are walked"
    assert set(BREAKAGES) == fields
    for at, ways in BREAKAGES.items():
        assert {broken.how for broken in ways} == {"type", "value", "neighbour"}, f"{at} isn't broken in all three ways"


def _optional(model: type[Block], above: Place = ()) -> Iterator[str]:
    for name, info in names(model).items():
        block = block_in(info.annotation)
        if not info.is_required():
            yield path((*above, name))
        if block:
            yield from _optional(block, (*above, name, 0) if isinstance(kind_of(info), Items) else (*above, name))


OPTIONAL = frozenset(_optional(Settings))


def _base(at: str) -> tuple[str, dict[str, Json]]:
    """Give the stack whose file has a setting, and its settings with what has to stand there first."""
    for prefix, (stack, added) in BASES.items():
        if at == prefix or at.startswith((f"{prefix}.", f"{prefix}[")):
            data = as_data(stack)
            for key, value in added.items():
                block, _, name = key.partition(".")
                data[block] = {**cast("dict[str, Json]", data[block]), name: value} if name else value
            return stack, data
    return "production", as_data("production")


@pytest.mark.parametrize(("at", "broken"), CASES)
def test_a_broken_setting_is_told_of_at_its_path(at: str, broken: Broken) -> None:
    stack, data = _base(at)
    if broken.how == "neighbour":
        # What may be left out isn't missed, so it stays.
        above, dot, _ = at.rpartition(".")
        changes = {f"{above}{dot}{broken.value}": "anything"} | ({} if at in OPTIONAL else {at: ABSENT})
    else:
        changes = {at: broken.value, **broken.beside}
    problems = told(refusal(changed(data, changes), stack=stack))
    assert sorted(problems) == sorted(broken.told)
    assert any(broken.says in whole_text(problem) for problem in problems.values())
    assert all(problem.file == f"Pulumi.{stack}.yaml" for problem in problems.values())


def test_a_misspelt_name_beside_the_right_one_is_refused_as_well() -> None:
    """Nothing hangs on the right name's absence."""
    for at, ways in BREAKAGES.items():
        for broken in ways:
            if broken.how == "neighbour" and at not in OPTIONAL:
                above, dot, _ = at.rpartition(".")
                stack, data = _base(at)
                error = refusal(changed(data, {f"{above}{dot}{broken.value}": "anything"}), stack=stack)
                assert list(told(error)) == list(broken.told)


def test_unchanged_settings_are_accepted() -> None:
    """The broken ones are refused for what was broken."""
    assert parsed(changed(as_data("production"), {})).stack == "production"


ACCEPTED: Mapping[str, Mapping[str, Json]] = {
    "the lowest ceiling that RDS takes, rounded up": {
        "taskflow:rds.storage": 201,
        "taskflow:rds.maxStorage": 222,
    },
    "the most storage under a gp3 volume's next step": {"taskflow:rds.storage": 362, "taskflow:rds.maxStorage": 399},
    "the smallest subnets of a load balancer": {"taskflow:network.publicSubnets": ["10.20.0.0/27", "10.20.0.32/27"]},
    "the smallest subnets of 22 tasks twice over and 15 endpoints": {
        "taskflow:network.privateSubnets": ["10.20.16.0/26", "10.20.32.0/26"],
        "taskflow:network.interfaceEndpoints": list(ENDPOINT_SERVICES[:15]),
        "taskflow:service.maxCount": 22,
    },
    "a certificate's longest name": {"taskflow:environment.domain": f"{'a' * 43}.taskflow.app"},
    "what is cached for a second": {"taskflow:cloudfront.caching": {"minTTL": 0, "defaultTTL": 0, "maxTTL": 1}},
    "no caching without compression": {
        "taskflow:cloudfront.caching": {"minTTL": 0, "defaultTTL": 0, "maxTTL": 0},
        "taskflow:cloudfront.compression": False,
    },
    "the provider's settings of a CI account": {
        **SIGNING_IN,
        "aws:stsRegion": "us-east-1",
        "aws:maxRetries": 100,
        "aws:retryMode": "adaptive",
        "aws:tokenBucketRateLimiterCapacity": 500,
        "aws:useFipsEndpoint": True,
        "aws:useDualstackEndpoint": False,
        "aws:skipMetadataApiCheck": False,
        "aws:tagPolicyCompliance": "warning",
    },
}


@pytest.mark.parametrize("changes", ACCEPTED.values(), ids=ACCEPTED)
def test_what_is_just_allowed_is_accepted(changes: Mapping[str, Json]) -> None:
    assert parsed(changed(as_data("production"), changes)).stack == "production"


def test_one_task_more_needs_a_larger_subnet() -> None:
    """23 tasks twice over and 15 endpoints are 61; a /26 leaves 59 addresses."""
    smallest = {**ACCEPTED["the smallest subnets of 22 tasks twice over and 15 endpoints"]}
    smallest["taskflow:service.maxCount"] = 23
    problems = told(refusal(changed(as_data("production"), smallest)))
    assert list(problems) == [f"taskflow:network.privateSubnets[{index}]" for index in (0, 1)]
    assert all(problem.allowed.startswith("/25 or larger") for problem in problems.values())

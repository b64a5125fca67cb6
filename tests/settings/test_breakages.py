"""Every setting, broken in every way of the tables, is reported at its path, and no other is."""

from collections.abc import Mapping
from typing import cast

import pytest

from settings.network import ENDPOINT_SERVICES
from settings.yaml_values import Json
from tests.settings.breakages import BREAKAGES, fields
from tests.settings.breakages_data import BASES
from tests.settings.breakages_provider import LEFT_OUT, SIGNING_IN
from tests.settings.breaking import Breakage
from tests.settings.support import ABSENT, as_data, changed, full_text, parsed, problems_by_path, settings_error

CASES = [
    pytest.param(at, broken, id=f"{at}-{broken.kind}-{number}")
    for at, ways in BREAKAGES.items()
    for number, broken in enumerate(ways)
]


@pytest.mark.places
def test_every_field_of_every_model_is_broken_in_all_three_ways() -> None:
    """A new setting has a misspelled name, other types and values beyond its bounds; a pattern's texts are written."""
    paths = {path for path, _ in fields()}
    assert len(paths) > 15, "the models are walked"
    kinds = {at: {broken.kind for broken in ways} for at, ways in BREAKAGES.items()}
    lacking = {at for at in paths if kinds[at] != {"type", "value", "name"}}
    assert not lacking, "tests/settings/breakages_*.py: no value that isn't allowed for them"
    assert not kinds.keys() - paths, "tests/settings/breakages_*.py: no such settings"


OPTIONAL = frozenset(path for path, info in fields() if not info.is_required())


def _base(at: str) -> tuple[str, dict[str, Json]]:
    """Return the stack whose file has a setting, and its data with the settings that it requires."""
    for prefix, (stack, added) in BASES.items():
        if at == prefix or at.startswith((f"{prefix}.", f"{prefix}[")):
            data = as_data(stack)
            for key, value in added.items():
                block, _, name = key.partition(".")
                data[block] = {**cast("dict[str, Json]", data[block]), name: value} if name else value
            return stack, data
    return "production", as_data("production")


@pytest.mark.parametrize(("at", "broken"), CASES)
def test_a_broken_setting_is_reported_at_its_path(at: str, broken: Breakage) -> None:
    stack, data = _base(at)
    if broken.kind == "name":
        # An optional setting stays: its absence isn't a problem.
        above, dot, _ = at.rpartition(".")
        changes = {f"{above}{dot}{broken.value}": "anything"} | ({} if at in OPTIONAL else {at: ABSENT})
    else:
        changes = {at: broken.value, **broken.also}
    problems = problems_by_path(settings_error(changed(data, changes), stack=stack))
    assert sorted(problems) == sorted(broken.paths)
    assert any(broken.message in full_text(problem) for problem in problems.values())
    assert all(problem.file == f"Pulumi.{stack}.yaml" for problem in problems.values())


@pytest.mark.parametrize(("at", "message"), LEFT_OUT.items(), ids=LEFT_OUT)
def test_a_setting_that_is_left_out_names_what_replaces_it(at: str, message: str) -> None:
    stack, data = _base(at)
    problems = problems_by_path(settings_error(changed(data, {at: "anything"}), stack=stack))
    assert list(problems) == [at]
    assert message in full_text(problems[at])


def test_a_misspelled_name_beside_the_right_one_is_reported_too() -> None:
    for at, ways in BREAKAGES.items():
        for broken in ways:
            if broken.kind == "name" and at not in OPTIONAL:
                above, dot, _ = at.rpartition(".")
                stack, data = _base(at)
                error = settings_error(changed(data, {f"{above}{dot}{broken.value}": "anything"}), stack=stack)
                assert list(problems_by_path(error)) == list(broken.paths)


def test_unchanged_settings_are_accepted() -> None:
    """So the broken settings are invalid for the breakage alone."""
    assert parsed(changed(as_data("production"), {})).stack == "production"


# With the prefix standby. as long as ACM allows.
LONGEST = f"{'a' * 52}.app"
ACCEPTED: Mapping[str, Mapping[str, Json]] = {
    "the lowest ceiling that RDS accepts, rounded up": {
        "taskflow:rds.storage": 201,
        "taskflow:rds.maxStorage": 222,
    },
    "the most storage under the striping threshold of gp3": {
        "taskflow:rds.storage": 362,
        "taskflow:rds.maxStorage": 399,
    },
    "the smallest subnets of a load balancer": {"taskflow:network.publicSubnets": ["10.20.0.0/27", "10.20.0.32/27"]},
    "the smallest subnets of 22 tasks twice over and 15 endpoints": {
        "taskflow:network.privateSubnets": ["10.20.16.0/26", "10.20.32.0/26"],
        "taskflow:network.interfaceEndpoints": list(ENDPOINT_SERVICES[:15]),
        "taskflow:service.maxCount": 22,
    },
    "a certificate's longest name": {
        "taskflow:environment.domain": LONGEST,
        "taskflow:environment.hostedZoneName": LONGEST,
    },
    "caching for a second": {"taskflow:cloudfront.caching": {"minTTL": 0, "defaultTTL": 0, "maxTTL": 1}},
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
def test_the_bounds_are_allowed(changes: Mapping[str, Json]) -> None:
    assert parsed(changed(as_data("production"), changes)).stack == "production"


def test_one_task_more_needs_a_larger_subnet() -> None:
    """23 tasks twice over and 15 endpoints are 61; a /26 leaves 59 addresses."""
    smallest = {**ACCEPTED["the smallest subnets of 22 tasks twice over and 15 endpoints"]}
    smallest["taskflow:service.maxCount"] = 23
    problems = problems_by_path(settings_error(changed(as_data("production"), smallest)))
    assert list(problems) == [f"taskflow:network.privateSubnets[{index}]" for index in (0, 1)]
    assert all(problem.allowed.startswith("/25 or larger") for problem in problems.values())

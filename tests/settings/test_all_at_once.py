"""All problems are reported at once: fields, cross checks, keys and secrets, in one order."""

import pytest

from settings.secrets import SECRETS
from tests.settings.breakages import BREAKAGES
from tests.settings.breakages_data import with_everything
from tests.settings.support import ABSENT, ROOT, Change, as_data, changed, full_text, problems_by_path, settings_error


def test_cross_checks_run_beside_invalid_fields() -> None:
    """An invalid list item hides neither its neighbors' conflicts nor a wrong length of the lists."""
    values = changed(
        as_data("production"),
        {
            "taskflow:network.publicSubnets[0]": "10.20.0.7/24",
            "taskflow:network.publicSubnets[1]": "10.99.0.0/24",
            "taskflow:network.privateSubnets": ["10.20.16.0/20", 10.2, "10.20.2.0/23"],
            "taskflow:network.ports": "3001",
            "taskflow:network.availabilityZones[1]": "us-west-2b",
            "taskflow:environment.domain": "https://taskflow.app",
        },
    )
    problems = problems_by_path(settings_error(values))
    assert list(problems) == [
        "taskflow:environment.domain",
        "taskflow:network.availabilityZones[1]",
        "taskflow:network.dataSubnets[0]",
        "taskflow:network.dataSubnets[1]",
        "taskflow:network.ports",
        "taskflow:network.privateSubnets",
        "taskflow:network.privateSubnets[1]",
        "taskflow:network.publicSubnets[0]",
        "taskflow:network.publicSubnets[1]",
    ]
    assert "privateSubnets[2]" in problems["taskflow:network.dataSubnets[0]"].allowed


def test_a_check_without_a_valid_field_is_skipped() -> None:
    """Without the VPC's range no subnet can be inside or outside it."""
    values = changed(as_data("production"), {"taskflow:network.cidrBlock": "10.20.0.0", "aws:region": "nowhere"})
    assert list(problems_by_path(settings_error(values))) == ["aws:region", "taskflow:network.cidrBlock"]


def test_a_wrong_length_and_invalid_items_are_both_reported() -> None:
    values = changed(as_data("production"), {"taskflow:network.availabilityZones": ["x", "us-east-1b", 3]})
    assert list(problems_by_path(settings_error(values))) == [
        "taskflow:network.availabilityZones",
        "taskflow:network.availabilityZones[0]",
        "taskflow:network.availabilityZones[2]",
    ]


def test_an_invalid_tag_is_reported_once() -> None:
    """Not also as missing."""
    values = changed(as_data("production"), {"aws:defaultTags.tags.Owner": 5})
    assert list(problems_by_path(settings_error(values))) == ["aws:defaultTags.tags.Owner"]


def test_list_items_are_reported_in_their_order() -> None:
    changes: dict[str, Change] = {"taskflow:network.interfaceEndpoints": ["x" for _ in range(11)]}
    values = changed(as_data("production"), changes)
    paths = [problem.path for problem in settings_error(values).problems]
    assert paths == [f"taskflow:network.interfaceEndpoints[{index}]" for index in range(11)]


def test_all_settings_broken_at_once_are_reported_at_once() -> None:
    """One row of the table for each value; blocks stay, so that all values are reached."""
    changes: dict[str, Change] = {}
    expected: set[str] = set()
    blocks = {at for at in BREAKAGES if any(other.startswith((f"{at}.", f"{at}[")) for other in BREAKAGES)}
    for at, ways in BREAKAGES.items():
        if at not in blocks:
            broken = next(way for way in ways if way.kind == "type")
            changes[at] = broken.value
            expected |= set(broken.paths)
    problems = problems_by_path(settings_error(changed(with_everything(), changes)))
    assert len(expected) > 60
    assert set(problems) == expected


def test_a_file_with_one_setting_lacks_every_other_key() -> None:
    problems = problems_by_path(settings_error({"aws:region": "us-east-1"}))
    assert list(problems) == [
        "aws:allowedAccountIds", "aws:defaultTags", "taskflow:environment", "taskflow:network",
        "taskflow:rds", "taskflow:elasticache", "taskflow:backup", "taskflow:storage", "taskflow:waf",
        "taskflow:loadBalancer", "taskflow:cloudfront", "taskflow:roles", "taskflow:access", "taskflow:delivery",
        "taskflow:service",
        "taskflow:task", "taskflow:scaling", "taskflow:releases", "taskflow:tools", "taskflow:incidents",
        "taskflow:alerts", "taskflow:dashboard", "taskflow:audit", "taskflow:logs", "taskflow:baseline",
    ]  # fmt: skip
    assert all("NOT_SET" in full_text(problem) for problem in problems.values())


@pytest.mark.parametrize("values", [{}, {"pulumi:tags": "{}"}, {"taskflow:originSecret": "x"}], ids=str)
def test_a_file_without_settings_is_one_problem(values: dict[str, str]) -> None:
    """Missing blocks and secrets aren't listed."""
    error = settings_error(values, set(values) - {"pulumi:tags"}, declared=SECRETS)
    assert error.problems == ()
    assert str(error) == (
        "Pulumi.production.yaml: no settings found.\n"
        "Settings are keys such as `taskflow:network:` under `config:`. "
        "The file is empty or has only secrets, or `config:` is\nmissing, misspelled or indented."
    )


def test_an_unknown_stack_is_the_only_problem() -> None:
    """Other problems of its file don't matter before the program supports the stack."""
    data = as_data("production")
    for values in (changed(data, {}), changed(data, {"aws:region": "x", "taskflow:rds": 1}), {}):
        error = settings_error(values, stack="staging")
        assert error.problems == ()
        assert str(error) == (
            "Pulumi.staging.yaml: unknown stack 'staging': the stacks are production and dr.\n"
            "A stack takes more than a stack file: see CONTRIBUTING.md, Add a stack."
        )
    assert "\n## Add a stack\n" in (ROOT / "CONTRIBUTING.md").read_text()


def test_a_misspelled_key_isnt_reported_as_missing_too() -> None:
    data = as_data("production")
    values = changed(data, {"taskflow:netwrk": data["taskflow:network"], "taskflow:network": ABSENT, "aws:region": "x"})
    assert list(problems_by_path(settings_error(values))) == ["aws:region", "taskflow:netwrk"]

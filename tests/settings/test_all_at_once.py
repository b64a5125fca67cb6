"""Everything that is wrong is told at once: fields, neighbours, keys and secrets, in one order."""

import pytest

from settings.secrets import SECRETS
from tests.settings.breakages import BREAKAGES
from tests.settings.breakages_data import with_everything
from tests.settings.support import ABSENT, ROOT, Change, as_data, changed, refusal, told, whole_text


def test_checks_between_fields_run_beside_refused_fields() -> None:
    """A refused list item hides neither what is wrong with its neighbours nor the lists' lengths."""
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
    problems = told(refusal(values))
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


def test_a_check_whose_field_is_refused_is_left_out() -> None:
    """Without a VPC's range nobody can say what is inside it."""
    values = changed(as_data("production"), {"taskflow:network.cidrBlock": "10.20.0.0", "aws:region": "nowhere"})
    assert list(told(refusal(values))) == ["aws:region", "taskflow:network.cidrBlock"]


def test_a_wrong_count_and_wrong_items_are_both_told() -> None:
    values = changed(as_data("production"), {"taskflow:network.availabilityZones": ["x", "us-east-1b", 3]})
    assert list(told(refusal(values))) == [
        "taskflow:network.availabilityZones",
        "taskflow:network.availabilityZones[0]",
        "taskflow:network.availabilityZones[2]",
    ]


def test_a_refused_tag_is_told_of_once() -> None:
    """It isn't also said to lack."""
    values = changed(as_data("production"), {"aws:defaultTags.tags.Owner": 5})
    assert list(told(refusal(values))) == ["aws:defaultTags.tags.Owner"]


def test_list_items_are_told_in_their_order() -> None:
    changes: dict[str, Change] = {"taskflow:network.interfaceEndpoints": ["x" for _ in range(11)]}
    values = changed(as_data("production"), changes)
    paths = [problem.path for problem in refusal(values).problems]
    assert paths == [f"taskflow:network.interfaceEndpoints[{index}]" for index in range(11)]


def test_every_setting_broken_at_once_is_told_of_at_once() -> None:
    """One row of the table for each single value; blocks are left standing, so that all of them are reached."""
    changes: dict[str, Change] = {}
    expected: set[str] = set()
    blocks = {at for at in BREAKAGES if any(other.startswith((f"{at}.", f"{at}[")) for other in BREAKAGES)}
    for at, ways in BREAKAGES.items():
        if at not in blocks:
            broken = next(way for way in ways if way.how == "type")
            changes[at] = broken.value
            expected |= set(broken.told)
    problems = told(refusal(changed(with_everything(), changes)))
    assert len(expected) > 60
    assert set(problems) == expected


def test_one_setting_alone_names_every_other_key() -> None:
    """The file says what it still needs, key by key."""
    problems = told(refusal({"aws:region": "us-east-1"}))
    assert list(problems) == [
        "aws:allowedAccountIds", "aws:defaultTags", "taskflow:environment", "taskflow:network",
        "taskflow:rds", "taskflow:elasticache", "taskflow:backup", "taskflow:storage", "taskflow:waf",
        "taskflow:loadBalancer", "taskflow:cloudfront", "taskflow:roles", "taskflow:service", "taskflow:task",
        "taskflow:scaling", "taskflow:alerts", "taskflow:dashboard", "taskflow:audit", "taskflow:logs",
        "taskflow:baseline",
    ]  # fmt: skip
    assert all("NOT_SET" in whole_text(problem) for problem in problems.values())


@pytest.mark.parametrize("values", [{}, {"pulumi:tags": "{}"}, {"taskflow:originSecret": "x"}], ids=str)
def test_a_file_without_settings_is_refused_as_a_whole(values: dict[str, str]) -> None:
    """Neither every block nor the secrets are listed as missing."""
    error = refusal(values, set(values) - {"pulumi:tags"}, declared=SECRETS)
    assert error.problems == ()
    assert str(error) == (
        "Pulumi.production.yaml: Pulumi found no block of settings in this file.\n"
        "They stand under `config:`, each a key such as `taskflow:network:`. "
        "The file is empty or has secrets alone, or `config:`\nis missing, misspelt or indented."
    )


def test_a_stack_that_the_program_does_not_have_is_the_only_message() -> None:
    """Whatever else is wrong with the file: what a third stack takes decides first."""
    data = as_data("production")
    for values in (changed(data, {}), changed(data, {"aws:region": "x", "taskflow:rds": 1}), {}):
        error = refusal(values, stack="staging")
        assert error.problems == ()
        assert str(error) == (
            "Pulumi.staging.yaml: this program has the stacks production and dr, and no stack 'staging'.\n"
            "A stack takes more than a stack file: see CONTRIBUTING.md, Adding a stack."
        )
    assert "\n## Adding a stack\n" in (ROOT / "CONTRIBUTING.md").read_text()


def test_a_misspelt_key_isnt_told_of_as_lacking_too() -> None:
    data = as_data("production")
    values = changed(data, {"taskflow:netwrk": data["taskflow:network"], "taskflow:network": ABSENT, "aws:region": "x"})
    assert list(told(refusal(values))) == ["aws:region", "taskflow:netwrk"]

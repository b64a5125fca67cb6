"""Stack files with common mistakes: each is reported at its path, with a useful message."""

from dataclasses import dataclass

import pytest

from settings.secrets import SECRETS
from settings.yaml_values import as_pulumi
from tests.settings.support import error_of_text, full_text, problems_by_path, settings_error, stack_file


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """An edit of production's file, and the problems: path by path, with a part of each message."""

    name: str
    old: str
    new: str
    problems: dict[str, str]


MISTAKES = (
    Mistake(
        name="the account without its quotes",
        old='"987654321098"',
        new="987654321098",
        problems={"aws:allowedAccountIds[0]": "987654321098 an AWS account id: twelve digits, in quotes"},
    ),
    Mistake(
        name="an account with a leading zero, without quotes: octal",
        old='"987654321098"',
        new="012345670123",
        problems={"aws:allowedAccountIds[0]": "1402433619"},
    ),
    Mistake(
        name="a tag that looks like a number loses its zero",
        old="CostCenter: taskflow",
        new="CostCenter: 4711.10",
        problems={"aws:defaultTags.tags.CostCenter": "15.10 to 15.1"},
    ),
    Mistake(
        name="a tag that looks like a date is rewritten",
        old="CostCenter: taskflow",
        new="CostCenter: 2026-11-24",
        problems={"aws:defaultTags.tags.CostCenter": "YAML read a date here"},
    ),
    Mistake(
        name="a tag that looks like a boolean",
        old="CostCenter: taskflow",
        new="CostCenter: true",
        problems={"aws:defaultTags.tags.CostCenter": "quote it"},
    ),
    Mistake(
        name="a tag with AWS's prefix",
        old="CostCenter: taskflow",
        new="CostCenter: taskflow\n      AWS:team: x",
        problems={'aws:defaultTags.tags["AWS:team"]': "reserved for AWS"},
    ),
    Mistake(
        name="a tag with a character that AWS rejects",
        old="CostCenter: taskflow",
        new='CostCenter: "R&D"',
        problems={"aws:defaultTags.tags.CostCenter": "'&' is not allowed in a tag"},
    ),
    Mistake(
        name="a tag that is too long",
        old="CostCenter: taskflow",
        new=f"CostCenter: {'x' * 257}",
        problems={"aws:defaultTags.tags.CostCenter": "it has 257 characters"},
    ),
    Mistake(
        name="a misspelled required tag",
        old="Owner: devops",
        new="Ownr: devops",
        problems={"aws:defaultTags.tags.Owner": "is Ownr a misspelling of it?"},
    ),
    Mistake(
        name="an empty required tag",
        old="Owner: devops",
        new='Owner: " "',
        problems={"aws:defaultTags.tags.Owner": "the responsible team"},
    ),
    Mistake(
        name="another stack's tag, as copied from its file",
        old="Environment: production",
        new="Environment: dr",
        problems={"aws:defaultTags.tags.Environment": '"production", the stack\'s name'},
    ),
    Mistake(
        name="another application's tag",
        old="Application: taskflow",
        new="Application: ledger",
        problems={"aws:defaultTags.tags.Application": '"taskflow", the project\'s name'},
    ),
    Mistake(
        name="the region changed without the zones",
        old="aws:region: us-east-1",
        new="aws:region: eu-west-1",
        problems={
            "taskflow:network.availabilityZones[0]": 'a zone of aws:region ("eu-west-1")',
            "taskflow:network.availabilityZones[1]": 'a zone of aws:region ("eu-west-1")',
            "taskflow:cloudfront": 'nothing with aws:region ("eu-west-1")',
        },
    ),
    Mistake(
        name="a new range of the VPC without its subnets",
        old="cidrBlock: 10.20.0.0/16",
        new="cidrBlock: 10.40.0.0/16",
        problems={
            f"taskflow:network.{tier}[{index}]": 'inside taskflow:network.cidrBlock ("10.40.0.0/16")'
            for tier in ("publicSubnets", "privateSubnets", "dataSubnets")
            for index in (0, 1)
        },
    ),
    Mistake(
        name="a VPC that is smaller than its subnets",
        old="cidrBlock: 10.20.0.0/16",
        new="cidrBlock: 10.20.0.0/28",
        problems={
            f"taskflow:network.{tier}[{index}]": 'inside taskflow:network.cidrBlock ("10.20.0.0/28")'
            for tier in ("publicSubnets", "privateSubnets", "dataSubnets")
            for index in (0, 1)
        },
    ),
    Mistake(
        name="the VPC's range in the peer's",
        old="- 10.30.0.0/16",
        new="- 10.20.0.0/16",
        problems={"taskflow:network.peerCidrs[0]": 'overlap taskflow:network.cidrBlock ("10.20.0.0/16")'},
    ),
    Mistake(
        name="wrong indentation: a block's field at the top",
        old="  taskflow:environment:",
        new="  taskflow:cidrBlock: 10.20.0.0/16\n  taskflow:environment:",
        problems={"taskflow:cidrBlock": "UNKNOWN"},
    ),
    Mistake(
        name="another namespace",
        old="  taskflow:environment:",
        new="  taskfow:environment:",
        problems={"taskfow:environment": "did you mean taskflow:environment?"},
    ),
    Mistake(
        name="the AWS provider's setting under the project's name",
        old="aws:region: us-east-1",
        new="taskflow:region: us-east-1",
        problems={"taskflow:region": "did you mean aws:region?"},
    ),
    Mistake(
        name="a provider setting that skips a check",
        old="aws:region: us-east-1",
        new="aws:region: us-east-1\n  aws:skipCredentialsValidation: true",
        problems={"aws:skipCredentialsValidation": "nothing: wrong credentials must stop the stack"},
    ),
    Mistake(
        name="a Pulumi setting that disables the default provider",
        old="aws:region: us-east-1",
        new="aws:region: us-east-1\n  pulumi:disable-default-providers: [aws]",
        problems={"pulumi:disable-default-providers": "nothing: all resources use the default aws provider"},
    ),
    Mistake(
        name="an empty block",
        old="    domain: taskflow.app\n    # An example: `aws route53 list-hosted-zones-by-name` prints the real id.\n"
        "    hostedZone: Z0000000TASKFLOWAPP\n    hostedZoneName: taskflow.app",
        new="",
        problems={"taskflow:environment": "a block of domain"},
    ),
    Mistake(
        name="an empty key",
        old="aws:region: us-east-1",
        new="aws:region:",
        problems={"aws:region": "an AWS region"},
    ),
    Mistake(
        name="an empty list",
        old="      - 10.20.0.0/24\n      - 10.20.1.0/24\n",
        new="",
        problems={"taskflow:network.publicSubnets": "a list of address ranges"},
    ),
    Mistake(
        name="a secret in a block",
        old="    domain: taskflow.app",
        new="    domain: taskflow.app\n    token:\n      secure: v1:abcdef",
        problems={"taskflow:environment": "Secrets are flat keys"},
    ),
    Mistake(
        name="a figure with a unit",
        old="retentionInDays: 90",
        new="retentionInDays: 90 days",
        problems={"taskflow:network.flowLogs.retentionInDays": "at least 90 days"},
    ),
)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake_is_reported_at_its_path(mistake: Mistake) -> None:
    text = stack_file("production")
    assert text.count(mistake.old) >= 1, "the file has the text that the mistake replaces"
    problems = problems_by_path(error_of_text(text.replace(mistake.old, mistake.new, 1)))
    assert sorted(problems) == sorted(mistake.problems)
    for path, fragment in mistake.problems.items():
        assert fragment in full_text(problems[path])


@pytest.mark.parametrize("old", ["taskflow:network:", "taskflow:networ:"], ids=["beside the block", "in its place"])
def test_a_path_that_became_a_key_is_reported_with_the_missing_option(old: str) -> None:
    """`pulumi config set` without --path creates it. The block isn't reported as missing too."""
    key = "taskflow:network.publicSubnets[0]"
    text = stack_file("production").replace("  taskflow:network:", f"  {key}: 10.20.0.0/24\n  {old}", 1)
    problems = problems_by_path(error_of_text(text))
    problems.pop("taskflow:networ", None)
    assert list(problems) == [key]
    assert problems[key].hint.splitlines()[1:] == [
        f"pulumi config rm '{key}' --stack production",
        f"pulumi config set --path '{key}' VALUE --stack production",
    ]


@pytest.mark.parametrize("key", ["taskflow:network.a'; rm -rf /; '", "taskflow:network.\x1b[2J"], ids=ascii)
def test_a_key_that_is_unsafe_in_a_shell_is_in_no_command(key: str) -> None:
    error = settings_error({**as_pulumi(stack_file("production"))[0], key: "x"})
    assert [problem.path for problem in error.problems] == [key]
    assert "pulumi config" not in str(error)
    assert "\x1b" not in str(error)


def test_a_path_into_a_secret_is_not_suggested() -> None:
    text = stack_file("production").replace(
        "  taskflow:network:", "  taskflow:originSecret.x: y\n  taskflow:network:", 1
    )
    values, secret_keys = as_pulumi(text)
    problems = problems_by_path(settings_error(values, secret_keys, declared=SECRETS))
    assert "--path" not in problems["taskflow:originSecret.x"].hint


def test_pulumis_own_keys_are_not_checked() -> None:
    text = stack_file("production").replace("aws:region: us-east-1", "aws:region: us-east-1\n  pulumi:tags: {a: 1}", 1)
    problems = problems_by_path(error_of_text(text.replace("domain: taskflow.app", "domain: x")))
    assert list(problems) == ["taskflow:environment.domain"]


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("taskflow:networks", "did you mean taskflow:network?"),
        ("taskfow:networks", "did you mean taskflow:network?"),
        ("TASKFLOW:NETWORK", "did you mean taskflow:network?"),
        ("aws:AllowedAccountID", "did you mean aws:allowedAccountIds?"),
        ("pulumi:tag", "did you mean pulumi:tags?"),
        ("taskflow:pagerSecret", ""),
        ("gcp:zone", ""),
    ],
)
def test_an_unknown_key_has_the_nearest_key_as_hint(key: str, hint: str) -> None:
    """A common namespace alone doesn't make keys near."""
    text = stack_file("production").replace("  taskflow:environment:", f"  {key}: x\n  taskflow:environment:")
    assert problems_by_path(error_of_text(text))[key].hint == hint


def test_another_stacks_file_is_invalid() -> None:
    """Production's settings in dr: no source, no secrets, another tag."""
    problems = problems_by_path(error_of_text(stack_file("production"), stack="dr"))
    assert set(problems) == {
        "aws:defaultTags.tags.Environment", "taskflow:rds.source", "taskflow:rds.secrets",
        "taskflow:storage.bucket.copyOf", "taskflow:loadBalancer.originTakesTraffic", "taskflow:cloudfront",
        "taskflow:audit.trail", "taskflow:baseline.account", "taskflow:access", "taskflow:delivery",
    }  # fmt: skip

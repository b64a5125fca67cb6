"""Stack files with the mistakes that people make: each is told of where it stands, in words that help."""

from dataclasses import dataclass

import pytest

from settings.secrets import SECRETS
from tests.settings.as_pulumi import as_pulumi
from tests.settings.support import refusal, refused_text, stack_file, told, whole_text


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """An edit of production's file, and what must be told: path by path, with a fragment of what is said."""

    name: str
    old: str
    new: str
    told: dict[str, str]


MISTAKES = (
    Mistake(
        name="the account without its quotes",
        old='"987654321098"',
        new="987654321098",
        told={"aws:allowedAccountIds[0]": "987654321098 an AWS account id: twelve digits, in quotes"},
    ),
    Mistake(
        name="an account with a leading zero, without quotes: octal",
        old='"987654321098"',
        new="012345670123",
        told={"aws:allowedAccountIds[0]": "1402433619"},
    ),
    Mistake(
        name="a tag that looks like a number loses its zero",
        old="CostCenter: taskflow",
        new="CostCenter: 4711.10",
        told={"aws:defaultTags.tags.CostCenter": "15.10 becomes 15.1"},
    ),
    Mistake(
        name="a tag that looks like a date is written anew",
        old="CostCenter: taskflow",
        new="CostCenter: 2026-11-24",
        told={"aws:defaultTags.tags.CostCenter": "YAML read a date here"},
    ),
    Mistake(
        name="a tag that looks like a boolean",
        old="CostCenter: taskflow",
        new="CostCenter: true",
        told={"aws:defaultTags.tags.CostCenter": "quote it"},
    ),
    Mistake(
        name="a tag of AWS's own",
        old="CostCenter: taskflow",
        new="CostCenter: taskflow\n      AWS:team: x",
        told={'aws:defaultTags.tags["AWS:team"]': "AWS's own"},
    ),
    Mistake(
        name="a tag with a sign that AWS refuses",
        old="CostCenter: taskflow",
        new='CostCenter: "R&D"',
        told={"aws:defaultTags.tags.CostCenter": "'&' can't stand in a tag"},
    ),
    Mistake(
        name="a tag that is too long",
        old="CostCenter: taskflow",
        new=f"CostCenter: {'x' * 257}",
        told={"aws:defaultTags.tags.CostCenter": "it has 257 characters"},
    ),
    Mistake(
        name="a required tag misspelt",
        old="Owner: devops",
        new="Ownr: devops",
        told={"aws:defaultTags.tags.Owner": "Ownr stands there"},
    ),
    Mistake(
        name="a required tag empty",
        old="Owner: devops",
        new='Owner: " "',
        told={"aws:defaultTags.tags.Owner": "who answers for it"},
    ),
    Mistake(
        name="another stack's tag, as copied from its file",
        old="Environment: production",
        new="Environment: dr",
        told={"aws:defaultTags.tags.Environment": '"production", the stack\'s name'},
    ),
    Mistake(
        name="another application's tag",
        old="Application: taskflow",
        new="Application: ledger",
        told={"aws:defaultTags.tags.Application": '"taskflow", the project\'s name'},
    ),
    Mistake(
        name="the region changed without the zones",
        old="aws:region: us-east-1",
        new="aws:region: eu-west-1",
        told={
            "taskflow:network.availabilityZones[0]": 'a zone of aws:region ("eu-west-1")',
            "taskflow:network.availabilityZones[1]": 'a zone of aws:region ("eu-west-1")',
            "taskflow:cloudfront": 'nothing with aws:region ("eu-west-1")',
        },
    ),
    Mistake(
        name="the whole address plan left behind when the VPC moves",
        old="cidrBlock: 10.20.0.0/16",
        new="cidrBlock: 10.40.0.0/16",
        told={
            f"taskflow:network.{tier}[{index}]": 'inside taskflow:network.cidrBlock ("10.40.0.0/16")'
            for tier in ("publicSubnets", "privateSubnets", "dataSubnets")
            for index in (0, 1)
        },
    ),
    Mistake(
        name="a VPC that is smaller than its subnets",
        old="cidrBlock: 10.20.0.0/16",
        new="cidrBlock: 10.20.0.0/28",
        told={
            f"taskflow:network.{tier}[{index}]": 'inside taskflow:network.cidrBlock ("10.20.0.0/28")'
            for tier in ("publicSubnets", "privateSubnets", "dataSubnets")
            for index in (0, 1)
        },
    ),
    Mistake(
        name="the VPC's range in the peer's",
        old="- 10.30.0.0/16",
        new="- 10.20.0.0/16",
        told={"taskflow:network.peerCidrs[0]": 'apart from taskflow:network.cidrBlock ("10.20.0.0/16")'},
    ),
    Mistake(
        name="a tab of the wrong depth: a block's field at the top",
        old="  taskflow:environment:",
        new="  taskflow:cidrBlock: 10.20.0.0/16\n  taskflow:environment:",
        told={"taskflow:cidrBlock": "a name that no setting has"},
    ),
    Mistake(
        name="another namespace",
        old="  taskflow:environment:",
        new="  taskfow:environment:",
        told={"taskfow:environment": "did you mean taskflow:environment?"},
    ),
    Mistake(
        name="the AWS provider's setting under the project's name",
        old="aws:region: us-east-1",
        new="taskflow:region: us-east-1",
        told={"taskflow:region": "did you mean aws:region?"},
    ),
    Mistake(
        name="a provider's setting that would make it look elsewhere",
        old="aws:region: us-east-1",
        new="aws:region: us-east-1\n  aws:skipCredentialsValidation: true",
        told={"aws:skipCredentialsValidation": "nothing: wrong credentials are to stop the stack"},
    ),
    Mistake(
        name="a setting of Pulumi's that would take the default provider away",
        old="aws:region: us-east-1",
        new="aws:region: us-east-1\n  pulumi:disable-default-providers: [aws]",
        told={"pulumi:disable-default-providers": "nothing: all resources use the default provider"},
    ),
    Mistake(
        name="a block left empty",
        old="    domain: taskflow.app\n    # Not the real one, which nobody outside the account knows: "
        "`aws route53 list-hosted-zones-by-name` tells it.\n    hostedZone: Z0000000TASKFLOWAPP\n"
        "    hostedZoneName: taskflow.app",
        new="",
        told={"taskflow:environment": "a block of domain"},
    ),
    Mistake(
        name="a key left empty",
        old="aws:region: us-east-1",
        new="aws:region:",
        told={"aws:region": "an AWS region"},
    ),
    Mistake(
        name="a list left empty of its items",
        old="      - 10.20.0.0/24\n      - 10.20.1.0/24\n",
        new="",
        told={"taskflow:network.publicSubnets": "a list of address ranges"},
    ),
    Mistake(
        name="a secret in a block",
        old="    domain: taskflow.app",
        new="    domain: taskflow.app\n    token:\n      secure: v1:abcdef",
        told={"taskflow:environment": "Secrets are flat keys of their own"},
    ),
    Mistake(
        name="a figure with a unit",
        old="retentionInDays: 90",
        new="retentionInDays: 90 days",
        told={"taskflow:network.flowLogs.retentionInDays": "at least 90 days"},
    ),
)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake_is_told_of_where_it_stands(mistake: Mistake) -> None:
    text = stack_file("production")
    assert text.count(mistake.old) >= 1, "the mistake is made in what stands in the file"
    problems = told(refused_text(text.replace(mistake.old, mistake.new, 1)))
    assert sorted(problems) == sorted(mistake.told)
    for path, fragment in mistake.told.items():
        assert fragment in whole_text(problems[path])


@pytest.mark.parametrize("old", ["taskflow:network:", "taskflow:networ:"], ids=["beside the block", "in its place"])
def test_a_path_that_became_a_key_is_told_with_the_option_that_it_lacks(old: str) -> None:
    """`pulumi config set` makes it without --path. The block is not told of as missing too."""
    key = "taskflow:network.publicSubnets[0]"
    text = stack_file("production").replace("  taskflow:network:", f"  {key}: 10.20.0.0/24\n  {old}", 1)
    problems = told(refused_text(text))
    problems.pop("taskflow:networ", None)
    assert list(problems) == [key]
    assert problems[key].hint.splitlines()[1:] == [
        f"pulumi config rm '{key}' --stack production",
        f"pulumi config set --path '{key}' VALUE --stack production",
    ]


@pytest.mark.parametrize("key", ["taskflow:network.a'; rm -rf /; '", "taskflow:network.\x1b[2J"], ids=ascii)
def test_a_key_that_a_shell_or_a_terminal_would_act_upon_is_in_no_command(key: str) -> None:
    error = refusal({**as_pulumi(stack_file("production"))[0], key: "x"})
    assert [problem.path for problem in error.problems] == [key]
    assert "pulumi config" not in str(error)
    assert "\x1b" not in str(error)


def test_no_path_leads_into_a_secret() -> None:
    text = stack_file("production").replace(
        "  taskflow:network:", "  taskflow:originSecret.x: y\n  taskflow:network:", 1
    )
    values, secret_keys = as_pulumi(text)
    problems = told(refusal(values, secret_keys, declared=SECRETS))
    assert "--path" not in problems["taskflow:originSecret.x"].hint


def test_what_pulumi_itself_reads_passes_through() -> None:
    """A key of Pulumi's own isn't looked at."""
    text = stack_file("production").replace("aws:region: us-east-1", "aws:region: us-east-1\n  pulumi:tags: {a: 1}", 1)
    problems = told(refused_text(text.replace("domain: taskflow.app", "domain: x")))
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
def test_an_unknown_key_is_told_the_one_it_means_and_none_if_it_is_like_none(key: str, hint: str) -> None:
    """What keys have in common, their namespace, makes none of them near."""
    text = stack_file("production").replace("  taskflow:environment:", f"  {key}: x\n  taskflow:environment:")
    assert told(refused_text(text))[key].hint == hint


def test_another_stacks_file_is_refused_by_its_tag() -> None:
    """To run production's settings as dr is caught before anything is planned: no source, no secrets, another tag."""
    problems = told(refused_text(stack_file("production"), stack="dr"))
    assert set(problems) == {
        "aws:defaultTags.tags.Environment", "taskflow:rds.source", "taskflow:rds.secrets",
        "taskflow:storage.bucket.copyOf", "taskflow:loadBalancer.originTakesTraffic", "taskflow:cloudfront",
        "taskflow:audit.trail", "taskflow:baseline.account",
    }  # fmt: skip

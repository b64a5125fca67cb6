"""Differences between two plans, as they are committed."""

import subprocess
import sys
from pathlib import Path

import pytest

from reports.plans import LISTED, PLANS, as_markdown, differences, read_plan
from sandbox.__main__ import PROJECT
from settings.stacks import STACKS

PLAN = """\
pulumi:pulumi:Stack taskflow-dr
  taskflow:data:RedisCluster cache
    aws:elasticache/replicationGroup:ReplicationGroup cache
        nodeType: cache.r6g.large
        securityGroupIds:
        - (known after apply)
        policy: '{"Resource":
          "arn:aws:logs:us-west-2:987654321098:log-group:a", "arn:aws:s3:::b c"}'
  taskflow:data:BackupPlan backup
    aws:sns/topic:Topic alerts
    aws:sns/topic:Topic alerts
"""


@pytest.mark.parametrize("stack", STACKS)
def test_every_resource_of_a_plan_is_read_with_its_inputs(stack: str) -> None:
    """Against the text: a line of a policy may look like a resource."""
    text = (PLANS / f"{stack}.plan.txt").read_text()
    plan = read_plan(text)
    starts = ("aws:", "awsx:", "random:", "taskflow:", "pulumi:")
    assert len(plan) == sum(line.lstrip().startswith(starts) for line in text.splitlines())
    names = {name for inputs in plan.values() for name in inputs}
    assert {"policy", "nodeType", "tags"} <= names
    assert all(name.strip("'").isidentifier() for name in names)


def test_what_is_added_removed_and_changed_is_told_apart() -> None:
    after = PLAN.replace("cache.r6g.large", "cache.r6g.xlarge").replace("arn:aws:s3:::b", "arn:aws:s3:::d")
    after = after.replace("    aws:sns/topic:Topic alerts\n", "    aws:sqs/queue:Queue jobs\n", 1)
    found = list(differences("dr", PLAN, after))
    assert [(each.change, each.type, each.name) for each in found] == [
        ("removed", "aws:sns/topic:Topic", "alerts"),
        ("added", "aws:sqs/queue:Queue", "jobs"),
        ("changed", "aws:elasticache/replicationGroup:ReplicationGroup", "cache"),
    ]
    text = as_markdown(found)
    assert text.startswith("### Resources: 1 added, 1 changed, 1 removed\n")
    # A long text has its name only: the difference itself is in the pull request.
    assert "| `nodeType: cache.r6g.large → cache.r6g.xlarge`, `policy` |" in text


def test_no_difference_is_one_line() -> None:
    assert as_markdown(list(differences("dr", PLAN, PLAN))) == "### Resources: no change\n"


def test_a_long_list_ends_with_how_many_more_there_are() -> None:
    more = "".join(f"  aws:sqs/queue:Queue jobs-{number}\n" for number in range(LISTED + 5))
    text = as_markdown(list(differences("dr", PLAN, PLAN + more)))
    assert text.startswith(f"### Resources: {LISTED + 5} added\n")
    assert text.endswith("\n\n… and 5 more.\n")


def test_a_missing_plan_is_one_line(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "reports.plans", "--against", str(tmp_path)],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == f"{tmp_path}/production.plan.txt: No such file or directory\n"

"""README's second part: its commands deploy both stacks and release, in the rehearsal."""

import os
import re
import subprocess

import pytest

from sandbox.__main__ import PROJECT
from tests.rehearsal.__main__ import opened

URL = "https://events.pagerduty.com/integration/0123456789abcdef/enqueue"
SECRETS = (
    rf"\1\necho {'a1' * 32} | pulumi config set --secret taskflow:originSecret --stack \2"
    rf"\necho {URL} | pulumi config set --secret taskflow:pagerDutyUrl --stack \2"
)
# What a person answers, and what a build does in between.
ANSWERS = (
    # No web application is at hand.
    (r" --assets dist", ""),
    (r"(pulumi stack init (\w+) .*)", SECRETS),
    (r"(pulumi up .*)", r"\1 --yes"),
    (r"(taskflow (?:release|db) .*)", r"\1 --yes"),
    (r"(taskflow preflight (\S+))", r"rehearsal push \2\n\1 {confirm} --yes"),
    (r"(taskflow postflight .*)", r"\1 {confirm} --yes"),
)
CONFIRMED = {
    "preflight": "staging e2e-tests benchmarks change-request window on-call stakeholders dashboards",
    "postflight": "user-flows complaints",
}


def commands() -> str:
    """Return the commands of the section, with what a person answers."""
    section = (PROJECT / "README.md").read_text().partition("## Deploy it\n")[2].partition("\n## ")[0]
    script = "\n".join(re.findall(r"```sh\n(.*?)```", section, re.DOTALL))
    for pattern, answered in ANSWERS:
        script = re.sub(pattern, answered, script)
    for command, items in CONFIRMED.items():
        confirmed = " ".join(f"--confirm {item}" for item in items.split())
        script = re.sub(rf"(taskflow {command} .*)\{{confirm\}}", rf"\1{confirmed}", script)
    return script


@pytest.mark.thorough
def test_the_readme_deploys_and_releases() -> None:
    with opened() as (folder, variables):
        ended = subprocess.run(
            ["sh", "-exc", commands()], cwd=folder, env={**os.environ, **variables}, check=False, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
    assert ended.returncode == 0, ended.stdout[-4000:]
    for expected in ("485 created", "312 created", "v1.0.0 (", "dr is ready", "production.exported.json: no policy"):
        assert expected in ended.stdout

"""The shell of the rehearsal: its programs, as a person meets them."""

import os
import subprocess
from collections.abc import Callable, Iterator

import pytest

from tests.rehearsal.__main__ import opened

Type = Callable[[str], subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def shell() -> Iterator[Type]:
    with opened() as (folder, variables):

        def run(line: str) -> subprocess.CompletedProcess[str]:
            everything = {**os.environ, **variables}
            return subprocess.run(
                ["sh", "-c", line], cwd=folder, env=everything, check=False, capture_output=True, text=True, timeout=60
            )  # fmt: skip

        yield run


@pytest.mark.parametrize(
    ("line", "code", "answer"),
    [
        ("pulumi up --stack production --policy-pack policies", 255, "no stack named 'production' found"),
        ("pulumi preview --stack production", 2, "--policy-pack"),
        ("taskflow release v1.0.0 --yes", 3, "Deploy the stack first"),
        ("taskflow relase", 2, "Did you mean 'release'?"),
        ("rehearsal lose", 2, "First bring both stacks up"),
        ("rehearsal jump", 2, "rehearsal push v1.0.0"),
        ("rehearsal be nobody", 2, "rehearsal push v1.0.0"),
        ("rehearsal wait 30", 0, "UTC in AWS"),
        ("aws s3 ls", 0, "not simulated, skipped: aws s3 ls"),
        ("ls Pulumi.*.yaml", 0, "Pulumi.dr.yaml\nPulumi.production.yaml\n"),
    ],
)
def test_a_program_answers(shell: Type, line: str, code: int, answer: str) -> None:
    ended = shell(line)
    assert (ended.returncode, answer in ended.stdout + ended.stderr) == (code, True), ended


def test_an_invalid_stack_file_is_a_clear_error(shell: Type) -> None:
    ended = shell("sed -i 's/http2/http9/' Pulumi.production.yaml; taskflow smoke")
    assert ended.returncode == 2, ended
    assert "Pulumi.production.yaml: " in ended.stdout
    assert "taskflow:cloudfront.http9" in ended.stdout
    assert "Traceback" not in ended.stdout


def test_the_end_is_told(shell: Type) -> None:
    assert "the rehearsal has ended" in shell("REHEARSAL=/nowhere taskflow smoke").stderr

"""The preview's output loses the echoes of an error, and nothing else."""

import pytest

from sandbox.output import without_echoes

TOLD_TWICE = """\
 +  pulumi:pulumi:Stack small create error: Pulumi.one.yaml: 1 setting is refused
 +  pulumi:pulumi:Stack small create error: an unhandled error occurred: Pulumi.one.yaml: 1 setting is refused
Diagnostics:
  pulumi:pulumi:Stack (small):
    error: Pulumi.one.yaml: 1 setting is refused

      1. a setting
         was: 1
    error: an unhandled error occurred: Pulumi.one.yaml: 1 setting is refused

      1. a setting
         was: 1

  aws:ec2:Vpc (vpc):
    warning: something else

Resources:
    1 errored"""

SURPRISED = """\
    error: aws:ec2/vpc:Vpc resource 'vpc' has a problem
    error: python inline source runtime error: resource monitor shut down
    Traceback (most recent call last):
      File "x.py", line 1, in <module>
    Exception: resource monitor shut down

Resources:
    1 errored"""


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (TOLD_TWICE, [0, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15, 16, 17]),
        (SURPRISED, [0, 5, 6, 7]),
        ("    error: told once\n\n    more of it", [0, 1, 2]),
    ],
    ids=["told twice", "a traceback of surprise", "nothing to leave out"],
)
def test_an_echo_goes_and_the_rest_stays(text: str, kept: list[int]) -> None:
    shown: list[str] = []
    receive = without_echoes(shown.append)
    lines = text.splitlines()
    for line in lines:
        receive(line)
    assert shown == [lines[n] for n in kept]

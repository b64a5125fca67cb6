"""The preview's output omits repeated errors and nothing else."""

import pytest

from sandbox.output import drop_repeated_errors

REPEATED_ERROR = """\
 +  pulumi:pulumi:Stack small create error: Pulumi.one.yaml: 1 invalid setting
 +  pulumi:pulumi:Stack small create error: an unhandled error occurred: Pulumi.one.yaml: 1 invalid setting
Diagnostics:
  pulumi:pulumi:Stack (small):
    error: Pulumi.one.yaml: 1 invalid setting

      1. a setting
         was: 1
    error: an unhandled error occurred: Pulumi.one.yaml: 1 invalid setting

      1. a setting
         was: 1

  aws:ec2:Vpc (vpc):
    warning: something else

Resources:
    1 errored"""

SHUTDOWN = """\
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
        (REPEATED_ERROR, [0, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15, 16, 17]),
        (SHUTDOWN, [0, 5, 6, 7]),
        ("    error: a reason\n\n    more details", [0, 1, 2]),
    ],
    ids=["repeated error", "traceback of the shutdown", "nothing to omit"],
)
def test_only_repeated_errors_are_omitted(text: str, kept: list[int]) -> None:
    shown: list[str] = []
    receive = drop_repeated_errors(shown.append)
    lines = text.splitlines()
    for line in lines:
        receive(line)
    assert shown == [lines[n] for n in kept]

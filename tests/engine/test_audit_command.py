"""`make audit`: the policies check the exported state of a deployed stack, without an AWS account."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.__main__ import main
from tests.engine.both import BothStacks

pytestmark = pytest.mark.xdist_group("both-stacks")

Deployment = dict[str, Any]
REDIS = "aws:elasticache/replicationGroup:ReplicationGroup"


def _unchanged(_: Deployment) -> None:
    pass


def _unencrypted(deployment: Deployment) -> None:
    (cache,) = (each for each in deployment["resources"] if each["type"] == REDIS)
    for properties in (cache["inputs"], cache["outputs"]):
        properties["atRestEncryptionEnabled"] = False


def _encrypted_by_kms(deployment: Deployment) -> None:
    key = {"url": "awskms://alias/none?region=us-west-2", "encryptedkey": "AQICAHg"}
    deployment["secrets_providers"] = {"type": "cloud", "state": key}


def _empty(deployment: Deployment) -> None:
    deployment.clear()


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        pytest.param(_unchanged, 0, "no policy violations\n", marks=pytest.mark.thorough),
        (_unencrypted, 1, "policy violations found"),
        (_encrypted_by_kms, 0, "its secrets can't be decrypted and were not checked"),
        (_empty, 2, "not checked, see the error above"),
    ],
)
def test_a_state_is_checked(
    change: Callable[[Deployment], None],
    code: int,
    message: str,
    both: BothStacks,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    exported = json.loads(both["dr"].state)
    change(exported["deployment"])
    file = tmp_path / "exported.json"
    file.write_text(json.dumps(exported))
    assert main(["audit", "dr", str(file)]) == code
    printed = capsys.readouterr()
    assert message in printed.out + printed.err
    if code == 1:
        assert "encryption-cache" in printed.out


@pytest.mark.parametrize(("text", "message"), [(None, "no such file"), (b"\xff\xfe", "not UTF-8")])
def test_a_file_that_is_not_a_state_is_rejected(
    text: bytes | None, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "exported.json"
    if text is not None:
        file.write_bytes(text)
    assert main(["audit", "dr", str(file)]) == 2
    assert message in capsys.readouterr().err

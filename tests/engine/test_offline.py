"""`make preview` without a network, once the project is set up."""

import shutil
import subprocess
import sys

import pytest

from sandbox.__main__ import PROJECT

# A new network namespace has only the loopback interface, which must be brought up first.
PREVIEW_OFFLINE = """
import fcntl, os, socket, struct, sys
with socket.socket() as any_socket:
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh", b"lo", 0x41))  # SIOCSIFFLAGS: up and running
os.execv(sys.executable, [sys.executable, "-m", "sandbox", "preview", "dr"])
"""


def can_disable_network() -> bool:
    unshare = shutil.which("unshare")
    return bool(unshare) and subprocess.run([unshare, "-rn", "true"], check=False, capture_output=True).returncode == 0


@pytest.mark.skipif(not can_disable_network(), reason="this machine doesn't allow a network namespace (unshare -rn)")
def test_the_preview_works_without_a_network() -> None:
    offline = ["unshare", "-rn", sys.executable, "-c"]
    connection = subprocess.run(
        [*offline, "import socket; socket.create_connection(('192.0.2.1', 443), 2)"], check=False, capture_output=True
    )
    assert connection.returncode, "the network is reachable, so this test would prove nothing"
    preview = subprocess.run([*offline, PREVIEW_OFFLINE], check=False, cwd=PROJECT, capture_output=True, text=True)
    assert preview.returncode == 0, preview.stdout + preview.stderr
    assert "stand-ins for AWS" in preview.stdout
    assert "nothing is created" in preview.stdout
    assert "no policy violations" in preview.stdout

"""`make preview` with the network cut: what was set up once needs nobody else."""

import shutil
import subprocess
import sys

import pytest

from sandbox.__main__ import PROJECT

# In a network namespace of its own there is only the loopback, and that has to be brought up first.
RUN_CUT_OFF = """
import fcntl, os, socket, struct, sys
with socket.socket() as any_socket:
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh", b"lo", 0x41))  # SIOCSIFFLAGS: up and running
os.execv(sys.executable, [sys.executable, "-m", "sandbox", "preview", "dr"])
"""


def can_cut_the_network() -> bool:
    unshare = shutil.which("unshare")
    return bool(unshare) and subprocess.run([unshare, "-rn", "true"], check=False, capture_output=True).returncode == 0


@pytest.mark.skipif(not can_cut_the_network(), reason="this machine lets nobody make a network namespace (unshare -rn)")
def test_the_preview_works_with_the_network_cut() -> None:
    cut = ["unshare", "-rn", sys.executable, "-c"]
    reach = subprocess.run(
        [*cut, "import socket; socket.create_connection(('192.0.2.1', 443), 2)"], check=False, capture_output=True
    )
    assert reach.returncode, "the network was not cut, so this test would prove nothing"
    ran = subprocess.run([*cut, RUN_CUT_OFF], check=False, cwd=PROJECT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "AWS is stood in for" in ran.stdout
    assert "nothing is created" in ran.stdout
    assert "no policy violated" in ran.stdout

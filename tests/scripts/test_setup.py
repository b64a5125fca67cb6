"""scripts/setup.sh: the error names the failed step, and no partial .venv remains."""

import subprocess
from pathlib import Path

import pytest

from sandbox.__main__ import PROJECT

FAKE_PYTHON = """#!/bin/sh
case "$1" in
-c) exit {version};;
--version) echo "Python 3.9.0"; exit 0;;
esac
[ "$2" = venv ] || exit 9
{venv}
mkdir -p .venv/bin
printf '#!/bin/sh\\n{pip}\\n' > .venv/bin/python
printf '#!/bin/sh\\n{uv}\\n' > .venv/bin/uv
chmod +x .venv/bin/*
"""


def set_up(
    folder: Path, *, version: int = 0, venv: str = "true", pip: str = "exit 0", uv: str = "exit 0"
) -> tuple[int, str]:
    (folder / "uv.lock").write_bytes((PROJECT / "uv.lock").read_bytes())
    python = folder / "python"
    python.write_text(FAKE_PYTHON.format(version=version, venv=venv, pip=pip, uv=uv))
    python.chmod(0o755)
    process = subprocess.run(
        ["sh", str(PROJECT / "scripts" / "setup.sh")],
        check=False, cwd=folder, env={"PATH": "/usr/bin:/bin", "PYTHON": str(python)}, capture_output=True, text=True,
    )  # fmt: skip
    return process.returncode, process.stderr


@pytest.mark.parametrize(
    ("broken", "step"),
    [
        ({"venv": "exit 1"}, "create a virtual environment"),
        ({"pip": "exit 1"}, "install uv"),
        ({"uv": "exit 1"}, "install the packages of uv.lock"),
    ],
)
def test_a_failed_step_is_named_and_no_venv_remains(tmp_path: Path, broken: dict[str, str], step: str) -> None:
    code, error = set_up(tmp_path, **broken)  # pyright: ignore[reportArgumentType] (the parameters are str, all three)
    assert code == 1
    assert f"Failed: {step}" in error
    assert not (tmp_path / ".venv").exists()


def test_an_old_python_is_rejected_first(tmp_path: Path) -> None:
    code, error = set_up(tmp_path, version=1)
    assert code == 1
    assert "Python 3.11 or newer" in error
    assert not (tmp_path / ".venv").exists()


def test_a_complete_venv_is_marked_ready(tmp_path: Path) -> None:
    code, _ = set_up(tmp_path)
    assert code == 0
    assert (tmp_path / ".venv" / ".ready").exists()

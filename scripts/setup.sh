#!/bin/sh
# Creates .venv with exactly the packages of uv.lock, and links the command taskflow. The error names the failed step; a partial .venv is removed.
set -u
python=${PYTHON:-python3}
version=$(awk -F'"' '/^name = "uv"$/ {found = 1} found && /^version = / {print $2; exit}' uv.lock)

fail() {
    rm -rf .venv
    echo "Failed: $1. The partial .venv is removed; fix the cause and try again." >&2
    exit 1
}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    { echo "Python 3.11 or newer is required (found: $("$python" --version 2>&1)). Install it, or select it: make PYTHON=python3.12 …" >&2; exit 1; }

echo "Setting up .venv …" >&2
log=$(mktemp) && trap 'rm -f "$log"' EXIT
rm -rf .venv
"$python" -m venv .venv > "$log" 2>&1 || { cat "$log" >&2; fail "create a virtual environment"; }
.venv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$version" > "$log" 2>&1 ||
    { cat "$log" >&2; fail "install uv $version"; }
.venv/bin/uv sync --frozen --quiet > "$log" 2>&1 || { cat "$log" >&2; fail "install the packages of uv.lock"; }
ln -sf ../../operations/taskflow .venv/bin/taskflow
touch .venv/.ready

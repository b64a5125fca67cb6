"""The checks before a commit, in half a minute: lint, types and tests of the files that differ from HEAD.

Types are checked in the changed files and in the files that import them. The tests are those that import a changed
file, directly or not, or that mention a changed file that isn't Python. Tests on the engine run only in `make test`.
"""

import ast
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
# No test starts later than this after the first, to keep the total within half a minute.
TEST_SECONDS = 12


def main() -> int:
    """Run the checks; 0 if all pass."""
    start = time.monotonic()
    changed = _changed()
    imports = {file: imports_of(ROOT / file) for file in _git("ls-files", "-co", "--exclude-standard", "*.py")}
    importers = _importers(imports)
    python = [file for file in changed if file.endswith(".py") and (ROOT / file).exists()]
    typed = sorted({*python, *(other for file in python for other in importers[_module(file)])})
    tests = _tests(changed, importers, imports)
    print(
        f"{len(changed)} files differ from HEAD: types of {len(typed)} files, tests in {len(tests)} files", flush=True
    )
    steps = {
        "format": _start("ruff", "format", "--check", "--quiet", "."),
        "lint": _start("ruff", "check", "--quiet", "."),
        **({"types": _start("basedpyright", *typed)} if typed else {}),
        **(
            {"tests": _start("pytest", "-q", "-n2", "--dist=loadgroup", f"--quick={TEST_SECONDS}", *tests)}
            if tests
            else {}
        ),
    }
    failed = [name for name, step in steps.items() if not _passed(name, step)]
    verdict = f"failed: {', '.join(failed)}" if failed else "passed"
    print(f"{verdict} in {time.monotonic() - start:.0f} s; `make test` runs every check")
    return 1 if failed else 0


def _git(*arguments: str) -> list[str]:
    listed = subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return listed.splitlines()


def _changed() -> list[str]:
    """Return the files that differ from HEAD, untracked ones included."""
    return sorted({*_git("diff", "--name-only", "HEAD"), *_git("ls-files", "--others", "--exclude-standard")})


def _module(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imports_of(file: Path) -> set[str]:
    """Return the modules and names that a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if file.exists() else ():
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.update((node.module, *(f"{node.module}.{alias.name}" for alias in node.names)))
    return names


def _importers(imports: Mapping[str, set[str]]) -> Mapping[str, set[str]]:
    """Return the files that import each module."""
    importers: dict[str, set[str]] = defaultdict(set)
    for file, names in imports.items():
        for name in names:
            importers[name].add(file)
    return importers


def _tests(changed: Iterable[str], importers: Mapping[str, set[str]], imports: Mapping[str, set[str]]) -> list[str]:
    """Return the test files that depend on the changed files."""
    dependents, waiting = set[str](), [file for file in changed if file.endswith(".py")]
    while waiting:
        file = waiting.pop()
        if file not in dependents:
            dependents.add(file)
            waiting.extend(importers.get(_module(file), ()))
    others = {Path(file).name for file in changed if not file.endswith(".py")}
    for file in imports:
        if file.startswith("tests/") and (ROOT / file).exists():
            text = (ROOT / file).read_text(encoding="utf-8")
            dependents.update({file} if any(name in text for name in others) else ())
    return sorted(file for file in dependents if Path(file).name.startswith("test_") and (ROOT / file).exists())


def _start(tool: str, *arguments: str) -> subprocess.Popen[str]:
    # Into a file: with a full pipe the step would wait until it is read.
    output = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115  (read after the step)
    process = subprocess.Popen([BIN / tool, *arguments], cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, text=True)
    process.stdout = output
    return process


def _passed(name: str, step: subprocess.Popen[str]) -> bool:
    """Wait for a step; print its last line of output, or all output if it failed."""
    code, output = step.wait(), ""
    if step.stdout:
        step.stdout.seek(0)
        output = step.stdout.read().strip()
    # pytest's exit code 5: only tests on the engine depend on the changed files.
    passed = code == 0 or (name == "tests" and code == 5)
    print(f"{name}: {(output.splitlines() or ['passed'])[-1]}" if passed else f"{name}:\n{output}", flush=True)
    return passed


if __name__ == "__main__":
    sys.exit(main())

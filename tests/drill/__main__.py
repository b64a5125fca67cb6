"""`make drill`: loses us-east-1 in the sandbox, and writes docs/drill.md and the times of the recovery plan."""

import sys
import tempfile
from pathlib import Path

from sandbox.__main__ import PROJECT
from sandbox.processes import clear_environment
from tests.drill.run import PAGE, PLAN, run_drill


def main() -> int:
    """Run the drill; an assertion ends it at the first command that doesn't do what its scene says."""
    clear_environment()
    with tempfile.TemporaryDirectory(prefix="taskflow-drill-") as folder:
        report = run_drill(Path(folder))
    report.write()
    print(f"Written: {PAGE.relative_to(PROJECT)}, and the times in {PLAN.relative_to(PROJECT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

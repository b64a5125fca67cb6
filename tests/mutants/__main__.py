"""`make mutants`: changes one thing at a time in both recorded states, and lists what no rule of the policies reports.

`--update` writes today's survivors to the reviewed list: known reasons are kept, and new survivors have to get one.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence

from reports.states import FILES
from tests.mutants.run import Outcome, judge_all
from tests.mutants.survivors import REVIEWED, TO_REVIEW, compare, read_reviewed, updated


def main(arguments: Sequence[str]) -> int:
    """Judge all mutants (0: every survivor is reviewed, 1: not)."""
    parser = argparse.ArgumentParser(prog="make mutants", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--update", action="store_true", help="write the survivors to the reviewed list")
    parser.add_argument(
        "--sample", type=int, default=1, metavar="N", help="judge every Nth mutant only; compares nothing"
    )
    parser.add_argument("--processes", type=int, default=2, metavar="N")
    options = parser.parse_args(arguments)
    start = time.monotonic()
    texts = {stack: file.read_text(encoding="utf-8") for stack, file in FILES.items()}
    outcome = judge_all(texts, sample=options.sample, processes=options.processes, progress=_show)
    print(_summary(outcome, time.monotonic() - start))
    if options.sample > 1:
        return 0
    try:
        entries = read_reviewed(REVIEWED.read_text(encoding="utf-8"))
    except ValueError as error:
        print(f"{REVIEWED.name} is invalid:\n{error}", file=sys.stderr)
        return 1
    if options.update:
        REVIEWED.write_text(updated(outcome.survivors, entries), encoding="utf-8")
        entries = read_reviewed(REVIEWED.read_text(encoding="utf-8"))
    found = compare(outcome.survivors, entries)
    unreviewed = sum(entry.reason == TO_REVIEW for entry in entries)
    print(f"Reviewed: {len(entries) - unreviewed} reasons in {REVIEWED.name}")
    for problem in found.problems:
        print(f"  {problem}", file=sys.stderr)
    if found.problems:
        print(f"\n{len(found.problems)} problems: extend the policies (CONTRIBUTING.md, Add a policy rule), or review "
              "the survivors: `python -m tests.mutants --update` adds them to the list.", file=sys.stderr)  # fmt: skip
    return 1 if found.problems else 0


def _show(done: int, total: int) -> None:
    if sys.stdout.isatty():
        print(f"\r{done:>8,} of {total:,} mutants", end="" if done < total else "\r\033[K", flush=True)


def _summary(outcome: Outcome, seconds: float) -> str:
    kinds = Counter(mutant.kind for mutant in outcome.mutants)
    refused, left = (Counter(mutant.kind for mutant in each) for each in (outcome.refused, outcome.survivors))
    lines = [f"{'edit':<18}{'mutants':>9}{'reported':>10}{'AWS refuses':>13}{'survivors':>11}"]
    for kind, count in [*kinds.most_common(), ("all", len(outcome.mutants))]:
        total = (len(outcome.refused), len(outcome.survivors)) if kind == "all" else (refused[kind], left[kind])
        lines.append(f"{kind:<18}{count:>9,}{count - sum(total):>10,}{total[0]:>13,}{total[1]:>11,}")
    figures = sum(bool(mutant.figure) for mutant in outcome.mutants)
    lines.append(f"{figures:,} of them change a figure of the document. {seconds / 60:.1f} minutes.")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

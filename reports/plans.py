"""Prints which resources a change adds, removes or changes: `python -m reports.plans --against FOLDER`.

Both plans are the committed ones, which `make golden` writes and `make test` compares with the program's.
"""

import re
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reports.markdown import short_type, table
from reports.states import PROJECT
from settings.stacks import STACKS

PLANS = PROJECT / "tests" / "golden"
# Rows of the table, and characters of a value that is shown.
LISTED, SHOWN = 60, 40
# A plan is a tree: a resource two columns below its parent, its inputs four columns below it, as YAML.
_RESOURCE = re.compile(r"( *)([\w-]+:[\w/-]+:\w+) (\S+)")
_INPUT = re.compile(r"([\w'\"]+):(?: (.*))?")


@dataclass(frozen=True, kw_only=True)
class Difference:
    """How one resource differs; `inputs` are the texts of its inputs that differ, before and after."""

    stack: str
    change: str
    type: str
    name: str
    inputs: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])


Key = tuple[str, str, int]


def read_plan(text: str) -> Mapping[Key, Mapping[str, str]]:
    """Return the inputs of each resource, as text, by type, name and number of the same before it."""
    plan: dict[Key, dict[str, str]] = {}
    seen: Counter[tuple[str, str]] = Counter()
    inputs: dict[str, str] = {}
    column, current = -2, ""
    for line in text.splitlines():
        found = _RESOURCE.fullmatch(line)
        if found and len(found[1]) <= column + 2:
            column, type_, name = len(found[1]), found[2], found[3]
            inputs = plan[type_, name, seen[type_, name]] = {}
            seen[type_, name] += 1
            continue
        content = line[column + 4 :]
        if start := _INPUT.match(content):
            current = start[1]
            inputs[current] = start[2] or ""
        else:
            inputs[current] = f"{inputs.get(current, '')}\n{content}"
    return plan


def differences(stack: str, before: str, after: str) -> Iterator[Difference]:
    """Yield what differs between two plans of a stack: what is removed, added, then changed."""
    old, new = read_plan(before), read_plan(after)
    for change, keys in (("removed", old.keys() - new.keys()), ("added", new.keys() - old.keys())):
        for type_, name, _ in sorted(keys):
            yield Difference(stack=stack, change=change, type=type_, name=name)
    for key in sorted(old.keys() & new.keys()):
        names = sorted({*old[key], *new[key]})
        inputs = {name: (old[key].get(name, ""), new[key].get(name, "")) for name in names}
        if changed := {name: texts for name, texts in inputs.items() if texts[0] != texts[1]}:
            yield Difference(stack=stack, change="changed", type=key[0], name=key[1], inputs=changed)


def as_markdown(found: Sequence[Difference]) -> str:
    """Return differences as a section of a pull request's summary."""
    if not found:
        return "### Resources: no change\n"
    counts = Counter(each.change for each in found)
    heading = ", ".join(f"{counts[change]} {change}" for change in ("added", "changed", "removed") if counts[change])
    rows = [(each.stack, each.change, short_type(each.type), each.name, _inputs(each)) for each in found[:LISTED]]
    lines = [f"### Resources: {heading}", "", *table(("stack", "", "type", "name", "inputs"), rows)]
    if len(found) > LISTED:
        lines += ["", f"… and {len(found) - LISTED} more."]
    return "\n".join([*lines, ""])


def _inputs(each: Difference) -> str:
    """Return the names of the changed inputs, with their values if they are short."""
    texts: list[str] = []
    for name, (before, after) in each.inputs.items():
        is_short = all("\n" not in text and len(text) <= SHOWN for text in (before, after))
        texts.append(f"{name}: {before or 'none'} → {after or 'none'}" if is_short else name)
    return ", ".join(f"`{text}`" for text in texts)


def main() -> int:
    """Print the differences of both stacks; 2 if a plan can't be read."""
    parser = ArgumentParser(prog="python -m reports.plans", description=__doc__)
    parser.add_argument("--against", type=Path, metavar="FOLDER", required=True, help="folder with the earlier plans")
    parser.add_argument("--plans", type=Path, metavar="FOLDER", default=PLANS, help="to these (default: tests/golden)")
    options = parser.parse_args()
    found: list[Difference] = []
    try:
        for stack in STACKS:
            before, after = (folder / f"{stack}.plan.txt" for folder in (options.against, options.plans))
            found += differences(stack, before.read_text(encoding="utf-8"), after.read_text(encoding="utf-8"))
    except OSError as error:
        sys.stderr.write(f"{error.filename}: {error.strerror}\n")
        return 2
    sys.stdout.write(as_markdown(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())

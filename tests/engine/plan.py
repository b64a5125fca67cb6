"""A plan as readable text, for the golden files."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import yaml

from sandbox.kinds.table import KINDS
from sandbox.structs import SIGNATURE
from sandbox.values import UNKNOWN, Value
from tests.engine.support import Planned, Run


def plan_tree(planned: Sequence[Planned]) -> str:
    """Return the planned resources and their inputs as an indented tree; unknown values and secrets are labelled."""
    children: dict[str, list[Planned]] = defaultdict(list)
    urns = {p.urn for p in planned}
    for p in planned:
        children[p.parent if p.parent in urns else ""].append(p)
    text = "\n".join(_lines(children, "", 0)) + "\n"
    # Longest first, because a name may be the prefix of another.
    for name in sorted(filter(None, map(_generated_name, planned)), key=len, reverse=True):
        text = text.replace(name, "(generated)")
    return text


def _lines(children: Mapping[str, Sequence[Planned]], parent: str, depth: int) -> Iterator[str]:
    indent = "  " * depth
    for p in sorted(children.get(parent, ()), key=lambda p: (p.type, p.name)):
        yield f"{indent}{p.type} {p.name}"
        shown = _shown({k: v for k, v in p.inputs.items() if not k.startswith("__") and k != "version"})
        if shown:
            text = yaml.safe_dump(shown, sort_keys=True, width=100)
            yield from (f"{indent}    {line}" for line in text.splitlines())
        yield from _lines(children, p.urn, depth + 1)


def _generated_name(planned: Planned) -> str | None:
    """Return the name if the provider generated it: its suffix differs in each run, and others may refer to it."""
    kind = KINDS.get(planned.type)
    defaults = planned.inputs.get("__defaults")
    if kind and kind.autoname and isinstance(defaults, list) and kind.autoname in defaults:
        return str(planned.inputs[kind.autoname])
    return None


def _shown(value: Value) -> Value:
    if value == UNKNOWN:
        return "(known after apply)"
    if isinstance(value, dict):
        return "(secret)" if SIGNATURE in value else {k: _shown(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_shown(item) for item in value]
    return value


def advisory_lines(previews: Mapping[str, Run]) -> str:
    """Return the advisories of the previews, one a line, by stack."""
    lines = [f"{stack}: {' '.join(line.split())}" for stack, run in previews.items() for line in sorted(run.advisories)]
    return "".join(f"{line}\n" for line in lines)

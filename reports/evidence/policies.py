"""Policies: how the rules of the pack judge the states, by the controls of AWS and of CIS, and rule by rule."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from policies.engine.exemptions import EXEMPTIONS
from policies.engine.export import ExportFinding, judge
from policies.engine.rule import AnyRule, ResourceRule
from policies.rules import rules_by
from reports.evidence.source import Source
from reports.markdown import table

HEAD = """\
# Policies
Every rule of the policy pack, judged against the states of both stacks. A *violation* is a resource, or a stack as a
whole, that breaks a rule. *Not decided* is a rule that needs a value which the state doesn't have: an export contains
secrets encrypted. *Resources judged* are those of production and of dr.

Controls are those of AWS Foundational Security Best Practices, and of version 5.0.0 of the CIS AWS Foundations
Benchmark (`CIS`). Only controls that a rule covers are listed: Security Hub judges the others, and these too, in the
account.
"""


def findings(sources: Sequence[Source], today: date) -> Mapping[str, Sequence[ExportFinding]]:
    """Return the findings of all rules, by stack."""
    rules = rules_by(lambda: today)
    return {source.stack: judge(source.exported, rules, EXEMPTIONS, today) for source in sources}


def violations(found: Mapping[str, Sequence[ExportFinding]]) -> int:
    """Return the number of violations."""
    return sum(not each.is_unknown for its in found.values() for each in its)


def page(sources: Sequence[Source], found: Mapping[str, Sequence[ExportFinding]], today: date) -> str:
    """Return the page."""
    rules = rules_by(lambda: today)
    lines = [HEAD, *_result(sources, found, rules)]
    lines += ["\n## By control\n", *_controls(sources, found, rules)]
    lines += ["\n## By rule", *_rules(sources, found, rules)]
    return "\n".join(lines) + "\n"


def _result(
    sources: Sequence[Source], found: Mapping[str, Sequence[ExportFinding]], rules: Sequence[AnyRule]
) -> Iterator[str]:
    yield f"## Result\n\n{len(rules)} rules, {len(EXEMPTIONS)} exemptions.\n"
    rows: list[tuple[str, ...]] = []
    for source in sources:
        unknown = sum(each.is_unknown for each in found[source.stack])
        wrong = len(found[source.stack]) - unknown
        rows.append((source.stack, str(len(source.exported.inputs)), f"**{wrong}**", str(unknown)))
    yield from table(("Stack", "Resources", "Violations", "Not decided"), rows)
    for title, is_unknown in (("Violations", False), ("Not decided", True)):
        listed = [(stack, each) for stack, its in found.items() for each in its if each.is_unknown == is_unknown]
        if listed:
            yield f"\n### {title}\n"
            yield from (f"- {stack}: {each.text}" for stack, each in listed)


def _controls(
    sources: Sequence[Source], found: Mapping[str, Sequence[ExportFinding]], rules: Sequence[AnyRule]
) -> Iterator[str]:
    by_control: dict[str, list[AnyRule]] = defaultdict(list)
    for rule in rules:
        for control in rule.controls:
            by_control[control].append(rule)
    rows = [
        (
            control,
            "<br>".join(rule.description for rule in its_rules),
            "<br>".join(f"`{rule.id}`" for rule in its_rules),
            "<br>".join(_judged(rule, sources) for rule in its_rules),
            _verdict([rule.id for rule in its_rules], found),
        )
        for control, its_rules in sorted(by_control.items(), key=lambda pair: _order(pair[0]))
    ]
    yield from table(("Control", "What the rules require", "Rules", "Resources judged", "Result"), rows)


def _rules(
    sources: Sequence[Source], found: Mapping[str, Sequence[ExportFinding]], rules: Sequence[AnyRule]
) -> Iterator[str]:
    for chapter in dict.fromkeys(rule.id.partition("-")[0] for rule in rules):
        rows = [
            (f"`{rule.id}`", rule.description, rule.severity, _judged(rule, sources), _verdict([rule.id], found))
            for rule in rules
            if rule.id.partition("-")[0] == chapter
        ]
        yield f"\n### {chapter}\n"
        yield from table(("Rule", "Requires", "Severity", "Resources judged", "Result"), rows)


def _judged(rule: AnyRule, sources: Sequence[Source]) -> str:
    """Return how many resources of each stack a rule judges; a rule about relations judges the stack as a whole."""
    if not isinstance(rule, ResourceRule):
        return "the whole stack"
    return " + ".join(str(sum(map(rule.covers, (each.type for each in source.exported.inputs)))) for source in sources)


def _verdict(ids: Sequence[str], found: Mapping[str, Sequence[ExportFinding]]) -> str:
    parts: list[str] = []
    for stack, its in found.items():
        own = [each for each in its if each.rule in ids]
        wrong, unknown = sum(not each.is_unknown for each in own), sum(each.is_unknown for each in own)
        parts += [f"**{stack}: {wrong} violation{'' if wrong == 1 else 's'}**"] if wrong else []
        parts += [f"{stack}: {unknown} not decided"] if unknown else []
    return ", ".join(parts) or "0 violations"


def _order(control: str) -> tuple[str, Sequence[int]]:
    """Return the key to sort `RDS.8` before `RDS.10`, and CIS's last."""
    name, _, number = control.replace("CIS ", "~.").partition(".")
    return name.lower(), [int(each) for each in number.split(".")]

"""An exported state is judged in this process as the engine would judge it."""

import json
from datetime import date

import pytest

from policies.engine.export import Verdict, judge, read_export
from policies.engine.facts import Known, Unknown
from policies.pack import policies
from policies.rules import RULES
from tests.policies.compliant.stack import compliant
from tests.policies.judged import judged
from tests.policies.mutations import groups as groups_mutations
from tests.policies.mutations import subnets as subnets_mutations
from tests.policies.plan import STACKS, Plan, Ref

TODAY = date(2026, 11, 24)
# The engine's marks for a special value, and for a secret among them.
SIGNATURE = "4dabf18193072939515e22adb298388d"
MARK = "1b47061264138c4ac30d75fd1eb44270"


@pytest.mark.parametrize("stack", STACKS)
def test_compliant_state_is_passed(stack: str) -> None:
    assert judge(read_export(compliant(stack).export()), RULES, (), TODAY) == ()


def test_verdicts_are_the_policies() -> None:
    """Both ways of judging say the same of a changed state, word for word; every seventh change is enough to tell."""
    pack = policies()
    for mutation in (*groups_mutations.CHANGES, *subnets_mutations.CHANGES)[::7]:
        plan = compliant()
        mutation.change(plan)
        texts = [text for _, _, text in judged(pack, plan.shown("up")).violations]
        verdicts = judge(read_export(plan.export()), RULES, (), TODAY)
        assert sorted(verdict.text for verdict in verdicts) == sorted(texts), mutation.label


def test_unknown_is_a_verdict_of_its_own() -> None:
    plan = compliant()
    plan.set("LogGroup flow-logs", "retentionInDays", Ref(to="Vpc main"))
    [first, second] = judge(read_export(plan.export("preview")), RULES, (), TODAY)
    assert {first.rule, second.rule} == {"logs-retention", "network-flow-logs"}
    assert first.is_unknown
    assert second.is_unknown


def test_resource_that_is_being_deleted_is_left_out() -> None:
    document = json.loads(compliant().export())
    old = next(state for state in document["deployment"]["resources"] if state["urn"].endswith("LogGroup::flow-logs"))
    document["deployment"]["resources"].append({**old, "delete": True, "inputs": {"retentionInDays": 1}})
    assert judge(read_export(json.dumps(document)), RULES, (), TODAY) == ()


@pytest.mark.parametrize(
    ("shown", "fact"),
    [({"plaintext": '"hidden"'}, Known(value="hidden")), ({"ciphertext": "v1:abc"}, Unknown(path=("password",)))],
)
def test_secret_is_opened_where_the_state_shows_it(shown: dict[str, str], fact: Known[str] | Unknown) -> None:
    """With --show-secrets its plain text is judged; without, it is unknown, as anything may stand in it."""
    plan = Plan("production")
    plan.add("aws:rds/instance:Instance", "db", password={SIGNATURE: MARK, **shown})
    [resource] = read_export(plan.export()).inputs
    assert resource.at("password").text() == fact


def test_secret_that_the_state_doesnt_show_is_no_fault() -> None:
    """Whole lists are secret where one value in them is: nobody is told that nothing stands there."""
    plan = compliant()
    for key, path in (
        ("Distribution edge-web", "origins"),
        ("ListenerRule origin-secret", "conditions"),
        ("WebAcl origin", "rules"),
    ):
        plan.set(key, path, {SIGNATURE: MARK, "ciphertext": "v1:abc"})
    verdicts = judge(read_export(plan.export()), RULES, (), TODAY)
    assert verdicts
    assert [verdict.text for verdict in verdicts if not verdict.is_unknown] == []


@pytest.mark.parametrize(
    ("text", "missing"),
    [("[]", "the state isn't an object"), ("{}", "deployment.resources isn't a list")],
)
def test_something_else_is_refused(text: str, missing: str) -> None:
    with pytest.raises(ValueError, match=missing):
        read_export(text)


def test_verdict_names_the_resource() -> None:
    plan = compliant()
    plan.set("LogGroup flow-logs", "retentionInDays", 30)
    verdicts = judge(read_export(plan.export()), RULES, (), TODAY)
    urn = plan.urn("LogGroup flow-logs")
    text = (
        "logs-retention: flow-logs: retentionInDays is 30; allowed: 90. "
        "Set the log group's retentionInDays to 90. (document: Backup Schedule)"
    )
    assert Verdict(rule="logs-retention", urn=urn, text=text) in verdicts

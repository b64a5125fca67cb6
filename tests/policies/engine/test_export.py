"""An exported state is judged in this process as by the engine."""

import json
from datetime import date

import pytest

from policies.engine.export import ExportFinding, judge, read_export
from policies.engine.facts import Known, Unknown
from policies.pack import policies
from policies.rules import RULES
from tests.policies.compliant.stack import compliant
from tests.policies.judged import evaluate
from tests.policies.mutations import groups as groups_mutations
from tests.policies.mutations import subnets as subnets_mutations
from tests.policies.plan import STACKS, Plan, Ref

TODAY = date(2026, 11, 24)
# The engine's marks for a special value, and for a secret among them.
SIGNATURE = "4dabf18193072939515e22adb298388d"
MARK = "1b47061264138c4ac30d75fd1eb44270"


@pytest.mark.parametrize("stack", STACKS)
def test_compliant_state_has_no_finding(stack: str) -> None:
    assert judge(read_export(compliant(stack).export()), RULES, (), TODAY) == ()


def test_findings_are_those_of_the_policies() -> None:
    """Word for word, for every seventh mutation."""
    pack = policies()
    for mutation in (*groups_mutations.CHANGES, *subnets_mutations.CHANGES)[::7]:
        plan = compliant()
        mutation.change(plan)
        texts = [text for _, _, text in evaluate(pack, plan.states("up")).violations]
        found = judge(read_export(plan.export()), RULES, (), TODAY)
        assert sorted(finding.text for finding in found) == sorted(texts), mutation.label


def test_unknown_value_is_a_finding() -> None:
    plan = compliant()
    plan.set("LogGroup flow-logs", "retentionInDays", Ref(to="Vpc main"))
    [first, second] = judge(read_export(plan.export("preview")), RULES, (), TODAY)
    assert {first.rule, second.rule} == {"logs-retention", "network-flow-logs"}
    assert first.is_unknown
    assert second.is_unknown


def test_resource_pending_deletion_is_not_judged() -> None:
    document = json.loads(compliant().export())
    old = next(state for state in document["deployment"]["resources"] if state["urn"].endswith("LogGroup::flow-logs"))
    document["deployment"]["resources"].append({**old, "delete": True, "inputs": {"retentionInDays": 1}})
    assert judge(read_export(json.dumps(document)), RULES, (), TODAY) == ()


@pytest.mark.parametrize(
    ("stored", "fact"),
    [({"plaintext": '"hidden"'}, Known(value="hidden")), ({"ciphertext": "v1:abc"}, Unknown(path=("password",)))],
)
def test_secret_is_known_if_the_state_has_its_plain_text(stored: dict[str, str], fact: Known[str] | Unknown) -> None:
    """With --show-secrets its plain text is judged; without, it is unknown, of any type."""
    plan = Plan("production")
    plan.add("aws:rds/instance:Instance", "db", password={SIGNATURE: MARK, **stored})
    [resource] = read_export(plan.export()).inputs
    assert resource.at("password").text() == fact


def test_encrypted_secret_is_no_violation() -> None:
    """A whole list is secret if one value in it is: it isn't reported as missing."""
    plan = compliant()
    for key, path in (
        ("Distribution edge-web", "origins"),
        ("ListenerRule origin-secret", "conditions"),
        ("WebAcl origin", "rules"),
    ):
        plan.set(key, path, {SIGNATURE: MARK, "ciphertext": "v1:abc"})
    found = judge(read_export(plan.export()), RULES, (), TODAY)
    assert found
    assert [finding.text for finding in found if not finding.is_unknown] == []


@pytest.mark.parametrize(
    ("text", "missing"),
    [("[]", "the state isn't an object"), ("{}", "deployment.resources isn't a list")],
)
def test_other_json_is_refused(text: str, missing: str) -> None:
    with pytest.raises(ValueError, match=missing):
        read_export(text)


def test_finding_has_the_resource() -> None:
    plan = compliant()
    plan.set("LogGroup flow-logs", "retentionInDays", 30)
    found = judge(read_export(plan.export()), RULES, (), TODAY)
    urn = plan.urn("LogGroup flow-logs")
    text = (
        "logs-retention: flow-logs: retentionInDays is 30; allowed: 90. "
        "Set retentionInDays to 90. (document: Backup Schedule)"
    )
    assert ExportFinding(rule="logs-retention", urn=urn, text=text) in found

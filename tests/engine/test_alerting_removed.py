"""The policies require every part that carries an alert: each one removed from the exported state is a violation."""

import copy
import json
from collections.abc import Iterator
from typing import TypeAlias, cast

import pytest

from policies.engine.clock import today
from policies.engine.export import Exported, judge, read_export
from policies.engine.rule import AnyRule
from policies.rules import RULES
from sandbox.__main__ import STACKS
from sandbox.values import Value
from tests.engine.both import BothStacks
from tests.engine.support import sandboxed

pytestmark = pytest.mark.xdist_group("both-stacks")

Json: TypeAlias = dict[str, Value]

PARTS = (
    "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration",
    "aws:cloudwatch/compositeAlarm:CompositeAlarm",
    "aws:cloudwatch/logMetricFilter:LogMetricFilter",
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    "aws:sns/topic:Topic",
    "aws:sns/topicPolicy:TopicPolicy",
    "aws:sns/topicSubscription:TopicSubscription",
)
# The first violation is enough.
LIKELY_RULES_FIRST = sorted(RULES, key=lambda rule: not rule.id.startswith(("alerting-", "encryption-keys-")))
# Rules, and the parts without which the engine must report them.
ANALYZED = {
    "alerting-subscriptions": "TopicSubscription alerts-channels-critical",
    "alerting-error-rate": "MetricAlarm alerts-error-rate",
    "encryption-keys-kept": "keys-messages, Administration",
}
TOPIC_POLICY, KEY = "aws:sns/topicPolicy:TopicPolicy", "aws:kms/key:Key"


def _removals(state: str) -> Iterator[tuple[str, str]]:
    """Yield each part that is removed, and the state without it."""
    document = json.loads(state)
    resources = cast("list[Json]", document["deployment"]["resources"])

    def without(index: int, *replacement: Json) -> str:
        document["deployment"]["resources"] = [*resources[:index], *replacement, *resources[index + 1 :]]
        return json.dumps(document)

    for index, resource in enumerate(resources):
        name = str(resource["urn"]).rpartition("::")[2]
        if resource["type"] in PARTS:
            yield f"{resource['type']} {name}", without(index)
        if resource["type"] == TOPIC_POLICY or resource["type"] == KEY:
            policy = json.loads(str(cast("Json", resource["outputs"])["policy"]))
            checks_all = resource["type"] == TOPIC_POLICY or name.endswith("-messages")
            # Of the other keys, only the statement that administers them.
            for statement in policy["Statement"] if checks_all else policy["Statement"][:1]:
                others = [other for other in policy["Statement"] if other is not statement]
                changed = copy.deepcopy(resource)
                for side in ("inputs", "outputs"):
                    cast("Json", changed[side])["policy"] = json.dumps({**policy, "Statement": others})
                yield f"{name}, {statement['Sid']}", without(index, changed)


def _has_violation(exported: Exported, rule: AnyRule) -> bool:
    return any(not verdict.is_unknown for verdict in judge(exported, (rule,), (), today()))


@pytest.mark.parametrize("stack", STACKS)
def test_every_removed_part_is_a_violation(both: BothStacks, stack: str) -> None:
    undetected: list[str] = []
    removals = list(_removals(both[stack].state))
    assert len(removals) > 40
    for part, state in removals:
        exported = read_export(state)
        if not any(_has_violation(exported, rule) for rule in LIKELY_RULES_FIRST):
            undetected.append(part)
    assert undetected == []


def test_policy_analyze_reports_removed_parts(both: BothStacks) -> None:
    """`pulumi policy analyze` on the exported state: complete, and without three parts."""
    state = both["dr"].state
    with sandboxed() as sandbox:
        complete = sandbox.analyze(state)
        assert complete.returncode == 0, complete.stdout + complete.stderr
        for ending in ANALYZED.values():
            (state,) = [changed for part, changed in _removals(state) if part.endswith(ending)]
        reduced = sandbox.analyze(state)
    assert reduced.returncode != 0
    missing = [rule for rule in ANALYZED if rule not in reduced.stdout + reduced.stderr]
    assert not missing, reduced.stdout + reduced.stderr

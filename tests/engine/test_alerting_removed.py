"""Whatever carries an alert is missed: each part taken out of the exported state fails the policies."""

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
from sandbox.workspace import Sandbox
from tests.engine.both import Both
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
# The first fault is enough.
LIKELY_FIRST = sorted(RULES, key=lambda rule: not rule.id.startswith(("alerting-", "encryption-keys-")))
TOPIC_POLICY, KEY = "aws:sns/topicPolicy:TopicPolicy", "aws:kms/key:Key"


def _taken(state: str) -> Iterator[tuple[str, str]]:
    """What is taken out, and the state without it."""
    document = json.loads(state)
    resources = cast("list[Json]", document["deployment"]["resources"])

    def without(index: int, *instead: Json) -> str:
        document["deployment"]["resources"] = [*resources[:index], *instead, *resources[index + 1 :]]
        return json.dumps(document)

    for index, resource in enumerate(resources):
        name = str(resource["urn"]).rpartition("::")[2]
        if resource["type"] in PARTS:
            yield f"{resource['type']} {name}", without(index)
        if resource["type"] == TOPIC_POLICY or resource["type"] == KEY:
            policy = json.loads(str(cast("Json", resource["outputs"])["policy"]))
            is_whole = resource["type"] == TOPIC_POLICY or name.endswith("-messages")
            # Of the keys that aren't the topics', what keeps them.
            for statement in policy["Statement"] if is_whole else policy["Statement"][:1]:
                others = [other for other in policy["Statement"] if other is not statement]
                changed = copy.deepcopy(resource)
                for side in ("inputs", "outputs"):
                    cast("Json", changed[side])["policy"] = json.dumps({**policy, "Statement": others})
                yield f"{name}, {statement['Sid']}", without(index, changed)


def _is_told(exported: Exported, rule: AnyRule) -> bool:
    return any(not verdict.is_unknown for verdict in judge(exported, (rule,), (), today()))


@pytest.mark.parametrize("stack", STACKS)
def test_whatever_is_taken_out_is_missed(both: Both, stack: str) -> None:
    silent: list[str] = []
    taken = list(_taken(both[stack].state))
    assert len(taken) > 40
    for what, state in taken:
        exported = read_export(state)
        if not any(_is_told(exported, rule) for rule in LIKELY_FIRST):
            silent.append(what)
    assert silent == []


def test_the_command_misses_it_too(both: Both) -> None:
    """`pulumi policy analyze` on the state that `pulumi stack export` wrote: whole, and without a thing."""
    with sandboxed() as sandbox:
        _analyze(sandbox, both["dr"].state)


def _analyze(sandbox: Sandbox, state: str) -> None:
    whole = sandbox.analyze(state)
    assert whole.returncode == 0, whole.stdout + whole.stderr
    for ending, rule in (
        ("TopicSubscription alerts-channels-critical", "alerting-heard"),
        ("MetricAlarm alerts-error-rate", "alerting-error-rate"),
        ("keys-messages, Administration", "encryption-keys-kept"),
    ):
        (without,) = [changed for what, changed in _taken(state) if what.endswith(ending)]
        cut = sandbox.analyze(without)
        assert cut.returncode != 0, ending
        assert rule in cut.stdout + cut.stderr, ending

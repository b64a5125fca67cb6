"""Rules about the topics that alarms publish to: encrypted, over TLS, and open to alarms."""

from collections.abc import Iterator, Sequence

from policies.engine.facts import Known, Node, Resource, Unknown
from policies.engine.graph import Found, Outside, Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, findings, report, violation
from policies.figures import alerting as alerting_figures
from policies.figures.common import ACCOUNT
from policies.readers.alarms import TOPIC_POLICY, topics
from policies.readers.buckets import part_of
from policies.readers.encryption_keys import expect_customer_managed_key, key_policy_of
from policies.readers.iam_documents import allows_action, conditions, is_own_principal, principals, statements
from policies.readers.regions import own_region, region_of
from policies.readers.resource_policies import expect_own_principals, expect_tls_only
from policies.readers.resource_types import KMS_KEY


def _encrypted(stack: Stack) -> Iterator[Finding]:
    for topic in topics(stack):
        node = topic.at("kmsMasterKeyId")
        yield from findings(topic, expect_customer_managed_key(node))
        match stack.refer(topic, node, KMS_KEY, by=("id", "arn", "keyId")):
            case Found(resource=key):
                policy = key_policy_of(key, stack)
                if isinstance(policy, Unknown):
                    yield Finding(resource=key, verdict=policy)
                    continue
                for verdict in _key(policy.at("policy")):
                    yield Finding(resource=policy if isinstance(verdict, Unknown) else topic, verdict=verdict)
            case Outside(text=text) if "alias/aws/" not in text:
                yield report(topic, f"kmsMasterKeyId is {text}", "a key of this stack")
            case Unknown() as unknown:
                yield Finding(resource=topic, verdict=unknown)
            case _:
                pass


def _key(policy: Node) -> Iterator[Verdict]:
    """Alarms use the key, and the account does through SNS, to try an alert."""
    name = "its key's policy"
    yield from _lets(policy, alerting_figures.PUBLISHING, name)
    found = statements(policy, absent="")
    if isinstance(found, tuple):
        own = [each for each in found if any(kind == "AWS" and is_own_principal(who) for kind, who in principals(each))]
        through = [statement for statement in own if _is_through_sns(statement)]
        lacking = _lacking(through, alerting_figures.PUBLISHING)
        if lacking:
            yield violation(f"{name} doesn't let the account {lacking} through SNS", "what an alert is tried with")


def _is_through_sns(statement: Node) -> bool:
    return any(
        condition.key == "kms:viaservice" and any(value.startswith("sns.") for value in condition.values)
        for condition in conditions(statement)
    )


def _lets(policy: Node, wanted: Sequence[str], name: str) -> Iterator[Verdict]:
    """What a policy doesn't let alarms do that they have to."""
    found = statements(policy, absent=violation(f"{name} isn't set", "a policy"))
    if not isinstance(found, tuple):
        yield found
        return
    able = [each for each in found if ("Service", alerting_figures.ALARMS) in principals(each)]
    lacking = _lacking(able, wanted)
    if lacking:
        yield violation(f"{name} doesn't let {alerting_figures.ALARMS} {lacking}", "what it publishes with")


def _lacking(able: Sequence[Node], wanted: Sequence[str]) -> str:
    """The wanted actions that none of the statements allows, in words."""
    return " and ".join(action for action in wanted if not any(allows_action(statement, action) for statement in able))


def _policies(stack: Stack) -> Iterator[Finding]:
    # Of a stack whose region isn't known, another rule tells.
    for topic in topics(stack) if own_region(stack.name) else ():
        policy = part_of(topic, TOPIC_POLICY, stack, key="arn", by=("arn", "id"))
        arn = _arn(topic)
        if isinstance(policy, Unknown) or isinstance(arn, Unknown):
            yield Finding(resource=topic, verdict=policy if isinstance(policy, Unknown) else arn)
        elif policy is None:
            yield report(topic, "no TopicPolicy is its", "one that refuses plain text")
        else:
            # SNS takes no sns:* here.
            for verdict in (
                *expect_tls_only(policy.at("policy"), "sns", (arn,), action="Publish"),
                *_lets(policy.at("policy"), ("sns:Publish",), "its policy"),
            ):
                yield Finding(resource=policy, verdict=verdict)
                if isinstance(verdict, Unknown):
                    break


def _arn(topic: Resource) -> str | Unknown:
    """The ARN that a topic has by its name, before it is made."""
    name, region = topic.at("name").text(), region_of(topic)
    if isinstance(name, Unknown) or isinstance(region, Unknown):
        return name if isinstance(name, Unknown) else region if isinstance(region, Unknown) else ""
    where = region.value if isinstance(region, Known) else ""
    return f"arn:aws:sns:{where}:{ACCOUNT}:{name.value if isinstance(name, Known) else ''}"


RULES = (
    StackRule(
        id="alerting-topics-encrypted",
        section="Data Handling",
        description="Alerts are encrypted with a key of one's own that alarms may use",
        remedy="Set kmsMasterKeyId to the key for messages, and let CloudWatch use it.",
        judge=_encrypted,
    ),
    StackRule(
        id="alerting-topics-open",
        section="Alert Configuration",
        description="Alarms may publish, and nobody in plain text",
        remedy="Let CloudWatch publish, and deny sns:Publish where aws:SecureTransport is false.",
        judge=_policies,
    ),
    ResourceRule(
        id="alerting-topics-closed",
        section="Data Handling",
        description="A topic's policy lets in nobody of another account, and services only for this one",
        remedy="Name this account's principals, and bind services to it as AWS documents for each.",
        types=(TOPIC_POLICY,),
        judge=lambda policy: expect_own_principals(policy.at("policy"), "topic"),
    ),
)

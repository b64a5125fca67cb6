"""Rules about the topics that alarms publish to: their encryption, and who can publish."""

from collections.abc import Iterator, Sequence

from policies.engine.expectations import expect
from policies.engine.facts import Known, Node, Resource, Unknown
from policies.engine.graph import Found, Outside, Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, findings, report, violation
from policies.figures import alerting as alerting_figures
from policies.figures.common import ACCOUNT
from policies.readers.alarms import TOPIC, TOPIC_POLICY, topics
from policies.readers.buckets import part_of
from policies.readers.encryption_keys import expect_customer_managed_key, key_policy_of
from policies.readers.iam_documents import allows_action, conditions, principals, statements
from policies.readers.own_account import is_own_principal
from policies.readers.regions import own_region, region_of
from policies.readers.resource_policies import expect_own_principals
from policies.readers.resource_types import KMS_KEY
from policies.readers.tls_only import expect_tls_only

SIGNATURE_VERSION = 2


def _encryption(stack: Stack) -> Iterator[Finding]:
    for topic in topics(stack):
        node = topic.at("kmsMasterKeyId")
        yield from findings(topic, expect_customer_managed_key(node))
        match stack.refer(topic, node, KMS_KEY, by=("id", "arn", "keyId")):
            case Found(resource=key):
                policy = key_policy_of(key, stack)
                if isinstance(policy, Unknown):
                    yield Finding(resource=key, verdict=policy)
                    continue
                for verdict in _key_policy(policy.at("policy")):
                    yield Finding(resource=policy if isinstance(verdict, Unknown) else topic, verdict=verdict)
            case Outside(text=text) if "alias/aws/" not in text:
                yield report(topic, f"kmsMasterKeyId is {text}", "a key of this stack")
            case Unknown() as unknown:
                yield Finding(resource=topic, verdict=unknown)
            case _:
                pass


def _key_policy(policy: Node) -> Iterator[Verdict]:
    """Require that alarms can use the key, and the account through SNS, to send a test alert."""
    name = "its key's policy"
    yield from _expect_alarms_allowed(policy, alerting_figures.PUBLISHER_KEY_ACTIONS, name)
    found = statements(policy, absent="")
    if isinstance(found, tuple):
        own = [each for each in found if any(kind == "AWS" and is_own_principal(who) for kind, who in principals(each))]
        through_sns = [statement for statement in own if _is_through_sns(statement)]
        missing = _not_allowed(through_sns, alerting_figures.PUBLISHER_KEY_ACTIONS)
        if missing:
            allowed = f"{' and '.join(alerting_figures.PUBLISHER_KEY_ACTIONS)}, for test alerts"
            yield violation(f"{name} doesn't allow the account {missing} through SNS", allowed)


def _is_through_sns(statement: Node) -> bool:
    return any(
        condition.key == "kms:viaservice" and any(value.startswith("sns.") for value in condition.values)
        for condition in conditions(statement)
    )


def _expect_alarms_allowed(policy: Node, required: Sequence[str], name: str) -> Iterator[Verdict]:
    found = statements(policy, absent=violation(f"{name} isn't set", "a policy"))
    if not isinstance(found, tuple):
        yield found
        return
    missing = _not_allowed(
        [each for each in found if ("Service", alerting_figures.ALARMS_PRINCIPAL) in principals(each)], required
    )
    if missing:
        yield violation(f"{name} doesn't allow {alerting_figures.ALARMS_PRINCIPAL} {missing}", " and ".join(required))


def _not_allowed(allowing: Sequence[Node], required: Sequence[str]) -> str:
    """Return the required actions that none of the statements allows, as text."""
    return " and ".join(
        action for action in required if not any(allows_action(statement, action) for statement in allowing)
    )


def _topic_policies(stack: Stack) -> Iterator[Finding]:
    # residency-provider-region reports an unknown stack.
    for topic in topics(stack) if own_region(stack.name) else ():
        policy = part_of(topic, TOPIC_POLICY, stack, key="arn", by=("arn", "id"))
        arn = _arn(topic)
        if isinstance(policy, Unknown) or isinstance(arn, Unknown):
            yield Finding(resource=topic, verdict=policy if isinstance(policy, Unknown) else arn)
        elif policy is None:
            yield report(topic, "it has no TopicPolicy", "one that denies plain text")
        else:
            # SNS rejects sns:* in a topic's policy.
            for verdict in (
                *expect_tls_only(policy.at("policy"), "sns", (arn,), action="Publish"),
                *_expect_alarms_allowed(policy.at("policy"), ("sns:Publish",), "its policy"),
            ):
                yield Finding(resource=policy, verdict=verdict)
                if isinstance(verdict, Unknown):
                    break


def _arn(topic: Resource) -> str | Unknown:
    """Return a topic's ARN from its name and region: the resource's ARN is unknown in a preview."""
    name, region = topic.at("name").text(), region_of(topic)
    if isinstance(name, Unknown) or isinstance(region, Unknown):
        return name if isinstance(name, Unknown) else region if isinstance(region, Unknown) else ""
    where = region.value if isinstance(region, Known) else ""
    return f"arn:aws:sns:{where}:{ACCOUNT}:{name.value if isinstance(name, Known) else ''}"


def _signed(topic: Resource) -> Iterator[Verdict]:
    # By default SNS signs with SHA1.
    yield from expect(topic.at("signatureVersion"), SIGNATURE_VERSION, default=1)


RULES = (
    ResourceRule(
        id="alerting-topics-signed",
        section="Alert Configuration",
        description="A topic signs its notifications with SHA256, so that PagerDuty knows that they are AWS's",
        remedy=f"Set signatureVersion to {SIGNATURE_VERSION}.",
        types=(TOPIC,),
        judge=_signed,
    ),
    StackRule(
        id="alerting-topics-encrypted",
        section="Data Handling",
        description="Alerts are encrypted with a customer managed key that alarms are allowed to use",
        remedy=f"Set kmsMasterKeyId to a customer managed key whose policy allows {alerting_figures.ALARMS_PRINCIPAL} "
        f"{' and '.join(alerting_figures.PUBLISHER_KEY_ACTIONS)}.",
        severity="medium",
        judge=_encryption,
    ),
    StackRule(
        id="alerting-topics-open",
        section="Alert Configuration",
        description="A topic's policy allows alarms to publish, and denies plain text",
        remedy=f"Allow {alerting_figures.ALARMS_PRINCIPAL} sns:Publish, and deny sns:Publish where aws:SecureTransport "
        "is false.",
        severity="high",
        judge=_topic_policies,
    ),
    ResourceRule(
        id="alerting-topics-closed",
        section="Data Handling",
        description="A topic's policy gives access to principals of this account, and to services on its behalf only",
        remedy="Name principals of this account, and bind services to it with the condition that AWS documents for "
        "each.",
        severity="high",
        controls=("SNS.4",),
        types=(TOPIC_POLICY,),
        judge=lambda policy: expect_own_principals(policy.at("policy"), "topic"),
    ),
)

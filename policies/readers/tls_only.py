"""Judges whether a resource's policy rejects plain text."""

from collections.abc import Iterator

from policies.engine.facts import Known, Node
from policies.engine.rule import Verdict, violation
from policies.readers.iam_documents import denies_everyone, statements, texts


def expect_tls_only(policy: Node, service: str, arns: tuple[str, ...], *, action: str = "*") -> Iterator[Verdict]:
    """Require that a policy denies plain text on each of these ARNs."""
    allowed = (
        f"a Deny of {service}:{action} to every principal where aws:SecureTransport is false, on {' and '.join(arns)}"
    )
    found = statements(policy, absent=violation("policy isn't set", allowed))
    if not isinstance(found, tuple):
        yield found
        return
    covered: set[str] = set()
    for statement in found:
        if _denies_plain_text(statement, service, action):
            covered |= set(texts(statement.at("Resource")))
    if not set(arns) <= covered:
        yield violation("it allows plain text", allowed)


def _denies_plain_text(statement: Node, service: str, action: str) -> bool:
    actions = {action.lower() for action in texts(statement.at("Action"))}
    transport = statement.at("Condition", "Bool", "aws:SecureTransport").text()
    condition = statement.at("Condition").value
    return (
        denies_everyone(statement)
        and bool(actions & {f"{service}:{action.lower()}", f"{service}:*", "*"})
        and transport == Known(value="false")
        # A second condition would deny less.
        and isinstance(condition, dict)
        and set(condition) == {"Bool"}
    )

"""Rules about personal data in logs: what AWS can tell is counted and masked, and nobody takes the mask off."""

from collections.abc import Iterator

from policies.engine.facts import Absent, Known, Node, Resource, Unknown
from policies.engine.graph import Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, aws_type, each_has, violation
from policies.figures import baseline as baseline_figures
from policies.readers.iam_documents import allow_statements, label, texts
from policies.readers.log_groups import log_groups_named
from policies.readers.resource_types import IAM_POLICIES, LOG_GROUP

PROTECTION = aws_type("cloudwatch", "LogDataProtectionPolicy")


def _protected(stack: Stack) -> Iterator[Finding]:
    found = list(log_groups_named(stack, *baseline_figures.MASKED_GROUPS))
    yield from (each for each in found if isinstance(each, Finding))
    yield from each_has(
        [each for each in found if isinstance(each, Resource)],
        stack.of(PROTECTION),
        lambda part: stack.refer(part, part.at("logGroupName"), LOG_GROUP, by=("name", "id")),
        lacking=violation("personal data stays readable in it", "a LogDataProtectionPolicy of its own"),
    )


def _masks(part: Resource) -> Iterator[Verdict]:
    allowed = "a policy that audits and masks"
    match part.at("policyDocument").text():
        case Unknown() as unknown:
            yield unknown
        case Absent():
            yield violation("policyDocument isn't set", allowed)
        case Known():
            found = part.at("policyDocument").parsed().at("Statement").items()
            nodes = found.value if isinstance(found, Known) else ()
            for operation, inner in (("Audit", "FindingsDestination"), ("Deidentify", "MaskConfig")):
                yield from _does(nodes, operation, inner)


def _does(statements: tuple[Node, ...], operation: str, inner: str) -> Iterator[Verdict]:
    known: set[str] = set()
    for statement in statements:
        if isinstance(statement.at("Operation", operation, inner).value, dict):
            known |= set(texts(statement.at("DataIdentifier")))
    missing = [each for each in baseline_figures.IDENTIFIERS if each not in known]
    if missing:
        names = ", ".join(each.rpartition("/")[2] for each in missing)
        yield violation(
            f"no {operation} is about {names}", f"a statement with {operation}.{inner} and these identifiers"
        )


def _unmasking(policy: Resource) -> Iterator[Verdict]:
    for statement in allow_statements(policy.at("policy"), absent=""):
        # Of an unknown document access-wildcards tells, about the same resources.
        if isinstance(statement, Node):
            # Patterns are refused by another rule.
            actions = [action.lower() for action in texts(statement.at("Action"))]
            if "logs:unmask" in actions:
                yield violation(f"{label(statement)} allows logs:Unmask", "nobody, in daily work")


RULES = (
    StackRule(
        id="logs-protected",
        section="Data Handling",
        description="Logs of the application, the database and the audit have a policy about personal data",
        remedy="Give the log group a LogDataProtectionPolicy.",
        judge=_protected,
    ),
    ResourceRule(
        id="logs-masked",
        section="Data Handling",
        description="Addresses, cards, e-mail addresses and names are counted and masked in logs",
        remedy="Audit and de-identify AWS's identifiers for them in the policy.",
        types=(PROTECTION,),
        judge=_masks,
    ),
    ResourceRule(
        id="logs-unmask",
        section="Data Handling",
        description="No role may see what is masked",
        remedy="Leave logs:Unmask out; who needs it in an incident is let for the incident.",
        types=IAM_POLICIES,
        judge=_unmasking,
    ),
)

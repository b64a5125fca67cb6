"""Rules about personal data in logs: AWS detects and masks it, and no role can unmask it."""

from collections.abc import Iterator

from policies.engine.facts import Absent, Known, Node, Resource, Unknown
from policies.engine.graph import Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, aws_type, each_has, violation
from policies.figures import baseline as baseline_figures
from policies.readers.iam_documents import allow_statements, label, texts
from policies.readers.log_groups import log_groups_named
from policies.readers.resource_types import IAM_POLICIES, LOG_GROUP

PROTECTION = aws_type("cloudwatch", "LogDataProtectionPolicy")

_NAMES = ", ".join(identifier.rpartition("/")[2] for identifier in baseline_figures.IDENTIFIERS)


def _protected_groups(stack: Stack) -> Iterator[Finding]:
    found = list(log_groups_named(stack, *baseline_figures.MASKED_GROUPS))
    yield from (each for each in found if isinstance(each, Finding))
    yield from each_has(
        [each for each in found if isinstance(each, Resource)],
        stack.of(PROTECTION),
        lambda part: stack.refer(part, part.at("logGroupName"), LOG_GROUP, by=("name", "id")),
        missing=violation("personal data stays readable in it", "a LogDataProtectionPolicy"),
    )


def _masks(protection: Resource) -> Iterator[Verdict]:
    allowed = "a policy that audits and masks"
    match protection.at("policyDocument").text():
        case Unknown() as unknown:
            yield unknown
        case Absent():
            yield violation("policyDocument isn't set", allowed)
        case Known():
            found = protection.at("policyDocument").parsed().at("Statement").items()
            nodes = found.value if isinstance(found, Known) else ()
            for operation, configuration in (("Audit", "FindingsDestination"), ("Deidentify", "MaskConfig")):
                yield from _expect_operation(nodes, operation, configuration)


def _expect_operation(statements: tuple[Node, ...], operation: str, configuration: str) -> Iterator[Verdict]:
    covered: set[str] = set()
    for statement in statements:
        if isinstance(statement.at("Operation", operation, configuration).value, dict):
            covered |= set(texts(statement.at("DataIdentifier")))
    missing = [each for each in baseline_figures.IDENTIFIERS if each not in covered]
    if missing:
        names = ", ".join(each.rpartition("/")[2] for each in missing)
        allowed = f"a statement with {operation}.{configuration} and these identifiers"
        yield violation(f"no {operation} statement covers {names}", allowed)


def _unmasking(policy: Resource) -> Iterator[Verdict]:
    for statement in allow_statements(policy.at("policy"), absent=""):
        # access-wildcards reports unknown documents and patterns.
        if isinstance(statement, Node):
            actions = [action.lower() for action in texts(statement.at("Action"))]
            if "logs:unmask" in actions:
                yield violation(f"{label(statement)} allows logs:Unmask", "no logs:Unmask in daily work")


RULES = (
    StackRule(
        id="logs-protected",
        section="Data Handling",
        description="Log groups of the application, the database and the audit have a data protection policy",
        remedy="Create a LogDataProtectionPolicy for the log group.",
        severity="high",
        judge=_protected_groups,
    ),
    ResourceRule(
        id="logs-masked",
        section="Data Handling",
        description="Addresses, credit card numbers, e-mail addresses and names are counted and masked in logs",
        remedy=f"Audit and de-identify {_NAMES} in the policy.",
        severity="high",
        types=(PROTECTION,),
        judge=_masks,
    ),
    ResourceRule(
        id="logs-unmask",
        section="Data Handling",
        description="No role is allowed to unmask personal data in logs",
        remedy="Remove logs:Unmask; allow it for the time of an incident only.",
        severity="high",
        types=IAM_POLICIES,
        judge=_unmasking,
    ),
)

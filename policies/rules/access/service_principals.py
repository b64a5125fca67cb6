"""Rules about AWS's services as principals: known ones only, under conditions that they are documented to meet."""

from collections.abc import Iterator, Mapping

from policies.engine.facts import Node, Resource, Unknown
from policies.engine.rule import ResourceRule, Verdict, aws_type, violation
from policies.figures import services as services_figures
from policies.figures.services import Kind
from policies.readers.iam_documents import allow_statements, label, principals, required_keys
from policies.readers.resource_types import IAM_ROLE, KMS_KEY, KMS_KEY_POLICY

# Where a type has its policy document, and what the document gives access to.
DOCUMENTS: Mapping[str, tuple[str, Kind]] = {
    IAM_ROLE: ("assumeRolePolicy", "role"),
    KMS_KEY: ("policy", "key"),
    KMS_KEY_POLICY: ("policy", "key"),
    aws_type("s3", "BucketPolicy"): ("policy", "bucket"),
    aws_type("sns", "TopicPolicy"): ("policy", "topic"),
    aws_type("sqs", "QueuePolicy"): ("policy", "queue"),
    aws_type("cloudwatch", "LogResourcePolicy"): ("policyDocument", "log group"),
}


def _services(resource: Resource) -> Iterator[Verdict]:
    key, kind = DOCUMENTS[resource.type]
    # The rules of the type report a missing or unreadable document.
    for statement in allow_statements(resource.at(key), absent=""):
        if isinstance(statement, Unknown):
            yield statement
        elif isinstance(statement, Node):
            for service in (name for kind_, name in principals(statement) if kind_ == "Service"):
                yield from _expect_documented(statement, service, kind)


def _expect_documented(statement: Node, service: str, kind: Kind) -> Iterator[Verdict]:
    known, name = services_figures.CONDITION_KEYS[kind], label(statement)
    if service not in known:
        allowed = f"{', '.join(known)}; another service once AWS's page about it is in policies/figures/services.py"
        yield violation(f"{name} gives {service} access to a {kind}", allowed)
        return
    # A key that the service doesn't send denies it access.
    for key in sorted(
        key for key in required_keys(statement) if key.startswith("aws:source") and key not in known[service]
    ):
        sent = " or ".join(sorted(known[service])) or "no condition on a source"
        yield violation(f"{name} requires {key}, which {service} isn't documented to send", sent)


RULES = (
    ResourceRule(
        id="access-services",
        section="Access Controls",
        description="A policy names known services only, and requires of each only the condition keys that AWS "
        "documents for it",
        remedy="Use the conditions of the sample policy on AWS's page about the service.",
        severity="high",
        types=tuple(DOCUMENTS),
        judge=_services,
    ),
)

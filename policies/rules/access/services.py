"""Rules about AWS's services that a document lets in: only known ones, and by no condition that shuts them out."""

from collections.abc import Iterator, Mapping

from policies.engine.facts import Node, Resource, Unknown
from policies.engine.rule import ResourceRule, Verdict, aws_type, violation
from policies.figures import services as services_figures
from policies.figures.services import Kind
from policies.readers.iam_documents import allow_statements, label, principals, required_keys
from policies.readers.resource_types import IAM_ROLE, KMS_KEY, KMS_KEY_POLICY

# Where a type keeps its document, and what the document lets services into.
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
    # A document that is missing or can't be read is reported by the rules of its type.
    for statement in allow_statements(resource.at(key), absent=""):
        if isinstance(statement, Unknown):
            yield statement
        elif isinstance(statement, Node):
            for service in (name for kind_, name in principals(statement) if kind_ == "Service"):
                yield from _statement(statement, service, kind)


def _statement(statement: Node, service: str, kind: Kind) -> Iterator[Verdict]:
    known, name = services_figures.SENT[kind], label(statement)
    if service not in known:
        allowed = f"{', '.join(known)}; another one once AWS's page for it is in policies/figures/services.py"
        yield violation(f"{name} lets {service} into a {kind}", allowed)
        return
    for key in sorted(
        key for key in required_keys(statement) if key.startswith("aws:source") and key not in known[service]
    ):
        sent = " or ".join(sorted(known[service])) or "no condition on a source"
        yield violation(f"{name} lets {service} in by {key}, which it isn't documented to send", sent)


RULES = (
    ResourceRule(
        id="access-services",
        section="Access Controls",
        description="Services are let in by no condition that AWS doesn't document for them: it would shut them out",
        remedy="Use the conditions of the sample policy on AWS's page for the service.",
        types=tuple(DOCUMENTS),
        judge=_services,
    ),
)

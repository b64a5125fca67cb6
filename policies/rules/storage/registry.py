"""Rules about the image registry: immutable tags, released images that never expire, and replication."""

from collections.abc import Iterator, Sequence

from policies.engine.answers import Answer
from policies.engine.expectations import equals, in_each, is_false, is_true, number, property_rule
from policies.engine.facts import Absent, Known, Node, Resource, Unknown, elements_of
from policies.engine.graph import Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, findings, report, violation
from policies.figures import storage as storage_figures
from policies.figures.common import ACCOUNT
from policies.readers.encryption_keys import customer_managed_key
from policies.readers.iam_documents import texts
from policies.readers.regions import is_in_region_of, region_of
from policies.readers.resource_types import ECS_SERVICE, REPOSITORY

LIFECYCLE = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
REPLICATION = "aws:ecr/replicationConfiguration:ReplicationConfiguration"
_COUNT_TYPE, _TAGGED = "imageCountMoreThan", "tagged"
_FIRST_RULE = (
    f"a first rule for images {_TAGGED} {storage_figures.RELEASE_TAGS} with {_COUNT_TYPE} of at least "
    f"{storage_figures.MIN_RELEASES_KEPT}, then rules for other tags"
)


def _encryption(repository: Resource) -> Iterator[Verdict]:
    if not elements_of(repository.at("encryptionConfigurations")):
        yield violation("encryptionConfigurations isn't set", "KMS with a customer managed key")


def _lifecycle_policies(stack: Stack) -> Iterator[Finding]:
    for repository in stack.of(REPOSITORY):
        answers = [_is_for(policy, repository) for policy in stack.of(LIFECYCLE)]
        unknown = next((answer for answer in answers if isinstance(answer, Unknown)), None)
        if True not in answers:
            missing = violation("it has no LifecyclePolicy", "one that keeps releases")
            yield Finding(resource=repository, verdict=unknown or missing)


def _is_for(policy: Resource, repository: Resource) -> Answer:
    """Whether a policy has a repository's name and region."""
    names = policy.at("repository").text(), repository.at("name").text()
    unknown = next((fact for fact in names if isinstance(fact, Unknown)), None)
    return unknown or (names[0] == names[1] and is_in_region_of(policy, repository))


def _lifecycle_policy(policy: Resource) -> Iterator[Verdict]:
    match policy.at("policy").text():
        case Unknown() as unknown:
            yield unknown
        case Absent():
            yield violation("policy isn't set", _FIRST_RULE)
        case Known():
            rules = policy.at("policy").parsed().at("rules").items()
            if not isinstance(rules, Known) or not rules.value:
                yield violation("policy has no rules", _FIRST_RULE)
            else:
                yield from _lifecycle_rules(sorted(rules.value, key=_priority))


def _priority(rule: Node) -> float:
    return number(rule.at("rulePriority").scalar()) or 0


def _lifecycle_rules(rules: Sequence[Node]) -> Iterator[Verdict]:
    first, *others = rules
    selection = first.at("selection")
    # ECR applies a rule only to images that match all of its patterns, so a second one would exclude releases.
    is_for_releases = texts(selection.at("tagPatternList")) == (storage_figures.RELEASE_TAGS,)
    is_by_count = selection.at("countType").text() == Known(value=_COUNT_TYPE)
    is_enough = (number(selection.at("countNumber").scalar()) or 0) >= storage_figures.MIN_RELEASES_KEPT
    is_tagged = selection.at("tagStatus").text() == Known(value=_TAGGED)
    if not (is_for_releases and is_by_count and is_enough and is_tagged):
        yield violation("the first rule doesn't keep released images", _FIRST_RULE)
    for rule in others:
        if rule.at("selection", "tagStatus").text() != Known(value=_TAGGED):
            found = "a rule expires untagged images, which are parts of released ones"
            yield violation(found, "rules for tagged images alone")


def _replication(stack: Stack) -> Iterator[Finding]:
    if stack.name != storage_figures.COPIED_BY:
        return
    copies = {_name(repository) for repository in stack.of(REPOSITORY) if _is_in_copy_region(repository)}
    originals = [repository for repository in stack.of(REPOSITORY) if not _is_in_copy_region(repository)]
    names = [_name(repository) for repository in originals]
    # Tasks run their images.
    if stack.of(ECS_SERVICE) and not any(isinstance(name, Unknown) for name in names):
        for name in storage_figures.REPOSITORIES:
            if name not in names:
                yield report(None, f"there is no repository {name}", ", ".join(storage_figures.REPOSITORIES))
    for repository, name in zip(originals, names, strict=True):
        if isinstance(name, Unknown):
            yield Finding(resource=repository, verdict=name)
            continue
        if name not in copies:
            found = f"no repository of its name is in {storage_figures.COPY_REGION}"
            yield report(repository, found, "one that is created before replication")
        configurations = stack.of(REPLICATION)
        if not configurations:
            yield report(repository, "images aren't replicated", "a ReplicationConfiguration")
        for configuration in configurations:
            yield from findings(configuration, _replication_rules(configuration, name))


def _replication_rules(configuration: Resource, name: str) -> Iterator[Verdict]:
    match configuration.at("replicationConfiguration", "rules").items():
        case Unknown() as unknown:
            yield unknown
        case Known(value=rules) if any(_covers(rule, name) for rule in rules):
            pass
        case _:
            allowed = f"a rule for it to {storage_figures.COPY_REGION} of {ACCOUNT}"
            yield violation(f"images of {name} aren't replicated", allowed)


def _covers(rule: Node, name: str) -> bool:
    filters, destinations = rule.at("repositoryFilters").items(), rule.at("destinations").items()
    prefixes = [texts(each.at("filter")) for each in filters.value] if isinstance(filters, Known) else []
    is_to_copy_region = isinstance(destinations, Known) and any(
        each.at("region").text() == Known(value=storage_figures.COPY_REGION)
        and each.at("registryId").text() == Known(value=ACCOUNT)
        for each in destinations.value
    )
    return is_to_copy_region and (not prefixes or any(name.startswith(prefix) for each in prefixes for prefix in each))


def _is_in_copy_region(repository: Resource) -> bool:
    return region_of(repository) == Known(value=storage_figures.COPY_REGION)


def _name(repository: Resource) -> str | Unknown:
    match repository.at("name").text():
        case Known(value=name):
            return name
        case Unknown() as unknown:
            return unknown
        case Absent():
            return ""


RULES = (
    property_rule(
        "registry-images",
        section="Deployment Commands",
        description="Image tags are immutable; images are scanned, encrypted and not deleted with their repository",
        types=REPOSITORY,
        rows=(
            equals("imageTagMutability", "IMMUTABLE", default="MUTABLE"),
            is_true("imageScanningConfiguration.scanOnPush", default=False),
            is_false("forceDelete", default=False),
            in_each(
                "encryptionConfigurations",
                equals("encryptionType", "KMS", default="AES256"),
                customer_managed_key("kmsKey"),
            ),
        ),
        also=_encryption,
        severity="high",
        controls=("ECR.1", "ECR.2"),
    ),
    StackRule(
        id="registry-lifecycles",
        section="Deployment Commands",
        description="Every repository has a lifecycle policy",
        remedy="Give the repository a LifecyclePolicy in its region.",
        judge=_lifecycle_policies,
        severity="low",
        controls=("ECR.3",),
    ),
    ResourceRule(
        id="registry-lifecycle",
        section="Deployment Commands",
        description="No lifecycle policy expires a released image or a part of one",
        remedy=f"Select {storage_figures.RELEASE_TAGS} in the first rule, by a count that is never reached, and only "
        "tagged images in later rules.",
        types=(LIFECYCLE,),
        judge=_lifecycle_policy,
        severity="high",
    ),
    StackRule(
        id="registry-replicated",
        section="Environment Details",
        description="The images of releases and of tools each have a repository, which is replicated to the recovery "
        "region, into one that the stack defines",
        remedy=f"Define the repository, and its copy in {storage_figures.COPY_REGION} before the replication.",
        judge=_replication,
        severity="high",
    ),
)

"""Rules about the registry of images: what a tag means stays, what runs is never dropped, and dr has it too."""

from collections.abc import Iterator, Sequence

from policies.engine.answers import Answer
from policies.engine.expectations import expect, expect_false, expect_true, number
from policies.engine.facts import Absent, Known, Node, Resource, Unknown
from policies.engine.graph import Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, findings, report, violation
from policies.figures import storage as storage_figures
from policies.figures.common import ACCOUNT
from policies.readers.encryption_keys import expect_customer_managed_key
from policies.readers.iam_documents import texts
from policies.readers.regions import is_in_region_of, region_of
from policies.readers.resource_types import REPOSITORY

LIFECYCLE = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
REPLICATION = "aws:ecr/replicationConfiguration:ReplicationConfiguration"


def _images(repository: Resource) -> Iterator[Verdict]:
    yield from expect(repository.at("imageTagMutability"), "IMMUTABLE", default="MUTABLE")
    scanned = repository.at("imageScanningConfiguration", "scanOnPush")
    yield from expect_true(scanned, default=False)
    yield from expect_false(repository.at("forceDelete"), default=False)
    match repository.at("encryptionConfigurations").items():
        case Known(value=nodes) if nodes:
            for node in nodes:
                yield from expect(node.at("encryptionType"), "KMS", default="AES256")
                yield from expect_customer_managed_key(node.at("kmsKey"))
        case Unknown() as unknown:
            yield unknown
        case _:
            yield violation("encryptionConfigurations isn't set", "KMS with a customer's key")


def _is_its(part: Resource, repository: Resource) -> Answer:
    """Whether a policy is a repository's: of its name, in its region."""
    ours, theirs = part.at("repository").text(), repository.at("name").text()
    unknown = next((fact for fact in (ours, theirs) if isinstance(fact, Unknown)), None)
    return unknown or (ours == theirs and is_in_region_of(part, repository))


def _lifecycles(stack: Stack) -> Iterator[Finding]:
    for repository in stack.of(REPOSITORY):
        answers = [(part, _is_its(part, repository)) for part in stack.of(LIFECYCLE)]
        own = [part for part, answer in answers if answer is True]
        doubt = next((answer for _, answer in answers if isinstance(answer, Unknown)), None)
        if not own:
            lacking = violation("no LifecyclePolicy is its", "one that shields releases")
            yield Finding(resource=repository, verdict=doubt or lacking)


def _lifecycle(policy: Resource) -> Iterator[Verdict]:
    wanted = f"a first rule that shields {storage_figures.RELEASES}, then rules for other tags"
    match policy.at("policy").text():
        case Unknown() as unknown:
            yield unknown
        case Absent():
            yield violation("policy isn't set", wanted)
        case Known():
            rules = policy.at("policy").parsed().at("rules").items()
            if not isinstance(rules, Known) or not rules.value:
                yield violation("policy has no rules", wanted)
            else:
                yield from _in_order(sorted(rules.value, key=_priority), wanted)


def _priority(rule: Node) -> float:
    return number(rule.at("rulePriority").scalar()) or 0


def _in_order(rules: Sequence[Node], wanted: str) -> Iterator[Verdict]:
    first, *others = rules
    selection = first.at("selection")
    # AWS takes an image for a rule's only where it has all of the rule's tags.
    shields = texts(selection.at("tagPatternList")) == (storage_figures.RELEASES,)
    counted = selection.at("countType").text() == Known(value="imageCountMoreThan")
    enough = (number(selection.at("countNumber").scalar()) or 0) >= storage_figures.NEVER_DROPPED
    if not (shields and counted and enough and selection.at("tagStatus").text() == Known(value="tagged")):
        yield violation("the first rule doesn't shield what was released", wanted)
    for rule in others:
        if rule.at("selection", "tagStatus").text() != Known(value="tagged"):
            found = "a rule drops images without a tag, which the parts of a released one are"
            yield violation(found, "rules for tagged images alone")


def _replicated(stack: Stack) -> Iterator[Finding]:
    if stack.name != storage_figures.COPIED_BY:
        return
    there = {_name(repository) for repository in stack.of(REPOSITORY) if _is_there(repository)}
    for repository in stack.of(REPOSITORY):
        name = _name(repository)
        if _is_there(repository):
            continue
        if isinstance(name, Unknown):
            yield Finding(resource=repository, verdict=name)
            continue
        if name not in there:
            lacking = violation(
                f"no repository of its name is in {storage_figures.COPY_REGION}", "one that was made first"
            )
            yield Finding(resource=repository, verdict=lacking)
        configurations = stack.of(REPLICATION)
        if not configurations:
            yield report(repository, "nothing is copied", "a ReplicationConfiguration")
        for configuration in configurations:
            yield from findings(configuration, _copies(configuration, name))


def _copies(configuration: Resource, name: str) -> Iterator[Verdict]:
    match configuration.at("replicationConfiguration", "rules").items():
        case Unknown() as unknown:
            yield unknown
        case Known(value=rules) if any(_covers(rule, name) for rule in rules):
            pass
        case _:
            allowed = f"a rule for it to {storage_figures.COPY_REGION} of {ACCOUNT}"
            yield violation(f"images of {name} aren't copied", allowed)


def _covers(rule: Node, name: str) -> bool:
    filters, destinations = rule.at("repositoryFilters").items(), rule.at("destinations").items()
    prefixes = [texts(each.at("filter")) for each in filters.value] if isinstance(filters, Known) else []
    goes = isinstance(destinations, Known) and any(
        each.at("region").text() == Known(value=storage_figures.COPY_REGION)
        and each.at("registryId").text() == Known(value=ACCOUNT)
        for each in destinations.value
    )
    return goes and (not prefixes or any(name.startswith(prefix) for each in prefixes for prefix in each))


def _is_there(repository: Resource) -> bool:
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
    ResourceRule(
        id="registry-images",
        section="Deployment Commands",
        description="A tag keeps its meaning, images are scanned and encrypted, and none goes with its repository",
        remedy="Set IMMUTABLE, scanOnPush and KMS with the key for images, and leave forceDelete out.",
        types=(REPOSITORY,),
        judge=_images,
    ),
    StackRule(
        id="registry-lifecycles",
        section="Deployment Commands",
        description="Every repository has a lifecycle policy",
        remedy="Give the repository a LifecyclePolicy in its own region.",
        judge=_lifecycles,
    ),
    ResourceRule(
        id="registry-lifecycle",
        section="Deployment Commands",
        description="No lifecycle policy ever drops an image that was released, or a part of one",
        remedy="Shield v* by the first rule, and let later rules choose other tags alone.",
        types=(LIFECYCLE,),
        judge=_lifecycle,
    ),
    StackRule(
        id="registry-replicated",
        section="Environment Details",
        description="Images are copied to the recovery region, into a repository of one's own",
        remedy="Make the repository there first, and replicate to it.",
        judge=_replicated,
    ),
)

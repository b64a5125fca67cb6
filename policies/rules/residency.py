"""Rules about where things are and whose they are: the account, the region and the tags that say so."""

from collections.abc import Iterator

from policies.engine.expectations import expect
from policies.engine.facts import Absent, Known, Node, Resource, Unknown
from policies.engine.rule import ResourceRule, Verdict, violation
from policies.figures import types as types_figures
from policies.figures.common import ACCOUNT, APPLICATION, STACKS, TAGS

PROVIDER = "pulumi:providers:aws"

# The rules know what these packages make; another one's resources would go unjudged. pulumi is the engine's own, for
# references between resources.
PACKAGES = ("aws", "awsx", "pulumi", "random")


def _account(provider: Resource) -> Iterator[Verdict]:
    allowed = f"exactly [{ACCOUNT}]"
    match provider.at("allowedAccountIds").parsed().items():
        case Known(value=nodes):
            accounts = [node.text() for node in nodes]
            unknown = next((account for account in accounts if isinstance(account, Unknown)), None)
            known = [account.value for account in accounts if isinstance(account, Known)]
            if any(account != ACCOUNT for account in known) or not accounts:
                yield violation(f"allowedAccountIds is [{', '.join(known)}]", allowed)
            elif unknown:
                yield unknown
        case Unknown() as unknown:
            yield unknown
        case _:
            yield violation("allowedAccountIds isn't set: any account is taken", allowed)


def _package(provider: Resource) -> Iterator[Verdict]:
    package = provider.type.removeprefix("pulumi:providers:")
    if package not in PACKAGES:
        yield violation(f"resources of the package {package} are planned, which no rule can judge", ", ".join(PACKAGES))


def _type(resource: Resource) -> Iterator[Verdict]:
    known = (types_figures.PLANNED, types_figures.ALSO_JUDGED, types_figures.REFUSED_ELSEWHERE)
    if not any(resource.type in types for types in known):
        yield violation(f"no rule judges the type {resource.type}", "the types in policies/figures/types.py")


def _provider_region(provider: Resource) -> Iterator[Verdict]:
    stack = STACKS.get(provider.stack)
    if stack is None:
        known = " and ".join(STACKS)
        yield violation(f"the stack {provider.stack} is unknown to the pack, so its region can't be judged", known)
    else:
        yield from expect(provider.at("region"), stack.region)


def _resource_region(resource: Resource) -> Iterator[Verdict]:
    stack = STACKS.get(resource.stack)
    # The provider's rule reports a stack that isn't known; its resources stay in the document's regions anyhow.
    everywhere = {region for each in STACKS.values() for region in each.regions}
    regions = sorted(stack.regions if stack else everywhere)
    region = resource.at("region")
    if region.value is not None:
        yield from expect(region, *regions)


def _provider_tags(provider: Resource) -> Iterator[Verdict]:
    tags = _default_tags(provider.at("defaultTags"))
    for key in TAGS:
        wanted = _figure(key, provider.stack)
        match tags.at(key).text():
            case Known(value=value) if wanted is not None and value != wanted:
                yield violation(f"the default tag {key} is {value}", wanted)
            case Absent():
                yield violation(f"there is no default tag {key}", wanted or "one that isn't empty")
            case Unknown() as unknown:
                yield unknown
            case _:
                pass


def _resource_tags(resource: Resource) -> Iterator[Verdict]:
    for key in TAGS:
        match resource.at("tags", key).text():
            case Known(value=value):
                wanted = _figure(key, resource.stack) or _default(resource, key)
                if wanted is not None and value != wanted:
                    yield violation(f"the tag {key} is {value}", f"{wanted}, as on all resources")
            case Unknown() as unknown:
                yield unknown
            case Absent():
                pass


def _default(resource: Resource, key: str) -> str | None:
    """What the resource's provider tags everything with, where that is known."""
    tag = _default_tags(resource.at_provider("defaultTags")).at(key).text()
    return tag.value if isinstance(tag, Known) else None


def _figure(key: str, stack: str) -> str | None:
    """What the document says a tag has to be; None where any value will do."""
    return {"Application": APPLICATION, "Environment": stack, "ManagedBy": "pulumi"}.get(key)


def _default_tags(node: Node) -> Node:
    """The provider's default tags: the engine hands them on as JSON text or as an object, and so the tags in it."""
    return node.parsed().at("tags").parsed()


RULES = (
    ResourceRule(
        id="residency-account",
        section="Environment Details",
        description="The provider refuses every AWS account but the document's",
        remedy="Set aws:allowedAccountIds to the production account in the stack file.",
        types=(PROVIDER,),
        judge=_account,
    ),
    ResourceRule(
        id="residency-packages",
        section="Environment Details",
        description="Only packages that the rules can judge are used",
        remedy="Make the resource with the aws package, or teach the rules the new package first.",
        types=("pulumi:providers:",),
        judge=_package,
    ),
    ResourceRule(
        id="residency-types",
        section="Production Architecture",
        description="Only types of resources that the document's architecture uses, and the rules judge, are planned",
        remedy="Remove the resource, or write the rules that judge its type and add it to policies/figures/types.py.",
        # Components (taskflow:, awsx:) are judged by what they contain, other packages by residency-packages.
        types=("aws:", "random:", "pulumi:pulumi:"),
        judge=_type,
    ),
    ResourceRule(
        id="residency-provider-region",
        section="Environment Details",
        description="The provider works in the stack's own region",
        remedy="Set aws:region in the stack file to the stack's region.",
        types=(PROVIDER,),
        judge=_provider_region,
    ),
    ResourceRule(
        id="residency-region",
        section="Environment Details",
        description="No resource is made outside the stack's regions",
        remedy="Leave the resource's region out, or set it to one of the stack's.",
        types=("aws:",),
        judge=_resource_region,
    ),
    ResourceRule(
        id="residency-default-tags",
        section="Environment Details",
        description="The provider tags everything with what it belongs to and who answers for it",
        remedy="Add the tag to aws:defaultTags in the stack file.",
        types=(PROVIDER,),
        judge=_provider_tags,
    ),
    ResourceRule(
        id="residency-tags",
        section="Environment Details",
        description="No resource's own tags contradict the stack's",
        remedy="Leave the tag out: the provider's default tags set it.",
        types=("aws:",),
        judge=_resource_tags,
    ),
)

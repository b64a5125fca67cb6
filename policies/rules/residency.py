"""Chapter residency: the account, the regions, the tags, and the types of resources."""

from collections.abc import Iterator

from policies.engine.expectations import expect
from policies.engine.facts import Absent, Known, Node, Resource, Unknown
from policies.engine.rule import ResourceRule, Verdict, violation
from policies.figures import types as types_figures
from policies.figures.common import ACCOUNT, APPLICATION, STACKS, TAGS

PROVIDER = "pulumi:providers:aws"

# The packages whose resources the rules know. pulumi is the engine's own, for references between resources.
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
            yield violation("allowedAccountIds isn't set: the provider accepts any account", allowed)


def _package(provider: Resource) -> Iterator[Verdict]:
    package = provider.type.removeprefix("pulumi:providers:")
    if package not in PACKAGES:
        yield violation(f"resources of the package {package} are planned, which no rule judges", ", ".join(PACKAGES))


def _type(resource: Resource) -> Iterator[Verdict]:
    known = (types_figures.PLANNED, types_figures.ALSO_JUDGED, types_figures.REFUSED_ELSEWHERE)
    if not any(resource.type in types for types in known):
        yield violation(f"no rule judges the type {resource.type}", "the types in policies/figures/types.py")


def _provider_region(provider: Resource) -> Iterator[Verdict]:
    stack = STACKS.get(provider.stack)
    if stack is None:
        known = " and ".join(STACKS)
        yield violation(f"the pack has no region for the stack {provider.stack}", known)
    else:
        yield from expect(provider.at("region"), stack.region)


def _resource_region(resource: Resource) -> Iterator[Verdict]:
    stack = STACKS.get(resource.stack)
    # residency-provider-region reports an unknown stack; its resources may be in any region of the document.
    everywhere = {region for each in STACKS.values() for region in each.regions}
    regions = sorted(stack.regions if stack else everywhere)
    region = resource.at("region")
    if region.value is not None:
        yield from expect(region, *regions)


def _provider_tags(provider: Resource) -> Iterator[Verdict]:
    tags = _default_tags(provider.at("defaultTags"))
    for key in TAGS:
        required = _figure(key, provider.stack)
        match tags.at(key).text():
            case Known(value=value) if required is not None and value != required:
                yield violation(f"the default tag {key} is {value}", required)
            case Absent():
                yield violation(f"there is no default tag {key}", required or "any text")
            case Unknown() as unknown:
                yield unknown
            case _:
                pass


def _resource_tags(resource: Resource) -> Iterator[Verdict]:
    for key in TAGS:
        match resource.at("tags", key).text():
            case Known(value=value):
                required = _figure(key, resource.stack) or _default(resource, key)
                if required is not None and value != required:
                    yield violation(f"the tag {key} is {value}", f"{required}, as on all resources")
            case Unknown() as unknown:
                yield unknown
            case Absent():
                pass


def _default(resource: Resource, key: str) -> str | None:
    """Return the default tag of a resource's provider, if it is known."""
    tag = _default_tags(resource.at_provider("defaultTags")).at(key).text()
    return tag.value if isinstance(tag, Known) else None


def _figure(key: str, stack: str) -> str | None:
    """Return the document's value of a tag; None where any value is allowed."""
    return {"Application": APPLICATION, "Environment": stack, "ManagedBy": "pulumi"}.get(key)


def _default_tags(node: Node) -> Node:
    """Return the provider's default tags: the engine passes them, and the object around them, also as JSON text."""
    return node.parsed().at("tags").parsed()


RULES = (
    ResourceRule(
        id="residency-account",
        section="Environment Details",
        description="The provider accepts the document's AWS account alone",
        remedy=f"Set aws:allowedAccountIds in the stack file to [{ACCOUNT}].",
        types=(PROVIDER,),
        judge=_account,
        severity="high",
    ),
    ResourceRule(
        id="residency-packages",
        section="Environment Details",
        description="Every provider is of a package whose resources the rules judge",
        remedy="Create the resource with the aws package, or add rules for the new package first.",
        types=("pulumi:providers:",),
        judge=_package,
        severity="high",
    ),
    ResourceRule(
        id="residency-types",
        section="Production Architecture",
        description="Every resource is of a type of the document's architecture, which the rules judge",
        remedy="Remove the resource, or write the rules that judge its type and add it to policies/figures/types.py.",
        # Components (taskflow:, awsx:) are judged by their contents, other packages by residency-packages.
        types=("aws:", "random:", "pulumi:pulumi:"),
        judge=_type,
        severity="high",
    ),
    ResourceRule(
        id="residency-provider-region",
        section="Environment Details",
        description="The provider's region is the stack's",
        remedy="Set aws:region in the stack file to the stack's region.",
        types=(PROVIDER,),
        judge=_provider_region,
        severity="high",
    ),
    ResourceRule(
        id="residency-region",
        section="Environment Details",
        description="Every resource is in one of the stack's regions",
        remedy="Leave the resource's region unset, or set it to one of the stack's.",
        types=("aws:",),
        judge=_resource_region,
        severity="high",
    ),
    ResourceRule(
        id="residency-default-tags",
        section="Environment Details",
        description=f"The provider's default tags include {', '.join(TAGS[:-1])} and {TAGS[-1]}",
        remedy="Add the tag to aws:defaultTags in the stack file.",
        types=(PROVIDER,),
        judge=_provider_tags,
        severity="low",
    ),
    ResourceRule(
        id="residency-tags",
        section="Environment Details",
        description="No resource's own tags conflict with the stack's",
        remedy="Leave the tag unset: the provider's default tags set it.",
        types=("aws:",),
        judge=_resource_tags,
        severity="low",
    ),
)

"""The settings of one stack as a whole, the keys that they stand under, and the checks between blocks."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from pydantic import Field

from settings.base import Block, Conflict, Place, accepted_items
from settings.environment import Aws, EnvironmentDetails
from settings.network import Network
from settings.shape import block_in, names

PROJECT = "taskflow"

# Keys that Pulumi itself reads: they pass through, whatever stands in them.
PULUMIS_OWN: Mapping[str, str] = MappingProxyType(
    {
        "pulumi:autonaming": "How Pulumi makes the names that nobody writes out.",
        "pulumi:tags": "Tags of the stack itself, in Pulumi's backend.",
    }
)


class Settings(Block):
    """All settings of a stack. `project` and `stack` are Pulumi's names for it; the file says the rest."""

    project: str = Field(description="The project's name. Source: Pulumi.yaml.")
    stack: str = Field(description="The stack's name. Source: the stack file's own name.")
    aws: Aws = Field(description="The AWS provider's own settings. Source: Environment Details.")
    environment: EnvironmentDetails = Field(description="The environment's details. Source: Environment Details.")
    network: Network = Field(
        description="The VPC, its subnets, ports, endpoints and flow logs. Source: Production Architecture."
    )

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Give the checks between blocks."""
        return (self._zones_in_region(), self._tag("Application", "project"), self._tag("Environment", "stack"))

    def _zones_in_region(self) -> Iterator[Conflict]:
        region = self.aws.region
        for index, zone in accepted_items(self.network.availability_zones):
            if zone[:-1] != region:
                at = ("network", "availability_zones", index)
                yield Conflict(at=at, allowed="a zone of {against}", against=("aws", "region"))

    def _tag(self, tag: str, name: str) -> Iterator[Conflict]:
        meant = {"project": self.project, "stack": self.stack}[name]
        given = self.aws.default_tags.tags.get(tag)
        if given is not None and given.strip() and given != meant:
            yield Conflict(at=("aws", "default_tags", "tags", tag), allowed=f'"{meant}", the {name}\'s name')


def keys(project: str = PROJECT) -> Mapping[str, Place]:
    """Give the keys of a stack file, with their places in Settings under the file's names.

    The AWS provider's settings each have a key (`aws:region`), each other block has one (`taskflow:network`).
    """
    places: dict[str, Place] = {f"aws:{name}": ("aws", name) for name in names(Aws)}
    for name, info in names(Settings).items():
        block = block_in(info.annotation)
        if block and block is not Aws:
            places[f"{project}:{name}"] = (name,)
    return places

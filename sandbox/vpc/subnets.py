"""The subnets of awsx's Vpc: the address arithmetic of its strategies Auto and Exact, and its checks.

This module registers no resources. All rules follow the provider's code (pulumi/pulumi-awsx, awsx/ec2); a comment marks
those that look wrong.
"""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import AddressValueError, IPv4Address
from typing import Final, Self

from sandbox.values import Value
from sandbox.vpc.inputs import UNUSED, Arguments, ComponentError, SubnetSpec

ADDRESSES: Final = 1 << 32
SIZES: Final = tuple(1 << bits for bits in range(2, 32))
# The default subnets use at most a /16 of each zone, and are at least a /28.
DEFAULT_ZONE_MIN_BITS: Final = 16
DEFAULT_ZONE_MAX_BITS: Final = 26
_CIDR = re.compile(r"([0-9.]+)/(0|[1-9][0-9]?)")
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-")


@dataclass(frozen=True, kw_only=True)
class Block:
    """An IPv4 block: its first address as a number, and the bits of its prefix."""

    base: int
    bits: int

    @classmethod
    def around(cls, address: int, bits: int) -> Self:
        """Return the block of that size around an address; ComponentError beyond /32."""
        if bits > 32:
            raise ComponentError(
                f"a block of /{bits}: the smallest is /32; use fewer zones or subnets, or a larger VPC"
            )
        return cls(base=address % ADDRESSES // (1 << 32 - bits) * (1 << 32 - bits), bits=bits)

    @classmethod
    def parse(cls, path: str, text: str) -> Self:
        """Read a CIDR such as 10.0.0.0/16; drop host bits, as awsx does; ComponentError if malformed."""
        parts = _CIDR.fullmatch(text)
        try:
            address = IPv4Address(parts[1]) if parts and int(parts[2]) <= 32 else None
        except AddressValueError:
            address = None
        if parts is None or address is None:
            raise ComponentError(f"{path}: {text!r} isn't an IPv4 block such as 10.0.0.0/16")
        return cls.around(int(address), int(parts[2]))

    @property
    def size(self) -> int:
        """The number of addresses."""
        return 1 << 32 - self.bits

    @property
    def last(self) -> int:
        """The last host address; a /31 and a /32 have no broadcast address."""
        return self.base + self.size - (2 if self.bits <= 30 else 1)

    def next(self) -> "Block":
        """Return the next block of the same size."""
        return Block.around(self.base + self.size, self.bits)

    def after(self, bits: int) -> "Block":
        """Return the next aligned block of another size."""
        # awsx counts from the last host address: a /32 after a larger block gets its broadcast address.
        return Block.around(self.last, bits).next()

    def overlaps(self, other: "Block") -> bool:
        """Whether the blocks share an address."""
        return self.base < other.base + other.size and other.base < self.base + self.size

    def __str__(self) -> str:
        return f"{IPv4Address(self.base)}/{self.bits}"


@dataclass(frozen=True, kw_only=True)
class Subnet:
    """One planned subnet: `cidr_block` as registered, `name` its logical name, `name_tag` its Name tag."""

    spec: SubnetSpec
    zone: str
    cidr_block: str
    name: str
    name_tag: str

    @property
    def block(self) -> Block:
        """The addresses."""
        return Block.parse(self.name, self.cidr_block)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The subnets in the order of the zones and specs, and the component's output `subnetLayout`."""

    subnets: Sequence[Subnet]
    layout: list[Value]


def plan_subnets(vpc: str, arguments: Arguments, zones: Sequence[str]) -> Plan:
    """Plan a VPC's subnets over its zones; ComponentError where awsx fails in a preview."""
    vpc_block = Block.parse("cidrBlock", arguments.cidr_block)
    if arguments.names_by_zone:
        _check_suffixes(zones)
    zone_bits = vpc_block.bits + _bits_for(len(zones)) if arguments.zone_mask is None else arguments.zone_mask
    if arguments.specs is None:
        specs = _default_specs(arguments.strategy, zone_bits)
    else:
        specs = _normalized(arguments.specs, len(zones))
    if any(spec.cidr_blocks is not None for spec in specs):
        blocks = [[(spec.cidr_blocks or ())[index] for spec in specs] for index in range(len(zones))]
    else:
        blocks = _allocate(Block.around(vpc_block.base, zone_bits), len(zones), specs)
    subnets = [
        _subnet(vpc, spec, block, zone, index + 1, by_zone=arguments.names_by_zone)
        for index, zone in enumerate(zones)
        for spec, block in zip(specs, blocks[index], strict=True)
    ]
    _check_overlaps(subnets)
    if arguments.strategy == "Exact":
        _check_gaps(arguments.cidr_block, vpc_block, subnets)
    _check_nat(arguments, subnets)
    return Plan(subnets=subnets, layout=[_layout(spec) for spec in specs])


def _bits_for(count: int) -> int:
    return max(count - 1, 0).bit_length()


def _default_specs(strategy: str, zone_bits: int) -> Sequence[SubnetSpec]:
    if strategy == "Exact":
        raise ComponentError(
            "subnetStrategy: Exact without subnetSpecs leaves gaps in the VPC; add subnetSpecs or use Auto"
        )
    if strategy != "Auto":
        raise ComponentError(
            f"subnetStrategy: unknown value {strategy!r}; without subnetSpecs awsx then uses Legacy, which isn't "
            "supported by the stand-in, use Auto or Exact"
        )
    if zone_bits > DEFAULT_ZONE_MAX_BITS:
        raise ComponentError(
            f"subnetSpecs: awsx's default needs a /{DEFAULT_ZONE_MAX_BITS} or larger per zone, which has a "
            f"/{zone_bits}; add subnetSpecs, or use a larger cidrBlock or fewer zones"
        )
    bits = max(zone_bits, DEFAULT_ZONE_MIN_BITS)
    return (SubnetSpec(type="Private", cidr_mask=bits + 1), SubnetSpec(type="Public", cidr_mask=bits + 2))


# The specs, each and together.


def _normalized(specs: Sequence[SubnetSpec], zones: int) -> Sequence[SubnetSpec]:
    """Return the specs with both mask and size; ComponentError with all problems at once."""
    has_blocks = any(spec.cidr_blocks is not None for spec in specs)
    problems = [*_name_problems(specs), *_size_problems(specs)]
    for index, spec in enumerate(specs):
        problems += _block_problems(index, spec, zones) if has_blocks else _mask_problems(index, spec)
    if problems:
        raise ComponentError("subnetSpecs:" + "".join(f"\n - {problem}" for problem in problems))
    if not specs:
        raise ComponentError("subnetSpecs: empty; add at least one spec, or remove it for awsx's default")
    return specs if has_blocks else [_completed(spec) for spec in specs]


def _name_problems(specs: Sequence[SubnetSpec]) -> Iterator[str]:
    names_by_kind: Mapping[str, list[str | None]] = defaultdict(list)
    for spec in specs:
        names_by_kind[spec.kind].append(spec.name)
    for kind, names in names_by_kind.items():
        if len(set(names)) < len(names):
            yield f"several specs of type {kind!r} share a name; one may have no name, all others need unique names"


def _size_problems(specs: Sequence[SubnetSpec]) -> Iterator[str]:
    for index, spec in enumerate(specs):
        if spec.size is not None and spec.size not in SIZES:
            yield f"subnetSpecs[{index}].size: {spec.size} isn't a power of two from 4 to {SIZES[-1]}"


def _block_problems(index: int, spec: SubnetSpec, zones: int) -> list[str]:
    path = f"subnetSpecs[{index}]"
    if spec.cidr_blocks is None:
        return [f"{path}.cidrBlocks: missing; if one spec has explicit blocks, all need them"]
    if len(spec.cidr_blocks) != zones:
        return [f"{path}.cidrBlocks: {len(spec.cidr_blocks)} blocks for {zones} availability zones; use one per zone"]
    blocks = [Block.parse(f"{path}.cidrBlocks[{at}]", text) for at, text in enumerate(spec.cidr_blocks)]
    if spec.cidr_mask is not None and any(block.bits != spec.cidr_mask for block in blocks):
        return [f"{path}.cidrMask: {spec.cidr_mask} differs from the cidrBlocks; remove it"]
    if spec.size is not None and any(block.size != spec.size for block in blocks):
        return [f"{path}.size: {spec.size} differs from the cidrBlocks; remove it"]
    return []


def _mask_problems(index: int, spec: SubnetSpec) -> list[str]:
    size = _size_of(spec.cidr_mask)
    if None in {spec.size, size} or size == spec.size:
        return []
    return [f"subnetSpecs[{index}].size: {spec.size} contradicts cidrMask {spec.cidr_mask}, which has {size} addresses"]


def _completed(spec: SubnetSpec) -> SubnetSpec:
    mask = spec.cidr_mask
    if mask is None and spec.size is not None:
        mask = 33 - spec.size.bit_length()
    return replace(spec, cidr_mask=mask, size=_size_of(mask))


def _size_of(mask: int | None) -> int | None:
    """Return a mask's number of addresses; awsx's table of sizes ends with /30."""
    return None if mask is None or mask > 30 else 1 << 32 - mask


def _layout(spec: SubnetSpec) -> Value:
    blocks: Value = None if spec.cidr_blocks is None else list(spec.cidr_blocks)
    fields: dict[str, Value] = {
        # awsx ignores an empty name here, but uses it in the subnets' names.
        "name": spec.name or None,
        "cidrBlocks": blocks,
        "cidrMask": spec.cidr_mask,
        "size": spec.size,
        "type": spec.type,
    }
    return {name: value for name, value in fields.items() if value is not None}


# The blocks and names.


def _allocate(first: Block, zones: int, specs: Sequence[SubnetSpec]) -> list[list[str]]:
    """Place the specs one after another in each zone, aligned to their size."""
    default = first.bits + _bits_for(len(specs))
    masks = [default if spec.cidr_mask is None else spec.cidr_mask for spec in specs]
    needed = sum(Block.around(first.base, mask).size for mask in masks)
    if needed > first.size:
        raise ComponentError(
            f"subnetSpecs: too large; they need {needed} addresses, a zone has {first.size} (/{first.bits}); "
            "use smaller subnets, fewer zones or a larger cidrBlock"
        )
    blocks_by_zone: list[list[str]] = []
    zone = first
    for _ in range(zones):
        block = Block.around(zone.base, masks[0])
        blocks = [str(block)]
        for mask in masks[1:]:
            block = block.after(mask)
            blocks.append(str(block))
        blocks_by_zone.append(blocks)
        zone = zone.next()
    return blocks_by_zone


def _subnet(vpc: str, spec: SubnetSpec, block: str, zone: str, number: int, *, by_zone: bool) -> Subnet:
    name = f"{vpc}-{spec.label}-{number}"
    tag = f"{vpc}-{spec.label}-{zone_suffix(zone)}" if by_zone else name
    return Subnet(spec=spec, zone=zone, cidr_block=block, name=name, name_tag=tag)


def zone_suffix(zone: str) -> str:
    """Return the part of a zone's name after the region's words: 1a of us-east-1a."""
    return _REGION.sub("", zone, count=1) if _REGION.match(zone) else zone


def _check_suffixes(zones: Sequence[str]) -> None:
    seen: dict[str, str] = {}
    for zone in zones:
        suffix = zone_suffix(zone)
        if suffix in seen:
            raise ComponentError(
                f'subnetNameTagStrategy: AvailabilityZone shortens both "{seen[suffix]}" and "{zone}" to "{suffix}"; '
                "use zones with different suffixes"
            )
        seen[suffix] = zone


# The whole layout.


def _check_overlaps(subnets: Sequence[Subnet]) -> None:
    blocks = [subnet.block for subnet in subnets]
    overlapping = [
        f"{subnet.name} ({subnet.cidr_block})"
        for index, subnet in enumerate(subnets)
        if any(at != index and other.overlaps(blocks[index]) for at, other in enumerate(blocks))
    ]
    if overlapping:
        raise ComponentError(
            f"subnets overlap: {', '.join(overlapping)}; use a larger cidrBlock, smaller subnets or fewer zones; with "
            "Auto list larger subnets first"
        )


def _check_gaps(cidr: str, vpc_block: Block, subnets: Sequence[Subnet]) -> None:
    """Require for Exact that the subnets, in their order, fill the VPC from its first address to its last."""
    if not subnets:
        raise ComponentError(f"subnetStrategy: Exact leaves all of {cidr} empty: there is no availability zone")
    gaps: list[str] = []
    if subnets[0].block.base != vpc_block.base:
        gaps.append(f"{cidr} starts before {subnets[0].name} ({subnets[0].cidr_block})")
    for before, after in itertools.pairwise(subnets):
        if after.block.base != before.block.next().base:
            gaps.append(f"{before.name} ({before.cidr_block}) isn't followed by {after.name} ({after.cidr_block})")
    if subnets[-1].block.last != vpc_block.last:
        gaps.append(f"{cidr} continues after {subnets[-1].name} ({subnets[-1].cidr_block})")
    if gaps:
        raise ComponentError(
            f"subnetStrategy: Exact leaves gaps: {'; '.join(gaps)}; fill them with specs of type {UNUSED}"
        )


def _check_nat(arguments: Arguments, subnets: Sequence[Subnet]) -> None:
    kinds = {subnet.spec.kind for subnet in subnets}
    if arguments.nat != "none" and not ("public" in kinds and kinds & {"private", "isolated"}):
        raise ComponentError(
            f"natGateways.strategy: {arguments.nat_strategy} needs public subnets for the NAT gateways, and private or "
            "isolated ones; add them to subnetSpecs or use None"
        )

"""Which subnets awsx's Vpc lays out: the address arithmetic of its strategies Auto and Exact, and its checks.

Nothing is registered here. Every rule follows the provider's own code (pulumi/pulumi-awsx, awsx/ec2), the odd ones
too: a comment says so where one looks wrong.
"""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import AddressValueError, IPv4Address
from typing import Final, Self

from sandbox.values import Value
from sandbox.vpc.inputs import UNUSED, Arguments, Refused, SubnetSpec

ADDRESSES: Final = 1 << 32
SIZES: Final = tuple(1 << bits for bits in range(2, 32))
# The default subnets leave the rest of a larger zone free, and don't go below a /28.
DEFAULT_WIDEST: Final = 16
DEFAULT_NARROWEST: Final = 26
_CIDR = re.compile(r"([0-9.]+)/(0|[1-9][0-9]?)")
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-")


@dataclass(frozen=True, kw_only=True)
class Block:
    """An IPv4 block: its first address as a number, and the bits of its prefix."""

    base: int
    bits: int

    @classmethod
    def around(cls, address: int, bits: int) -> Self:
        """Give the block of that size which the address lies in; Refused beyond /32."""
        if bits > 32:
            raise Refused(f"a block of /{bits}: there is none below /32; use fewer zones or subnets, or a larger VPC")
        return cls(base=address % ADDRESSES // (1 << 32 - bits) * (1 << 32 - bits), bits=bits)

    @classmethod
    def parse(cls, where: str, text: str) -> Self:
        """Read a CIDR such as 10.0.0.0/16; host bits are dropped, as awsx drops them; Refused when malformed."""
        parts = _CIDR.fullmatch(text)
        try:
            address = IPv4Address(parts[1]) if parts and int(parts[2]) <= 32 else None
        except AddressValueError:
            address = None
        if parts is None or address is None:
            raise Refused(f"{where}: {text!r} is no IPv4 block; write it as 10.0.0.0/16")
        return cls.around(int(address), int(parts[2]))

    @property
    def size(self) -> int:
        """How many addresses it has."""
        return 1 << 32 - self.bits

    @property
    def last(self) -> int:
        """Its last host address; a /31 and a /32 have no broadcast address to leave out."""
        return self.base + self.size - (2 if self.bits <= 30 else 1)

    def next(self) -> "Block":
        """Give the block of the same size behind it."""
        return Block.around(self.base + self.size, self.bits)

    def after(self, bits: int) -> "Block":
        """Give the first aligned block of another size behind it."""
        # Counted from the last host address: a /32 behind a larger block falls on its broadcast address.
        return Block.around(self.last, bits).next()

    def overlaps(self, other: "Block") -> bool:
        """Whether the two share an address."""
        return self.base < other.base + other.size and other.base < self.base + self.size

    def __str__(self) -> str:
        return f"{IPv4Address(self.base)}/{self.bits}"


@dataclass(frozen=True, kw_only=True)
class Subnet:
    """One subnet to be: `cidr_block` as it is registered, `name` its logical name, `name_tag` the Name tag."""

    spec: SubnetSpec
    zone: str
    cidr_block: str
    name: str
    name_tag: str

    @property
    def block(self) -> Block:
        """Its addresses."""
        return Block.parse(self.name, self.cidr_block)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The subnets in the order of the zones and specs, and the component's output `subnetLayout`."""

    subnets: Sequence[Subnet]
    layout: list[Value]


def plan_subnets(vpc: str, arguments: Arguments, zones: Sequence[str]) -> Plan:
    """Lay out the subnets of the VPC of that name over its zones; Refused for what awsx refuses in a preview."""
    whole = Block.parse("cidrBlock", arguments.cidr_block)
    if arguments.names_by_zone:
        _check_suffixes(zones)
    zone_bits = whole.bits + _bits_for(len(zones)) if arguments.zone_mask is None else arguments.zone_mask
    if arguments.specs is None:
        specs = _default_specs(arguments.strategy, zone_bits)
    else:
        specs = _normalised(arguments.specs, len(zones))
    if any(spec.cidr_blocks is not None for spec in specs):
        blocks = [[(spec.cidr_blocks or ())[index] for spec in specs] for index in range(len(zones))]
    else:
        blocks = _allocated(Block.around(whole.base, zone_bits), len(zones), specs)
    subnets = [
        _subnet(vpc, spec, block, zone, index + 1, by_zone=arguments.names_by_zone)
        for index, zone in enumerate(zones)
        for spec, block in zip(specs, blocks[index], strict=True)
    ]
    _check_overlaps(subnets)
    if arguments.strategy == "Exact":
        _check_gaps(arguments.cidr_block, whole, subnets)
    _check_nat(arguments, subnets)
    return Plan(subnets=subnets, layout=[_layout(spec) for spec in specs])


def _bits_for(count: int) -> int:
    return max(count - 1, 0).bit_length()


def _default_specs(strategy: str, zone_bits: int) -> Sequence[SubnetSpec]:
    if strategy == "Exact":
        raise Refused("subnetStrategy: Exact without subnetSpecs leaves gaps in the VPC; give subnetSpecs, or use Auto")
    if strategy != "Auto":
        raise Refused(
            f"subnetStrategy: with {strategy!r}, which is unknown, and no subnetSpecs awsx lays out Legacy's subnets, "
            "and the stand-in doesn't build Legacy; use Auto or Exact"
        )
    if zone_bits > DEFAULT_NARROWEST:
        raise Refused(
            f"subnetSpecs: left out, each zone needs a /{DEFAULT_NARROWEST} or larger, and has a /{zone_bits}; "
            "give subnetSpecs, a larger cidrBlock or fewer zones"
        )
    widest = max(zone_bits, DEFAULT_WIDEST)
    return (SubnetSpec(type="Private", cidr_mask=widest + 1), SubnetSpec(type="Public", cidr_mask=widest + 2))


# The specs: each by itself and with the others.


def _normalised(specs: Sequence[SubnetSpec], zones: int) -> Sequence[SubnetSpec]:
    """Give the specs with mask and size filled in from each other; Refused with all that is wrong at once."""
    explicit = any(spec.cidr_blocks is not None for spec in specs)
    faults = [*_name_faults(specs), *_size_faults(specs)]
    for index, spec in enumerate(specs):
        faults += _explicit_faults(index, spec, zones) if explicit else _mask_faults(index, spec)
    if faults:
        raise Refused("subnetSpecs:" + "".join(f"\n - {fault}" for fault in faults))
    if not specs:
        raise Refused("subnetSpecs: empty; give at least one, or leave it out for awsx's default")
    return specs if explicit else [_completed(spec) for spec in specs]


def _name_faults(specs: Sequence[SubnetSpec]) -> Iterator[str]:
    names: Mapping[str, list[str | None]] = defaultdict(list)
    for spec in specs:
        names[spec.kind].append(spec.name)
    for kind, given in names.items():
        if len(set(given)) < len(given):
            yield f"several specs of type {kind!r} share a name; at most one may go without, the others need their own"


def _size_faults(specs: Sequence[SubnetSpec]) -> Iterator[str]:
    for index, spec in enumerate(specs):
        if spec.size is not None and spec.size not in SIZES:
            yield f"subnetSpecs[{index}].size: {spec.size} is refused; a power of two from 4 to {SIZES[-1]} is needed"


def _explicit_faults(index: int, spec: SubnetSpec, zones: int) -> list[str]:
    where = f"subnetSpecs[{index}]"
    if spec.cidr_blocks is None:
        return [f"{where}.cidrBlocks: missing; when one spec has explicit blocks, all need them"]
    if len(spec.cidr_blocks) != zones:
        return [
            f"{where}.cidrBlocks: {len(spec.cidr_blocks)} blocks for {zones} availability zones; one each is needed"
        ]
    blocks = [Block.parse(f"{where}.cidrBlocks[{at}]", text) for at, text in enumerate(spec.cidr_blocks)]
    if spec.cidr_mask is not None and any(block.bits != spec.cidr_mask for block in blocks):
        return [f"{where}.cidrMask: {spec.cidr_mask} isn't the mask of all its cidrBlocks; leave it out"]
    if spec.size is not None and any(block.size != spec.size for block in blocks):
        return [f"{where}.size: {spec.size} isn't the size of all its cidrBlocks; leave it out"]
    return []


def _mask_faults(index: int, spec: SubnetSpec) -> list[str]:
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
    """Give a mask's number of addresses; awsx's table of sizes ends with /30."""
    return None if mask is None or mask > 30 else 1 << 32 - mask


def _layout(spec: SubnetSpec) -> Value:
    blocks: Value = None if spec.cidr_blocks is None else list(spec.cidr_blocks)
    fields: dict[str, Value] = {
        # An empty name counts as none here, though not in the subnets' names.
        "name": spec.name or None,
        "cidrBlocks": blocks,
        "cidrMask": spec.cidr_mask,
        "size": spec.size,
        "type": spec.type,
    }
    return {name: value for name, value in fields.items() if value is not None}


# The blocks and names.


def _allocated(first: Block, zones: int, specs: Sequence[SubnetSpec]) -> list[list[str]]:
    """Place the specs one behind the other in each zone, aligned to their size, in the order given."""
    default = first.bits + _bits_for(len(specs))
    masks = [default if spec.cidr_mask is None else spec.cidr_mask for spec in specs]
    needed = sum(Block.around(first.base, mask).size for mask in masks)
    if needed > first.size:
        raise Refused(
            f"subnetSpecs: too large; they need {needed} addresses, and a zone has {first.size} (/{first.bits}); "
            "use smaller subnets, fewer zones or a larger cidrBlock"
        )
    placed: list[list[str]] = []
    zone = first
    for _ in range(zones):
        block = Block.around(zone.base, masks[0])
        row = [str(block)]
        for mask in masks[1:]:
            block = block.after(mask)
            row.append(str(block))
        placed.append(row)
        zone = zone.next()
    return placed


def _subnet(vpc: str, spec: SubnetSpec, block: str, zone: str, number: int, *, by_zone: bool) -> Subnet:
    name = f"{vpc}-{spec.label}-{number}"
    tag = f"{vpc}-{spec.label}-{zone_suffix(zone)}" if by_zone else name
    return Subnet(spec=spec, zone=zone, cidr_block=block, name=name, name_tag=tag)


def zone_suffix(zone: str) -> str:
    """Give a zone's name without its region's words: 1a of us-east-1a; all of it when it has none."""
    return _REGION.sub("", zone, count=1) if _REGION.match(zone) else zone


def _check_suffixes(zones: Sequence[str]) -> None:
    seen: dict[str, str] = {}
    for zone in zones:
        suffix = zone_suffix(zone)
        if suffix in seen:
            raise Refused(
                f'subnetNameTagStrategy: with AvailabilityZone "{seen[suffix]}" and "{zone}" would both be called '
                f'"{suffix}"; name zones that differ in it'
            )
        seen[suffix] = zone


# The layout as a whole.


def _check_overlaps(subnets: Sequence[Subnet]) -> None:
    blocks = [subnet.block for subnet in subnets]
    clashing = [
        f"{subnet.name} ({subnet.cidr_block})"
        for index, subnet in enumerate(subnets)
        if any(at != index and other.overlaps(blocks[index]) for at, other in enumerate(blocks))
    ]
    if clashing:
        raise Refused(
            f"subnets overlap: {', '.join(clashing)}; use a larger cidrBlock, smaller subnets or fewer zones, and with "
            "Auto put the larger subnets first"
        )


def _check_gaps(cidr: str, whole: Block, subnets: Sequence[Subnet]) -> None:
    """Refuse Exact unless the subnets, in their order, fill the VPC from its first address to its last."""
    if not subnets:
        raise Refused(f"subnetStrategy: Exact leaves all of {cidr} empty, since there is no availability zone")
    gaps: list[str] = []
    if subnets[0].block.base != whole.base:
        gaps.append(f"{cidr} begins before {subnets[0].name} ({subnets[0].cidr_block})")
    for before, behind in itertools.pairwise(subnets):
        if behind.block.base != before.block.next().base:
            gaps.append(f"{before.name} ({before.cidr_block}) isn't followed by {behind.name} ({behind.cidr_block})")
    if subnets[-1].block.last != whole.last:
        gaps.append(f"{cidr} goes on behind {subnets[-1].name} ({subnets[-1].cidr_block})")
    if gaps:
        raise Refused(f"subnetStrategy: Exact leaves gaps: {'; '.join(gaps)}; fill them with specs of type {UNUSED}")


def _check_nat(arguments: Arguments, subnets: Sequence[Subnet]) -> None:
    kinds = {subnet.spec.kind for subnet in subnets}
    if arguments.nat != "none" and not ("public" in kinds and kinds & {"private", "isolated"}):
        raise Refused(
            f"natGateways.strategy: {arguments.nat_strategy} needs public subnets for the NAT gateways and private or "
            "isolated ones beside them; add them to subnetSpecs, or use None"
        )

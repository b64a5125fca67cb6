"""The subnets' addresses in awsx's Vpc: the strategies Auto and Exact, and explicit blocks."""

import itertools
from collections.abc import Sequence
from ipaddress import IPv4Network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.values import Value
from sandbox.vpc.inputs import ComponentError
from sandbox.vpc.subnets import zone_suffix
from tests.sandbox.vpc.recording import NAME, Recorder, build, with_arguments

ZONES = ("us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d")
NO_NAT: Value = {"strategy": "None"}


def layout(
    specs: Sequence[Value] | None, *, zones: int = 1, cidr: str = "10.0.0.0/16", **arguments: Value
) -> tuple[Recorder, dict[str, Value]]:
    """Construct a VPC without NAT gateways over the first zones."""
    spec_list = None if specs is None else list(specs)
    names: Value = list(ZONES[:zones])
    merged = {"natGateways": NO_NAT, "availabilityZoneNames": names, "subnetSpecs": spec_list, **arguments}
    return build(with_arguments(cidrBlock=cidr, **merged))


# Auto.


@st.composite
def zone_masks(draw: st.DrawFn) -> tuple[int, list[int]]:
    """Draw a zone's mask, and masks of subnets that fit into it, in any order."""
    zone = draw(st.integers(min_value=16, max_value=26))
    free = 1 << 32 - zone
    masks: list[int] = []
    for mask in draw(st.lists(st.integers(min_value=zone, max_value=30), min_size=1, max_size=6)):
        if 1 << 32 - mask <= free:
            masks.append(mask)
            free -= 1 << 32 - mask
    return zone, masks


def placed(zone: int, masks: Sequence[int], zones: int) -> tuple[IPv4Network, list[list[IPv4Network]]]:
    """Build subnets with these masks; return the VPC's block and each zone's subnets."""
    vpc = IPv4Network((int(IPv4Network("10.64.0.0/12").network_address), zone - (zones - 1).bit_length()))
    specs: list[Value] = [{"type": "Isolated", "name": f"s{i}", "cidrMask": mask} for i, mask in enumerate(masks)]
    engine, _ = layout(specs, zones=zones, cidr=str(vpc))
    blocks = [IPv4Network(block) for block in engine.blocks()]
    return vpc, [blocks[at : at + len(masks)] for at in range(0, len(blocks), len(masks))]


@settings(max_examples=150, deadline=None)
@given(drawn=zone_masks(), zones=st.integers(min_value=1, max_value=4))
def test_auto_keeps_subnets_in_their_zone_if_larger_ones_are_first(drawn: tuple[int, list[int]], zones: int) -> None:
    """Each has its mask, none overlaps another, and all are in their zone's part of the VPC."""
    zone, masks = drawn[0], sorted(drawn[1])
    vpc, rows = placed(zone, masks, zones)
    parts = list(vpc.subnets(new_prefix=zone))
    for part, row in zip(parts, rows, strict=False):
        assert [block.prefixlen for block in row] == masks
        assert all(block.subnet_of(part) for block in row)
    everything = [block for row in rows for block in row]
    assert len(everything) == zones * len(masks)
    assert not [pair for pair in itertools.combinations(everything, 2) if pair[0].overlaps(pair[1])]


@settings(max_examples=150, deadline=None)
@given(drawn=zone_masks(), zones=st.integers(min_value=1, max_value=4))
def test_auto_in_any_order_never_lets_subnets_overlap(drawn: tuple[int, list[int]], zones: int) -> None:
    """Alignment may move a subnet out of its zone, which is an error only if it overlaps another."""
    try:
        _, rows = placed(*drawn, zones)
    except ComponentError as error:
        assert str(error).startswith("subnets overlap: ")  # noqa: PT017  (an error is allowed, not expected)
        return
    everything = [block for row in rows for block in row]
    assert not [pair for pair in itertools.combinations(everything, 2) if pair[0].overlaps(pair[1])]


def test_subnets_may_be_outside_the_vpc() -> None:
    """A preview accepts it, after alignment or with explicit blocks."""
    engine, _ = layout([{"type": "Public", "cidrMask": 18}, {"type": "Private", "cidrMask": 17, "name": "b"},
                        {"type": "Isolated", "cidrMask": 18}])  # fmt: skip
    assert engine.blocks() == ["10.0.0.0/18", "10.0.128.0/17", "10.1.0.0/18"]
    engine, _ = layout([{"type": "Public", "cidrBlocks": ["192.168.0.0/24"]}])
    assert engine.blocks() == ["192.168.0.0/24"]


@pytest.mark.parametrize(
    ("masks", "blocks"),
    [
        ((30, 30), ["10.0.0.0/30", "10.0.0.4/30"]),
        ((24, 31), ["10.0.0.0/24", "10.0.1.0/31"]),
        ((32, 32, 31), ["10.0.0.0/32", "10.0.0.1/32", "10.0.0.2/31"]),
        ((31, 32), ["10.0.0.0/31", "10.0.0.2/32"]),
    ],
)
def test_tiny_subnets_are_accepted(masks: Sequence[int], blocks: Sequence[str]) -> None:
    """Even those that AWS rejects later."""
    specs: list[Value] = [{"type": "Isolated", "name": f"s{i}", "cidrMask": mask} for i, mask in enumerate(masks)]
    assert layout(specs)[0].blocks() == blocks


@pytest.mark.parametrize(("mask", "last"), [(24, "10.0.0.255"), (30, "10.0.0.3")])
def test_a_single_address_after_a_larger_subnet_overlaps_its_last_address(mask: int, last: str) -> None:
    """Awsx counts from the last host address."""
    specs: list[Value] = [{"type": "Public", "cidrMask": mask}, {"type": "Private", "cidrMask": 32}]
    with pytest.raises(ComponentError) as error:
        layout(specs)
    assert f"{NAME}-private-1 ({last}/32)" in str(error.value)


@pytest.mark.parametrize(("zones", "mask"), [(1, 18), (2, 19), (3, 20), (4, 20)])
def test_without_masks_a_zone_is_shared_evenly(zones: int, mask: int) -> None:
    """Zones and specs are each rounded up to a power of two; the layout then has no masks."""
    engine, outputs = layout([{"type": "Public"}, {"type": "Private"}, {"type": "Isolated"}], zones=zones)
    assert {int(block.split("/")[1]) for block in engine.blocks()} == {mask}
    assert outputs["subnetLayout"] == [{"type": "Public"}, {"type": "Private"}, {"type": "Isolated"}]


def test_a_size_is_converted_to_a_mask() -> None:
    """The layout has both."""
    engine, outputs = layout([{"type": "Public", "size": 256}, {"type": "Private", "cidrMask": 24, "size": 256}])
    assert engine.blocks() == ["10.0.0.0/24", "10.0.1.0/24"]
    assert outputs["subnetLayout"] == [
        {"type": "Public", "cidrMask": 24, "size": 256},
        {"type": "Private", "cidrMask": 24, "size": 256},
    ]


@pytest.mark.parametrize(
    ("cidr", "zones", "blocks", "masks"),
    [
        ("10.0.0.0/16", 3, ["10.0.32.0/20", "10.0.0.0/19", "10.0.96.0/20", "10.0.64.0/19"], (19, 20)),
        ("10.0.0.0/26", 1, ["10.0.0.32/28", "10.0.0.0/27"], (27, 28)),
        ("10.0.0.0/14", 2, ["10.0.128.0/18", "10.0.0.0/17", "10.2.128.0/18", "10.2.0.0/17"], (17, 18)),
    ],
)
def test_without_specs_there_are_a_private_and_a_smaller_public_subnet(
    cidr: str, zones: int, blocks: Sequence[str], masks: tuple[int, int]
) -> None:
    """Half and a quarter of each zone, or of a /16 if the zone is larger."""
    engine, outputs = layout(None, zones=zones, cidr=cidr)
    assert engine.blocks()[: len(blocks)] == blocks
    assert outputs["subnetLayout"] == [
        {"type": "Private", "cidrMask": masks[0]},
        {"type": "Public", "cidrMask": masks[1]},
    ]


def test_the_zones_mask_is_an_argument() -> None:
    """The rest of the VPC stays free."""
    engine, _ = layout([{"type": "Public"}], zones=2, availabilityZoneCidrMask=20)
    assert engine.blocks() == ["10.0.0.0/20", "10.0.16.0/20"]


def test_an_unused_spec_reserves_addresses_without_a_subnet() -> None:
    """The layout has it, but no resource is registered."""
    specs: list[Value] = [{"type": "Public", "cidrMask": 20}, {"type": "Unused", "cidrMask": 20}, {"type": "Private"}]
    engine, outputs = layout(specs)
    assert engine.blocks() == ["10.0.0.0/20", "10.0.64.0/18"]
    assert not [child.key for child in engine.registered if "unused" in child.name]
    assert [spec["type"] for spec in list_of_objects(outputs["subnetLayout"])] == ["Public", "Unused", "Private"]


def list_of_objects(value: Value) -> list[dict[str, Value]]:
    assert isinstance(value, list)
    return [item for item in value if isinstance(item, dict)]


@pytest.mark.parametrize(
    ("cidr", "size", "block"), [("10.0.0.0/16", 4, "10.0.0.0/30"), ("0.0.0.0/1", 1 << 31, "0.0.0.0/1")]
)
def test_sizes_go_from_four_to_half_of_all_addresses(cidr: str, size: int, block: str) -> None:
    """Smaller or larger sizes are rejected, and those that aren't a power of two."""
    assert layout([{"type": "Public", "size": size}], cidr=cidr)[0].blocks() == [block]
    for wrong in (2, size + 1, 1 << 32):
        with pytest.raises(ComponentError, match=rf"subnetSpecs\[0\]\.size: {wrong} isn't a power of two"):
            layout([{"type": "Public", "size": wrong}], cidr=cidr)


# Exact.


def test_exact_accepts_a_layout_without_gaps() -> None:
    """Masks or explicit blocks that fill the VPC in their order."""
    specs: list[Value] = [
        {"type": "Public", "cidrMask": 19},
        {"type": "Unused", "cidrMask": 19},
        {"type": "Private", "cidrMask": 18},
    ]
    engine, _ = layout(specs, zones=2, subnetStrategy="Exact")
    assert engine.blocks() == ["10.0.0.0/19", "10.0.64.0/18", "10.0.128.0/19", "10.0.192.0/18"]
    explicit_blocks: list[Value] = [
        {"type": "Public", "cidrBlocks": ["10.0.0.0/18", "10.0.128.0/18"]},
        {"type": "Private", "cidrBlocks": ["10.0.64.0/18", "10.0.192.0/18"]},
    ]
    engine, _ = layout(explicit_blocks, zones=2, subnetStrategy="Exact")
    assert engine.blocks() == ["10.0.0.0/18", "10.0.64.0/18", "10.0.128.0/18", "10.0.192.0/18"]


@pytest.mark.parametrize(
    ("blocks", "gap"),
    [
        (("10.0.64.0/18", "10.0.128.0/17"), "10.0.0.0/16 starts before production-a-1 (10.0.64.0/18)"),
        (("10.0.0.0/18", "10.0.128.0/17"), "production-a-1 (10.0.0.0/18) isn't followed by production-b-1 (10.0.128.0"),
        (("10.0.0.0/17", "10.0.128.0/18"), "10.0.0.0/16 continues after production-b-1 (10.0.128.0/18)"),
        (("10.0.128.0/17", "10.0.0.0/17"), "10.0.0.0/16 starts before production-a-1 (10.0.128.0/17)"),
    ],
)  # fmt: skip
def test_exact_names_the_gaps_between_explicit_blocks(blocks: tuple[str, str], gap: str) -> None:
    """At the start, between blocks, at the end, and in a wrong order; Auto accepts all of them."""
    specs: list[Value] = [
        {"type": "Isolated", "name": name, "cidrBlocks": [block]} for name, block in zip("ab", blocks, strict=True)
    ]
    with pytest.raises(ComponentError, match=r"^subnetStrategy: Exact leaves gaps") as error:
        layout(specs, subnetStrategy="Exact")
    assert gap in str(error.value)
    assert layout(specs)[0].blocks() == list(blocks)


# Explicit blocks.


def test_explicit_blocks_are_used_zone_by_zone() -> None:
    """The n-th block of a spec is the n-th zone's, sizes may differ, and the layout repeats the specs."""
    specs: list[Value] = [
        {"type": "Public", "cidrBlocks": ["10.0.8.0/22", "10.0.12.0/23"]},
        {"type": "Private", "name": "app", "cidrBlocks": ["10.0.16.0/20", "10.0.32.0/21"]},
    ]
    engine, outputs = layout(specs, zones=2)
    assert [(s.name, s.inputs["availabilityZone"], s.inputs["cidrBlock"]) for s in engine.of("Subnet")] == [
        (f"{NAME}-public-1", "us-east-1a", "10.0.8.0/22"),
        (f"{NAME}-app-1", "us-east-1a", "10.0.16.0/20"),
        (f"{NAME}-public-2", "us-east-1b", "10.0.12.0/23"),
        (f"{NAME}-app-2", "us-east-1b", "10.0.32.0/21"),
    ]
    assert outputs["subnetLayout"] == specs


def test_masks_and_sizes_may_repeat_explicit_blocks() -> None:
    """They are checked and change nothing."""
    specs: list[Value] = [
        {"type": "Public", "cidrBlocks": ["10.0.8.0/22", "10.0.12.0/22"], "cidrMask": 22, "size": 1024},
        {"type": "Private", "cidrBlocks": ["10.0.16.0/20", "10.0.32.0/20"], "size": 4096},
    ]
    engine, outputs = layout(specs, zones=2)
    assert engine.blocks() == ["10.0.8.0/22", "10.0.16.0/20", "10.0.12.0/22", "10.0.32.0/20"]
    assert outputs["subnetLayout"] == specs


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"cidrBlocks": ["10.0.16.0/24"]}, "cidrBlocks: 1 blocks for 2 availability zones; use one per zone"),
        ({"cidrBlocks": []}, "cidrBlocks: 0 blocks for 2 availability zones"),
        ({"cidrBlocks": None}, "cidrBlocks: missing; if one spec has explicit blocks, all need them"),
        ({"cidrBlocks": None, "cidrMask": 24}, "cidrBlocks: missing"),
        ({"cidrMask": 25}, "cidrMask: 25 differs from the cidrBlocks"),
        ({"size": 512}, "size: 512 differs from the cidrBlocks"),
    ],
)
def test_explicit_blocks_must_match_the_other_arguments(change: dict[str, Value], problem: str) -> None:
    """As many as zones, for all specs or none, with the same mask and size."""
    second: dict[str, Value] = {"type": "Private", "cidrBlocks": ["10.0.16.0/24", "10.0.17.0/24"], **change}
    first: Value = {"type": "Public", "cidrBlocks": ["10.0.0.0/24", "10.0.1.0/24"]}
    for strategy in ("Auto", "Exact"):
        with pytest.raises(ComponentError) as error:
            layout([first, second], zones=2, subnetStrategy=strategy)
        assert f"subnetSpecs[1].{problem}" in str(error.value)


# Names.


@pytest.mark.parametrize(
    ("zone", "suffix"),
    [
        ("us-east-1a", "1a"),
        ("ap-southeast-4c", "4c"),
        ("us-gov-west-1b", "1b"),
        ("us-west-2-lax-1a", "2-lax-1a"),
        ("us-east-1-wl1-bos-wlz-1", "1-wl1-bos-wlz-1"),
        ("somewhere", "somewhere"),
    ],
)
def test_a_zones_suffix_follows_the_regions_words(zone: str, suffix: str) -> None:
    """Local zones stay distinct, and a name of another form is unchanged."""
    assert zone_suffix(zone) == suffix

"""What the stand-in for awsx's Vpc refuses: what the real one refuses in a preview, and what isn't built here."""

import inspect
import re
from collections.abc import Mapping

import pulumi_awsx as awsx
import pytest

from sandbox.values import UNKNOWN, Value
from sandbox.vpc.inputs import ENDPOINT_FIELDS, NAT_FIELDS, NOT_BUILT, SUBNET_FIELDS, VPC_FIELDS
from sandbox.vpc.vpc import Refused
from tests.sandbox.vpc.recording import Recorder, built, changed

PUBLIC_AND_PRIVATE: Value = [{"type": "Public"}, {"type": "Private"}]
INTERFACE: Value = [{"serviceName": "ecr", "vpcEndpointType": "Interface"}]


def refusal(arguments: Mapping[str, Value]) -> str:
    """Give the message of a refusal; nothing is registered before it."""
    engine = Recorder(preview=True)
    with pytest.raises(Refused) as refused:
        built(arguments, engine)
    assert engine.made == []
    return str(refused.value)


# The real one's refusals, each with what its message begins with and what it goes on to say.
REFUSED_BY_AWSX: dict[str, tuple[dict[str, Value], str, str]] = {
    "overlapping blocks": (
        {
            "subnetSpecs": [
                {"type": "Public", "cidrBlocks": ["10.0.0.0/20", "10.0.16.0/20"]},
                {"type": "Private", "cidrBlocks": ["10.0.15.0/24", "10.0.32.0/24"]},
            ]
        },
        "subnets overlap: ",
        r"production-public-1 \(10.0.0.0/20\), production-private-1 \(10.0.15.0/24\);",
    ),
    "small subnets before large ones": (
        {"subnetSpecs": [{"type": "Public", "cidrMask": 24}, {"type": "Private", "cidrMask": 18, "name": "a"},
                         {"type": "Isolated", "cidrMask": 19}, {"type": "Private", "cidrMask": 20}]},
        "subnets overlap: ",
        "larger subnets first",
    ),
    "subnets too large": (
        {"subnetSpecs": [{"type": "Public", "cidrMask": 18}, {"type": "Private", "cidrMask": 17}]},
        "subnetSpecs: too large",
        r"49152 addresses, and a zone has 32768 \(/17\)",
    ),
    "a mask of the zones too large for the subnets": (
        {"availabilityZoneCidrMask": 20},
        "subnetSpecs: too large",
        r"a zone has 4096 \(/20\)",
    ),
    "more zones than the VPC has addresses for": (
        {"cidrBlock": "10.0.0.0/32"},
        "a block of /33",
        "larger VPC",
    ),
    "duplicate spec names": (
        {"subnetSpecs": [{"type": "Public"}, {"type": "Private", "name": "a"}, {"type": "private", "name": "a"}]},
        "subnetSpecs:",
        "several specs of type 'private' share a name",
    ),
    "two specs without a name": (
        {"subnetSpecs": [{"type": "Public"}, {"type": "Public"}, {"type": "Private"}]},
        "subnetSpecs:",
        "several specs of type 'public' share a name",
    ),
    "no specs at all": ({"subnetSpecs": []}, "subnetSpecs: empty", "at least one"),
    "a size that is no power of two": (
        {"subnetSpecs": [{"type": "Public", "size": 100}, {"type": "Private"}]},
        "subnetSpecs:",
        r"subnetSpecs\[0\].size: 100 is refused; a power of two",
    ),
    "a size that isn't the mask's": (
        {"subnetSpecs": [{"type": "Public"}, {"type": "Private", "size": 4096, "cidrMask": 21}]},
        "subnetSpecs:",
        r"subnetSpecs\[1\].size: 4096 contradicts cidrMask 21, which has 2048",
    ),
    "both zone arguments": (
        {"numberOfAvailabilityZones": 2},
        "availabilityZoneNames and numberOfAvailabilityZones: ",
        "only one",
    ),
    "a NAT gateway without a public subnet": (
        {"subnetSpecs": [{"type": "Private"}, {"type": "Isolated"}]},
        "natGateways.strategy: OnePerAz needs public subnets",
        "use None",
    ),
    "a NAT gateway for nobody": (
        {"subnetSpecs": [{"type": "Public"}], "natGateways": {"strategy": "Single"}},
        "natGateways.strategy: Single needs public subnets",
        "private or isolated",
    ),
    "gaps with Exact": (
        {"subnetStrategy": "Exact"},
        "subnetStrategy: Exact leaves gaps: ",
        r"production-data-2 \(10.0.160.0/24\); fill them with specs of type Unused",
    ),
    "Exact without specs": (
        {"subnetStrategy": "Exact", "subnetSpecs": None},
        "subnetStrategy: Exact without subnetSpecs",
        "leaves gaps",
    ),
    "too few zones": (
        {"availabilityZoneNames": None, "numberOfAvailabilityZones": 4},
        "numberOfAvailabilityZones: 4 wanted",
        "the region has 3",
    ),
    "an unknown NAT strategy": (
        {"natGateways": {"strategy": "Twice"}},
        "natGateways.strategy: 'Twice' is unknown",
        "None, Single, OnePerAz",
    ),
    "addresses without a NAT gateway": (
        {"natGateways": {"strategy": "None", "elasticIpAllocationIds": ["eipalloc-1"]}},
        "natGateways.elasticIpAllocationIds: 1 given",
        "None",
    ),
    "two addresses for a single NAT gateway": (
        {"natGateways": {"strategy": "Single", "elasticIpAllocationIds": ["eipalloc-1", "eipalloc-2"]}},
        "natGateways.elasticIpAllocationIds: 2 given",
        "0 or 1 may be",
    ),
    "an address too few": (
        {"natGateways": {"strategy": "OnePerAz", "elasticIpAllocationIds": ["eipalloc-1"]}},
        "natGateways.elasticIpAllocationIds: 1 given",
        "0 or 2 may be",
    ),
    "zones that would be called the same": (
        {"availabilityZoneNames": ["us-east-1a", "us-west-1a"], "subnetNameTagStrategy": "AvailabilityZone"},
        "subnetNameTagStrategy: ",
        '"us-east-1a" and "us-west-1a" would both be called "1a"',
    ),
    "default subnets in a tiny VPC": (
        {"cidrBlock": "10.0.0.0/26", "subnetSpecs": None},
        "subnetSpecs: left out",
        "has a /27",
    ),
    "private DNS names where DNS is off": (
        {"enableDnsSupport": False, "vpcEndpointStrategy": "Auto", "vpcEndpointSpecs": INTERFACE},
        "enableDnsSupport: false is refused",
        "private DNS",
    ),
    "an endpoint of an unknown type with Auto": (
        {
            "vpcEndpointStrategy": "Auto",
            "vpcEndpointSpecs": [{"serviceName": "ecr", "vpcEndpointType": UNKNOWN}],
        },
        "vpcEndpointSpecs[0].vpcEndpointType: not a plain string",
        "only Legacy",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED_BY_AWSX)
def test_what_awsx_refuses_is_refused(case: str) -> None:
    """Before anything is registered, with a message that begins with what is refused."""
    change, beginning, further = REFUSED_BY_AWSX[case]
    message = refusal(changed(**change))
    assert message.startswith(beginning)
    assert re.search(further, message), message


@pytest.mark.parametrize("cidr", ["", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0/16", "300.0.0.0/16", "fd00::/56"])
def test_malformed_blocks_are_refused(cidr: str) -> None:
    """The VPC's and a subnet's, by the place where they stand."""
    assert refusal(changed(cidrBlock=cidr)).startswith(f"cidrBlock: {cidr!r} is no IPv4 block")
    specs: Value = [{"type": "Public", "cidrBlocks": ["10.0.0.0/24", cidr]}]
    assert refusal(changed(subnetSpecs=specs)).startswith(f"subnetSpecs[0].cidrBlocks[1]: {cidr!r} is no IPv4 block")


def test_all_that_is_wrong_with_the_specs_is_said_at_once() -> None:
    """One line for each fault."""
    specs: Value = [{"type": "Public", "size": 3}, {"type": "Public", "cidrMask": 24, "size": 512}]
    assert [line.split(":")[0] for line in refusal(changed(subnetSpecs=specs)).splitlines()[1:]] == [
        " - several specs of type 'public' share a name; at most one may go without, the others need their own",
        " - subnetSpecs[0].size",
        " - subnetSpecs[1].size",
    ]


# What isn't built here, and what isn't awsx's.


@pytest.mark.parametrize("strategy", ["Legacy", "AutoMerge"])
def test_strategies_that_are_not_built_are_refused(strategy: str) -> None:
    """By name, with what to use instead."""
    message = refusal(changed(subnetStrategy=strategy))
    assert message == f"subnetStrategy: the stand-in doesn't build {strategy}; use Auto or Exact"


def test_a_strategy_left_out_is_legacy() -> None:
    """The default is refused like the name."""
    assert refusal(changed(subnetStrategy=None)).startswith("subnetStrategy: left out, awsx takes Legacy")


def test_an_unknown_strategy_without_specs_is_legacy_too() -> None:
    """Only with specs does awsx take it as Auto."""
    assert "awsx lays out Legacy's subnets" in refusal(changed(subnetStrategy="Whatever", subnetSpecs=None))


@pytest.mark.parametrize("name", NOT_BUILT)
def test_arguments_that_are_not_built_are_refused(name: str) -> None:
    """IPAM's and IPv6's, by name."""
    assert refusal(changed(**{name: 56 if "Length" in name else "x"})).startswith(f"{name}: the stand-in doesn't build")


@pytest.mark.parametrize("value", [True, UNKNOWN])
def test_ipv6_is_refused_where_it_is_switched_on(value: Value) -> None:
    """Or where that isn't known; false is what awsx does anyway."""
    assert refusal(changed(assignGeneratedIpv6CidrBlock=value)).startswith("assignGeneratedIpv6CidrBlock: ")
    specs: Value = [{"type": "Public"}, {"type": "Private", "assignIpv6AddressOnCreation": value}]
    assert refusal(changed(subnetSpecs=specs)).startswith("subnetSpecs[1].assignIpv6AddressOnCreation: ")
    off: Value = [{"type": "Public"}, {"type": "Private", "assignIpv6AddressOnCreation": False}]
    engine, _ = built(changed(assignGeneratedIpv6CidrBlock=False, subnetSpecs=off))
    assert engine.inputs_of("Subnet", "assignIpv6AddressOnCreation") == [False] * 4


def test_a_region_needs_zone_names() -> None:
    """The look-up answers for the provider's region alone, so another region's zones would be wrong."""
    assert refusal(changed(region="us-west-2", availabilityZoneNames=None)).startswith("region: without")


@pytest.mark.parametrize(
    ("change", "beginning"),
    [
        ({"cidrBlok": "10.0.0.0/16"}, "cidrBlok: awsx has no such argument; did you mean cidrBlock?"),
        ({"cidr_block": "10.0.0.0/16"}, "cidr_block: awsx has no such argument"),
        ({"zzz": 1}, "zzz: awsx has no such argument; it has assignGeneratedIpv6CidrBlock, "),
        ({"natGateways": {"strategi": "None"}}, "natGateways.strategi: awsx has no such argument"),
        ({"subnetSpecs": [{"type": "Public", "cidr": "x"}]}, "subnetSpecs[0].cidr: awsx has no such argument"),
        ({"vpcEndpointSpecs": [{"vpcId": "x"}]}, "vpcEndpointSpecs[0].vpcId: awsx has no such argument"),
        ({"subnetSpecs": [{"cidrMask": 24}]}, "subnetSpecs[0].type: missing"),
        ({"vpcEndpointSpecs": [{"vpcEndpointType": "Gateway"}]}, "vpcEndpointSpecs[0].serviceName: missing"),
        ({"cidrBlock": 10}, "cidrBlock: a string is expected, not 10"),
        ({"availabilityZoneNames": "us-east-1a"}, "availabilityZoneNames: a list is expected"),
        ({"availabilityZoneNames": ["us-east-1a", 2]}, "availabilityZoneNames[1]: a string is expected, not 2"),
        ({"numberOfAvailabilityZones": -1}, "numberOfAvailabilityZones: a whole number of at least 0"),
        ({"availabilityZoneCidrMask": 33}, "availabilityZoneCidrMask: a whole number from 1 to 32"),
        ({"subnetSpecs": [{"type": "Public", "cidrMask": True}]}, "subnetSpecs[0].cidrMask: a whole number"),
        ({"subnetSpecs": [{"type": "Public", "cidrMask": 24.5}]}, "subnetSpecs[0].cidrMask: a whole number"),
        ({"subnetSpecs": [{"type": "Public", "cidrMask": 33}]}, "subnetSpecs[0].cidrMask: a whole number"),
        ({"subnetSpecs": [{"type": "Public", "cidrMask": 0}]}, "subnetSpecs[0].cidrMask: a whole number"),
        ({"subnetSpecs": ["Public"]}, "subnetSpecs[0]: an object is expected, not 'Public'"),
        ({"natGateways": "None"}, "natGateways: an object is expected, not 'None'"),
        ({"tags": ["a"]}, "tags: a map is expected"),
    ],
)  # fmt: skip
def test_what_awsx_cannot_take_is_refused(change: dict[str, Value], beginning: str) -> None:
    """Unknown names at any depth, missing ones, and values of another kind, by the place where they stand."""
    assert refusal(changed(**change)).startswith(beginning)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"cidrBlock": UNKNOWN}, "cidrBlock"),
        ({"availabilityZoneNames": UNKNOWN}, "availabilityZoneNames"),
        ({"availabilityZoneNames": ["us-east-1a", UNKNOWN]}, "availabilityZoneNames[1]"),
        ({"subnetStrategy": UNKNOWN}, "subnetStrategy"),
        ({"subnetSpecs": [{"type": "Public", "cidrBlocks": ["10.0.0.0/24", UNKNOWN]}]}, "subnetSpecs[0].cidrBlocks[1]"),
        ({"natGateways": {"strategy": UNKNOWN}}, "natGateways.strategy"),
        ({"vpcEndpointSpecs": [{"serviceName": UNKNOWN}]}, "vpcEndpointSpecs[0].serviceName"),
        ({"tags": UNKNOWN}, "tags"),
    ],
)  # fmt: skip
def test_what_the_plan_is_made_from_must_be_known(change: dict[str, Value], place: str) -> None:
    """Awsx plans with it in the preview, before any other resource is there."""
    assert refusal(changed(**change)).startswith(f"{place}: unknown until another resource is made")


def test_null_is_as_good_as_left_out() -> None:
    """At every depth."""
    specs: Value = [{"type": "Public", "name": None, "tags": None}, {"type": "Private", "cidrMask": None}]
    plain, _ = built(changed(subnetSpecs=PUBLIC_AND_PRIVATE))
    engine, _ = built({**changed(subnetSpecs=specs), "region": None, "ipv6CidrBlock": None, "natGateways": None})
    assert engine.made == plain.made


@pytest.mark.parametrize(
    ("arguments", "known"),
    [
        (awsx.ec2.VpcArgs, VPC_FIELDS),
        (awsx.ec2.NatGatewayConfigurationArgs, NAT_FIELDS),
        (awsx.ec2.SubnetSpecArgs, SUBNET_FIELDS),
        (awsx.ec2.VpcEndpointSpecArgs, ENDPOINT_FIELDS),
    ],
)
def test_every_argument_of_the_sdk_is_known(arguments: type, known: frozenset[str]) -> None:
    """The SDK in use has just the arguments that are built or refused by name, so that none is dropped in silence."""
    names = [name for name in inspect.signature(arguments).parameters if name != "__self__"]
    assert {re.sub(r"_(\w)", lambda m: m[1].upper(), name) for name in names} == known

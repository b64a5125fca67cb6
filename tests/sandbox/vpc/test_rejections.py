"""The arguments that the stand-in for awsx's Vpc rejects: as the real one does, or because it supports less."""

import inspect
import re
from collections.abc import Mapping

import pulumi_awsx as awsx
import pytest

from sandbox.values import UNKNOWN, Value
from sandbox.vpc.inputs import ENDPOINT_FIELDS, NAT_FIELDS, SUBNET_FIELDS, UNSUPPORTED, VPC_FIELDS, ComponentError
from tests.sandbox.vpc.recording import Recorder, build, with_arguments

PUBLIC_AND_PRIVATE: Value = [{"type": "Public"}, {"type": "Private"}]
INTERFACE: Value = [{"serviceName": "ecr", "vpcEndpointType": "Interface"}]


def rejection(arguments: Mapping[str, Value]) -> str:
    """Return the error message; no child is registered before the error."""
    engine = Recorder(preview=True)
    with pytest.raises(ComponentError) as error:
        build(arguments, engine)
    assert engine.registered == []
    return str(error.value)


# Arguments that awsx rejects, with the start of the message and a pattern of its rest.
REJECTED_BY_AWSX: dict[str, tuple[dict[str, Value], str, str]] = {
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
        r"49152 addresses, a zone has 32768 \(/17\)",
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
        r"subnetSpecs\[0\].size: 100 isn't a power of two",
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
    "a NAT gateway without private subnets": (
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
        "numberOfAvailabilityZones: 4 (default: 3)",
        "the region has 3",
    ),
    "an unknown NAT strategy": (
        {"natGateways": {"strategy": "Twice"}},
        "natGateways.strategy: unknown value 'Twice'",
        "None, Single, OnePerAz",
    ),
    "addresses without a NAT gateway": (
        {"natGateways": {"strategy": "None", "elasticIpAllocationIds": ["eipalloc-1"]}},
        "natGateways.elasticIpAllocationIds: 1 ids",
        "None",
    ),
    "two addresses for a single NAT gateway": (
        {"natGateways": {"strategy": "Single", "elasticIpAllocationIds": ["eipalloc-1", "eipalloc-2"]}},
        "natGateways.elasticIpAllocationIds: 2 ids",
        "0 or 1 are allowed",
    ),
    "too few addresses": (
        {"natGateways": {"strategy": "OnePerAz", "elasticIpAllocationIds": ["eipalloc-1"]}},
        "natGateways.elasticIpAllocationIds: 1 ids",
        "0 or 2 are allowed",
    ),
    "zones with the same short name": (
        {"availabilityZoneNames": ["us-east-1a", "us-west-1a"], "subnetNameTagStrategy": "AvailabilityZone"},
        "subnetNameTagStrategy: ",
        'shortens both "us-east-1a" and "us-west-1a" to "1a"',
    ),
    "default subnets in a tiny VPC": (
        {"cidrBlock": "10.0.0.0/26", "subnetSpecs": None},
        "subnetSpecs: awsx's default needs a /26",
        "has a /27",
    ),
    "private DNS names where DNS is off": (
        {"enableDnsSupport": False, "vpcEndpointStrategy": "Auto", "vpcEndpointSpecs": INTERFACE},
        "enableDnsSupport: must be true",
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


@pytest.mark.parametrize("case", REJECTED_BY_AWSX)
def test_arguments_that_awsx_rejects_are_rejected(case: str) -> None:
    """Before any registration; the message starts with the argument."""
    change, start, rest = REJECTED_BY_AWSX[case]
    message = rejection(with_arguments(**change))
    assert message.startswith(start)
    assert re.search(rest, message), message


@pytest.mark.parametrize("cidr", ["", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0/16", "300.0.0.0/16", "fd00::/56"])
def test_malformed_blocks_are_rejected(cidr: str) -> None:
    """The VPC's and a subnet's, with their path."""
    assert rejection(with_arguments(cidrBlock=cidr)).startswith(f"cidrBlock: {cidr!r} isn't an IPv4 block")
    specs: Value = [{"type": "Public", "cidrBlocks": ["10.0.0.0/24", cidr]}]
    assert rejection(with_arguments(subnetSpecs=specs)).startswith(
        f"subnetSpecs[0].cidrBlocks[1]: {cidr!r} isn't an IPv4 block"
    )


def test_all_problems_of_the_specs_are_reported_at_once() -> None:
    """One line each."""
    specs: Value = [{"type": "Public", "size": 3}, {"type": "Public", "cidrMask": 24, "size": 512}]
    assert [line.split(":")[0] for line in rejection(with_arguments(subnetSpecs=specs)).splitlines()[1:]] == [
        " - several specs of type 'public' share a name; one may have no name, all others need unique names",
        " - subnetSpecs[0].size",
        " - subnetSpecs[1].size",
    ]


# Unsupported arguments, and arguments that awsx doesn't have.


@pytest.mark.parametrize("strategy", ["Legacy", "AutoMerge"])
def test_unsupported_strategies_are_rejected(strategy: str) -> None:
    """By name, with the alternatives."""
    message = rejection(with_arguments(subnetStrategy=strategy))
    assert message == f"subnetStrategy: {strategy} isn't supported by the stand-in, use Auto or Exact"


def test_the_default_strategy_is_legacy() -> None:
    """It is rejected like the name."""
    assert rejection(with_arguments(subnetStrategy=None)).startswith("subnetStrategy: missing; awsx's default Legacy")


def test_an_unknown_strategy_without_specs_is_legacy_too() -> None:
    """With specs awsx uses Auto."""
    assert "awsx then uses Legacy" in rejection(with_arguments(subnetStrategy="Whatever", subnetSpecs=None))


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_unsupported_arguments_are_rejected(name: str) -> None:
    """IPAM's and IPv6's, by name."""
    assert rejection(with_arguments(**{name: 56 if "Length" in name else "x"})).startswith(f"{name}: not supported")


@pytest.mark.parametrize("value", [True, UNKNOWN])
def test_enabled_or_unknown_ipv6_is_rejected(value: Value) -> None:
    """False is awsx's default."""
    assert rejection(with_arguments(assignGeneratedIpv6CidrBlock=value)).startswith("assignGeneratedIpv6CidrBlock: ")
    specs: Value = [{"type": "Public"}, {"type": "Private", "assignIpv6AddressOnCreation": value}]
    assert rejection(with_arguments(subnetSpecs=specs)).startswith("subnetSpecs[1].assignIpv6AddressOnCreation: ")
    off: Value = [{"type": "Public"}, {"type": "Private", "assignIpv6AddressOnCreation": False}]
    engine, _ = build(with_arguments(assignGeneratedIpv6CidrBlock=False, subnetSpecs=off))
    assert engine.inputs_of("Subnet", "assignIpv6AddressOnCreation") == [False] * 4


def test_a_region_needs_zone_names() -> None:
    """The look-up returns the provider's region only, so another region's zones would be wrong."""
    assert rejection(with_arguments(region="us-west-2", availabilityZoneNames=None)).startswith("region: without")


@pytest.mark.parametrize(
    ("change", "start"),
    [
        ({"cidrBlok": "10.0.0.0/16"}, "cidrBlok: awsx has no such argument; did you mean cidrBlock?"),
        ({"cidr_block": "10.0.0.0/16"}, "cidr_block: awsx has no such argument"),
        ({"zzz": 1}, "zzz: awsx has no such argument; allowed: assignGeneratedIpv6CidrBlock, "),
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
def test_invalid_arguments_are_rejected(change: dict[str, Value], start: str) -> None:
    """Unknown names at any depth, missing ones, and values of another type, with their path."""
    assert rejection(with_arguments(**change)).startswith(start)


@pytest.mark.parametrize(
    ("change", "path"),
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
def test_arguments_of_the_layout_must_be_known(change: dict[str, Value], path: str) -> None:
    """Awsx needs them in the preview, before any other resource exists."""
    assert rejection(with_arguments(**change)).startswith(f"{path}: unknown in a preview")


def test_null_is_the_same_as_a_missing_argument() -> None:
    """At every depth."""
    specs: Value = [{"type": "Public", "name": None, "tags": None}, {"type": "Private", "cidrMask": None}]
    plain, _ = build(with_arguments(subnetSpecs=PUBLIC_AND_PRIVATE))
    engine, _ = build({**with_arguments(subnetSpecs=specs), "region": None, "ipv6CidrBlock": None, "natGateways": None})
    assert engine.registered == plain.registered


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
    """Each of the SDK's arguments is supported or rejected by name; none is silently ignored."""
    names = [name for name in inspect.signature(arguments).parameters if name != "__self__"]
    assert {re.sub(r"_(\w)", lambda m: m[1].upper(), name) for name in names} == known

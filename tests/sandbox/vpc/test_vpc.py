"""The stand-in for awsx's Vpc registers the same children as the real component, with the same outputs."""

import json
from collections.abc import Sequence

import pytest
from pulumi.runtime import rpc
from pulumi_awsx.ec2 import outputs as awsx_outputs

from sandbox.values import UNKNOWN, Value
from tests.sandbox.vpc.recording import (
    CASES,
    COMPONENT,
    ECR,
    NAME,
    OUTPUTS,
    S3,
    VPC,
    Recorder,
    Registered,
    build,
    with_arguments,
)

TAGGABLE = {"Vpc", "InternetGateway", "Subnet", "RouteTable", "Eip", "NatGateway", "VpcEndpoint", "SecurityGroup"}

every_case = pytest.mark.parametrize("name", CASES)


def in_json(children: object) -> str:
    """Convert to JSON, where true differs from 1 and 443 from 443.0."""
    return json.dumps(children, indent=1, sort_keys=True)


def test_the_recorded_runs_are_eight_cases() -> None:
    """No run is missing, and each differs from the others."""
    sizes = {name: len(case.children) for name, case in CASES.items()}
    assert sizes == {
        "auto": 28,
        "auto_private_first": 28,
        "nat_single": 26,
        "nat_none": 22,
        "name_az": 28,
        "num_az2": 28,
        "ep_auto": 32,
        "no_masks": 28,
    }
    assert len({in_json((case.arguments, case.children)) for case in CASES.values()}) == len(CASES)


@every_case
def test_the_children_are_the_real_components(name: str) -> None:
    """Type, name, parent and inputs of every child are those of the recorded run."""
    engine, _ = build(CASES[name].arguments)
    children = [{"type": c.type, "name": c.name, "parent": c.parent, "inputs": c.inputs} for c in engine.registered]
    ordered = sorted(children, key=lambda child: (str(child["type"]), str(child["name"])))
    assert in_json(ordered) == in_json(CASES[name].children)


@every_case
def test_the_look_ups_are_the_real_components(name: str) -> None:
    """The zones are looked up once, and only without zone names."""
    engine, _ = build(CASES[name].arguments)
    assert engine.lookups == CASES[name].lookups
    assert engine.warnings == []


@every_case
def test_dependencies_are_registered_first(name: str) -> None:
    """A child's parent, dependencies and used children are registered before it."""
    engine, _ = build(CASES[name].arguments)
    known = {f"{COMPONENT} {NAME}"}
    for child in engine.registered:
        needed = {child.parent, *child.depends_on, *(urn for urns in child.uses.values() for urn in urns)}
        assert needed <= known, child.key
        known.add(child.key)


@every_case
def test_children_depend_on_their_parent(name: str) -> None:
    """Except the VPC, which has no dependency, and an endpoint's rule, which depends on its security group."""
    engine, _ = build(CASES[name].arguments)
    for child in engine.registered:
        if child.type.endswith(":SecurityGroupRule"):
            expected = [f"aws:ec2/securityGroup:SecurityGroup {child.name.removesuffix('-ingress')}-sg"]
        else:
            expected = [] if child.key == VPC else [child.parent]
        assert child.depends_on == expected, child.key


@every_case
def test_uses_name_the_children_behind_each_input(name: str) -> None:
    """`uses` has exactly the inputs that contain other children's outputs, with those children."""
    engine, _ = build(CASES[name].arguments)
    sources: dict[Value, str] = {}
    for child in engine.registered:
        expected: dict[str, list[str]] = {}
        for key, value in child.inputs.items():
            items: Sequence[Value] = value if isinstance(value, list) else [value]
            used = [sources[item] for item in items if isinstance(item, str) and item in sources]
            if used:
                expected[key] = used
        if child.type.endswith(":SecurityGroupRule"):
            expected["cidrBlocks"] = [VPC]
        assert child.uses == expected, child.key
        sources[engine_id(engine, child)] = child.key


def engine_id(engine: Recorder, child: Registered) -> str:
    """Return the output that other children use: an address's allocation id, otherwise the id."""
    if child.type.endswith(":Eip"):
        return f"eipalloc-{child.name}"
    recorder = Recorder(preview=engine.preview)
    return recorder.register(child.type, child.name, {}, parent=None, depends_on=[], uses={}).id


def test_a_security_group_has_the_sdks_default_description() -> None:
    """The component sets none; the AWS SDK that it calls adds this one before it registers the group."""
    engine, _ = build(CASES["ep_auto"].arguments)
    assert engine.inputs_of("SecurityGroup", "description") == ["Managed by Pulumi"]


@every_case
def test_the_outputs_are_the_real_components(name: str) -> None:
    """All seventeen, by name."""
    _, outputs = build(CASES[name].arguments)
    assert set(outputs) == set(OUTPUTS)
    assert len(OUTPUTS) == 17


def references(*children: str) -> list[dict[str, str]]:
    return [{"reference": child} for child in children]


def test_outputs_come_zone_by_zone() -> None:
    """Lists are ordered by zone, then public, private, isolated, and contain references or ids."""
    _, outputs = build(CASES["ep_auto"].arguments)
    per_subnet = [f"{NAME}-{kind}-{zone}" for zone in (1, 2) for kind in ("public", "private", "data")]
    routed = [name for name in per_subnet if "data" not in name]
    both = [f"{NAME}-1", f"{NAME}-2"]
    assert outputs == {
        "vpc": {"reference": VPC},
        "vpcId": f"vpc-{NAME}",
        "subnets": references(*(f"aws:ec2/subnet:Subnet {name}" for name in per_subnet)),
        "publicSubnets": references(*(f"aws:ec2/subnet:Subnet {name}" for name in per_subnet[0::3])),
        "privateSubnets": references(*(f"aws:ec2/subnet:Subnet {name}" for name in per_subnet[1::3])),
        "isolatedSubnets": references(*(f"aws:ec2/subnet:Subnet {name}" for name in per_subnet[2::3])),
        "publicSubnetIds": [f"subnet-{name}" for name in per_subnet[0::3]],
        "privateSubnetIds": [f"subnet-{name}" for name in per_subnet[1::3]],
        "isolatedSubnetIds": [f"subnet-{name}" for name in per_subnet[2::3]],
        "subnetLayout": [
            {"type": "Public", "cidrMask": 24, "size": 256},
            {"type": "Private", "cidrMask": 20, "size": 4096},
            {"type": "Isolated", "name": "data", "cidrMask": 24, "size": 256},
        ],
        "routeTables": references(*(f"aws:ec2/routeTable:RouteTable {name}" for name in per_subnet)),
        "routeTableAssociations": references(
            *(f"aws:ec2/routeTableAssociation:RouteTableAssociation {name}" for name in per_subnet)
        ),
        "routes": references(*(f"aws:ec2/route:Route {name}" for name in routed)),
        "internetGateway": {"reference": f"aws:ec2/internetGateway:InternetGateway {NAME}"},
        "natGateways": references(*(f"aws:ec2/natGateway:NatGateway {name}" for name in both)),
        "eips": references(*(f"aws:ec2/eip:Eip {name}" for name in both)),
        "vpcEndpoints": references(*(f"aws:ec2/vpcEndpoint:VpcEndpoint {name}" for name in (S3, ECR))),
    }


# A preview.


@every_case
def test_a_preview_registers_the_same_children(name: str) -> None:
    """Some inputs are unknown, but none is missing, and `uses` is the same as in an `up`."""
    up, _ = build(CASES[name].arguments)
    preview, _ = build(CASES[name].arguments, Recorder(preview=True))
    assert [(c.key, c.parent, c.depends_on) for c in preview.registered] == [
        (c.key, c.parent, c.depends_on) for c in up.registered
    ]
    for before, after in zip(preview.registered, up.registered, strict=True):
        # A subnet derives its IPv6 block from the VPC's, which is unknown before the VPC exists.
        ipv6 = {"ipv6CidrBlock": [VPC]} if before.type.endswith(":Subnet") else {}
        assert before.uses == {**after.uses, **ipv6}
        for key, value in after.inputs.items():
            is_computed = key in after.uses and key != "cidrBlocks"
            members = [UNKNOWN] * len(value) if isinstance(value, list) else UNKNOWN
            assert before.inputs[key] == (members if is_computed else value), f"{before.key}.{key}"


def test_a_previews_outputs_are_known_but_for_the_ids() -> None:
    """VpcId and the lists of ids are unknown; the lists of resources and the layout are known."""
    _, up = build(CASES["ep_auto"].arguments)
    _, preview = build(CASES["ep_auto"].arguments, Recorder(preview=True))
    ids = {"vpcId", "publicSubnetIds", "privateSubnetIds", "isolatedSubnetIds"}
    assert {name for name, value in preview.items() if value == UNKNOWN} == ids
    assert {k: v for k, v in preview.items() if k not in ids} == {k: v for k, v in up.items() if k not in ids}


def test_a_list_of_no_ids_is_known_in_a_preview() -> None:
    """Without isolated subnets there is no unknown id."""
    specs: Value = [{"type": "Public"}, {"type": "Private"}]
    _, outputs = build(with_arguments(subnetSpecs=specs), Recorder(preview=True))
    assert outputs["isolatedSubnetIds"] == []
    assert outputs["publicSubnetIds"] == UNKNOWN


def test_an_output_missing_in_the_state_makes_inputs_unknown() -> None:
    """The VPC's ipv6CidrBlock and an address's allocationId."""
    engine, _ = build(with_arguments(), Recorder(omitted=frozenset({"ipv6CidrBlock", "allocationId"})))
    assert engine.inputs_of("Subnet", "ipv6CidrBlock") == [UNKNOWN] * 6
    assert engine.inputs_of("NatGateway", "allocationId") == [UNKNOWN] * 2


def test_unknown_values_are_passed_through() -> None:
    """A tag's value, an allocation id and an endpoint's policy may be unknown in a preview."""
    engine, _ = build(
        with_arguments(
            tags={"Owner": UNKNOWN},
            natGateways={"strategy": "Single", "elasticIpAllocationIds": [UNKNOWN]},
            vpcEndpointSpecs=[{"serviceName": S3, "policy": UNKNOWN, "routeTableIds": UNKNOWN}],
        ),
        Recorder(preview=True),
    )
    assert engine.of("Vpc")[0].inputs["tags"] == {"Name": NAME, "Owner": UNKNOWN}
    assert engine.of("NatGateway")[0].inputs["allocationId"] == UNKNOWN
    assert "allocationId" not in engine.of("NatGateway")[0].uses
    assert engine.of("VpcEndpoint")[0].inputs["policy"] == UNKNOWN
    assert engine.of("VpcEndpoint")[0].inputs["routeTableIds"] == UNKNOWN


# Tags, the region, and the VPC's switches.


def test_the_arguments_tags_are_on_every_taggable_child() -> None:
    """A spec's tags are on its subnets only, not on their route tables."""
    specs: Value = [{"type": "Public", "tags": {"tier": "edge"}}, {"type": "Private"}]
    endpoints = CASES["ep_auto"].arguments["vpcEndpointSpecs"]
    engine, _ = build(with_arguments(subnetSpecs=specs, vpcEndpointStrategy="Auto", vpcEndpointSpecs=endpoints))
    tagged = {c.type.rsplit(":", 1)[1] for c in engine.registered if "tags" in c.inputs}
    assert tagged == TAGGABLE
    for child in engine.registered:
        tags = child.inputs.get("tags", {})
        assert isinstance(tags, dict)
        assert ("Owner" in tags) == ("tags" in child.inputs), child.key
        assert ("tier" in tags) == (child.type.endswith(":Subnet") and "public" in child.name), child.key


def test_subnets_and_nat_gateways_ignore_a_name_tag() -> None:
    """Awsx overwrites Name on all numbered children; the VPC and its internet gateway keep the argument's."""
    custom: Value = {"Name": "mine", "SubnetType": "mine"}
    specs: Value = [{"type": "Public", "tags": custom}, {"type": "Private"}]
    engine, _ = build(with_arguments(subnetSpecs=specs, tags=custom))
    for child in engine.registered:
        tags = child.inputs.get("tags")
        if isinstance(tags, dict):
            expected = "mine" if child.name == NAME else child.name
            assert tags["Name"] == expected, child.key
    assert engine.inputs_of("Subnet", "tags") == [
        {"Name": f"{NAME}-{kind.lower()}-{zone}", "SubnetType": kind}
        for zone in (1, 2)
        for kind in ("Public", "Private")
    ]


def test_the_region_is_on_every_child() -> None:
    """An endpoint's region is on the endpoint, its group and its rule."""
    endpoints: Value = [
        {"serviceName": S3},
        {"serviceName": ECR, "vpcEndpointType": "Interface", "region": "us-east-2"},
    ]
    engine, _ = build(with_arguments(region="us-east-1", vpcEndpointStrategy="Auto", vpcEndpointSpecs=endpoints))
    assert {c.key for c in engine.registered if c.inputs.get("region") != "us-east-1"} == {
        f"aws:ec2/vpcEndpoint:VpcEndpoint {ECR}",
        f"aws:ec2/securityGroup:SecurityGroup {ECR}-sg",
        f"aws:ec2/securityGroupRule:SecurityGroupRule {ECR}-ingress",
    }
    assert {str(c.inputs.get("region")) for c in engine.registered} == {"us-east-1", "us-east-2"}


def test_the_vpc_gets_its_switches_unchanged() -> None:
    """Also false ones; missing ones stay missing."""
    switches: dict[str, Value] = {
        "assignGeneratedIpv6CidrBlock": False,
        "enableDnsHostnames": False,
        "enableDnsSupport": UNKNOWN,
        "enableNetworkAddressUsageMetrics": True,
        "instanceTenancy": "dedicated",
    }
    engine, _ = build(with_arguments(**switches))
    inputs = engine.of("Vpc")[0].inputs
    assert {key: inputs[key] for key in switches} == switches
    bare, _ = build({"subnetStrategy": "Auto"})
    assert bare.of("Vpc")[0].inputs == {"cidrBlock": "10.0.0.0/16", "tags": {"Name": NAME}}


def test_no_default_resources_are_registered() -> None:
    """No default group, default network ACL, default route table or flow log."""
    types = {child.type for case in CASES.values() for child in build(case.arguments)[0].registered}
    assert not [kind for kind in types if "default" in kind.lower() or "flowLog" in kind or "networkAcl" in kind]


# Zones and NAT gateways.


def test_without_names_the_first_three_zones_are_used() -> None:
    """In the order of the look-up."""
    engine, _ = build(with_arguments(availabilityZoneNames=None), Recorder(region_zones=["z-a", "z-b", "z-c", "z-d"]))
    assert sorted({str(s.inputs["availabilityZone"]) for s in engine.of("Subnet")}) == ["z-a", "z-b", "z-c"]


@pytest.mark.parametrize("strategy", ["OnePerAz", "oneperaz"])
def test_allocation_ids_replace_new_addresses(strategy: str) -> None:
    """Each zone's NAT gateway gets its id, and no Eip is registered."""
    nat: Value = {"strategy": strategy, "elasticIpAllocationIds": ["eipalloc-a", "eipalloc-b"]}
    engine, outputs = build(with_arguments(natGateways=nat))
    assert engine.inputs_of("NatGateway", "allocationId") == ["eipalloc-a", "eipalloc-b"]
    assert engine.of("Eip") == []
    assert outputs["eips"] == []


def test_two_public_specs_share_one_nat_gateway_per_zone() -> None:
    """It is in the first of them."""
    specs: Value = [{"type": "Private"}, {"type": "Public"}, {"type": "Public", "name": "edge"}]
    engine, _ = build(with_arguments(subnetSpecs=specs))
    assert engine.inputs_of("NatGateway", "subnetId") == [f"subnet-{NAME}-public-1", f"subnet-{NAME}-public-2"]


# Arguments that awsx accepts.


def test_an_unknown_strategy_with_specs_means_auto() -> None:
    """Strategies are case-sensitive."""
    auto, _ = build(with_arguments())
    for strategy in ("auto", "exact", "legacy", "Whatever"):
        engine, _ = build(with_arguments(subnetStrategy=strategy))
        assert engine.registered == auto.registered


def test_an_unknown_subnet_type_is_registered_and_then_fails_in_the_program() -> None:
    """Its subnets are like isolated ones; the program's SDK can't read the type in the layout."""
    specs: Value = [{"type": "Public"}, {"type": "Private"}, {"type": "Weird"}]
    engine, outputs = build(with_arguments(subnetSpecs=specs))
    weird = [child for child in engine.registered if child.name.startswith(f"{NAME}-weird-")]
    assert [child.type.rsplit(":", 1)[1] for child in weird] == ["Subnet", "RouteTable", "RouteTableAssociation"] * 2
    assert outputs["isolatedSubnetIds"] == [f"subnet-{NAME}-weird-1", f"subnet-{NAME}-weird-2"]
    with pytest.raises(ValueError, match="'Weird' is not a valid SubnetType"):
        rpc.translate_output_properties(
            outputs["subnetLayout"], lambda name: name, typ=Sequence[awsx_outputs.ResolvedSubnetSpec]
        )


def test_host_bits_in_the_vpcs_block_are_kept() -> None:
    """The VPC has them; the subnets start at the block's first address."""
    plain, _ = build(with_arguments())
    engine, _ = build(with_arguments(cidrBlock="10.0.77.3/16"))
    assert engine.of("Vpc")[0].inputs["cidrBlock"] == "10.0.77.3/16"
    assert engine.blocks() == plain.blocks()

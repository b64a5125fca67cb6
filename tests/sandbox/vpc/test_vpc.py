"""The stand-in for awsx's Vpc registers what the real one was seen to register, and gives the same outputs."""

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
    built,
    changed,
)

TAGGABLE = {"Vpc", "InternetGateway", "Subnet", "RouteTable", "Eip", "NatGateway", "VpcEndpoint", "SecurityGroup"}

every_case = pytest.mark.parametrize("name", CASES)


def in_json(children: object) -> str:
    """Write as JSON, where true isn't 1 and 443 isn't 443.0."""
    return json.dumps(children, indent=1, sort_keys=True)


def test_the_facts_are_the_eight_cases() -> None:
    """None of the real runs is missing, and each differs from the others."""
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
def test_registers_what_the_real_one_registers(name: str) -> None:
    """Type, name, parent and inputs of every child are those of the real run, and there is no other child."""
    engine, _ = built(CASES[name].arguments)
    made = [{"type": c.type, "name": c.name, "parent": c.parent, "inputs": c.inputs} for c in engine.made]
    assert in_json(sorted(made, key=lambda c: (str(c["type"]), str(c["name"])))) == in_json(CASES[name].children)


@every_case
def test_looks_up_what_the_real_one_looks_up(name: str) -> None:
    """The zones are looked up, once, only when no names are given."""
    engine, _ = built(CASES[name].arguments)
    assert engine.lookups == CASES[name].lookups
    assert engine.warnings == []


@every_case
def test_registers_what_others_need_first(name: str) -> None:
    """A child's parent, and all that it depends on or uses, are registered before it."""
    engine, _ = built(CASES[name].arguments)
    known = {f"{COMPONENT} {NAME}"}
    for child in engine.made:
        needed = {child.parent, *child.depends_on, *(urn for urns in child.uses.values() for urn in urns)}
        assert needed <= known, child.key
        known.add(child.key)


@every_case
def test_depends_on_the_parent(name: str) -> None:
    """Each child waits for its parent by name, the VPC for nothing, an endpoint's rule for its security group."""
    engine, _ = built(CASES[name].arguments)
    for child in engine.made:
        if child.type.endswith(":SecurityGroupRule"):
            expected = [f"aws:ec2/securityGroup:SecurityGroup {child.name.removesuffix('-ingress')}-sg"]
        else:
            expected = [] if child.key == VPC else [child.parent]
        assert child.depends_on == expected, child.key


@every_case
def test_uses_name_the_children_behind_each_input(name: str) -> None:
    """An input that holds other children's outputs is said to be made from just these, any other from none."""
    engine, _ = built(CASES[name].arguments)
    sources: dict[Value, str] = {}
    for child in engine.made:
        expected: dict[str, list[str]] = {}
        for key, value in child.inputs.items():
            items: Sequence[Value] = value if isinstance(value, list) else [value]
            found = [sources[item] for item in items if isinstance(item, str) and item in sources]
            if found:
                expected[key] = found
        if child.type.endswith(":SecurityGroupRule"):
            expected["cidrBlocks"] = [VPC]
        assert child.uses == expected, child.key
        sources[engine_id(engine, child)] = child.key


def engine_id(engine: Recorder, child: Registered) -> str:
    """Give the output by which others name a child: an address by its allocation id, the others by their id."""
    if child.type.endswith(":Eip"):
        return f"eipalloc-{child.name}"
    again = Recorder(preview=engine.preview)
    return again.register(child.type, child.name, {}, parent=None, depends_on=[], uses={}).id


def test_a_security_group_has_the_description_that_the_sdk_fills_in() -> None:
    """The component gives none, but the AWS SDK that it calls adds this one before registering: it's no provider's."""
    engine, _ = built(CASES["ep_auto"].arguments)
    assert engine.inputs_of("SecurityGroup", "description") == ["Managed by Pulumi"]


@every_case
def test_gives_the_seventeen_outputs(name: str) -> None:
    """The outputs' names are the real ones."""
    _, outputs = built(CASES[name].arguments)
    assert set(outputs) == set(OUTPUTS)
    assert len(OUTPUTS) == 17


def references(*children: str) -> list[dict[str, str]]:
    return [{"reference": child} for child in children]


def test_outputs_come_zone_by_zone() -> None:
    """Lists are in the order of the zones, public before private before isolated, and hold references or ids."""
    _, outputs = built(CASES["ep_auto"].arguments)
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
    """What isn't known yet is unknown, but nothing is missing, and what each input was made from is the same."""
    up, _ = built(CASES[name].arguments)
    preview, _ = built(CASES[name].arguments, Recorder(preview=True))
    assert [(c.key, c.parent, c.depends_on) for c in preview.made] == [(c.key, c.parent, c.depends_on) for c in up.made]
    for before, after in zip(preview.made, up.made, strict=True):
        # A subnet asks the VPC for an IPv6 block, and isn't answered before the VPC is there.
        asks = {"ipv6CidrBlock": [VPC]} if before.type.endswith(":Subnet") else {}
        assert before.uses == {**after.uses, **asks}
        for key, value in after.inputs.items():
            comes_later = key in after.uses and key != "cidrBlocks"
            members = [UNKNOWN] * len(value) if isinstance(value, list) else UNKNOWN
            assert before.inputs[key] == (members if comes_later else value), f"{before.key}.{key}"


def test_a_previews_outputs_are_known_but_for_the_ids() -> None:
    """VpcId and the lists of ids are unknown as a whole; the lists of resources are known, and so is the layout."""
    _, up = built(CASES["ep_auto"].arguments)
    _, preview = built(CASES["ep_auto"].arguments, Recorder(preview=True))
    ids = {"vpcId", "publicSubnetIds", "privateSubnetIds", "isolatedSubnetIds"}
    assert {name for name, value in preview.items() if value == UNKNOWN} == ids
    assert {k: v for k, v in preview.items() if k not in ids} == {k: v for k, v in up.items() if k not in ids}


def test_a_list_of_no_ids_is_known_in_a_preview() -> None:
    """Where there is no isolated subnet, there is no unknown id."""
    specs: Value = [{"type": "Public"}, {"type": "Private"}]
    _, outputs = built(changed(subnetSpecs=specs), Recorder(preview=True))
    assert outputs["isolatedSubnetIds"] == []
    assert outputs["publicSubnetIds"] == UNKNOWN


def test_what_a_provider_forgets_shows_as_a_change_later() -> None:
    """Without the VPC's ipv6CidrBlock or an address's allocationId in the state, inputs turn unknown again."""
    engine, _ = built(changed(), Recorder(forgets=frozenset({"ipv6CidrBlock", "allocationId"})))
    assert engine.inputs_of("Subnet", "ipv6CidrBlock") == [UNKNOWN] * 6
    assert engine.inputs_of("NatGateway", "allocationId") == [UNKNOWN] * 2


def test_values_that_wait_for_other_resources_pass_through() -> None:
    """A tag's value, an allocation id and an endpoint's policy may be unknown in a preview."""
    engine, _ = built(
        changed(
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


# Tags, the region, and the VPC's own switches.


def test_the_users_tags_reach_every_taggable_child() -> None:
    """And the spec's tags reach its subnets alone, not their route tables."""
    specs: Value = [{"type": "Public", "tags": {"tier": "edge"}}, {"type": "Private"}]
    endpoints = CASES["ep_auto"].arguments["vpcEndpointSpecs"]
    engine, _ = built(changed(subnetSpecs=specs, vpcEndpointStrategy="Auto", vpcEndpointSpecs=endpoints))
    tagged = {c.type.rsplit(":", 1)[1] for c in engine.made if "tags" in c.inputs}
    assert tagged == TAGGABLE
    for child in engine.made:
        tags = child.inputs.get("tags", {})
        assert isinstance(tags, dict)
        assert ("Owner" in tags) == ("tags" in child.inputs), child.key
        assert ("tier" in tags) == (child.type.endswith(":Subnet") and "public" in child.name), child.key


def test_subnets_and_nat_gateways_take_no_name_from_the_user() -> None:
    """A Name tag, of the VPC or of a spec, is overwritten on all that has a number; the VPC and its gateway keep it."""
    own: Value = {"Name": "mine", "SubnetType": "mine"}
    specs: Value = [{"type": "Public", "tags": own}, {"type": "Private"}]
    engine, _ = built(changed(subnetSpecs=specs, tags=own))
    for child in engine.made:
        tags = child.inputs.get("tags")
        if isinstance(tags, dict):
            expected = "mine" if child.name == NAME else child.name
            assert tags["Name"] == expected, child.key
    assert engine.inputs_of("Subnet", "tags") == [
        {"Name": f"{NAME}-{kind.lower()}-{zone}", "SubnetType": kind}
        for zone in (1, 2)
        for kind in ("Public", "Private")
    ]


def test_the_region_reaches_every_child() -> None:
    """And an endpoint's own region stands on the endpoint, its group and its rule."""
    endpoints: Value = [
        {"serviceName": S3},
        {"serviceName": ECR, "vpcEndpointType": "Interface", "region": "us-east-2"},
    ]
    engine, _ = built(changed(region="us-east-1", vpcEndpointStrategy="Auto", vpcEndpointSpecs=endpoints))
    assert {c.key for c in engine.made if c.inputs.get("region") != "us-east-1"} == {
        f"aws:ec2/vpcEndpoint:VpcEndpoint {ECR}",
        f"aws:ec2/securityGroup:SecurityGroup {ECR}-sg",
        f"aws:ec2/securityGroupRule:SecurityGroupRule {ECR}-ingress",
    }
    assert {str(c.inputs.get("region")) for c in engine.made} == {"us-east-1", "us-east-2"}


def test_the_vpc_gets_its_switches_as_they_came() -> None:
    """Also those that AWS leaves off; whatever isn't given isn't there."""
    given: dict[str, Value] = {
        "assignGeneratedIpv6CidrBlock": False,
        "enableDnsHostnames": False,
        "enableDnsSupport": UNKNOWN,
        "enableNetworkAddressUsageMetrics": True,
        "instanceTenancy": "dedicated",
    }
    engine, _ = built(changed(**given))
    inputs = engine.of("Vpc")[0].inputs
    assert {key: inputs[key] for key in given} == given
    bare, _ = built({"subnetStrategy": "Auto"})
    assert bare.of("Vpc")[0].inputs == {"cidrBlock": "10.0.0.0/16", "tags": {"Name": NAME}}


def test_nothing_is_made_that_the_real_one_leaves_alone() -> None:
    """No default group, default network ACL, default route table or flow log."""
    made = {child.type for case in CASES.values() for child in built(case.arguments)[0].made}
    assert not [kind for kind in made if "default" in kind.lower() or "flowLog" in kind or "networkAcl" in kind]


# Zones and NAT gateways.


def test_without_names_the_first_three_zones_are_taken() -> None:
    """Of those that the region has, in the order of the answer."""
    engine, _ = built(changed(availabilityZoneNames=None), Recorder(region_zones=["z-a", "z-b", "z-c", "z-d"]))
    assert sorted({str(s.inputs["availabilityZone"]) for s in engine.of("Subnet")}) == ["z-a", "z-b", "z-c"]


@pytest.mark.parametrize("strategy", ["OnePerAz", "oneperaz"])
def test_given_addresses_take_the_place_of_new_ones(strategy: str) -> None:
    """Each zone's NAT gateway gets the address in its place, and no Eip is made."""
    given: Value = {"strategy": strategy, "elasticIpAllocationIds": ["eipalloc-a", "eipalloc-b"]}
    engine, outputs = built(changed(natGateways=given))
    assert engine.inputs_of("NatGateway", "allocationId") == ["eipalloc-a", "eipalloc-b"]
    assert engine.of("Eip") == []
    assert outputs["eips"] == []


def test_two_public_specs_share_one_nat_gateway_per_zone() -> None:
    """It stands in the first of them."""
    specs: Value = [{"type": "Private"}, {"type": "Public"}, {"type": "Public", "name": "edge"}]
    engine, _ = built(changed(subnetSpecs=specs))
    assert engine.inputs_of("NatGateway", "subnetId") == [f"subnet-{NAME}-public-1", f"subnet-{NAME}-public-2"]


# What the real one doesn't refuse.


def test_an_unknown_strategy_with_specs_is_taken_as_auto() -> None:
    """Upper and lower case count."""
    auto, _ = built(changed())
    for strategy in ("auto", "exact", "legacy", "Whatever"):
        engine, _ = built(changed(subnetStrategy=strategy))
        assert engine.made == auto.made


def test_an_unknown_subnet_type_is_made_and_then_fails_in_the_program() -> None:
    """Its subnets are made like isolated ones; the layout carries the type, which the program's SDK can't read."""
    specs: Value = [{"type": "Public"}, {"type": "Private"}, {"type": "Weird"}]
    engine, outputs = built(changed(subnetSpecs=specs))
    weird = [child for child in engine.made if child.name.startswith(f"{NAME}-weird-")]
    assert [child.type.rsplit(":", 1)[1] for child in weird] == ["Subnet", "RouteTable", "RouteTableAssociation"] * 2
    assert outputs["isolatedSubnetIds"] == [f"subnet-{NAME}-weird-1", f"subnet-{NAME}-weird-2"]
    with pytest.raises(ValueError, match="'Weird' is not a valid SubnetType"):
        rpc.translate_output_properties(
            outputs["subnetLayout"], lambda name: name, typ=Sequence[awsx_outputs.ResolvedSubnetSpec]
        )


def test_host_bits_in_the_vpcs_block_are_passed_on() -> None:
    """The VPC gets them as given; the subnets start at the block's first address."""
    plain, _ = built(changed())
    engine, _ = built(changed(cidrBlock="10.0.77.3/16"))
    assert engine.of("Vpc")[0].inputs["cidrBlock"] == "10.0.77.3/16"
    assert engine.blocks() == plain.blocks()

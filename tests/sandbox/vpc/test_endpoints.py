"""The VPC endpoints of the stand-in for awsx's Vpc: what each strategy fills in, and what it only warns of."""

from collections.abc import Sequence

import pytest

from sandbox.values import UNKNOWN, Value
from tests.sandbox.vpc.recording import ECR, NAME, S3, VPC, Recorder, built, changed


def endpoint(engine: Recorder, service: str) -> dict[str, Value]:
    return next(e.inputs for e in engine.of("VpcEndpoint") if e.name == service)


def test_legacy_endpoints_are_attached_to_nothing_and_warned_of() -> None:
    """The default strategy passes a spec on as it is; an endpoint in no subnet or table gets a warning each."""
    endpoints: Value = [{"serviceName": S3}, {"serviceName": ECR, "vpcEndpointType": "Interface"}]
    engine, _ = built(changed(vpcEndpointSpecs=endpoints))
    tags: Value = {"Name": NAME, "Environment": "production", "Owner": "platform"}
    vpc_id = f"vpc-{NAME}"
    assert endpoint(engine, S3) == {"serviceName": S3, "tags": tags, "vpcId": vpc_id}
    assert endpoint(engine, ECR) == {
        "serviceName": ECR,
        "tags": tags,
        "vpcEndpointType": "Interface",
        "vpcId": vpc_id,
    }
    assert [warning.split(":")[0] for warning in engine.warnings] == [S3, ECR]
    assert engine.of("SecurityGroup") == []


def test_complete_legacy_endpoints_are_not_warned_of() -> None:
    """Neither is one whose type isn't known yet."""
    endpoints: Value = [
        {"serviceName": S3, "routeTableIds": ["rtb-1"]},
        {"serviceName": ECR, "vpcEndpointType": "Interface", "subnetIds": ["subnet-1"]},
        {"serviceName": "later", "vpcEndpointType": UNKNOWN},
    ]
    engine, _ = built(changed(vpcEndpointSpecs=endpoints))
    assert engine.warnings == []
    assert endpoint(engine, ECR)["subnetIds"] == ["subnet-1"]


def test_auto_fills_in_only_what_is_left_out() -> None:
    """Given tables, subnets, groups and private DNS stay, an empty list too; then there is no group of its own."""
    given: dict[str, Value] = {"subnetIds": [], "securityGroupIds": ["sg-1"], "privateDnsEnabled": False}
    endpoints: Value = [
        {"serviceName": S3, "routeTableIds": ["rtb-1"], "tags": {"Name": "s3"}},
        {"serviceName": ECR, "vpcEndpointType": "Interface", **given},
    ]
    engine, _ = built(changed(vpcEndpointStrategy="Auto", vpcEndpointSpecs=endpoints))
    assert endpoint(engine, S3)["routeTableIds"] == ["rtb-1"]
    assert endpoint(engine, S3)["tags"] == {"Name": "s3", "Environment": "production", "Owner": "platform"}
    inputs = endpoint(engine, ECR)
    assert {key: inputs[key] for key in given} == given
    assert engine.of("SecurityGroup") == []
    assert engine.of("SecurityGroupRule") == []


@pytest.mark.parametrize(
    ("types", "chosen"),
    [(("Public", "Private"), "private"), (("Public", "Isolated"), "isolated"), (("Public",), "public")],
)
def test_auto_puts_an_interface_endpoint_in_the_most_private_subnet(types: Sequence[str], chosen: str) -> None:
    """One subnet of each zone: private, else isolated, else public."""
    specs: Value = [{"type": kind} for kind in types]
    endpoints: Value = [{"serviceName": ECR, "vpcEndpointType": "interface"}]
    engine, _ = built(
        changed(
            natGateways={"strategy": "None"},
            subnetSpecs=specs,
            vpcEndpointStrategy="Auto",
            vpcEndpointSpecs=endpoints,
        )
    )
    assert endpoint(engine, ECR)["subnetIds"] == [f"subnet-{NAME}-{chosen}-1", f"subnet-{NAME}-{chosen}-2"]
    assert endpoint(engine, ECR)["privateDnsEnabled"] is True


def test_auto_interface_endpoints_switch_dns_on() -> None:
    """The VPC's two DNS switches are on where they were left out, unless no endpoint has private names."""
    left_out: dict[str, Value] = {"enableDnsHostnames": None, "enableDnsSupport": None, "vpcEndpointStrategy": "Auto"}
    private: Value = [{"serviceName": ECR, "vpcEndpointType": "Interface"}]
    engine, _ = built(changed(**left_out, vpcEndpointSpecs=private))
    vpc = engine.of("Vpc")[0].inputs
    assert (vpc["enableDnsHostnames"], vpc["enableDnsSupport"]) == (True, True)
    plain: Value = [{"serviceName": ECR, "vpcEndpointType": "Interface", "privateDnsEnabled": False}]
    engine, _ = built(changed(**left_out, vpcEndpointSpecs=plain))
    assert not {"enableDnsHostnames", "enableDnsSupport"} & engine.of("Vpc")[0].inputs.keys()


def test_an_ipv6_endpoint_lets_the_vpcs_ipv6_block_in() -> None:
    """Which is empty here, where the VPC has none, and unknown in a preview."""
    endpoints: Value = [{"serviceName": ECR, "vpcEndpointType": "Interface", "ipAddressType": "dualstack"}]
    arguments = changed(vpcEndpointStrategy="Auto", vpcEndpointSpecs=endpoints)
    for engine, expected in ((Recorder(), ""), (Recorder(preview=True), UNKNOWN)):
        built(arguments, engine)
        (rule,) = engine.of("SecurityGroupRule")
        assert rule.inputs["ipv6CidrBlocks"] == [expected]
        assert rule.uses["ipv6CidrBlocks"] == [VPC]

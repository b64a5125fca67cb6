"""The endpoints of the stand-in for awsx's Vpc: the defaults and warnings of each strategy."""

from collections.abc import Sequence

import pytest

from sandbox.values import UNKNOWN, Value
from tests.sandbox.vpc.recording import ECR, NAME, S3, VPC, Recorder, build, with_arguments


def endpoint(engine: Recorder, service: str) -> dict[str, Value]:
    return next(e.inputs for e in engine.of("VpcEndpoint") if e.name == service)


def test_legacy_endpoints_are_not_attached_and_cause_warnings() -> None:
    """The default strategy uses a spec unchanged, with a warning for missing subnets or route tables."""
    endpoints: Value = [{"serviceName": S3}, {"serviceName": ECR, "vpcEndpointType": "Interface"}]
    engine, _ = build(with_arguments(vpcEndpointSpecs=endpoints))
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


def test_complete_legacy_endpoints_cause_no_warning() -> None:
    """Neither does one of an unknown type."""
    endpoints: Value = [
        {"serviceName": S3, "routeTableIds": ["rtb-1"]},
        {"serviceName": ECR, "vpcEndpointType": "Interface", "subnetIds": ["subnet-1"]},
        {"serviceName": "later", "vpcEndpointType": UNKNOWN},
    ]
    engine, _ = build(with_arguments(vpcEndpointSpecs=endpoints))
    assert engine.warnings == []
    assert endpoint(engine, ECR)["subnetIds"] == ["subnet-1"]


def test_auto_adds_only_missing_inputs() -> None:
    """The program's tables, subnets, groups and private DNS stay, an empty list too; no group is created then."""
    inputs: dict[str, Value] = {"subnetIds": [], "securityGroupIds": ["sg-1"], "privateDnsEnabled": False}
    endpoints: Value = [
        {"serviceName": S3, "routeTableIds": ["rtb-1"], "tags": {"Name": "s3"}},
        {"serviceName": ECR, "vpcEndpointType": "Interface", **inputs},
    ]
    engine, _ = build(with_arguments(vpcEndpointStrategy="Auto", vpcEndpointSpecs=endpoints))
    assert endpoint(engine, S3)["routeTableIds"] == ["rtb-1"]
    assert endpoint(engine, S3)["tags"] == {"Name": "s3", "Environment": "production", "Owner": "platform"}
    registered = endpoint(engine, ECR)
    assert {key: registered[key] for key in inputs} == inputs
    assert engine.of("SecurityGroup") == []
    assert engine.of("SecurityGroupRule") == []


@pytest.mark.parametrize(
    ("types", "chosen"),
    [(("Public", "Private"), "private"), (("Public", "Isolated"), "isolated"), (("Public",), "public")],
)
def test_auto_puts_an_interface_endpoint_in_the_most_private_subnet(types: Sequence[str], chosen: str) -> None:
    """One subnet per zone: private, else isolated, else public."""
    specs: Value = [{"type": kind} for kind in types]
    endpoints: Value = [{"serviceName": ECR, "vpcEndpointType": "interface"}]
    engine, _ = build(
        with_arguments(
            natGateways={"strategy": "None"},
            subnetSpecs=specs,
            vpcEndpointStrategy="Auto",
            vpcEndpointSpecs=endpoints,
        )
    )
    assert endpoint(engine, ECR)["subnetIds"] == [f"subnet-{NAME}-{chosen}-1", f"subnet-{NAME}-{chosen}-2"]
    assert endpoint(engine, ECR)["privateDnsEnabled"] is True


def test_auto_interface_endpoints_enable_dns() -> None:
    """The VPC's two DNS switches default to true, unless no endpoint has private names."""
    without_dns: dict[str, Value] = {
        "enableDnsHostnames": None,
        "enableDnsSupport": None,
        "vpcEndpointStrategy": "Auto",
    }
    private: Value = [{"serviceName": ECR, "vpcEndpointType": "Interface"}]
    engine, _ = build(with_arguments(**without_dns, vpcEndpointSpecs=private))
    vpc = engine.of("Vpc")[0].inputs
    assert (vpc["enableDnsHostnames"], vpc["enableDnsSupport"]) == (True, True)
    plain: Value = [{"serviceName": ECR, "vpcEndpointType": "Interface", "privateDnsEnabled": False}]
    engine, _ = build(with_arguments(**without_dns, vpcEndpointSpecs=plain))
    assert not {"enableDnsHostnames", "enableDnsSupport"} & engine.of("Vpc")[0].inputs.keys()


def test_an_ipv6_endpoint_allows_the_vpcs_ipv6_block() -> None:
    """The block is empty here, because the VPC has none, and unknown in a preview."""
    endpoints: Value = [{"serviceName": ECR, "vpcEndpointType": "Interface", "ipAddressType": "dualstack"}]
    arguments = with_arguments(vpcEndpointStrategy="Auto", vpcEndpointSpecs=endpoints)
    for engine, expected in ((Recorder(), ""), (Recorder(preview=True), UNKNOWN)):
        build(arguments, engine)
        (rule,) = engine.of("SecurityGroupRule")
        assert rule.inputs["ipv6CidrBlocks"] == [expected]
        assert rule.uses["ipv6CidrBlocks"] == [VPC]

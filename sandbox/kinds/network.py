"""What AWS answers for the network: VPC, subnets, gateways, routes, security groups. See kind.py."""

from collections.abc import Mapping

from sandbox.kinds.kind import Kind
from sandbox.values import Value


def _ec2(prefix: str, resource: str, outputs: Mapping[str, Value] | None = None, **fields: object) -> Kind:
    """Return a row with EC2's usual form: an id of the prefix and 17 digits, an ARN, and an owner."""
    arn = f"arn:aws:ec2:{{region}}:{{account}}:{resource}/{{id}}"
    all_outputs: dict[str, Value] = {"arn": arn, "ownerId": "{account}", **(outputs or {})}
    return Kind(
        id=f"{prefix}-{{hex}}",
        outputs=all_outputs,
        **fields,  # pyright: ignore[reportArgumentType] (fields of Kind)
    )


_RULE = Kind(
    id="sgr-{hex}",
    outputs={"arn": "arn:aws:ec2:{region}:{account}:security-group-rule/{id}", "securityGroupRuleId": "{id}"},
)

NETWORK: Mapping[str, Kind] = {
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": _ec2(
        "sg", "security-group", {"name": "default", "description": "default VPC security group", "namePrefix": ""}
    ),
    "aws:ec2/eip:Eip": Kind(
        id="eipalloc-{hex}",
        outputs={
            "allocationId": "{id}",
            "arn": "arn:aws:ec2:{region}:{account}:elastic-ip/{id}",
            "publicIp": "203.0.113.{octet}",
            "publicDns": "ec2-203-0-113-{octet}.compute-1.amazonaws.com",
            "ptrRecord": "",
        },
        aws_defaults={"domain": "vpc", "networkBorderGroup": "{region}", "publicIpv4Pool": "amazon"},
        empty_outputs=frozenset({"associationId", "carrierIp", "customerOwnedIp", "privateDns", "privateIp"}),
    ),
    "aws:ec2/flowLog:FlowLog": Kind(
        id="fl-{hex}", outputs={"arn": "arn:aws:ec2:{region}:{account}:vpc-flow-log/{id}"}
    ),
    "aws:ec2/internetGateway:InternetGateway": _ec2("igw", "internet-gateway"),
    "aws:ec2/natGateway:NatGateway": Kind(
        id="nat-{hex}",
        outputs={
            "associationId": "eipassoc-{hex}",
            "networkInterfaceId": "eni-{hex}",
            "publicIp": "203.0.113.{octet}",
        },
        aws_defaults={"connectivityType": "public"},
        empty_outputs=frozenset(
            {
                "autoProvisionZones", "autoScalingIps", "regionalNatGatewayAddresses", "regionalNatGatewayAutoMode",
                "routeTableId",
            }
        ),
    ),
    "aws:ec2/route:Route": Kind(
        id="r-{in[routeTableId]}{number}",
        outputs={"origin": "CreateRoute", "state": "active", "instanceId": "", "instanceOwnerId": ""},
        has_tags=False,
    ),
    "aws:ec2/routeTable:RouteTable": _ec2("rtb", "route-table"),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Kind(id="rtbassoc-{hex}", has_tags=False),
    "aws:ec2/securityGroup:SecurityGroup": _ec2(
        "sg",
        "security-group",
        # The provider's default; the state shows it among the inputs.
        provider_defaults={"description": "Managed by Pulumi"},
        autoname="name",
        unique="name",
        unique_within="vpcId",
        collision_error="InvalidGroup.Duplicate: The security group '{name}' already exists",
    ),
    "aws:ec2/securityGroupRule:SecurityGroupRule": Kind(
        id="sgrule-{number}", outputs={"securityGroupRuleId": "sgr-{hex}"}, has_tags=False
    ),
    "aws:ec2/subnet:Subnet": _ec2(
        "subnet",
        "subnet",
        aws_defaults={"privateDnsHostnameTypeOnLaunch": "ip-name"},
        empty_outputs=frozenset({"ipv6CidrBlockAssociationId"}),
    ),
    "aws:ec2/vpc:Vpc": _ec2(
        "vpc",
        "vpc",
        {
            "defaultNetworkAclId": "acl-{hex}",
            "defaultRouteTableId": "rtb-{hex32:.17}",
            "defaultSecurityGroupId": "sg-{hex32:.17}",
            "dhcpOptionsId": "dopt-{hex}",
            "mainRouteTableId": "rtb-{hex32:.17}",
        },
        # awsx reads ipv6CidrBlock when it creates subnets; AWS's provider returns an empty string without IPv6.
        aws_defaults={"instanceTenancy": "default", "ipv6CidrBlock": ""},
        empty_outputs=frozenset({"ipv6AssociationId"}),
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": Kind(
        id="vpce-{hex}",
        outputs={
            "arn": "arn:aws:ec2:{region}:{account}:vpc-endpoint/{id}",
            "ownerId": "{account}",
            "prefixListId": "pl-{hex8}",
            "requesterManaged": False,
            "state": "available",
        },
        aws_defaults={"ipAddressType": "ipv4", "privateDnsEnabled": False, "vpcEndpointType": "Gateway"},
        empty_outputs=frozenset({"cidrBlocks", "dnsEntries", "networkInterfaceIds"}),
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _RULE,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _RULE,
}  # fmt: skip

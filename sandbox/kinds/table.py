"""All kinds: the network's, IAM's and random's are defined here, the others in the modules beside this one."""

from collections.abc import Mapping

from sandbox.kinds.alerting import ALERTING
from sandbox.kinds.audit import AUDIT
from sandbox.kinds.baseline import BASELINE
from sandbox.kinds.data import DATA
from sandbox.kinds.edge import EDGE
from sandbox.kinds.kind import Kind
from sandbox.kinds.service import SERVICE
from sandbox.values import Value


def _ec2(prefix: str, resource: str, outputs: Mapping[str, Value] | None = None, **more: object) -> Kind:
    """Give a kind of EC2's: an id of its prefix and 17 digits, an ARN of its resource name, an owner."""
    arn = f"arn:aws:ec2:{{region}}:{{account}}:{resource}/{{id}}"
    owned: dict[str, Value] = {"arn": arn, "ownerId": "{account}", **(outputs or {})}
    return Kind(id=f"{prefix}-{{hex}}", outputs=owned, **more)  # pyright: ignore[reportArgumentType] (Kind's own fields)


_RULE = Kind(
    id="sgr-{hex}",
    outputs={"arn": "arn:aws:ec2:{region}:{account}:security-group-rule/{id}", "securityGroupRuleId": "{id}"},
)

_KINDS: Mapping[str, Kind] = {
    "aws:cloudwatch/logGroup:LogGroup": Kind(
        id="{name}",
        outputs={"arn": "arn:aws:logs:{region}:{account}:log-group:{name}"},
        answers={"logGroupClass": "STANDARD"},
        autoname="name",
        autoname_max=512,
        unique="name",
        collision="ResourceAlreadyExistsException: The specified log group already exists",
        stateful=True,
    ),
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
        answers={"domain": "vpc", "networkBorderGroup": "{region}", "publicIpv4Pool": "amazon"},
        absent=frozenset({"associationId", "carrierIp", "customerOwnedIp", "privateDns", "privateIp"}),
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
        answers={"connectivityType": "public"},
        absent=frozenset(
            {
                "autoProvisionZones", "autoScalingIps", "regionalNatGatewayAddresses", "regionalNatGatewayAutoMode",
                "routeTableId",
            }
        ),
    ),
    "aws:ec2/route:Route": Kind(
        id="r-{in[routeTableId]}{number}",
        outputs={"origin": "CreateRoute", "state": "active", "instanceId": "", "instanceOwnerId": ""},
        tags=False,
    ),
    "aws:ec2/routeTable:RouteTable": _ec2("rtb", "route-table"),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Kind(id="rtbassoc-{hex}", tags=False),
    "aws:ec2/securityGroup:SecurityGroup": _ec2(
        "sg",
        "security-group",
        # The provider's own default, which stands among the inputs in the state.
        defaults={"description": "Managed by Pulumi"},
        autoname="name",
        unique="name",
        unique_within="vpcId",
        collision="InvalidGroup.Duplicate: The security group '{name}' already exists",
    ),
    "aws:ec2/securityGroupRule:SecurityGroupRule": Kind(
        id="sgrule-{number}", outputs={"securityGroupRuleId": "sgr-{hex}"}, tags=False
    ),
    "aws:ec2/subnet:Subnet": _ec2(
        "subnet",
        "subnet",
        answers={"privateDnsHostnameTypeOnLaunch": "ip-name"},
        absent=frozenset({"ipv6CidrBlockAssociationId"}),
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
        # awsx reads it while it makes subnets; AWS's provider gives an empty text where there is none.
        answers={"instanceTenancy": "default", "ipv6CidrBlock": ""},
        absent=frozenset({"ipv6AssociationId"}),
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
        answers={"ipAddressType": "ipv4", "privateDnsEnabled": False, "vpcEndpointType": "Gateway"},
        absent=frozenset({"cidrBlocks", "dnsEntries", "networkInterfaceIds"}),
    ),
    "aws:iam/role:Role": Kind(
        id="{name}",
        outputs={
            "arn": "arn:aws:iam::{account}:role/{name}",
            "createDate": "2026-01-01T00:00:00Z",
            "uniqueId": "AROA{hex}",
        },
        defaults={"forceDetachPolicies": False, "maxSessionDuration": 3600, "path": "/"},
        autoname="name",
        autoname_max=64,
        unique="name",
        unique_scope="account",
        collision="EntityAlreadyExists: Role with name {name} already exists.",
        regional=False,
    ),
    "aws:iam/rolePolicy:RolePolicy": Kind(
        id="{in[role]}:{name}", autoname="name", autoname_max=128, regional=False, tags=False
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _RULE,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _RULE,
    "random:index/randomId:RandomId": Kind(
        id="{random}",
        outputs={"b64Std": "{random}", "b64Url": "{random}", "dec": "{number}", "hex": "{hex}"},
        regional=False,
        tags=False,
    ),
    "random:index/randomPassword:RandomPassword": Kind(
        # random's provider says `none` of each; here a thing is found by its id.
        id="{hex32}",
        outputs={"bcryptHash": "$2a$10${hex32}", "result": "{random}"}, regional=False, tags=False
    ),
    "random:index/randomString:RandomString": Kind(
        id="{random}", outputs={"result": "{random}"}, regional=False, tags=False
    ),
}  # fmt: skip

KINDS: Mapping[str, Kind] = {**_KINDS, **DATA, **SERVICE, **EDGE, **ALERTING, **AUDIT, **BASELINE}

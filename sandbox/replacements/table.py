"""Which changed properties make the provider replace a resource, with a source for each row.

A bridged provider replaces for what Terraform's provider marks ForceNew (or RequiresReplace); its source files are
named from `internal/service/` of terraform-provider-aws. A property stands for everything below it. `region` replaces
every resource that has one (a mark that version 6 of that provider puts on all of them), and is said in `diff.py`.
"""

from collections.abc import Mapping

from sandbox.replacements.alerting import ALERTING
from sandbox.replacements.audit import AUDIT
from sandbox.replacements.baseline import BASELINE
from sandbox.replacements.data import DATA
from sandbox.replacements.edge import EDGE
from sandbox.replacements.replacement import Replacement
from sandbox.replacements.replacement import row as _row
from sandbox.replacements.service import SERVICE

# AWS modifies a rule in place, but never from one kind of source to another.
_RULE_SOURCES = frozenset({"cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"})
_PASSWORD = (
    "keepers", "length", "lower", "minLower", "minNumeric", "minSpecial", "minUpper", "number", "numeric",
    "overrideSpecial", "special", "upper",
)  # fmt: skip

_REPLACEMENTS: Mapping[str, Replacement] = {
    "aws:cloudwatch/logGroup:LogGroup": _row(
        "logs/group.go: ForceNew; retention and key change in place", "logGroupClass", "name", "namePrefix"
    ),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": _row("ec2/vpc_default_security_group.go: ForceNew", "vpcId"),
    "aws:ec2/eip:Eip": _row(
        "ec2/ec2_eip.go: ForceNew; what it is associated with changes in place",
        "address", "domain", "ipamPoolId", "networkBorderGroup", "publicIpv4Pool",
    ),
    "aws:ec2/flowLog:FlowLog": _row(
        "ec2/vpc_flow_log.go: ForceNew on all but the tags; EC2 has no call that modifies a flow log",
        "deliverCrossAccountRole", "destinationOptions", "eniId", "iamRoleArn", "logDestination", "logDestinationType",
        "logFormat", "maxAggregationInterval", "regionalNatGatewayId", "subnetId", "trafficType",
        "transitGatewayAttachmentId", "transitGatewayId", "vpcId",
    ),
    "aws:ec2/internetGateway:InternetGateway": _row(
        "ec2/vpc_internet_gateway.go: no ForceNew; another VPC is a detach and an attach"
    ),
    "aws:ec2/natGateway:NatGateway": _row(
        "ec2/vpc_nat_gateway.go: ForceNew; secondary addresses of a public gateway change in place",
        "allocationId", "availabilityMode", "connectivityType", "privateIp", "secondaryPrivateIpAddressCount",
        "subnetId", "vpcId",
    ),
    "aws:ec2/route:Route": _row(
        "ec2/vpc_route.go: ForceNew on the table and the destination; ReplaceRoute changes the target in place",
        "destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId", "routeTableId",
    ),
    "aws:ec2/routeTable:RouteTable": _row("ec2/vpc_route_table.go: ForceNew", "vpcId"),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _row(
        "ec2/vpc_route_table_association.go: ForceNew; another table is ReplaceRouteTableAssociation, in place",
        "gatewayId", "subnetId",
    ),
    "aws:ec2/securityGroup:SecurityGroup": _row(
        "ec2/vpc_security_group.go: ForceNew; EC2 modifies neither a group's name nor its description",
        "description", "name", "namePrefix", "vpcId",
    ),
    "aws:ec2/securityGroupRule:SecurityGroupRule": _row(
        "ec2/vpc_security_group_rule.go: ForceNew on all but the description",
        "cidrBlocks", "fromPort", "ipv6CidrBlocks", "prefixListIds", "protocol", "securityGroupId", "self",
        "sourceSecurityGroupId", "toPort", "type",
    ),
    "aws:ec2/subnet:Subnet": _row(
        "ec2/vpc_subnet.go: ForceNew; ipv6CidrBlock only after addresses were assigned at creation, left out here",
        "availabilityZone", "availabilityZoneId", "cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength", "ipv6IpamPoolId",
        "ipv6Native", "ipv6NetmaskLength", "outpostArn", "vpcId",
    ),
    "aws:ec2/vpc:Vpc": _row(
        "ec2/vpc_.go: ForceNew; instanceTenancy only from default to dedicated, the direction that counts",
        "cidrBlock", "instanceTenancy", "ipv4IpamPoolId", "ipv4NetmaskLength",
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": _row(
        "ec2/vpc_endpoint.go: ForceNew; privateDnsEnabled replaces what is no interface endpoint, left out here",
        "dnsOptions.privateDnsPreference", "dnsOptions.privateDnsSpecifiedDomains", "resourceConfigurationArn",
        "serviceName", "serviceNetworkArn", "serviceRegion", "vpcEndpointType", "vpcId",
    ),
    "aws:iam/role:Role": _row("iam/role.go: ForceNew", "name", "namePrefix", "path"),
    "aws:iam/rolePolicy:RolePolicy": _row("iam/role_policy.go: ForceNew", "name", "namePrefix", "role"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _row(
        "ec2/vpc_security_group_ingress_rule.go, shared: RequiresReplace, and ModifyPlan for the kind of source",
        "securityGroupId",
        switched=_RULE_SOURCES,
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _row(
        "ec2/vpc_security_group_ingress_rule.go: RequiresReplace, and ModifyPlan for the kind of source",
        "securityGroupId",
        switched=_RULE_SOURCES,
    ),
    "random:index/randomId:RandomId": _row(
        "terraform-provider-random, resource_id.go: RequiresReplace on all", "byteLength", "keepers", "prefix"
    ),
    "random:index/randomPassword:RandomPassword": _row(
        "terraform-provider-random, resource_password.go: RequiresReplace on all", *_PASSWORD
    ),
    "random:index/randomString:RandomString": _row(
        "terraform-provider-random, resource_string.go: RequiresReplace on all", *_PASSWORD
    ),
}  # fmt: skip

REPLACEMENTS: Mapping[str, Replacement] = {**_REPLACEMENTS, **DATA, **SERVICE, **EDGE, **ALERTING, **AUDIT, **BASELINE}

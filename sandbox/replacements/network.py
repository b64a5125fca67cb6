"""Replacements for the network: VPC, subnets, gateways, routes, security groups. See table.py."""

from collections.abc import Mapping

from sandbox.replacements.replacement import Replacement, row

# AWS modifies a rule in place, except from one kind of source to another.
_RULE_SOURCES = frozenset({"cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"})

NETWORK: Mapping[str, Replacement] = {
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": row("ec2/vpc_default_security_group.go: ForceNew", "vpcId"),
    "aws:ec2/eip:Eip": row(
        "ec2/ec2_eip.go: ForceNew; what it is associated with changes in place",
        "address", "domain", "ipamPoolId", "networkBorderGroup", "publicIpv4Pool",
    ),
    "aws:ec2/flowLog:FlowLog": row(
        "ec2/vpc_flow_log.go: ForceNew on all but the tags; EC2 has no call that modifies a flow log",
        "deliverCrossAccountRole", "destinationOptions", "eniId", "iamRoleArn", "logDestination", "logDestinationType",
        "logFormat", "maxAggregationInterval", "regionalNatGatewayId", "subnetId", "trafficType",
        "transitGatewayAttachmentId", "transitGatewayId", "vpcId",
    ),
    "aws:ec2/internetGateway:InternetGateway": row(
        "ec2/vpc_internet_gateway.go: no ForceNew; another VPC is a detach and an attach"
    ),
    "aws:ec2/natGateway:NatGateway": row(
        "ec2/vpc_nat_gateway.go: ForceNew; secondary addresses of a public gateway change in place",
        "allocationId", "availabilityMode", "connectivityType", "privateIp", "secondaryPrivateIpAddressCount",
        "subnetId", "vpcId",
    ),
    "aws:ec2/route:Route": row(
        "ec2/vpc_route.go: ForceNew on the table and the destination; ReplaceRoute changes the target in place",
        "destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId", "routeTableId",
    ),
    "aws:ec2/routeTable:RouteTable": row("ec2/vpc_route_table.go: ForceNew", "vpcId"),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": row(
        "ec2/vpc_route_table_association.go: ForceNew; another table is ReplaceRouteTableAssociation, in place",
        "gatewayId", "subnetId",
    ),
    "aws:ec2/securityGroup:SecurityGroup": row(
        "ec2/vpc_security_group.go: ForceNew; EC2 modifies neither a group's name nor its description",
        "description", "name", "namePrefix", "vpcId",
    ),
    "aws:ec2/securityGroupRule:SecurityGroupRule": row(
        "ec2/vpc_security_group_rule.go: ForceNew on all but the description",
        "cidrBlocks", "fromPort", "ipv6CidrBlocks", "prefixListIds", "protocol", "securityGroupId", "self",
        "sourceSecurityGroupId", "toPort", "type",
    ),
    "aws:ec2/subnet:Subnet": row(
        "ec2/vpc_subnet.go: ForceNew; ipv6CidrBlock only after addresses were assigned at creation, not modelled here",
        "availabilityZone", "availabilityZoneId", "cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength", "ipv6IpamPoolId",
        "ipv6Native", "ipv6NetmaskLength", "outpostArn", "vpcId",
    ),
    "aws:ec2/vpc:Vpc": row(
        "ec2/vpc_.go: ForceNew; instanceTenancy only from default to dedicated, the direction that counts",
        "cidrBlock", "instanceTenancy", "ipv4IpamPoolId", "ipv4NetmaskLength",
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": row(
        "ec2/vpc_endpoint.go: ForceNew; privateDnsEnabled replaces what is no interface endpoint, not modelled here",
        "dnsOptions.privateDnsPreference", "dnsOptions.privateDnsSpecifiedDomains", "resourceConfigurationArn",
        "serviceName", "serviceNetworkArn", "serviceRegion", "vpcEndpointType", "vpcId",
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": row(
        "ec2/vpc_security_group_ingress_rule.go, shared: RequiresReplace, and ModifyPlan for the kind of source",
        "securityGroupId",
        added_or_removed=_RULE_SOURCES,
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": row(
        "ec2/vpc_security_group_ingress_rule.go: RequiresReplace, and ModifyPlan for the kind of source",
        "securityGroupId",
        added_or_removed=_RULE_SOURCES,
    ),
}  # fmt: skip

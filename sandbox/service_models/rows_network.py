"""The API operations behind the network, and behind what the random provider makes. row.py says what a row means.

EC2's model has few constraints: of most texts it holds the kind only.
"""

from collections.abc import Mapping
from typing import Final

from sandbox.service_models.row import NoRequest, Request, Row

_TAGS: Final = {"tags": "TagSpecifications.Tags"}
_RANDOM: Final = NoRequest(reason="random's provider computes it: no API is called")


def _security_group_rule(operation: str) -> Request:
    """Return the row of a rule that is a resource by itself, in the form of EC2's list of permissions."""
    return Request(
        service="ec2",
        operation=operation,
        names={
            "securityGroupId": "GroupId",
            "ipProtocol": "IpPermissions.IpProtocol",
            "fromPort": "IpPermissions.FromPort",
            "toPort": "IpPermissions.ToPort",
            "cidrIpv4": "IpPermissions.IpRanges.CidrIp",
            "cidrIpv6": "IpPermissions.Ipv6Ranges.CidrIpv6",
            "prefixListId": "IpPermissions.PrefixListIds.PrefixListId",
            "referencedSecurityGroupId": "IpPermissions.UserIdGroupPairs.GroupId",
            # The description belongs to the range, the list or the group; their models are the same.
            "description": "IpPermissions.IpRanges.Description",
            **_TAGS,
        },
    )


NETWORK: Mapping[str, Row] = {
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": NoRequest(
        reason="it exists with its VPC: the provider adopts it and takes its rules away"
    ),
    "aws:ec2/eip:Eip": Request(service="ec2", operation="AllocateAddress", names=_TAGS),
    "aws:ec2/flowLog:FlowLog": Request(
        service="ec2",
        operation="CreateFlowLogs",
        names={
            "vpcId": "ResourceIds",
            "subnetId": "ResourceIds",
            "eniId": "ResourceIds",
            "iamRoleArn": "DeliverLogsPermissionArn",
            **_TAGS,
        },
        # It follows from which of the three was set.
        provided=frozenset({"ResourceType"}),
    ),
    "aws:ec2/internetGateway:InternetGateway": Request(
        service="ec2", operation="CreateInternetGateway", names={"vpcId": None, **_TAGS}
    ),
    "aws:ec2/natGateway:NatGateway": Request(service="ec2", operation="CreateNatGateway", names=_TAGS),
    "aws:ec2/route:Route": Request(service="ec2", operation="CreateRoute"),
    "aws:ec2/routeTable:RouteTable": Request(
        service="ec2", operation="CreateRouteTable", names={"routes": None, **_TAGS}
    ),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Request(service="ec2", operation="AssociateRouteTable"),
    "aws:ec2/securityGroup:SecurityGroup": Request(
        service="ec2",
        operation="CreateSecurityGroup",
        names={
            "name": "GroupName",
            "revokeRulesOnDelete": None,
            "ingress": "AuthorizeSecurityGroupIngress:IpPermissions",
            "egress": "AuthorizeSecurityGroupEgress:IpPermissions",
            "*.protocol": "IpProtocol",
            "*.cidrBlocks": "IpRanges.CidrIp",
            "*.ipv6CidrBlocks": "Ipv6Ranges.CidrIpv6",
            "*.prefixListIds": "PrefixListIds.PrefixListId",
            "*.securityGroups": "UserIdGroupPairs.GroupId",
            "ingress.description": "IpRanges.Description",
            "egress.description": "IpRanges.Description",
            **_TAGS,
        },
        provided=frozenset({"AuthorizeSecurityGroupEgress:GroupId"}),
    ),
    "aws:ec2/securityGroupRule:SecurityGroupRule": Request(
        service="ec2",
        operation="AuthorizeSecurityGroupIngress",
        names={
            # Which of two operations it is; their models are the same.
            "type": None,
            "securityGroupId": "GroupId",
            "protocol": "IpPermissions.IpProtocol",
            "fromPort": "IpPermissions.FromPort",
            "toPort": "IpPermissions.ToPort",
            "cidrBlocks": "IpPermissions.IpRanges.CidrIp",
            "ipv6CidrBlocks": "IpPermissions.Ipv6Ranges.CidrIpv6",
            "prefixListIds": "IpPermissions.PrefixListIds.PrefixListId",
            "sourceSecurityGroupId": "IpPermissions.UserIdGroupPairs.GroupId",
            "description": "IpPermissions.IpRanges.Description",
        },
    ),
    "aws:ec2/subnet:Subnet": Request(
        service="ec2",
        operation="CreateSubnet",
        # ModifySubnetAttribute takes truth values only.
        names={"assignIpv6AddressOnCreation": None, "mapPublicIpOnLaunch": None, **_TAGS},
    ),
    "aws:ec2/vpc:Vpc": Request(
        service="ec2",
        operation="CreateVpc",
        names={
            "enableDnsHostnames": "ModifyVpcAttribute:EnableDnsHostnames.Value",
            "enableDnsSupport": "ModifyVpcAttribute:EnableDnsSupport.Value",
            **_TAGS,
        },
        provided=frozenset({"ModifyVpcAttribute:VpcId"}),
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": Request(
        service="ec2", operation="CreateVpcEndpoint", names={"policy": "PolicyDocument", **_TAGS}
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _security_group_rule("AuthorizeSecurityGroupEgress"),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _security_group_rule("AuthorizeSecurityGroupIngress"),
    "random:index/randomId:RandomId": _RANDOM,
    "random:index/randomPassword:RandomPassword": _RANDOM,
    "random:index/randomString:RandomString": _RANDOM,
}

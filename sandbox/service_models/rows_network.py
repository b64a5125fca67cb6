"""The API operations of the network and the random provider. See row.py.

EC2's model has few constraints: most members have a type only.
"""

from collections.abc import Mapping
from typing import Final

from sandbox.service_models.row import NoRequest, Request, Row

_TAGS: Final = {"tags": "TagSpecifications.Tags"}
_RANDOM: Final = NoRequest(reason="the random provider computes the value without an API call")


def _security_group_rule(operation: str) -> Request:
    """Return the row of a single rule, whose request has EC2's list of permissions."""
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
            # The description of a range, prefix list or group; all three have the same model.
            "description": "IpPermissions.IpRanges.Description",
            **_TAGS,
        },
    )


NETWORK: Mapping[str, Row] = {
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": NoRequest(
        reason="the VPC creates it: the provider adopts it and removes its rules"
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
        # The provider derives it from the property that is set.
        set_by_provider=frozenset({"ResourceType"}),
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
        set_by_provider=frozenset({"AuthorizeSecurityGroupEgress:GroupId"}),
    ),
    "aws:ec2/securityGroupRule:SecurityGroupRule": Request(
        service="ec2",
        operation="AuthorizeSecurityGroupIngress",
        names={
            # It selects one of two operations, which have the same model.
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
        # Set by ModifySubnetAttribute, whose members are booleans.
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
        set_by_provider=frozenset({"ModifyVpcAttribute:VpcId"}),
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

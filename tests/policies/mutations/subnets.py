"""One change for each thing about subnets, routes, flow logs and endpoints that a rule guards. Data only."""

from tests.policies.compliant.stack import VPC
from tests.policies.mutations.mutation import adds, adds_route, all_of, removes, sets, told
from tests.policies.plan import REMOVED, Ref

IGW = Ref(to="InternetGateway main")
TIERS = (
    told(
        "data in one zone",
        lambda plan: plan.set(
            "Subnet data-2", "availabilityZone", plan.resources["Subnet data-1"].inputs["availabilityZone"]
        ),
        "network-two-zones@data-1",
    ),
    told(
        "a third zone",
        adds("aws:ec2/subnet:Subnet", "public-3", availabilityZone="us-west-2c", tags={"SubnetType": "Public"}),
        "network-two-zones@public-1",
        "network-two-zones@private-1",
        "network-two-zones@data-1",
        "network-nat-per-zone@public-3",
    ),
    told(
        "data elsewhere",
        sets("Subnet data-2", "availabilityZone", "us-west-2d"),
        "network-two-zones@data-1",
    ),
    told(
        "a subnet of no tier",
        sets("Subnet data-2", "tags.SubnetType", REMOVED),
        "network-two-zones@data-2",
        "network-two-zones@data-1",
    ),
    told(
        "a subnet of another tier",
        adds("aws:ec2/subnet:Subnet", "x", availabilityZone="us-east-1a", tags={"SubnetType": "Unused"}),
        "network-two-zones@x",
    ),
    told(
        "a subnet without a zone",
        sets("Subnet private-1", "availabilityZone", REMOVED),
        "network-two-zones@private-1",
        "network-nat-per-zone@private-1",
    ),
    *(
        told(
            f"a data route by {target}",
            adds_route("data-1", destinationCidrBlock=to, **{target: value}),
            "network-data-isolated@added",
        )
        for target, value, to in (
            ("gatewayId", IGW, "0.0.0.0/0"),
            ("gatewayId", IGW, "198.51.100.0/24"),
            ("natGatewayId", Ref(to="NatGateway nat-1"), "0.0.0.0/0"),
            ("transitGatewayId", "tgw-1", "10.0.0.0/8"),
            ("vpcPeeringConnectionId", "pcx-1", "10.1.0.0/16"),
            ("networkInterfaceId", "eni-1", "0.0.0.0/0"),
            ("vpcEndpointId", "vpce-1", "0.0.0.0/0"),
        )
    ),
    told(
        "an IPv6 data route",
        adds_route("data-2", destinationIpv6CidrBlock="::/0", egressOnlyGatewayId="eigw-1"),
        "network-data-isolated@added",
    ),
    told(
        "a data route inline",
        sets("RouteTable data-1", "routes", [{"cidrBlock": "0.0.0.0/0", "gatewayId": IGW}]),
        "network-data-isolated@data-1",
    ),
    told(
        "data routes from a VPN gateway",
        sets("RouteTable data-1", "propagatingVgws", ["vgw-1"]),
        "network-data-isolated@data-1",
    ),
    told(
        "data routes from a VPN gateway, added",
        adds(
            "aws:ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation",
            "added",
            routeTableId=Ref(to="RouteTable data-2"),
            vpnGatewayId="vgw-1",
        ),
        "network-data-isolated@added",
        "residency-types@added",
    ),
    told("a data subnet without a table", removes("RouteTableAssociation data-1"), "network-data-isolated@data-1"),
    told(
        "a data subnet with a private table",
        sets("RouteTableAssociation data-1", "routeTableId", Ref(to="RouteTable private-1")),
        "network-data-isolated@private-1",
    ),
    told(
        "a data subnet with the main table",
        sets("RouteTableAssociation data-1", "routeTableId", Ref(to=VPC, output="mainRouteTableId")),
        "network-data-isolated@data-1",
    ),
    told(
        "no NAT gateway in a zone",
        removes("NatGateway nat-2", "Route private-2"),
        "network-nat-per-zone@public-2",
        "network-nat-per-zone@private-2",
    ),
    told(
        "a NAT gateway in a private subnet",
        sets("NatGateway nat-1", "subnetId", Ref(to="Subnet private-1")),
        "network-nat-per-zone@nat-1",
        "network-nat-per-zone@public-1",
        "network-nat-per-zone@private-1",
    ),
    told(
        "a private NAT gateway", sets("NatGateway nat-1", "connectivityType", "private"), "network-nat-per-zone@nat-1"
    ),
    told(
        "a NAT gateway without an address",
        sets("NatGateway nat-1", "allocationId", REMOVED),
        "network-nat-per-zone@nat-1",
    ),
    told(
        "the other zone's NAT gateway",
        sets("Route private-1", "natGatewayId", Ref(to="NatGateway nat-2")),
        "network-nat-per-zone@private-1",
    ),
    told(
        "a private default route to the internet gateway",
        all_of(sets("Route private-1", "natGatewayId", REMOVED), sets("Route private-1", "gatewayId", IGW)),
        "network-nat-per-zone@private-1",
    ),
    told(
        "a private route past the NAT gateway",
        adds_route("private-1", destinationCidrBlock="198.51.100.0/24", gatewayId=IGW),
        "network-nat-per-zone@added",
    ),
    told("no private default route", removes("Route private-1"), "network-nat-per-zone@private-1"),
    told(
        "a private subnet without a table",
        removes("RouteTableAssociation private-2"),
        "network-nat-per-zone@private-2",
    ),
)

S3 = "VpcEndpoint s3"
LOGS_ENDPOINT = "VpcEndpoint logs"
TRAFFIC = (
    told("no flow log", removes("FlowLog flow-logs"), "network-flow-logs@main"),
    told(
        "a flow log of what is refused only",
        sets("FlowLog flow-logs", "trafficType", "REJECT"),
        "network-flow-logs@flow-logs",
    ),
    told(
        "a flow log of nothing in particular",
        sets("FlowLog flow-logs", "trafficType", REMOVED),
        "network-flow-logs@flow-logs",
    ),
    told(
        "a flow log of one subnet",
        all_of(
            sets("FlowLog flow-logs", "vpcId", REMOVED),
            sets("FlowLog flow-logs", "subnetId", Ref(to="Subnet data-1")),
        ),
        "network-flow-logs@main",
    ),
    told(
        "a flow log to a bucket",
        all_of(
            sets("FlowLog flow-logs", "logDestinationType", "s3"),
            sets("FlowLog flow-logs", "logDestination", "arn:aws:s3:::elsewhere"),
        ),
        "network-flow-logs@flow-logs",
    ),
    told(
        "a flow log to another stack's group",
        sets("FlowLog flow-logs", "logDestination", "arn:aws:logs:::x"),
        "network-flow-logs@flow-logs",
    ),
    told("a flow log to nowhere", sets("FlowLog flow-logs", "logDestination", REMOVED), "network-flow-logs@flow-logs"),
    told(
        "a second VPC",
        adds("aws:ec2/vpc:Vpc", "second", cidrBlock="10.9.0.0/16", tags={"Name": "second"}),
        "network-flow-logs@second",
        "network-default-group@second",
        "network-endpoints@second",
    ),
    told("no endpoint for S3", all_of(removes(S3, "SecurityGroupEgressRule service-s3")), "network-endpoints@main"),
    told(
        "an interface endpoint for S3 alone",
        sets(S3, "vpcEndpointType", "Interface"),
        "network-endpoints@main",
        "network-endpoints@s3",
        "network-egress-written@service-s3",
    ),
    told("an endpoint for S3 without a table", sets(S3, "routeTableIds", REMOVED), "network-endpoints@s3"),
    told(
        "an interface endpoint without private names",
        sets(LOGS_ENDPOINT, "privateDnsEnabled", False),
        "network-endpoints@logs",
    ),
    told(
        "an interface endpoint that leaves its names open",
        sets(LOGS_ENDPOINT, "privateDnsEnabled", REMOVED),
        "network-endpoints@logs",
    ),
    told(
        "an interface endpoint in the service's group",
        sets(LOGS_ENDPOINT, "securityGroupIds", [Ref(to="SecurityGroup service")]),
        "network-endpoints@logs",
    ),
    told(
        "an interface endpoint in two groups",
        sets(LOGS_ENDPOINT, "securityGroupIds", [Ref(to="SecurityGroup endpoints"), Ref(to="SecurityGroup service")]),
        "network-endpoints@logs",
    ),
    told(
        "an interface endpoint in no group", sets(LOGS_ENDPOINT, "securityGroupIds", REMOVED), "network-endpoints@logs"
    ),
    told(
        "another group for an interface endpoint",
        adds(
            "aws:ec2/securityGroupAssociation:SecurityGroupAssociation",
            "added",
            vpcEndpointId=Ref(to=LOGS_ENDPOINT),
            securityGroupId=Ref(to="SecurityGroup alb"),
        ),
        "network-endpoints@added",
    ),
)


CHANGES = (*TIERS, *TRAFFIC)

"""Mutations of subnets, routes, flow logs and endpoints. Data only."""

from tests.policies.compliant.stack import OWN_ACCOUNT, VPC, endpoint_policy, image_layers
from tests.policies.mutations.mutation import adds, adds_route, all_of, mutation, removes, sets
from tests.policies.plan import REMOVED, Ref

IGW, NAT = Ref(to="InternetGateway main"), Ref(to="NatGateway nat-1")
TIERS = (
    mutation(
        "data in one zone",
        lambda plan: plan.set(
            "Subnet data-2", "availabilityZone", plan.resources["Subnet data-1"].inputs["availabilityZone"]
        ),
        "network-two-zones@data-1",
    ),
    mutation(
        "a third zone",
        adds("aws:ec2/subnet:Subnet", "public-3", availabilityZone="us-west-2c", tags={"SubnetType": "Public"}),
        "network-two-zones@public-1",
        "network-two-zones@private-1",
        "network-two-zones@data-1",
        "network-nat-per-zone@public-3",
        "network-public-route@public-3",
    ),
    mutation(
        "data in another zone",
        sets("Subnet data-2", "availabilityZone", "us-west-2d"),
        "network-two-zones@data-1",
    ),
    mutation(
        "a subnet without a tier",
        sets("Subnet data-2", "tags.SubnetType", REMOVED),
        "network-two-zones@data-2",
        "network-two-zones@data-1",
    ),
    mutation(
        "a subnet of another tier",
        adds("aws:ec2/subnet:Subnet", "x", availabilityZone="us-east-1a", tags={"SubnetType": "Unused"}),
        "network-two-zones@x",
    ),
    mutation(
        "a subnet without a zone",
        sets("Subnet private-1", "availabilityZone", REMOVED),
        "network-two-zones@private-1",
        "network-nat-per-zone@private-1",
    ),
    *(
        mutation(
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
    mutation(
        "an IPv6 data route",
        adds_route("data-2", destinationIpv6CidrBlock="::/0", egressOnlyGatewayId="eigw-1"),
        "network-data-isolated@added",
    ),
    mutation(
        "a data route inline",
        sets("RouteTable data-1", "routes", [{"cidrBlock": "0.0.0.0/0", "gatewayId": IGW}]),
        "network-data-isolated@data-1",
    ),
    mutation(
        "data routes from a VPN gateway",
        sets("RouteTable data-1", "propagatingVgws", ["vgw-1"]),
        "network-data-isolated@data-1",
    ),
    mutation(
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
    mutation("a data subnet without a table", removes("RouteTableAssociation data-1"), "network-data-isolated@data-1"),
    mutation(
        "a data subnet with a private table",
        sets("RouteTableAssociation data-1", "routeTableId", Ref(to="RouteTable private-1")),
        "network-data-isolated@private-1",
    ),
    mutation(
        "a data subnet with the main table",
        sets("RouteTableAssociation data-1", "routeTableId", Ref(to=VPC, output="mainRouteTableId")),
        "network-data-isolated@data-1",
    ),
    mutation(
        "no NAT gateway in a zone",
        removes("NatGateway nat-2", "Route private-2"),
        "network-nat-per-zone@public-2",
        "network-nat-per-zone@private-2",
    ),
    mutation(
        "a NAT gateway in a private subnet",
        sets("NatGateway nat-1", "subnetId", Ref(to="Subnet private-1")),
        "network-nat-per-zone@nat-1",
        "network-nat-per-zone@public-1",
        "network-nat-per-zone@private-1",
    ),
    mutation(
        "a private NAT gateway", sets("NatGateway nat-1", "connectivityType", "private"), "network-nat-per-zone@nat-1"
    ),
    mutation(
        "a NAT gateway without an Elastic IP",
        sets("NatGateway nat-1", "allocationId", REMOVED),
        "network-nat-per-zone@nat-1",
    ),
    mutation(
        "the other zone's NAT gateway",
        sets("Route private-1", "natGatewayId", Ref(to="NatGateway nat-2")),
        "network-nat-per-zone@private-1",
    ),
    mutation(
        "a private default route to the internet gateway",
        all_of(sets("Route private-1", "natGatewayId", REMOVED), sets("Route private-1", "gatewayId", IGW)),
        "network-nat-per-zone@private-1",
    ),
    mutation(
        "a private route to the internet gateway",
        adds_route("private-1", destinationCidrBlock="198.51.100.0/24", gatewayId=IGW),
        "network-nat-per-zone@added",
    ),
    *(
        mutation(label, sets(VPC, "cidrBlock", value), "network-addresses@main")
        for label, value in (("addresses of another network", "10.40.0.0/16"), ("no addresses", REMOVED))
    ),
    mutation("no public default route", removes("Route public-1"), "network-public-route@public-1"),
    mutation(
        "a public default route to the NAT gateway",
        all_of(sets("Route public-1", "gatewayId", REMOVED), sets("Route public-1", "natGatewayId", NAT)),
        "network-public-route@public-1",
    ),
    mutation(
        "a public route to a part of the internet",
        sets("Route public-1", "destinationCidrBlock", "198.51.100.0/24"),
        "network-public-route@public-1",
    ),
    mutation(
        "a public subnet without a table",
        removes("RouteTableAssociation public-2"),
        "network-public-route@public-2",
    ),
    mutation("no private default route", removes("Route private-1"), "network-nat-per-zone@private-1"),
    mutation(
        "a private subnet without a table",
        removes("RouteTableAssociation private-2"),
        "network-nat-per-zone@private-2",
    ),
)

S3 = "VpcEndpoint s3"
OTHER_ACCOUNT = {"Condition": {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}}
# Either region's: a rule accepts its own region's alone, and the mutations differ from both.
LAYERS = image_layers("us-east-1")
LOGS_ENDPOINT = "VpcEndpoint logs"
TRAFFIC = (
    mutation("no flow log", removes("FlowLog flow-logs"), "network-flow-logs@main"),
    mutation(
        "a flow log of rejected traffic alone",
        sets("FlowLog flow-logs", "trafficType", "REJECT"),
        "network-flow-logs@flow-logs",
    ),
    mutation(
        "trafficType unset",
        sets("FlowLog flow-logs", "trafficType", REMOVED),
        "network-flow-logs@flow-logs",
    ),
    mutation(
        "a flow log of one subnet",
        all_of(
            sets("FlowLog flow-logs", "vpcId", REMOVED),
            sets("FlowLog flow-logs", "subnetId", Ref(to="Subnet data-1")),
        ),
        "network-flow-logs@main",
    ),
    mutation(
        "a flow log to a bucket",
        all_of(
            sets("FlowLog flow-logs", "logDestinationType", "s3"),
            sets("FlowLog flow-logs", "logDestination", "arn:aws:s3:::elsewhere"),
        ),
        "network-flow-logs@flow-logs",
    ),
    mutation(
        "a flow log to another stack's group",
        sets("FlowLog flow-logs", "logDestination", "arn:aws:logs:::x"),
        "network-flow-logs@flow-logs",
    ),
    mutation(
        "a flow log without a destination",
        sets("FlowLog flow-logs", "logDestination", REMOVED),
        "network-flow-logs@flow-logs",
    ),
    mutation(
        "a second VPC",
        adds("aws:ec2/vpc:Vpc", "second", cidrBlock="10.9.0.0/16", tags={"Name": "second"}),
        "network-flow-logs@second",
        "network-addresses@second",
        "network-default-group@second",
        "network-endpoints@second",
    ),
    *(
        mutation(label, sets(f"VpcEndpoint {name}", "policy", policy), f"network-endpoint-policies@{name}")
        for label, name, policy in (
            ("an endpoint for every account", "logs", REMOVED),
            ("an endpoint for every account by a statement", "logs", endpoint_policy(OWN_ACCOUNT, {})),
            ("an endpoint for another account", "logs", endpoint_policy(OTHER_ACCOUNT)),
            ("an endpoint whose policy isn't JSON", "logs", "{"),
            ("an endpoint for every account's buckets", "s3", endpoint_policy(OWN_ACCOUNT, {"Action": "s3:GetObject"})),
            (
                "an endpoint for writes to ECR's layers",
                "s3",
                endpoint_policy(OWN_ACCOUNT, {**LAYERS, "Action": ["s3:GetObject", "s3:PutObject"]}),
            ),
            (
                "an endpoint for all that isn't in ECR's bucket",
                "s3",
                endpoint_policy(OWN_ACCOUNT, {**LAYERS, "NotResource": LAYERS["Resource"]}),
            ),
        )
    ),
    mutation("no endpoint for S3", all_of(removes(S3, "SecurityGroupEgressRule service-s3")), "network-endpoints@main"),
    mutation(
        "an interface endpoint instead of a gateway for S3",
        sets(S3, "vpcEndpointType", "Interface"),
        "network-endpoints@main",
        "network-endpoints@s3",
        "network-egress-chain@service-s3",
    ),
    mutation("an endpoint for S3 without a route table", sets(S3, "routeTableIds", REMOVED), "network-endpoints@s3"),
    mutation(
        "an interface endpoint without private names",
        sets(LOGS_ENDPOINT, "privateDnsEnabled", False),
        "network-endpoints@logs",
    ),
    mutation(
        "privateDnsEnabled unset",
        sets(LOGS_ENDPOINT, "privateDnsEnabled", REMOVED),
        "network-endpoints@logs",
    ),
    mutation(
        "an interface endpoint in the service's group",
        sets(LOGS_ENDPOINT, "securityGroupIds", [Ref(to="SecurityGroup service")]),
        "network-endpoints@logs",
    ),
    mutation(
        "an interface endpoint in two groups",
        sets(LOGS_ENDPOINT, "securityGroupIds", [Ref(to="SecurityGroup endpoints"), Ref(to="SecurityGroup service")]),
        "network-endpoints@logs",
    ),
    mutation(
        "an interface endpoint without a group",
        sets(LOGS_ENDPOINT, "securityGroupIds", REMOVED),
        "network-endpoints@logs",
    ),
    mutation(
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

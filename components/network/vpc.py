"""ProductionVpc: the network of the document's diagram, and its security groups.

Sections: Production Architecture, Security Groups. Three tiers of subnets in two zones, a NAT gateway in each zone,
the chain of security groups, flow logs, and VPC endpoints for the AWS services that the tasks call.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import pulumi
import pulumi_aws as aws
import pulumi_awsx as awsx

from components.shared.environment import Environment
from components.shared.iam import allow, policy_document
from components.shared.log_groups import create_log_group
from components.shared.service_principals import trust_policy
from settings.network import Network

ANYWHERE = "0.0.0.0/0"
HTTPS = 443
INGRESS, EGRESS = aws.vpc.SecurityGroupIngressRule, aws.vpc.SecurityGroupEgressRule
Direction: TypeAlias = type[aws.vpc.SecurityGroupIngressRule] | type[aws.vpc.SecurityGroupEgressRule]
FLOW_LOG_ACTIONS = ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents")


@dataclass(frozen=True, kw_only=True)
class SecurityGroups:
    """Ids of the security groups: the document's four, and that of the interface endpoints."""

    alb: pulumi.Output[str]
    service: pulumi.Output[str]
    database: pulumi.Output[str]
    cache: pulumi.Output[str]
    endpoints: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class NetworkOutputs:
    """Ids of the network; lists of subnets are in the order of the zones."""

    vpc_id: pulumi.Output[str]
    public_subnet_ids: pulumi.Output[Sequence[str]]
    private_subnet_ids: pulumi.Output[Sequence[str]]
    data_subnet_ids: pulumi.Output[Sequence[str]]
    security_groups: SecurityGroups


class ProductionVpc(pulumi.ComponentResource):
    """A VPC in two zones: public, private and data subnets, and the connections allowed between them."""

    outputs: NetworkOutputs

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        settings: Network,
        logs_key_arn: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:network:ProductionVpc", name, None, opts)
        self._name_prefix = name
        self._environment = environment
        self._settings = settings
        self._logs_key_arn = logs_key_arn
        self._child_opts = pulumi.ResourceOptions(parent=self)

        vpc = self._vpc()
        groups = self._security_groups(vpc.vpc_id)
        s3 = self._s3_endpoint(vpc)
        self._interface_endpoints(vpc, groups["endpoints"])
        self._rules(groups, s3)
        self._flow_logs(vpc.vpc_id)

        self.outputs = NetworkOutputs(
            vpc_id=vpc.vpc_id,
            public_subnet_ids=vpc.public_subnet_ids,
            private_subnet_ids=vpc.private_subnet_ids,
            data_subnet_ids=vpc.isolated_subnet_ids,
            security_groups=SecurityGroups(**{role: group.id for role, group in groups.items()}),
        )
        self.register_outputs({"vpcId": vpc.vpc_id})

    def _vpc(self) -> awsx.ec2.Vpc:
        settings = self._settings
        return awsx.ec2.Vpc(
            self._environment.name,
            cidr_block=settings.cidr_block,
            availability_zone_names=list(settings.availability_zones),
            subnet_strategy=awsx.ec2.SubnetAllocationStrategy.AUTO,
            subnet_specs=[
                awsx.ec2.SubnetSpecArgs(type=awsx.ec2.SubnetType.PUBLIC, cidr_blocks=list(settings.public_subnets)),
                awsx.ec2.SubnetSpecArgs(type=awsx.ec2.SubnetType.PRIVATE, cidr_blocks=list(settings.private_subnets)),
                awsx.ec2.SubnetSpecArgs(
                    type=awsx.ec2.SubnetType.ISOLATED, name="data", cidr_blocks=list(settings.data_subnets)
                ),
            ],
            nat_gateways=awsx.ec2.NatGatewayConfigurationArgs(strategy=awsx.ec2.NatGatewayStrategy.ONE_PER_AZ),
            enable_dns_hostnames=True,
            enable_dns_support=True,
            opts=pulumi.ResourceOptions(parent=self, transforms=[_no_public_addresses]),
        )

    def _security_groups(self, vpc_id: pulumi.Output[str]) -> Mapping[str, aws.ec2.SecurityGroup]:
        purposes = {
            "alb": "Load balancer: HTTPS from the internet",
            "service": "API tasks: from the load balancer only",
            "database": "PostgreSQL: from the API tasks only",
            "cache": "Redis: from the API tasks only",
            "endpoints": "Interface endpoints: HTTPS from the API tasks only",
        }
        # AWS's default group allows traffic among its members and to the internet: its rules are removed.
        aws.ec2.DefaultSecurityGroup(
            f"{self._name_prefix}-default",
            vpc_id=vpc_id,
            tags={"Name": f"{self._environment.name}-default"},
            opts=self._child_opts,
        )
        return {
            role: aws.ec2.SecurityGroup(
                f"{self._name_prefix}-{role}",
                vpc_id=vpc_id,
                description=purpose,
                revoke_rules_on_delete=True,
                tags={"Name": f"{self._environment.name}-{role}"},
                opts=self._child_opts,
            )
            for role, purpose in purposes.items()
        }

    def _rules(self, groups: Mapping[str, aws.ec2.SecurityGroup], s3: aws.ec2.VpcEndpoint) -> None:
        """Create the document's chain, one ingress and one egress rule for each link, and the tasks' other egress."""
        ports, service = self._settings.ports, groups["service"]
        chain = (
            ("alb", "service", ports.service),
            ("service", "database", ports.database),
            ("service", "cache", ports.cache),
            ("service", "endpoints", HTTPS),
        )
        self._rule(INGRESS, "alb-from-internet", groups["alb"], HTTPS, "HTTPS from anywhere", cidr=ANYWHERE)
        for source, target, port in chain:
            self._rule(
                INGRESS, f"{target}-from-{source}", groups[target], port, f"From {source}", peer=groups[source].id
            )
            self._rule(EGRESS, f"{source}-to-{target}", groups[source], port, f"To {target}", peer=groups[target].id)
        to_s3 = "To S3 through its gateway endpoint"
        self._rule(EGRESS, "service-to-s3", service, HTTPS, to_s3, prefix_list=s3.prefix_list_id)
        to_others = "To other services over HTTPS, through the NAT gateways"
        self._rule(EGRESS, "service-to-internet", service, HTTPS, to_others, cidr=ANYWHERE)

    def _rule(
        self,
        direction: Direction,
        name: str,
        group: aws.ec2.SecurityGroup,
        port: int,
        description: str,
        *,
        peer: pulumi.Input[str] | None = None,
        cidr: str | None = None,
        prefix_list: pulumi.Input[str] | None = None,
    ) -> None:
        direction(
            f"{self._name_prefix}-{name}",
            security_group_id=group.id,
            description=description,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            referenced_security_group_id=peer,
            cidr_ipv4=cidr,
            prefix_list_id=prefix_list,
            opts=self._child_opts,
        )

    def _s3_endpoint(self, vpc: awsx.ec2.Vpc) -> aws.ec2.VpcEndpoint:
        environment = self._environment
        return aws.ec2.VpcEndpoint(
            f"{self._name_prefix}-s3",
            vpc_id=vpc.vpc_id,
            service_name=f"com.amazonaws.{environment.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=vpc.route_tables.apply(_private_table_ids),
            policy=json.dumps(_s3_policy(environment)),
            tags={"Name": f"{environment.name}-s3"},
            opts=self._child_opts,
        )

    def _interface_endpoints(self, vpc: awsx.ec2.Vpc, group: aws.ec2.SecurityGroup) -> None:
        environment = self._environment
        for service in self._settings.interface_endpoints:
            aws.ec2.VpcEndpoint(
                f"{self._name_prefix}-{service}",
                vpc_id=vpc.vpc_id,
                service_name=f"com.amazonaws.{environment.region}.{service}",
                vpc_endpoint_type="Interface",
                subnet_ids=vpc.private_subnet_ids,
                security_group_ids=[group.id],
                private_dns_enabled=True,
                policy=json.dumps({"Version": "2012-10-17", "Statement": [_allow_own_account(environment)]}),
                tags={"Name": f"{environment.name}-{service}"},
                opts=self._child_opts,
            )

    def _flow_logs(self, vpc_id: pulumi.Output[str]) -> None:
        environment, settings = self._environment, self._settings.flow_logs
        group = create_log_group(
            f"{self._name_prefix}-flow-logs",
            name=environment.log_group_name("flow-logs"),
            retention_in_days=settings.retention_in_days,
            key_arn=self._logs_key_arn,
            parent=self,
        )
        group_arn = environment.arn("logs", f"log-group:{environment.log_group_name('flow-logs')}")
        source_arn = environment.arn("ec2", "vpc-flow-log/*")
        role = aws.iam.Role(
            f"{self._name_prefix}-flow-logs",
            description="Allows VPC flow logs to write to their log group",
            assume_role_policy=trust_policy(
                "vpc-flow-logs.amazonaws.com", environment=environment, source_arn=source_arn
            ),
            opts=self._child_opts,
        )
        policy = aws.iam.RolePolicy(
            f"{self._name_prefix}-flow-logs",
            role=role.id,
            policy=policy_document(
                # AWS supports no resource for this action.
                allow("Find", ["logs:DescribeLogGroups"], ["*"]),
                allow("Write", FLOW_LOG_ACTIONS, [group_arn, f"{group_arn}:*"]),
            ),
            opts=self._child_opts,
        )
        aws.ec2.FlowLog(
            f"{self._name_prefix}-flow-logs",
            vpc_id=vpc_id,
            traffic_type=settings.traffic_type,
            max_aggregation_interval=settings.max_aggregation_interval,
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            tags={"Name": f"{environment.name}-flow-logs"},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )


def _no_public_addresses(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    """Assign no public addresses in subnets (Security Hub EC2.15): load balancer and NAT gateways have their own."""
    if args.type_ != "aws:ec2/subnet:Subnet":
        return None
    return pulumi.ResourceTransformResult(props={**args.props, "mapPublicIpOnLaunch": False}, opts=args.opts)


def _private_table_ids(tables: Sequence[aws.ec2.RouteTable]) -> pulumi.Output[list[str]]:
    def private(tables: Sequence[tuple[str, Mapping[str, str] | None]]) -> list[str]:
        return [id_ for id_, tags in tables if tags and tags.get("SubnetType") == "Private"]

    return pulumi.Output.all(*[pulumi.Output.all(t.id, t.tags) for t in tables]).apply(private)


def _allow_own_account(environment: Environment) -> Mapping[str, object]:
    """Allow this account's principals; their own policies limit what they may do."""
    return {
        "Sid": "OwnAccount",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "*",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalAccount": environment.account}},
    }


def _s3_policy(environment: Environment) -> Mapping[str, object]:
    """Allow also image pulls: ECR serves image layers from its own bucket, by presigned URLs."""
    layers = {
        "Sid": "ImageLayers",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::prod-{environment.region}-starport-layer-bucket/*",
    }
    return {"Version": "2012-10-17", "Statement": [_allow_own_account(environment), layers]}

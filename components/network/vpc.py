"""ProductionVpc: the network of the document's diagram, with its security groups and nothing else in the way.

Sections: Production Architecture, Security Groups. Three tiers of subnets in two zones, a NAT gateway for each zone,
the chain of security groups, flow logs, and private ways to the AWS services that the tasks call.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_awsx as awsx

from components.shared.environment import Environment
from components.shared.iam import allow, document
from components.shared.log_groups import log_group
from components.shared.service_principals import trust
from settings.network import Network

ANYWHERE = "0.0.0.0/0"
HTTPS = 443
FLOW_LOGS_WRITE = ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents")


@dataclass(frozen=True, kw_only=True)
class SecurityGroups:
    """Ids of the security groups: the document's four, and one for the interface endpoints."""

    alb: pulumi.Output[str]
    service: pulumi.Output[str]
    database: pulumi.Output[str]
    cache: pulumi.Output[str]
    endpoints: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class NetworkOutputs:
    """What the neighbours need of the network: ids, the subnets' lists in the order of the zones."""

    vpc_id: pulumi.Output[str]
    public_subnet_ids: pulumi.Output[Sequence[str]]
    private_subnet_ids: pulumi.Output[Sequence[str]]
    data_subnet_ids: pulumi.Output[Sequence[str]]
    security_groups: SecurityGroups


class ProductionVpc(pulumi.ComponentResource):
    """A VPC over two zones: public, private and data subnets, and who may talk to whom."""

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
        self._own = pulumi.ResourceOptions(parent=self)

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
        # The group that every VPC is born with lets its members talk to one another and to the world: emptied.
        aws.ec2.DefaultSecurityGroup(
            f"{self._name_prefix}-default",
            vpc_id=vpc_id,
            tags={"Name": f"{self._environment.name}-default"},
            opts=self._own,
        )
        return {
            role: aws.ec2.SecurityGroup(
                f"{self._name_prefix}-{role}",
                vpc_id=vpc_id,
                description=purpose,
                revoke_rules_on_delete=True,
                tags={"Name": f"{self._environment.name}-{role}"},
                opts=self._own,
            )
            for role, purpose in purposes.items()
        }

    def _rules(self, groups: Mapping[str, aws.ec2.SecurityGroup], s3: aws.ec2.VpcEndpoint) -> None:
        """Write the document's chain, each link as one ingress and one egress rule, and the tasks' way out."""
        ports = self._settings.ports
        chain = (
            ("alb", "service", ports.service),
            ("service", "database", ports.database),
            ("service", "cache", ports.cache),
            ("service", "endpoints", HTTPS),
        )
        self._let_in("alb-from-internet", groups["alb"], HTTPS, "HTTPS from anywhere", cidr=ANYWHERE)
        for source, target, port in chain:
            self._let_in(f"{target}-from-{source}", groups[target], port, f"From {source}", group=groups[source])
            self._let_out(f"{source}-to-{target}", groups[source], port, f"To {target}", group=groups[target])
        service = groups["service"]
        to_s3 = "To S3 through its gateway endpoint"
        self._let_out("service-to-s3", service, HTTPS, to_s3, prefix_list=s3.prefix_list_id)
        to_others = "To other services over HTTPS, through the NAT gateways"
        self._let_out("service-to-internet", service, HTTPS, to_others, cidr=ANYWHERE)

    def _let_in(
        self,
        name: str,
        into: aws.ec2.SecurityGroup,
        port: int,
        description: str,
        *,
        group: aws.ec2.SecurityGroup | None = None,
        cidr: str | None = None,
    ) -> None:
        aws.vpc.SecurityGroupIngressRule(
            f"{self._name_prefix}-{name}",
            security_group_id=into.id,
            description=description,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            referenced_security_group_id=group.id if group else None,
            cidr_ipv4=cidr,
            opts=self._own,
        )

    def _let_out(
        self,
        name: str,
        out_of: aws.ec2.SecurityGroup,
        port: int,
        description: str,
        *,
        group: aws.ec2.SecurityGroup | None = None,
        cidr: str | None = None,
        prefix_list: pulumi.Input[str] | None = None,
    ) -> None:
        aws.vpc.SecurityGroupEgressRule(
            f"{self._name_prefix}-{name}",
            security_group_id=out_of.id,
            description=description,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            referenced_security_group_id=group.id if group else None,
            cidr_ipv4=cidr,
            prefix_list_id=prefix_list,
            opts=self._own,
        )

    def _s3_endpoint(self, vpc: awsx.ec2.Vpc) -> aws.ec2.VpcEndpoint:
        environment = self._environment
        return aws.ec2.VpcEndpoint(
            f"{self._name_prefix}-s3",
            vpc_id=vpc.vpc_id,
            service_name=f"com.amazonaws.{environment.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=vpc.route_tables.apply(_private_ids),
            policy=json.dumps(_s3_policy(environment)),
            tags={"Name": f"{environment.name}-s3"},
            opts=self._own,
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
                policy=json.dumps({"Version": "2012-10-17", "Statement": [_own_account(environment)]}),
                tags={"Name": f"{environment.name}-{service}"},
                opts=self._own,
            )

    def _flow_logs(self, vpc_id: pulumi.Output[str]) -> None:
        environment, settings = self._environment, self._settings.flow_logs
        group = log_group(
            f"{self._name_prefix}-flow-logs",
            name=environment.log_group("flow-logs"),
            retention_in_days=settings.retention_in_days,
            key_arn=self._logs_key_arn,
            parent=self,
        )
        written_to = environment.arn("logs", f"log-group:{environment.log_group('flow-logs')}")
        flow_logs = environment.arn("ec2", "vpc-flow-log/*")
        role = aws.iam.Role(
            f"{self._name_prefix}-flow-logs",
            description="Lets VPC flow logs write to their own log group",
            assume_role_policy=trust("vpc-flow-logs.amazonaws.com", environment=environment, source_arn=flow_logs),
            opts=self._own,
        )
        policy = aws.iam.RolePolicy(
            f"{self._name_prefix}-flow-logs",
            role=role.id,
            policy=document(
                # AWS takes no group for it.
                allow("Find", ["logs:DescribeLogGroups"], ["*"]),
                allow("Write", FLOW_LOGS_WRITE, [written_to, f"{written_to}:*"]),
            ),
            opts=self._own,
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
    """Let no subnet hand out public addresses (Security Hub EC2.15): load balancer and NAT gateways bring their own."""
    if args.type_ != "aws:ec2/subnet:Subnet":
        return None
    return pulumi.ResourceTransformResult(props={**args.props, "mapPublicIpOnLaunch": False}, opts=args.opts)


def _private_ids(tables: Sequence[aws.ec2.RouteTable]) -> pulumi.Output[list[str]]:
    def chosen(found: Sequence[tuple[str, Mapping[str, str] | None]]) -> list[str]:
        return [id_ for id_, tags in found if tags and tags.get("SubnetType") == "Private"]

    return pulumi.Output.all(*[pulumi.Output.all(t.id, t.tags) for t in tables]).apply(chosen)


def _own_account(environment: Environment) -> Mapping[str, object]:
    """Let only this account's principals through an endpoint: what they may do is their own policies' matter."""
    return {
        "Sid": "OwnAccount",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "*",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalAccount": environment.account}},
    }


def _s3_policy(environment: Environment) -> Mapping[str, object]:
    """Add what an image pull needs: its layers are fetched from a bucket of ECR's by links that ECR has signed."""
    layers = {
        "Sid": "ImageLayers",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::prod-{environment.region}-starport-layer-bucket/*",
    }
    return {"Version": "2012-10-17", "Statement": [_own_account(environment), layers]}

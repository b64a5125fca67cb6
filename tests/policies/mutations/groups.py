"""Mutations of the security groups. Data only."""

from tests.policies.compliant.stack import EGRESS, GROUP, INGRESS, OLD_RULE, VPC
from tests.policies.mutations.mutation import adds, adds_old_rule, adds_rule, all_of, inline, mutation, removes, sets
from tests.policies.plan import REMOVED, Ref

DEFAULT_GROUP = "DefaultSecurityGroup default"

OPENINGS = (
    mutation(
        "SSH from anywhere by a rule",
        adds_rule("ingress", "service", 22, cidrIpv4="0.0.0.0/0"),
        "network-open-ingress@added",
        "network-ingress-chain@added",
    ),
    mutation(
        "HTTPS from anywhere on another group",
        adds_rule("ingress", "database", 443, cidrIpv4="0.0.0.0/0"),
        "network-ingress-chain@added",
    ),
    mutation(
        "a rule without a peer",
        sets("SecurityGroupIngressRule alb", "cidrIpv4", REMOVED),
        "network-ingress-chain@alb",
    ),
    mutation(
        "HTTPS from every IPv6 address",
        adds_rule("ingress", "alb", 443, cidrIpv6="::/0"),
        "network-open-ingress@added",
        "network-ingress-chain@added",
    ),
    mutation(
        "a range of ports from anywhere",
        sets("SecurityGroupIngressRule alb", "toPort", 444),
        "network-open-ingress@alb",
        "network-ingress-chain@alb",
    ),
    mutation(
        "UDP from anywhere",
        sets("SecurityGroupIngressRule alb", "ipProtocol", "udp"),
        "network-open-ingress@alb",
        "network-ingress-chain@alb",
    ),
    mutation(
        "all protocols from anywhere",
        sets("SecurityGroupIngressRule alb", "ipProtocol", "-1"),
        "network-open-ingress@alb",
        "network-ingress-chain@alb",
    ),
    mutation(
        "half of the internet",
        adds_rule("ingress", "alb", 443, cidrIpv4="0.0.0.0/1"),
        "network-open-ingress@added",
        "network-ingress-chain@added",
    ),
    mutation(
        "ingress from a prefix list",
        adds_rule("ingress", "alb", 443, prefixListId="pl-3b927c52"),
        "network-open-ingress@added",
        "network-ingress-chain@added",
    ),
    mutation(
        "ingress from a private range",
        adds_rule("ingress", "database", 5432, cidrIpv4="10.0.0.0/16"),
        "network-ingress-chain@added",
    ),
    mutation(
        "SSH from anywhere by the old rule type",
        adds_old_rule("ingress", "service", 22, cidrBlocks=["10.0.0.0/16", "0.0.0.0/0"]),
        "network-open-ingress@added",
        "network-ingress-chain@added",
    ),
    mutation(
        "IPv6 by the old rule type",
        adds_old_rule("ingress", "alb", 443, ipv6CidrBlocks=["::/0"]),
        "network-open-ingress@added",
        "network-ingress-chain@added",
    ),
    mutation(
        "SSH from anywhere inline",
        inline("SecurityGroup service", "ingress", cidrBlocks=["0.0.0.0/0"]),
        "network-open-ingress@service",
        "network-ingress-chain@service",
    ),
    mutation(
        "SSH from anywhere in the default group",
        inline(DEFAULT_GROUP, "ingress", cidrBlocks=["0.0.0.0/0"]),
        "network-open-ingress@default",
        "network-default-group@default",
    ),
    mutation(
        "all protocols out",
        inline("SecurityGroup alb", "egress", protocol="-1", fromPort=0, toPort=0, cidrBlocks=["0.0.0.0/0"]),
        "network-open-egress@alb",
        "network-egress-chain@alb",
    ),
    mutation(
        "all protocols to a group",
        sets("SecurityGroupEgressRule alb-service", "ipProtocol", "-1"),
        "network-open-egress@alb-service",
        "network-egress-chain@alb-service",
        "network-egress-chain@alb",
    ),
    mutation(
        "HTTP to the internet",
        adds_rule("egress", "service", 80, cidrIpv4="0.0.0.0/0"),
        "network-open-egress@added",
        "network-egress-chain@added",
    ),
    mutation(
        "HTTPS to every IPv6 address",
        adds_rule("egress", "service", 443, cidrIpv6="::/0"),
        "network-open-egress@added",
        "network-egress-chain@added",
    ),
    mutation(
        "public addresses in a public subnet",
        sets("Subnet public-1", "mapPublicIpOnLaunch", True),
        "network-public-addresses@public-1",
    ),
    mutation(
        "public addresses in a data subnet",
        sets("Subnet data-2", "mapPublicIpOnLaunch", True),
        "network-public-addresses@data-2",
    ),
    mutation(
        "IPv6 addresses in a private subnet",
        sets("Subnet private-2", "assignIpv6AddressOnCreation", True),
        "network-public-addresses@private-2",
    ),
)

GROUPS = (
    mutation(
        "a sixth group",
        adds(GROUP, "bastion", vpcId=Ref(to=VPC), tags={"Name": "taskflow-production-bastion"}),
        "network-groups@bastion",
    ),
    mutation(
        "a group without a name",
        adds(GROUP, "bare", vpcId=Ref(to=VPC)),
        "network-groups@bare",
    ),
    mutation(
        "a second group of a role",
        adds(GROUP, "twin", vpcId=Ref(to=VPC), tags={"Name": "taskflow-production-database"}),
        "network-groups@twin",
    ),
    *(
        mutation(
            f"no ingress of {role}",
            removes(f"SecurityGroupIngressRule {role}"),
            f"network-ingress-chain@{role}",
        )
        for role in ("alb", "service", "database", "cache", "endpoints")
    ),
    *(
        mutation(
            f"another port of {role}",
            all_of(
                sets(f"SecurityGroupIngressRule {role}", "fromPort", 1234),
                sets(f"SecurityGroupIngressRule {role}", "toPort", 1234),
            ),
            # Rule and group have the same name: the rule is forbidden, and the group lacks the required one.
            f"network-ingress-chain@{role}",
        )
        for role in ("service", "database", "cache", "endpoints")
    ),
    mutation(
        "the database from the load balancer",
        sets("SecurityGroupIngressRule database", "referencedSecurityGroupId", Ref(to="SecurityGroup alb")),
        "network-ingress-chain@database",
    ),
    mutation(
        "the cache from the default group",
        adds_rule("ingress", "cache", 6379, referencedSecurityGroupId=Ref(to=DEFAULT_GROUP)),
        "network-ingress-chain@added",
    ),
    mutation(
        "the cache from a group of another stack",
        adds_rule("ingress", "cache", 6379, referencedSecurityGroupId="sg-0123456789abcdef0"),
        "network-ingress-chain@added",
    ),
    mutation(
        "the database from itself, by the old rule type",
        adds_old_rule("ingress", "database", 5432, self=True),
        "network-ingress-chain@added",
    ),
    mutation(
        "the database from the load balancer, by the old rule type",
        adds_old_rule("ingress", "database", 5432, sourceSecurityGroupId=Ref(to="SecurityGroup alb")),
        "network-ingress-chain@added",
    ),
    mutation(
        "the database from the load balancer, inline",
        inline(
            "SecurityGroup database",
            "ingress",
            fromPort=5432,
            toPort=5432,
            securityGroups=[Ref(to="SecurityGroup alb")],
        ),
        "network-ingress-chain@database",
    ),
    mutation(
        "a rule on a group of another stack",
        adds(
            INGRESS,
            "added",
            securityGroupId="sg-0123456789abcdef0",
            ipProtocol="tcp",
            fromPort=5432,
            toPort=5432,
            referencedSecurityGroupId=Ref(to="SecurityGroup service"),
        ),
        "network-ingress-chain@added",
    ),
    mutation(
        "a rule on the VPC's default group",
        adds(
            EGRESS,
            "added",
            securityGroupId=Ref(to=VPC, output="defaultSecurityGroupId"),
            ipProtocol="tcp",
            fromPort=443,
            toPort=443,
            cidrIpv4="0.0.0.0/0",
        ),
        "network-egress-chain@added",
    ),
    mutation(
        "the database reaches the internet",
        adds_rule("egress", "database", 443, cidrIpv4="0.0.0.0/0"),
        "network-egress-chain@added",
    ),
    mutation(
        "egress from the cache to the database",
        adds_rule("egress", "cache", 5432, referencedSecurityGroupId=Ref(to="SecurityGroup database")),
        "network-egress-chain@added",
    ),
    mutation(
        "the service reaches a private range",
        adds_rule("egress", "service", 443, cidrIpv4="10.1.0.0/16"),
        "network-egress-chain@added",
    ),
    mutation(
        "the service reaches another prefix list",
        adds_rule("egress", "service", 443, prefixListId="pl-02cd2c6b"),
        "network-egress-chain@added",
    ),
    mutation(
        "the load balancer reaches S3",
        adds_rule("egress", "alb", 443, prefixListId=Ref(to="VpcEndpoint s3", output="prefixListId")),
        "network-egress-chain@added",
    ),
    *(
        mutation(f"no egress of {link}", removes(f"SecurityGroupEgressRule {link}"), f"network-egress-chain@{group}")
        for link, group in (
            ("alb-service", "alb"),
            ("service-database", "service"),
            ("service-cache", "service"),
            ("service-endpoints", "service"),
        )
    ),
    mutation("a default group that isn't managed", removes(DEFAULT_GROUP), "network-default-group@main"),
    mutation(
        "the default group with ingress from itself",
        inline(DEFAULT_GROUP, "ingress", protocol="tcp", self=True),
        "network-default-group@default",
    ),
    mutation(
        "a rule on the default group",
        adds(
            INGRESS,
            "added",
            securityGroupId=Ref(to=DEFAULT_GROUP),
            ipProtocol="tcp",
            fromPort=443,
            toPort=443,
            cidrIpv4="0.0.0.0/0",
        ),
        "network-default-group@added",
    ),
    mutation(
        "an old rule on the default group",
        adds(
            OLD_RULE,
            "added",
            type="egress",
            protocol="tcp",
            fromPort=443,
            toPort=443,
            securityGroupId=Ref(to=DEFAULT_GROUP),
            cidrBlocks=["0.0.0.0/0"],
        ),
        "network-default-group@added",
    ),
)


CHANGES = (*OPENINGS, *GROUPS)

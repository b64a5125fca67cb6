"""One change for each thing that security groups say, and who has to be blamed for it. Data only."""

from tests.policies.compliant.stack import EGRESS, GROUP, INGRESS, OLD_RULE, VPC
from tests.policies.mutations.mutation import adds, adds_old_rule, adds_rule, all_of, inline, removes, sets, told
from tests.policies.plan import REMOVED, Ref

DEFAULT_GROUP = "DefaultSecurityGroup default"

OPENINGS = (
    told(
        "SSH from anywhere by a rule",
        adds_rule("ingress", "service", 22, cidrIpv4="0.0.0.0/0"),
        "network-open-ingress@added",
        "network-ingress-chain@added",
    ),
    told(
        "HTTPS from anywhere on another group",
        adds_rule("ingress", "database", 443, cidrIpv4="0.0.0.0/0"),
        "network-ingress-chain@added",
    ),
    told(
        "nobody named",
        sets("SecurityGroupIngressRule alb", "cidrIpv4", REMOVED),
        "network-ingress-chain@alb",
    ),
    told(
        "HTTPS from every IPv6 address",
        adds_rule("ingress", "alb", 443, cidrIpv6="::/0"),
        "network-open-ingress@added",
        "network-ingress-chain@added",
    ),
    told(
        "a range of ports from anywhere",
        sets("SecurityGroupIngressRule alb", "toPort", 444),
        "network-open-ingress@alb",
        "network-ingress-chain@alb",
    ),
    told(
        "UDP from anywhere",
        sets("SecurityGroupIngressRule alb", "ipProtocol", "udp"),
        "network-open-ingress@alb",
        "network-ingress-chain@alb",
    ),
    told(
        "everything from anywhere",
        sets("SecurityGroupIngressRule alb", "ipProtocol", "-1"),
        "network-open-ingress@alb",
        "network-ingress-chain@alb",
    ),
    told(
        "half of the internet",
        adds_rule("ingress", "alb", 443, cidrIpv4="0.0.0.0/1"),
        "network-open-ingress@added",
        "network-ingress-chain@added",
    ),
    told(
        "a prefix list lets itself in",
        adds_rule("ingress", "alb", 443, prefixListId="pl-3b927c52"),
        "network-open-ingress@added",
        "network-ingress-chain@added",
    ),
    told(
        "a private range lets itself in",
        adds_rule("ingress", "database", 5432, cidrIpv4="10.0.0.0/16"),
        "network-ingress-chain@added",
    ),
    told(
        "SSH from anywhere by the old rule type",
        adds_old_rule("ingress", "service", 22, cidrBlocks=["10.0.0.0/16", "0.0.0.0/0"]),
        "network-open-ingress@added",
        "network-ingress-chain@added",
    ),
    told(
        "IPv6 by the old rule type",
        adds_old_rule("ingress", "alb", 443, ipv6CidrBlocks=["::/0"]),
        "network-open-ingress@added",
        "network-ingress-chain@added",
    ),
    told(
        "SSH from anywhere inline",
        inline("SecurityGroup service", "ingress", cidrBlocks=["0.0.0.0/0"]),
        "network-open-ingress@service",
        "network-ingress-chain@service",
    ),
    told(
        "SSH from anywhere in the default group",
        inline(DEFAULT_GROUP, "ingress", cidrBlocks=["0.0.0.0/0"]),
        "network-open-ingress@default",
        "network-default-group@default",
    ),
    told(
        "all protocols out",
        inline("SecurityGroup alb", "egress", protocol="-1", fromPort=0, toPort=0, cidrBlocks=["0.0.0.0/0"]),
        "network-open-egress@alb",
        "network-egress-written@alb",
    ),
    told(
        "all protocols to a group",
        sets("SecurityGroupEgressRule alb-service", "ipProtocol", "-1"),
        "network-open-egress@alb-service",
        "network-egress-written@alb-service",
        "network-egress-written@alb",
    ),
    told(
        "HTTP to the internet",
        adds_rule("egress", "service", 80, cidrIpv4="0.0.0.0/0"),
        "network-open-egress@added",
        "network-egress-written@added",
    ),
    told(
        "HTTPS to every IPv6 address",
        adds_rule("egress", "service", 443, cidrIpv6="::/0"),
        "network-open-egress@added",
        "network-egress-written@added",
    ),
    told(
        "public addresses in a public subnet",
        sets("Subnet public-1", "mapPublicIpOnLaunch", True),
        "network-public-addresses@public-1",
    ),
    told(
        "public addresses in a data subnet",
        sets("Subnet data-2", "mapPublicIpOnLaunch", True),
        "network-public-addresses@data-2",
    ),
    told(
        "IPv6 addresses in a private subnet",
        sets("Subnet private-2", "assignIpv6AddressOnCreation", True),
        "network-public-addresses@private-2",
    ),
)

GROUPS = (
    told(
        "a sixth group",
        adds(GROUP, "bastion", vpcId=Ref(to=VPC), tags={"Name": "taskflow-production-bastion"}),
        "network-groups@bastion",
    ),
    told(
        "a group without a name",
        adds(GROUP, "bare", vpcId=Ref(to=VPC)),
        "network-groups@bare",
    ),
    told(
        "a second group of a role",
        adds(GROUP, "twin", vpcId=Ref(to=VPC), tags={"Name": "taskflow-production-database"}),
        "network-groups@twin",
    ),
    *(
        told(
            f"no ingress of {role}",
            removes(f"SecurityGroupIngressRule {role}"),
            f"network-ingress-chain@{role}",
        )
        for role in ("alb", "service", "database", "cache", "endpoints")
    ),
    *(
        told(
            f"another port of {role}",
            all_of(
                sets(f"SecurityGroupIngressRule {role}", "fromPort", 1234),
                sets(f"SecurityGroupIngressRule {role}", "toPort", 1234),
            ),
            # Rule and group have the same name: the rule is too much, and the group lacks the right one.
            f"network-ingress-chain@{role}",
        )
        for role in ("service", "database", "cache", "endpoints")
    ),
    told(
        "the database from the load balancer",
        sets("SecurityGroupIngressRule database", "referencedSecurityGroupId", Ref(to="SecurityGroup alb")),
        "network-ingress-chain@database",
    ),
    told(
        "the cache from the default group",
        adds_rule("ingress", "cache", 6379, referencedSecurityGroupId=Ref(to=DEFAULT_GROUP)),
        "network-ingress-chain@added",
    ),
    told(
        "the cache from a group of another stack",
        adds_rule("ingress", "cache", 6379, referencedSecurityGroupId="sg-0123456789abcdef0"),
        "network-ingress-chain@added",
    ),
    told(
        "the database from itself, by the old rule type",
        adds_old_rule("ingress", "database", 5432, self=True),
        "network-ingress-chain@added",
    ),
    told(
        "the database from the load balancer, by the old rule type",
        adds_old_rule("ingress", "database", 5432, sourceSecurityGroupId=Ref(to="SecurityGroup alb")),
        "network-ingress-chain@added",
    ),
    told(
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
    told(
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
    told(
        "a rule on the VPC's own default group",
        adds(
            EGRESS,
            "added",
            securityGroupId=Ref(to=VPC, output="defaultSecurityGroupId"),
            ipProtocol="tcp",
            fromPort=443,
            toPort=443,
            cidrIpv4="0.0.0.0/0",
        ),
        "network-egress-written@added",
    ),
    told(
        "the database reaches the internet",
        adds_rule("egress", "database", 443, cidrIpv4="0.0.0.0/0"),
        "network-egress-written@added",
    ),
    told(
        "the cache talks to the database",
        adds_rule("egress", "cache", 5432, referencedSecurityGroupId=Ref(to="SecurityGroup database")),
        "network-egress-written@added",
    ),
    told(
        "the service reaches a private range",
        adds_rule("egress", "service", 443, cidrIpv4="10.1.0.0/16"),
        "network-egress-written@added",
    ),
    told(
        "the service reaches another prefix list",
        adds_rule("egress", "service", 443, prefixListId="pl-02cd2c6b"),
        "network-egress-written@added",
    ),
    told(
        "the load balancer reaches S3",
        adds_rule("egress", "alb", 443, prefixListId=Ref(to="VpcEndpoint s3", output="prefixListId")),
        "network-egress-written@added",
    ),
    *(
        told(f"no egress of {link}", removes(f"SecurityGroupEgressRule {link}"), f"network-egress-written@{group}")
        for link, group in (
            ("alb-service", "alb"),
            ("service-database", "service"),
            ("service-cache", "service"),
            ("service-endpoints", "service"),
        )
    ),
    told("the default group isn't adopted", removes(DEFAULT_GROUP), "network-default-group@main"),
    told(
        "the default group lets itself in",
        inline(DEFAULT_GROUP, "ingress", protocol="tcp", self=True),
        "network-default-group@default",
    ),
    told(
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
    told(
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

"""What the pack knows by itself of the types of resources: those that the document's architecture is made of.

As in `figures`, no other module's words are read. A list of forbidden types would pass those that it lacks, so the
types are a closed list: another type is added here once there are rules that judge it.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from policies.engine.rule import aws_type

# By AWS's module, as both stacks plan them. Production Architecture, and what its sections imply.
_PLANNED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        # The network and its ways in and out.
        "ec2": (
            "DefaultSecurityGroup", "Eip", "FlowLog", "InternetGateway", "NatGateway", "Route", "RouteTable",
            "RouteTableAssociation", "SecurityGroup", "Subnet", "Vpc", "VpcEndpoint",
        ),
        "vpc": ("SecurityGroupEgressRule", "SecurityGroupIngressRule"),
        "lb": ("Listener", "ListenerRule", "LoadBalancer", "TargetGroup"),
        "wafv2": ("WebAcl", "WebAclAssociation", "WebAclLoggingConfiguration"),
        "cloudfront": (
            "CachePolicy", "Distribution", "Function", "MonitoringSubscription", "OriginAccessControl",
            "ResponseHeadersPolicy",
        ),
        "acm": ("Certificate", "CertificateValidation"),
        "route53": ("HealthCheck", "Record"),
        # What runs, and where its images are.
        "ecs": ("Cluster", "Service", "TaskDefinition"),
        "appautoscaling": ("Policy", "Target"),
        "ecr": ("LifecyclePolicy", "ReplicationConfiguration", "Repository"),
        # What keeps data.
        "rds": ("Instance", "InstanceAutomatedBackupsReplication", "ParameterGroup", "SubnetGroup"),
        "elasticache": ("ParameterGroup", "ReplicationGroup", "SubnetGroup"),
        "s3": (
            "AccountPublicAccessBlock", "Bucket", "BucketLifecycleConfiguration", "BucketObjectLockConfiguration",
            "BucketOwnershipControls", "BucketPolicy", "BucketPublicAccessBlock", "BucketReplicationConfig",
            "BucketServerSideEncryptionConfiguration", "BucketVersioning",
        ),
        "sqs": ("Queue", "QueuePolicy", "RedriveAllowPolicy"),
        "secretsmanager": ("Secret", "SecretVersion"),
        "kms": ("Alias", "Key"),
        "backup": ("Plan", "Selection", "Vault", "VaultLockConfiguration"),
        # Who may do what.
        "iam": ("AccountPasswordPolicy", "Role", "RolePolicy", "RolePolicyAttachment"),
        # What is measured, written down and told.
        "cloudwatch": (
            "CompositeAlarm", "Dashboard", "EventRule", "EventTarget", "LogDataProtectionPolicy", "LogDelivery",
            "LogDeliveryDestination", "LogDeliverySource", "LogGroup", "LogMetricFilter", "LogResourcePolicy",
            "LogStream", "LogSubscriptionFilter", "MetricAlarm", "QueryDefinition",
        ),
        "sns": ("Topic", "TopicPolicy", "TopicSubscription"),
        "chatbot": ("SlackChannelConfiguration",),
        "cloudtrail": ("Trail",),
        "kinesis": ("FirehoseDeliveryStream",),
        # What watches the account.
        "accessanalyzer": ("Analyzer",),
        "cfg": ("DeliveryChannel", "Recorder", "RecorderStatus"),
        "ebs": ("EncryptionByDefault",),
        "guardduty": ("Detector", "DetectorFeature"),
        "securityhub": ("Account", "StandardsSubscription"),
    }
)  # fmt: skip

PLANNED = frozenset(
    {
        *(aws_type(module, name) for module, names in _PLANNED.items() for name in names),
        "random:index/randomId:RandomId",
        "random:index/randomPassword:RandomPassword",
        # The engine's own: the stack itself. Not StackReference: no stack reads another's state.
        "pulumi:pulumi:Stack",
    }
)

_OTHER_NAME = "the same resource under the SDK's other name, held to the same rules"

# In neither stack's plan, and yet judged in full: why each may be planned.
ALSO_JUDGED: Mapping[str, str] = MappingProxyType(
    {
        **{aws_type("alb", name): _OTHER_NAME for name in _PLANNED["lb"]},
        aws_type("ec2", "SecurityGroupRule"): "the older form of a security group's rule; the network rules read both",
        aws_type("ec2", "DefaultRouteTable"): "a route table; the network rules read its routes",
        aws_type("ec2", "SecurityGroupAssociation"): "an endpoint's security group; network-endpoints reads it",
        aws_type("ec2", "VpcEndpointRouteTableAssociation"): "an endpoint's route table; network-endpoints reads it",
        aws_type("kms", "KeyPolicy"): "a key's policy apart from the key; the encryption rules read both",
        aws_type("iam", "Policy"): "a policy that roles share; access-wildcards reads it like a role's",
    }
)


def _refused(rule: str, module: str, names: Iterable[str]) -> dict[str, str]:
    return {aws_type(module, name): rule for name in names}


# Refused wherever they are planned, with a clearer message than this list's: the rule that does it.
REFUSED_ELSEWHERE: Mapping[str, str] = MappingProxyType(
    {
        **_refused("access-no-users", "iam", (
            "AccessKey", "Group", "GroupMembership", "GroupPoliciesExclusive", "GroupPolicy", "GroupPolicyAttachment",
            "GroupPolicyAttachmentsExclusive", "ServiceSpecificCredential", "SigningCertificate", "SshKey", "User",
            "UserGroupMembership", "UserLoginProfile", "UserPoliciesExclusive", "UserPolicy", "UserPolicyAttachment",
            "UserPolicyAttachmentsExclusive", "VirtualMfaDevice",
        )),
        **_refused("access-attachments", "iam", (
            "PolicyAttachment", "RolePoliciesExclusive", "RolePolicyAttachmentsExclusive",
        )),
        **_refused("baseline-service-linked", "iam", ("ServiceLinkedRole",)),
        **_refused("edge-owner", "cloudfront", (
            "ConnectionGroup", "ContinuousDeploymentPolicy", "DistributionTenant", "MultitenantDistribution",
        )),
        **_refused("edge-no-websites", "s3", ("BucketWebsiteConfiguration", "BucketWebsiteConfigurationV2")),
        **_refused("storage-bucket-kind", "s3", ("BucketV2", "DirectoryBucket", "VectorsVectorBucket")),
        **_refused("storage-bucket-kind", "s3tables", ("TableBucket",)),
        **_refused("encryption-keys-rotate", "kms", ("ExternalKey", "ReplicaExternalKey", "ReplicaKey")),
        **_refused("origin-web-acl-rules", "wafv2", ("WebAclRule", "WebAclRuleGroupAssociation")),
        **_refused("origin-load-balancer", "elb", ("LoadBalancer",)),
    }
)  # fmt: skip

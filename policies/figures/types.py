"""The types of resources in the document's architecture.

An allow list, since a list of forbidden types is never complete: add a type once there are rules that judge it.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from policies.engine.rule import aws_type

# By AWS's module, as both stacks plan them. Production Architecture, and its sections' implications.
_PLANNED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        # Network and ingress.
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
        # The service and its images.
        "ecs": ("Cluster", "Service", "TaskDefinition"),
        "appautoscaling": ("Policy", "Target"),
        "ecr": ("LifecyclePolicy", "ReplicationConfiguration", "Repository"),
        # Data.
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
        "backup": (
            "Plan", "RestoreTestingPlan", "RestoreTestingSelection", "Selection", "Vault", "VaultLockConfiguration",
        ),
        # Access.
        "iam": (
            "AccountPasswordPolicy", "OpenIdConnectProvider", "Policy", "Role", "RolePolicy", "RolePolicyAttachment",
        ),
        # Metrics, logs and notifications.
        "cloudwatch": (
            "CompositeAlarm", "Dashboard", "EventRule", "EventTarget", "LogDataProtectionPolicy", "LogDelivery",
            "LogDeliveryDestination", "LogDeliverySource", "LogGroup", "LogMetricFilter", "LogResourcePolicy",
            "LogStream", "LogSubscriptionFilter", "MetricAlarm", "QueryDefinition",
        ),
        "sns": ("Topic", "TopicPolicy", "TopicSubscription"),
        "chatbot": ("SlackChannelConfiguration",),
        "cloudtrail": ("Trail",),
        "athena": ("Workgroup",),
        "glue": ("CatalogDatabase", "CatalogTable"),
        "kinesis": ("FirehoseDeliveryStream",),
        # The account's baseline.
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
        # The stack itself. StackReference is missing: no stack reads another's state.
        "pulumi:pulumi:Stack",
    }
)

_OTHER_NAME = "the same resource under the SDK's other name, judged by the same rules"

# In neither stack's plan, but judged in full, and why each is allowed.
ALSO_JUDGED: Mapping[str, str] = MappingProxyType(
    {
        **{aws_type("alb", name): _OTHER_NAME for name in _PLANNED["lb"]},
        aws_type("ec2", "SecurityGroupRule"): "the older form of a security group's rule; the network rules read both",
        aws_type("ec2", "DefaultRouteTable"): "a route table; the network rules read its routes",
        aws_type("ec2", "SecurityGroupAssociation"): "an endpoint's security group; network-endpoints reads it",
        aws_type("ec2", "VpcEndpointRouteTableAssociation"): "an endpoint's route table; network-endpoints reads it",
        aws_type("kms", "KeyPolicy"): "a key's policy apart from the key; the encryption rules read both",
    }
)


def _refused(rule: str, module: str, names: Iterable[str]) -> dict[str, str]:
    return {aws_type(module, name): rule for name in names}


# Forbidden types, and the rule that reports each with a clearer message than this list's.
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

"""The types of resources that several chapters read."""

from policies.engine.rule import aws_type


def of_bucket(kind: str) -> str:
    """Return the type of a bucket's part."""
    return aws_type("s3", kind)


# Network.
SUBNET = "aws:ec2/subnet:Subnet"
VPC = "aws:ec2/vpc:Vpc"
VPC_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"

# Ingress. The SDK has two names for each of a load balancer's types.
CERTIFICATE = aws_type("acm", "Certificate")
CERTIFICATE_VALIDATION = aws_type("acm", "CertificateValidation")
DISTRIBUTION = aws_type("cloudfront", "Distribution")
HEALTH_CHECK = "aws:route53/healthCheck:HealthCheck"
LISTENER_RULES = ("aws:lb/listenerRule:ListenerRule", "aws:alb/listenerRule:ListenerRule")
LOAD_BALANCERS = ("aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer")
TARGET_GROUPS = ("aws:lb/targetGroup:TargetGroup", "aws:alb/targetGroup:TargetGroup")
WEB_ACL = "aws:wafv2/webAcl:WebAcl"

# Service.
ECS_CLUSTER = "aws:ecs/cluster:Cluster"
ECS_SERVICE = "aws:ecs/service:Service"

# Data.
BACKUP_REPLICATION = "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication"
BACKUP_VAULT = "aws:backup/vault:Vault"
BACKUP_VAULT_LOCK = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"
DB_INSTANCE = "aws:rds/instance:Instance"
DB_PARAMETER_GROUP = "aws:rds/parameterGroup:ParameterGroup"
REDIS_GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"

# Storage.
BUCKET = "aws:s3/bucket:Bucket"
BUCKET_ENCRYPTION = of_bucket("BucketServerSideEncryptionConfiguration")
BUCKET_LIFECYCLE = of_bucket("BucketLifecycleConfiguration")
BUCKET_POLICY = of_bucket("BucketPolicy")
BUCKET_REPLICATION = of_bucket("BucketReplicationConfig")
BUCKET_VERSIONING = of_bucket("BucketVersioning")
QUEUE = "aws:sqs/queue:Queue"
REPOSITORY = "aws:ecr/repository:Repository"

# Access, keys, events and logs.
EVENT_RULE, EVENT_TARGET = aws_type("cloudwatch", "EventRule"), aws_type("cloudwatch", "EventTarget")
IAM_OIDC_PROVIDER = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
IAM_ROLE = "aws:iam/role:Role"
IAM_ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
IAM_ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
IAM_POLICY = "aws:iam/policy:Policy"
IAM_POLICIES = (
    IAM_ROLE_POLICY,
    IAM_POLICY,
    "aws:iam/groupPolicy:GroupPolicy",
    "aws:iam/userPolicy:UserPolicy",
)
KMS_KEY = "aws:kms/key:Key"
KMS_KEY_POLICY = "aws:kms/keyPolicy:KeyPolicy"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
METRIC_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
SECRETS = ("aws:secretsmanager/secret:Secret",)

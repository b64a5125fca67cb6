"""Which types of resources the pictures show, and which they don't, with the reason.

A type that is in neither table is an error: nothing can be missing from the pictures by oversight.
"""

from collections.abc import Mapping

from reports.diagram.reading import kind
from reports.states import State

# The box, container or figure that shows each type.
DRAWN: Mapping[str, str] = {
    "accessanalyzer/analyzer": "Security",
    "appautoscaling/policy": "ECS tasks: the load at which they are scaled",
    "appautoscaling/target": "ECS tasks: the least and the most",
    "athena/workgroup": "S3 archive",
    "backup/plan": "AWS Backup",
    "backup/restoreTestingPlan": "AWS Backup",
    "backup/restoreTestingSelection": "AWS Backup: restore tests",
    "backup/selection": "AWS Backup",
    "backup/vault": "AWS Backup; the vault in the other region",
    "backup/vaultLockConfiguration": "AWS Backup: locked",
    "cfg/recorder": "Security",
    "chatbot/slackChannelConfiguration": "Slack",
    "cloudfront/distribution": "CloudFront",
    "cloudtrail/trail": "CloudTrail",
    "cloudwatch/compositeAlarm": "CloudWatch: alarms",
    "cloudwatch/dashboard": "CloudWatch: dashboard",
    "cloudwatch/eventRule": "CloudWatch: event rules",
    "cloudwatch/eventTarget": "CloudWatch; one-off tasks that events start",
    "cloudwatch/logGroup": "Logs",
    "cloudwatch/logSubscriptionFilter": "Firehose: log groups",
    "cloudwatch/metricAlarm": "CloudWatch: alarms",
    "ec2/eip": "NAT gateway: elastic IP",
    "ec2/flowLog": "the VPC's note",
    "ec2/internetGateway": "the VPC's note",
    "ec2/natGateway": "NAT gateway",
    "ec2/route": "the subnets' tiers, and the arrows to the NAT gateways",
    "ec2/routeTable": "the subnets' tiers",
    "ec2/routeTableAssociation": "the subnets' tiers",
    "ec2/subnet": "the zones and the subnets",
    "ec2/vpc": "the VPC",
    "ec2/vpcEndpoint": "Endpoints, and the arrows from there",
    "ecr/replicationConfiguration": "ECR images in the other region",
    "ecr/repository": "ECR images",
    "ecs/cluster": "ECS tasks",
    "ecs/service": "ECS tasks",
    "ecs/taskDefinition": "ECS tasks, one-off tasks",
    "elasticache/parameterGroup": "Redis",
    "elasticache/replicationGroup": "Redis",
    "elasticache/subnetGroup": "Redis",
    "glue/catalogDatabase": "S3 archive",
    "glue/catalogTable": "S3 archive",
    "guardduty/detector": "Security",
    "kinesis/firehoseDeliveryStream": "Firehose",
    "kms/key": "KMS; the title of the copies",
    "lb/listener": "ALB node: protocol and port",
    "lb/listenerRule": "Latch of the failover",
    "lb/loadBalancer": "ALB node",
    "lb/targetGroup": "ECS tasks",
    "rds/instance": "RDS primary, standby, replica",
    "rds/instanceAutomatedBackupsReplication": "RDS backups in the other region",
    "rds/parameterGroup": "RDS primary",
    "rds/subnetGroup": "RDS primary",
    "route53/healthCheck": "failover: the health check of the primary record",
    "route53/record": "CloudFront's names, the origin's name",
    "s3/bucket": "S3",
    "s3/bucketLifecycleConfiguration": "S3: how long replaced versions are kept",
    "s3/bucketObjectLockConfiguration": "S3 archive: locked",
    "s3/bucketReplicationConfig": "the arrows between buckets",
    "s3/bucketVersioning": "S3: versions",
    "secretsmanager/secret": "Secrets Manager; its replicas",
    "securityhub/account": "Security",
    "sns/topic": "SNS topics",
    "sns/topicSubscription": "PagerDuty",
    "sqs/queue": "SQS jobs",
    "vpc/securityGroupEgressRule": "the arrows to the NAT gateways",
    "vpc/securityGroupIngressRule": "the arrows inside the VPC, with their ports",
    "wafv2/webAcl": "WAF; ALB node",
    "wafv2/webAclAssociation": "ALB node: web ACL",
}

# Why a type has no place in the pictures.
_CERTIFICATE = "implied by HTTPS and TLS"
_PERMISSION = "who may do what is no part of the layout: docs/architecture/access.md"
_PROPERTY = "a property of what is drawn"
_BASELINE = "a setting of the account or the region"
_STATE = "only part of Pulumi's state"
NOT_DRAWN: Mapping[str, str] = {
    "acm/certificate": _CERTIFICATE,
    "acm/certificateValidation": _CERTIFICATE,
    "cfg/deliveryChannel": _PROPERTY,
    "cfg/recorderStatus": _PROPERTY,
    "cloudfront/cachePolicy": _PROPERTY,
    "cloudfront/function": _PROPERTY,
    "cloudfront/monitoringSubscription": _PROPERTY,
    "cloudfront/originAccessControl": _PROPERTY,
    "cloudfront/responseHeadersPolicy": _PROPERTY,
    "cloudwatch/logDataProtectionPolicy": _PROPERTY,
    "cloudwatch/logDelivery": _PROPERTY,
    "cloudwatch/logDeliveryDestination": _PROPERTY,
    "cloudwatch/logDeliverySource": _PROPERTY,
    "cloudwatch/logMetricFilter": _PROPERTY,
    "cloudwatch/logResourcePolicy": _PERMISSION,
    "cloudwatch/logStream": _PROPERTY,
    "cloudwatch/queryDefinition": _PROPERTY,
    "ebs/encryptionByDefault": _BASELINE,
    "ec2/defaultSecurityGroup": "has no rules and no members",
    "ec2/securityGroup": "its rules are the arrows",
    "ecr/lifecyclePolicy": _PROPERTY,
    "guardduty/detectorFeature": _PROPERTY,
    "iam/accountPasswordPolicy": _BASELINE,
    "iam/openIdConnectProvider": _PERMISSION,
    "iam/policy": _PERMISSION,
    "iam/role": _PERMISSION,
    "iam/rolePolicy": _PERMISSION,
    "iam/rolePolicyAttachment": _PERMISSION,
    "kms/alias": _PROPERTY,
    "random:index/randomId:RandomId": _STATE,
    "random:index/randomPassword:RandomPassword": _STATE,
    "s3/accountPublicAccessBlock": _BASELINE,
    "s3/bucketOwnershipControls": _PROPERTY,
    "s3/bucketPolicy": _PERMISSION,
    "s3/bucketPublicAccessBlock": _PROPERTY,
    "s3/bucketServerSideEncryptionConfiguration": _PROPERTY,
    "secretsmanager/secretVersion": _PROPERTY,
    "securityhub/standardsSubscription": _PROPERTY,
    "sns/topicPolicy": _PERMISSION,
    "sqs/queuePolicy": _PERMISSION,
    "sqs/redriveAllowPolicy": _PROPERTY,
    "wafv2/webAclLoggingConfiguration": _PROPERTY,
}


def check_kinds(state: State) -> None:
    """Raise ValueError with every type that is in neither table."""
    kinds = {kind(resource) for resource in state.resources if not resource.is_component}
    if unknown := sorted(kinds - set(DRAWN) - set(NOT_DRAWN)):
        raise ValueError(
            f"{state.stack} has types that the pictures neither show nor leave out on purpose: {', '.join(unknown)}\n"
            f"Add each to DRAWN or NOT_DRAWN in {__name__.replace('.', '/')}.py."
        )

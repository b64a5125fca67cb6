"""Which changed properties replace a resource of compute, load balancer, storage or names. replacements.py says how."""

from collections.abc import Mapping

from sandbox.replacement import Replacement, row

_PART_OF_BUCKET = ("bucket", "expectedBucketOwner")

SERVICE: Mapping[str, Replacement] = {
    "aws:acm/certificate:Certificate": row(
        "acm/certificate.go: ForceNew; names are lists that AWS fills in",
        "certificateAuthorityArn", "validationOptions",
        kept=frozenset({"domainName", "keyAlgorithm", "subjectAlternativeNames", "validationMethod"}),
    ),
    "aws:acm/certificateValidation:CertificateValidation": row(
        "acm/certificate_validation.go: ForceNew on both; not read", "certificateArn", "validationRecordFqdns"
    ),
    "aws:appautoscaling/policy:Policy": row(
        "appautoscaling/policy.go: ForceNew; not read", "name", "resourceId", "scalableDimension", "serviceNamespace"
    ),
    "aws:appautoscaling/target:Target": row(
        "appautoscaling/target.go: ForceNew; the counts are RegisterScalableTarget again",
        "resourceId", "scalableDimension", "serviceNamespace",
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": row("cloudwatch/metric_alarm.go: ForceNew; not read", "name"),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": row(
        "ecr/lifecycle_policy.go: ForceNew on both; it has no Update", "policy", "repository"
    ),
    "aws:ecr/replicationConfiguration:ReplicationConfiguration": row(
        "ecr/replication_configuration.go: no ForceNew; PutReplicationConfiguration again; not read"
    ),
    "aws:ecr/repository:Repository": row(
        "ecr/repository.go: ForceNew; tags' mutability and scanning change in place; not read",
        "encryptionConfigurations", "name",
    ),
    "aws:ecs/cluster:Cluster": row("ecs/cluster.go: ForceNew; not read", "name"),
    "aws:ecs/service:Service": row(
        "ecs/service.go: ForceNew; not read",
        "cluster", "deploymentController", "iamRole", "launchType", "name", "schedulingStrategy",
    ),
    "aws:ecs/taskDefinition:TaskDefinition": row(
        "ecs/task_definition.go: ForceNew on all but tags, skip_destroy and track_latest; not read",
        "containerDefinitions", "cpu", "enableFaultInjection", "ephemeralStorage", "executionRoleArn", "family",
        "ipcMode", "memory", "networkMode", "pidMode", "placementConstraints", "proxyConfiguration",
        "requiresCompatibilities", "runtimePlatform", "taskRoleArn", "volumes",
    ),
    "aws:lb/listener:Listener": row("elbv2/listener.go: ForceNew; not read", "loadBalancerArn"),
    "aws:lb/listenerRule:ListenerRule": row(
        "elbv2/listener_rule.go: ForceNew; another priority is SetRulePriorities; not read", "listenerArn"
    ),
    "aws:lb/loadBalancer:LoadBalancer": row(
        "elbv2/load_balancer.go: ForceNew; of an application load balancer subnets and groups change in place",
        "customerOwnedIpv4Pool", "loadBalancerType",
        kept=frozenset({"internal", "name", "namePrefix"}),
    ),
    "aws:lb/targetGroup:TargetGroup": row(
        "elbv2/target_group.go: ForceNew; the health check changes in place",
        "port", "protocol", "targetType", "vpcId",
        kept=frozenset({"ipAddressType", "name", "namePrefix", "protocolVersion"}),
    ),
    "aws:route53/record:Record": row(
        "route53/record.go: ForceNew; another type or set identifier is a delete and a create within an update",
        "name", "zoneId",
    ),
    "aws:s3/bucket:Bucket": row(
        "s3/bucket.go: ForceNew; not read",
        "bucketNamespace",
        kept=frozenset({"bucket", "bucketPrefix", "objectLockEnabled"}),
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": row(
        "s3/bucket_lifecycle_configuration.go: RequiresReplace; not read", *_PART_OF_BUCKET
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": row(
        "s3/bucket_ownership_controls.go: ForceNew; not read", "bucket"
    ),
    "aws:s3/bucketPolicy:BucketPolicy": row("s3/bucket_policy.go: ForceNew; not read", "bucket"),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": row(
        "s3/bucket_public_access_block.go: ForceNew; not read", "bucket"
    ),
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": row(
        "s3/bucket_replication_configuration.go: ForceNew; not read", "bucket"
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": row(
        "s3/bucket_server_side_encryption_configuration.go: ForceNew; not read", *_PART_OF_BUCKET
    ),
    "aws:s3/bucketVersioning:BucketVersioning": row("s3/bucket_versioning.go: ForceNew; not read", *_PART_OF_BUCKET),
    "aws:sqs/queue:Queue": row(
        "sqs/queue.go: ForceNew; keys, times and redrive change in place; not read", "fifoQueue", "name", "namePrefix"
    ),
    "aws:sqs/queuePolicy:QueuePolicy": row("sqs/queue_policy.go: ForceNew; not read", "queueUrl"),
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": row(
        "sqs/queue_redrive_allow_policy.go: ForceNew; not read", "queueUrl"
    ),
    "aws:wafv2/webAcl:WebAcl": row("wafv2/web_acl.go: ForceNew; rules change in place; not read", "name", "scope"),
    "aws:wafv2/webAclAssociation:WebAclAssociation": row(
        "wafv2/web_acl_association.go: ForceNew on both; not read", "resourceArn", "webAclArn"
    ),
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": row(
        "wafv2/web_acl_logging_configuration.go: ForceNew; not read", "resourceArn"
    ),
}  # fmt: skip

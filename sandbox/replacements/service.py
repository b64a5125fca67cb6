"""Which changed properties replace a resource of compute, load balancer, storage or names. replacements.py says how."""

from collections.abc import Mapping

from sandbox.replacements.replacement import Replacement, row

SERVICE: Mapping[str, Replacement] = {
    "aws:acm/certificate:Certificate": row(
        "acm/certificate.go: ForceNew; certificateBody, certificateChain and privateKey are imported anew, in place",
        "certificateAuthorityArn", "validationOptions",
        kept=frozenset({"domainName", "keyAlgorithm", "subjectAlternativeNames", "validationMethod"}),
    ),
    "aws:acm/certificateValidation:CertificateValidation": row(
        "acm/certificate_validation.go: ForceNew on both; it has no Update", "certificateArn", "validationRecordFqdns"
    ),
    "aws:appautoscaling/policy:Policy": row(
        "appautoscaling/policy.go: ForceNew; another policyType and the configurations are PutScalingPolicy again",
        "name", "resourceId", "scalableDimension", "serviceNamespace",
    ),
    "aws:appautoscaling/target:Target": row(
        "appautoscaling/target.go: ForceNew, as of version 5; the counts are RegisterScalableTarget again",
        "resourceId", "scalableDimension", "serviceNamespace",
    ),
    "aws:cloudwatch/dashboard:Dashboard": row(
        "cloudwatch/dashboard.go: ForceNew on dashboard_name; the body is PutDashboard again", "dashboardName"
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": row(
        "cloudwatch/metric_alarm.go: ForceNew on alarm_name; all else is PutMetricAlarm again", "name"
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": row(
        "ecr/lifecycle_policy.go: ForceNew on both; it has no Update. A policy that says the same in other words is no "
        "change (DiffSuppressFunc), left out here",
        "policy", "repository",
    ),
    "aws:ecr/replicationConfiguration:ReplicationConfiguration": row(
        "ecr/replication_configuration.go: no ForceNew; another configuration is PutReplicationConfiguration again"
    ),
    "aws:ecr/repository:Repository": row(
        "ecr/repository.go: ForceNew; tags' mutability and scanning change in place. Naming the default encryption, "
        "AES256, or leaving it out again is no change (DiffSuppressFunc), left out here",
        "encryptionConfigurations", "name",
    ),
    "aws:ecs/cluster:Cluster": row("ecs/cluster.go: ForceNew; the rest is UpdateCluster", "name"),
    "aws:ecs/service:Service": row(
        "ecs/service.go: ForceNew; another deploymentController is UpdateService. CustomizeDiff refuses other "
        "capacityProviderStrategies without forceNewDeployment, and replaces for none",
        "name", "schedulingStrategy",
        kept=frozenset({"cluster", "iamRole", "launchType"}),
    ),
    "aws:ecs/taskDefinition:TaskDefinition": row(
        "ecs/task_definition.go: ForceNew on all but tags, skip_destroy and track_latest, as of version 5. Container "
        "definitions that say the same in other words are no change (DiffSuppressFunc), left out here",
        "containerDefinitions", "cpu", "ephemeralStorage", "executionRoleArn", "family", "ipcMode", "memory", "pidMode",
        "placementConstraints", "proxyConfiguration", "requiresCompatibilities", "runtimePlatform", "taskRoleArn",
        "volumes",
        kept=frozenset({"enableFaultInjection", "networkMode"}),
    ),
    "aws:lb/listener:Listener": row(
        "elbv2/listener.go: ForceNew, as of version 5; port, protocol, certificate and actions are ModifyListener",
        "loadBalancerArn",
    ),
    "aws:lb/listenerRule:ListenerRule": row(
        "elbv2/listener_rule.go: ForceNew; another priority is SetRulePriorities, in place", "listenerArn"
    ),
    "aws:lb/loadBalancer:LoadBalancer": row(
        "elbv2/load_balancer.go: ForceNew, and CustomizeDiff for a subnet mapping that changes (one more or one less "
        "is in place). What it says of network load balancers' subnets and groups is left out here",
        "customerOwnedIpv4Pool", "loadBalancerType", "subnetMappings.allocationId", "subnetMappings.ipv6Address",
        "subnetMappings.privateIpv4Address", "subnetMappings.subnetId",
        kept=frozenset({"internal", "name", "namePrefix"}),
    ),
    "aws:lb/targetGroup:TargetGroup": row(
        "elbv2/target_group.go: ForceNew; health check, stickiness and attributes change in place. A Lambda's port, "
        "protocol and VPC are no change (DiffSuppressFunc), left out here. targetControlPort, which is newer than what "
        "was read, by its pull request, 45270",
        "port", "protocol", "targetControlPort", "targetType", "vpcId",
        kept=frozenset({"ipAddressType", "name", "namePrefix", "protocolVersion"}),
    ),
    "aws:route53/record:Record": row(
        "route53/record.go: ForceNew; another type or set identifier is a delete and a create within an update",
        "name", "zoneId",
    ),
    "aws:s3/bucket:Bucket": row(
        "s3/bucket.go: ForceNew, as of version 5; bucketNamespace, which is newer, by its pull request, 46917",
        "bucketNamespace", "objectLockConfiguration.objectLockEnabled",
        kept=frozenset({"bucket", "bucketPrefix", "objectLockEnabled"}),
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": row(
        "s3/bucket_lifecycle_configuration.go: RequiresReplace, before expectedBucketOwner was deprecated",
        "bucket",
        kept=frozenset({"expectedBucketOwner"}),
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": row(
        "s3/bucket_ownership_controls.go: ForceNew, as of version 5; another rule changes in place", "bucket"
    ),
    "aws:s3/bucketPolicy:BucketPolicy": row(
        "s3/bucket_policy.go: ForceNew; another policy is PutBucketPolicy again", "bucket"
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": row(
        "s3/bucket_public_access_block.go: ForceNew; the four settings change in place", "bucket"
    ),
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": row(
        "s3/bucket_replication_configuration.go: ForceNew, as of version 5; role and rules change in place", "bucket"
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": row(
        "s3/bucket_server_side_encryption_configuration.go: ForceNew, and CustomizeDiff for expectedBucketOwner: "
        "naming one's own account for the first time is in place, left out here",
        "bucket", "expectedBucketOwner",
    ),
    "aws:s3/bucketVersioning:BucketVersioning": row(
        "s3/bucket_versioning.go: ForceNew, as of version 5, before expectedBucketOwner was deprecated; CustomizeDiff "
        "refuses Disabled once it was Enabled",
        "bucket", "expectedBucketOwner",
    ),
    "aws:sqs/queue:Queue": row(
        "sqs/queue.go: ForceNew; keys, times, policies and redrive change in place",
        "fifoQueue",
        kept=frozenset({"name", "namePrefix"}),
    ),
    "aws:sqs/queuePolicy:QueuePolicy": row(
        "sqs/queue_policy.go: ForceNew; another policy is SetQueueAttributes again", "queueUrl"
    ),
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": row(
        "sqs/queue_redrive_allow_policy.go: ForceNew, as of version 5; another policy is SetQueueAttributes again",
        "queueUrl",
    ),
    "aws:wafv2/webAcl:WebAcl": row(
        "wafv2/web_acl.go: ForceNew; rules, default action and description are UpdateWebACL",
        "scope",
        kept=frozenset({"name", "namePrefix"}),
    ),
    "aws:wafv2/webAclAssociation:WebAclAssociation": row(
        "wafv2/web_acl_association.go: ForceNew on both, as of version 5; it has no Update", "resourceArn", "webAclArn"
    ),
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": row(
        "wafv2/web_acl_logging_configuration.go: ForceNew; filter and redacted fields change in place",
        "logDestinationConfigs", "resourceArn",
    ),
}  # fmt: skip

"""Inputs that violate AWS's models: a changed property of a planned resource, and the expected message."""

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.values import Value

REMOVED = "(removed)"


@dataclass(frozen=True, kw_only=True)
class Violation:
    """A resource type, the changed property (its path) and value, and the expected message and operation."""

    type: str
    path: str
    value: Value
    message: str
    operation: str

    @property
    def id(self) -> str:
        """The test's name."""
        return f"{self.type.split(':')[-1]}.{self.path}"


def _of(type_: str, operation: str, *cases: tuple[str, Value, str]) -> Sequence[Violation]:
    return [Violation(type=type_, path=p, value=v, message=m, operation=operation) for p, v, m in cases]


_ONE_OF = "is not allowed:"
_PATTERN = "does not match"

VIOLATIONS: Sequence[Violation] = [
    *_of("aws:wafv2/webAcl:WebAcl", "wafv2 CreateWebACL",
        ("description", "Guards what doesn't come through CloudFront", "Description"),
        ("name", "taskflow acl", _PATTERN),
        ("scope", "GLOBAL", _ONE_OF),
        ("visibilityConfig.metricName", "a b", _PATTERN),
        ("rules[0].priority", -1, "at least 0"),
        ("rules[0].name", "a/b", "Rules.Name"),
    ),
    *_of("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration", "wafv2 PutLoggingConfiguration",
        ("resourceArn", "arn:short", "9 characters, at least 20")),
    *_of("aws:cloudwatch/metricAlarm:MetricAlarm", "cloudwatch PutMetricAlarm",
        ("comparisonOperator", "GreaterThan", "GreaterThanThreshold"),
        ("evaluationPeriods", 0, "at least 1"),
        ("alarmDescription", "x" * 1025, "1025 characters, at most 1024"),
        ("alarmActions", list[Value](["arn"] * 6), "6 items, at most 5"),
    ),
    *_of("aws:cloudwatch/compositeAlarm:CompositeAlarm", "cloudwatch PutCompositeAlarm",
        ("alarmRule", "x" * 10241, "at most 10240")),
    *_of("aws:cloudwatch/logGroup:LogGroup", "logs CreateLogGroup",
        ("name", "/taskflow/a b", _PATTERN), ("logGroupClass", "COLD", _ONE_OF)),
    *_of("aws:cloudwatch/logGroup:LogGroup", "logs PutRetentionPolicy",
        ("retentionInDays", 100, "1, 3, 5, 7")),
    *_of("aws:cloudwatch/logMetricFilter:LogMetricFilter", "logs PutMetricFilter",
        ("metricTransformation.name", "a:b", _PATTERN), ("pattern", "x" * 1025, "at most 1024")),
    *_of("aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination", "logs PutDeliveryDestination",
        ("outputFormat", "csv", "json, parquet, plain, raw, w3c")),
    *_of("aws:cloudwatch/eventRule:EventRule", "events PutRule",
        ("name", "taskflow events", _PATTERN), ("description", "x" * 513, "at most 512")),
    *_of("aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration",
        "chatbot CreateSlackChannelConfiguration",
        ("slackChannelId", "#alerts", _PATTERN), ("loggingLevel", "DEBUG", "(ERROR|INFO|NONE)")),
    *_of("aws:sns/topicSubscription:TopicSubscription", "sns Subscribe", ("protocol", "slack", _ONE_OF)),
    *_of("aws:iam/role:Role", "iam CreateRole",
        ("description", "Lets people in — for an hour", _PATTERN),
        ("maxSessionDuration", 900, "at least 3600"),
        ("name", "x" * 65, "65 characters, at most 64"),
        ("assumeRolePolicy", "{“Version”: 1}", _PATTERN),
    ),
    *_of("aws:iam/rolePolicy:RolePolicy", "iam PutRolePolicy",
        ("name", "read/write", _PATTERN), ("policy", "x" * 131073, "at most 131072")),
    *_of("aws:iam/accountPasswordPolicy:AccountPasswordPolicy", "iam UpdateAccountPasswordPolicy",
        ("minimumPasswordLength", 5, "at least 6"), ("passwordReusePrevention", 25, "at most 24")),
    *_of("aws:kms/alias:Alias", "kms CreateAlias", ("name", "alias/task flow", _PATTERN)),
    *_of("aws:kms/key:Key", "kms CreateKey", ("keyUsage", "ENCRYPT", _ONE_OF)),
    *_of("aws:secretsmanager/secret:Secret", "secretsmanager CreateSecret",
        ("name", "taskflow/pass word", _PATTERN), ("replicas[0].region", "us-west", _PATTERN)),
    *_of("aws:secretsmanager/secret:Secret", "secretsmanager DeleteSecret",
        ("recoveryWindowInDays", 5, "at least 7")),
    *_of("aws:backup/vault:Vault", "backup CreateBackupVault", ("name", "taskflow.production", _PATTERN)),
    *_of("aws:backup/plan:Plan", "backup CreateBackupPlan",
        ("rules[0].ruleName", "each week", "BackupPlan.Rules.RuleName")),
    *_of("aws:elasticache/replicationGroup:ReplicationGroup", "elasticache CreateReplicationGroup",
        ("logDeliveryConfigurations[0].logType", "slowlog", "engine-log, slow-log"),
        ("replicasPerNodeGroup", 6, "at most 5"),
        ("authToken", "short", "5 characters, at least 16"),
    ),
    *_of("aws:rds/instance:Instance", "rds CreateDBInstance",
        ("monitoringInterval", 45, "0, 1, 5, 10, 15, 30, 60"),
        ("backupWindow", "3:00-4:00", _PATTERN),
        ("storageType", "gp4", "gp2, gp3")),
    *_of("aws:rds/parameterGroup:ParameterGroup", "rds ModifyDBParameterGroup",
        ("parameters[0].applyMethod", "on-reboot", "immediate, pending-reboot")),
    *_of("aws:ec2/securityGroup:SecurityGroup", "ec2 CreateSecurityGroup",
        ("description", "What doesn't come from CloudFront", _PATTERN)),
    *_of("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "ec2 AuthorizeSecurityGroupIngress",
        ("ipProtocol", "https", _PATTERN), ("description", "x" * 256, "at most 255")),
    *_of("aws:ec2/vpcEndpoint:VpcEndpoint", "ec2 CreateVpcEndpoint", ("vpcEndpointType", "interface", "Interface")),
    *_of("aws:ec2/flowLog:FlowLog", "ec2 CreateFlowLogs", ("trafficType", "DENIED", "ACCEPT, ALL, REJECT")),
    *_of("aws:s3/bucketVersioning:BucketVersioning", "s3 PutBucketVersioning",
        ("versioningConfiguration.status", "On", "Enabled, Suspended")),
    *_of("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "s3 PutBucketLifecycleConfiguration",
        ("rules[0].status", "enabled", "Disabled, Enabled"),
        ("rules[0].noncurrentVersionExpiration.noncurrentDays", 0, "at least 1")),
    *_of("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "s3 PutBucketEncryption",
        ("rules[0].applyServerSideEncryptionByDefault.sseAlgorithm", "kms", _ONE_OF)),
    *_of("aws:s3/bucketOwnershipControls:BucketOwnershipControls", "s3 PutBucketOwnershipControls",
        ("rule.objectOwnership", "BucketOwner", _ONE_OF)),
    *_of("aws:ecr/repository:Repository", "ecr CreateRepository",
        ("name", "TaskFlow", _PATTERN), ("imageTagMutability", "FIXED", _ONE_OF)),
    *_of("aws:sqs/queue:Queue", "sqs CreateQueue",
        ("visibilityTimeoutSeconds", 43_201, "at most 43200"), ("messageRetentionSeconds", 30, "at least 60")),
    *_of("aws:athena/workgroup:Workgroup", "athena CreateWorkGroup",
        ("name", "task flow", _PATTERN), ("configuration.bytesScannedCutoffPerQuery", 1, "at least 10000000")),
    *_of("aws:glue/catalogTable:CatalogTable", "glue CreateTable",
        ("tableType", "x" * 256, "at most 255"), ("storageDescriptor.columns[0].name", "x" * 256, "at most 255")),
    *_of("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", "firehose CreateDeliveryStream",
        ("extendedS3Configuration.bufferingInterval", 901, "BufferingHints.IntervalInSeconds"),
        ("extendedS3Configuration.bucketArn", "taskflow", _PATTERN)),
    *_of("aws:cloudfront/distribution:Distribution", "cloudfront CreateDistribution",
        ("httpVersion", "HTTP2", "http1.1, http2, http2and3, http3"),
        ("viewerCertificate.minimumProtocolVersion", "TLSv1.4", _ONE_OF),
        ("defaultCacheBehavior.viewerProtocolPolicy", "https", "https-only"),
        ("customErrorResponses[0].errorCode", 302, "at least 400")),
    *_of("aws:cloudfront/function:Function", "cloudfront CreateFunction",
        ("runtime", "cloudfront-js-3.0", _ONE_OF), ("code", "é" * 20481, "40962 bytes, at most 40960")),
    *_of("aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy", "cloudfront CreateResponseHeadersPolicy",
        ("securityHeadersConfig.frameOptions.frameOption", "NONE", "DENY, SAMEORIGIN")),
    *_of("aws:route53/healthCheck:HealthCheck", "route53 CreateHealthCheck",
        ("requestInterval", 5, "at least 10"), ("failureThreshold", 11, "at most 10"), ("type", "PING", _ONE_OF)),
    *_of("aws:route53/record:Record", "route53 ChangeResourceRecordSets", ("type", "ALIAS", _ONE_OF)),
    *_of("aws:acm/certificate:Certificate", "acm RequestCertificate",
        ("validationMethod", "CNAME", "DNS, EMAIL, HTTP"), ("domainName", f"{'x' * 60}.taskflow.app", "at most 64")),
    *_of("aws:lb/targetGroup:TargetGroup", "elbv2 CreateTargetGroup",
        ("healthCheck.interval", 301, "HealthCheckIntervalSeconds"),
        ("protocol", "HTTP/2", _ONE_OF),
        ("port", 0, "at least 1")),
    *_of("aws:lb/listener:Listener", "elbv2 CreateListener",
        ("defaultActions[0].fixedResponse.statusCode", "302", _PATTERN)),
    *_of("aws:lb/listenerRule:ListenerRule", "elbv2 CreateRule", ("priority", 50_001, "at most 50000")),
    *_of("aws:ecs/taskDefinition:TaskDefinition", "ecs RegisterTaskDefinition", ("networkMode", "vpc", _ONE_OF),
        ("containerDefinitions", f'[{{"image": "a/b@sha256:{"0" * 63}"}}]', _PATTERN),
        ("containerDefinitions", '[{"linuxParameters": {"capabilities": {"drop": ["CAP_CHOWN"]}}}]', _ONE_OF)),
    *_of("aws:ecs/service:Service", "ecs CreateService",
        ("name", "taskflow api", _PATTERN), ("propagateTags", "TASKS", _ONE_OF)),
    *_of("aws:appautoscaling/target:Target", "application-autoscaling RegisterScalableTarget",
        ("scalableDimension", "ecs:service:Count", _ONE_OF)),
    *_of("aws:guardduty/detector:Detector", "guardduty CreateDetector",
        ("findingPublishingFrequency", "DAILY", "FIFTEEN_MINUTES, ONE_HOUR, SIX_HOURS")),
    *_of("aws:cfg/recorder:Recorder", "config PutConfigurationRecorder",
        ("recordingMode", {"recordingFrequency": "HOURLY"}, "ConfigurationRecorder.recordingMode.recordingFrequency")),
    *_of("aws:accessanalyzer/analyzer:Analyzer", "accessanalyzer CreateAnalyzer",
        ("analyzerName", "1st", _PATTERN), ("type", "REGION", _ONE_OF)),
    # Tags are maps here and lists of pairs in the API; keys are checked too.
    *_of("aws:wafv2/webAcl:WebAcl", "wafv2 CreateWebACL", ("tags", {"Owner": "me & you"}, "Tags.Value"),
        ("tags", {"x" * 129: "y"}, "129 characters, at most 128")),
    # Required members.
    *_of("aws:ecs/taskDefinition:TaskDefinition", "ecs RegisterTaskDefinition",
        ("containerDefinitions", '[{"name": "api", "secrets": [{"name": "TOKEN"}]}]',
         "required by ecs RegisterTaskDefinition containerDefinitions.secrets.valueFrom")),
    *_of("aws:route53/healthCheck:HealthCheck", "route53 ChangeTagsForResource",
        ("tags", {"Name": "x" * 257}, "257 characters, at most 256")),
    *_of("aws:lb/listener:Listener", "elbv2 CreateListener",
        ("defaultActions[0].fixedResponse.statusCode", REMOVED, "required by elbv2 CreateListener DefaultActions.")),
]  # fmt: skip

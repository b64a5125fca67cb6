"""The API operations of logs, alarms, notifications and the account baseline. See row.py."""

from collections.abc import Mapping
from typing import Final

from sandbox.service_models.row import NoRequest, Request, Row

_LOG_GROUP: Final = "logGroupName"
_TARGET: Final = "Targets"

ALERTING: Mapping[str, Row] = {
    "aws:accessanalyzer/analyzer:Analyzer": Request(service="accessanalyzer", operation="CreateAnalyzer"),
    "aws:cfg/deliveryChannel:DeliveryChannel": Request(
        service="config",
        operation="PutDeliveryChannel",
        names={
            "name": "DeliveryChannel.name",
            "s3BucketName": "DeliveryChannel.s3BucketName",
            "s3KeyPrefix": "DeliveryChannel.s3KeyPrefix",
            "s3KmsKeyArn": "DeliveryChannel.s3KmsKeyArn",
            "snapshotDeliveryProperties": "DeliveryChannel.configSnapshotDeliveryProperties",
            "snsTopicArn": "DeliveryChannel.snsTopicARN",
        },
    ),
    "aws:cfg/recorder:Recorder": Request(
        service="config",
        operation="PutConfigurationRecorder",
        names={
            "name": "ConfigurationRecorder.name",
            "roleArn": "ConfigurationRecorder.roleARN",
            "recordingGroup": "ConfigurationRecorder.recordingGroup",
            "recordingMode": "ConfigurationRecorder.recordingMode",
        },
    ),
    "aws:cfg/recorderStatus:RecorderStatus": Request(
        service="config",
        operation="StartConfigurationRecorder",
        names={"name": "ConfigurationRecorderName", "isEnabled": None},
    ),
    "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": Request(
        service="chatbot", operation="CreateSlackChannelConfiguration"
    ),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": Request(
        service="cloudwatch",
        operation="PutCompositeAlarm",
        names={
            "actionsSuppressor": "",
            "actionsSuppressor.alarm": "ActionsSuppressor",
            "actionsSuppressor.waitPeriod": "ActionsSuppressorWaitPeriod",
            "actionsSuppressor.extensionPeriod": "ActionsSuppressorExtensionPeriod",
        },
    ),
    "aws:cloudwatch/dashboard:Dashboard": Request(service="cloudwatch", operation="PutDashboard"),
    "aws:cloudwatch/eventRule:EventRule": Request(
        service="events", operation="PutRule", names={"isEnabled": None, "forceDestroy": None}
    ),
    "aws:cloudwatch/eventTarget:EventTarget": Request(
        service="events",
        operation="PutTargets",
        names={
            "arn": f"{_TARGET}.Arn",
            "targetId": f"{_TARGET}.Id",
            "roleArn": f"{_TARGET}.RoleArn",
            "input": f"{_TARGET}.Input",
            "inputPath": f"{_TARGET}.InputPath",
            "inputTransformer": f"{_TARGET}.InputTransformer",
            "inputTransformer.inputPaths": "InputPathsMap",
            "ecsTarget": f"{_TARGET}.EcsParameters",
            "ecsTarget.networkConfiguration": "NetworkConfiguration.awsvpcConfiguration",
            # The provider turns a switch into ENABLED or DISABLED.
            "ecsTarget.networkConfiguration.assignPublicIp": None,
            "deadLetterConfig": f"{_TARGET}.DeadLetterConfig",
            "retryPolicy": f"{_TARGET}.RetryPolicy",
            "forceDestroy": None,
        },
        # The provider generates an id if none is set.
        set_by_provider=frozenset({f"{_TARGET}.Id"}),
    ),
    "aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy": Request(
        service="logs", operation="PutDataProtectionPolicy", names={"logGroupName": "logGroupIdentifier"}
    ),
    "aws:cloudwatch/logDelivery:LogDelivery": Request(service="logs", operation="CreateDelivery"),
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": Request(
        service="logs", operation="PutDeliveryDestination"
    ),
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": Request(service="logs", operation="PutDeliverySource"),
    "aws:cloudwatch/logGroup:LogGroup": Request(
        service="logs",
        operation="CreateLogGroup",
        names={
            "name": _LOG_GROUP,
            "retentionInDays": "PutRetentionPolicy:retentionInDays",
            "skipDestroy": None,
        },
        set_by_provider=frozenset({f"PutRetentionPolicy:{_LOG_GROUP}"}),
        omitted_if_zero=frozenset({"retentionInDays"}),
    ),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": Request(
        service="logs",
        operation="PutMetricFilter",
        names={
            "name": "filterName",
            "pattern": "filterPattern",
            "metricTransformation": "metricTransformations",
            "metricTransformation.name": "metricName",
            "metricTransformation.namespace": "metricNamespace",
            "metricTransformation.value": "metricValue",
        },
        # The provider also sends an empty pattern, which matches every record.
        set_by_provider=frozenset({"filterPattern"}),
    ),
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": Request(service="logs", operation="PutResourcePolicy"),
    "aws:cloudwatch/logStream:LogStream": Request(
        service="logs", operation="CreateLogStream", names={"name": "logStreamName"}
    ),
    "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": Request(
        service="logs",
        operation="PutSubscriptionFilter",
        names={"name": "filterName", "logGroup": _LOG_GROUP},
        # The provider also sends an empty pattern, which matches every record.
        set_by_provider=frozenset({"filterPattern"}),
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Request(
        service="cloudwatch",
        operation="PutMetricAlarm",
        names={
            "name": "AlarmName",
            "metricQueries": "Metrics",
            "metricQueries.metric": "MetricStat",
            "metricQueries.metric.metricName": "Metric.MetricName",
            "metricQueries.metric.namespace": "Metric.Namespace",
            "metricQueries.metric.dimensions": "Metric.Dimensions",
            "evaluateLowSampleCountPercentiles": "EvaluateLowSampleCountPercentile",
        },
    ),
    "aws:cloudwatch/queryDefinition:QueryDefinition": Request(service="logs", operation="PutQueryDefinition"),
    "aws:ebs/encryptionByDefault:EncryptionByDefault": NoRequest(
        reason="ec2 EnableEbsEncryptionByDefault has no members to check"
    ),
    "aws:guardduty/detector:Detector": Request(service="guardduty", operation="CreateDetector"),
    "aws:guardduty/detectorFeature:DetectorFeature": Request(
        service="guardduty",
        operation="UpdateDetector",
        names={"name": "Features.Name", "status": "Features.Status",
               "additionalConfigurations": "Features.AdditionalConfiguration"},
    ),
    "aws:securityhub/account:Account": Request(
        service="securityhub",
        operation="EnableSecurityHub",
        names={"autoEnableControls": "UpdateSecurityHubConfiguration:AutoEnableControls"},
    ),
    "aws:securityhub/standardsSubscription:StandardsSubscription": Request(
        service="securityhub",
        operation="BatchEnableStandards",
        names={"standardsArn": "StandardsSubscriptionRequests.StandardsArn"},
    ),
    "aws:sns/topic:Topic": Request(
        service="sns",
        operation="CreateTopic",
        names={
            name: f"Attributes.{name[:1].upper()}{name[1:]}"
            for name in (
                "contentBasedDeduplication", "deliveryPolicy", "displayName", "fifoTopic", "kmsMasterKeyId", "policy",
                "signatureVersion", "tracingConfig",
            )
        },
    ),
    "aws:sns/topicPolicy:TopicPolicy": Request(
        service="sns",
        operation="SetTopicAttributes",
        names={"arn": "TopicArn", "policy": "AttributeValue"},
        set_by_provider=frozenset({"AttributeName"}),
    ),
    "aws:sns/topicSubscription:TopicSubscription": Request(
        service="sns",
        operation="Subscribe",
        names={
            "topic": "TopicArn",
            "rawMessageDelivery": "Attributes.RawMessageDelivery",
            "filterPolicy": "Attributes.FilterPolicy",
            "filterPolicyScope": "Attributes.FilterPolicyScope",
            "deliveryPolicy": "Attributes.DeliveryPolicy",
            "redrivePolicy": "Attributes.RedrivePolicy",
            "subscriptionRoleArn": "Attributes.SubscriptionRoleArn",
            "confirmationTimeoutInMinutes": None,
            "endpointAutoConfirms": None,
        },
        # Anyone with PagerDuty's address can page.
        sensitive=frozenset({"endpoint"}),
    ),
}  # fmt: skip

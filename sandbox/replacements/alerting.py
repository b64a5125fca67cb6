"""Replacements for alarms, dashboards, events, metric filters, topics and Slack. See table.py."""

from collections.abc import Mapping

from sandbox.replacements.replacement import Replacement, row

ALERTING: Mapping[str, Replacement] = {
    "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": row(
        "chatbot/slack_channel_configuration.go: no ForceNew; another name or team is handed to "
        "UpdateSlackChannelConfiguration, which takes neither"
    ),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": row(
        "cloudwatch/composite_alarm.go: ForceNew; all else is PutCompositeAlarm again", "actionsEnabled", "alarmName"
    ),
    "aws:cloudwatch/dashboard:Dashboard": row(
        "cloudwatch/dashboard.go: ForceNew on dashboard_name; the body is PutDashboard again", "dashboardName"
    ),
    "aws:cloudwatch/eventRule:EventRule": row(
        "events/rule.go: ForceNew; all else is PutRule again", "eventBusName", "name", "namePrefix"
    ),
    "aws:cloudwatch/eventTarget:EventTarget": row(
        "events/target.go: ForceNew; all else is PutTargets again", "eventBusName", "rule", "targetId"
    ),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": row(
        "logs/metric_filter.go: ForceNew; all else is PutMetricFilter again", "logGroupName", "name"
    ),
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": row(
        "logs/resource_policy.go: ForceNew; another document is PutResourcePolicy again", "policyName", "resourceArn"
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": row(
        "cloudwatch/metric_alarm.go: ForceNew on alarm_name; all else is PutMetricAlarm again", "name"
    ),
    "aws:sns/topic:Topic": row(
        "sns/topic.go: ForceNew; all else is SetTopicAttributes", "fifoTopic", "name", "namePrefix"
    ),
    "aws:sns/topicPolicy:TopicPolicy": row("sns/topic_policy.go: ForceNew on the topic", "arn"),
    "aws:sns/topicSubscription:TopicSubscription": row(
        "sns/topic_subscription.go: ForceNew; raw delivery and policies are SetSubscriptionAttributes",
        "endpoint", "protocol", "topic",
    ),
}  # fmt: skip

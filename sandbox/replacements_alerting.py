"""Which changed properties replace a resource of alerting. replacements.py says how."""

from collections.abc import Mapping

from sandbox.replacement import Replacement, row

ALERTING: Mapping[str, Replacement] = {
    "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": row(
        "chatbot/slack_channel_configuration.go: no ForceNew; another name or team is handed to "
        "UpdateSlackChannelConfiguration, which takes neither"
    ),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": row(
        "logs/metric_filter.go: ForceNew; all else is PutMetricFilter again", "logGroupName", "name"
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

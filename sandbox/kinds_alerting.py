"""What AWS answers for alerting: topics, Slack, metric filters. kind.py says what a row means."""

from collections.abc import Mapping

from sandbox.kind import Kind

_TOPIC = "arn:aws:sns:{region}:{account}:{name}"

ALERTING: Mapping[str, Kind] = {
    "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": Kind(
        id="arn:aws:chatbot::{account}:chat-configuration/slack-channel/{in[configurationName]}",
        outputs={
            "chatConfigurationArn": "arn:aws:chatbot::{account}:chat-configuration/slack-channel/"
            "{in[configurationName]}",
            "slackChannelName": "a-channel",
            "slackTeamName": "a-team",
        },
        answers={"guardrailPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"], "loggingLevel": "NONE",
                 "userAuthorizationRequired": False},
        # One name is one configuration's, in all regions of an account.
        unique="configurationName",
        unique_scope="account",
        collision="ConflictException: Configuration {name} already exists",
    ),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": Kind(id="{name}", autoname="name", autoname_max=512, tags=False),
    "aws:sns/topic:Topic": Kind(
        id=_TOPIC,
        outputs={"arn": _TOPIC, "beginningArchiveTime": "", "owner": "{account}"},
        defaults={"contentBasedDeduplication": False, "fifoTopic": False},
        autoname="name",
        autoname_max=256,
    ),
    "aws:sns/topicPolicy:TopicPolicy": Kind(id="{in[arn]}", outputs={"owner": "{account}"}, tags=False),
    "aws:sns/topicSubscription:TopicSubscription": Kind(
        id="{in[topic]}:{hex}",
        outputs={
            "arn": "{in[topic]}:{hex}",
            "confirmationWasAuthenticated": True,
            "ownerId": "{account}",
            "pendingConfirmation": False,
        },
        defaults={"confirmationTimeoutInMinutes": 1, "endpointAutoConfirms": False, "rawMessageDelivery": False},
        tags=False,
    ),
}  # fmt: skip

"""What AWS answers for alerting: composites, events, metric filters, topics, Slack. kind.py says what a row means."""

from collections.abc import Mapping

from sandbox.kinds.kind import Kind

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
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": Kind(
        id="{in[alarmName]}",
        outputs={"arn": "arn:aws:cloudwatch:{region}:{account}:alarm:{in[alarmName]}"},
        defaults={"actionsEnabled": True},
        unique="alarmName",
        collision="ValidationError: an alarm {name} exists already",
    ),
    "aws:cloudwatch/eventRule:EventRule": Kind(
        id="{name}",
        outputs={"arn": "arn:aws:events:{region}:{account}:rule/{name}"},
        defaults={"eventBusName": "default", "forceDestroy": False},
        answers={"state": "ENABLED", "isEnabled": True},
        autoname="name",
        autoname_max=64,
    ),
    "aws:cloudwatch/eventTarget:EventTarget": Kind(
        id="{in[rule]}-{hex}",
        answers={"targetId": "terraform-{hex}"},
        defaults={"eventBusName": "default", "forceDestroy": False},
        tags=False,
    ),
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": Kind(
        id="{in[policyName]}", outputs={"policyScope": "ACCOUNT", "revisionId": ""}, tags=False
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

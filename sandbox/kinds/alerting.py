"""What AWS answers for alarms, dashboards, events, metric filters, topics and Slack. See kind.py."""

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
        aws_defaults={"guardrailPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"], "loggingLevel": "NONE",
                 "userAuthorizationRequired": False},
        # AWS requires a configuration's name to be unique in the account, in all regions.
        unique="configurationName",
        unique_scope="account",
        collision_error="ConflictException: Configuration {name} already exists",
    ),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": Kind(
        id="{in[alarmName]}",
        outputs={"arn": "arn:aws:cloudwatch:{region}:{account}:alarm:{in[alarmName]}"},
        provider_defaults={"actionsEnabled": True},
        unique="alarmName",
        collision_error="ValidationError: an alarm {name} exists already",
    ),
    "aws:cloudwatch/dashboard:Dashboard": Kind(
        id="{in[dashboardName]}",
        outputs={"dashboardArn": "arn:aws:cloudwatch::{account}:dashboard/{in[dashboardName]}"},
        has_tags=False,
        # Dashboards have no region, so both stacks of an account share one namespace.
        unique="dashboardName",
        unique_scope="account",
        collision_error="the stand-in's own word: PutDashboard would overwrite the dashboard {name} of another stack",
    ),
    "aws:cloudwatch/eventRule:EventRule": Kind(
        id="{name}",
        outputs={"arn": "arn:aws:events:{region}:{account}:rule/{name}"},
        provider_defaults={"eventBusName": "default", "forceDestroy": False},
        aws_defaults={"state": "ENABLED", "isEnabled": True},
        autoname="name",
        autoname_max=64,
    ),
    "aws:cloudwatch/eventTarget:EventTarget": Kind(
        id="{in[rule]}-{hex}",
        aws_defaults={"targetId": "terraform-{hex}"},
        provider_defaults={"eventBusName": "default", "forceDestroy": False},
        has_tags=False,
    ),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": Kind(
        id="{name}", autoname="name", autoname_max=512, has_tags=False
    ),
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": Kind(
        id="{in[policyName]}", outputs={"policyScope": "ACCOUNT", "revisionId": ""}, has_tags=False
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Kind(
        id="{name}",
        outputs={"arn": "arn:aws:cloudwatch:{region}:{account}:alarm:{name}"},
        provider_defaults={"actionsEnabled": True, "treatMissingData": "missing"},
        autoname="name",
    ),
    "aws:sns/topic:Topic": Kind(
        id=_TOPIC,
        outputs={"arn": _TOPIC, "beginningArchiveTime": "", "owner": "{account}"},
        provider_defaults={"contentBasedDeduplication": False, "fifoTopic": False},
        autoname="name",
        autoname_max=256,
    ),
    "aws:sns/topicPolicy:TopicPolicy": Kind(id="{in[arn]}", outputs={"owner": "{account}"}, has_tags=False),
    "aws:sns/topicSubscription:TopicSubscription": Kind(
        id="{in[topic]}:{hex}",
        outputs={
            "arn": "{in[topic]}:{hex}",
            "confirmationWasAuthenticated": True,
            "ownerId": "{account}",
            "pendingConfirmation": False,
        },
        provider_defaults={
            "confirmationTimeoutInMinutes": 1,
            "endpointAutoConfirms": False,
            "rawMessageDelivery": False,
        },
        has_tags=False,
    ),
}  # fmt: skip

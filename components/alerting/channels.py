"""AlertChannels: a topic for each severity, and its subscription by PagerDuty or Slack.

Sections: Alert Configuration (Notification), Incident Response. Each stack has topics and subscriptions in its own
region, so that it can notify people while the other region is lost.
"""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from components.shared.iam import allow, policy_document
from components.shared.service_principals import allow_service, trust_policy
from settings.alerts import Alerts, SeverityName

# Limits the channel's role, whatever permissions it gets later.
READ_ONLY = "arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"

Topics = Mapping[SeverityName, aws.sns.Topic]


class AlertChannels(pulumi.ComponentResource):
    """The topics by severity, and their subscriptions."""

    topics: Topics

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        settings: Alerts,
        pager_duty_url: pulumi.Output[str],
        keys: KeysOutputs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:alerting:AlertChannels", name, None, opts)
        self._name_prefix = name
        self._environment = environment
        self._child_opts = pulumi.ResourceOptions(parent=self)
        routes = settings.routes
        channels: Mapping[SeverityName, str] = {
            "Critical": routes.critical,
            "High": routes.high,
            "Warning": routes.warning,
        }
        self.topics = {severity: self._topic(severity, keys) for severity in channels}
        for severity, topic in self.topics.items():
            if channels[severity] == "PagerDuty":
                self._subscribe_pager_duty(severity, topic, pager_duty_url)
        slack_topic_arns = [topic.arn for severity, topic in self.topics.items() if channels[severity] == "Slack"]
        if slack_topic_arns:
            self._subscribe_slack(settings, slack_topic_arns)
        self.register_outputs({})

    def _topic(self, severity: SeverityName, keys: KeysOutputs) -> aws.sns.Topic:
        """Create a topic to which this account's alarms may publish, over TLS only."""
        environment, suffix = self._environment, severity.lower()
        # By name: the topic's ARN is unknown in a preview.
        arn = environment.arn("sns", f"{environment.name}-alerts-{suffix}")
        topic = aws.sns.Topic(
            f"{self._name_prefix}-{suffix}",
            name=f"{environment.name}-alerts-{suffix}",
            display_name=f"{environment.name} {suffix}",
            kms_master_key_id=keys.messages,
            signature_version=2,
            opts=self._child_opts,
        )
        allowed = allow_service(
            "topic",
            "cloudwatch.amazonaws.com",
            sid="Alarms",
            actions="sns:Publish",
            resources=arn,
            account=environment.account,
        )
        # SNS rejects sns:* in a topic's policy: it accepts only actions on topics.
        denied = {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sns:Publish",
            "Resource": arn,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        aws.sns.TopicPolicy(
            f"{self._name_prefix}-{suffix}",
            arn=topic.arn,
            policy=policy_document(allowed, denied),
            opts=self._child_opts,
        )
        return topic

    def _subscribe_pager_duty(self, severity: SeverityName, topic: aws.sns.Topic, url: pulumi.Output[str]) -> None:
        """Subscribe PagerDuty, which confirms by itself and reads SNS' JSON envelope, not raw messages."""
        aws.sns.TopicSubscription(
            f"{self._name_prefix}-{severity.lower()}",
            topic=topic.arn,
            protocol="https",
            endpoint=url,
            endpoint_auto_confirms=True,
            raw_message_delivery=False,
            opts=self._child_opts,
        )

    def _subscribe_slack(self, settings: Alerts, topic_arns: list[pulumi.Output[str]]) -> None:
        """Subscribe the stack's Slack channel; commands from Slack are read-only."""
        environment, name = self._environment, f"{self._name_prefix}-slack"
        role = aws.iam.Role(
            name,
            description="Permissions of commands from the Slack channel: reading this stack's alarms",
            assume_role_policy=trust_policy("chatbot.amazonaws.com", environment=environment),
            opts=self._child_opts,
        )
        alarm_arns = environment.arn("cloudwatch", f"alarm:{environment.name}-*")
        permission = aws.iam.RolePolicy(
            name,
            role=role.name,
            policy=policy_document(
                allow("Alarms", ("cloudwatch:DescribeAlarmHistory", "cloudwatch:DescribeAlarms"), [alarm_arns])
            ),
            opts=self._child_opts,
        )
        aws.chatbot.SlackChannelConfiguration(
            name,
            configuration_name=f"{environment.name}-alerts",
            iam_role_arn=role.arn,
            slack_team_id=settings.slack.workspace,
            slack_channel_id=settings.slack.channel,
            sns_topic_arns=topic_arns,
            # AWS's default is AdministratorAccess.
            guardrail_policy_arns=[READ_ONLY],
            # Logs would go to a group in us-east-1 from every region; a stack elsewhere can't create that group.
            logging_level="NONE",
            user_authorization_required=False,
            region=None if settings.slack.region == environment.region else settings.slack.region,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission]),
        )

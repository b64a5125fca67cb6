"""How people are told: a topic for each severity, and what hands its messages on to PagerDuty or Slack.

Sections: Alert Configuration (Notification), Incident Response. Topics and subscriptions are the stack's own, in its
own region: each stack can tell people while the other's region is lost.
"""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from components.shared.iam import allow, document
from components.shared.service_principals import let_in, trust
from settings.alerts import Alerts, SeverityName

# The bound of whatever the channel's role may be given one day.
READ_ONLY = "arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"

Topics = Mapping[SeverityName, aws.sns.Topic]


class AlertChannels(pulumi.ComponentResource):
    """The topics, and who is told of what is published to each."""

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
        self._own = pulumi.ResourceOptions(parent=self)
        routes = settings.routes
        told = {"Critical": routes.critical, "High": routes.high, "Warning": routes.warning}
        severities: tuple[SeverityName, ...] = ("Critical", "High", "Warning")
        self.topics = {severity: self._topic(severity, keys) for severity in severities}
        for severity, topic in self.topics.items():
            if told[severity] == "PagerDuty":
                self._page(severity, topic, pager_duty_url)
        in_slack = [topic.arn for severity, topic in self.topics.items() if told[severity] == "Slack"]
        if in_slack:
            self._slack(settings, in_slack)
        self.register_outputs({})

    def _topic(self, severity: SeverityName, keys: KeysOutputs) -> aws.sns.Topic:
        """Make a topic to which alarms of this account publish, over TLS."""
        environment, word = self._environment, severity.lower()
        # By name: the topic's own ARN isn't known in a preview.
        arn = environment.arn("sns", f"{environment.name}-alerts-{word}")
        topic = aws.sns.Topic(
            f"{self._name_prefix}-{word}",
            name=f"{environment.name}-alerts-{word}",
            display_name=f"{environment.name} {word}",
            kms_master_key_id=keys.messages,
            signature_version=2,
            opts=self._own,
        )
        allowed = let_in(
            "topic",
            "cloudwatch.amazonaws.com",
            sid="Alarms",
            actions="sns:Publish",
            resources=arn,
            account=environment.account,
        )
        # SNS refuses sns:* here: it takes only what is done to a topic.
        refused = {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sns:Publish",
            "Resource": arn,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        aws.sns.TopicPolicy(
            f"{self._name_prefix}-{word}", arn=topic.arn, policy=document(allowed, refused), opts=self._own
        )
        return topic

    def _page(self, severity: SeverityName, topic: aws.sns.Topic, url: pulumi.Output[str]) -> None:
        """Send a topic's messages to PagerDuty, which confirms by itself and reads SNS' own form."""
        aws.sns.TopicSubscription(
            f"{self._name_prefix}-{severity.lower()}",
            topic=topic.arn,
            protocol="https",
            endpoint=url,
            endpoint_auto_confirms=True,
            raw_message_delivery=False,
            opts=self._own,
        )

    def _slack(self, settings: Alerts, topic_arns: list[pulumi.Output[str]]) -> None:
        """Show topics in the stack's channel; what people ask for there may only read."""
        environment, name = self._environment, f"{self._name_prefix}-slack"
        role = aws.iam.Role(
            name,
            description="What people in Slack may see of this account's alarms and measurements",
            assume_role_policy=trust("chatbot.amazonaws.com", environment=environment),
            opts=self._own,
        )
        own_alarms = environment.arn("cloudwatch", f"alarm:{environment.name}-*")
        permission = aws.iam.RolePolicy(
            name,
            role=role.name,
            policy=document(
                allow("Alarms", ("cloudwatch:DescribeAlarmHistory", "cloudwatch:DescribeAlarms"), [own_alarms])
            ),
            opts=self._own,
        )
        aws.chatbot.SlackChannelConfiguration(
            name,
            configuration_name=f"{environment.name}-alerts",
            iam_role_arn=role.arn,
            slack_team_id=settings.slack.workspace,
            slack_channel_id=settings.slack.channel,
            sns_topic_arns=topic_arns,
            # AWS's own default lets the channel do everything.
            guardrail_policy_arns=[READ_ONLY],
            # It would write to a group in us-east-1, wherever it is itself, which no stack of another region can make.
            logging_level="NONE",
            user_authorization_required=False,
            region=None if settings.slack.region == environment.region else settings.slack.region,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission]),
        )

"""JobQueue: the queue of the API's background jobs, and its dead-letter queue.

Section: IAM Roles (SQSSendMessage). SQS moves a message that failed too often to the dead-letter queue, which keeps it
for the maximum retention, so that a person can inspect and redrive it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from components.shared.iam import policy_document, require_tls
from settings.storage import Queue

SECONDS_PER_DAY = 24 * 60 * 60
# SQS's maximum.
DEAD_LETTER_RETENTION_DAYS = 14
# Seconds of long polling: SQS's maximum.
LONG_POLL_SECONDS = 20


@dataclass(frozen=True, kw_only=True)
class QueueOutputs:
    """Names, ARN and URL of the queue, and the ARN of its key."""

    name: str
    dead_letter_name: str
    arn: str
    url: pulumi.Output[str]
    key_arn: pulumi.Output[str]


class JobQueue(pulumi.ComponentResource):
    """A queue with its dead-letter queue."""

    outputs: QueueOutputs

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        settings: Queue,
        keys: KeysOutputs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:storage:JobQueue", name, None, opts)
        self._name_prefix = name
        self._environment = environment
        self._key_arn = keys.messages

        # Fixed names: workers and operators find the queues by name.
        queue_name, dead_letter_name = f"{environment.name}-{name}", f"{environment.name}-{name}-dead-letters"
        dead_letter_arn = environment.arn("sqs", dead_letter_name)
        dead_letter_queue = self._queue("-dead-letters", dead_letter_name, DEAD_LETTER_RETENTION_DAYS)
        queue = self._queue(
            "",
            queue_name,
            settings.retention,
            visibility_timeout=settings.visibility_timeout,
            redrive=(
                dead_letter_queue,
                {"deadLetterTargetArn": dead_letter_arn, "maxReceiveCount": settings.max_receives},
            ),
        )
        aws.sqs.RedriveAllowPolicy(
            name,
            queue_url=dead_letter_queue.url,
            redrive_allow_policy=json.dumps(
                {"redrivePermission": "byQueue", "sourceQueueArns": [environment.arn("sqs", queue_name)]}
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[queue]),
        )
        self.outputs = QueueOutputs(
            name=queue_name,
            dead_letter_name=dead_letter_name,
            arn=environment.arn("sqs", queue_name),
            url=queue.url,
            key_arn=keys.messages,
        )
        self.register_outputs({"url": queue.url})

    def _queue(
        self,
        suffix: str,
        queue_name: str,
        retention_days: int,
        *,
        visibility_timeout: int | None = None,
        redrive: tuple[pulumi.Resource, Mapping[str, object]] | None = None,
    ) -> aws.sqs.Queue:
        logical = f"{self._name_prefix}{suffix}"
        queue = aws.sqs.Queue(
            logical,
            name=queue_name,
            kms_master_key_id=self._key_arn,
            message_retention_seconds=retention_days * SECONDS_PER_DAY,
            receive_wait_time_seconds=LONG_POLL_SECONDS,
            visibility_timeout_seconds=visibility_timeout,
            redrive_policy=json.dumps(redrive[1]) if redrive else None,
            opts=pulumi.ResourceOptions(parent=self, protect=True, depends_on=[redrive[0]] if redrive else None),
        )
        aws.sqs.QueuePolicy(
            logical,
            queue_url=queue.url,
            policy=policy_document(require_tls("sqs", [self._environment.arn("sqs", queue_name)])),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return queue

"""JobQueue: the queue of the API's background work, and where messages end that nobody can deal with.

Section: IAM Roles (SQSSendMessage). A message that was handed out too often is put aside and kept for the longest time
that SQS has, so that somebody can look at it and hand it back.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from components.shared.iam import document, tls_only
from settings.storage import Queue

DAY = 24 * 60 * 60
LONGEST_DAYS = 14
# Seconds that whoever asks for a message waits for one: long polling, SQS' most.
WAIT = 20


@dataclass(frozen=True, kw_only=True)
class QueueOutputs:
    """What the neighbours need of the queue: names, ARN, URL, and the ARN of its key."""

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

        # Written out: whoever works on the queue, and whoever looks at its dead letters, goes by the name.
        physical, dead_physical = f"{environment.name}-{name}", f"{environment.name}-{name}-dead-letters"
        dead_arn = environment.arn("sqs", dead_physical)
        dead = self._queue("-dead-letters", dead_physical, LONGEST_DAYS)
        queue = self._queue(
            "",
            physical,
            settings.retention,
            visibility_timeout=settings.visibility_timeout,
            redrive=(dead, {"deadLetterTargetArn": dead_arn, "maxReceiveCount": settings.max_receives}),
        )
        aws.sqs.RedriveAllowPolicy(
            name,
            queue_url=dead.url,
            redrive_allow_policy=json.dumps(
                {"redrivePermission": "byQueue", "sourceQueueArns": [environment.arn("sqs", physical)]}
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[queue]),
        )
        self.outputs = QueueOutputs(
            name=physical,
            dead_letter_name=dead_physical,
            arn=environment.arn("sqs", physical),
            url=queue.url,
            key_arn=keys.messages,
        )
        self.register_outputs({"url": queue.url})

    def _queue(
        self,
        suffix: str,
        physical: str,
        retention_days: int,
        *,
        visibility_timeout: int | None = None,
        redrive: tuple[pulumi.Resource, Mapping[str, object]] | None = None,
    ) -> aws.sqs.Queue:
        logical = f"{self._name_prefix}{suffix}"
        queue = aws.sqs.Queue(
            logical,
            name=physical,
            kms_master_key_id=self._key_arn,
            message_retention_seconds=retention_days * DAY,
            receive_wait_time_seconds=WAIT,
            visibility_timeout_seconds=visibility_timeout,
            redrive_policy=json.dumps(redrive[1]) if redrive else None,
            opts=pulumi.ResourceOptions(parent=self, protect=True, depends_on=[redrive[0]] if redrive else None),
        )
        aws.sqs.QueuePolicy(
            logical,
            queue_url=queue.url,
            policy=document(tls_only("sqs", [self._environment.arn("sqs", physical)])),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return queue

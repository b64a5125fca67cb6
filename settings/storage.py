"""What the API keeps and hands on besides its database: the bucket, the queue, and the registry of its images."""

from typing import Annotated, TypeAlias

from pydantic import Field

from settings.base import Block
from settings.values import Text, Whole

KeyArn: TypeAlias = Annotated[
    str,
    Text(
        name="ARN",
        allowed="the ARN of a KMS key, such as "
        "arn:aws:kms:us-west-2:987654321098:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        pattern=r"arn:aws:kms:[a-z]{2}(?:-[a-z]+)+-[0-9]:[0-9]{12}:key/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    ),
]
BucketName: TypeAlias = Annotated[
    str,
    Text(
        name="bucket",
        allowed="a bucket's name: 3 to 63 lower-case letters, digits and hyphens",
        pattern="[a-z0-9](?:[a-z0-9-]{1,61})[a-z0-9]",
    ),
]


class BucketCopy(Block):
    """The copy of another stack's bucket in this region, which is used here instead of one of its own."""

    bucket: BucketName = Field(description="The copy's name. Source: production's output.")
    key: KeyArn = Field(description="The ARN of the key that encrypts the copy. Source: production's output.")


class Bucket(Block):
    """The bucket of the API's files."""

    old_versions: Annotated[int, Whole(name="days", allowed="1 to 85 days", minimum=1, maximum=85)] = Field(
        description="Days that a deleted or replaced file can still be brought back: S3 takes some more to delete it, "
        "and within 90 it has to be gone. Source: Data Handling, Right to deletion."
    )
    copy_of: BucketCopy | None = Field(
        default=None,
        description="The recovery stack's alone: the copy of production's bucket. Source: Environment Details, Region "
        "(us-west-2, DR).",
    )


class Queue(Block):
    """The queue of the API's background work."""

    max_receives: Annotated[int, Whole(name="count", allowed="1 to 10 times", minimum=1, maximum=10)] = Field(
        description="Times that a message is handed out before it is put aside. Source: SQS, dead-letter queues."
    )
    visibility_timeout: Annotated[
        int, Whole(name="seconds", allowed="30 to 43200 seconds", minimum=30, maximum=43_200)
    ] = Field(description="Seconds that whoever took a message has for it. Source: SQS, visibility timeout.")
    retention: Annotated[int, Whole(name="days", allowed="1 to 13 days", minimum=1, maximum=13)] = Field(
        description="Days that a message waits; one that was put aside waits 14. Source: SQS, message retention."
    )


class Registry(Block):
    """The registry of the API's images."""

    repository: Annotated[
        str,
        Text(
            name="repository",
            allowed="a repository's name, such as taskflow-api",
            pattern="[a-z0-9]+(?:[._/-][a-z0-9]+)*",
            max_length=256,
        ),
    ] = Field(description="The repository's name, the same in both regions. Source: Deployment Commands.")
    build_retention: Annotated[int, Whole(name="days", allowed="1 to 365 days", minimum=1, maximum=365)] = Field(
        description="Days that an image is kept that was built and never released (tag build-…). "
        "Source: Security Hub ECR.3."
    )


class Storage(Block):
    """The bucket, the queue and the registry."""

    bucket: Bucket = Field(description="The API's files. Source: IAM Roles, S3ReadWriteTaskflowBucket.")
    queue: Queue = Field(description="The API's background work. Source: IAM Roles, SQSSendMessage.")
    registry: Registry = Field(description="The API's images. Source: Deployment Commands, step 2.")

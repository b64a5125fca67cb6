"""The API's storage besides its database: the bucket, the queue and the registry of images."""

from collections.abc import Iterator, Sequence
from typing import Annotated, TypeAlias

from pydantic import Field, StringConstraints

from settings.base import Block, Conflict
from settings.values import Allowed, Unit

KeyArn: TypeAlias = Annotated[
    str,
    StringConstraints(
        pattern=r"^arn:aws:kms:[a-z]{2}(?:-[a-z]+)+-[0-9]:[0-9]{12}:key/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
    ),
    Allowed(
        "the ARN of a KMS key, such as arn:aws:kms:us-west-2:987654321098:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    ),
]
BucketName: TypeAlias = Annotated[
    str,
    StringConstraints(pattern="^[a-z0-9](?:[a-z0-9-]{1,61})[a-z0-9]$"),
    Allowed("a bucket's name: 3 to 63 lower-case letters, digits and hyphens"),
]
RepositoryName: TypeAlias = Annotated[
    str,
    StringConstraints(pattern="^[a-z0-9]+(?:[._/-][a-z0-9]+)*$", max_length=256),
    Allowed("a repository's name, such as taskflow-api"),
]


class BucketCopy(Block):
    """The replica in this region of another stack's bucket; the stack uses it and creates no bucket."""

    bucket: BucketName = Field(description="Name of the replica. Source: production's output.")
    key: KeyArn = Field(description="ARN of the key that encrypts the replica. Source: production's output.")


class Bucket(Block):
    """The bucket of the API's files."""

    old_versions: Annotated[int, Field(ge=1, le=79), Unit("days")] = Field(
        description="Days that a deleted or replaced file can be restored: S3 takes a few more to delete it, then its "
        "delete marker, and both must be gone within 90. Source: Data Handling, Right to deletion."
    )
    copy_of: BucketCopy | None = Field(
        default=None,
        description="Replica of production's bucket; recovery stack only. Source: Environment Details, Region "
        "(us-west-2, DR).",
    )


class Queue(Block):
    """The queue of the API's background jobs."""

    max_receives: Annotated[int, Field(ge=1, le=10), Unit("times")] = Field(
        description="Deliveries of a message before it moves to the dead-letter queue. Source: SQS, dead-letter queues."
    )
    visibility_timeout: Annotated[int, Field(ge=30, le=43_200), Unit("seconds")] = Field(
        description="Seconds that a consumer has to process a message. Source: SQS, visibility timeout."
    )
    retention: Annotated[int, Field(ge=1, le=13), Unit("days")] = Field(
        description="Days that a message waits; in the dead-letter queue 14. Source: SQS, message retention."
    )


class Registry(Block):
    """The registry of images: those of the API, and the one of one-off tasks."""

    repository: RepositoryName = Field(
        description="Name of the repository of the API's images, the same in both regions. Source: Deployment Commands."
    )
    tools_repository: RepositoryName = Field(
        description="Name of the repository of the image with psql and the AWS CLI, the same in both regions. "
        "Source: Database Access."
    )
    build_retention: Annotated[int, Field(ge=1, le=365), Unit("days")] = Field(
        description="Retention in days of images that were never released (tag build-…). Source: Security Hub ECR.3."
    )

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Require different repositories."""
        return (self._unique(),)

    def _unique(self) -> Iterator[Conflict]:
        if self.tools_repository == self.repository:
            yield Conflict(at=("tools_repository",), allowed="a name other than {against}", against=("repository",))


class Storage(Block):
    """The bucket, the queue and the registry."""

    bucket: Bucket = Field(description="Bucket of the API's files. Source: IAM Roles, S3ReadWriteTaskflowBucket.")
    queue: Queue = Field(description="Queue of the API's background jobs. Source: IAM Roles, SQSSendMessage.")
    registry: Registry = Field(description="Registry of images. Source: Deployment Commands, step 2.")

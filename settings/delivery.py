"""Deployment Commands: the repositories whose workflows deploy and release, and the states of Pulumi that they read."""

from collections.abc import Iterator, Sequence
from typing import Annotated, TypeAlias

from pydantic import Field, StringConstraints

from settings.base import Block, Conflict, valid_items
from settings.values import Allowed, Items

# GitHub's names, each with the id that GitHub never uses again.
Repository: TypeAlias = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9-]{1,39}@[1-9][0-9]{0,19}/[A-Za-z0-9._-]{1,100}@[1-9][0-9]{0,19}$"),
    Allowed(
        "OWNER@ID/NAME@ID, as in the subject of GitHub's tokens, such as taskflow@1234567/infrastructure@234567890"
    ),
]


class State(Block):
    """One backend of Pulumi's states. Each region has a separate one."""

    bucket: Annotated[
        str,
        StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$"),
        Allowed("a bucket's name: 3 to 63 lower-case letters, digits and hyphens"),
    ] = Field(description="Bucket of the state. Source: Environment Details; Pulumi, state in S3.")
    key: Annotated[
        str,
        StringConstraints(pattern="^arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/[0-9a-f-]{36}$"),
        Allowed("the ARN of a KMS key, such as arn:aws:kms:us-east-1:987654321098:key/0123…"),
    ] = Field(description="Key of the secrets in it. Source: Data Handling, Encryption at rest.")


class Delivery(Block):
    """The workflows that preview, deploy, build and release: which repositories they belong to, and what they read."""

    infrastructure: Repository = Field(
        description="Repository of this program, with GitHub's ids. Its workflows preview and deploy. "
        "Source: Deployment Commands."
    )
    application: Repository = Field(
        description="Repository of the application, with GitHub's ids. Its tags build and release. "
        "Source: Deployment Commands."
    )
    branch: Annotated[
        str,
        StringConstraints(pattern="^[A-Za-z0-9._-]{1,100}$"),
        Allowed("the name of a branch: letters, digits, dots, hyphens and underscores"),
    ] = Field(
        description="Branch of the infrastructure repository whose workflows may deploy and release. "
        "Source: Deployment Commands."
    )
    states: Annotated[
        tuple[State, ...], Items(minimum=1, maximum=2), Allowed("the states of the regions, 1 or 2: bucket and key")
    ] = Field(description="Backends of Pulumi's states, one for each region. Source: Environment Details.")

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Require two repositories, and states apart."""
        return (self._two_repositories(), self._apart())

    def _two_repositories(self) -> Iterator[Conflict]:
        if self.application == self.infrastructure:
            yield Conflict(
                at=("application",), allowed="another repository than {against}", against=("infrastructure",)
            )

    def _apart(self) -> Iterator[Conflict]:
        first: dict[str, int] = {}
        for index, state in valid_items(self.states):
            if first.setdefault(state.bucket, index) != index:
                against = ("states", first[state.bucket], "bucket")
                yield Conflict(at=("states", index, "bucket"), allowed="a bucket other than {against}", against=against)

"""Deployment Commands: what a release runs, and how long it may take. Read by the command `taskflow release`."""

from typing import Annotated, TypeAlias

from pydantic import Field, StringConstraints

from settings.base import Block
from settings.environment import AccountId, Region
from settings.fargate import EcsName
from settings.values import Allowed, Items, Unit

Argument: TypeAlias = Annotated[
    str, StringConstraints(min_length=1, max_length=1024), Allowed("a word of the command, not empty")
]
Minutes: TypeAlias = Annotated[int, Field(ge=5, le=720), Unit("minutes")]


class Staging(Block):
    """The staging service, in an account of its own."""

    account: AccountId = Field(description="Id of the staging account. Source: Deployment Checklist, Staging.")
    region: Region = Field(description="Region of the staging service. Source: Deployment Checklist, Staging.")
    cluster: EcsName = Field(description="Name of its cluster. Source: Deployment Checklist, Staging.")
    service: EcsName = Field(description="Name of the service. Source: Deployment Checklist, Staging.")


class Releases(Block):
    """The migrations of a release, and its time limits."""

    migration_command: Annotated[
        tuple[Argument, ...],
        Items(minimum=1, maximum=20),
        Allowed("a list of 1 to 20 words, such as [npm, run, migrate]"),
    ] = Field(
        description="Command that migrates the database, in the release's image. "
        "Source: Deployment Commands, Runs production migrations."
    )
    migration_limit: Minutes = Field(
        description="Minutes after which the command stops waiting for a migration, which goes on. "
        "Source: Deployment Commands."
    )
    deployment_limit: Minutes = Field(
        description="Minutes after which the command stops waiting for a deployment, which goes on. "
        "Source: Deployment Commands, Monitor deployment."
    )
    watch: Annotated[int, Field(ge=5, le=120), Unit("minutes")] = Field(
        description="Minutes in which error rate and latency are compared with those before the release. "
        "Source: Deployment Checklist, Post-Deployment (30 min)."
    )
    staging: Staging | None = Field(
        default=None,
        description="Staging service, in which `taskflow preflight` looks for the version; without it a person is "
        "asked. Source: Deployment Checklist, Staging verification complete (24+ hours).",
    )

"""Database Access: the image of one-off tasks, and the limit of the access task."""

from typing import Annotated

from pydantic import Field, StringConstraints

from settings.base import Block
from settings.values import Allowed, Unit


class Tools(Block):
    """The tools image, and the access task that runs it."""

    image: Annotated[
        str,
        StringConstraints(pattern="^sha256:[0-9a-f]{64}$"),
        Allowed("the digest of an image: sha256: and 64 hexadecimal digits"),
    ] = Field(
        description="Digest of the image in storage.registry.toolsRepository, the same in both regions. "
        "Source: Database Access."
    )
    access_timeout: Annotated[int, Field(ge=60, le=3600), Unit("seconds", "sessions are limited to an hour")] = Field(
        description="Seconds after which the access task ends itself, and with it every session in it. "
        "Source: Access Controls, Sessions limited to 1 hour."
    )

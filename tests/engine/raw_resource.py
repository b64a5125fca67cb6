"""A resource with the exact properties that a test sends to the engine."""

from collections.abc import Mapping

import pulumi


class RawResource(pulumi.CustomResource):
    """A resource whose properties reach the engine unchanged, without the SDK's checks."""

    arn: pulumi.Output[str]

    def __init__(
        self,
        type_: str,
        name: str,
        properties: Mapping[str, object],
        opts: pulumi.ResourceOptions | None = None,
        outputs: tuple[str, ...] = ("arn",),
    ) -> None:
        super().__init__(type_, name, {**dict.fromkeys(outputs), **properties}, opts)

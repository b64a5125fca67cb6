"""A resource whose properties a test gives as the engine gets them."""

from collections.abc import Mapping

import pulumi


class Raw(pulumi.CustomResource):
    """A resource with the properties as the engine gets them, without the SDK's own checks on the way."""

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

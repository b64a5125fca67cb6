"""What the random provider answers. See kind.py."""

from collections.abc import Mapping

from sandbox.kinds.kind import Kind

RANDOM_VALUES: Mapping[str, Kind] = {
    "random:index/randomId:RandomId": Kind(
        id="{random}",
        outputs={"b64Std": "{random}", "b64Url": "{random}", "dec": "{number}", "hex": "{hex}"},
        is_regional=False,
        has_tags=False,
    ),
    "random:index/randomPassword:RandomPassword": Kind(
        # The random provider uses the id `none` for all; here resources are looked up by id.
        id="{hex32}",
        outputs={"bcryptHash": "$2a$10${hex32}", "result": "{random}"}, is_regional=False, has_tags=False,
        is_stateful=True,
    ),
    "random:index/randomString:RandomString": Kind(
        id="{random}", outputs={"result": "{random}"}, is_regional=False, has_tags=False
    ),
}  # fmt: skip

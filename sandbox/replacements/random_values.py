"""Replacements for the random provider. See table.py."""

from collections.abc import Mapping

from sandbox.replacements.replacement import Replacement, row

_PASSWORD = (
    "keepers", "length", "lower", "minLower", "minNumeric", "minSpecial", "minUpper", "number", "numeric",
    "overrideSpecial", "special", "upper",
)  # fmt: skip

RANDOM_VALUES: Mapping[str, Replacement] = {
    "random:index/randomId:RandomId": row(
        "terraform-provider-random, resource_id.go: RequiresReplace on all", "byteLength", "keepers", "prefix"
    ),
    "random:index/randomPassword:RandomPassword": row(
        "terraform-provider-random, resource_password.go: RequiresReplace on all", *_PASSWORD
    ),
    "random:index/randomString:RandomString": row(
        "terraform-provider-random, resource_string.go: RequiresReplace on all", *_PASSWORD
    ),
}  # fmt: skip

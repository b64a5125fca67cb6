"""Reads single values of the stack files by their dotted path, as `pulumi config get --path` does."""

import re
from collections.abc import Mapping
from functools import cache
from typing import cast

import yaml

from reports.states import PROJECT

# `taskflow:scaling` is one key, and `policies[0]` a list's item.
_KEYS = re.compile(r"[^.\[\]]+|\[\d+\]")


def setting(stack: str, path: str) -> object:
    """Return the value at a path such as `taskflow:scaling.policies[0].target`; KeyError if the file has none."""
    value = _config(stack)
    for key in _KEYS.findall(path):
        value = _inside(value, key)
        if value is None:
            raise KeyError(f"Pulumi.{stack}.yaml has no {path}")
    return value


def _inside(value: object, key: str) -> object:
    if key.startswith("["):
        items, index = cast("list[object]", value if isinstance(value, list) else []), int(key.strip("[]"))
        return items[index] if index < len(items) else None
    return cast("Mapping[str, object]", value).get(key) if isinstance(value, Mapping) else None


@cache
def _config(stack: str) -> object:
    return yaml.safe_load((PROJECT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))["config"]

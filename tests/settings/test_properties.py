"""Valid settings are accepted unchanged, and anything else in a stack file is one clear error."""

import copy
import json
from collections.abc import Collection, Iterator
from typing import cast

from hypothesis import example, given, settings
from hypothesis import strategies as st

from settings.errors import SettingsError
from settings.secrets import SecretSetting
from settings.stack import PULUMI_KEYS, keys
from settings.yaml_values import Json, config_value
from tests.settings.generated import stack_settings
from tests.settings.support import as_data, parsed

HIDDEN = "s3cr3t-c0rrect-h0rse"
DECLARED = (SecretSetting(key="taskflow:token", purpose="a token", stacks=("production",), required=False),)

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
GARBAGE = cast(
    "st.SearchStrategy[Json]",
    st.recursive(
        SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
)
# Nearly valid values, at the edge of the checks.
NEARLY = st.sampled_from(
    ["10.20.0.0/16", "10.20.0.0/33", "0.0.0.0/0", "::/0", "us-east-1", "us-east-1a", "١٢٣٤", "0987", "true", "[", "{}",
     "null", "NaN", "\ud800", "\x00", "1" * 5000, "[" * 5000, "[" * 900 + "]" * 900, '{"a":' * 5000]
)  # fmt: skip


def _locations(value: Json, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if at:
        yield at
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from _locations(entry, (*at, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _locations(item, (*at, index))


LOCATIONS = [
    *_locations(as_data("production")),
    ("aws:profile",),
    ("taskflow:unknown",),
    ("taskflow:network", "unknown"),
]


def _put(data: dict[str, Json], location: tuple[str | int, ...], value: Json) -> None:
    """Set a value, unless an earlier one has replaced the path to it."""
    at: Json = data
    for step in location[:-1]:
        try:
            at = cast("dict[str | int, Json]", at)[step]
        except (KeyError, IndexError, TypeError):
            return
    last = location[-1]
    if isinstance(at, dict) or (isinstance(at, list) and isinstance(last, int) and last < len(at)):
        cast("dict[str | int, Json]", at)[last] = value


# An identifier that looks like a number in Python's form, which Go writes differently.
LIKE_A_NUMBER = copy.deepcopy(as_data("production"))
cast("dict[str, Json]", LIKE_A_NUMBER["taskflow:rds"])["identifier"] = "a0000000e-00"


@settings(max_examples=60, deadline=None)
@given(stack_settings())
@example(LIKE_A_NUMBER)
def test_settings_generated_from_the_models_are_accepted_unchanged(data: dict[str, Json]) -> None:
    accepted = parsed({key: config_value(value) for key, value in data.items()})
    dumped = accepted.model_dump(mode="json", by_alias=True, exclude_unset=True)
    by_key = {f"aws:{name}": value for name, value in dumped["aws"].items()}
    by_key |= {key: dumped[str(location[0])] for key, location in keys().items() if len(location) == 1}
    assert by_key == data


@settings(max_examples=120, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(LOCATIONS), GARBAGE | NEARLY), min_size=1, max_size=4))
@example([(("taskflow:network", "cidrBlock"), 10**400)])
@example([(("aws:defaultTags", "tags"), {"\ud800": "\ud800", "": ""})])
def test_garbage_anywhere_raises_only_a_settings_error(
    garbage: list[tuple[tuple[str | int, ...], Json]],
) -> None:
    data = copy.deepcopy(as_data("production"))
    for location, value in garbage:
        _put(data, location, value)
    _outcome({key: json.dumps(value) if not isinstance(value, str) else value for key, value in data.items()})


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(st.sampled_from([*keys(), "taskflow:token", "other:x", "", ":"]), st.text() | NEARLY, max_size=6)
)
def test_any_text_under_any_key_raises_only_a_settings_error(values: dict[str, str]) -> None:
    """Also text that isn't JSON."""
    _outcome(values)


@settings(max_examples=100, deadline=None)
@given(
    location=st.sampled_from(LOCATIONS),
    secret=st.sampled_from(["taskflow:token", "taskflow:tokn", "aws:token", "x:y"]),
    encrypted=st.booleans(),
    shape=st.sampled_from(["{}", '{{"a": "{}"}}', '["{}"]', "{}\n", " {} "]),
)
def test_a_secrets_value_is_never_shown(
    location: tuple[str | int, ...], secret: str, *, encrypted: bool, shape: str
) -> None:
    """Under a flat key, encrypted or not, or in a block that is secret as a whole."""
    data = copy.deepcopy(as_data("production"))
    _put(data, location, {"secure": HIDDEN, HIDDEN: HIDDEN})
    values = {key: config_value(value) for key, value in data.items()} | {secret: shape.format(HIDDEN)}
    outcome = _outcome(values, {str(location[0]), *([secret] if encrypted else [])})
    assert HIDDEN not in outcome


def _outcome(values: dict[str, str], secret_keys: Collection[str] = ()) -> str:
    """Parse, and return everything that could be printed of the outcome."""
    try:
        return repr(parsed(values, secret_keys, declared=DECLARED))
    except SettingsError as error:
        invalid = error
    text = str(invalid)
    # A file without settings is one problem.
    assert invalid.problems or set(values) <= {DECLARED[0].key, *PULUMI_KEYS}
    assert text.encode()
    assert all(c.isprintable() or c == "\n" for c in text)
    assert max(map(len, text.splitlines())) < 400
    return text + repr(invalid.problems)

"""The tables agree with the SDK and the installed botocore: properties, members, sentences and patterns."""

import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import regex

from sandbox.service_models import check, models
from sandbox.service_models.documented import LIMITS
from sandbox.service_models.models import ModelError, Shape, request_shape, service_model
from sandbox.service_models.operations import ROWS, all_operations
from sandbox.service_models.row import NoRequest, Request
from sandbox.shapes import Field, resource_shape

REQUESTS = {token: row for token, row in ROWS.items() if isinstance(row, Request)}
every_request = pytest.mark.parametrize("token", sorted(REQUESTS))


@every_request
def test_each_property_of_a_row_exists_in_the_sdk(token: str) -> None:
    row = REQUESTS[token]
    fields = resource_shape(token).inputs
    unknown = [name for name in (*row.names, *row.sensitive, *row.omitted_if_zero) if not _is_property(name, fields)]
    # Recursive properties, and those in a JSON document, have no path in the SDK's types.
    assert not [name for name in unknown if not name.startswith("*.")]


def _is_property(path: str, fields: Mapping[str, Field]) -> bool:
    first, _, rest = path.partition(".")
    if first not in fields:
        return False
    shape = fields[first].shape
    while shape.of:
        shape = shape.of
    return not rest or bool(shape.fields and _is_property(rest, shape.fields))


@every_request
def test_each_member_of_a_row_exists_in_the_model(token: str) -> None:
    row = REQUESTS[token]
    for name, target in row.names.items():
        if target and "." not in name.removeprefix("*."):
            operation, _, path = target.rpartition(":")
            root = request_shape(row.service, operation or row.operation)
            assert name.startswith("*.") or _has_member(root, path), (name, target)
    for member in row.set_by_provider:
        operation, _, path = member.rpartition(":")
        root = request_shape(row.service, operation or row.operation)
        assert member.startswith("*.") or _has_member(root, path), member


def _has_member(shape: Shape, path: str) -> bool:
    while shape.kind == "list" and shape.of:
        shape = shape.of
    first, _, rest = path.partition(".")
    if shape.kind == "map" and shape.key:
        return not rest and (not shape.key.values or first in shape.key.values)
    return first in shape.members and (not rest or _has_member(shape.members[first], rest))


def test_a_type_without_a_request_has_a_reason() -> None:
    for token, row in ROWS.items():
        assert not isinstance(row, NoRequest) or len(row.reason) > 20, token


def test_an_operation_that_botocore_lacks_is_an_error() -> None:
    with pytest.raises(ModelError, match="wafv2 has no operation CreateAcl"):
        models.compiled_operation(service_model("wafv2"), "CreateAcl")
    with pytest.raises(ModelError, match="no model of the service 'waf3'"):
        service_model("waf3")


# The patterns of all operations in the table.


def test_every_pattern_compiles() -> None:
    """Including Application Auto Scaling's, which write characters as UTF-16 pairs."""
    invalid = {pattern: str(error) for pattern in sorted(_patterns()) if (error := _error(pattern))}
    assert invalid == {}
    assert len(_patterns()) > 100


def test_one_pattern_compiles_only_after_its_conversion() -> None:
    model = service_model("application-autoscaling")
    invalid = {s["pattern"] for s in model["shapes"].values() if "pattern" in s and _error(s["pattern"])}
    assert invalid == {r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*"}
    (converted,) = map(models.regex_pattern, invalid)
    assert check.matches(converted, "service/taskflow \N{GRINNING FACE}")
    assert not check.matches(converted, "a\x00")


def _error(pattern: str) -> Exception | None:
    try:
        regex.compile(pattern)
    except regex.error as error:
        return error
    return None


def _patterns() -> set[str]:
    patterns: set[str] = set()
    for service, operation in all_operations():
        compiled = models.compiled_operation(_model(service), operation)
        patterns |= {shape["pattern"] for shape in compiled["shapes"].values() if "pattern" in shape}
    return patterns | {limit.pattern for limits in LIMITS.values() for limit in limits.values() if limit.pattern}


_models: dict[str, Mapping[str, Any]] = {}


def _model(service: str) -> Mapping[str, Any]:
    if service not in _models:
        _models[service] = service_model(service)
    return _models[service]


@pytest.mark.parametrize(
    ("pattern", "text", "whole"),
    [
        (r"[a-z]+", "taskflow", True),
        (r"[a-z]+", "taskflow!", False),  # most patterns have no anchors
        (r"^[a-z]+$", "taskflow\n", False),
        (r"[\w]*", "tâches", False),  # Java's \w is ASCII
        (r"[\p{L}\w]*", "tâches", True),
        (r"(ERROR|INFO)", "INFO", True),
    ],
)
def test_a_pattern_matches_the_whole_text_as_java_would(pattern: str, text: str, *, whole: bool) -> None:
    assert check.matches(pattern, text) is whole


# Limits from the documentation.


@pytest.mark.parametrize("service", sorted(LIMITS))
def test_each_limits_sentence_is_in_the_installed_model(service: str) -> None:
    shapes = _model(service)["shapes"]
    for name, limit in LIMITS[service].items():
        structure, member, *_ = name.split(".")
        of = shapes[structure]["members"][member]
        documented = [of, shapes[of["shape"]], shapes[structure]]
        text = " ".join(_plain(str(shape.get("documentation", ""))) for shape in documented)
        assert limit.sentence in text, f"{service} {name}: {text}"


def _plain(documentation: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", documentation)))


def test_each_limit_belongs_to_an_operation_of_the_table() -> None:
    used = {f"{service} {name}" for service, operation in all_operations() for name in _structures(service, operation)}
    for service, limits in LIMITS.items():
        for name in limits:
            assert f"{service} {name.split('.')[0]}" in used, name


def _structures(service: str, operation: str) -> Iterator[str]:
    yield from models.compiled_operation(_model(service), operation)["shapes"]


# The cached files.


def test_an_operations_constraints_are_cached(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    models.compile_models(["sns.Subscribe", "sns.CreateTopic"])
    folder = tmp_path / "taskflow-sandbox" / f"service-models-{models.FORMAT}" / f"botocore-{models.version()}"
    assert sorted(file.name for file in folder.iterdir()) == ["sns.CreateTopic.json", "sns.Subscribe.json"]
    assert json.loads((folder / "sns.Subscribe.json").read_text())["root"] == "SubscribeInput"

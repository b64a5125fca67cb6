"""A block alone, as another program uses it: it runs all its checks, and names each field as in the file."""

from typing import cast

import pytest
import yaml
from pydantic import ValidationError

from settings.base import CONFLICT, Block
from settings.cloudfront import CloudFront
from settings.fargate import Scaling
from settings.network import Network
from settings.rds import Rds
from settings.yaml_values import Json
from tests.settings.support import ROOT

LEDGER = yaml.safe_load((ROOT / "examples/ledger/Pulumi.demo.yaml").read_text())["config"]


def _lines(model: type[Block], block: str, **changes: Json) -> list[tuple[tuple[int | str, ...], str, str]]:
    """Return the errors of the example's block with changes: location, type and message."""
    with pytest.raises(ValidationError) as caught:
        model.model_validate(cast("dict[str, Json]", LEDGER[f"ledger:{block}"]) | changes)
    return [(line["loc"], line["type"], line["msg"]) for line in caught.value.errors()]


def test_the_checks_between_fields_run() -> None:
    assert _lines(Rds, "rds", storage=300, maxStorage=30, backupWindow="03:30-04:30") == [
        (("maxStorage",), CONFLICT, "330 to 399: RDS rejects a ceiling below 110 % of storage (300)"),
        (
            ("backupWindow",),
            CONFLICT,
            'a window that doesn\'t overlap maintenanceWindow ("sun:04:00-sun:05:00"), which AWS rejects',
        ),
    ]


def test_the_checks_of_a_block_below_run_and_of_a_field_below() -> None:
    caching: Json = {"minTTL": 10, "defaultTTL": 5, "maxTTL": 60}
    assert [location for location, *_ in _lines(CloudFront, "cloudfront", caching=caching)] == [("caching", "minTTL")]
    none: Json = {"minTTL": 0, "defaultTTL": 0, "maxTTL": 0}
    lines = _lines(CloudFront, "cloudfront", caching=none, compression=True)
    assert [(location, type_) for location, type_, _ in lines] == [(("caching", "maxTTL"), CONFLICT)]


def test_items_of_lists_are_named_by_their_indexes() -> None:
    lines = _lines(Network, "network", publicSubnets=["10.40.0.0/26", "10.40.0.32/27"])
    assert [location for location, *_ in lines] == [("publicSubnets", 1)]
    policy: Json = {"type": "TargetTracking", "metric": "CPUUtilization", "target": 70}
    assert [location for location, *_ in _lines(Scaling, "scaling", policies=[policy, policy])] == [
        ("policies", 1, "metric")
    ]


def test_a_value_is_not_shown() -> None:
    """The error may be printed by a program that doesn't know which values are secret."""
    with pytest.raises(ValidationError) as caught:
        Rds.model_validate(LEDGER["ledger:rds"] | {"maxStorage": 23, "storage": 22})
    assert "input_value" not in str(caught.value)

"""Prices are computed by their tiers, and a table with mistakes is rejected with all of them."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from reports.cost.prices import Price, Tier, load_prices
from reports.cost.usage import load_assumptions, usage_of

TIERS = Price(
    unit="GB",
    tiers=[Tier(above=0, usd=0.5), Tier(above=100, usd=0.2), Tier(above=300, usd=0.1)],
    source="somewhere",
    checked="us-east-1",
    service="AmazonCloudWatch",
)


@pytest.mark.parametrize(
    ("gb", "usd"),
    [(0, 0), (1, 0.5), (100, 50), (101, 50.2), (300, 90), (301, 90.1), (1300, 190)],
)
def test_each_tier_prices_what_is_above_it(gb: float, usd: float) -> None:
    assert TIERS.cost(gb, "us-east-1") == pytest.approx(usd)


def test_a_price_may_differ_by_region() -> None:
    price = TIERS.model_copy(update={"tiers": (), "usd": {"us-east-1": 1.0, "us-west-2": 1.5}})
    assert (price.cost(2, "us-east-1"), price.cost(2, "us-west-2")) == (2, 3)
    assert price.regions(["us-east-1", "us-west-2", "eu-west-1"]) == ("us-east-1", "us-west-2")


TABLE = """
regions: [us-east-1]
sources:
  page: {{title: a page, url: https://example.com, date: 2026-01-01}}
  to-check: {{title: a page, url: https://example.com}}
  {extra}
prices:
  a: {{unit: GB, service: S, source: page, checked: us-east-1, {figure}}}
  b: {{unit: GB, service: S, source: {source}, checked: {checked}, usd: 1}}
"""


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"figure": "usd: 1, tiers: [{above: 0, usd: 1}]"}, "either usd or tiers"),
        ({"figure": "tiers: [{above: 5, usd: 1}]"}, "tiers begin above 0"),
        ({"figure": "tiers: [{above: 0, usd: 1}, {above: 9, usd: 1}, {above: 5, usd: 1}]"}, "ascend"),
        ({"figure": "usd: 1, price: 2"}, "Extra inputs"),
        ({"source": "elsewhere"}, "source elsewhere isn't listed; source to-check isn't used"),
        ({"extra": "more: {title: x, url: y}"}, "source more isn't used"),
        ({"checked": "us-east-1"}, "b is checked, but its source has no date"),
    ],
)
def test_mistakes_in_the_table_are_errors(change: dict[str, str], message: str, tmp_path: Path) -> None:
    rows = {"figure": "usd: 1", "source": "to-check", "checked": '"no"', "extra": "", **change}
    file = tmp_path / "prices.yaml"
    file.write_text(TABLE.format(**rows), encoding="utf-8")
    with pytest.raises(ValidationError, match=message):
        load_prices(file)


def test_a_price_without_a_source_is_never_presented_as_checked() -> None:
    table = load_prices()
    assert table.unconfirmed
    assert all(table.sources[table.prices[name].source].date is None for name in table.unconfirmed)


def test_missing_and_unknown_assumptions_are_named() -> None:
    groups = {name: dict(rows) for name, rows in load_assumptions().items()}
    groups["assumptions"]["moon_phase"] = groups["assumptions"].pop("releases")
    with pytest.raises(ValueError, match="releases is missing, moon_phase is unknown"):
        usage_of(groups)


def test_the_documents_figures_are_the_documents() -> None:
    document = load_assumptions()["document"]
    assert {name: row.value for name, row in document.items()} == {"requests_per_second": 450, "active_users": 1234}

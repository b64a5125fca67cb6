"""The price table: every price once, with its source, its date and how AWS's Price List names it."""

import datetime
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

FILE = Path(__file__).with_name("prices.yaml")
GLOBAL = "global"


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Row):
    """Where a figure comes from; without a date, where it is still to be checked."""

    title: str
    url: str
    date: datetime.date | None = None


class Tier(_Row):
    """The price of each unit above a quantity in a month."""

    above: float
    usd: float


class Price(_Row):
    """What AWS charges for one unit: the same in every region of the table, or by region, or in tiers."""

    unit: str
    usd: float | Mapping[str, float] | None = None
    tiers: Sequence[Tier] = ()
    scope: Literal["region", "global"] = "region"
    source: str
    checked: Literal["us-east-1", "us-east-2", "us-west-2", "both", "global", "unstated", "no"]
    service: str
    usage_type: str = ""
    product: Mapping[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.usd is None) != bool(self.tiers):
            raise ValueError("either usd or tiers")
        if self.tiers and ([tier.above for tier in self.tiers] != sorted({0, *(tier.above for tier in self.tiers)})):
            raise ValueError("tiers begin above 0 and ascend")
        return self

    @property
    def is_confirmed(self) -> bool:
        """Return whether a source states the figure."""
        return self.checked != "no"

    def regions(self, covered: Sequence[str]) -> Sequence[str]:
        """Return the regions that it has a figure for, of those that the table covers."""
        if self.scope == GLOBAL:
            return (GLOBAL,)
        return tuple(self.usd) if isinstance(self.usd, Mapping) else covered

    def cost(self, quantity: float, region: str) -> float:
        """Return the cost of a month's whole quantity in a region."""
        if not self.tiers:
            return quantity * (self.usd[region] if isinstance(self.usd, Mapping) else self.usd or 0.0)
        ends = [tier.above for tier in self.tiers[1:]] + [float("inf")]
        return sum(
            tier.usd * (min(quantity, end) - tier.above)
            for tier, end in zip(self.tiers, ends, strict=True)
            if quantity > tier.above
        )


class PriceTable(_Row):
    """All prices by name."""

    regions: Sequence[str]
    sources: Mapping[str, Source]
    prices: Mapping[str, Price]

    @model_validator(mode="after")
    def _sources_match(self) -> Self:
        used = {price.source for price in self.prices.values()}
        wrong = [f"source {name} isn't listed" for name in sorted(used - self.sources.keys())]
        wrong += [f"source {name} isn't used" for name in sorted(self.sources.keys() - used)]
        wrong += [
            f"{name} is checked, but its source has no date"
            for name, price in self.prices.items()
            if price.source in self.sources and price.is_confirmed != bool(self.sources[price.source].date)
        ]
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    @cached_property
    def unconfirmed(self) -> Sequence[str]:
        """Return the names of the prices that no source states."""
        return [name for name, price in self.prices.items() if not price.is_confirmed]

    def dates(self) -> tuple[datetime.date, datetime.date]:
        """Return the oldest and the newest date of a figure."""
        dates = [source.date for source in self.sources.values() if source.date]
        return min(dates), max(dates)


def load_prices(file: Path = FILE) -> PriceTable:
    """Return the price table. Raise pydantic's ValidationError, which names all mistakes."""
    return PriceTable.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))

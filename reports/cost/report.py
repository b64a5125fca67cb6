"""What both pages show: the estimate with its totals, largest items, assumptions and prices."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from reports.cost.estimate import Item, by_component, estimate, total
from reports.cost.prices import PriceTable, load_prices
from reports.cost.usage import Assumptions, load_assumptions, usage_of
from reports.states import State

LARGEST = 10
GROWTH = 0.1

NOT_ASSUMED = (
    "Prices on demand: no Savings Plan, no reserved instances or nodes, no flat-rate plan of CloudFront, no discount.",
    (
        "No AWS Free Tier. What the prices themselves include counts: the first 50 health checks of endpoints in AWS,"
        " backups up to the size of the database's storage, 0.5 GB of WAF's logs for a million requests."
    ),
    "All users are in the United States, Canada or Mexico: CloudFront costs more elsewhere.",
    "Tasks as desired, day and night. A promotion of dr, an incident and a failover drill aren't included.",
)
NOT_ESTIMATED = (
    "what the program doesn't create: the hosted zone ($0.50), the state's bucket and key, support plans, taxes",
    "queries of people and dashboards: Logs Insights ($0.005 for a GB), GetMetricData ($0.01 for 1,000 metrics)",
    "transitions between storage classes, restores, and jobs of S3 Batch Operations",
    "PagerDuty and Slack",
)


@dataclass(frozen=True, kw_only=True)
class Group:
    """The items of a component that are charged for the same thing at the same price."""

    items: Sequence[Item]

    @property
    def first(self) -> Item:
        """Return one of the items, for what they have in common."""
        return self.items[0]

    @property
    def usd(self) -> float:
        """Return what they cost."""
        return total(self.items)

    @property
    def quantity(self) -> float:
        """Return the whole quantity."""
        return sum(item.quantity for item in self.items)

    @property
    def how(self) -> str:
        """Return how the quantity is computed: of the largest item, and how many there are."""
        first, *others = dict.fromkeys(item.how for item in sorted(self.items, key=lambda item: -item.usd))
        if others:
            return f"{first}; and {len(self.items) - 1} smaller"
        return f"{len(self.items)} × {first}" if len(self.items) > 1 else first

    @property
    def calculation(self) -> str:
        """Return the quantity × the price."""
        unit = self.first.unit
        plural = "" if self.quantity == 1 or unit in {"GB", "TB"} or unit.startswith("million") else "s"
        return f"{_amount(self.quantity)} {unit}{plural} × ${rate(self.usd / self.quantity)}"


def _amount(quantity: float) -> str:
    return f"{quantity:,.4g}" if quantity < 1000 else f"{quantity:,.0f}"


def groups(items: Iterable[Item]) -> Sequence[Group]:
    """Return the groups of some items, the most expensive one first."""
    found: dict[tuple[str, str, str, str], list[Item]] = defaultdict(list)
    for item in items:
        found[item.stack, item.component, item.what, item.price].append(item)
    return sorted((Group(items=each) for each in found.values()), key=lambda each: (-each.usd, each.first.key))


@dataclass(frozen=True, kw_only=True)
class Report:
    """The estimate of all stacks, and what it rests on."""

    items: Sequence[Item]
    table: PriceTable
    assumptions: Mapping[str, Assumptions]
    # What 10 % more requests and users add to the month.
    growth: float

    @property
    def stacks(self) -> Sequence[str]:
        """Return the names of the stacks."""
        return list(dict.fromkeys(item.stack for item in self.items))

    def of_stack(self, stack: str) -> Sequence[Item]:
        """Return a stack's items."""
        return [item for item in self.items if item.stack == stack]

    def components(self, stack: str) -> Sequence[tuple[str, float, Group]]:
        """Return a stack's components with cost and largest group of items, the most expensive one first."""
        costs = by_component(self.of_stack(stack))
        found = groups(self.of_stack(stack))
        rows = [
            (name, cost, next(each for each in found if each.first.component == name))
            for (_, name), cost in costs.items()
        ]
        return sorted(rows, key=lambda row: (-row[1], row[0]))

    @property
    def largest(self) -> Sequence[Group]:
        """Return the ten largest items."""
        return groups(self.items)[:LARGEST]

    @property
    def unconfirmed_usd(self) -> float:
        """Return what the prices without a source contribute."""
        return total(item for item in self.items if item.price in self.table.unconfirmed)


def make_report(states: Sequence[State]) -> Report:
    """Return the report of some states. Raise MissingPricesError, or ValueError for wrong tables."""
    table, assumptions = load_prices(), load_assumptions()
    usage = usage_of(assumptions)
    items = estimate(states, usage, table)
    more = replace(
        usage,
        requests_per_second=usage.requests_per_second * (1 + GROWTH),
        active_users=usage.active_users * (1 + GROWTH),
    )
    growth = total(estimate(states, more, table)) - total(items)
    return Report(items=items, table=table, assumptions=assumptions, growth=growth)


def money(usd: float) -> str:
    """Return an amount for people."""
    return f"{'-' if usd <= -0.005 else ''}${abs(usd):,.2f}"


def signed(usd: float) -> str:
    """Return a difference for people."""
    return f"+{money(usd)}" if usd >= 0.005 else money(usd)


def rate(usd: float) -> str:
    """Return a price for people, with the digits it needs: two after the point, or more."""
    whole, _, cents = f"{usd:.5f}".rstrip("0").partition(".")
    return f"{whole}.{cents.ljust(2, '0')}"


def percent(share: float) -> str:
    """Return a share for people."""
    return f"{share * 100:.0f} %"

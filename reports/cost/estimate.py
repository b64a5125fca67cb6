"""The estimate: every resource's lines, priced with the tiers of the whole account. A missing price is an error."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from reports.cost import account, alerting, data, edge, logs, network, service, storage
from reports.cost.free import FREE
from reports.cost.lines import Line, Pricer, Stack, UnpricedError, region_of
from reports.cost.prices import GLOBAL, PriceTable
from reports.cost.usage import Usage
from reports.states import Recorded, State

TIERS = (network, service, data, edge, alerting, storage, logs, account)
PRICED: Mapping[str, Pricer] = {kind: pricer for tier in TIERS for kind, pricer in tier.PRICED.items()}


@dataclass(frozen=True, kw_only=True)
class Item:
    """What AWS charges for one quantity of a resource in a month."""

    stack: str
    component: str
    resource: str
    what: str
    price: str
    region: str
    quantity: float
    unit: str
    how: str
    usd: float

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Return what identifies it in two estimates."""
        return self.stack, self.component, self.resource, self.what

    @property
    def unit_usd(self) -> float:
        """Return the price of a unit, over all tiers."""
        return self.usd / self.quantity if self.quantity else 0.0


class MissingPricesError(ValueError):
    """Resources without a price; the message names all of them and says what to add."""

    def __init__(self, problems: Sequence[str]) -> None:
        lines = "\n".join(f"  {number}. {problem}" for number, problem in enumerate(problems, 1))
        super().__init__(f"{len(problems)} without a price\n\n{lines}")
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class _Charge:
    stack: Stack
    resource: Recorded
    line: Line
    region: str


def estimate(states: Sequence[State], usage: Usage, table: PriceTable) -> Sequence[Item]:
    """Return what some stacks of one account cost, by stack and URN: the engine's order changes from run to run.

    Raise MissingPricesError for types, classes and regions without a price.
    """
    problems: list[str] = []
    ordered = [replace(state, resources=sorted(state.resources, key=lambda each: each.urn)) for state in states]
    charges = [*_charges(ordered, usage, table, problems)]
    if problems:
        raise MissingPricesError(list(dict.fromkeys(problems)))
    volumes: dict[tuple[str, str], float] = defaultdict(float)
    for charge in charges:
        volumes[charge.line.price, charge.region] += charge.line.quantity
    rates = {
        (name, region): table.prices[name].cost(volume, region) / volume
        for (name, region), volume in volumes.items()
        if volume
    }
    return [_item(charge, rates, table) for charge in charges if charge.line.quantity]


def _charges(states: Sequence[State], usage: Usage, table: PriceTable, problems: list[str]) -> Iterator[_Charge]:
    for state in states:
        stack = Stack(state=state, others=[other for other in states if other is not state], usage=usage)
        for resource in state.resources:
            if resource.is_component or resource.type in FREE:
                continue
            where = f"{state.stack}: {resource.name} ({resource.type})"
            try:
                lines = [*_priced(resource, stack)]
            except UnpricedError as error:
                problems.append(f"{where}: {error}")
                continue
            for line in lines:
                region = line.region or region_of(resource)
                problem, region = _region(line, region, table)
                if problem:
                    problems.append(f"{where}: {problem}")
                else:
                    yield _Charge(stack=stack, resource=resource, line=line, region=region)


def _priced(resource: Recorded, stack: Stack) -> Iterable[Line]:
    if pricer := PRICED.get(resource.type):
        return pricer(resource, stack)
    raise UnpricedError(
        "the type is neither priced nor free: add it to PRICED in a module of reports/cost, or to free.py"
    )


def _region(line: Line, region: str, table: PriceTable) -> tuple[str, str]:
    """Return what is missing for the price of a line, and the region whose price applies."""
    price = table.prices.get(line.price)
    if price is None:
        return f"there is no price {line.price}: add it to reports/cost/prices.yaml", region
    if price.scope == GLOBAL:
        return "", GLOBAL
    if region not in price.regions(table.regions):
        return f"the price {line.price} has no figure for {region or 'no region'}: add it to prices.yaml", region
    return "", region


def _item(charge: _Charge, rates: Mapping[tuple[str, str], float], table: PriceTable) -> Item:
    line = charge.line
    return Item(
        stack=charge.stack.name,
        component=charge.stack.state.component(charge.resource),
        resource=charge.resource.name,
        what=line.what,
        price=line.price,
        region=charge.region,
        quantity=round(line.quantity, 9),
        unit=table.prices[line.price].unit,
        how=line.how,
        usd=round(line.quantity * rates[line.price, charge.region], 9),
    )


def total(items: Iterable[Item]) -> float:
    """Return the cost of some items."""
    return sum(item.usd for item in items)


def by_component(items: Iterable[Item]) -> Mapping[tuple[str, str], float]:
    """Return the cost of each component of each stack."""
    costs: dict[tuple[str, str], float] = defaultdict(float)
    for item in items:
        costs[item.stack, item.component] += item.usd
    return costs


def as_rows(items: Iterable[Item]) -> list[dict[str, object]]:
    """Return the items as plain data."""
    return [asdict(item) for item in items]

"""How a test changes the compliant stack, and which rules have to report it. The other modules hold the changes."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.policies.compliant.stack import OLD_RULE, rule
from tests.policies.plan import STACKS, Plan, Ref

Change = Callable[[Plan], object]


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """A change to the compliant stack, and exactly the rules and resources (by name; "" is the stack) that tell.

    `stacks` are those that have what is changed.
    """

    label: str
    change: Change
    blamed: frozenset[tuple[str, str]]
    stacks: tuple[str, ...] = STACKS

    def __str__(self) -> str:
        return self.label


def told(label: str, change: Change, *blamed: str, stacks: tuple[str, ...] = STACKS) -> Mutation:
    """A change that each of `blamed` tells: rule@resource."""
    pairs = frozenset((rule_id, name) for rule_id, _, name in (each.partition("@") for each in blamed))
    return Mutation(label=label, change=change, blamed=pairs, stacks=stacks)


def sets(key: str, path: str, value: object) -> Change:
    return lambda plan: plan.set(key, path, value)


def removes(*keys: str) -> Change:
    return lambda plan: plan.remove(*keys)


def all_of(*changes: Change) -> Change:
    return lambda plan: [change(plan) for change in changes]


def inline(key: str, direction: str, **statement: object) -> Change:
    return lambda plan: plan.set(key, direction, [{"protocol": "tcp", "fromPort": 22, "toPort": 22, **statement}])


def adds_rule(direction: str, group: str, port: int, **peer: object) -> Change:
    return lambda plan: rule(plan, direction, group, port, name="added", **peer)


def adds_old_rule(direction: str, group: str, port: int, **peer: object) -> Change:
    def change(plan: Plan) -> None:
        own = {"securityGroupId": Ref(to=f"SecurityGroup {group}"), "fromPort": port, "toPort": port}
        plan.add(OLD_RULE, "added", None, type=direction, protocol="tcp", **own, **peer)

    return change


def adds_route(table: str, **target: object) -> Change:
    def change(plan: Plan) -> None:
        own = Ref(to=f"RouteTable {table}")
        plan.add("aws:ec2/route:Route", "added", None, routeTableId=own, **target)

    return change


def adds(type_: str, name: str, /, **inputs: object) -> Change:
    return lambda plan: plan.add(type_, name, None, **inputs)

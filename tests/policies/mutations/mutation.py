"""Changes of the compliant stack, and the rules that must report them. The other modules have the mutations."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.policies.compliant.stack import OLD_RULE, rule
from tests.policies.plan import STACKS, Plan, Ref

Change = Callable[[Plan], object]


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """A change of the compliant stack, and exactly the rules and resources (by name; "" is the stack) to be reported.

    `stacks` are those that the change applies to.
    """

    label: str
    change: Change
    reported: frozenset[tuple[str, str]]
    stacks: tuple[str, ...] = STACKS

    def __str__(self) -> str:
        return self.label


def mutation(label: str, change: Change, *reported: str, stacks: tuple[str, ...] = STACKS) -> Mutation:
    """Return a mutation that is reported as each of `reported`: rule@resource."""
    pairs = frozenset((rule_id, name) for rule_id, _, name in (each.partition("@") for each in reported))
    return Mutation(label=label, change=change, reported=pairs, stacks=stacks)


def sets(key: str, path: str, value: object) -> Change:
    return lambda plan: plan.set(key, path, value)


def removes(*keys: str) -> Change:
    return lambda plan: plan.remove(*keys)


def unprotects(key: str) -> Change:
    def change(plan: Plan) -> None:
        plan.resources[key].protect = False

    return change


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

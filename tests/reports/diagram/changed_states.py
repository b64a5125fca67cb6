"""States of both stacks without a resource, or with another value of one."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from reports.diagram.reading import kind
from reports.states import Recorded, State, read_state
from tests.engine.both import BothStacks


def states_of(both: BothStacks) -> tuple[State, State]:
    """Return the recorded states of production and dr."""
    return read_state("production", both["production"].state), read_state("dr", both["dr"].state)


def without(state: State, urns: Collection[str]) -> State:
    """Return a state without some resources."""
    return State(stack=state.stack, resources=[r for r in state.resources if r.urn not in urns])


def with_inputs(state: State, wanted: str, name: str, inputs: Mapping[str, object]) -> State:
    """Return a state with other inputs of the resource of that kind and name."""
    found = [r for r in state.resources if (kind(r), r.name) == (wanted, name)]
    assert len(found) == 1, f"{wanted} {name} is {len(found)} times in {state.stack}"
    return State(stack=state.stack, resources=[_changed(r, inputs) if r is found[0] else r for r in state.resources])


def promoted(dr: State) -> State:
    """Return the state of dr after a promotion, when the origin takes the traffic."""
    name = "database-taskflow-dr"
    primary = {"replicateSourceDb": None, "multiAz": True, "engine": "postgres", "engineVersion": "15"}
    answer = {"actions": [{"type": "fixed-response", "fixedResponse": {"statusCode": "200"}}]}
    dr = with_inputs(dr, "rds/instance", name, {**primary, "allocatedStorage": 200})
    return with_inputs(dr, "lb/listenerRule", "origin-latch", answer)


def during_cutover(production: State) -> State:
    """Return the state of production with a restored instance beside the database."""
    (database,) = [r for r in production.resources if r.name == "database-taskflow-production" and r.id]
    restored = replace(
        database,
        urn=f"{database.urn}-restored",
        inputs={**database.inputs, "identifier": "taskflow-restored"},
        outputs={**database.outputs, "address": "taskflow-restored.rds.amazonaws.com", "arn": "restored"},
    )
    return State(stack=production.stack, resources=[restored, *production.resources])


def _changed(resource: Recorded, inputs: Mapping[str, object]) -> Recorded:
    return replace(resource, inputs={**resource.inputs, **inputs})

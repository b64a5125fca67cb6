"""Mutants that no preview accepts: AWS or the engine refuses them before a policy is asked."""

from collections.abc import Mapping
from typing import cast

from policies.engine.facts import Resource
from policies.engine.graph import Stack
from sandbox import shapes
from sandbox.service_models import check as service_models
from sandbox.values import Value


def is_refused(resource: Resource) -> bool:
    """Whether the inputs violate the SDK's types, or the published models of AWS's API."""
    inputs = cast("Mapping[str, Value]", resource.properties)
    if not resource.type.startswith(("aws:", "random:")):
        return False
    return bool(shapes.check(resource.type, inputs) or service_models.check(resource.type, inputs).violations)


def is_needed(urn: str, stack: Stack) -> bool:
    """Whether a property of another resource is an output of this one: without it the program doesn't run."""
    return any(urn in urns for resource in stack.resources for urns in (resource.property_urns or {}).values())

"""A policy pack with one idle rule, so that the benchmark's floor includes the cost of a pack."""

from pulumi_policy import (
    EnforcementLevel,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
)


def allow(_args: ResourceValidationArgs, _report: ReportViolation) -> None:
    """Report no violation."""


PolicyPack(
    "idle",
    policies=[ResourceValidationPolicy("idle", "Allows everything", allow)],
    enforcement_level=EnforcementLevel.MANDATORY,
)

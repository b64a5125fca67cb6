"""Makes a pack of one idle rule, so that the benchmark's floor pays for a policy pack as well."""

from pulumi_policy import (
    EnforcementLevel,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
)


def allow(_args: ResourceValidationArgs, _report: ReportViolation) -> None:
    """Report nothing."""


PolicyPack(
    "idle",
    policies=[ResourceValidationPolicy("idle", "Allows everything", allow)],
    enforcement_level=EnforcementLevel.MANDATORY,
)

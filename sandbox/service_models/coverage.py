"""The share of planned values that AWS's models constrain: counted in the stand-ins, printed by `make preview`."""

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from sandbox.service_models.check import CheckResult


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The known texts and numbers of the planned resources, how many are constrained, and types without any."""

    botocore: str = ""
    known: int = 0
    constrained: int = 0
    unchecked_types: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read the output of `Coverage.as_json`."""
        values = json.loads(text)
        return cls(
            botocore=values["botocore"],
            known=values["known"],
            constrained=values["constrained"],
            unchecked_types=tuple(values["unchecked_types"]),
        )

    def lines(self) -> list[str]:
        """Return the lines that `make preview` prints; none if no resource was planned."""
        if not self.known:
            return []
        share = f"{self.constrained} of {self.known} known values ({self.constrained / self.known:.0%})"
        unchecked = f"Not checked here: {', '.join(self.unchecked_types)} (no constraint in the models)."
        return [
            f"Checked against AWS's service models (botocore {self.botocore}): {share}.",
            *([unchecked] if self.unchecked_types else []),
        ]


@dataclass(kw_only=True)
class Coverage:
    """The result of each resource's last check, by URN: the engine checks a resource more than once."""

    by_urn: "dict[str, tuple[str, CheckResult]]" = field(default_factory=dict[str, "tuple[str, CheckResult]"])

    def add(self, urn: str, token: str, result: "CheckResult") -> None:
        """Add a resource's result; it replaces an earlier one."""
        self.by_urn[urn] = (token, result)

    def summary(self) -> Summary:
        """Return the figures of all checked resources."""
        from sandbox.service_models.models import version

        constrained: dict[str, int] = {}
        for token, result in list(self.by_urn.values()):
            constrained[token] = constrained.get(token, 0) + result.constrained
        results = [result for _, result in self.by_urn.values()]
        return Summary(
            botocore=version(),
            known=sum(result.known for result in results),
            constrained=sum(result.constrained for result in results),
            unchecked_types=tuple(sorted(_short_name(token) for token, count in constrained.items() if not count)),
        )

    def as_json(self) -> str:
        """Return the summary as one line of JSON."""
        return json.dumps(asdict(self.summary()))


def _short_name(token: str) -> str:
    """Return a type's short name: `ec2 Vpc` for `aws:ec2/vpc:Vpc`."""
    package, module, name = token.split(":")
    service = module.split("/")[0]
    return f"{package if service == 'index' else service} {name}"

"""How much of what was planned a constraint of AWS's models held: counted in the stand-ins, shown by the command."""

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from sandbox.service_models.check import Checked


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The known texts and numbers of the planned resources: how many, how many held, and the types with none held."""

    botocore: str = ""
    leaves: int = 0
    held: int = 0
    types_without: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `Coverage.as_json` wrote."""
        values = json.loads(text)
        return cls(
            botocore=values["botocore"],
            leaves=values["leaves"],
            held=values["held"],
            types_without=tuple(values["types_without"]),
        )

    def lines(self) -> list[str]:
        """Return what `make preview` shows; nothing if no resource was planned."""
        if not self.leaves:
            return []
        share = f"{self.held} of {self.leaves} planned texts and numbers ({self.held / self.leaves:.0%})"
        models = f"AWS's service models (botocore {self.botocore})"
        without = ", ".join(self.types_without)
        return [
            f"{share} were held to a constraint of {models}.",
            *([f"Types with no constraint on what is known of them: {without}."] if without else []),
        ]


@dataclass(kw_only=True)
class Coverage:
    """What was held to a constraint, by URN: the engine checks a resource more than once."""

    by_urn: "dict[str, tuple[str, Checked]]" = field(default_factory=dict[str, "tuple[str, Checked]"])

    def add(self, urn: str, token: str, checked: "Checked") -> None:
        """Count a resource, in the place of what was counted for it before."""
        self.by_urn[urn] = (token, checked)

    def summary(self) -> Summary:
        """Return the figures for everything that was checked."""
        from sandbox.service_models.models import version

        held: dict[str, int] = {}
        for token, checked in list(self.by_urn.values()):
            held[token] = held.get(token, 0) + checked.held
        checks = [checked for _, checked in self.by_urn.values()]
        return Summary(
            botocore=version(),
            leaves=sum(checked.leaves for checked in checks),
            held=sum(checked.held for checked in checks),
            types_without=tuple(sorted(_short(token) for token, count in held.items() if not count)),
        )

    def as_json(self) -> str:
        """Return the summary as one line of JSON."""
        return json.dumps(asdict(self.summary()))


def _short(token: str) -> str:
    """Return a type as the message names it: `ec2 Vpc` for `aws:ec2/vpc:Vpc`."""
    package, module, name = token.split(":")
    service = module.split("/")[0]
    return f"{package if service == 'index' else service} {name}"

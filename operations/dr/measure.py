"""What a promotion took and lost, beside its targets (decision 0046)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from rich.text import Text

from operations.dr.record import Promotion
from operations.dr.targets import TARGETS, Mode
from operations.frame.report import Report
from operations.incident.record import Incident


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The times of a promotion. `loss`: the time before production's end whose writes dr lacks, None if unknown.

    `unsure`: so much later than the last write that dr has the first alarm came.
    """

    mode: Mode
    outage: timedelta
    since_begun: timedelta
    replayed_to: datetime | None
    loss: timedelta | None
    unsure: timedelta = timedelta(0)

    @property
    def details(self) -> Mapping[str, object]:
        """The fields of the audit event."""
        return {
            "mode": str(self.mode),
            "outage_seconds": int(self.outage.total_seconds()),
            "loss_seconds": None if self.loss is None else int(self.loss.total_seconds()),
        }


def measured(promotion: Promotion, incident: Incident) -> Measured:
    """Measure a promotion that serves users.

    The outage begins with the first alarm that was on at the declaration, or with the declaration. A lost production
    has no alarm, and dr's own one comes minutes later: then it begins with the last write that dr has, if that was
    earlier, and what is lost is what the replica lacked while it still replicated.
    """
    serving_at = promotion.serving_at or promotion.began_at
    alarm_at = incident.declared.detected_at or incident.declared.at
    began, loss = alarm_at, timedelta(0)
    if promotion.mode is Mode.ACCEPT_LOSS:
        began = min(alarm_at, promotion.replayed_to or alarm_at)
        loss = None if promotion.lag_seconds is None else timedelta(seconds=promotion.lag_seconds)
    return Measured(
        mode=promotion.mode,
        outage=serving_at - began,
        since_begun=serving_at - promotion.began_at,
        replayed_to=promotion.replayed_to,
        loss=loss,
        unsure=alarm_at - began,
    )


def show(report: Report, found: Measured) -> None:
    """Print outage and loss beside their targets; collect the values of the JSON document."""
    target = TARGETS[found.mode]
    is_sure = found.mode is Mode.GRACEFUL
    since = "the first alarm" if is_sure or not found.unsure else "the last write that dr has"
    outage = _row(f"outage, since {since}", found.outage, target.outage)
    begun = ("", "  of it since the command began", _words(found.since_begun), "")
    loss = _row("lost writes" if is_sure else "lost writes, by the lag before", found.loss, target.loss)
    report.table(("", "measured", "time", "target"), [outage, begun, loss])
    if found.mode is Mode.ACCEPT_LOSS:
        until = f"{found.replayed_to:%Y-%m-%d %H:%M:%S} UTC" if found.replayed_to else "an unknown time"
        report.line(f"dr has every write until {until}. What production wrote later is in its old instance only.")
        if found.unsure:
            at_most = _words(found.unsure)
            report.line(f"Up to {at_most} are lost if production went on without its replica until the first alarm.")
    report.values |= {
        **found.details,
        "command_seconds": int(found.since_begun.total_seconds()),
        "replayed_to": found.replayed_to,
        "target_outage_seconds": int(target.outage.total_seconds()),
        "target_loss_seconds": int(target.loss.total_seconds()),
    }


def show_outage(report: Report, outage: timedelta) -> None:
    """Print the outage of a planned switch, which loses nothing, beside its target."""
    target = TARGETS[Mode.GRACEFUL]
    report.table(
        ("", "measured", "time", "target"),
        [_row("outage, since dr stopped", outage, target.outage), _row("lost writes", timedelta(0), target.loss)],
    )
    report.values |= {"outage_seconds": int(outage.total_seconds()), "loss_seconds": 0}


def _row(name: str, value: timedelta | None, target: timedelta) -> tuple[Text, str, str, str]:
    is_met = value is not None and value <= target
    sign = Text("✓", style="green") if is_met else Text("✗", style="bold red")
    return sign, name, _words(value), _words(target)


def _words(value: timedelta | None) -> str:
    if value is None:
        return "unknown"
    seconds = int(value.total_seconds())
    return f"{seconds // 60} min {seconds % 60:02} s" if seconds >= 60 else f"{seconds} s"

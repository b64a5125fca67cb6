"""CloudWatch's alarms: metric and composite ones, and the history of their states."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

PAGE = 2
KINDS = {"MetricAlarm": "MetricAlarms", "CompositeAlarm": "CompositeAlarms"}


@dataclass(kw_only=True)
class Alarms:
    """Alarms by name; a composite one has an AlarmRule."""

    alarms: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    history: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def describe(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return alarms by name or prefix. Without AlarmTypes CloudWatch returns metric alarms only."""
        state, types = request.get("StateValue"), request.get("AlarmTypes", ["MetricAlarm"])
        names = request.get("AlarmNames")
        found = [
            alarm
            for name, alarm in sorted(self.alarms.items())
            if (names is None or name in names)
            and name.startswith(request.get("AlarmNamePrefix", ""))
            and state in (None, alarm["StateValue"])
            and _kind(alarm) in types
        ]
        start = int(request.get("NextToken", "0"))
        more = {"NextToken": str(start + PAGE)} if start + PAGE < len(found) else {}
        page = found[start : start + PAGE]
        return {list_: [each for each in page if _kind(each) == kind] for kind, list_ in KINDS.items()} | more

    def change(self, name: str, at: datetime, before: str, after: str, kind: str = "MetricAlarm") -> None:
        """Record a change of an alarm's state."""
        data = {"version": "1.0", "oldState": {"stateValue": before}, "newState": {"stateValue": after}}
        self.history.append(
            {
                "AlarmName": name, "AlarmType": kind, "Timestamp": at, "HistoryItemType": "StateUpdate",
                "HistorySummary": f"Alarm updated from {before} to {after}", "HistoryData": json.dumps(data),
            }
        )  # fmt: skip

    def describe_history(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return changes of state in a period. Without AlarmTypes CloudWatch returns those of metric alarms only."""
        types = request.get("AlarmTypes", ["MetricAlarm"])
        since, until = float(request["StartDate"]), float(request["EndDate"])
        found = [
            each
            for each in self.history
            if each["AlarmType"] in types and since <= each["Timestamp"].timestamp() <= until
        ]
        start = int(request.get("NextToken", "0"))
        more = {"NextToken": str(start + PAGE)} if start + PAGE < len(found) else {}
        return {"AlarmHistoryItems": found[start : start + PAGE], **more}


def _kind(alarm: Mapping[str, Any]) -> str:
    return "CompositeAlarm" if "AlarmRule" in alarm else "MetricAlarm"

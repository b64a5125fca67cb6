"""Single metrics of CloudWatch, minute by minute."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from operations.frame.context import Context

MINUTE = 60


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A value, and the beginning of the minute that it is of."""

    at: datetime
    value: float


def samples(
    context: Context,
    namespace: str,
    name: str,
    dimensions: Mapping[str, str],
    *,
    statistic: str = "Maximum",
    within: timedelta = timedelta(minutes=15),
) -> Sequence[Sample]:
    """Return a metric's values within a time before now, the newest first."""
    now = context.clock.now()
    answer = context.aws.cloudwatch.get_metric_data(
        MetricDataQueries=[
            {
                # Ids begin with a lower-case letter.
                "Id": name[0].lower() + name[1:],
                "MetricStat": {
                    "Metric": {
                        "Namespace": namespace,
                        "MetricName": name,
                        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
                    },
                    "Period": MINUTE,
                    "Stat": statistic,
                },
                "ReturnData": True,
            }
        ],
        StartTime=now - within,
        EndTime=now,
    )
    result = answer["MetricDataResults"][0]
    found = zip(result.get("Timestamps", []), result.get("Values", []), strict=True)
    return sorted((Sample(at=at, value=value) for at, value in found), key=lambda each: each.at, reverse=True)

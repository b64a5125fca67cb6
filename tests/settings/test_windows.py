"""Windows over one week: minutes, overlaps, and the week's end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings.windows import DAY, WEEK, Span, meet, minute_of_week, spans, widened

SPANS = st.builds(Span, start=st.integers(0, WEEK - 1), length=st.integers(1, DAY))


def minutes(span: Span) -> set[int]:
    return {(span.start + n) % WEEK for n in range(span.length)}


@given(SPANS, SPANS)
def test_two_spans_meet_where_they_share_a_minute(one: Span, other: Span) -> None:
    """Counted minute by minute, over the week's end as well."""
    shared = bool(minutes(one) & minutes(other))
    assert one.meets(other) == other.meets(one) == shared


def test_a_daily_window_is_there_every_day_and_a_weekly_one_once() -> None:
    assert [s.start for s in spans("02:00-03:30")] == [day * DAY + 120 for day in range(7)]
    assert {s.length for s in spans("02:00-03:30")} == {90}
    assert spans("sun:23:30-mon:00:30") == (Span(start=minute_of_week("sun:23:30"), length=60),)
    assert {s.length for s in spans("23:30-00:30")} == {60}


@pytest.mark.parametrize(
    ("window", "other", "together"),
    [
        ("02:00-03:00", "sun:03:00-sun:04:00", False),
        ("02:00-03:01", "sun:03:00-sun:04:00", True),
        ("23:30-00:30", "mon:00:00-mon:01:00", True),
        ("sun:23:30-mon:00:30", "00:00-00:15", True),
        ("sun:23:30-mon:00:30", "tue:00:00-tue:00:15", False),
    ],
)
def test_windows_that_only_touch_do_not_meet(window: str, other: str, together: bool) -> None:
    assert meet(window, spans(other)) == together


def test_a_widened_window_begins_earlier_and_ends_later() -> None:
    (wide,) = widened("mon:00:30-mon:01:30", before=60, after=30)
    assert minutes(wide) == {*range(WEEK - 30, WEEK), *range(120)}

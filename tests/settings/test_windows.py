"""Windows over one week: minutes, overlaps, and the wrap-around at the week's end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings.windows import DAY, WEEK, Span, minute_of_week, overlap, spans, widened

SPANS = st.builds(Span, start=st.integers(0, WEEK - 1), length=st.integers(1, DAY))


def minutes(span: Span) -> set[int]:
    return {(span.start + n) % WEEK for n in range(span.length)}


@given(SPANS, SPANS)
def test_two_spans_overlap_if_they_share_a_minute(one: Span, other: Span) -> None:
    """Counted minute by minute, also over the week's end."""
    shared = bool(minutes(one) & minutes(other))
    assert one.overlaps(other) == other.overlaps(one) == shared


def test_a_daily_window_has_seven_spans_and_a_weekly_one_has_one() -> None:
    assert [s.start for s in spans("02:00-03:30")] == [day * DAY + 120 for day in range(7)]
    assert {s.length for s in spans("02:00-03:30")} == {90}
    assert spans("sun:23:30-mon:00:30") == (Span(start=minute_of_week("sun:23:30"), length=60),)
    assert {s.length for s in spans("23:30-00:30")} == {60}


@pytest.mark.parametrize(
    ("window", "other", "overlaps"),
    [
        ("02:00-03:00", "sun:03:00-sun:04:00", False),
        ("02:00-03:01", "sun:03:00-sun:04:00", True),
        ("23:30-00:30", "mon:00:00-mon:01:00", True),
        ("sun:23:30-mon:00:30", "00:00-00:15", True),
        ("sun:23:30-mon:00:30", "tue:00:00-tue:00:15", False),
    ],
)
def test_windows_that_only_touch_do_not_overlap(window: str, other: str, overlaps: bool) -> None:
    assert overlap(window, spans(other)) == overlaps


def test_a_widened_window_starts_earlier_and_ends_later() -> None:
    (wide,) = widened("mon:00:30-mon:01:30", before=60, after=30)
    assert minutes(wide) == {*range(WEEK - 30, WEEK), *range(120)}

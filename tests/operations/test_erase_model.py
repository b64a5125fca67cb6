"""The ends of the report against a model of AWS: never earlier than the moment at which the last copy can be read.

The model removes each copy as late as AWS may (tests/operations/fake/buckets.py goes through the nights). The deletion,
the history before it and the time of the reading are arbitrary.
"""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from operations.data.ends import expired_at, is_in_time
from operations.data.objects import files
from operations.data.remainder import PROBLEMS, Question, Remainder
from operations.data.subject import Subject
from operations.data.vaults import remainders, vaults
from tests.operations.fake.buckets import RULE, Bucket, Buckets
from tests.operations.fake.clock import START, FakeClock
from tests.operations.fake.copies import Copies, Point
from tests.operations.fake.world import World
from tests.operations.support import Terminal

DAY = timedelta(days=1)
MINUTES_OF_100_DAYS = 100 * 24 * 60
SUBJECT = Subject(id="u-7f3a")
# One world: each example replaces its copies and its clock.
WORLD = World()
MODEL = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
minutes = st.integers(min_value=1, max_value=MINUTES_OF_100_DAYS)
# Often as late as is allowed for.
lateness = st.one_of(st.just(4 * 24 * 60), st.integers(min_value=0, max_value=4 * 24 * 60))


def read(copies: Copies | None, buckets: Buckets | None, question: Question, now: FakeClock) -> list[Remainder]:
    """Return what the command reads at a time."""
    WORLD.clock.time = now.time
    WORLD.wire.restart()
    if copies:
        WORLD.wire.handlers = {**WORLD.wire.handlers, **copies.handlers()}
        return Terminal(world=WORLD).run_with(
            lambda context: [each for vault in vaults(context) for each in remainders(context, question, vault)]
        )
    assert buckets
    WORLD.wire.raw = buckets.handlers()
    return Terminal(world=WORLD).run_with(lambda context: list(files(context, question, "bucket")))


@MODEL
@given(
    history=st.lists(st.tuples(st.sampled_from("ab"), minutes, st.booleans(), lateness), max_size=8),
    lates=st.tuples(lateness, lateness),
    days=st.integers(min_value=1, max_value=79),
    read_after=st.integers(min_value=0, max_value=120 * 24 * 60),
)
def test_no_version_and_no_marker_outlives_its_end(
    history: list[tuple[str, int, bool, int]], lates: tuple[int, int], days: int, read_after: int
) -> None:
    clock, deleted_at = FakeClock(), START
    bucket = Bucket(rules=[{**RULE, "NoncurrentVersionExpiration": {"NoncurrentDays": days}}])
    for key, ago, is_marker, late in sorted(history, key=lambda each: -each[1]):
        at = deleted_at - timedelta(minutes=ago)
        bucket.put(SUBJECT.prefix + key, at, is_marker=is_marker, late=timedelta(minutes=late))
    for key, late in zip("ab", lates, strict=True):
        bucket.delete(SUBJECT.prefix + key, deleted_at, late=timedelta(minutes=late))
    clock.sleep(read_after * 60)
    buckets = Buckets(clock=clock, buckets={"bucket": bucket})
    found = read(None, buckets, Question(subject=SUBJECT, deleted_at=deleted_at), clock)
    left = bucket.left(clock.now())
    assert sum(each.found or 0 for each in found) == len(left)
    ends = {each.place: each.ends for each in found}
    for each in left:
        end = ends["files: delete markers" if bucket.is_latest(each) else "files: old versions"]
        assert end
        assert bucket.end(each) <= end
    assert not [each for each in found if each.found and each.verdict(deleted_at) in PROBLEMS]


@MODEL
@given(
    starts=st.lists(minutes, max_size=8),
    running=st.integers(min_value=0, max_value=8 * 60),
    after=st.lists(minutes, max_size=4),
    late=st.integers(min_value=0, max_value=8 * 60 - 1),
    read_after=st.integers(min_value=0, max_value=120 * 24 * 60),
)
def test_no_recovery_point_with_the_data_outlives_its_end(
    starts: list[int], running: int, after: list[int], late: int, read_after: int
) -> None:
    """A backup starts, has the data of some later moment, and lives 90 days from its start."""
    clock, deleted_at = FakeClock(), START
    clock.sleep(read_after * 60)
    times = [deleted_at - timedelta(minutes=each) for each in starts]
    times += [deleted_at + timedelta(minutes=each) for each in after]
    points = [Point(created=each, late=timedelta(minutes=late)) for each in times]
    copies = Copies(clock=clock, region="us-east-1", stack="production", vaults={"vault": points})
    (vault,) = read(copies, None, Question(subject=SUBJECT, deleted_at=deleted_at), clock)
    readable = [
        each.ends
        for each in points
        if each.ends and each.ends > clock.now() and each.created + timedelta(minutes=running) <= deleted_at
    ]
    if readable:
        assert vault.found
        assert vault.ends
        assert max(readable) <= vault.ends
    if vault.found and vault.ends:
        # 90 days from a start before the deletion, and 8 hours: within a calendar day of the limit.
        assert is_in_time(vault.ends - timedelta(hours=8), deleted_at)


@given(st.datetimes(min_value=START.replace(tzinfo=None)), st.integers(min_value=1, max_value=365))
def test_s3_rounds_up_to_a_midnight(since: object, days: int) -> None:
    assert hasattr(since, "hour")
    end = expired_at(since, days)  # pyright: ignore[reportArgumentType]
    assert (end.hour, end.minute, end.second, end.microsecond) == (0, 0, 0, 0)
    assert timedelta(0) < end - since - days * DAY <= DAY  # pyright: ignore[reportOperatorIssue]

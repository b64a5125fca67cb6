"""Which of dr's instances a promotion takes, by both stack files: the one with the data that production serves."""

from collections.abc import Mapping

import pytest

from operations.dr.plan import SUCCESSOR_SETTING, standby_in
from operations.frame.errors import OperationError
from settings.rds import Rds, Source, Successor
from tests.operations.support import settings

PRODUCTION, DR = "taskflow-production", "taskflow-dr"
RESTORED, SECOND, RETURNED = "taskflow-recovery-20261102-1020", "taskflow-dr-2", "taskflow-production-2"


def source(name: str, region: str = "us-east-1") -> Source:
    arn = f"arn:aws:rds:{region}:987654321098:db:{name}"
    return Source.model_validate({"instance": arn, "maxConnections": 800})


def rds(stack: str, **changes: object) -> Rds:
    return settings(stack).rds.model_copy(update=changes)


def restored(*, promoted: bool) -> Successor:
    return Successor(identifier=RESTORED, restored=True, promoted=promoted)


def second(*, of: str, promoted: bool = False) -> Successor:
    return Successor(identifier=SECOND, source=source(of), promoted=promoted)


FAILED_BACK: Mapping[str, object] = {
    "successor": Successor(identifier=RETURNED, source=source(DR, "us-west-2"), promoted=True)
}


@pytest.mark.parametrize(
    ("production", "recovery", "name", "is_promoted"),
    [
        pytest.param({}, {}, DR, False, id="as deployed"),
        pytest.param({}, {"promoted": True}, DR, True, id="after a promotion"),
        pytest.param({"successor": restored(promoted=False)}, {}, DR, False, id="a restored instance is adopted"),
        pytest.param(
            {"successor": restored(promoted=False)}, {"successor": second(of=RESTORED)}, DR, False,
            id="dr has a replica of it too",
        ),
        pytest.param(
            {"successor": restored(promoted=True)}, {"successor": second(of=RESTORED)}, SECOND, False,
            id="the restored instance serves",
        ),
        pytest.param(
            {"successor": restored(promoted=True)}, {"successor": second(of=RESTORED, promoted=True)}, SECOND, True,
            id="and dr has taken over",
        ),
        pytest.param(
            {"identifier": RESTORED}, {"identifier": SECOND, "source": source(RESTORED)}, SECOND, False,
            id="both are moved up",
        ),
        pytest.param(FAILED_BACK, {"promoted": True}, DR, True, id="after a fail-back"),
        pytest.param(
            FAILED_BACK, {"promoted": True, "successor": second(of=RETURNED)}, SECOND, False,
            id="and with a new replica in dr",
        ),
    ],
)  # fmt: skip
def test_the_instance_with_the_data_that_serves_takes_over(
    production: Mapping[str, object], recovery: Mapping[str, object], name: str, is_promoted: bool
) -> None:
    found = standby_in(rds("production", **production), rds("dr", **recovery))
    assert (found.name, found.is_promoted) == (name, is_promoted)
    assert (found.setting == SUCCESSOR_SETTING) is (name == SECOND and "identifier" not in recovery)


@pytest.mark.parametrize(
    ("production", "recovery"),
    [
        pytest.param({"successor": restored(promoted=True)}, {}, id="a cutover without dr"),
        pytest.param({}, {"source": source("another")}, id="a replica of another database"),
        pytest.param(FAILED_BACK, {}, id="stack files of different times"),
    ],
)
def test_without_one_nothing_takes_over(production: Mapping[str, object], recovery: Mapping[str, object]) -> None:
    """dr's first replica has the data that the restore has undone."""
    with pytest.raises(OperationError, match="dr has no replica of"):
        standby_in(rds("production", **production), rds("dr", **recovery))

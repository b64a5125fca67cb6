"""Which releases ran, which one runs, and which one a rollback returns to.

ECS keeps deployments for 90 days; the release record (record.py) has older releases.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from operations.release.service import ROLLED_BACK, Deployment, Revision


@dataclass(frozen=True, kw_only=True)
class History:
    """What deployments that are over have left.

    `standing`: the revisions that a rollback passes through, the running one last, each with another digest. A
    successful deployment of a new digest adds one; one of an earlier digest removes those after it, which are in
    `returned_from`. `succeeded` has every release that ran. `returned_at`: the time of the last change, if it was such
    a return, by ECS or by a person.
    """

    standing: Sequence[Revision]
    succeeded: Sequence[Revision]
    returned_from: frozenset[str]
    returned_at: datetime | None

    @property
    def running(self) -> Revision | None:
        """The running release; None before the first one."""
        return self.standing[-1] if self.standing else None

    @property
    def previous(self) -> Revision | None:
        """The release before the running one."""
        return self.standing[-2] if len(self.standing) > 1 else None


def history(
    deployments: Iterable[Deployment],
    revisions: Mapping[str, Revision],
    *,
    family: str,
    older: Sequence[Revision] = (),
) -> History:
    """Return the history of deployments that are over.

    `family` is that of releases: the placeholder's revisions are no release to return to. `older` are releases that
    ran before the oldest deployment, the oldest first.
    """
    past = _Past(revisions=revisions, family=family, standing=[*older], succeeded=[*older])
    for deployment in sorted(deployments, key=lambda each: each.created_at):
        past.add(deployment)
    return History(
        standing=past.standing,
        succeeded=past.succeeded,
        returned_from=frozenset(past.returned_from),
        returned_at=past.returned_at,
    )


class _Past:
    """The history so far, one deployment after another."""

    def __init__(
        self, *, revisions: Mapping[str, Revision], family: str, standing: list[Revision], succeeded: list[Revision]
    ) -> None:
        self.revisions = revisions
        self.family = family
        self.standing = standing
        self.succeeded = succeeded
        self.returned_from: set[str] = set()
        self.returned_at: datetime | None = None
        # Digests of deployments since the last result that ended without one; empty text for an unknown digest.
        self.unfinished: list[str] = []

    def add(self, deployment: Deployment) -> None:
        """Add the next deployment."""
        target = self.revisions.get(deployment.target)
        reached = self.revisions.get(deployment.reached or "")
        if deployment.reached is None:
            self.unfinished.append((target.digest if target else None) or "")
            return
        digests = [each.digest for each in self.standing]
        if deployment.status in ROLLED_BACK:
            # A return that failed leaves the service where it was.
            if target is None or target.digest not in digests[:-1]:
                self.returned_at = deployment.finished_at or deployment.created_at
            failed = {*self.unfinished, (target.digest if target else None) or ""}
            self.returned_from |= failed - {"", *digests}
        elif reached is not None:
            self._succeeded(deployment, reached, digests)
        if reached and reached.family == self.family and reached.digest:
            self._stand(reached, digests)
        self.unfinished = []

    def _succeeded(self, deployment: Deployment, reached: Revision, digests: Sequence[str | None]) -> None:
        left = {digest for digest in self.unfinished if digest and digest not in digests}
        is_same = bool(digests) and reached.digest == digests[-1]
        # The same image again after another one's unfinished deployment is a return from that one.
        is_return = reached.digest in digests[:-1] or (is_same and bool(left))
        if is_return:
            self.returned_at = deployment.finished_at or deployment.created_at
            self.returned_from |= left
        elif not is_same:
            # The same image again, such as with other settings, is no new release.
            self.returned_at = None
        if reached.family == self.family and reached.digest:
            self.succeeded.append(reached)

    def _stand(self, reached: Revision, digests: Sequence[str | None]) -> None:
        """Put a revision on top; the same digest with other settings replaces the revision."""
        if reached.digest in digests:
            at = digests.index(reached.digest)
            self.returned_from |= {each.digest for each in self.standing[at + 1 :] if each.digest}
            self.standing[at:] = [reached]
        else:
            self.standing.append(reached)
        self.returned_from.discard(reached.digest or "")

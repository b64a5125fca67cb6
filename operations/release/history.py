"""Which releases ran, which one runs, and which one a rollback returns to.

ECS keeps deployments for 90 days; the release record (record.py) has older releases.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from operations.release.service import ROLLED_BACK, Deployment, Revision


@dataclass(frozen=True, kw_only=True)
class History:
    """`standing`: the revisions that a rollback passes through, the running one last, each with another digest.

    A successful deployment of a new digest adds a revision; one of an earlier digest removes those after it, because
    somebody returned from them. `returned_from` has their digests. `is_return`: the last change was such a return, by
    ECS or by a person.
    """

    standing: Sequence[Revision]
    returned_from: frozenset[str]
    is_return: bool

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
    """Return the history of deployments that are over, the newest first as ECS lists them.

    `family` is that of releases: the placeholder's revisions are no release to return to. `older` are releases that
    ran before the oldest deployment, the oldest first.
    """
    standing: list[Revision] = [*older]
    returned_from: set[str] = set()
    is_return = False
    for deployment in sorted(deployments, key=lambda each: each.created_at):
        digests = [each.digest for each in standing]
        failed = revisions.get(deployment.target) if deployment.status in ROLLED_BACK else None
        # A return that failed leaves the service where it was.
        is_failed_return = failed is not None and failed.digest in digests[:-1]
        if failed and failed.digest and failed.digest not in digests:
            returned_from.add(failed.digest)
        reached = revisions.get(deployment.reached or "")
        if reached is None:
            continue
        is_return = (failed is not None or reached.digest in digests[:-1]) and not is_failed_return
        if reached.family != family or reached.digest is None:
            continue
        if reached.digest in digests:
            at = digests.index(reached.digest)
            returned_from |= {each.digest for each in standing[at + 1 :] if each.digest}
            # The same digest with other settings replaces the revision.
            standing[at:] = [reached]
        else:
            standing.append(reached)
        returned_from.discard(reached.digest)
    return History(standing=standing, returned_from=frozenset(returned_from), is_return=is_return)

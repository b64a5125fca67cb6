"""`taskflow cache rotate`: the AUTH token of Redis, in the two steps of ElastiCache.

ROTATE adds a token beside the current one; SET leaves only one. At most two are valid, so a ROTATE is never sent twice:
the second one could end the token that the running tasks have.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from botocore.exceptions import ClientError

from operations.frame.aws import error_code
from operations.frame.context import Context, Progress
from operations.frame.errors import ExitCode, OperationError
from operations.frame.polling import poll
from operations.frame.store import RecordStore
from operations.rotation.rotation import Rotation, rotate
from operations.rotation.secret import Secret, Value, Versions, generated

if TYPE_CHECKING:
    from types_boto3_elasticache.type_defs import ReplicationGroupTypeDef

FIELD = "authToken"
# ElastiCache changes the token of a node after the other.
APPLIED_WITHIN = timedelta(minutes=30)
# So long an earlier run's request may not be visible in a description.
VISIBLE_WITHIN = timedelta(minutes=2)
# The code of ElastiCache's answer while it makes another change; seconds until the next look.
BUSY = ("InvalidReplicationGroupState", "InvalidReplicationGroupStateFault")
PAUSE = 30.0


@dataclass(frozen=True, kw_only=True)
class CacheToken:
    """The AUTH token of a stack's cache."""

    context: Context
    secret: Secret
    action: str = "cache rotate"
    title: str = "the AUTH token of Redis"

    def next_value(self, current: Value) -> Value:
        """Return a new token, at least a minute after the last change: that must not be taken for the next one."""
        while self.context.clock.now() - self._last_change() < timedelta(minutes=1):
            self.context.clock.sleep(PAUSE)
        return {**current, FIELD: generated()}

    def changes(self, current: Value) -> Sequence[str]:  # noqa: ARG002
        """Return what is changed in the cache."""
        return [f"add the new token to {self.context.environment.name}; the old one remains valid"]

    def accept(self, versions: Versions, *, is_new: bool) -> None:
        """Add the token; return once it is valid on all nodes."""
        pending = versions.pending or ""
        value, created_at = self.secret.value(pending), self.secret.created_at(pending)
        if not is_new and self._is_changed(created_at):
            return
        while not self._modify(value, "ROTATE"):
            # It may be the change that an earlier run requested.
            if self._is_changed(created_at):
                return
        self._is_changed(created_at)

    def retire(self, value: Value, store: RecordStore[Rotation]) -> None:
        """Leave only the current token. A SET that an earlier run sent isn't sent again once it has taken effect."""
        since = store.load().retiring_from
        if since is None:
            since = self._last_change() + timedelta(seconds=1)
            store.update(lambda record: record.model_copy(update={"retiring_from": since}))
        elif self._is_changed(since):
            return
        while not self._modify(value, "SET"):
            if self._is_changed(since):
                return
        self._is_changed(since)

    def _modify(self, value: Value, strategy: Literal["ROTATE", "SET"]) -> bool:
        """Request a change; return False if another one is in progress, once that is over."""
        words = {"ROTATE": "Adding the new token", "SET": "Removing the old token"}
        self.context.step(f"{words[strategy]} ({strategy})")
        try:
            # Sent once: a second ROTATE, after a lost answer, could end the token that the tasks have.
            self.context.aws.once("elasticache").modify_replication_group(
                ReplicationGroupId=self.context.environment.name,
                AuthToken=value.get(FIELD, ""),
                AuthTokenUpdateStrategy=strategy,
                ApplyImmediately=True,
            )
        except ClientError as error:
            if error_code(error) not in BUSY:
                raise
            self.context.step("ElastiCache is still making an earlier change")
            self.context.clock.sleep(PAUSE)
            self._settled()
            return False
        return True

    def _last_change(self) -> datetime:
        return self._settled().get("AuthTokenLastModifiedDate", datetime.min.replace(tzinfo=UTC))

    def _is_changed(self, since: datetime) -> bool:
        """Whether the token was changed since a time, of AWS's clock; return once nothing is pending for 2 minutes.

        A request may be visible late, and AWS doesn't document whether each change moves the date.
        """

        def changed() -> bool | None:
            return True if self._last_change() >= since else None

        return poll(self.context.clock, changed, limit=VISIBLE_WITHIN) is not None

    def _settled(self) -> "ReplicationGroupTypeDef":
        """Return the group once it is available and no change of its token is pending."""
        progress = Progress(context=self.context)

        def settled() -> "ReplicationGroupTypeDef | None":
            name = self.context.environment.name
            groups = self.context.aws.elasticache.describe_replication_groups(ReplicationGroupId=name)
            group = groups["ReplicationGroups"][0]
            pending = group.get("PendingModifiedValues", {}).get("AuthTokenStatus")
            status = group.get("Status", "")
            if status == "available" and not pending:
                return group
            progress.show(f"{name}: {status}{f', token {pending.lower()}' if pending else ''}")
            return None

        group = poll(self.context.clock, settled, limit=APPLIED_WITHIN)
        if group is None:
            raise OperationError(
                "The cache isn't available after 30 minutes",
                code=ExitCode.UNFINISHED,
                advice="Both tokens may be valid. Run the same command again to wait on.",
            )
        return group


def rotate_cache(context: Context) -> None:
    """Rotate the token of this stack's cache."""
    environment = context.environment
    secret = Secret(context.aws, f"{environment.application}/{environment.stack}/cache-auth")
    rotate(context, CacheToken(context=context, secret=secret), stacks=[context.options.stack])

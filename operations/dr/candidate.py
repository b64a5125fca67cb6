"""A replica that is promoted by an `up`, in either region: what it has, and whether the promotion is done."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from operations.dr.replica import SERVES, Instance, Lag, instance_of, lag_of
from operations.frame.context import Context, Progress
from operations.frame.errors import ExitCode, OperationError
from operations.frame.plan import INSTANCE_KIND
from operations.frame.polling import poll

# RDS commits something on an idle primary every five minutes, and CloudWatch shows it a minute or two later.
CAUGHT_UP_WITHIN = timedelta(minutes=10)
# After the `up`, which itself waits for RDS.
WRITABLE_WITHIN = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An instance of the context's stack. `may_be_promoted`: the stack file says so, by this run or an earlier one."""

    context: Context
    name: str
    may_be_promoted: bool

    def settled(self) -> Instance:
        """Return the instance; once it is settled if an `up` of an earlier run may have begun to promote it."""
        if not self.may_be_promoted:
            return instance_of(self.context, self.name)
        progress = Progress(context=self.context)

        def settled() -> Instance | None:
            found = instance_of(self.context, self.name)
            progress.show(f"{self.name} is {found.status}")
            return found if found.status in SERVES else None

        found = poll(self.context.clock, settled, limit=WRITABLE_WITHIN)
        if found is None:
            raise OperationError(
                f"{self.name} isn't available after 30 minutes",
                code=ExitCode.UNFINISHED,
                advice="Run the same command again to wait on.",
            )
        return found

    def caught_up(self, stopped_at: datetime) -> tuple[datetime | None, Lag | None]:
        """Return until when the replica has every write, once that is after the stop; None after a limit.

        The second value is the last lag that was seen.
        """
        seen = list[Lag]()
        progress = Progress(context=self.context)

        def caught_up() -> datetime | None:
            if self.may_be_promoted and not instance_of(self.context, self.name).is_replica:
                # The `up` of an earlier run, which had waited for it.
                return stopped_at
            lag = lag_of(self.context, self.name)
            seen[:] = [lag] if lag else seen
            words = f"{lag.replayed_to:%H:%M:%S}" if lag else "an unknown time"
            progress.show(f"{self.name} has every write until {words}; writes stopped at {stopped_at:%H:%M:%S}")
            return lag.replayed_to if lag and lag.replayed_to > stopped_at else None

        found = poll(self.context.clock, caught_up, limit=CAUGHT_UP_WITHIN, interval=15)
        return found, seen[0] if seen else None

    def up(self, *targets: str) -> None:
        """Run `pulumi up`; once more if the state doesn't know yet that the database is promoted.

        An `up` that was killed saved no state, and the provider would promote again, which RDS refuses of a primary.
        Only the instance is read: a whole refresh asks IAM and Route 53.
        """
        stack, pulumi = self.context.options.stack, self.context.pulumi
        try:
            pulumi.up(stack, targets)
        except OperationError as error:
            if error.code is ExitCode.REFUSED or instance_of(self.context, self.name).is_replica:
                raise
            urns = [
                step.urn
                for step in pulumi.preview(stack)
                if step.kind == INSTANCE_KIND and step.name.endswith(self.name)
            ]
            if not urns:
                raise
            self.context.step("Reading the database into Pulumi's state: an earlier `up` has promoted it")
            for urn in urns:
                pulumi.refresh(stack, urn)
            pulumi.up(stack, targets)

    def await_writable(self, consequence: str) -> None:
        """Return once the instance is a writable primary; OperationError, with what follows from it, after a limit."""
        progress = Progress(context=self.context)

        def writable() -> bool | None:
            found = instance_of(self.context, self.name)
            if found.is_writable:
                return True
            progress.show(f"{self.name} is {found.status}")
            return None

        if not poll(self.context.clock, writable, limit=WRITABLE_WITHIN):
            raise OperationError(
                f"{self.name} isn't a writable primary yet. {consequence}",
                code=ExitCode.UNFINISHED,
                advice="Run the same command again to wait on.",
            )

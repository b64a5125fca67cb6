"""dr's replica of the adopted instance. Without it a loss of us-east-1 after the cutover costs more than its lag."""

from dataclasses import dataclass
from datetime import timedelta

from botocore.exceptions import BotoCoreError, ClientError

from operations.cutover.plan import follower_values
from operations.dr.replica import instance_of, lag_of
from operations.frame.aws import explained
from operations.frame.context import Context
from operations.frame.errors import ExitCode, OperationError
from operations.frame.stack_file import change_settings
from operations.recovery.rds import Description
from settings.stacks import RECOVERY

# So far behind the replica may be at the switch. An idle primary's lag climbs to five minutes and falls again.
MAX_LAG = timedelta(minutes=6)


@dataclass(frozen=True, kw_only=True)
class Follower:
    """dr's replica of a restored instance. A stack without a recovery stack needs none."""

    context: Context
    instance: Description

    @property
    def _name(self) -> str:
        return self.instance["DBInstanceIdentifier"]

    def problem(self) -> str:
        """Return why dr doesn't replicate the instance yet; empty if it does."""
        if not self.context.settings.backup.recovery:
            return ""
        recovery = self.context.of_stack(RECOVERY)
        replica = self._replica(recovery)
        if replica is None:
            return f"Pulumi.{RECOVERY}.yaml has no replica of {self._name}"
        try:
            return self._problem_of(recovery, replica)
        except (BotoCoreError, ClientError) as error:
            return explained(error, recovery.environment.region).message
        except OperationError as error:
            return error.message

    def _problem_of(self, recovery: Context, replica: str) -> str:
        found, lag = instance_of(recovery, replica), lag_of(recovery, replica)
        if not found.is_replica or found.problem:
            return f"{replica} doesn't replicate {self._name}: {found.problem or 'it is a primary'}"
        if lag is None:
            return f"{replica} reports no lag"
        return "" if lag.seconds <= MAX_LAG.total_seconds() else f"{replica} is {lag.seconds:.0f} s behind"

    def require(self, ticket: str | None) -> None:
        """Raise OperationError while dr doesn't replicate the instance. Its stack file is prepared for that."""
        problem = self.problem()
        if not problem:
            return
        recovery = self.context.of_stack(RECOVERY)
        advice = "Wait until it has caught up, then run the same command again."
        command = ""
        if self._replica(recovery) is None:
            if recovery.settings.rds.successor:
                advice = f"Pulumi.{RECOVERY}.yaml has a successor that replicates another instance: end that one first."
            else:
                own = self.context.settings.rds
                values = follower_values(recovery.settings.rds, self.instance["DBInstanceArn"], own.max_connections)
                change_settings(self.context.folder, RECOVERY, values)
                advice = (
                    f"Pulumi.{RECOVERY}.yaml now has the replica. Log in to dr's state, deploy it, log in to "
                    "production's again, and run the same command again:"
                )
                command = f"pulumi up --stack {RECOVERY} --policy-pack policies"
        raise OperationError(
            f"{self._name} is prepared, and {problem}. Production serves as before",
            code=ExitCode.UNFINISHED,
            advice=f"If production can't wait, add --without-dr. {advice}",
            command=command or self.context.command(f"db cutover {self._name}", ticket),
        )

    def _replica(self, recovery: Context) -> str | None:
        """Return the name of dr's replica of the instance, by dr's stack file."""
        rds, arn = recovery.settings.rds, self.instance["DBInstanceArn"]
        if rds.successor and rds.successor.source and rds.successor.source.instance == arn:
            return rds.successor.identifier
        return rds.identifier if rds.source and rds.source.instance == arn else None

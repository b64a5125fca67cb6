"""What is known of both regions. Each region is asked once; one that doesn't answer isn't asked again."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from operations.dr.plan import Standby, standby_of
from operations.dr.record import RecoveryRecord, recovery_store
from operations.dr.replica import Instance, Lag, instance_of, lag_of
from operations.dr.stacks import Stacks
from operations.frame.aws import explained, is_transient
from operations.frame.context import Context
from operations.frame.errors import ExitCode, OperationError
from operations.release.api import Api
from operations.release.revision import TaskDefinition

T = TypeVar("T")


@dataclass(kw_only=True)
class Sight:
    """Both stacks. `lost`: why production's region is unknown, empty while it answers."""

    stacks: Stacks
    lost: str = field(default="", init=False)

    @property
    def recovery(self) -> Context:
        """The recovery stack."""
        return self.stacks.recovery

    @cached_property
    def standby(self) -> Standby:
        """The recovery stack's instance that replicates production, by the stack files."""
        return standby_of(self.stacks)

    @cached_property
    def instance(self) -> Instance:
        """The recovery stack's instance."""
        return instance_of(self.recovery, self.standby.name)

    @cached_property
    def lag(self) -> Lag | None:
        """The newest sample of its lag."""
        return lag_of(self.recovery, self.standby.name)

    @cached_property
    def api(self) -> Api:
        """The recovery stack's API."""
        return Api(context=self.recovery)

    @cached_property
    def running(self) -> TaskDefinition:
        """The task definition that the recovery stack's service has."""
        return self.api.definitions.read(self.api.state.task_definition)

    @cached_property
    def record(self) -> RecoveryRecord:
        """What a recovery has done so far."""
        return recovery_store(self.recovery).load()

    def of_production(self, read: Callable[[Context], T]) -> T:
        """Read something in production's region; OperationError if the region doesn't answer."""
        if not self.lost:
            try:
                return read(self.stacks.production)
            except (BotoCoreError, ClientError) as error:
                if not is_transient(error):
                    raise
                self.lost = explained(error, self.stacks.production.environment.region).message
        region = self.stacks.production.environment.region
        raise OperationError(f"{region} doesn't answer", code=ExitCode.UNREACHABLE, advice=self.lost)

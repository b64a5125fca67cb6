"""What a checklist is about: a version of a stack, and what several of its checks read."""

from dataclasses import dataclass
from functools import cached_property

from operations.frame.context import Context
from operations.release.api import Api
from operations.release.record import Record
from operations.release.registry import digest_of
from operations.release.revision import TaskDefinition
from operations.release.service import Deployment


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A version of a stack. What can't be read raises in each check that needs it."""

    context: Context
    version: str
    staging_profile: str | None = None

    @cached_property
    def digest(self) -> str:
        """The digest of the version's image."""
        return digest_of(self.context, self.version)

    @cached_property
    def api(self) -> Api:
        """The stack's API."""
        return Api(context=self.context)

    @cached_property
    def record(self) -> Record:
        """The release record."""
        return self.api.store.load()

    @cached_property
    def newest(self) -> Deployment | None:
        """The newest deployment."""
        return self.api.service.newest_deployment()

    @cached_property
    def running(self) -> TaskDefinition:
        """The task definition that the service has."""
        return self.api.definitions.read(self.api.state.task_definition)

    @property
    def database(self) -> str:
        """The name of the instance that serves: the successor once it is promoted."""
        return self.context.settings.rds.serving_identifier()

"""`taskflow db cutover`: a restored instance takes over from the stack's database. Decision 0045.

1. It is compared with the database. 2. The first `up` adopts it. 3. It gets the current passwords. 4. dr replicates it.
5. The old instance is closed to the API. 6. The second `up` gives new tasks its address. 7. They replace the old ones.

Each step is looked up before it is done: in AWS, in Pulumi's plan, in the stack files or in the record. Until step 5
production serves as before; from then on no instance takes writes until step 7.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from operations.cutover.follower import Follower
from operations.cutover.plan import AN_ADOPTION, adoption_values, is_of_switch
from operations.cutover.switch import Switch
from operations.database.bootstrap import set_roles
from operations.database.secret import application_secret
from operations.dr.replica import SERVES
from operations.frame.context import Context, Operation
from operations.frame.errors import ExitCode, OperationError
from operations.frame.plan import previewed
from operations.frame.stack_file import change_settings
from operations.recovery.blueprint import blueprint_of
from operations.recovery.comparison import require_equal, show
from operations.recovery.instances import addition_of
from operations.recovery.properties import compare
from operations.recovery.rds import AVAILABLE, SOURCE_TAG, Description, instance_of, is_recovery, tags_of
from operations.release.api import Api
from operations.release.service import SUCCESSFUL
from operations.rotation.rotation import require_no_migration
from settings.rds import Successor


@dataclass(frozen=True, kw_only=True)
class CutoverOptions:
    """The restored instance; whether production switches before dr replicates it, or without closing the old one."""

    name: str
    without_dr: bool = False
    old_is_cut_off: bool = False


def cutover(context: Context, options: CutoverOptions) -> None:
    """Let a restored instance take over; return once the API uses it, raise OperationError otherwise."""
    operation = Operation(context=context, action="db cutover")
    with operation.running():
        _Cutover(context=context, operation=operation, options=options).run()


@dataclass(frozen=True, kw_only=True)
class _Cutover:
    """One run of the command."""

    context: Context
    operation: Operation
    options: CutoverOptions

    @property
    def _name(self) -> str:
        return self.options.name

    @property
    def _old(self) -> str:
        return self.context.settings.rds.identifier

    @property
    def _stack(self) -> str:
        return self.context.options.stack

    @property
    def _successor(self) -> Successor | None:
        """The successor that the stack file has, which is this instance or none."""
        return self.context.settings.rds.successor

    @cached_property
    def _api(self) -> Api:
        return Api(context=self.context)

    @cached_property
    def _is_switched(self) -> bool:
        """Whether the second `up` is done: the file alone may have been changed by a run that was killed."""
        if not (self._successor and self._successor.promoted):
            return False
        return not any(is_of_switch(step) for step in self.context.pulumi.preview(self._stack))

    @property
    def _switch(self) -> Switch:
        return Switch(
            context=self.context,
            operation=self.operation,
            name=self._name,
            old_is_cut_off=self.options.old_is_cut_off,
        )

    def run(self) -> None:
        """Do what is left to do."""
        self._require_own()
        # In a stack with the secrets of another one this ends the command.
        secret = application_secret(self.context)
        instance = self._instance()
        self.context.report.values |= {"instance": self._name, "replaced": self._old}
        if self._is_switched and self._serves(instance):
            self.context.report.done(f"The API uses {self._name} already")
            self._next_steps()
            return
        if self._successor is None:
            self._require_alike(instance)
        closed_at = self._switch.closed_at()
        self._require_quiet(is_closed=closed_at is not None)
        if closed_at is None and secret.versions().pending is not None:
            raise OperationError(
                "A rotation of the database password is unfinished",
                code=ExitCode.REFUSED,
                advice="End it first:",
                command=self.context.command("db rotate", self.operation.ticket),
            )
        follower = Follower(context=self.context, instance=instance)
        if closed_at is None:
            _, steps = previewed(self.context, adoption_values(self._name), addition_of(self._name), AN_ADOPTION)
            self.operation.begin(f"cut over to {self._name}", self._changes(instance, follower, adopts=bool(steps)))
            self._prepare(follower)
            # A release may have begun since.
            self._require_quiet(is_closed=False)
        else:
            words = [
                f"{self._old} has been closed since {closed_at:%H:%M:%S} UTC: users get errors",
                *self._last_steps(),
            ]
            self.operation.begin(f"continue the cutover to {self._name}", words)
        self._switch.run()
        self._end(instance)

    # Before anything is changed.

    def _require_own(self) -> None:
        """Require a restored instance's name, and no other successor in the stack file."""
        application, successor = self.context.environment.application, self._successor
        if not is_recovery(application, self._name):
            raise OperationError(
                f"{self._name} is not the name of a restored instance ({application}-recovery-YYYYMMDD-HHMM)",
                code=ExitCode.USAGE,
            )
        if self._name == self._old:
            raise OperationError(
                f"{self._name} is the database of {self.context.environment.name} already", code=ExitCode.REFUSED
            )
        if successor and successor.identifier != self._name:
            raise OperationError(
                f"Pulumi.{self._stack}.yaml has another successor: {successor.identifier}",
                code=ExitCode.REFUSED,
                advice="End that one first: docs/runbooks/cut-over.md.",
            )

    def _instance(self) -> Description:
        found = instance_of(self.context.aws, self._name)
        status = found["DBInstanceStatus"] if found else "missing"
        if found is None or status not in (SERVES if self._successor else {AVAILABLE}):
            raise OperationError(f"{self._name} is {status}, not available", code=ExitCode.REFUSED)
        return found

    def _serves(self, instance: Description) -> bool:
        """Whether the service has the instance's address, and no deployment may take it back."""
        newest = self._api.settled_deployment()
        is_settled = newest is None or newest.status == SUCCESSFUL
        running = self._api.definitions.read(self._api.service.state().task_definition)
        return is_settled and running.database == instance["Endpoint"]["Address"]

    def _require_alike(self, instance: Description) -> None:
        """Require what `db restore` required of it: it may have been changed since."""
        own = blueprint_of(self.context)
        compared = compare(instance, own)
        if not all(each.is_equal for each in compared):
            show(self.context.report, compared, self._name, own.like)
        discard = self.context.command(f"db discard {self._name}", self.operation.ticket)
        require_equal(compared, self._name, own.like, discard)

    def _require_quiet(self, *, is_closed: bool) -> None:
        """Refuse while a release or a migration runs. Once the old instance is closed, a deployment may be our own."""
        require_no_migration(self._api)
        newest = self._api.settled_deployment()
        if newest and not newest.is_over and not is_closed:
            raise OperationError(
                f"A deployment of {self._api.service.name} has been running since {newest.created_at:%H:%M} UTC",
                code=ExitCode.REFUSED,
                advice="Wait for it; `taskflow release` or `taskflow rollback` ends it.",
            )

    def _changes(self, instance: Description, follower: Follower, *, adopts: bool) -> Sequence[str]:
        source = tags_of(instance).get(SOURCE_TAG)
        words = [f"{self._name} has the data of {source or 'its restore'}: what was written since stays in {self._old}"]
        if adopts:
            words.append(f"`pulumi up` of {self._stack}: adopt it, with a replica, alarms and backups (half an hour)")
        words.append("set its roles, and the current password of the API")
        problem = follower.problem()
        if problem and not self.options.without_dr:
            return [*words, f"then stop, since {problem}; production serves as before"]
        accepted = [f"dr isn't ready, and that is accepted: {problem}"] if problem else []
        return [*words, *accepted, *self._last_steps()]

    def _last_steps(self) -> Sequence[str]:
        return [
            f"close {self._old} to the API: users get errors until the end",
            f"`pulumi up` of {self._stack}: new tasks get the address of {self._name}",
            "migrate its schema, and deploy the running image again",
        ]

    # The steps.

    def _prepare(self, follower: Follower) -> None:
        """Adopt the instance, give it the current password, and require that dr replicates it."""
        change_settings(self.context.folder, self._stack, adoption_values(self._name))
        self.context.step(f"`pulumi up` of {self._stack}: {self._name} is adopted")
        # Also if nothing is planned: it shows that no other `up` runs, before users depend on one.
        self.context.pulumi.up(self._stack)
        self.context.step(f"{self._name} gets the roles and the current password")
        set_roles(self._api, self._name)
        if not self.options.without_dr:
            follower.require(self.operation.ticket)

    def _end(self, instance: Description) -> None:
        """Require that the API uses the instance, and that users are answered."""
        if not self._serves(instance):
            raise OperationError(
                f"The running tasks don't have the address of {self._name}",
                code=ExitCode.CHECK_FAILED,
                advice="`databaseHost` among the stack's outputs is what new tasks get. docs/runbooks/cut-over.md.",
            )
        self._api.check_health()
        self.context.report.done(f"The API uses {self._name}; {self._old} is closed to it, and is kept for comparison")
        self._next_steps()

    def _next_steps(self) -> None:
        report = self.context.report
        report.line("Next", "bold")
        report.bullet("`taskflow smoke`, and commit the stack files: an `up` with an old one would undo the switch")
        report.bullet("bring back from the old instance what the restored one lacks, as a change of the application")
        report.bullet("after seven days retire the old instance: docs/runbooks/cut-over.md, Finish")

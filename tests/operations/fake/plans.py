"""The bucket of a stack's state with its saved plans, and Pulumi, which deploys by a plan and writes the state."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.awsrequest import AWSPreparedRequest

from operations.frame.errors import ExitCode, OperationError
from operations.frame.pulumi import Pulumi, Step
from tests.operations.fake.rest_xml import body_of, decoded, error, operation_model
from tests.operations.fake.task_definitions import ACCOUNT
from tests.operations.fake.wire import Killed, RawAnswer, Wire
from tests.settings.support import as_data

URN = "urn:pulumi:{stack}::taskflow::aws:sqs/queue:Queue::{name}"


@dataclass(kw_only=True)
class StateBucket:
    """The state's version of each stack, 0 before the first `up`, and the saved plans by key."""

    region: str = "us-east-1"
    versions: dict[str, int] = field(default_factory=dict[str, int])
    plans: dict[str, bytes] = field(default_factory=dict[str, bytes])

    @property
    def settings(self) -> Mapping[str, str]:
        """The bucket and the key of the region, in the stack file."""
        delivery: Any = as_data("production")["taskflow:delivery"]
        return next(state for state in delivery["states"] if self.region in state["key"])

    def handlers(self) -> Mapping[str, Callable[[AWSPreparedRequest], RawAnswer | None]]:
        """Return the operations, for Wire.raw."""
        return {"s3 HeadObject": self._head, "s3 GetObject": self._get, "s3 PutObject": self._put}

    def _asked(self, name: str, request: AWSPreparedRequest) -> Mapping[str, Any]:
        parameters = decoded(operation_model(name), request)
        assert parameters["ExpectedBucketOwner"] == ACCOUNT
        assert parameters["Bucket"] == self.settings["bucket"]
        return parameters

    def _head(self, request: AWSPreparedRequest) -> RawAnswer:
        stack = Path(self._asked("s3 HeadObject", request)["Key"])
        assert str(stack.parent) == ".pulumi/stacks/taskflow"
        version = self.versions.get(stack.stem)
        # An answer to HEAD has no body, so that the code is the status.
        return (200, "", {"ETag": f'"{version:032x}"'}) if version else (404, "", {})

    def _get(self, request: AWSPreparedRequest) -> RawAnswer:
        plan = self.plans.get(self._asked("s3 GetObject", request)["Key"])
        if plan is None:
            return 404, error("NoSuchKey", "The specified key does not exist."), {}
        return 200, plan, {"Content-Length": str(len(plan))}

    def _put(self, request: AWSPreparedRequest) -> RawAnswer:
        parameters = self._asked("s3 PutObject", request)
        assert parameters["ServerSideEncryption"] == "aws:kms"
        assert parameters["SSEKMSKeyId"] == self.settings["key"]
        assert parameters["Key"].startswith("plans/")
        self.plans[parameters["Key"]] = body_of(request)
        return 200, "", {"ETag": '"1"'}


@dataclass(kw_only=True)
class PlanningPulumi(Pulumi):
    """Deploys the resources of a program, each a name with a value; dies or fails at a point of an `up`."""

    wire: Wire
    bucket: StateBucket
    program: dict[str, int] = field(default_factory=lambda: {"jobs": 1, "mail": 1, "files": 1})
    deployed: dict[str, int] = field(default_factory=dict[str, int])
    # What was changed, in its order.
    done: list[str] = field(default_factory=list[str])
    # Steps of a look for drift.
    drifted: Sequence[Step] = ()
    is_locked: bool = False
    stop: int = 0
    fail: int = 0
    points: int = 0

    def plan(self, stack: str, file: Path) -> Sequence[Step]:
        changed = self._changed()
        file.write_text(json.dumps(changed))
        operations = {name: "update" if name in self.deployed else "create" for name in changed}
        return [Step(operation=each, urn=URN.format(stack=stack, name=name)) for name, each in operations.items()]

    def up_by_plan(self, stack: str, file: Path) -> None:
        if self.is_locked:
            raise OperationError("the stack is locked", code=ExitCode.REFUSED, command="pulumi cancel")
        planned = json.loads(file.read_text())
        assert file.stat().st_mode & 0o077 == 0, "others can read the plan"
        # A lock stays if the process dies.
        self.is_locked, self.points = True, 0
        try:
            for name, value in self._changed().items():
                self._pass_point()
                if planned.get(name) != value:
                    raise OperationError(f"{name} isn't in the plan", code=ExitCode.REFUSED)
                self.deployed[name] = value
                self.done.append(name)
                self.bucket.versions[stack] = self.bucket.versions.get(stack, 0) + 1
            self._pass_point()
        except OperationError:
            self.is_locked = False
            raise
        self.is_locked = False

    def drift(self, stack: str) -> Sequence[Step]:
        assert stack
        return self.drifted

    def preview(self, stack: str) -> Sequence[Step]:
        raise AssertionError(stack)

    def up(self, stack: str, targets: Sequence[str] = ()) -> None:
        raise AssertionError(stack, targets)

    def refresh(self, stack: str, urn: str) -> None:
        raise AssertionError(stack, urn)

    def _changed(self) -> dict[str, int]:
        return {name: value for name, value in self.program.items() if self.deployed.get(name) != value}

    def _pass_point(self) -> None:
        self.points += 1
        if self.points == self.stop:
            self.wire.is_dead = True
            raise Killed
        if self.points == self.fail:
            raise OperationError("`pulumi up` failed", advice="Its output is above.")

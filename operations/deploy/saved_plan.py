"""Plans of Pulumi that wait for their approval, in the bucket of the stack's state, under its key.

A plan is of one commit and one state. It is stale once either has changed, or after a day.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from operations.frame.aws import error_code
from operations.frame.context import Context
from operations.frame.errors import ExitCode, OperationError
from settings.delivery import State
from settings.stacks import PRIMARY

# The folder of plans beside Pulumi's own, to which the roles of workflows are limited.
PLANS = "plans"
VALID = timedelta(days=1)
_MISSING = {"404", "NoSuchKey", "NotFound"}


@dataclass(frozen=True, kw_only=True)
class SavedPlan:
    """A plan: Pulumi's document, and what it was made from. `state` is the version of the state, as S3 knows it."""

    stack: str
    commit: str
    state: str
    saved_at: datetime
    document: str

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 of the plan, which an approval is about."""
        return hashlib.sha256(f"{self.stack}\n{self.commit}\n{self.state}\n{self.document}".encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class PlanStore:
    """The saved plans of a stack."""

    context: Context

    def state_version(self) -> str:
        """Return the version of the stack's state: each `up` writes a new one. "" if there is none yet."""
        project = self.context.environment.application
        key = f".pulumi/stacks/{project}/{self.context.options.stack}.json"
        try:
            answer = self.context.aws.s3.head_object(Bucket=self._state.bucket, Key=key, **self._owner)
        except ClientError as error:
            if error_code(error) in _MISSING:
                return ""
            raise
        return answer["ETag"].strip('"')

    def save(self, plan: SavedPlan) -> None:
        """Save a plan in place of an earlier one of the same commit."""
        body = {**asdict(plan), "saved_at": plan.saved_at.isoformat()}
        self.context.aws.s3.put_object(
            Bucket=self._state.bucket,
            Key=self._key(plan.commit),
            Body=json.dumps(body).encode(),
            ContentType="application/json",
            ServerSideEncryption="aws:kms",
            SSEKMSKeyId=self._state.key,
            **self._owner,
        )

    def load(self, commit: str) -> SavedPlan:
        """Return the plan of a commit; OperationError if there is none, or if it can't be read."""
        try:
            answer = self.context.aws.s3.get_object(Bucket=self._state.bucket, Key=self._key(commit), **self._owner)
        except ClientError as error:
            if error_code(error) in _MISSING:
                raise OperationError(
                    f"There is no plan of {self.context.options.stack} for {commit[:12]}",
                    code=ExitCode.REFUSED,
                    advice="Make one, and have it approved:",
                    command=self.context.command("deploy plan"),
                ) from error
            raise
        try:
            return parse_plan(answer["Body"].read())
        except (ValueError, TypeError, KeyError) as error:
            raise OperationError(
                f"The saved plan of {self.context.options.stack} for {commit[:12]} can't be read",
                code=ExitCode.REFUSED,
                advice="Another version of this command wrote it. Plan again:",
                command=self.context.command("deploy plan"),
            ) from error

    def _key(self, commit: str) -> str:
        return f"{PLANS}/{self.context.options.stack}/{commit}.json"

    @property
    def _owner(self) -> dict[str, Any]:
        return {"ExpectedBucketOwner": self.context.environment.account}

    @property
    def _state(self) -> State:
        """The state of the stack's region. The primary's settings have those of all regions."""
        region = self.context.environment.region
        delivery = self.context.of_stack(PRIMARY).settings.delivery
        for state in delivery.states if delivery else ():
            if state.key.split(":")[3] == region:
                return state
        raise OperationError(
            f"No state of {region} is named in the stack file",
            code=ExitCode.USAGE,
            advice=f"Add its bucket and key to delivery.states in Pulumi.{PRIMARY}.yaml.",
        )


def parse_plan(body: bytes) -> SavedPlan:
    """Return a plan as `save` wrote it; ValueError, TypeError or KeyError if it is anything else."""
    values: dict[str, Any] = json.loads(body)
    values["saved_at"] = datetime.fromisoformat(values["saved_at"])
    return SavedPlan(**values)


def write_document(plan: SavedPlan, folder: Path) -> Path:
    """Write Pulumi's document to a file that only this user reads, and return it."""
    file = folder / f"{plan.stack}.plan.json"
    file.touch(mode=0o600)
    file.write_text(plan.document, encoding="utf-8")
    return file

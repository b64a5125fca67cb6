"""A secret of Secrets Manager and its labels, by which a rotation knows how far it came.

AWSPENDING on another version than AWSCURRENT: the new value may not be valid yet. Both on one version: the new value is
current, and the old one still valid. No AWSPENDING: no rotation is in progress. Pulumi ignores values and labels.
"""

import json
import secrets
import string
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from operations.frame.aws import Aws
from operations.frame.errors import ExitCode, OperationError

CURRENT, PENDING = "AWSCURRENT", "AWSPENDING"
# As components/shared/secrets.py generates them.
LENGTH, ALPHABET = 48, string.ascii_letters + string.digits

Value = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Versions:
    """The ids of the current version and of the pending one, if there is one."""

    current: str
    pending: str | None

    @property
    def is_promoted(self) -> bool:
        """Whether a rotation is in progress whose new value is current."""
        return self.pending == self.current


class Secret:
    """One secret by its name."""

    def __init__(self, aws: Aws, name: str) -> None:
        self._client = aws.secretsmanager
        self.name = name

    def versions(self) -> Versions:
        """Return the labelled versions; OperationError if the secret doesn't exist."""
        try:
            answer = self._client.describe_secret(SecretId=self.name)
        except self._client.exceptions.ResourceNotFoundException:
            raise OperationError(
                f"There is no secret {self.name}", code=ExitCode.REFUSED, advice="Deploy the stack first."
            ) from None
        by_label = {
            label: version for version, labels in answer.get("VersionIdsToStages", {}).items() for label in labels
        }
        return Versions(current=by_label.get(CURRENT, ""), pending=by_label.get(PENDING))

    def created_at(self, version: str) -> datetime:
        """Return when a version was created, by AWS's clock."""
        return self._client.get_secret_value(SecretId=self.name, VersionId=version)["CreatedDate"]

    def value(self, version: str) -> Value:
        """Return the value of a version: a JSON object of texts."""
        text = self._client.get_secret_value(SecretId=self.name, VersionId=version)["SecretString"]
        try:
            value = json.loads(text)
        except json.JSONDecodeError:
            value = None
        if not isinstance(value, dict):
            raise OperationError(f"The secret {self.name} doesn't contain a JSON object", code=ExitCode.REFUSED)
        return cast("Value", value)

    def create(self, value: Value) -> str:
        """Store a pending value; return its version."""
        answer = self._client.put_secret_value(
            SecretId=self.name,
            SecretString=json.dumps(value),
            ClientRequestToken=str(uuid.uuid4()),
            VersionStages=[PENDING],
        )
        return answer["VersionId"]

    def require(self, expected: Versions) -> None:
        """Require that no other run has moved the labels since they were read."""
        if self.versions() != expected:
            raise OperationError(
                f"Another run has changed the secret {self.name}",
                code=ExitCode.REFUSED,
                advice="Wait for it to end, then run the same command again: it continues, or says that none is left.",
            )

    def promote(self, versions: Versions) -> None:
        """Make the pending version current; Secrets Manager labels the other one AWSPREVIOUS."""
        try:
            self._client.update_secret_version_stage(
                SecretId=self.name,
                VersionStage=CURRENT,
                MoveToVersionId=versions.pending or "",
                RemoveFromVersionId=versions.current,
            )
        except self._client.exceptions.InvalidParameterException:
            # A repeated request, after a lost answer, finds the label moved.
            if self.versions().current != versions.pending:
                raise

    def finish(self, version: str) -> None:
        """Remove the label of a rotation in progress."""
        try:
            self._client.update_secret_version_stage(
                SecretId=self.name, VersionStage=PENDING, RemoveFromVersionId=version
            )
        except self._client.exceptions.InvalidParameterException:
            if self.versions().pending is not None:
                raise


def generated() -> str:
    """Return a new password or token."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))

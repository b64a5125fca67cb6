"""Roles that a person assumes for one command, by STS. Sections: Access Controls (How to Access), Database Access.

The credentials stay in the process: they are neither printed nor written to a file.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from operations.frame.aws import Aws, error_code
from operations.frame.context import TICKET, Context
from operations.frame.errors import ExitCode, OperationError

if TYPE_CHECKING:
    from types_boto3_sts.type_defs import AssumeRoleRequestTypeDef

# Access Controls: sessions limited to 1 hour. It is also STS's limit for a role that is assumed from another one.
SESSION_SECONDS = 3600
# STS, AssumeRole: TokenCode is six digits, SourceIdentity 2 to 64 of these characters.
MFA_CODE = re.compile(r"[0-9]{6}")
NOT_IN_IDENTITY = re.compile(r"[^A-Za-z0-9_+=,.@-]")
MIN_IDENTITY, MAX_IDENTITY = 2, 64


@dataclass(frozen=True, kw_only=True)
class AssumedRole:
    """The temporary credentials of a role; `source` are the clients with which it was assumed."""

    access_key: str
    secret_key: str = field(repr=False)
    session_token: str = field(repr=False)
    expires_at: datetime
    source: Aws = field(repr=False)

    def environment(self) -> Mapping[str, str]:
        """Return the variables with which AWS's tools use the credentials; AWS_PROFILE must not be set beside them."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_SESSION_TOKEN": self.session_token,
            "AWS_REGION": self.source.region,
            # Older SDKs and boto3 read this one only.
            "AWS_DEFAULT_REGION": self.source.region,
        }

    def aws(self, region: str) -> Aws:
        """Return clients of a region with the credentials."""
        return self.source.with_credentials(
            region,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            aws_session_token=self.session_token,
        )


def person_of(principal: str) -> str:
    """Return who calls, from the caller's ARN: `alice` of a user, the session's name of a role.

    A session of IAM Identity Center is named after the person. A role of people has the ticket as the session's name:
    then the role's name is all that the ARN says.
    """
    kind, *names = principal.rpartition(":")[2].split("/")
    name = names[-1] if names else kind
    return names[-2] if len(names) > 1 and TICKET.fullmatch(name) else name


def assume_role(context: Context, role: str, *, ticket: str, mfa_device: str | None) -> AssumedRole:
    """Assume a role of people by its name, with the ticket as the session's name; OperationError if STS refuses.

    `mfa_device` is the ARN of an IAM user's device, whose code is asked for. A session of IAM Identity Center needs
    none: MFA is enforced there, and its sessions don't carry AWS's keys.
    """
    principal = context.caller()
    session = principal.rpartition("/")[2]
    if TICKET.fullmatch(session):
        raise OperationError(
            f"{principal.split('/')[-2]} can't assume {role}: no role of people may assume another one",
            code=ExitCode.REFUSED,
            advice="Use your own log-in, without a role: `aws sso login`, and its profile with --profile.",
        )
    request: "AssumeRoleRequestTypeDef" = {
        "RoleArn": context.environment.role_arn(role),
        "RoleSessionName": ticket,
        "SourceIdentity": _identity(person_of(principal)),
        "DurationSeconds": SESSION_SECONDS,
    }
    if mfa_device:
        request |= {"SerialNumber": mfa_device, "TokenCode": _mfa_code(context, mfa_device)}
    try:
        answer = context.aws.sts.assume_role(**request)
    except ClientError as error:
        if error_code(error) != "AccessDenied":
            raise
        raise _denied(role, principal, mfa_device, error) from error
    credentials = answer["Credentials"]
    return AssumedRole(
        access_key=credentials["AccessKeyId"],
        secret_key=credentials["SecretAccessKey"],
        session_token=credentials["SessionToken"],
        expires_at=credentials["Expiration"],
        source=context.aws,
    )


def _mfa_code(context: Context, device: str) -> str:
    code = context.ask_text(f"MFA code of {device.rpartition('/')[2]}:")
    if code is None:
        raise OperationError(
            "The MFA code can't be asked for: the input is not a terminal", code=ExitCode.REFUSED,
            advice="Run the command in a terminal, or sign in by IAM Identity Center.",
        )  # fmt: skip
    if not MFA_CODE.fullmatch(code):
        raise OperationError(
            "An MFA code has six digits", code=ExitCode.USAGE, advice="Run the command again with the next code."
        )
    return code


def _identity(person: str) -> str:
    """Return a person as a source identity. IAM allows names of users with one character, STS doesn't."""
    return NOT_IN_IDENTITY.sub("-", person)[:MAX_IDENTITY].ljust(MIN_IDENTITY, "-")


def _denied(role: str, principal: str, mfa_device: str | None, error: ClientError) -> OperationError:
    """Return the error for a role that STS doesn't grant. STS doesn't say which condition failed."""
    is_user = principal.rpartition(":")[2].startswith("user/")
    reason = " ".join(str(error.response.get("Error", {}).get("Message", "")).split())
    if is_user and mfa_device:
        advice = "The code may be wrong, or used before: each is valid once. Run the command again with the next code."
    elif is_user:
        advice = "An IAM user needs MFA: name the device with --mfa-device ARN."
    else:
        advice = "docs/architecture/access.md describes who may assume it; the stack file lists them."
    return OperationError(f"AWS denied the role {role}: {reason}", code=ExitCode.DENIED, advice=advice)

"""The identity that reaches the database: a role of Emergency Access, assumed for this command or before it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from operations.frame.context import Context
from operations.frame.errors import ExitCode, OperationError
from operations.frame.roles import assume_role

# What would make AWS's tools use other credentials than the role's.
OTHER_CREDENTIALS = (
    "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN", "AWS_CREDENTIAL_EXPIRATION",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A context with the role's clients, and the role's credentials for AWS's plugin.

    `expires_at` is None if it is unknown, as of credentials in the environment.
    """

    context: Context
    credentials: Mapping[str, str]
    expires_at: datetime | None = None

    def variables(self, inherited: Mapping[str, str]) -> Mapping[str, str]:
        """Return an environment in which AWS's tools act in the role."""
        kept = {name: value for name, value in inherited.items() if name not in OTHER_CREDENTIALS}
        return {**kept, **self.credentials}


def has_role(context: Context, principal: str) -> bool:
    """Whether the caller is in a role that may reach the database already."""
    return role_of(principal) in context.settings.roles.emergency_roles


def role_of(principal: str) -> str | None:
    """Return the name of the role whose session calls; None for other callers."""
    kind, *names = principal.rpartition(":")[2].split("/")
    return names[0] if kind == "assumed-role" else None


def own_identity(context: Context) -> Identity:
    """Return the caller's own identity; its credentials may come from any of AWS's sources."""
    credentials = context.aws.session.get_credentials()
    if credentials is None:
        raise OperationError("No valid AWS credentials", code=ExitCode.DENIED)
    frozen = credentials.get_frozen_credentials()
    region = context.environment.region
    variables = {
        "AWS_ACCESS_KEY_ID": frozen.access_key,
        "AWS_SECRET_ACCESS_KEY": frozen.secret_key,
        "AWS_SESSION_TOKEN": frozen.token,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
    }
    return Identity(context=context, credentials={name: value for name, value in variables.items() if value})


def assumed_identity(context: Context, *, ticket: str, mfa_device: str | None) -> Identity:
    """Assume the role of database access; each use raises an alarm."""
    role = assume_role(context, context.settings.roles.database_access_role, ticket=ticket, mfa_device=mfa_device)
    clients = role.aws(context.environment.region)
    return Identity(context=replace(context, aws=clients), credentials=role.environment(), expires_at=role.expires_at)

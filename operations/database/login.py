"""The log-in to the database: its address, the token, and psql's environment.

The token is in a private file, not in PGPASSWORD: libpq reads the file at each connection, and the command writes a
new token every ten minutes. So psql can connect again for the whole hour; PGPASSWORD is refused after 15 minutes.
The connection is in psql's environment: after a lost connection `\\c dbname=…` finds it there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from operations.database.machine import Folder
from operations.database.system import LOCALHOST
from operations.frame.aws import Aws, error_code
from operations.frame.context import Context
from operations.frame.errors import ExitCode, OperationError
from operations.recovery.rds import is_recovery

if TYPE_CHECKING:
    from types_boto3_rds.type_defs import DBInstanceTypeDef

# RDS User Guide, IAM database authentication: a token is valid for 15 minutes, and needed at the log-in only.
RENEW_AFTER = timedelta(minutes=10)
PASSWORD_FILE = "pgpass"  # noqa: S105  (a file's name)
AVAILABLE = "available"
CONNECT_SECONDS = 15


@dataclass(frozen=True, kw_only=True)
class Database:
    """An instance: where it listens within the network, and its status."""

    identifier: str
    host: str
    port: int
    status: str


def require_own_instance(context: Context, instance: str | None, *, is_replica: bool) -> None:
    """Require that a named instance is one of the stack's, or a restored one."""
    if instance is None:
        return
    if is_replica:
        raise OperationError("--instance and --replica exclude each other", code=ExitCode.USAGE)
    rds, application = context.settings.rds, context.environment.application
    own = [rds.identifier, *([rds.successor.identifier] if rds.successor else [])]
    is_own = any(instance == name or instance.startswith(f"{name}-replica-") for name in own)
    if not is_own and not is_recovery(application, instance):
        raise OperationError(
            f"{instance} is neither an instance of {context.environment.name} nor a restored one "
            f"({application}-recovery-YYYYMMDD-HHMM)",
            code=ExitCode.REFUSED,
        )


def find_database(context: Context, *, is_replica: bool = False, instance: str | None = None) -> Database:
    """Return the database that serves, its first replica in the region, or a named one; OperationError without it."""
    identifier = instance or context.settings.rds.serving_identifier()
    found = _instance(context.aws, identifier)
    if is_replica:
        # Replicas in other regions are listed by ARN.
        names = [name for name in found.get("ReadReplicaDBInstanceIdentifiers", []) if ":" not in name]
        if not names:
            raise OperationError(
                f"{identifier} has no replica in {context.environment.region}",
                code=ExitCode.REFUSED,
                advice="Leave --replica out.",
            )
        identifier = sorted(names)[0]
        found = _instance(context.aws, identifier)
    endpoint = found.get("Endpoint", {})
    status = found.get("DBInstanceStatus", "unknown")
    if "Address" not in endpoint or "Port" not in endpoint:
        raise OperationError(f"{identifier} has no address: it is {status}", code=ExitCode.REFUSED)
    if status != AVAILABLE:
        context.report.warning(f"{identifier} is {status}.")
    return Database(identifier=identifier, host=endpoint["Address"], port=endpoint["Port"], status=status)


def _instance(aws: Aws, identifier: str) -> "DBInstanceTypeDef":
    try:
        return aws.rds.describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"][0]
    except ClientError as error:
        if error_code(error) not in {"DBInstanceNotFound", "DBInstanceNotFoundFault"}:
            raise
        raise OperationError(f"There is no database {identifier}", code=ExitCode.REFUSED) from error


@dataclass(frozen=True, kw_only=True)
class Login:
    """A log-in through a local port. The host's name stays the database's: the token and the certificate are for it."""

    aws: Aws
    database: Database
    user: str
    name: str
    port: int
    certificates: Path
    ticket: str
    folder: Folder

    def renew(self) -> None:
        """Write a new token, which is signed here, without a call of AWS."""
        token = self.aws.rds.generate_db_auth_token(self.database.host, self.database.port, self.user)
        fields = (self.database.host, str(self.port), "*", self.user, token)
        self.folder.write(PASSWORD_FILE, ":".join(map(_escaped, fields)) + "\n")

    def variables(self, inherited: Mapping[str, str]) -> Mapping[str, str]:
        """Return psql's environment: nothing of libpq's variables is inherited."""
        return {
            **{name: value for name, value in inherited.items() if not name.startswith("PG")},
            "PGHOST": self.database.host,
            "PGHOSTADDR": LOCALHOST,
            "PGPORT": str(self.port),
            "PGDATABASE": self.name,
            "PGUSER": self.user,
            "PGPASSFILE": str(self.folder.path / PASSWORD_FILE),
            "PGSSLMODE": "verify-full",
            "PGSSLROOTCERT": str(self.certificates),
            # A Kerberos ticket of the person's computer is none of the database's business.
            "PGGSSENCMODE": "disable",
            "PGCONNECT_TIMEOUT": str(CONNECT_SECONDS),
            # PostgreSQL's log names it with each statement.
            "PGAPPNAME": self.ticket,
            # Queries contain personal data. PostgreSQL logs them, this computer doesn't.
            "PSQL_HISTORY": "/dev/null",
        }


def psql(arguments: Sequence[str]) -> Sequence[str]:
    """Return psql's command line. The connection is in its environment, so that every argument is the person's."""
    return ("psql", *arguments)


def _escaped(field: str) -> str:
    """Escape a field of the password file (PostgreSQL, The Password File)."""
    return field.replace("\\", "\\\\").replace(":", "\\:")

"""PostgreSQL parameters that the document's rules require. Data only, no resources."""

from dataclasses import dataclass

FAMILY = "postgres15"

# MiB of write-ahead log that the slot of a lagging replica retains. Beyond it the replica must be recreated; without a
# limit the log would fill the primary's disk.
MAX_SLOT_WAL_MIB = 20_480


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter. A static one takes effect at the next reboot, a dynamic one immediately."""

    name: str
    value: str
    static: bool = False


def parameters(*, max_connections: int, slow_statement_ms: int) -> tuple[Parameter, ...]:
    """Return the parameters of an instance."""
    return (
        # Encryption in transit: no plain-text connections, no MD5 passwords.
        Parameter(name="rds.force_ssl", value="1", static=True),
        Parameter(name="rds.accepted_password_auth_method", value="scram", static=True),
        # The alert on connections is a share of it, so AWS's formula over the memory can't be used.
        Parameter(name="max_connections", value=str(max_connections), static=True),
        Parameter(name="max_slot_wal_keep_size", value=str(MAX_SLOT_WAL_MIB)),
        # All queries of people are audited (Database Access) by settings of their roles; changes of schema and
        # permissions are audited for everyone.
        Parameter(name="shared_preload_libraries", value="pg_stat_statements,pgaudit", static=True),
        Parameter(name="pgaudit.role", value="rds_pgaudit", static=True),
        Parameter(name="pgaudit.log", value="ddl,role"),
        Parameter(name="log_connections", value="1"),
        Parameter(name="log_disconnections", value="1"),
        Parameter(name="log_lock_waits", value="1"),
        Parameter(name="log_min_duration_statement", value=str(slow_statement_ms)),
        # No PII in logs: no bound values, and no text of failed statements.
        Parameter(name="log_parameter_max_length", value="0"),
        Parameter(name="log_parameter_max_length_on_error", value="0"),
        Parameter(name="log_min_error_statement", value="panic"),
    )

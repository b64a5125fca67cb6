"""PostgreSQL's parameters: what the document's rules ask of the server itself. Pure data, no resource."""

from dataclasses import dataclass

FAMILY = "postgres15"

# MiB of the log of changes that a replica which has fallen behind may hold back: past it the replica has to be made
# anew, while without a limit it would fill the primary's disk.
MOST_WAL_KEPT = 20_480


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter. A static one takes effect when the instance starts, any other at once."""

    name: str
    value: str
    static: bool = False


def parameters(*, max_connections: int, slow_statement_ms: int) -> tuple[Parameter, ...]:
    """Give the parameters of an instance with so many connections, which logs statements slower than that."""
    return (
        # Encryption in transit: nothing speaks plain text, and passwords are never sent as MD5.
        Parameter(name="rds.force_ssl", value="1", static=True),
        Parameter(name="rds.accepted_password_auth_method", value="scram", static=True),
        # The alert on connections counts from it, so AWS's formula over the memory won't do.
        Parameter(name="max_connections", value=str(max_connections), static=True),
        Parameter(name="max_slot_wal_keep_size", value=str(MOST_WAL_KEPT)),
        # All queries of people are audited (Database Access): by their roles' own settings, here for everybody what
        # changes the schema or who may do what.
        Parameter(name="shared_preload_libraries", value="pg_stat_statements,pgaudit", static=True),
        Parameter(name="pgaudit.role", value="rds_pgaudit", static=True),
        Parameter(name="pgaudit.log", value="ddl,role"),
        Parameter(name="log_connections", value="1"),
        Parameter(name="log_disconnections", value="1"),
        Parameter(name="log_lock_waits", value="1"),
        Parameter(name="log_min_duration_statement", value=str(slow_statement_ms)),
        # No PII in logs: neither the values bound to a statement, nor the text of one that failed.
        Parameter(name="log_parameter_max_length", value="0"),
        Parameter(name="log_parameter_max_length_on_error", value="0"),
        Parameter(name="log_min_error_statement", value="panic"),
    )

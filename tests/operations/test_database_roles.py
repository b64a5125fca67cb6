"""The database roles on a real server, created by a master user who, as on RDS, is no superuser."""

import time
from collections.abc import Iterator, Mapping

import psycopg
import pytest

from operations.database.fence import CLOSE_LOGINS, END_SESSIONS
from operations.database.sql import roles_sql, scram_verifier
from sandbox.__main__ import PROJECT
from tests.operations.server import Server, binaries, running

SQL = (PROJECT / "operations" / "database" / "roles.sql").read_text()
PASSWORD, OTHER = "an-Application-Password-4711", "the-next-Password-4712"
A, B = "taskflow_app_a", "taskflow_app_b"
AS_OWNER = "-c role=taskflow_owner"
pytestmark = pytest.mark.xdist_group("postgres")


@pytest.fixture(scope="module", params=binaries(), ids=lambda folder: "15" if "/15/" in str(folder) else "wheel")
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with running(request.param) as server:
        with admin(server) as connection:
            connection.execute("CREATE TABLE before_roles (id serial PRIMARY KEY, text text)")
        apply(server)
        yield server


def admin(server: Server) -> psycopg.Connection:
    return server.connect("taskflow_admin")


def apply(server: Server, password: str | None = PASSWORD, *, login: str = A, retired: str = "") -> list[str]:
    """Run the file as the master user, as the commands do; return the notices."""
    notices: list[str] = []
    with admin(server) as connection, connection.transaction():
        connection.add_notice_handler(lambda notice: notices.append(str(notice.message_primary)))
        verifier = scram_verifier(password) if password else ""
        connection.execute(roles_sql(login=login if password else "", verifier=verifier, retired=retired).encode())
    return notices


def sessions(server: Server, login: str) -> int:
    """Return the number of sessions of a login, which end a moment after their connection."""
    with server.connect("postgres") as connection:
        counted = connection.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = %s", [login]).fetchone()
    return counted[0] if counted else 0


def wait_for_no_session(server: Server, login: str) -> None:
    for _ in range(100):
        if not sessions(server, login):
            return
        time.sleep(0.05)
    raise AssertionError(f"{login} still has sessions")


def catalog(server: Server) -> Mapping[str, object]:
    """Return everything that the file manages, from the system catalog; access lists are sorted."""
    queries = {
        "roles": "SELECT rolname, rolcanlogin, rolcreatedb, rolcreaterole, rolinherit, rolsuper, rolpassword "
        "FROM pg_authid ORDER BY 1",
        "members": "SELECT roleid::regrole::text, member::regrole::text, admin_option "
        "FROM pg_auth_members ORDER BY 1, 2, 3",
        "settings": "SELECT setrole::regrole::text, setconfig FROM pg_db_role_setting ORDER BY 1",
        "database": "SELECT datname, ARRAY(SELECT unnest(datacl)::text ORDER BY 1) FROM pg_database ORDER BY 1",
        "schema": "SELECT ARRAY(SELECT unnest(nspacl)::text ORDER BY 1) FROM pg_namespace WHERE nspname = 'public'",
        "objects": "SELECT relname, ARRAY(SELECT unnest(relacl)::text ORDER BY 1) FROM pg_class "
        "WHERE relnamespace = 'public'::regnamespace ORDER BY 1",
        "defaults": "SELECT defaclrole::regrole::text, defaclobjtype, ARRAY(SELECT unnest(defaclacl)::text ORDER BY 1) "
        "FROM pg_default_acl ORDER BY 1, 2, 3",
    }
    with server.connect("postgres") as connection:
        return {name: connection.execute(query.encode()).fetchall() for name, query in queries.items()}


def as_app(server: Server, login: str = A, password: str = PASSWORD, options: str = "") -> psycopg.Connection:
    return server.connect(login, password, options=options)


def as_person(server: Server) -> psycopg.Connection:
    return server.connect("taskflow_readonly")


def test_the_api_logs_in_by_password_and_reads_and_writes(server: Server) -> None:
    with as_app(server) as app:
        app.execute("INSERT INTO before_roles (text) VALUES ('a')")
        app.execute("UPDATE before_roles SET text = 'b'")
        assert app.execute("SELECT count(*) FROM before_roles").fetchone() == (1,)
        app.execute("DELETE FROM before_roles")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        server.connect(A, "another")


def test_the_api_acts_as_its_group_whatever_its_login(server: Server) -> None:
    apply(server, OTHER, login=B)
    for login, password in ((A, PASSWORD), (B, OTHER)):
        with as_app(server, login, password) as app:
            assert app.execute("SELECT current_user, session_user").fetchone() == ("taskflow_app", login)
            app.execute("RESET ROLE")
            assert app.execute("SELECT current_user").fetchone() == ("taskflow_app",)
            app.execute("SET ROLE NONE")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute("SELECT * FROM public.before_roles")


@pytest.mark.parametrize(("maker", "other"), [(A, B), (B, A)])
def test_what_one_login_creates_the_other_reads_writes_and_changes(server: Server, maker: str, other: str) -> None:
    """A migration through either login. AWS's own sample of a rotation breaks ownership and grants."""
    apply(server, OTHER, login=B)
    password = {A: PASSWORD, B: OTHER}
    with as_app(server, maker, password[maker], AS_OWNER) as migration:
        migration.execute("DROP TABLE IF EXISTS made")
        migration.execute("CREATE TABLE made (id serial PRIMARY KEY, text text)")
    for count, login in enumerate((maker, other), start=1):
        with as_app(server, login, password[login]) as app:
            app.execute("INSERT INTO made (text) VALUES ('a')")
            app.execute("UPDATE made SET text = text || 'b'")
            assert app.execute("SELECT count(*) FROM made").fetchone() == (count,)
    with as_app(server, other, password[other], AS_OWNER) as migration:
        migration.execute("ALTER TABLE made ADD COLUMN more int")
    with as_person(server) as person:
        assert person.execute("SELECT count(*) FROM made").fetchone() == (2,)


@pytest.mark.parametrize(
    "statement",
    ["CREATE TABLE mine (id int)", "DROP TABLE before_roles", "CREATE ROLE mine", "SET ROLE taskflow_admin",
     "TRUNCATE before_roles", "CREATE TEMPORARY TABLE mine (id int)"],
)  # fmt: skip
def test_the_api_changes_neither_schema_nor_roles(server: Server, statement: str) -> None:
    with as_app(server) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(statement.encode())


def test_people_read_and_are_read_only_by_default(server: Server) -> None:
    with as_person(server) as person:
        person.execute("SELECT * FROM before_roles")
        assert person.execute("SHOW default_transaction_read_only").fetchone() == ("on",)
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            person.execute("CREATE TEMPORARY TABLE mine (id int)")
        assert person.execute("SHOW statement_timeout").fetchone() == ("1min",)


def test_people_see_the_sessions_of_the_api(server: Server) -> None:
    """The pages of alarms send people to look for long and idle transactions."""
    with as_app(server) as app, as_person(server) as person:
        app.execute("SELECT 'of the API'")
        query = "SELECT state, query FROM pg_stat_activity WHERE usename = %s"
        assert person.execute(query, [A]).fetchall() == [("idle", "SELECT 'of the API'")]


@pytest.mark.parametrize(
    "statement",
    ["INSERT INTO before_roles (text) VALUES ('x')", "UPDATE before_roles SET text = 'x'", "DELETE FROM before_roles",
     "SELECT nextval('before_roles_id_seq')", "CREATE TABLE mine (id int)", "SET ROLE taskflow_write"],
)  # fmt: skip
def test_people_cannot_write_even_without_the_read_only_setting(server: Server, statement: str) -> None:
    """The grants enforce it, not the setting."""
    with as_person(server) as person:
        person.execute("SET default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            person.execute(statement.encode())


def test_objects_of_later_migrations_are_covered(server: Server) -> None:
    with admin(server) as connection:
        connection.execute("SET ROLE taskflow_owner")
        connection.execute("CREATE TABLE later (id serial PRIMARY KEY)")
        connection.execute("CREATE FUNCTION danger() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    with as_app(server) as app:
        app.execute("INSERT INTO later DEFAULT VALUES")
        app.execute("SELECT danger()")
    with as_person(server) as person:
        assert person.execute("SELECT count(*) FROM later").fetchone() == (1,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            person.execute("SELECT danger()")


def test_no_role_has_both_kinds_of_login(server: Server) -> None:
    """Roles that log in by IAM have no password, and the API's role is not one of them."""
    with server.connect("postgres") as connection:
        by_iam = connection.execute(
            "SELECT rolname, rolpassword FROM pg_authid WHERE rolcanlogin AND rolname LIKE 'taskflow_%' "
            "AND rolname <> 'taskflow_admin' AND pg_has_role(oid, 'rds_iam', 'MEMBER')"
        ).fetchall()
    assert by_iam == [("taskflow_readonly", None)]


def test_running_it_again_changes_nothing(server: Server) -> None:
    before = catalog(server)
    apply(server, password=None)
    assert catalog(server) == before


@pytest.mark.parametrize(
    "drift",
    [
        "GRANT INSERT ON before_roles TO taskflow_readonly",
        "GRANT DELETE ON before_roles TO taskflow_read",
        "GRANT INSERT ON before_roles TO PUBLIC",
        "GRANT taskflow_write TO taskflow_readonly",
        "GRANT taskflow_owner TO taskflow_app",
        "GRANT rds_iam TO taskflow_app_a",
        "ALTER ROLE taskflow_readonly PASSWORD 'secret'",
        "ALTER ROLE taskflow_app PASSWORD 'secret'",
        "ALTER ROLE taskflow_app LOGIN",
        "ALTER ROLE taskflow_readonly SET default_transaction_read_only = off",
        "ALTER ROLE taskflow_app_a SET role = taskflow_owner",
        "ALTER ROLE taskflow_app_b RESET role",
        "ALTER ROLE taskflow_app_a NOLOGIN",
        "ALTER ROLE taskflow_app_b INHERIT",
        "ALTER ROLE taskflow_app CREATEDB",
        "REVOKE CONNECT ON DATABASE taskflow FROM taskflow_app_b",
        "GRANT SELECT ON before_roles TO taskflow_app_a",
        "GRANT CREATE ON SCHEMA public TO PUBLIC",
        "GRANT TEMPORARY ON DATABASE taskflow TO PUBLIC",
        "REVOKE taskflow_write FROM taskflow_app",
        "REVOKE pg_read_all_stats FROM taskflow_readonly",
        "REVOKE SELECT ON before_roles FROM taskflow_read",
    ],
)
def test_manual_changes_are_reverted(server: Server, drift: str) -> None:
    before = catalog(server)
    with admin(server) as connection:
        connection.execute(drift.encode())
    assert catalog(server) != before, "the drift changes nothing in the catalog"
    apply(server, password=None)
    assert catalog(server) == before


def test_a_new_password_replaces_the_old_one(server: Server) -> None:
    apply(server, OTHER)
    as_app(server, password=OTHER).close()
    with pytest.raises(psycopg.OperationalError):
        as_app(server)
    apply(server)
    as_app(server).close()


def test_a_login_is_retired_once_it_has_no_session(server: Server) -> None:
    apply(server, OTHER, login=B)
    with as_app(server), pytest.raises(psycopg.errors.RaiseException, match=f"{A} has open sessions"):
        apply(server, None, retired=A)
    as_app(server).close()
    wait_for_no_session(server, A)
    apply(server, None, retired=A)
    with pytest.raises(psycopg.OperationalError):
        as_app(server)
    as_app(server, B, OTHER).close()
    apply(server)


def test_a_fenced_database_accepts_no_login_of_the_api(server: Server) -> None:
    """Its sessions end, people still read, and the roles open it again."""
    with as_app(server) as app:
        assert app.execute("SELECT 1").fetchone() == (1,)
        for sql in (CLOSE_LOGINS, END_SESSIONS):
            with admin(server) as connection, connection.transaction():
                connection.execute(sql.encode())
        assert sessions(server, A) == 0
        with pytest.raises(psycopg.OperationalError):
            app.execute("INSERT INTO before_roles (text) VALUES ('late')")
    with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
        as_app(server)
    as_person(server).close()
    apply(server)
    as_app(server).close()


@pytest.mark.parametrize(
    ("login", "retired", "problem"),
    [
        ("taskflow_readonly", "", "not a login of the API"),
        ("taskflow_admin", "", "not a login of the API"),
        (A, A, "must be the other login"),
        ("", "taskflow_owner", "must be the other login"),
    ],
)
def test_only_the_logins_of_the_api_are_rotated(server: Server, login: str, retired: str, problem: str) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match=problem):
        apply(server, PASSWORD if login else None, login=login, retired=retired)


def test_the_password_is_never_sent_in_plain_text_nor_logged(server: Server) -> None:
    """The server logs every statement. It sees only the verifier and rejects a plain-text password."""
    assert "taskflow.verifier" in server.log
    assert PASSWORD not in server.log
    with admin(server) as connection, pytest.raises(psycopg.errors.RaiseException, match="not a SCRAM verifier"):
        connection.execute(roles_sql(login=A, verifier="plain-text").encode())


def test_auditing_is_configured_if_available_and_reported_otherwise(server: Server) -> None:
    """Neither test server has pgaudit, so the test doesn't prove auditing on RDS."""
    notices = apply(server, password=None)
    with admin(server) as connection:
        pgaudit = connection.execute("SELECT FROM pg_available_extensions WHERE name = 'pgaudit'").fetchone()
        settings = connection.execute(
            "SELECT setrole::regrole::text, unnest(setconfig) FROM pg_db_role_setting ORDER BY 1, 2"
        ).fetchall()
    if pgaudit is None:
        assert [n for n in notices if "pgaudit" in n] == [
            "pgaudit is not available on this server: no queries are audited"
        ]
    else:
        assert ("taskflow_readonly", "pgaudit.log=all") in settings
    assert "ALTER ROLE taskflow_readonly SET pgaudit.log = 'all'" in SQL

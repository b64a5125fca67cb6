-- The database roles, their logins and their permissions. Sections: Database Access, Access Controls.
--
-- The master user runs this file in the application's database, in one transaction. It is idempotent and reverts manual
-- changes. `taskflow db bootstrap` runs it, followed by passwords.sql, with a setting of the transaction:
--
--     taskflow.audit     "required": an error where pgaudit is missing
--
--   taskflow_owner     owns the objects of migrations
--   taskflow_read      reads rows; taskflow_write reads and writes rows
--   taskflow_app       the API: writes; changes neither schema nor roles
--   taskflow_app_a     the API's two logins, by password. A rotation alternates between them: while the API changes to
--   taskflow_app_b     one, the other remains valid. Both act as taskflow_app; migrations switch to taskflow_owner, so
--                      what is created through one login belongs to the other one as well
--   taskflow_readonly  people: log in by IAM only, read; all their queries are audited
--
-- On RDS a member of rds_iam can't log in by password, so each kind of login has separate roles.

-- A migration that holds locks is no reason to wait for long.
SET LOCAL lock_timeout = '60s';

DO $roles$
DECLARE
    required text;
BEGIN
    FOREACH required IN ARRAY ARRAY[
        'taskflow_owner', 'taskflow_read', 'taskflow_write', 'taskflow_app', 'taskflow_app_a', 'taskflow_app_b',
        'taskflow_readonly', 'rds_pgaudit'
    ] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = required) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', required);
        END IF;
    END LOOP;
END
$roles$;

ALTER ROLE taskflow_owner NOLOGIN NOCREATEDB NOCREATEROLE PASSWORD NULL;
ALTER ROLE taskflow_read NOLOGIN NOCREATEDB NOCREATEROLE PASSWORD NULL;
ALTER ROLE taskflow_write NOLOGIN NOCREATEDB NOCREATEROLE PASSWORD NULL;
ALTER ROLE taskflow_app NOLOGIN INHERIT NOCREATEDB NOCREATEROLE PASSWORD NULL;
-- Without INHERIT a login has no permissions until it switches to a role, which it does when it connects (below).
ALTER ROLE taskflow_app_a LOGIN NOINHERIT NOCREATEDB NOCREATEROLE;
ALTER ROLE taskflow_app_b LOGIN NOINHERIT NOCREATEDB NOCREATEROLE;
ALTER ROLE taskflow_readonly LOGIN INHERIT NOCREATEDB NOCREATEROLE PASSWORD NULL;

-- Memberships: only those below.
DO $memberships$
DECLARE
    granted record;
BEGIN
    FOR granted IN
        SELECT outer_role.rolname AS role, member.rolname AS member
        FROM pg_auth_members
        JOIN pg_roles AS outer_role ON outer_role.oid = pg_auth_members.roleid
        JOIN pg_roles AS member ON member.oid = pg_auth_members.member
        WHERE member.rolname IN (
            'taskflow_owner', 'taskflow_read', 'taskflow_write', 'taskflow_app', 'taskflow_app_a', 'taskflow_app_b',
            'taskflow_readonly', 'rds_pgaudit'
        )
        AND (member.rolname, outer_role.rolname) NOT IN (
            ('taskflow_write', 'taskflow_read'),
            ('taskflow_app', 'taskflow_write'),
            ('taskflow_app_a', 'taskflow_app'),
            ('taskflow_app_a', 'taskflow_owner'),
            ('taskflow_app_b', 'taskflow_app'),
            ('taskflow_app_b', 'taskflow_owner'),
            ('taskflow_readonly', 'taskflow_read'),
            ('taskflow_readonly', 'pg_read_all_stats'),
            ('taskflow_readonly', 'rds_iam')
        )
    LOOP
        EXECUTE format('REVOKE %I FROM %I', granted.role, granted.member);
    END LOOP;
END
$memberships$;

DO $grants$
DECLARE
    required text[];
BEGIN
    FOREACH required SLICE 1 IN ARRAY ARRAY[
        ARRAY['taskflow_owner', CURRENT_USER::text],
        ARRAY['taskflow_read', 'taskflow_write'],
        ARRAY['taskflow_write', 'taskflow_app'],
        ARRAY['taskflow_app', 'taskflow_app_a'],
        ARRAY['taskflow_app', 'taskflow_app_b'],
        ARRAY['taskflow_owner', 'taskflow_app_a'],
        ARRAY['taskflow_owner', 'taskflow_app_b'],
        ARRAY['taskflow_read', 'taskflow_readonly'],
        ARRAY['rds_iam', 'taskflow_readonly']
    ] LOOP
        -- In PostgreSQL 16 the creator is a member who may grant the role but not use it: check the use of what is
        -- inherited, and the membership of logins, which inherit nothing.
        IF NOT pg_has_role(required[2], required[1], CASE WHEN required[2] IN ('taskflow_app_a', 'taskflow_app_b')
            THEN 'MEMBER' ELSE 'USAGE' END) THEN
            EXECUTE format('GRANT %I TO %I', required[1], required[2]);
        END IF;
    END LOOP;
END
$grants$;

-- The sessions and statements of others, in an incident. A server whose master user may not grant this has the rest.
DO $statistics$
BEGIN
    GRANT pg_read_all_stats TO taskflow_readonly;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'taskflow_readonly can not see the sessions of others: %', SQLERRM;
END
$statistics$;

-- The database and its schema: no permissions for PUBLIC.
DO $database$
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC, '
        'taskflow_app, taskflow_app_a, taskflow_app_b, taskflow_readonly', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO taskflow_read', current_database());
    -- A login connects before it switches to a role.
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO taskflow_app_a, taskflow_app_b', current_database());
END
$database$;

REVOKE ALL ON SCHEMA public FROM PUBLIC, taskflow_app, taskflow_app_a, taskflow_app_b, taskflow_readonly;
GRANT USAGE ON SCHEMA public TO taskflow_read;
GRANT USAGE, CREATE ON SCHEMA public TO taskflow_owner;

-- Existing objects. Login roles have only the permissions of their groups.
REVOKE ALL ON ALL TABLES IN SCHEMA public
    FROM PUBLIC, taskflow_app, taskflow_app_a, taskflow_app_b, taskflow_readonly, taskflow_read;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public
    FROM PUBLIC, taskflow_app, taskflow_app_a, taskflow_app_b, taskflow_readonly, taskflow_read;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public
    FROM PUBLIC, taskflow_app, taskflow_app_a, taskflow_app_b, taskflow_readonly, taskflow_read;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO taskflow_read;
GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO taskflow_read;
GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO taskflow_write;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO taskflow_write;
-- A function may write with its owner's permissions, so taskflow_read can't run any.
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO taskflow_write;

-- Future objects of the owner.
ALTER DEFAULT PRIVILEGES FOR ROLE taskflow_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE taskflow_owner IN SCHEMA public GRANT SELECT ON TABLES TO taskflow_read;
ALTER DEFAULT PRIVILEGES FOR ROLE taskflow_owner IN SCHEMA public GRANT SELECT ON SEQUENCES TO taskflow_read;
ALTER DEFAULT PRIVILEGES FOR ROLE taskflow_owner IN SCHEMA public
    GRANT INSERT, UPDATE, DELETE ON TABLES TO taskflow_write;
ALTER DEFAULT PRIVILEGES FOR ROLE taskflow_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO taskflow_write;
ALTER DEFAULT PRIVILEGES FOR ROLE taskflow_owner IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO taskflow_write;

-- The API's logins act as taskflow_app from the first statement on. A migration connects with the option
-- `-c role=taskflow_owner`, which has precedence.
ALTER ROLE taskflow_app_a SET role = taskflow_app;
ALTER ROLE taskflow_app_b SET role = taskflow_app;

-- Limits for people. A session may change these settings: the grants above enforce read-only access.
ALTER ROLE taskflow_readonly SET default_transaction_read_only = on;
ALTER ROLE taskflow_readonly SET statement_timeout = '60s';
ALTER ROLE taskflow_readonly SET idle_in_transaction_session_timeout = '60s';

-- pgaudit logs statements with their values: all statements of people, but only changes of schema and permissions of
-- the API.
DO $audit$
BEGIN
    IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pgaudit') THEN
        CREATE EXTENSION IF NOT EXISTS pgaudit;
        ALTER ROLE taskflow_readonly SET pgaudit.log = 'all';
        ALTER ROLE taskflow_app_a SET pgaudit.log = 'ddl,role';
        ALTER ROLE taskflow_app_b SET pgaudit.log = 'ddl,role';
    ELSIF current_setting('taskflow.audit', true) = 'required' THEN
        RAISE EXCEPTION 'pgaudit is not available on this server';
    ELSE
        RAISE NOTICE 'pgaudit is not available on this server: no queries are audited';
    END IF;
END
$audit$;

-- The database's roles: who may log in, how, and what each may do. Sections: Database Access, Access Controls.
--
-- Run by the master user, inside the application's database and in one transaction. It can be run again at any time:
-- what is right stays, what somebody changed by hand goes back. The application user's password comes in as a SCRAM
-- verifier, computed by the client, so that neither a log nor this file ever has the password itself:
--
--     SELECT set_config('taskflow.app_verifier', $1, true);
--
-- Without it the password stays what it is.
--
--   taskflow_owner     owns what migrations make; nobody logs in as it, the master user takes it by SET ROLE
--   taskflow_read      may read; taskflow_write may read and write rows
--   taskflow_app       the API: logs in by password, writes
--   taskflow_readonly  people: log in by IAM alone, read, and every query of theirs is audited
--
-- On RDS a member of rds_iam can't log in by password, so the two ways in are kept in roles of their own.

DO $roles$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY[
        'taskflow_owner', 'taskflow_read', 'taskflow_write', 'taskflow_app', 'taskflow_readonly', 'rds_pgaudit'
    ] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
        END IF;
    END LOOP;
END
$roles$;

ALTER ROLE taskflow_owner NOLOGIN NOCREATEDB NOCREATEROLE PASSWORD NULL;
ALTER ROLE taskflow_read NOLOGIN NOCREATEDB NOCREATEROLE PASSWORD NULL;
ALTER ROLE taskflow_write NOLOGIN NOCREATEDB NOCREATEROLE PASSWORD NULL;
ALTER ROLE taskflow_app LOGIN INHERIT NOCREATEDB NOCREATEROLE;
ALTER ROLE taskflow_readonly LOGIN INHERIT NOCREATEDB NOCREATEROLE PASSWORD NULL;

DO $password$
DECLARE
    verifier text := current_setting('taskflow.app_verifier', true);
BEGIN
    IF coalesce(verifier, '') <> '' THEN
        IF verifier NOT LIKE 'SCRAM-SHA-256$%' THEN
            RAISE EXCEPTION 'taskflow.app_verifier is no SCRAM verifier: a password is never handed over as it is';
        END IF;
        EXECUTE format('ALTER ROLE taskflow_app PASSWORD %L', verifier);
    END IF;
END
$password$;

-- Memberships: those below, and no other.
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
            'taskflow_owner', 'taskflow_read', 'taskflow_write', 'taskflow_app', 'taskflow_readonly', 'rds_pgaudit'
        )
        AND (member.rolname, outer_role.rolname) NOT IN (
            ('taskflow_write', 'taskflow_read'),
            ('taskflow_app', 'taskflow_write'),
            ('taskflow_readonly', 'taskflow_read'),
            ('taskflow_readonly', 'rds_iam')
        )
    LOOP
        EXECUTE format('REVOKE %I FROM %I', granted.role, granted.member);
    END LOOP;
END
$memberships$;

DO $grants$
DECLARE
    wanted text[];
BEGIN
    FOREACH wanted SLICE 1 IN ARRAY ARRAY[
        ARRAY['taskflow_owner', CURRENT_USER::text],
        ARRAY['taskflow_read', 'taskflow_write'],
        ARRAY['taskflow_write', 'taskflow_app'],
        ARRAY['taskflow_read', 'taskflow_readonly'],
        ARRAY['rds_iam', 'taskflow_readonly']
    ] LOOP
        -- PostgreSQL 16 counts the creator as a member who may give the role on, but not use it: the grant itself counts.
        IF NOT pg_has_role(wanted[2], wanted[1], 'USAGE') THEN
            EXECUTE format('GRANT %I TO %I', wanted[1], wanted[2]);
        END IF;
    END LOOP;
END
$grants$;

-- The database and its schema: nothing for everybody.
DO $database$
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC, taskflow_app, taskflow_readonly', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO taskflow_read', current_database());
END
$database$;

REVOKE ALL ON SCHEMA public FROM PUBLIC, taskflow_app, taskflow_readonly;
GRANT USAGE ON SCHEMA public TO taskflow_read;
GRANT USAGE, CREATE ON SCHEMA public TO taskflow_owner;

-- What is there already. The roles that log in have nothing of their own, only through their groups.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, taskflow_app, taskflow_readonly, taskflow_read;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, taskflow_app, taskflow_readonly, taskflow_read;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC, taskflow_app, taskflow_readonly, taskflow_read;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO taskflow_read;
GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO taskflow_read;
GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO taskflow_write;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO taskflow_write;
-- A function may write in its owner's name, so that reading alone doesn't run any.
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO taskflow_write;

-- What the owner will make.
ALTER DEFAULT PRIVILEGES FOR ROLE taskflow_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE taskflow_owner IN SCHEMA public GRANT SELECT ON TABLES TO taskflow_read;
ALTER DEFAULT PRIVILEGES FOR ROLE taskflow_owner IN SCHEMA public GRANT SELECT ON SEQUENCES TO taskflow_read;
ALTER DEFAULT PRIVILEGES FOR ROLE taskflow_owner IN SCHEMA public
    GRANT INSERT, UPDATE, DELETE ON TABLES TO taskflow_write;
ALTER DEFAULT PRIVILEGES FOR ROLE taskflow_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO taskflow_write;
ALTER DEFAULT PRIVILEGES FOR ROLE taskflow_owner IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO taskflow_write;

-- People read, a while at a time. The grants above are what holds: this setting a session may change.
ALTER ROLE taskflow_readonly SET default_transaction_read_only = on;
ALTER ROLE taskflow_readonly SET statement_timeout = '60s';
ALTER ROLE taskflow_readonly SET idle_in_transaction_session_timeout = '60s';

-- pgaudit writes a statement's text with the values in it: in full for people, for the API only what changes the schema
-- or who may do what.
DO $audit$
BEGIN
    IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pgaudit') THEN
        CREATE EXTENSION IF NOT EXISTS pgaudit;
        ALTER ROLE taskflow_readonly SET pgaudit.log = 'all';
        ALTER ROLE taskflow_app SET pgaudit.log = 'ddl,role';
    ELSE
        RAISE NOTICE 'pgaudit isn''t available on this server: nobody''s queries are audited';
    END IF;
END
$audit$;

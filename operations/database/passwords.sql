-- The passwords of the API's two logins. Section: Database Access.
--
-- The master user runs this file, which is short, so that it doesn't meet a migration's locks: `taskflow db rotate` alone,
-- `taskflow db bootstrap` after roles.sql. Settings of the transaction, all optional:
--
--     taskflow.login     the login whose password is set
--     taskflow.verifier  its password as a SCRAM verifier, computed by the client: neither a log nor this file contains
--                        the password
--     taskflow.retired   the other login, whose password is removed; an error if it has sessions on this instance
--
-- Without settings passwords stay unchanged.

DO $passwords$
DECLARE
    logins constant text[] := ARRAY['taskflow_app_a', 'taskflow_app_b'];
    login text := coalesce(current_setting('taskflow.login', true), '');
    verifier text := coalesce(current_setting('taskflow.verifier', true), '');
    retired text := coalesce(current_setting('taskflow.retired', true), '');
BEGIN
    IF login <> '' THEN
        IF login <> ALL (logins) THEN
            RAISE EXCEPTION 'taskflow.login is %, which is not a login of the API', login;
        END IF;
        IF verifier NOT LIKE 'SCRAM-SHA-256$%' THEN
            RAISE EXCEPTION 'taskflow.verifier is not a SCRAM verifier: do not pass the password in plain text';
        END IF;
        EXECUTE format('ALTER ROLE %I PASSWORD %L', login, verifier);
    END IF;
    IF retired <> '' THEN
        IF retired <> ALL (logins) OR retired = login THEN
            RAISE EXCEPTION 'taskflow.retired is %, which must be the other login of the API', retired;
        END IF;
        -- Open sessions would survive, but their client couldn't connect again.
        IF EXISTS (SELECT FROM pg_stat_activity WHERE usename = retired) THEN
            RAISE EXCEPTION '% has open sessions: %', retired, (
                SELECT string_agg(DISTINCT format('%s (%s)', client_addr, application_name), ', ')
                FROM pg_stat_activity WHERE usename = retired
            );
        END IF;
        EXECUTE format('ALTER ROLE %I PASSWORD NULL', retired);
    END IF;
END
$passwords$;

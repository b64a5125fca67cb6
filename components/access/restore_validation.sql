-- Validates a restored database, as a login that only reads. `components/access/restore_validation.sh` runs it.
--
-- It reads PostgreSQL's catalog, and one row of each table that the login may read: pages that can't be read, or a
-- table whose file is missing, are errors. It knows no table by name, and is valid in an empty database; what the
-- application's data must be is a query of the application (setting backup.restoreTest.query).
-- Its last line is the summary in the results of `taskflow backup report`.

SET default_transaction_read_only = on;
-- A restored volume loads its blocks from S3 when they are first read.
SET statement_timeout = '10min';

DO $validation$
DECLARE
    each record;
BEGIN
    IF pg_is_in_recovery() THEN
        RAISE EXCEPTION 'the restored database is in recovery: it accepts no writes';
    END IF;

    FOR each IN
        SELECT c.oid::regclass AS name
        FROM pg_catalog.pg_class AS c
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'm', 'p')
        AND n.nspname NOT IN ('pg_catalog', 'information_schema')
        AND n.nspname NOT LIKE 'pg\_temp\_%' AND n.nspname NOT LIKE 'pg\_toast%'
        AND has_schema_privilege(n.oid, 'USAGE')
        AND has_table_privilege(c.oid, 'SELECT')
    LOOP
        EXECUTE format('SELECT FROM %s LIMIT 1', each.name);
    END LOOP;
END
$validation$;

SELECT format(
    '%s tables, %s, PostgreSQL %s',
    count(*) FILTER (WHERE has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')),
    pg_size_pretty(pg_database_size(current_database())),
    current_setting('server_version')
)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm', 'p')
AND n.nspname NOT IN ('pg_catalog', 'information_schema')
AND n.nspname NOT LIKE 'pg\_temp\_%' AND n.nspname NOT LIKE 'pg\_toast%';

# Validates the database of a restore test, or checks a day later that a test was validated. It runs in the tools image.
#
# EventBridge starts the task with RESTORE_JOB_ID and INSTANCE_ARN once a restore is complete, and without them a day
# after the weekly test. Each failure ends with an exit code other than 0, on which an alarm fires.
set -u

OUTPUT=/tmp/output
ERRORS=/tmp/errors

report() { # STATUS MESSAGE
    echo "$1: $2"
    aws backup put-restore-validation-result --restore-job-id "$RESTORE_JOB_ID" --validation-status "$1" \
        --validation-status-message "$2"
}

fail() { # MESSAGE
    report FAILED "$1"
    exit 1
}

reason() {
    # Terse messages name no rows: the results are kept for years.
    head -n 1 "$ERRORS" | head -c 300
}

ask() { # SQL: a new token for each connection, since the login may take minutes to be valid
    PGPASSWORD=$(aws rds generate-db-auth-token --hostname "$PGHOST" --port "$PGPORT" --username "$PGUSER")
    export PGPASSWORD
    printf '%s\n' "$1" > /tmp/query.sql
    psql --no-psqlrc --quiet --no-align --tuples-only --set ON_ERROR_STOP=1 --set VERBOSITY=terse \
        --file /tmp/query.sql > "$OUTPUT" 2> "$ERRORS"
}

validate() {
    PGHOST=$(aws rds describe-db-instances --db-instance-identifier "$INSTANCE_ARN" \
        --query 'DBInstances[0].Endpoint.Address' --output text) || fail "RDS doesn't describe the restored database"
    export PGHOST
    attempts=0
    while true; do
        ask "$VALIDATION_SQL"
        code=$?
        [ "$code" -eq 0 ] && break
        attempts=$((attempts + 1))
        # psql's exit code 2: the connection failed.
        if [ "$code" -ne 2 ] || [ "$attempts" -ge "$ATTEMPTS" ]; then
            fail "the validation failed: $(reason)"
        fi
        sleep "$PAUSE"
    done
    summary=$(tail -n 1 "$OUTPUT")
    # psql reads an empty input without an error.
    [ -n "$summary" ] || fail "the validation has no result"
    if [ -n "${APPLICATION_QUERY:-}" ]; then
        ask "$APPLICATION_QUERY" || fail "the application's query failed: $(reason)"
        [ "$(cat "$OUTPUT")" = t ] || fail "the application's query isn't true ($summary)"
        summary="$summary; the application's query is true"
    fi
    report SUCCESSFUL "$summary" || exit 1
}

check() {
    since=$(date -u -d '-7 days' +%Y-%m-%dT%H:%M:%SZ)
    # Of each database the newest tests; as JSON, since the CLI would print text for each page.
    validated=$(aws backup list-restore-jobs --by-restore-testing-plan-arn "$PLAN_ARN" --by-created-after "$since" \
        --query "length(RestoreJobs[?Status=='COMPLETED' && ValidationStatus=='SUCCESSFUL'])" --output json) || exit 1
    echo "$validated of $DATABASES restore tests since $since validated"
    [ "$validated" -ge "$DATABASES" ] || exit 1
}

if [ -n "${RESTORE_JOB_ID:-}" ]; then validate; else check; fi

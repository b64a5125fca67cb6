# Gathers what the stack has of one person into an archive that the recipient's key alone opens. It runs in the tools
# image; `taskflow data export` starts it with SUBJECT (the id), RECIPIENT (the key) and EXPORT (where below EXPORTS).
#
# Each failure ends with an exit code other than 0, before there is an archive. Nothing that a person wrote or named may
# reach the log: the AWS CLI is quiet, since it names files, and psql prints the codes of errors, without values.
set -eu
umask 077
cd "$FOLDER"

fail() { # MESSAGE
    echo "$1"
    exit 1
}

mkdir -p export/files
for name in contents.json queries.sql audit.jsonl; do
    aws s3 cp --quiet "$EXPORTS/$EXPORT/input/$name" "export/$name" || fail "$name can't be read"
done

# A server reads the queries, not psql: psql would run its own commands in the file, such as \! for a shell. The first
# line keeps the text from beginning with one. They are one transaction.
PGPASSWORD=$(aws rds generate-db-auth-token --hostname "$PGHOST" --port "$PGPORT" --username "$PGUSER")
PGOPTIONS="$PGOPTIONS -c export.subject=$SUBJECT"
export PGPASSWORD PGOPTIONS
psql --no-psqlrc --quiet --no-align --tuples-only --set ON_ERROR_STOP=1 --set VERBOSITY=sqlstate \
    --command "-- queries.sql
$(cat export/queries.sql)" > export/database.jsonl || fail "the queries failed"
rows=$(wc -l < export/database.jsonl)
records=$(wc -l < export/audit.jsonl)
echo "$rows rows, $records audit records"

# The CLI ends with an error for a file that it skips too, such as an archived one.
aws s3 cp --quiet --recursive "$FILES/users/$SUBJECT/" export/files || fail "not every file can be read"
files=$(find export/files -type f | wc -l)
echo "$files files"

# In a file first: an upload of a pipe that breaks would look complete.
{ tar --create --remove-files --file - export || touch broken; } | age --recipient "$RECIPIENT" --output archive \
    || fail "the archive can't be encrypted"
[ ! -e broken ] || fail "the archive can't be written"
aws s3 cp --quiet archive "$EXPORTS/$EXPORT/archive.tar.age" \
    --metadata "rows=$((rows)),records=$((records)),files=$((files))" || fail "the archive can't be stored"
echo "stored: $(wc -c < archive) bytes"

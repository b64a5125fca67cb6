#!/usr/bin/env bash
# Tells the team how the night went: an issue is opened if a job failed, gets a comment if it is still open, and is closed by the
# first good night. Needs the token's right to issues, and no key.
#
# RESULTS is the workflow's `needs` as JSON, RUN the address of the run.
set -euo pipefail
label=nightly
failed=$(jq --raw-output '[to_entries[] | select(.value.result | IN("success", "skipped") | not) | "- \(.key): \(.value.result)"] | join("\n")' <<< "$RESULTS")
open=$(gh issue list --label "$label" --state open --json number --jq '.[0].number // empty')

if [ -z "$failed" ]; then
  [ -z "$open" ] || gh issue close "$open" --comment "Everything passed: $RUN"
  exit 0
fi
text=$(printf '%s\n\n%s\n\nWhat each one means, and what to do: docs/runbooks/deploy.md, section The night.' "$failed" "$RUN")
if [ -n "$open" ]; then
  gh issue comment "$open" --body "$text"
else
  gh label create "$label" --description "A nightly check failed" --color B60205 --force
  gh issue create --title "Nightly checks failed" --label "$label" --body "$text"
fi

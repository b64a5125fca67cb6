#!/usr/bin/env bash
# Plans a stack, saves the plan, and shows it in the summary of the run, where the reviewers read what they approve.
set -euo pipefail
stack=$1
# Not in the checkout: a plan is of a commit, and with another file it would be refused.
plan=$(mktemp)
trap 'rm -f "$plan"' EXIT

"$TASKFLOW" deploy plan --stack "$stack" --json > "$plan"
"${PYTHON:-.venv/bin/python}" -m reports.approval "$stack" "$plan" >> "$GITHUB_STEP_SUMMARY"
jq --raw-output '"plan=\(.plan)", "changes=\(.changes)"' "$plan" >> "$GITHUB_OUTPUT"

#!/usr/bin/env bash
# Plans a stack, saves the plan, and shows it in the summary of the run, where the reviewers read what they approve.
#
# A run that is repeated after another merge plans nothing: it would take back what came since.
set -euo pipefail
stack=$1

newest=$(gh api "repos/$GITHUB_REPOSITORY/commits/$GITHUB_REF_NAME" --jq .sha)
if [ "$newest" != "$GITHUB_SHA" ]; then
  printf '### Plan of %s: none\n%s has a newer commit, `%s`. Its run deploys this one too.\n' \
    "$stack" "$GITHUB_REF_NAME" "${newest:0:12}" >> "$GITHUB_STEP_SUMMARY"
  printf 'plan=\nchanges=0\n' >> "$GITHUB_OUTPUT"
  exit 0
fi

# Not in the checkout: a plan is of a commit, and with another file it would be refused.
plan=$(mktemp)
trap 'rm -f "$plan"' EXIT

"$TASKFLOW" deploy plan --stack "$stack" --json > "$plan"
"${PYTHON:-.venv/bin/python}" -m reports.approval "$stack" "$plan" >> "$GITHUB_STEP_SUMMARY"
jq --raw-output '"plan=\(.plan)", "changes=\(.changes)"' "$plan" >> "$GITHUB_OUTPUT"

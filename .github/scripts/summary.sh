#!/usr/bin/env bash
# Writes the summary of a change: the verdict on each stack, which resources, costs and pictures differ from its base, and both plans.
# Needs no credentials.
#
#   summary.sh PLANS   the output of `make preview`, if it ran
#
# The checkout is the change merged into its base, which is the first parent.
set -euo pipefail
plans=$1
python=${PYTHON:-.venv/bin/python}
base=$(mktemp -d)
trap 'rm -rf "$base"' EXIT

# Prints a report, or why there is none: the base may not have the file, and a summary is better than nothing.
compare() {
  local heading=$1 file name text
  shift
  for file in "${files[@]}"; do
    name=$(basename "$file")
    git show "HEAD^1:$file" > "$base/$name" 2> /dev/null || { printf '### %s: the base has no %s\n' "$heading" "$file"; return; }
  done
  if text=$("$python" "$@" 2>&1); then
    printf '%s\n' "$text"
  else
    printf '### %s: not compared\n%s\n' "$heading" "$text"
  fi
}

verdicts() {
  local stack line
  printf '## Plans of production and dr\nAgainst stand-ins for AWS, without credentials.\n\n'
  if [ ! -s "$plans" ]; then
    printf '❌ No plan: an earlier check failed, and its output is in the log.\n'
    return
  fi
  for stack in production dr; do
    line=$(grep "^$stack: " "$plans" | tail -1) || line="$stack: no verdict, see the log"
    case $line in
    *'plan accepted'*) echo "- ✅ $line" ;;
    *) echo "- ❌ ${line/, see the error above/: its error is below}" ;;
    esac
  done
}

pictures() {
  local repository commit file
  files=(docs/architecture.json)
  printf '### Pictures\n\n'
  compare Pictures -m reports.diagram --against "$base/architecture.json" --listing docs/architecture.json
  repository=$(jq --raw-output '.pull_request.head.repo.html_url // .repository.html_url' "$GITHUB_EVENT_PATH")
  commit=$(jq --raw-output '.pull_request.head.sha // .after' "$GITHUB_EVENT_PATH")
  echo
  for file in docs/architecture.svg docs/architecture-dr.svg docs/failover.svg; do
    git diff --quiet HEAD^1 -- "$file" || echo "- changed: [$file]($repository/blob/$commit/$file)"
  done
}

{
  verdicts
  echo
  files=(tests/golden/production.plan.txt tests/golden/dr.plan.txt)
  compare Resources -m reports.plans --against "$base" --plans tests/golden
  echo
  files=(docs/cost.json)
  compare 'Monthly cost' -m reports.cost --against "$base/cost.json" --items docs/cost.json
  echo
  pictures
  if [ -s "$plans" ]; then
    # Open if one failed: its error is there.
    printf '\n<details%s><summary>Both plans</summary>\n\n```text\n' \
      "$([ "$(grep -c 'plan accepted' "$plans")" = 2 ] || echo ' open')"
    cat "$plans"
    printf '```\n\n</details>\n'
  fi
} >> "$GITHUB_STEP_SUMMARY"

#!/usr/bin/env bash
# Runs a command, and shows its output in the log and in the summary of the run. Ends with the command's exit code.
#
#   summarized.sh TITLE COMMAND…
set -euo pipefail
title=$1
shift
output=$(mktemp)
trap 'rm -f "$output"' EXIT

code=0
"$@" 2>&1 | tee "$output" || code=$?
mark=$([ "$code" = 0 ] && echo ✅ || echo ❌)
{
  printf '<details%s><summary>%s %s</summary>\n\n```text\n' "$([ "$code" = 0 ] || echo ' open')" "$mark" "$title"
  cat "$output"
  printf '```\n\n</details>\n\n'
} >> "$GITHUB_STEP_SUMMARY"
exit "$code"

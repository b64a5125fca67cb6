#!/usr/bin/env bash
# Plans a stack, saves the plan, and shows it in the summary of the run, where the reviewers read what they approve.
set -euo pipefail
stack=$1

"$TASKFLOW" deploy plan --stack "$stack" --json > plan.json
python3 - "$stack" >> "$GITHUB_STEP_SUMMARY" <<'PYTHON'
import json, sys
plan = json.load(open("plan.json"))
print(f"### Plan of {sys.argv[1]}: {plan['changes']} changes\n")
print(f"Commit `{plan['commit'][:12]}`, plan `{plan['plan'][:12]}`. An approval is about this plan alone.\n")
for step in plan["steps"]:
    print(f"- `{step}`")
PYTHON
python3 - >> "$GITHUB_OUTPUT" <<'PYTHON'
import json
plan = json.load(open("plan.json"))
print(f"plan={plan['plan']}\nchanges={plan['changes']}")
PYTHON

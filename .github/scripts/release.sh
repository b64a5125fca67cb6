#!/usr/bin/env bash
# Releases a version to production and verifies it; then dr gets the image that production has, and the checklist is completed.
#
#   release.sh checklist|production|verify|dr|complete
#
# Each is a step of the workflow with a session of its own, since a role's session lasts an hour. VERSION, DIGEST and TASKFLOW are
# variables; ASSETS is a folder, or empty.
set -euo pipefail

# Return to the release before, and fail: the release is worse.
roll_back() {
  echo "::error::$1: rolling back"
  "$TASKFLOW" rollback --yes
  exit 1
}

case $1 in
checklist)
  # Answers are recorded beforehand, by people: nobody can be asked here.
  "$TASKFLOW" preflight "$VERSION"
  ;;
production)
  code=0
  "$TASKFLOW" release "$VERSION" --digest "$DIGEST" ${ASSETS:+--assets "$ASSETS"} --yes || code=$?
  # Exit code 4: ECS has rolled it back itself. A rollback now would go to the release before that one.
  [ "$code" != 4 ] || echo "::error::ECS rolled $VERSION back; the release before is running"
  exit "$code"
  ;;
verify)
  "$TASKFLOW" smoke || roll_back "The smoke test failed"
  code=0
  # The release is running: this only compares the half hour after it with the time before.
  "$TASKFLOW" release "$VERSION" --digest "$DIGEST" --watch --yes || code=$?
  [ "$code" != 8 ] || roll_back "Errors or latency are worse than before"
  exit "$code"
  ;;
dr)
  "$TASKFLOW" release "$VERSION" --stack dr --digest "$DIGEST" --yes
  "$TASKFLOW" smoke --stack dr
  ;;
complete)
  # Last, because it needs people: dr isn't to wait for them.
  code=0
  "$TASKFLOW" postflight "$VERSION" || code=$?
  [ "$code" != 8 ] || echo "::error::$VERSION runs in both regions. Settle what is open: taskflow postflight $VERSION"
  exit "$code"
  ;;
*)
  echo "$1: checklist, production, verify, dr or complete" >&2
  exit 2
  ;;
esac

#!/bin/sh
# Checks the workflows with actionlint, built from its pinned Go module; skipped with a message without Go.
command -v go > /dev/null || { echo "actionlint: skipped, no Go on PATH" >&2; exit 0; }
actionlint=$(go -C scripts/actionlint tool -n actionlint) && exec "$actionlint"

#!/bin/sh
# Checks the workflows with actionlint, built from its pinned Go module; without Go it says so and goes on.
command -v go > /dev/null || { echo "actionlint: skipped, there is no Go here" >&2; exit 0; }
actionlint=$(go -C scripts/actionlint tool -n actionlint) && exec "$actionlint"

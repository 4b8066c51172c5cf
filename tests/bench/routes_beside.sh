#!/bin/sh
# routes_beside.sh FLOOR COUNT COMMAND...: runs the command in a network of its own that has COUNT routes.
set -e
floor=$1 count=$2
shift 2
# shellcheck disable=SC2016 # the inner shell's words
exec unshare -n -m sh -ec '"$0" add "$1"; shift; exec "$@"' "$floor" "$count" "$@"

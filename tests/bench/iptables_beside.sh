#!/bin/sh
# with_rules.sh FILE COMMAND...: runs it in a network namespace that has the rules of the file.
user=
[ "$(id -u)" = 0 ] || user=-r
rules=$1
shift
# shellcheck disable=SC2016 # the inner shell expands them
# shellcheck disable=SC2016  # the inner shell expands them
exec unshare $user -n sh -c 'iptables-nft-restore "$0" && exec "$@"' "$rules" "$@"

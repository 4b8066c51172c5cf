#!/bin/sh
# The red-blue lab in as few processes of iproute2 as it takes, both ends born in their namespaces.
set -e
printf 'netns add red\nnetns add blue\n' | ip -batch -
ip -n red -batch - <<EOF
link add veth-red up type veth peer name veth-blue netns blue
addr add 192.168.15.1/24 dev veth-red
link set lo up
EOF
ip -n blue -batch - <<EOF
addr add 192.168.15.2/24 dev veth-blue
link set lo up
link set veth-blue up
EOF
ip netns exec red ping -c 1 192.168.15.2

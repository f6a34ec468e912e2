#!/bin/sh
# Two nodes in network namespaces of their own, with a cable between them that
# is cut and mended. To be run in new namespaces of users, networks and mounts:
# unshare -rnm cable.sh THE_TEST_BINARY THE_NODES_FOLDER
set -eu
binary=$1 folder=$2

mount -t tmpfs none /run
for node in 1 2; do ip netns add n$node; done
ip link add cable netns n1 type veth peer name cable netns n2
for node in 1 2; do
    ip -n n$node address add 10.9.0.$node/24 dev cable
    ip -n n$node link set cable up
    ip netns exec n$node "$binary" node $node "$folder" &
done

# How often a node has noted such a thing.
noted() { grep -c "$2" "$folder/n$1.log" 2>/dev/null || true; }

# Waits until both nodes have noted more of it.
more() {
    for node in 1 2; do
        before=$(noted $node "$1") tries=0
        until [ "$(noted $node "$1")" -gt "${before:-0}" ]; do
            tries=$((tries + 1))
            [ $tries -lt 200 ] || { echo "n$node: no more '$1'"; exit 1; }
            sleep 0.05
        done
    done
    echo "both: $1"
}

more answered
for round in 1 2 3; do
    ip -n n1 link set cable down
    more down
    ip -n n1 link set cable up
    more answered
done
touch "$folder/stop"
wait

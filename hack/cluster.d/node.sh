# The node as a whole: the namespaces that hold it, the cgroup of its pods, and how to get in. Its first process is `init`;
# `unshare` waits for that on this side, and is what we know it by.
# shellcheck shell=bash

readonly NODE=$CACHE/node
readonly CGROUP=plimsoll-node
readonly ADMIN_KUBECONFIG=$NODE/pki/admin.kubeconfig

# The pid of `unshare`, if it still is that.
holder_pid() {
  local pid
  pid=$(cat "$NODE/pid" 2>/dev/null) || return 1
  tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF " $NODE $PROGRAMS " && echo "$pid"
}

node_is_up() { holder_pid >/dev/null; }

need_node() { node_is_up || die "no node is up: hack/cluster up"; }

# inside COMMAND...: in all namespaces of the node.
inside() {
  local pid of
  pid=$(holder_pid) || die "no node is up: hack/cluster up"
  of=/proc/$pid/ns
  PATH=/run/programs/$(basename "$CONTAINERD_BIN"):$PATH \
    nsenter --net="$of/net" --mount="$of/mnt" --uts="$of/uts" --ipc="$of/ipc" --pid="$of/pid_for_children" -- "$@"
}

# in_network COMMAND...: in its network namespace only, with the machine's own files, as clients of the cluster.
in_network() {
  local pid
  pid=$(holder_pid) || die "no node is up: hack/cluster up"
  KUBECONFIG=$ADMIN_KUBECONFIG KUBECACHEDIR=$NODE/kubectl-cache PATH=$KUBERNETES_BIN:$HELM_BIN:$PATH \
    nsenter --net="/proc/$pid/ns/net" -- "$@"
}

# wait_until SECONDS WHAT COMMAND...: asks ten times a second until it succeeds.
wait_until() {
  local deadline=$(($(date +%s) + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    (($(date +%s) < deadline)) || { printf 'error: gave up waiting for %s\n' "$what" >&2; return 1; }
    sleep 0.1
  done
}

# Where cgroups can be made: each controller's own tree, or the one tree of version 2.
cgroup_roots() {
  if [[ -e /sys/fs/cgroup/cgroup.controllers ]]; then
    echo /sys/fs/cgroup
  else
    printf '%s\n' /sys/fs/cgroup/*/ | sed 's|/$||'
  fi
}

make_cgroups() {
  local root controller controllers=()
  for root in $(cgroup_roots); do
    [[ ! -e $root/cgroup.controllers ]] || read -ra controllers <"$root/cgroup.controllers" || true
    for controller in "${controllers[@]}"; do
      echo "+$controller" >"$root/cgroup.subtree_control" 2>/dev/null || true
    done
    mkdir -p "$root/$CGROUP"
  done
}

no_cgroups() {
  local root folder
  for root in $(cgroup_roots); do
    [[ -d $root/$CGROUP ]] || continue
    while IFS= read -r folder; do rmdir "$folder"; done < <(find "$root/$CGROUP" -depth -type d) || return 1
    [[ ! -d $root/$CGROUP ]] || return 1
  done
}

make_node() {
  mkdir -p "$NODE"/{pki,config,log,run,etcd,containerd,kubelet,var-log,kubectl-cache} "$PROGRAMS"
  chmod 0700 "$NODE"
  cp -r "$CLUSTER_D"/config/. "$CLUSTER_D/process.sh" "$NODE/config"
  make_cgroups
  setsid unshare --net --mount --pid --uts --ipc --fork --kill-child=SIGKILL --propagation private --mount-proc \
    "$CLUSTER_D/init" "$NODE" "$PROGRAMS" >"$NODE/log/init.log" 2>&1 </dev/null {LOCK}>&- &
  echo $! >"$NODE/pid"
  wait_until 10 "the node's namespaces (log: $NODE/log/init.log)" test -e "$NODE/run/initialised" ||
    { cat "$NODE/log/init.log" >&2; return 1; }
}

# Ends all that the node ever started and removes all that it left. Safe to repeat, whatever state things are in.
#
# The kernel lets go of a process namespace's `init` only after all others in it are gone, and `unshare` waits for `init`.
remove_node() {
  local pid
  if pid=$(holder_pid); then
    pkill -KILL -P "$pid" || kill -KILL "$pid"
    wait_until 30 "the node's processes to end" test ! -e "/proc/$pid" || return 1
  fi
  wait_until 20 "the pods' cgroups to become empty" no_cgroups || return 1
  rm -rf "$NODE"
}

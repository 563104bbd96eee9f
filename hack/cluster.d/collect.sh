# What to look at when something went wrong.
# shellcheck shell=bash

# The kubelet keeps a container's output in NAMESPACE_POD_UID/CONTAINER/N.log; here it is one folder of files.
collect_pods() {
  local to=$1 log parts
  for log in "$NODE"/var-log/pods/*/*/*.log; do
    [[ -e $log ]] || continue
    IFS=/ read -ra parts <<<"${log#"$NODE/var-log/pods/"}"
    cp "$log" "$to/${parts[0]%_*}_${parts[1]}_${parts[2]}"
  done
}

# collect_objects FOLDER KUBECTL...: what the API server says.
collect_objects() {
  local to=$1
  shift
  "$@" get events -A --sort-by=.metadata.creationTimestamp >"$to/events.txt" 2>&1 || true
  "$@" get all,validatingwebhookconfigurations,leases -A -o wide >"$to/objects.txt" 2>&1 || true
  "$@" describe pods -A >"$to/pods.txt" 2>&1 || true
}

# collect_logs FOLDER: components' logs, the audit log, every pod's log also after it is gone, and what the API server says.
collect_logs() {
  local to=$1
  mkdir -p "$to/pods"
  to=$(realpath "$to")
  cp "$NODE"/log/*.log "$to" 2>/dev/null || true
  collect_pods "$to/pods"
  node_is_up || return 0
  process status "${COMPONENTS[@]}" >"$to/components.txt" 2>&1 || true
  serves kube-apiserver || { say "the API server does not answer: no objects collected" >&2; return 0; }
  collect_objects "$to" in_network kubectl
}

show_logs() {
  local name
  if [[ ${1:-} == --to ]]; then
    collect_logs "${2:?a folder}"
  elif [[ -n ${1:-} ]]; then
    check_component "$1"
    cat "$NODE/log/$1.log"
  else
    for name in "${COMPONENTS[@]}"; do
      printf '==> %s\n' "$NODE/log/$name.log"
      tail -n 5 "$NODE/log/$name.log" 2>/dev/null | cut -c1-200
    done
  fi
}

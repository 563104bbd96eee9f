# Where KUBECONFIG is set, the cluster is that one: it is used, and neither made nor ended.
# shellcheck shell=bash

is_existing() { [[ -n ${KUBECONFIG:-} && $KUBECONFIG != "$ADMIN_KUBECONFIG" ]]; }

# own_or_built PROGRAM: the one that is installed, else the one that is built here.
own_or_built() {
  local module=$1 program=$2
  command -v "$program" && return
  build_module "$module" >&2 || exit 1
  echo "$(programs_folder "$module")/$program"
}

existing_up() {
  local kubectl
  kubectl=$(own_or_built kubernetes kubectl)
  "$kubectl" get --raw /readyz >/dev/null ||
    die "the cluster of KUBECONFIG=$KUBECONFIG does not answer; unset it to start a node"
  say "using the cluster of KUBECONFIG=$KUBECONFIG: $("$kubectl" get --raw /version | sed -n 's/.*"gitVersion": "\(.*\)".*/\1/p')"
}

# Images reach an existing cluster by its own ways; two that run on the developer's machine are known.
existing_load() {
  local archive=$1 context
  context=$("$(own_or_built kubernetes kubectl)" config current-context)
  case $context in
    kind-*) kind load image-archive "$archive" --name "${context#kind-}" ;;
    minikube) minikube image load "$archive" ;;
    *) die "cannot load images into $context. Push it to where that cluster pulls from and say so:
       buildah push docker-archive:$archive docker://REGISTRY/plimsoll:TAG
       PLIMSOLL_IMAGE=REGISTRY/plimsoll:TAG make e2e" ;;
  esac
}

existing_logs() {
  [[ ${1:-} == --to && -n ${2:-} ]] || die "logs of an existing cluster: hack/cluster logs --to FOLDER"
  mkdir -p "$2"
  collect_objects "$2" "$(own_or_built kubernetes kubectl)"
}

# From where it was called, as on a node of ours.
existing_run() {
  local program
  case $1 in
    kubectl) program=$(own_or_built kubernetes kubectl) ;;
    helm) program=$(own_or_built helm helm) ;;
    run) program=${2:-} && shift && PATH=$PATH:$(programs_folder kubernetes):$(programs_folder helm) ;;
  esac
  shift
  cd "$CALLED_FROM"
  exec "$program" "$@"
}

existing_command() {
  local verb=$1
  shift
  case $verb in
    up) existing_up ;;
    status) existing_up && "$(own_or_built kubernetes kubectl)" get nodes ;;
    down) say "KUBECONFIG=$KUBECONFIG is not ours: left as it is" ;;
    load) existing_load "$@" ;;
    logs) existing_logs "$@" ;;
    kubectl | helm | run) existing_run "$verb" "$@" ;;
    *) die "hack/cluster $verb works on a node of ours only, and KUBECONFIG=$KUBECONFIG is set: unset it" ;;
  esac
}

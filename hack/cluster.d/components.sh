# The components of the node: how each is started, and how to tell that it serves. Paths are those inside (see `init`).
# shellcheck shell=bash

readonly COMPONENTS=(etcd kube-apiserver kube-controller-manager kube-scheduler containerd kubelet kube-proxy)

check_component() {
  [[ " ${COMPONENTS[*]} " == *" ${1:-?} "* ]] || die "which component? one of: ${COMPONENTS[*]}"
}

# bin NAME: where the program is, inside.
bin() {
  case $1 in
    etcd) echo "/run/programs/$(basename "$ETCD_BIN")/etcd" ;;
    containerd) echo "/run/programs/$(basename "$CONTAINERD_BIN")/containerd" ;;
    *) echo "/run/programs/$(basename "$KUBERNETES_BIN")/$1" ;;
  esac
}

# flags NAME: what it is started with, one a line.
flags() {
  local pki=/run/node/pki config=/run/node/config
  case $1 in
    etcd)
      local client=http://127.0.0.1:2379 peer=http://127.0.0.1:2380
      printf '%s\n' --data-dir=/run/node/etcd/data --listen-client-urls=$client --advertise-client-urls=$client \
        --listen-peer-urls=$peer --initial-advertise-peer-urls=$peer --initial-cluster=default=$peer
      # What a crash of the machine would lose does not matter here, and every write is faster.
      [[ -e $NODE/fsync ]] || echo --unsafe-no-fsync
      ;;
    kube-apiserver)
      printf '%s\n' --etcd-servers=http://127.0.0.1:2379 --secure-port=6443 --bind-address=0.0.0.0 \
        --advertise-address="$NODE_IP" --tls-cert-file=$pki/apiserver.crt --tls-private-key-file=$pki/apiserver.key \
        --client-ca-file=$pki/ca.crt --token-auth-file=$pki/tokens.csv --authorization-mode=Node,RBAC \
        --enable-admission-plugins=NodeRestriction --service-account-issuer=https://kubernetes.default.svc \
        --service-account-key-file=$pki/sa.pub --service-account-signing-key-file=$pki/sa.key \
        --service-cluster-ip-range=10.96.0.0/16 --allow-privileged=true --kubelet-preferred-address-types=InternalIP \
        --shutdown-watch-termination-grace-period=1s --audit-policy-file=$config/audit-policy.yaml \
        --audit-log-path=/run/node/log/audit.log
      ;;
    kube-controller-manager)
      local own=$pki/kube-controller-manager.kubeconfig
      printf '%s\n' --kubeconfig=$own --authentication-kubeconfig=$own --authorization-kubeconfig=$own \
        --leader-elect=false --use-service-account-credentials=true --service-account-private-key-file=$pki/sa.key \
        --root-ca-file=$pki/ca.crt --node-monitor-period=1s --kube-api-qps=1000 --kube-api-burst=1000
      ;;
    kube-scheduler)
      local own=$pki/kube-scheduler.kubeconfig
      printf '%s\n' --kubeconfig=$own --authentication-kubeconfig=$own --authorization-kubeconfig=$own --leader-elect=false
      ;;
    containerd) printf '%s\n' --config=$config/containerd.toml ;;
    kubelet)
      printf '%s\n' --config=$config/kubelet.yaml --kubeconfig=$pki/kubelet.kubeconfig --cert-dir=/var/lib/kubelet/pki \
        --hostname-override=node1 --node-ip="$NODE_IP"
      ;;
    kube-proxy)
      # The number of tracked connections can be set for the whole machine only.
      printf '%s\n' --kubeconfig=$pki/kube-proxy.kubeconfig --hostname-override=node1 --proxy-mode=iptables \
        --cluster-cidr=10.244.0.0/16 --conntrack-max-per-core=0
      ;;
  esac
}

# serves NAME: whether it answers.
serves() {
  local url
  case $1 in
    containerd) inside ctr version && return ;;
    etcd) url=http://127.0.0.1:2379/health ;;
    kube-apiserver) url=https://127.0.0.1:6443/readyz ;;
    kube-controller-manager) url=https://127.0.0.1:10257/healthz ;;
    kube-scheduler) url=https://127.0.0.1:10259/healthz ;;
    kubelet) url=http://127.0.0.1:10248/healthz ;;
    kube-proxy) url=http://127.0.0.1:10256/healthz ;;
  esac
  in_network curl -fsSk -m 2 -o /dev/null "$url"
}

process() { inside /run/node/config/process.sh "$@" {LOCK}>&-; }

# launch NAME [FLAG...]: more flags override those above.
launch() {
  local name=$1 given
  shift
  mapfile -t given < <(flags "$name")
  process start "$name" "$(bin "$name")" "${given[@]}" "$@"
}

# Serving, or ended: no use to wait longer.
serves_or_ended() { serves "$1" || process status "$1" | grep -q stopped; }

# await NAME: until it serves, with the end of its log where it does not.
await() {
  if ! wait_until 60 "$1" serves_or_ended "$1" || ! serves "$1" >/dev/null 2>&1; then
    printf 'error: %s does not serve. The end of its log (%s):\n' "$1" "$NODE/log/$1.log" >&2
    tail -n 15 "$NODE/log/$1.log" | cut -c1-300 >&2
    return 1
  fi
}

component_command() {
  local verb=$1 name=${2:-}
  check_component "$name"
  need_node
  shift 2
  case $verb in
    start) launch "$name" "$@" && await "$name" ;;
    restart) process stop "$name" && launch "$name" "$@" && await "$name" ;;
    stop | kill | resume) process "$verb" "$name" ;;
    pause) process pause "$name" ;;
  esac
}

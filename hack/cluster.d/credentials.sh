# Certificates, tokens and kubeconfigs of the node, made anew for each start. Components are who they are in any cluster
# (system:kube-scheduler, system:node:node1, ...), so RBAC and audit are those of a real one.
# shellcheck shell=bash

readonly NODE_IP=10.200.0.1
readonly API_SERVER=https://$NODE_IP:6443

new_key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1"; }

make_certificates() {
  local pki=$NODE/pki
  new_key "$pki/sa.key"
  openssl ec -in "$pki/sa.key" -pubout -out "$pki/sa.pub" 2>/dev/null
  new_key "$pki/ca.key"
  openssl req -x509 -new -key "$pki/ca.key" -out "$pki/ca.crt" -days 30 -subj /CN=node-ca
  new_key "$pki/apiserver.key"
  openssl req -new -key "$pki/apiserver.key" -subj /CN=kube-apiserver |
    openssl x509 -req -CA "$pki/ca.crt" -CAkey "$pki/ca.key" -CAcreateserial -days 30 -out "$pki/apiserver.crt" -extfile <(
      echo "subjectAltName=DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:localhost,IP:127.0.0.1," \
        "IP:$NODE_IP,IP:10.96.0.1" | tr -d ' '
    ) 2>/dev/null
}

# make_kubeconfig FILE USER GROUPS: with a token that the API server knows.
make_kubeconfig() {
  local file=$NODE/pki/$1.kubeconfig token
  token=$(openssl rand -hex 16)
  echo "$token,$2,$2,\"$3\"" >>"$NODE/pki/tokens.csv"
  cat >"$file" <<CONFIG
apiVersion: v1
kind: Config
clusters:
  - name: plimsoll-node
    cluster:
      server: $API_SERVER
      certificate-authority-data: $(base64 -w 0 "$NODE/pki/ca.crt")
users:
  - name: $1
    user: {token: $token}
contexts:
  - name: plimsoll-node
    context: {cluster: plimsoll-node, user: $1}
current-context: plimsoll-node
CONFIG
}

make_credentials() {
  make_certificates
  make_kubeconfig admin admin system:masters
  make_kubeconfig kube-controller-manager system:kube-controller-manager ""
  make_kubeconfig kube-scheduler system:kube-scheduler ""
  make_kubeconfig kube-proxy system:kube-proxy ""
  make_kubeconfig kubelet system:node:node1 system:nodes
}

#include "kube/exec_credential.h"

#include <string_view>

#include "kube/credential_text.h"
#include "plimsoll/base/text.h"
#include "plimsoll/codec/json_parser.h"
#include "plimsoll/kube/base64.h"

namespace plimsoll::kube {
namespace {

void AppendMember(std::string_view name, std::string_view value, std::string& out) {
  if (value.empty()) return;
  out += ',';
  AppendJsonString(name, out);
  out += ':';
  AppendJsonString(value, out);
}

tl::unexpected<Error> Wrong(const std::string& message) {
  return Fail(ErrorCode::kInvalidArgument, message);
}

}  // namespace

std::string ExecInfo(const ExecPlugin& plugin, const ClusterConfig& cluster,
                     const std::string& ca) {
  std::string info = R"({"kind":"ExecCredential","apiVersion":)";
  AppendJsonString(plugin.api_version, info);
  info += R"(,"spec":{"interactive":false)";
  if (plugin.provide_cluster_info) {
    info += R"(,"cluster":{"server":)";
    AppendJsonString(cluster.server, info);
    AppendMember("tls-server-name", cluster.tls_server_name, info);
    AppendMember("certificate-authority-data", Base64Encode(ca), info);
    AppendMember("proxy-url", cluster.proxy_url, info);
    if (cluster.insecure_skip_tls_verify) info += R"(,"insecure-skip-tls-verify":true)";
    if (!plugin.cluster_extension.empty()) info += ",\"config\":" + plugin.cluster_extension;
    info += '}';
  }
  return info + "}}";
}

Result<ExecCredential> ParseExecCredential(std::string output, const std::string& api_version) {
  JsonParser parser;
  const Result<JsonView> root = parser.Parse(output);
  if (!root || !root->is_object()) return Wrong("expected an ExecCredential in JSON");
  if ((*root)["kind"].StringOrEmpty() != "ExecCredential" ||
      (*root)["apiVersion"].StringOrEmpty() != api_version) {
    return Wrong("expected kind ExecCredential and apiVersion " + api_version +
                 ", as the kubeconfig has it");
  }
  const JsonView status = (*root)["status"];
  ExecCredential credential;
  credential.client = {std::string(status["clientCertificateData"].StringOrEmpty()),
                       std::string(status["clientKeyData"].StringOrEmpty())};
  if (const std::string_view token = status["token"].StringOrEmpty(); !token.empty()) {
    Result<std::string> checked = TokenFromText(token, "status.token");
    if (!checked) return tl::unexpected(checked.error());
    credential.token = *std::move(checked);
  }
  if (credential.client.certificate.empty() != credential.client.private_key.empty()) {
    return Wrong("expected status.clientCertificateData and status.clientKeyData, or neither");
  }
  if (credential.token.empty() && credential.client.certificate.empty()) {
    return Wrong("expected status.token or a client certificate");
  }
  if (const JsonView expires = status["expirationTimestamp"]; expires.present()) {
    credential.expires = ParseTimestamp(expires.StringOrEmpty());
    if (!credential.expires) {
      return Wrong("status.expirationTimestamp: expected a time such as 2026-12-01T00:00:00Z");
    }
  }
  return credential;
}

}  // namespace plimsoll::kube

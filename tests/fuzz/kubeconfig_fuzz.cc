// A kubeconfig, and what an exec plugin answers: whatever is read can be sent without writing headers of its own.
#include "kube/credential_text.h"
#include "kube/exec_credential.h"
#include "kube/header_text.h"
#include "kube/kubeconfig_file.h"
#include "plimsoll/base/text.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace plimsoll;
  using namespace plimsoll::kube;
  const std::string text(FuzzText(data, size));
  const Result<Kubeconfig> config = ParseKubeconfig(text, "/folder/config");
  if (!config) FuzzExpect(IsValidUtf8(config.error().message), "messages are text");
  if (config) {
    for (const auto& [name, user] : config->users) {
      if (!CheckCredentials(user.credentials)) continue;
      FuzzExpect(user.credentials.token.empty() || IsVisibleAscii(user.credentials.token),
                 "a token that passes is one line");
      FuzzExpect(IsHeaderText(user.credentials.impersonate_user), "so is a name");
    }
  }
  const Result<ExecCredential> credential =
      ParseExecCredential(text, "client.authentication.k8s.io/v1");
  if (credential) {
    FuzzExpect(credential->token.empty() || IsVisibleAscii(credential->token), "as are tokens");
    FuzzExpect(credential->client.certificate.empty() == credential->client.private_key.empty(),
               "certificate and key come together");
  }
  return 0;
}

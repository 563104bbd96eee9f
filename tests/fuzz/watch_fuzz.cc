// What a server may stream to an informer: any bytes, cut at a place the first byte chooses, as a streamed list or as a page.
// The handler's account must add up: nothing is removed that was not there, nothing is there twice.
#include <map>
#include <string>

#include "kube/reflector.h"
#include "tests/fuzz/fuzz.h"

namespace plimsoll::kube {
namespace {

class Account final : public ObjectHandler {
 public:
  void Upsert(const ObjectKey& key, JsonView object) override {
    FuzzExpect(!key.name.empty(), "objects have names");
    const std::string uid(object["metadata"]["uid"].StringOrEmpty());
    const auto [entry, is_new] = uids_.emplace(key, uid);
    FuzzExpect(is_new || entry->second == uid, "another object replaces one that was removed");
  }
  void Remove(const ObjectKey& key, std::string_view uid) override {
    const auto found = uids_.find(key);
    FuzzExpect(found != uids_.end() && found->second == uid, "what is removed was there");
    uids_.erase(found);
  }
  void Synced() override {}

 private:
  std::map<ObjectKey, std::string> uids_;
};

// The same text for every request, in two pieces.
class Server final : public ApiCaller {
 public:
  Server(std::string_view text, size_t cut) : text_(text), cut_(cut) {}
  Result<ApiResponse> Call(const ApiRequest&) override {
    return Fail(ErrorCode::kInternal, "an informer streams");
  }
  Status Stream(const ApiRequest&, const StreamLimits&,
                const std::function<bool(std::string_view)>& take,
                const std::function<bool()>&) override {
    if (take(text_.substr(0, cut_))) static_cast<void>(take(text_.substr(cut_)));
    return {};
  }

 private:
  std::string_view text_;
  size_t cut_;
};

}  // namespace
}  // namespace plimsoll::kube

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace plimsoll;
  using namespace plimsoll::kube;
  if (size == 0) return 0;
  const std::string_view text = FuzzText(data + 1, size - 1);
  for (const bool streaming : {false, true}) {
    Server server(text, text.empty() ? 0 : data[0] % text.size());
    Account account;
    InformerOptions options;
    options.type = kPods;
    options.streaming_list = streaming;
    InformerFigures figures;
    Reflector reflector(server, account, options, figures, [] { return false; });
    for (int i = 0; i < 3; ++i) {
      const Reflector::Outcome outcome = reflector.Run();
      FuzzExpect(!outcome.error || !outcome.error->message.empty(), "errors say what");
    }
  }
  return 0;
}

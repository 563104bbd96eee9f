// The text of lists and watches, as the API server writes it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::testing {

// A uid as real ones are, from a number.
inline std::string UidOf(int number) {
  const std::string digits = std::to_string(number);
  return "00000000-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

// "shop/web": an object of that namespace and name.
inline std::string ObjectText(std::string_view key, int version, int uid = 1,
                              std::string_view more = "") {
  const size_t slash = key.find('/');
  const std::string space(key.substr(0, slash));
  return R"({"metadata":{"namespace":")" + space + R"(","name":")" +
         std::string(key.substr(slash + 1)) + R"(","uid":")" + UidOf(uid) +
         R"(","resourceVersion":")" + std::to_string(version) + "\"" + std::string(more) + "}}";
}

inline std::string Frame(std::string_view type, std::string_view object) {
  return R"({"type":")" + std::string(type) + R"(","object":)" + std::string(object) + "}\n";
}

inline std::string Bookmark(int version, bool ends_list = false) {
  return Frame("BOOKMARK",
               R"({"metadata":{"resourceVersion":")" + std::to_string(version) + "\"" +
                   (ends_list ? R"(,"annotations":{"k8s.io/initial-events-end":"true"})" : "") +
                   "}}");
}

inline std::string ErrorFrame(int code, std::string_view reason, std::string_view details = "{}") {
  return Frame("ERROR", R"({"kind":"Status","code":)" + std::to_string(code) + R"(,"reason":")" +
                            std::string(reason) + R"(","message":"words","details":)" +
                            std::string(details) + "}");
}

inline std::string Page(const std::vector<std::string>& items, int version,
                        std::string_view next = "") {
  std::string text = R"({"kind":"PodList","metadata":{"resourceVersion":")" +
                     std::to_string(version) + R"(","continue":")" + std::string(next) +
                     R"("},"items":[)";
  for (size_t i = 0; i < items.size(); ++i) text += (i > 0 ? "," : "") + items[i];
  return text + "]}";
}

}  // namespace plimsoll::testing

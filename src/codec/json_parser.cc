#include "plimsoll/codec/json_parser.h"

#include <utility>

#include "codec/json_reader.h"

namespace plimsoll {

struct JsonParser::State {
  JsonReader reader;
  Document document;
};

JsonParser::JsonParser() : state_(std::make_unique<State>()) {}
JsonParser::~JsonParser() = default;
JsonParser::JsonParser(JsonParser&&) noexcept = default;
JsonParser& JsonParser::operator=(JsonParser&&) noexcept = default;

Result<JsonView> JsonParser::Parse(std::string& bytes, DuplicateKeys duplicates) {
  JsonReader::Pad(bytes);
  Status status = state_->reader.Read(bytes, 0, bytes.size(), duplicates, StringStore::kReader,
                                      state_->document);
  if (!status) return tl::unexpected<Error>(std::move(status.error()));
  return state_->document.root();
}

const Document& JsonParser::document() const { return state_->document; }

}  // namespace plimsoll

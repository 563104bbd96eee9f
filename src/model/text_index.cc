#include "plimsoll/model/text_index.h"

#include <algorithm>
#include <bit>

namespace plimsoll {

void TextIndex::Build() {
  std::sort(filed_.begin(), filed_.end());
  filed_.erase(std::unique(filed_.begin(), filed_.end()), filed_.end());
  slots_.clear();
  numbers_.clear();
  if (filed_.empty()) return;
  size_t texts = 0;
  for (size_t i = 0; i < filed_.size(); ++i) {
    texts += i == 0 || filed_[i].first != filed_[i - 1].first ? 1 : 0;
  }
  slots_.resize(std::bit_ceil(texts * 2));
  mask_ = slots_.size() - 1;
  numbers_.reserve(filed_.size());
  for (size_t begin = 0; begin < filed_.size();) {
    size_t end = begin;
    while (end < filed_.size() && filed_[end].first == filed_[begin].first) ++end;
    const uint64_t hash = filed_[begin].first;
    size_t at = hash & mask_;
    while (slots_[at].count != 0) at = (at + 1) & mask_;
    slots_[at] = {hash, static_cast<uint32_t>(numbers_.size()), static_cast<uint32_t>(end - begin)};
    for (; begin < end; ++begin) numbers_.push_back(filed_[begin].second);
  }
  filed_ = {};
}

}  // namespace plimsoll

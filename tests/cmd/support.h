// What the controller's tests share: time that they turn themselves, requests, and waiting for the resolver.
#pragma once

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "fact_resolver.h"
#include "plimsoll/codec/json_parser.h"
#include "plimsoll/model/admission.h"

namespace plimsoll::testing {

// Read from the resolver's thread, too.
class Stopwatch {
 public:
  std::chrono::steady_clock::time_point Now() const {
    return std::chrono::steady_clock::time_point(std::chrono::milliseconds(now_.load()));
  }
  void Pass(std::chrono::milliseconds time) { now_ += time.count(); }

 private:
  std::atomic<int64_t> now_{1'000'000};
};

// JSON that lives as long as this does.
class Parsed {
 public:
  explicit Parsed(std::string_view text) : text_(std::make_unique<std::string>(text)) {
    const Result<JsonView> parsed = parser_->Parse(*text_);
    if (!parsed) throw std::invalid_argument(parsed.error().message);
    view_ = *parsed;
  }
  JsonView view() const { return view_; }

 private:
  std::unique_ptr<std::string> text_;
  std::unique_ptr<JsonParser> parser_ = std::make_unique<JsonParser>();
  JsonView view_;
};

// Returns when everything has been carried out that was asked for before: one thread does it, in order. False after a minute.
inline bool Settle(controller::FactResolver& resolver) {
  const auto done = std::make_shared<std::promise<void>>();
  static std::atomic<int> number{0};
  if (!resolver.Ask("settle/" + std::to_string(++number), [done] { done->set_value(); }))
    return false;
  return done->get_future().wait_for(std::chrono::minutes(1)) == std::future_status::ready;
}

}  // namespace plimsoll::testing

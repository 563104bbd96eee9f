#include "links/link_schedule.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>

#include "links/page_text.h"
#include "plimsoll/base/text.h"

namespace plimsoll::links {
namespace {

using Kind = PageVerdict::Kind;

// A validator that goes back into a request: one that could write headers of its own is not sent.
constexpr size_t kMaxValidatorBytes = 256;

std::string Validator(const std::string& text) {
  const bool visible = std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x7f;
  });
  return visible && text.size() <= kMaxValidatorBytes && Trim(text) == text ? text : std::string();
}

// splitmix64: well spread, and the same everywhere.
uint64_t Mix(uint64_t value) {
  value += 0x9E3779B97F4A7C15ULL;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31);
}

uint64_t HashOf(std::string_view text, uint64_t seed) {
  return Mix(std::hash<std::string_view>()(text) ^ Mix(seed));
}

std::string OriginOf(const LinkParts& parts) {
  return (parts.tls ? "https://" : "http://") + parts.Authority();
}

std::string FolderOf(const LinkParts& parts) {
  const std::string path = parts.target.substr(0, parts.target.find('?'));
  return path.substr(0, path.rfind('/') + 1);
}

// The page as it is written, without query: where two redirects have ended up.
std::string AddressOf(const LinkParts& parts) {
  return OriginOf(parts) + parts.target.substr(0, parts.target.find('?'));
}

}  // namespace

// ---- what is wanted ----

void LinkSchedule::SetWanted(const WantedLinks& wanted, Timestamp now) {
  for (auto& [url, link] : links_) {
    if (!link->wanted || wanted.contains(url)) continue;
    link->wanted = false;
    link->unwanted_since = now;
    if (!link->busy) Dequeue(*link);
  }
  Forget(now);
  for (const auto& [url, terms] : wanted) {
    auto found = links_.find(url);
    if (found == links_.end()) {
      std::optional<LinkParts> parts = TakeLinkApart(url);
      if (!parts || !MakeRoom()) continue;
      found = links_.emplace(url, std::make_unique<Link>()).first;
      Link& link = *found->second;
      link.url = url;
      link.parts = *std::move(parts);
      link.terms = terms;
      const auto spread = static_cast<uint64_t>(options_.first_spread.count()) + 1;
      BeginLook(link, now + std::chrono::seconds(
                                static_cast<int64_t>(HashOf(url, options_.seed) % spread)));
      continue;
    }
    Link& link = *found->second;
    const bool came_back = !link.wanted;
    const bool changed = link.terms != terms;
    link.wanted = true;
    link.terms = terms;
    if (link.busy || (!came_back && !changed)) continue;
    Dequeue(link);
    const bool known =
        link.result.state == LinkState::kAlive || link.result.state == LinkState::kDead;
    BeginLook(link,
              known ? std::max(now, link.result.checked + Jittered(terms.interval, link)) : now);
  }
}

bool LinkSchedule::MakeRoom() {
  if (links_.size() < kMaxLinks) return true;
  const auto idle = std::find_if(links_.begin(), links_.end(), [](const auto& entry) {
    return !entry.second->wanted && !entry.second->busy;
  });
  if (idle == links_.end()) return false;
  links_.erase(idle);
  return true;
}

void LinkSchedule::Forget(Timestamp now) {
  for (auto at = links_.begin(); at != links_.end();) {
    const Link& link = *at->second;
    const bool old = !link.wanted && !link.busy && link.unwanted_since + kUnwantedKept <= now;
    at = old ? links_.erase(at) : std::next(at);
  }
  for (auto at = hosts_.begin(); at != hosts_.end();) {
    const Host& host = at->second;
    const bool idle = !host.busy && host.queue.empty() && host.not_before <= now;
    at = idle ? hosts_.erase(at) : std::next(at);
  }
  for (auto at = probes_.begin(); at != probes_.end();) {
    at = at->second.at + kProbeMaxAge <= now ? probes_.erase(at) : std::next(at);
  }
}

// ---- queues ----

void LinkSchedule::Enqueue(Link& link, Timestamp due) {
  link.due = due;
  hosts_[link.at.host].queue.emplace(due, &link);
}

void LinkSchedule::Dequeue(Link& link) {
  const auto host = hosts_.find(link.at.host);
  if (host != hosts_.end()) host->second.queue.erase({link.due, &link});
}

void LinkSchedule::BeginLook(Link& link, Timestamp due) {
  link.at = link.parts;
  link.redirects = 0;
  link.probing = false;
  Enqueue(link, due);
}

std::chrono::seconds LinkSchedule::Jittered(std::chrono::seconds time, const Link& link) const {
  // Between nine and eleven tenths of it.
  const auto tenth = static_cast<uint64_t>(time.count()) / 10;
  const uint64_t chance = HashOf(link.url, options_.seed + link.looks) % (2 * tenth + 1);
  return time - std::chrono::seconds(static_cast<int64_t>(tenth)) +
         std::chrono::seconds(static_cast<int64_t>(chance));
}

std::optional<LinkStep> LinkSchedule::Take(Timestamp now) {
  Host* best = nullptr;
  for (auto& [name, host] : hosts_) {
    if (host.busy || host.queue.empty() || host.not_before > now) continue;
    if (host.queue.begin()->first > now) continue;
    if (best == nullptr || *host.queue.begin() < *best->queue.begin()) best = &host;
  }
  if (best == nullptr) return std::nullopt;
  Link& link = *best->queue.begin()->second;
  best->queue.erase(best->queue.begin());
  best->busy = true;
  link.busy = true;
  LinkStep step{link.url, link.at, link.terms.networks, {}, {}};
  if (link.probing) {
    step.asked.target = ProbeTarget(link.at);
  } else if (link.validated == AddressOf(link.at)) {
    step.etag = link.etag;
    step.last_modified = link.last_modified;
  }
  return step;
}

std::optional<Timestamp> LinkSchedule::NextDue() const {
  std::optional<Timestamp> next;
  for (const auto& [name, host] : hosts_) {
    if (host.busy || host.queue.empty()) continue;
    const Timestamp due = std::max(host.queue.begin()->first, host.not_before);
    next = next ? std::min(*next, due) : due;
  }
  return next;
}

// ---- answers ----

bool LinkSchedule::Done(const LinkStep& step, const PageAnswer& answer, Timestamp now) {
  Host& host = hosts_[step.asked.host];
  host.busy = false;
  host.not_before = now + options_.host_gap;
  if (answer.kind == PageAnswer::Kind::kAnswered &&
      (answer.status == 429 || answer.status == 503)) {
    if (const auto wait = ParseRetryAfter(answer.retry_after, now)) host.not_before = now + *wait;
  }
  const auto found = links_.find(step.link);
  if (found == links_.end()) return false;
  Link& link = *found->second;
  link.busy = false;
  if (!link.wanted) return false;
  if (link.probing) return Probed(link, step, answer, now);
  PageVerdict verdict = JudgePage(answer, step.asked, link.parts);
  switch (verdict.kind) {
    case Kind::kStopped:
      Enqueue(link, now);
      return false;
    case Kind::kRefused:
      return Settle(link, LinkState::kRefused, std::move(verdict.problem), now);
    case Kind::kTrouble:
      return Trouble(link, std::move(verdict.problem), answer, now);
    case Kind::kDead:
      return Settle(link, LinkState::kDead, std::move(verdict.problem), now);
    case Kind::kMoved:
      return Follow(link, step, answer, now);
    case Kind::kUnchanged:
      // To a request without conditions nobody may answer that; what would it be the same as?
      if (step.etag.empty() && step.last_modified.empty()) {
        return Trouble(link, "answers 304 to a first request", answer, now);
      }
      return Settle(link, LinkState::kAlive, {}, now);
    case Kind::kReadable:
      return Readable(link, step, answer, now);
  }
  return false;
}

bool LinkSchedule::Follow(Link& link, const LinkStep& step, const PageAnswer& answer,
                          Timestamp now) {
  if (link.redirects == kMaxRedirects) {
    return Settle(link, LinkState::kDead,
                  "is moved on more than " + std::to_string(kMaxRedirects) + " times", now);
  }
  std::optional<LinkParts> target = TakeLinkApart(ResolveReference(step.asked, answer.location));
  if (!target) return Settle(link, LinkState::kDead, "has moved to what is no link", now);
  if (!HostIsAmong(target->host, link.terms.hosts)) {
    return Settle(link, LinkState::kRefused, "it has moved to a host that may not be asked", now);
  }
  // Whoever redirects chooses hosts as they like.
  if (hosts_.size() >= 2 * kMaxLinks) Forget(now);
  ++link.redirects;
  link.at = *std::move(target);
  Enqueue(link, now);
  return false;
}

bool LinkSchedule::Readable(Link& link, const LinkStep& step, const PageAnswer& answer,
                            Timestamp now) {
  link.etag = Validator(answer.etag);
  link.last_modified = Validator(answer.last_modified);
  link.validated = AddressOf(step.asked);
  link.result.last_modified = ParseHttpDate(answer.last_modified);
  if (!IsHtml(answer.content_type)) return Settle(link, LinkState::kAlive, {}, now);
  link.fingerprint = FingerprintOf(answer.body, step.asked.target);
  link.probe = OriginOf(step.asked) + FolderOf(step.asked);
  const auto known = probes_.find(link.probe);
  if (known != probes_.end() && known->second.at + kProbeMaxAge > now) {
    return Compare(link, known->second, now);
  }
  link.probing = true;
  Enqueue(link, now);
  return false;
}

bool LinkSchedule::Probed(Link& link, const LinkStep& step, const PageAnswer& answer,
                          Timestamp now) {
  link.probing = false;
  if (answer.kind == PageAnswer::Kind::kStopped) {
    link.probing = true;
    Enqueue(link, now);
    return false;
  }
  const bool answered = answer.kind == PageAnswer::Kind::kAnswered && answer.status < 500;
  // Whoever does not answer this has answered for the page.
  if (!answered) return Settle(link, LinkState::kAlive, {}, now);
  Probe probe;
  probe.at = now;
  if (answer.status == 200) probe.fingerprint = FingerprintOf(answer.body, step.asked.target);
  if (answer.status >= 300 && answer.status < 400 && !answer.location.empty()) {
    const auto target = TakeLinkApart(ResolveReference(step.asked, answer.location));
    if (target) probe.moved_to = AddressOf(*target);
  }
  if (probes_.size() >= kMaxProbes && !probes_.contains(link.probe)) probes_.erase(probes_.begin());
  return Compare(link, probes_[link.probe] = std::move(probe), now);
}

bool LinkSchedule::Compare(Link& link, const Probe& probe, Timestamp now) {
  const bool same_page = probe.fingerprint && *probe.fingerprint == link.fingerprint;
  const bool same_place =
      link.redirects > 0 && !probe.moved_to.empty() && probe.moved_to == link.validated;
  if (!same_page && !same_place) return Settle(link, LinkState::kAlive, {}, now);
  return Settle(link, LinkState::kDead, "is the same as for an address that does not exist", now);
}

bool LinkSchedule::Trouble(Link& link, std::string problem, const PageAnswer& answer,
                           Timestamp now) {
  if (++link.troubles >= kTroublesUntilDead) {
    return Settle(link, LinkState::kDead, std::move(problem), now);
  }
  ++counts_.trouble;
  ++link.looks;
  link.result.checked = now;
  std::chrono::seconds wait = kFirstRetry;
  for (int i = 1; i < link.troubles; ++i) wait *= 3;
  wait = std::max(Jittered(wait, link),
                  ParseRetryAfter(answer.retry_after, now).value_or(std::chrono::seconds(0)));
  BeginLook(link, now + wait);
  return false;
}

bool LinkSchedule::Settle(Link& link, LinkState state, std::string problem, Timestamp now) {
  ++link.looks;
  if (state == LinkState::kAlive) {
    ++counts_.alive;
    link.troubles = 0;
  } else if (state == LinkState::kDead) {
    ++counts_.dead;
  } else {
    ++counts_.refused;
    link.troubles = 0;
  }
  if (state != LinkState::kAlive) {
    link.etag.clear();
    link.last_modified.clear();
    link.validated.clear();
    link.result.last_modified.reset();
  }
  LinkResult result = link.result;
  // Words that change from one look to the next say nothing new.
  if (result.state != state) {
    result.state = state;
    result.problem = std::move(problem);
    result.since = now;
  }
  result.checked = now;
  const bool changed = result.state != link.result.state || result.last_modified.has_value() ||
                       result.problem != link.result.problem;
  link.result = std::move(result);
  BeginLook(link, now + Jittered(link.terms.interval, link));
  return changed;
}

std::string LinkSchedule::ProbeTarget(const LinkParts& parts) const {
  const uint64_t chance = HashOf(OriginOf(parts) + FolderOf(parts), options_.seed ^ 0x404);
  std::array<char, 16> hex{};
  const auto end = std::to_chars(hex.data(), hex.data() + hex.size(), chance, 16).ptr;
  return FolderOf(parts) + "plimsoll-" + std::string(hex.data(), end);
}

LinkResults LinkSchedule::Results() const {
  LinkResults::Map results;
  for (const auto& [url, link] : links_) {
    if (link->wanted) results.emplace(url, link->result);
  }
  return LinkResults(std::move(results));
}

LinkCounts LinkSchedule::Counts() const {
  LinkCounts counts = counts_;
  for (const auto& [url, link] : links_) {
    if (!link->wanted) continue;
    switch (link->result.state) {
      case LinkState::kPending:
        ++counts.pending_now;
        break;
      case LinkState::kAlive:
        ++counts.alive_now;
        break;
      case LinkState::kDead:
        ++counts.dead_now;
        break;
      case LinkState::kRefused:
        ++counts.refused_now;
        break;
    }
  }
  return counts;
}

}  // namespace plimsoll::links

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "plimsoll/model/alert.h"

namespace plimsoll {
namespace {

// Joins texts without allocating: names of objects have 253 bytes at most.
class Joined {
 public:
  Joined(std::string_view a, std::string_view b, std::string_view c = {}) {
    for (const std::string_view part : {a, b, c}) {
      const size_t length = std::min(part.size(), text_.size() - length_);
      std::copy_n(part.begin(), length, text_.begin() + static_cast<std::ptrdiff_t>(length_));
      length_ += length;
    }
  }
  std::string_view view() const { return {text_.data(), length_}; }

 private:
  std::array<char, 640> text_;
  size_t length_ = 0;
};

bool AnyPodMatches(const ValuePattern& pattern, const AlertCandidate& candidate) {
  return std::any_of(
      candidate.pod_ends.begin(), candidate.pod_ends.end(),
      [&](std::string_view end) { return pattern.Matches(Joined(candidate.name, end).view()); });
}

// PodMonitors make jobs called "namespace/name".
bool AnyServiceMatches(const ValuePattern& pattern, const AlertCandidate& candidate) {
  return std::any_of(candidate.services.begin(), candidate.services.end(),
                     [&](std::string_view name) {
                       return pattern.Matches(name) ||
                              pattern.Matches(Joined(candidate.namespace_name, "/", name).view());
                     });
}

bool ContainersMatch(const AlertMatcher& matcher, const AlertCandidate& candidate) {
  const auto matches = [&](const Container& container) {
    return matcher.pattern.Matches(container.name);
  };
  const auto& all = candidate.containers;
  // What is not said of one container is said of the others.
  if (matcher.negative) return !all.empty() && std::all_of(all.begin(), all.end(), matches);
  return std::any_of(all.begin(), all.end(), matches);
}

bool KindMatches(const AlertMatcher& matcher, const AlertCandidate& candidate) {
  if (matcher.kind == candidate.kind) return matcher.pattern.Matches(candidate.name);
  // A CronJob's Jobs, and a Deployment's ReplicaSets, begin with its name: `pod_ends` has their like.
  const bool made =
      (matcher.kind == WorkloadKind::kJob && candidate.kind == WorkloadKind::kCronJob) ||
      (matcher.kind == WorkloadKind::kReplicaSet && candidate.kind == WorkloadKind::kDeployment);
  return made && AnyPodMatches(matcher.pattern, candidate);
}

// Whether the candidate has a value that matches.
bool Matched(const AlertMatcher& matcher, const AlertCandidate& candidate) {
  switch (matcher.role) {
    case AlertRole::kNamespace:
      return matcher.pattern.Matches(candidate.namespace_name);
    case AlertRole::kWorkload:
      return matcher.pattern.Matches(candidate.name);
    case AlertRole::kKind:
      return KindMatches(matcher, candidate);
    case AlertRole::kPod:
      return AnyPodMatches(matcher.pattern, candidate);
    case AlertRole::kContainer:
      return ContainersMatch(matcher, candidate);
    case AlertRole::kService:
      return AnyServiceMatches(matcher.pattern, candidate);
  }
  return false;
}

AlertScope ScopeOf(const AlertSubject& subject, const AlertCandidate& candidate) {
  AlertScope scope = AlertScope::kGeneral;
  bool container = false;
  for (const AlertMatcher& matcher : subject.matchers) {
    const bool matched = Matched(matcher, candidate);
    if (matcher.negative) {
      if (matched) return AlertScope::kElsewhere;
      continue;
    }
    if (!matched) {
      // A series that has no such label matches where "" does.
      if (!matcher.pattern.Matches("")) return AlertScope::kElsewhere;
      continue;
    }
    if (!matcher.pattern.selective()) continue;
    if (matcher.role == AlertRole::kContainer) {
      // Half of a cluster has a container "proxy": it names this workload's only together with something else.
      container = true;
      if (matcher.pattern.Matches(candidate.name)) scope = AlertScope::kWorkload;
    } else {
      scope = std::max(scope, matcher.role == AlertRole::kNamespace ? AlertScope::kNamespace
                                                                    : AlertScope::kWorkload);
    }
  }
  return container && scope == AlertScope::kNamespace ? AlertScope::kWorkload : scope;
}

bool Names(AlertRole role) {
  return role == AlertRole::kWorkload || role == AlertRole::kKind || role == AlertRole::kService;
}

// PodMonitors make jobs called "namespace/name".
std::string_view WithoutNamespace(std::string_view text) {
  const size_t slash = text.rfind('/');
  return slash == std::string_view::npos ? text : text.substr(slash + 1);
}

}  // namespace

AlertScope ScopeOf(const Alert& alert, const AlertCandidate& candidate) {
  AlertScope scope = AlertScope::kElsewhere;
  for (const AlertSubject& subject : alert.subjects) {
    scope = std::max(scope, ScopeOf(subject, candidate));
  }
  return scope;
}

AlertIndex::AlertIndex(std::vector<std::shared_ptr<const Alert>> alerts)
    : alerts_(std::move(alerts)) {
  for (uint32_t number = 0; number < alerts_.size(); ++number) {
    const Alert& alert = *alerts_[number];
    by_name_.Add(HashOfText(alert.name), number);
    if (!alert.known) unknown_in_.push_back(alert.object.namespace_name);
    for (const AlertSubject& subject : alert.subjects) Add(number, subject);
  }
  for (TextIndex* index : {&by_name_, &by_subject_, &by_beginning_, &by_namespace_}) index->Build();
  std::sort(unknown_in_.begin(), unknown_in_.end());
  unknown_in_.erase(std::unique(unknown_in_.begin(), unknown_in_.end()), unknown_in_.end());
}

// Under what fewest others are: a name, what names begin with, a namespace.
void AlertIndex::Add(uint32_t number, const AlertSubject& subject) {
  const auto file = [&](TextIndex& under, std::string_view key) {
    under.Add(HashOfText(key), number);
  };
  const auto file_beginning = [&](std::string_view key) {
    file(by_beginning_, key);
    if (beginnings_.size() <= key.size()) beginnings_.resize(key.size() + 1);
    beginnings_[key.size()] = true;
  };
  const auto file_names = [&](const AlertMatcher& matcher) {
    const bool pod =
        matcher.role == AlertRole::kPod ||
        (matcher.role == AlertRole::kKind &&
         (matcher.kind == WorkloadKind::kJob || matcher.kind == WorkloadKind::kReplicaSet));
    if (!matcher.pattern.is_list()) {
      if (matcher.pattern.prefix().empty()) return false;
      file_beginning(matcher.pattern.prefix());
      return true;
    }
    for (const ValuePattern::Piece& piece : matcher.pattern.pieces()) {
      if (piece.open && piece.text.empty()) return false;
    }
    for (const ValuePattern::Piece& piece : matcher.pattern.pieces()) {
      if (piece.open || pod) {
        file_beginning(piece.text);
      } else {
        file(by_subject_, WithoutNamespace(piece.text));
      }
    }
    return true;
  };
  const auto try_each = [&](auto wanted, auto take) {
    for (const AlertMatcher& matcher : subject.matchers) {
      if (!matcher.negative && matcher.pattern.selective() && wanted(matcher) && take(matcher)) {
        return true;
      }
    }
    return false;
  };
  const auto is_namespace = [](const AlertMatcher& m) { return m.role == AlertRole::kNamespace; };
  const auto file_namespaces = [&](const AlertMatcher& matcher) {
    if (!matcher.pattern.is_list()) return false;
    const auto& pieces = matcher.pattern.pieces();
    if (std::any_of(pieces.begin(), pieces.end(), [](const auto& piece) { return piece.open; })) {
      return false;
    }
    for (const ValuePattern::Piece& piece : pieces) file(by_namespace_, piece.text);
    return true;
  };
  if (try_each([](const AlertMatcher& m) { return Names(m.role); }, file_names)) return;
  if (try_each([](const AlertMatcher& m) { return m.role == AlertRole::kPod; }, file_names)) return;
  if (try_each(is_namespace, file_namespaces)) return;
  if (try_each([](const AlertMatcher&) { return true; },
               [](const AlertMatcher&) { return true; })) {
    rest_.push_back(number);
  }
}

void AlertIndex::Visit(const TextIndex& index, uint64_t hash, const Visitor& visit) const {
  for (const uint32_t number : index.Find(hash)) visit(*alerts_[number]);
}

TextHasher AlertIndex::VisitBeginnings(std::string_view text, size_t from, TextHasher hasher,
                                       const Visitor& visit) const {
  for (size_t length = from + 1; length <= from + text.size(); ++length) {
    if (length >= beginnings_.size()) break;
    hasher.Add(text[length - from - 1]);
    if (beginnings_[length]) Visit(by_beginning_, hasher.Value(), visit);
  }
  return hasher;
}

void AlertIndex::ForEachNear(const AlertCandidate& candidate, const Visitor& visit) const {
  if (!by_subject_.empty()) {
    Visit(by_subject_, HashOfText(candidate.name), visit);
    for (const std::string_view service : candidate.services) {
      if (service != candidate.name) Visit(by_subject_, HashOfText(service), visit);
    }
  }
  if (!by_beginning_.empty()) {
    // What begins the name begins the names of its pods, too.
    const TextHasher named = VisitBeginnings(candidate.name, 0, TextHasher(), visit);
    for (const std::string_view end : candidate.pod_ends) {
      VisitBeginnings(end, candidate.name.size(), named, visit);
    }
    for (const std::string_view service : candidate.services) {
      if (service != candidate.name) VisitBeginnings(service, 0, TextHasher(), visit);
    }
  }
  if (!by_namespace_.empty()) Visit(by_namespace_, HashOfText(candidate.namespace_name), visit);
  for (const uint32_t number : rest_) visit(*alerts_[number]);
}

void AlertIndex::ForEachNamed(std::string_view name, const Visitor& visit) const {
  for (const uint32_t number : by_name_.Find(HashOfText(name))) {
    if (alerts_[number]->name == name) visit(*alerts_[number]);
  }
}

bool AlertIndex::HasUnknownIn(std::string_view namespace_name) const {
  return std::binary_search(unknown_in_.begin(), unknown_in_.end(), namespace_name);
}

}  // namespace plimsoll

#include "plimsoll/codec/team_directory.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <span>
#include <utility>

#include "plimsoll/base/text.h"
#include "plimsoll/codec/json_parser.h"
#include "plimsoll/codec/manifest.h"

namespace plimsoll {
namespace {

constexpr std::string_view kOurApiVersion = "plimsoll.dev/v1alpha1";
constexpr std::string_view kBackstageGroup = "backstage.io/";
constexpr size_t kShownBytes = 80;
// A text may bring a ConfigMap, which brings texts, and there it ends.
constexpr int kMaxNesting = 1;

constexpr std::array<std::string_view, 9> kTeamFields = {"slug",         "name",      "contact",
                                                         "alertRoutes",  "onCall",    "aliases",
                                                         "retiredAfter", "successor", "parent"};
constexpr std::array<std::string_view, 4> kDirectoryFields = {"apiVersion", "kind", "metadata",
                                                              "teams"};
// As the rule alerting.route has them by default.
constexpr std::array<std::string_view, 4> kRouteAnnotations = {
    "plimsoll.dev/alert-route", "pagerduty.com/service-id", "opsgenie.com/component-selector",
    "opsgenie.com/team"};

std::string Quoted(std::string_view text) { return "\"" + SanitizeLine(text, kShownBytes) + "\""; }

bool IsPrintableLine(std::string_view text) {
  return IsValidUtf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
         });
}

// What follows the kind and namespace of an entity reference ("group:default/commerce").
std::string_view EntityName(std::string_view reference) {
  return reference.substr(reference.find_last_of(":/") + 1);
}

class Reader {
 public:
  explicit Reader(ParsedDirectory& parsed) : parsed_(parsed) {}

  void ReadText(DirectoryText text, int nesting = 0) {
    file_ = text.file;
    if (text.text.size() > kMaxDirectoryBytes) {
      Problem({}, "", "is longer than " + std::to_string(kMaxDirectoryBytes) + " bytes");
      return;
    }
    if (Trim(std::string_view(text.text).substr(0, kShownBytes)).starts_with('[')) {
      ReadList(text.text, nesting);
      return;
    }
    const std::unique_ptr<Manifests> manifests =
        ParseManifests(std::move(text.text), DuplicateKeys::kReject);
    for (const Diagnostic& problem : manifests->problems) {
      Problem(problem.position, problem.path, problem.message);
    }
    for (const auto& document : manifests->documents) {
      if (document != nullptr) ReadDocument(document->root(), nesting);
    }
  }

  // What can only be said of all teams together.
  void Finish() {
    if (parsed_.teams.empty() && parsed_.problems.empty()) Problem({}, "", "lists no team");
    std::map<std::string_view, const Place*> names;
    for (const Place& place : places_) {
      const Team& team = parsed_.teams[place.team];
      const auto [first, added] = names.try_emplace(team.slug, &place);
      if (!added) Twice(place, team.slug, *first->second);
    }
    for (const Place& place : places_) {
      for (const std::string& alias : parsed_.teams[place.team].aliases) {
        const auto [first, added] = names.try_emplace(alias, &place);
        if (!added) Twice(place, alias, *first->second);
      }
    }
    for (const Place& place : places_) {
      const std::string& successor = parsed_.teams[place.team].successor;
      if (successor.empty() || names.contains(successor)) continue;
      file_ = place.file;
      Problem(place.position, place.path,
              "its successor " + Quoted(successor) + " is no team of the directory");
    }
  }

 private:
  struct Place {
    size_t team = 0;
    std::string file;
    SourcePosition position;
    std::string path;
  };

  void Problem(SourcePosition position, std::string path, std::string message) {
    if (parsed_.problems.size() < kMaxDirectoryProblems) {
      parsed_.problems.push_back({file_, position, std::move(path), std::move(message)});
    }
  }

  void Twice(const Place& place, std::string_view name, const Place& first) {
    file_ = place.file;
    const std::string there = FormatDiagnostic({first.file, first.position, "", "there"});
    Problem(place.position, place.path,
            "the name " + Quoted(name) + " is taken: " + there + "; names and aliases are unique");
  }

  // What Backstage's GET /entities answers: a list, which is no manifest.
  void ReadList(std::string& text, int nesting) {
    JsonParser parser;
    const Result<JsonView> root = parser.Parse(text);
    if (!root) {
      Problem(root.error().position, "", root.error().message);
      return;
    }
    for (const JsonView entity : root->elements()) ReadObject(entity, nesting);
  }

  void ReadDocument(JsonView root, int nesting) {
    // What Backstage's GET /entities/by-query answers, and kubectl's lists.
    const bool list = !root["kind"].present() || root["kind"].StringOrEmpty().ends_with("List");
    if (list && root["items"].is_array()) {
      for (const JsonView entity : root["items"].elements()) ReadObject(entity, nesting);
      return;
    }
    ReadObject(root, nesting);
  }

  void ReadObject(JsonView object, int nesting) {
    const std::string_view api_version = object["apiVersion"].StringOrEmpty();
    const std::string_view kind = object["kind"].StringOrEmpty();
    if (api_version.starts_with(kBackstageGroup)) {
      if (kind == "Group") ReadGroup(object);
    } else if (api_version == kOurApiVersion && kind == kTeamDirectoryKind) {
      ReadOwnFormat(object);
    } else if (api_version == "v1" && kind == "ConfigMap" && nesting < kMaxNesting) {
      const std::string file = file_;
      for (DirectoryText& text : DirectoryTextsOf(object, file, parsed_.problems)) {
        ReadText(std::move(text), nesting + 1);
      }
      file_ = file;
    } else {
      Problem(object.position(), "",
              "is no directory of teams: expected " + std::string(kTeamDirectoryKind) + " (" +
                  std::string(kOurApiVersion) + ") or entities of " + std::string(kBackstageGroup) +
                  "v1alpha1, found " +
                  (kind.empty() ? "none of them" : Quoted(kind) + " of " + Quoted(api_version)));
    }
  }

  // ---- fields ----

  void CheckFields(JsonView object, const std::string& path,
                   std::span<const std::string_view> known) {
    for (const JsonMember member : object.members()) {
      if (std::find(known.begin(), known.end(), member.key) != known.end()) continue;
      const std::string_view near = NearestName(member.key, known);
      Problem(member.key_position(),
              path + (path.empty() ? "" : ".") + SanitizeLine(member.key, kShownBytes),
              "unknown field" +
                  (near.empty() ? std::string() : "; did you mean \"" + std::string(near) + "\"?"));
    }
  }

  // One printable line; "" where it is missing or wrong.
  std::string Text(JsonView value, const std::string& path, size_t limit = kMaxTeamTextBytes) {
    if (!value.present()) return {};
    if (!value.is_string()) {
      Problem(value.position(), path,
              "must be a string, found " + std::string(JsonKindName(value.kind())));
      return {};
    }
    const std::string_view text = Trim(value.text());
    if (text.size() > limit) {
      Problem(value.position(), path, "must be at most " + std::to_string(limit) + " bytes long");
      return {};
    }
    if (!IsPrintableLine(text)) {
      Problem(value.position(), path, "must be one line without control characters");
      return {};
    }
    return std::string(text);
  }

  std::string Slug(std::string_view text, SourcePosition position, const std::string& path) {
    if (IsTeamSlug(text)) return std::string(text);
    Problem(position, path,
            Quoted(text) +
                " cannot be the owner of a workload: at most 63 letters, digits, \"-\", \"_\" and "
                "\".\", beginning and ending in a letter or digit");
    return {};
  }

  std::string Slug(JsonView value, const std::string& path) {
    const std::string text = Text(value, path);
    return text.empty() ? text : Slug(text, value.position(), path);
  }

  std::vector<std::string> Texts(JsonView value, const std::string& path, size_t limit) {
    std::vector<std::string> texts;
    if (!value.present()) return texts;
    if (!value.is_array()) {
      Problem(value.position(), path, "must be a list of strings");
      return texts;
    }
    if (value.size() > limit) {
      Problem(value.position(), path, "must have at most " + std::to_string(limit) + " items");
      return texts;
    }
    size_t index = 0;
    for (const JsonView item : value.elements()) {
      const std::string at = path + "[" + std::to_string(index++) + "]";
      std::string text = Text(item, at);
      if (!text.empty()) {
        texts.push_back(std::move(text));
      } else if (!item.present() || (item.is_string() && Trim(item.text()).empty())) {
        Problem(item.position(), at, "must not be empty");
      }
    }
    return texts;
  }

  static void AddAlias(std::string alias, Team& team) {
    if (!alias.empty()) team.aliases.push_back(std::move(alias));
  }

  std::optional<Timestamp> Date(JsonView value, const std::string& path) {
    if (!value.present()) return std::nullopt;
    const std::optional<Timestamp> date =
        value.is_string() ? ParseTimestamp(value.text()) : std::nullopt;
    if (!date) {
      Problem(value.position(), path,
              "must be a date such as \"2026-12-01\" or \"2026-12-01T09:30:00Z\", in quotes");
    }
    return date;
  }

  void Add(Team team, SourcePosition position, const std::string& path) {
    if (parsed_.teams.size() == kMaxTeams) {
      if (!full_) {
        Problem(position, path, "there are more than " + std::to_string(kMaxTeams) + " teams");
      }
      full_ = true;
      return;
    }
    places_.push_back({parsed_.teams.size(), file_, position, path});
    parsed_.teams.push_back(std::move(team));
  }

  // ---- our own format ----

  void ReadOwnFormat(JsonView object) {
    CheckFields(object, "", kDirectoryFields);
    const JsonView teams = object["teams"];
    if (!teams.is_array()) {
      Problem(teams.exists() ? teams.position() : object.position(), "teams",
              "must be a list of teams");
      return;
    }
    size_t index = 0;
    for (const JsonView entry : teams.elements()) {
      ReadTeam(entry, "teams[" + std::to_string(index++) + "]");
      if (full_ || parsed_.problems.size() == kMaxDirectoryProblems) return;
    }
  }

  void ReadTeam(JsonView entry, const std::string& path) {
    if (!entry.is_object()) {
      Problem(entry.position(), path, "must be an object with a slug");
      return;
    }
    CheckFields(entry, path, kTeamFields);
    Team team;
    if (!entry["slug"].present() ||
        (entry["slug"].is_string() && Trim(entry["slug"].text()).empty())) {
      Problem(entry.position(), path + ".slug", "is required: what workloads name as their owner");
      return;
    }
    team.slug = Slug(entry["slug"], path + ".slug");
    if (team.slug.empty()) return;
    team.name = Text(entry["name"], path + ".name");
    team.contact = Text(entry["contact"], path + ".contact");
    team.alert_routes = Texts(entry["alertRoutes"], path + ".alertRoutes", kMaxTeamRoutes);
    team.on_call = Text(entry["onCall"], path + ".onCall", kMaxTeamLinkBytes);
    for (const std::string& alias : Texts(entry["aliases"], path + ".aliases", kMaxTeamAliases)) {
      AddAlias(Slug(alias, entry["aliases"].position(), path + ".aliases"), team);
    }
    team.retired_after = Date(entry["retiredAfter"], path + ".retiredAfter");
    team.successor = Slug(entry["successor"], path + ".successor");
    team.parent = Slug(entry["parent"], path + ".parent");
    Add(std::move(team), entry.position(), path);
  }

  // ---- Backstage ----

  void ReadGroup(JsonView entity) {
    const JsonView metadata = entity["metadata"];
    const JsonView annotations = metadata["annotations"];
    const JsonView profile = entity["spec"]["profile"];
    const auto annotation = [&](std::string_view key, size_t limit = kMaxTeamTextBytes) {
      return Text(annotations[key], "metadata.annotations[" + std::string(key) + "]", limit);
    };
    Team team;
    if (!metadata["name"].present() ||
        (metadata["name"].is_string() && Trim(metadata["name"].text()).empty())) {
      Problem(entity.position(), "metadata.name", "is required");
      return;
    }
    team.slug = Slug(metadata["name"], "metadata.name");
    if (team.slug.empty()) return;
    team.name = Text(profile["displayName"], "spec.profile.displayName");
    if (team.name.empty()) team.name = Text(metadata["title"], "metadata.title");
    team.contact = annotation("plimsoll.dev/contact");
    if (team.contact.empty()) team.contact = Text(profile["email"], "spec.profile.email");
    for (const std::string_view key : kRouteAnnotations) {
      std::string route = annotation(key);
      if (!route.empty()) team.alert_routes.push_back(std::move(route));
    }
    team.on_call = annotation("plimsoll.dev/on-call", kMaxTeamLinkBytes);
    ReadAliases(annotations["plimsoll.dev/aliases"], team);
    team.retired_after = Date(annotations["plimsoll.dev/retired-after"],
                              "metadata.annotations[plimsoll.dev/retired-after]");
    team.successor =
        Slug(annotations["plimsoll.dev/successor"], "metadata.annotations[plimsoll.dev/successor]");
    // Who is above whom is Backstage's affair: what does not fit is left out.
    const std::string_view parent = EntityName(entity["spec"]["parent"].StringOrEmpty());
    if (IsTeamSlug(parent)) team.parent = parent;
    Add(std::move(team), entity.position(), "");
  }

  void ReadAliases(JsonView value, Team& team) {
    const std::string path = "metadata.annotations[plimsoll.dev/aliases]";
    const std::string list = Text(value, path, kMaxTeamLinkBytes);
    if (list.empty()) return;
    const std::vector<std::string_view> aliases = Split(list, ',');
    if (aliases.size() > kMaxTeamAliases) {
      Problem(value.position(), path,
              "must have at most " + std::to_string(kMaxTeamAliases) + " names");
      return;
    }
    for (const std::string_view alias : aliases) {
      AddAlias(Slug(Trim(alias), value.position(), path), team);
    }
  }

  ParsedDirectory& parsed_;
  std::string file_;
  std::vector<Place> places_;
  bool full_ = false;
};

}  // namespace

ParsedDirectory ParseTeamDirectory(std::vector<DirectoryText> texts) {
  ParsedDirectory parsed;
  Reader reader(parsed);
  for (DirectoryText& text : texts) reader.ReadText(std::move(text));
  reader.Finish();
  return parsed;
}

std::vector<DirectoryText> DirectoryTextsOf(JsonView config_map, const std::string& name,
                                            std::vector<Diagnostic>& problems) {
  std::vector<DirectoryText> texts;
  const size_t problems_before = problems.size();
  const JsonView data = config_map["data"];
  for (const JsonMember member : data.members()) {
    std::string file = name + ": " + SanitizeLine(member.key, kShownBytes);
    if (!member.value.is_string()) {
      if (problems.size() >= kMaxDirectoryProblems) break;
      problems.push_back({std::move(file), member.value.position(), "", "must be a string"});
      continue;
    }
    texts.push_back({std::move(file), std::string(member.value.text())});
  }
  if (texts.empty() && problems.size() == problems_before) {
    problems.push_back({name, config_map.exists() ? config_map.position() : SourcePosition{},
                        "data", "has no text with a directory of teams"});
  }
  return texts;
}

}  // namespace plimsoll

// Recognises values that only hold a place: "TODO", "changeme", "<team>", "{{ .Values.team }}". A value like that was put
// there to get past a check, so it counts as missing.
//
// Whole words only: "todo-app-team" is a legitimate team. Pure functions, safe from any thread, no allocation.
#pragma once

#include <string_view>

namespace plimsoll {

// The whole value, trimmed and without regard to case, is empty, one of the usual words (todo, tbd, fixme, changeme, ...),
// "your-...", "<...>", or holds a template expression.
bool IsPlaceholder(std::string_view value);

// "{{ ... }}", "${...}" or "$(...)" anywhere: no renderer has been over it. Kubernetes expands "$(VAR)" in `command`,
// `args` and `env` only, never in metadata or images.
bool HasTemplateExpression(std::string_view value);

// The first segment of a URL's path that is a placeholder, percent-decoding included; "" where there is none. Empty
// segments are not placeholders, and "-" is one only at the end: GitLab's own URLs have "/-/" in the middle
// (https://docs.gitlab.com/ee/development/routing.html).
std::string_view PlaceholderSegment(std::string_view path);

}  // namespace plimsoll

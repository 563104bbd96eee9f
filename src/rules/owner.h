// Who owns a workload, as ownership.owner, ownership.directory and ownership.propagated read it alike.
#pragma once

#include <string_view>
#include <vector>

#include "rules/metadata.h"

namespace plimsoll {

// In JSON, for ParameterSpec::default_json. `a8r.io/owner`: "Annotating Kubernetes Services for Humans" (Kubernetes blog,
// 2021-04-20); `team` is what public manifests use where they use anything.
inline constexpr std::string_view kDefaultOwnerKeys =
    R"(["plimsoll.dev/owner","a8r.io/owner","team","owner"])";
inline constexpr std::string_view kWhere[] = {"any", "label", "annotation", "workload", "template"};
inline constexpr std::string_view kWhereDescription =
    "Where the keys are looked for: `label` or `annotation` only, on the `workload`'s own metadata "
    "or its pod `template`'s only, or `any` of these.";

// The owner's slug: the value, without the "@" that a8r.io's handles carry in annotations. "" if it is none.
std::string_view OwnerSlug(const Declared& declared);

}  // namespace plimsoll

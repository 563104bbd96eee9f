// Examples for the rules' pages: found by asking the rule itself, so that they are never out of date.
#pragma once

#include "plimsoll/render/rule_page.h"
#include "plimsoll/rules/rule.h"

namespace plimsoll::cli {

// The first of a few small objects that the rule fails, with its defaults; empty where it fails none.
RuleExample ExampleFor(const Rule& rule);

}  // namespace plimsoll::cli

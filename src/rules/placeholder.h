// Moved: admission needs it, too.
#pragma once

#include "plimsoll/rules/placeholder.h"  // IWYU pragma: export

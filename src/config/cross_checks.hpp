// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/node.hpp"
#include "config/sections.hpp"

namespace corelane::config {

/// What one value alone does not show: the same name or address twice, and settings that are sound but hardly
/// meant. `root` is what `document` was read from; entries stand at the same positions in both.
void check_document(const Document& document, const Node& root, Report& report);

/// Its part that is about PROXY headers; for documents without an error.
void check_proxy_headers(const Document& document, const Node& root, Report& report);

/// Its part that is about how servers are checked; for documents without an error.
void check_health(const Document& document, const Node& root, Report& report);

}  // namespace corelane::config

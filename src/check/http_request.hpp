// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "check/options.hpp"

/// What a configuration may say of a request.
namespace corelane::check {

/// What is wrong with a part of a request; empty when nothing is. Line ends and other control characters have
/// been refused before.
std::string http_method_fault(const std::string& method);
std::string http_host_fault(const std::string& host);
/// Of a request with this method.
std::string http_uri_fault(const std::string& method, const std::string& uri);
/// Fields that frame the request or belong to its connection are not for the configuration to say.
std::string http_header_fault(const HttpHeader& header);

}  // namespace corelane::check

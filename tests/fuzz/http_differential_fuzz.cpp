// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <cstdio>

#include "base/check.hpp"
#include "http_other_reader.hpp"

namespace {

void report(const std::string& fault) {
  if (!fault.empty()) std::fprintf(stderr, "the other reader differs: %s\n", fault.c_str());
  CORELANE_CHECK(fault.empty());
}

}  // namespace

/// What is accepted here is accepted by another reader, as the same message.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace proto = corelane::proto;
  static const auto request = std::make_unique<proto::HttpRequestHead>();
  static const auto response = std::make_unique<proto::HttpResponseHead>();
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::string fault;
  proto::fuzz::compare_request(bytes, *request, fault);
  report(fault);
  for (const proto::HttpMethod method : {proto::HttpMethod::get, proto::HttpMethod::head}) {
    proto::fuzz::compare_response(bytes, method, *response, fault);
    report(fault);
  }
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "runtime/log_names.hpp"

#include <span>

namespace corelane::runtime {

LogNames::LogNames(const config::Model& model) {
  const auto list = [this](const auto& items, auto name_of) -> std::span<const std::string_view> {
    List& names = lists_.emplace_back();
    for (const auto& item : items) names.push_back(name_of(item));
    return names;
  };
  const auto name = [](const auto& item) -> std::string_view { return item.name; };
  for (const config::Frontend& frontend : model.frontends) {
    const config::Capture& capture = frontend.http.capture;
    frontends_.push_back(
        {.name = frontend.name,
         .binds = list(frontend.bind, [](const auto& bind) -> std::string_view { return bind.address.text; }),
         .request_captures = list(capture.request_headers, name),
         .response_captures = list(capture.response_headers, name)});
  }
  for (const config::Backend& backend : model.backends)
    backends_.push_back({.name = backend.name, .servers = list(backend.servers, name)});
  names_ = {frontends_, backends_};
}

}  // namespace corelane::runtime

// SPDX-License-Identifier: Apache-2.0
#include "runtime/log_names.hpp"

#include <fmt/format.h>

#include <span>

#include "config/capture_slots.hpp"

namespace corelane::runtime {

LogNames::LogNames(const config::Model& model) {
  const auto list = [this](const auto& items, auto name_of) -> std::span<const std::string_view> {
    List& names = lists_.emplace_back();
    for (const auto& item : items) names.push_back(name_of(item));
    return names;
  };
  // Behind the fields stand the slots that rules fill: their names are those of what fetches them.
  const auto captures = [this](const std::vector<config::CaptureField>& fields, std::size_t count,
                               std::string_view fetch) -> std::span<const std::string_view> {
    List& names = lists_.emplace_back();
    for (const config::CaptureField& field : fields) names.push_back(field.name);
    for (std::size_t i = fields.size(); i < count; ++i)
      names.push_back(made_.emplace_back(fmt::format("{}({})", fetch, i)));
    return names;
  };
  const auto name = [](const auto& item) -> std::string_view { return item.name; };
  for (const config::Frontend& frontend : model.frontends) {
    const config::Capture& capture = frontend.http.capture;
    const config::CaptureSlots slots = config::capture_slots(frontend);
    frontends_.push_back(
        {.name = frontend.name,
         .binds = list(frontend.bind, [](const auto& bind) -> std::string_view { return bind.address.text; }),
         .request_captures = captures(capture.request_headers, slots.request.size(), "capture.req.hdr"),
         .response_captures = captures(capture.response_headers, slots.response.size(), "capture.res.hdr")});
  }
  for (const config::Backend& backend : model.backends)
    backends_.push_back({.name = backend.name, .servers = list(backend.servers, name)});
  names_ = {frontends_, backends_};
}

}  // namespace corelane::runtime

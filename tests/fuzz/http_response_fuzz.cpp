// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <memory>

#include "http_invariants.hpp"

namespace {

using namespace corelane::proto;

void check_response(const HttpResponseHead& head, HttpMethod method) {
  fuzz::check_parts(head, head.status_line);
  CORELANE_CHECK(head.status >= 100 && head.status <= 599);
  const bool bodiless = head.status < 200 || head.status == 204 || head.status == 304 ||
                        method == HttpMethod::head || (method == HttpMethod::connect && head.status < 300);
  CORELANE_CHECK((head.framing == HttpFraming::none) == bodiless);
  CORELANE_CHECK(head.framing != HttpFraming::until_close || !head.keep_alive);
}

void check_sent_on(const HttpResponseHead& head, HttpMethod method, const HttpReadOptions& options) {
  static std::vector<char> arena(1 << 17);
  static const auto edits = std::make_unique<HttpHeadEdits>();
  static const auto again = std::make_unique<HttpResponseHead>();
  const std::vector<char> written = fuzz::sent_on(head, arena, *edits);
  if (written.empty()) return;
  HttpReadOptions with_room = options;
  with_room.limits.head_bytes += 100;
  with_room.limits.fields += 1;
  HttpHeadProgress progress;
  const HttpRead read =
      read_response_head({written.data(), written.size()}, with_room, method, *again, progress);
  CORELANE_CHECK(read.state == HttpRead::State::head && read.consumed == written.size());
  fuzz::check_same_message(head, *again);
  CORELANE_CHECK(again->status == head.status && again->reason == head.reason);
  edits->begin(again->bytes, arena);
  CORELANE_CHECK(remove_hop_by_hop(*again, *edits) && edits->growth() == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto head = std::make_unique<HttpResponseHead>();
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const HttpReadOptions& options : fuzz::all_options()) {
    for (const HttpMethod method : {HttpMethod::get, HttpMethod::head, HttpMethod::connect}) {
      const auto reader = [method](std::string_view part, const HttpReadOptions& how, HttpResponseHead& out,
                                   HttpHeadProgress& progress) {
        return read_response_head(part, how, method, out, progress);
      };
      const HttpRead read = fuzz::read_every_way(bytes, options, *head, reader);
      if (read.state != HttpRead::State::head) continue;
      CORELANE_CHECK(read.consumed <= options.limits.head_bytes);
      check_response(*head, method);
      check_sent_on(*head, method, options);
    }
  }
  return 0;
}

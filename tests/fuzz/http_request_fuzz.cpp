// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <memory>

#include "http_invariants.hpp"

namespace {

using namespace corelane::proto;

void check_request(const HttpRequestHead& head) {
  fuzz::check_parts(head, head.request_line);
  CORELANE_CHECK(head.framing != HttpFraming::until_close);
  CORELANE_CHECK((head.method == HttpMethod::connect) == (head.form == HttpTargetForm::authority));
  CORELANE_CHECK(head.method != HttpMethod::connect || head.framing != HttpFraming::chunked);
  CORELANE_CHECK(!head.host.empty() || head.version == HttpVersion::http10);
}

/// What is sent on is read again as the same request, and is sent on again without a change but for the field
/// that is added.
void check_sent_on(const HttpRequestHead& head, const HttpReadOptions& options) {
  static std::vector<char> arena(1 << 17);
  static const auto edits = std::make_unique<HttpHeadEdits>();
  static const auto again = std::make_unique<HttpRequestHead>();
  const std::vector<char> written = fuzz::sent_on(head, arena, *edits);
  HttpReadOptions with_room = options;
  with_room.limits.head_bytes += 100;
  with_room.limits.fields += 1;
  HttpHeadProgress progress;
  const HttpRead read = read_request_head({written.data(), written.size()}, with_room, *again, progress);
  if (written.empty()) return;
  CORELANE_CHECK(read.state == HttpRead::State::head && read.consumed == written.size());
  fuzz::check_same_message(head, *again);
  CORELANE_CHECK(again->method_text == head.method_text && again->target == head.target);
  CORELANE_CHECK(again->host == head.host && again->path_and_query == head.path_and_query);
  CORELANE_CHECK(again->expect_continue == head.expect_continue);
  edits->begin(again->bytes, arena);
  CORELANE_CHECK(remove_hop_by_hop(*again, *edits) && edits->growth() == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto head = std::make_unique<HttpRequestHead>();
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const HttpReadOptions& options : fuzz::all_options()) {
    const HttpRead read = fuzz::read_every_way(bytes, options, *head, read_request_head);
    if (read.state == HttpRead::State::error)
      CORELANE_CHECK(read.error != HttpError::none && read.position <= size);
    if (read.state != HttpRead::State::head) continue;
    CORELANE_CHECK(read.consumed <= options.limits.head_bytes);
    CORELANE_CHECK(head->bytes.data() + head->bytes.size() == bytes.data() + read.consumed);
    check_request(*head);
    check_sent_on(*head, options);
  }
  return 0;
}

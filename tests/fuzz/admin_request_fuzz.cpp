// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.hpp"
#include "control/admin_request.hpp"

namespace {

using corelane::control::AdminRequest;
using corelane::control::AdminRequestReader;
using Status = AdminRequestReader::Status;

/// How the bytes are cut into portions: lengths from 1 to 16, taken in turn from a number of 16 half bytes.
class Cuts {
 public:
  explicit Cuts(std::uint64_t lengths) : lengths_(lengths) {}

  std::size_t next() {
    const std::size_t length = (lengths_ & 15U) + 1;
    lengths_ = (lengths_ >> 4) | (lengths_ << 60);
    return length;
  }

 private:
  std::uint64_t lengths_;
};

void append_request(std::string& text, const AdminRequest& request) {
  CORELANE_CHECK(!request.method.empty());
  CORELANE_CHECK(request.target == "*" || request.target.starts_with('/'));
  text += request.method + ' ' + request.target + (request.keep_alive ? " keep" : " close");
  text += static_cast<char>('0' + static_cast<int>(request.body));
  CORELANE_CHECK(request.content.size() <= AdminRequestReader::body_bytes_max);
  text += request.content_type + ' ' + request.content;
  text += '\n';
}

/// Takes one portion to its end. False after an error.
bool read_portion(AdminRequestReader& reader, std::string_view portion, std::string& text) {
  while (!portion.empty()) {
    const AdminRequestReader::Step step = reader.read(portion);
    CORELANE_CHECK(step.consumed <= portion.size());
    portion.remove_prefix(step.consumed);
    if (step.status == Status::error) {
      const int status = reader.error_status();
      CORELANE_CHECK(status >= 400 && status <= 599 && !reader.error_text().empty());
      CORELANE_CHECK(reader.read("GET / HTTP/1.0\r\n\r\n").status == Status::error);
      text += std::to_string(status) + ' ' + std::string(reader.error_text());
      return false;
    }
    if (step.status == Status::need_more) {
      CORELANE_CHECK(portion.empty());
      return true;
    }
    append_request(text, reader.request());
  }
  return true;
}

/// Everything that a reader says about these bytes.
std::string outcome(std::string_view bytes, Cuts cuts, bool whole) {
  AdminRequestReader reader;
  std::string text;
  while (!bytes.empty()) {
    const std::size_t length = whole ? bytes.size() : std::min(cuts.next(), bytes.size());
    if (!read_portion(reader, bytes.substr(0, length), text)) return text;
    bytes.remove_prefix(length);
  }
  return text + (reader.started() ? "started" : "");
}

}  // namespace

/// The first eight bytes say how the others are cut. The same requests and the same error come out as of the
/// uncut bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t cuts_bytes = 8;
  if (size < cuts_bytes) return 0;
  std::uint64_t lengths = 0;
  for (std::size_t i = 0; i < cuts_bytes; ++i) lengths = lengths << 8 | data[i];
  const std::string_view bytes(reinterpret_cast<const char*>(data) + cuts_bytes, size - cuts_bytes);
  CORELANE_CHECK(outcome(bytes, Cuts(lengths), false) == outcome(bytes, Cuts(lengths), true));
  return 0;
}

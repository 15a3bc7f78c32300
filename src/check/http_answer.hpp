// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "check/conversation.hpp"
#include "proto/http_body.hpp"
#include "proto/http_head.hpp"

namespace corelane::check {

/// How much of a body is kept and looked at. What a check expects must come within it.
inline constexpr std::size_t http_body_bytes_max = 64 * 1024;
/// Interim answers (1xx) that are passed over before the one that counts.
inline constexpr std::uint32_t http_interim_answers_max = 16;

/// One server's answer to one request, read as its bytes come. Lenient where it does no harm: a check asks
/// whether the server works, not whether it follows every rule.
class HttpAnswer {
 public:
  enum class State : std::uint8_t { head, body, complete, broken };

  HttpAnswer() = default;
  HttpAnswer(const HttpAnswer&) = delete;  // the head's views lie in the bytes beside it
  HttpAnswer& operator=(const HttpAnswer&) = delete;

  /// The next bytes answer a request of this method.
  void begin(proto::HttpMethod method);
  /// Takes what belongs to the answer.
  State read(Input& input);

  State state() const noexcept { return state_; }
  /// One that is broken later has it, too.
  bool has_head() const noexcept { return has_head_; }
  /// Of the answer that counts; only if has_head().
  const proto::HttpResponseHead& head() const noexcept { return head_; }
  /// Without chunk framing, as far as it came, and as far as it is kept.
  std::string_view body() const noexcept { return body_; }
  /// Nothing that is still to come will be looked at.
  bool body_conclusive() const noexcept {
    return state_ == State::complete || body_.size() == http_body_bytes_max;
  }
  /// What is wrong with a broken one, in a word of proto/http_error.hpp.
  std::string_view fault() const noexcept { return fault_; }

 private:
  void read_head(Input& input);
  void begin_body();
  void read_body(Input& input);
  void keep(std::string_view data);
  void fail(std::string_view fault);

  State state_ = State::head;
  proto::HttpMethod method_ = proto::HttpMethod::get;
  bool has_head_ = false;
  std::uint32_t interim_answers_ = 0;
  std::string head_bytes_;
  proto::HttpHeadProgress progress_;
  proto::HttpResponseHead head_;  // views of head_bytes_
  proto::HttpBodyReader reader_;
  std::string body_;
  std::string_view fault_;
};

}  // namespace corelane::check

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/endpoint.hpp"

/// Samples: what rules look at. A fetch takes one from a connection or a request, converters change it.
/// Nothing is copied or allocated where a view will do.
namespace corelane::sample {

enum class Type : std::uint8_t {
  boolean,
  sint,     // 64 bits
  address,  // ipv4 or ipv6
  string,
  binary,
  method,  // of a request; a string wherever one is wanted
};

/// "a boolean", "an integer", ...
std::string_view type_text(Type type) noexcept;

struct Sample {
  Type type = Type::boolean;
  std::int64_t integer = 0;  // boolean (0 or 1) and sint
  std::string_view text;     // string, binary and method: into the request, the expression or the arena
  base::Endpoint address;    // address; its port says nothing

  void set(bool value) noexcept {
    type = Type::boolean;
    integer = value ? 1 : 0;
  }
  void set(std::int64_t value) noexcept {
    type = Type::sint;
    integer = value;
  }
  void set(std::string_view value, Type as = Type::string) noexcept {
    type = as;
    text = value;
  }
  void set(const char*) = delete;  // would be a boolean
  void set(const base::Endpoint& value) noexcept {
    type = Type::address;
    address = value;
  }
};

/// Memory for the samples of one evaluation, lent by the lane. Everything that was taken is given back at
/// once, when the next evaluation begins.
class Arena {
 public:
  explicit Arena(std::span<char> memory) noexcept : memory_(memory) {}

  /// Null when there is not so much left: the sample cannot be made then, which is as if it were not there.
  char* take(std::size_t bytes) noexcept {
    if (bytes > memory_.size() - used_) return nullptr;
    char* taken = memory_.data() + used_;
    used_ += bytes;
    return taken;
  }
  /// The end of what was taken last, of which only `bytes` are needed.
  void give_back(std::size_t bytes) noexcept { used_ -= bytes; }
  std::size_t left() const noexcept { return memory_.size() - used_; }
  void reset() noexcept { used_ = 0; }

 private:
  std::span<char> memory_;
  std::size_t used_ = 0;
};

/// Changes the sample's type. False where that is not possible, or this one's content does not allow it.
bool cast(Sample& sample, Type to, Arena& arena) noexcept;
/// Whether some samples of the one type can become the other.
bool castable(Type from, Type to) noexcept;

}  // namespace corelane::sample

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proxy/zeroed_array.hpp"
#include "sample/context.hpp"

namespace corelane::proxy {

struct LaneState;
struct RuleInput;
struct Session;

inline constexpr std::size_t unique_id_bytes_max = 128;

/// The numbers and unique ids of requests and TCP connections, for each place in a lane's pool of streams, in
/// memory that is touched where something asks for one. Whoever is not asked for has none.
class LaneIdentities {
 public:
  LaneIdentities(std::uint32_t lane, std::uint32_t lanes, std::uint32_t streams);

  /// Counts up by the number of lanes from the lane's own: no two requests of the process have the same.
  std::uint64_t number_of(std::uint32_t stream) noexcept;

  /// What unique_id_format has made; made once. Its text is `id`, as long as `made`.
  struct UniqueId {
    bool made;
    std::uint8_t bytes;
    std::array<char, unique_id_bytes_max> text;

    std::string_view view() const noexcept { return {text.data(), bytes}; }
  };
  UniqueId& unique_id_of(std::uint32_t stream) noexcept { return identities_[stream].id; }

  /// The request or connection is over.
  void forget(std::uint32_t stream) noexcept;

 private:
  struct Identity {
    std::uint64_t number_after;  // and one; 0: nobody has asked
    UniqueId id;
  };
  std::uint64_t next_;
  std::uint64_t step_;
  ZeroedArray<Identity> identities_;
};

/// What samples ask of them.
class SceneIdentity final : public sample::RequestIdentity {
 public:
  explicit SceneIdentity(const RuleInput& input);
  std::uint64_t number() const noexcept override;
  /// Made at the first question, of what there is then.
  std::string_view unique_id(const sample::Context& context, sample::Arena& arena) const override;

 private:
  LaneState& lane_;
  std::uint32_t stream_;
  std::uint32_t frontend_;
};

/// The unique id, made now where it was not; empty: the frontend gives none.
std::string_view unique_id_of(const RuleInput& input);

}  // namespace corelane::proxy

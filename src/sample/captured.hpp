// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

/// The variables behind the fetches capture.*: whoever reads a message's head fills those that expressions
/// name.
namespace corelane::sample {

inline constexpr std::string_view captured_method = "txn.__captured_method";
inline constexpr std::string_view captured_uri = "txn.__captured_uri";
inline constexpr std::string_view captured_request_version = "txn.__captured_request_version";
inline constexpr std::string_view captured_response_version = "txn.__captured_response_version";
/// With the slot's number behind it.
inline constexpr std::string_view captured_request_slot = "txn.__captured_request_";
inline constexpr std::string_view captured_response_slot = "txn.__captured_response_";

inline constexpr std::int64_t captured_slots_max = 64;
/// So much of a target is kept.
inline constexpr std::size_t captured_uri_bytes_max = 1024;

}  // namespace corelane::sample

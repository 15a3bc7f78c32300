// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sample/registry.hpp"
#include "sample/stick_view.hpp"

/// Samples of stick tables.
namespace corelane::sample {

/// Whose key.
enum class KeyFrom : std::uint8_t { counter, counter0, counter1, counter2, source };
/// What of it. An indexed one's first argument is the element of an array.
enum class StickFetch : std::uint8_t {
  value,
  indexed_value,
  kilobytes,
  increment,
  indexed_increment,
  clear,
  indexed_clear,
  tracked,
  trackers,
};
constexpr bool is_indexed(StickFetch what) noexcept {
  return what == StickFetch::indexed_value || what == StickFetch::indexed_increment ||
         what == StickFetch::indexed_clear;
}

bool fetch_of_stick(KeyFrom from, StickFetch what, stick::DataType type, const Arguments& arguments,
                    const Input& input, Sample& sample);

template <KeyFrom from, StickFetch what, stick::DataType type>
bool fetch_stick(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  return fetch_of_stick(from, what, type, arguments, input, sample);
}

FetchFunction fetch_src_updt_conn_cnt, fetch_table_cnt, fetch_table_avl;

}  // namespace corelane::sample

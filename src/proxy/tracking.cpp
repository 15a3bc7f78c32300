// SPDX-License-Identifier: Apache-2.0
#include "proxy/tracking.hpp"

#include "base/check.hpp"
#include "proxy/lane_state.hpp"

namespace corelane::proxy {

using logfmt::EndReason;
using sample::TrackedKey;
using sample::TrackedKeys;
using stick::DataType;

namespace {

stick::Table& table_of(const LaneState& lane, const TrackedKey& key) {
  return *lane.shared.topology.tables()[key.table()];
}

/// Null: its counters follow nothing.
LaneTracking::Keys* keys_of(LaneState& lane, const Stream& stream) {
  if (lane.rules == nullptr || lane.rules->tracking == nullptr) return nullptr;
  LaneTracking::Keys& keys = lane.rules->tracking->of(lane.streams.slot(&stream));
  return keys.any ? &keys : nullptr;
}

void count(LaneState& lane, const TrackedKey& key, DataType total, DataType rate, std::uint64_t amount = 1) {
  stick::Table& table = table_of(lane, key);
  sample::stick_count(table, key.record, total, amount, lane.now_ms());
  sample::stick_count(table, key.record, rate, amount, lane.now_ms());
}

void count_all(LaneState& lane, const Stream& stream, DataType total, DataType rate,
               std::uint64_t amount = 1) {
  const LaneTracking::Keys* keys = keys_of(lane, stream);
  if (keys == nullptr) return;
  for (std::size_t i = 0; i < sample::stick_counters; ++i) {
    const TrackedKey& key = keys->stream[i].tracked() ? keys->stream[i] : keys->session[i];
    if (key.tracked()) count(lane, key, total, rate, amount);
  }
}

bool is_client_error(std::uint16_t status) {
  return status >= 400 && status < 500;
}
/// What a server is to blame for; it may well not know a method or a version.
bool is_server_failure(std::uint16_t status) {
  return status >= 500 && status != 501 && status != 505;
}

void count_status(LaneState& lane, const TrackedKey& key, std::uint16_t status) {
  if (is_client_error(status)) count(lane, key, DataType::http_err_cnt, DataType::http_err_rate);
  if (is_server_failure(status)) count(lane, key, DataType::http_fail_cnt, DataType::http_fail_rate);
}

void let_go(LaneState& lane, TrackedKeys& keys) {
  for (TrackedKey& key : keys) {
    if (!key.tracked()) continue;
    stick::Table& table = table_of(lane, key);
    if (table.elements(DataType::conn_cur) != 0) table.take_away(key.record, DataType::conn_cur);
    table.touch(key.record, lane.now_ms());
    table.release(key.record);
    key = {};
  }
}

}  // namespace

void begin_tracking(LaneState& lane, const Stream& stream, const Tracking& tracking,
                    std::span<const std::uint32_t> key) {
  LaneTracking::Keys& keys = lane.rules->tracking->of(lane.streams.slot(&stream));
  TrackedKey& followed = (tracking.of_session ? keys.session : keys.stream)[tracking.counter];
  if (followed.tracked()) return;
  stick::Table& table = *lane.shared.topology.tables()[tracking.table];
  const std::uint32_t record = table.get(key, lane.now_ms());
  if (record == stick::Table::none) return;  // the table is full
  followed = {tracking.table + 1, record};
  keys.any = true;
  sample::stick_count(table, record, DataType::conn_cur, 1, lane.now_ms());
  count(lane, followed, DataType::conn_cnt, DataType::conn_rate);
  if (tracking.of_http) count(lane, followed, DataType::http_req_cnt, DataType::http_req_rate);
  count_status(lane, followed, tracking.response_status);
}

void count_tracked_session(LaneState& lane, const Stream& stream) {
  count_all(lane, stream, DataType::sess_cnt, DataType::sess_rate);
}

void count_tracked_request(LaneState& lane, const Stream& stream) {
  count_all(lane, stream, DataType::http_req_cnt, DataType::http_req_rate);
}

void count_tracked_response(LaneState& lane, const Stream& stream, std::uint16_t status) {
  if (is_client_error(status)) count_all(lane, stream, DataType::http_err_cnt, DataType::http_err_rate);
  if (is_server_failure(status)) count_all(lane, stream, DataType::http_fail_cnt, DataType::http_fail_rate);
}

void count_tracked_end(LaneState& lane, const Stream& stream, EndReason reason) {
  switch (reason) {
    case EndReason::request_denied:
    case EndReason::request_invalid:
    case EndReason::request_incomplete:
    case EndReason::request_timeout:
      return count_all(lane, stream, DataType::http_err_cnt, DataType::http_err_rate);
    case EndReason::server_no_response:
    case EndReason::server_reset:
    case EndReason::response_invalid:
    case EndReason::response_incomplete:
    case EndReason::response_timeout:
      return count_all(lane, stream, DataType::http_fail_cnt, DataType::http_fail_rate);
    default:
      return;
  }
}

void count_tracked_bytes(LaneState& lane, const Stream& stream, std::uint64_t to_server,
                         std::uint64_t to_client) {
  if (to_server != 0) count_all(lane, stream, DataType::bytes_in_cnt, DataType::bytes_in_rate, to_server);
  if (to_client != 0) count_all(lane, stream, DataType::bytes_out_cnt, DataType::bytes_out_rate, to_client);
}

void end_stream_tracking(LaneState& lane, const Stream& stream) {
  if (LaneTracking::Keys* keys = keys_of(lane, stream)) let_go(lane, keys->stream);
}

void end_session_tracking(LaneState& lane, const Stream& stream) {
  LaneTracking::Keys* keys = keys_of(lane, stream);
  if (keys == nullptr) return;
  let_go(lane, keys->stream);
  let_go(lane, keys->session);
  keys->any = false;
}

}  // namespace corelane::proxy

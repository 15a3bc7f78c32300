// SPDX-License-Identifier: Apache-2.0
#include "stats/sum.hpp"

namespace corelane::stats {
namespace {

template <class Group>
void add(Sums<Group>& sums, std::span<const CounterRow<Group>> rows, const Group& group) {
  for (std::size_t i = 0; i < rows.size(); ++i) sums.values[i] += (group.*rows[i].counter).get();
}

/// What goes from one lane to another may be counted there already and here still, or nowhere yet: a gauge is
/// then off by that much for a moment, but it never goes below 0.
template <class Group>
void settle(Sums<Group>& sums, std::span<const CounterRow<Group>> rows) {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i].gauge && sums.values[i] > INT64_MAX) sums.values[i] = 0;
}

}  // namespace

Sums<LaneCounters> sum_lanes(Lanes lanes) {
  Sums<LaneCounters> sums;
  for (const LaneBlock* lane : lanes) add(sums, lane_rows(), lane->lane());
  return sums;
}

Sums<FrontendCounters> sum_frontend(Lanes lanes, std::size_t frontend) {
  Sums<FrontendCounters> sums;
  for (const LaneBlock* lane : lanes) add(sums, frontend_rows(), lane->frontend(frontend));
  return sums;
}

Sums<TlsCounters> sum_tls(Lanes lanes, std::size_t frontend) {
  Sums<TlsCounters> sums;
  for (const LaneBlock* lane : lanes) add(sums, tls_rows(), lane->tls(frontend));
  return sums;
}

Sums<BackendCounters> sum_backend(Lanes lanes, std::size_t backend) {
  Sums<BackendCounters> sums;
  for (const LaneBlock* lane : lanes) add(sums, backend_rows(), lane->backend(backend));
  return sums;
}

Sums<SourceCounters> sum_source(Lanes lanes, std::size_t source) {
  Sums<SourceCounters> sums;
  for (const LaneBlock* lane : lanes) add(sums, source_rows(), lane->source(source));
  return sums;
}

Sums<ServerCounters> sum_server(Lanes lanes, std::size_t backend, std::size_t server) {
  Sums<ServerCounters> sums;
  for (const LaneBlock* lane : lanes) add(sums, server_rows(), lane->server(backend, server));
  settle(sums, server_rows());
  return sums;
}

}  // namespace corelane::stats

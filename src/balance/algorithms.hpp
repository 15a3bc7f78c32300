// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "balance/balancer.hpp"

/// What each algorithm's file gives to the registry.
namespace corelane::balance {

std::uint32_t roundrobin_pick(State& state, std::span<const ServerView> servers, const PickInput& input,
                              const Options& options);
void roundrobin_changed(State& state, std::span<const ServerView> servers, const Options& options);

std::uint32_t leastconn_pick(State& state, std::span<const ServerView> servers, const PickInput& input,
                             const Options& options);

std::uint32_t static_rr_pick(State& state, std::span<const ServerView> servers, const PickInput& input,
                             const Options& options);
void static_rr_changed(State& state, std::span<const ServerView> servers, const Options& options);

/// `source` and `hash`, which differ in what they hash.
std::uint32_t hashed_pick(State& state, std::span<const ServerView> servers, const PickInput& input,
                          const Options& options);
void hashed_changed(State& state, std::span<const ServerView> servers, const Options& options);

std::uint32_t first_pick(State& state, std::span<const ServerView> servers, const PickInput& input,
                         const Options& options);

std::uint32_t random_pick(State& state, std::span<const ServerView> servers, const PickInput& input,
                          const Options& options);

}  // namespace corelane::balance

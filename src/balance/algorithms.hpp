// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "balance/balancer.hpp"

/// What each algorithm's file gives to the registry.
namespace corelane::balance {

std::uint32_t roundrobin_pick(State& state, std::span<const ServerView> servers, const PickInput& input,
                              std::uint32_t draws);
void roundrobin_changed(State& state, std::span<const ServerView> servers);

std::uint32_t leastconn_pick(State& state, std::span<const ServerView> servers, const PickInput& input,
                             std::uint32_t draws);

std::uint32_t source_pick(State& state, std::span<const ServerView> servers, const PickInput& input,
                          std::uint32_t draws);

std::uint32_t first_pick(State& state, std::span<const ServerView> servers, const PickInput& input,
                         std::uint32_t draws);

std::uint32_t random_pick(State& state, std::span<const ServerView> servers, const PickInput& input,
                          std::uint32_t draws);

}  // namespace corelane::balance

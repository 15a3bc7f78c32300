// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace corelane::base {

/// Thread-sanitizer builds know of system calls what the C library's functions tell them, and nothing of what
/// a ring does.
#if defined(__SANITIZE_THREAD__)
inline constexpr bool thread_sanitized = true;
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
inline constexpr bool thread_sanitized = true;
#else
inline constexpr bool thread_sanitized = false;
#endif
#else
inline constexpr bool thread_sanitized = false;
#endif

}  // namespace corelane::base

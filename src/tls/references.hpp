// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace corelane::tls {

/// Counts who needs an object of one lane; the last one frees it. No atomic: all of them are of that lane.
template <typename T>
class Counted {
 public:
  void retain() noexcept { ++references_; }
  void release() noexcept {
    if (--references_ == 0) delete static_cast<T*>(this);
  }

 protected:
  Counted() noexcept = default;
  ~Counted() = default;

 private:
  int references_ = 1;
};

}  // namespace corelane::tls

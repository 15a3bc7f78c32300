// SPDX-License-Identifier: Apache-2.0
#include "runtime/host_name.hpp"

#include <sys/utsname.h>

namespace corelane::runtime {

std::string host_name() {
  utsname names{};
  ::uname(&names);
  return names.nodename;
}

}  // namespace corelane::runtime

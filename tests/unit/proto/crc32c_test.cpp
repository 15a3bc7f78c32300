// SPDX-License-Identifier: Apache-2.0
#include "proto/crc32c.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace corelane::proto;

namespace {
std::uint32_t crc32c(std::string_view bytes) {
  return crc32c_end(crc32c_add(crc32c_begin, bytes));
}
}  // namespace

TEST_CASE("the check values of the literature") {
  CHECK(crc32c("123456789") == 0xe3069283);
  // RFC 3720, B.4
  CHECK(crc32c(std::string(32, '\0')) == 0x8a9136aa);
  CHECK(crc32c(std::string(32, '\xff')) == 0x62a8ab43);
}

TEST_CASE("parts make the same sum as the whole") {
  CHECK(crc32c_end(crc32c_add(crc32c_add(crc32c_begin, "1234"), "56789")) == 0xe3069283);
}

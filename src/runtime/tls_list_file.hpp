// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace corelane::runtime {

/// One line of a list of certificates, as HAProxy's crt-list: FILE [OPTION VALUE...] NAME...
struct TlsListLine {
  struct Option {
    std::string name;
    std::string value;  // of those that have one
  };
  std::size_t number = 0;  // from 1
  std::string file;
  std::vector<Option> options;
  std::vector<std::string> names;  // "!NAME" excludes
};

/// False: `fault` says what is wrong, with the line's number.
bool read_tls_list(std::string_view text, std::vector<TlsListLine>& lines, std::string& fault);

}  // namespace corelane::runtime

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a C++ file whose dashboard_html() returns the page given: embed_page.py PAGE OUTPUT"""

import sys

HEAD = """// SPDX-License-Identifier: Apache-2.0
// Generated from dashboard.html.
#include "control/dashboard.hpp"

namespace corelane::control {

namespace {
constexpr std::string_view page =
"""
TAIL = """}  // namespace

std::string_view dashboard_html() { return page; }

}  // namespace corelane::control
"""


def literal(line: bytes) -> str:
    out = []
    for byte in line:
        if byte in b'"\\?':
            out.append("\\" + chr(byte))
        elif byte == 0x0A:
            out.append("\\n")
        elif 0x20 <= byte < 0x7F:
            out.append(chr(byte))
        else:
            out.append(f"\\{byte:03o}")
    return '    "' + "".join(out) + '"'


def main() -> None:
    page_path, output_path = sys.argv[1:]
    with open(page_path, "rb") as page:
        lines = page.readlines()
    with open(output_path, "w", encoding="ascii") as output:
        output.write(HEAD + "\n".join(literal(line) for line in lines) + ";\n" + TAIL)


if __name__ == "__main__":
    main()

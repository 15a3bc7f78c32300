#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the source files of one part of BoringSSL, one a line, as its own lists have them: crypto, ssl, linux_x86_64, ..."""

import re
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parent / "source"


def of_list(name):
    text = (SOURCE / "sources.mk").read_text()
    found = re.search(rf"^{name}_sources := \\\n((?:.*\\\n)*.*)", text, re.MULTILINE)
    names = [line.strip().rstrip("\\").strip() for line in found.group(1).splitlines()]
    # The trampoline is for tests of the assembly.
    return [name for name in names if name and "crypto/test/" not in name]


def of_ssl():
    folder = SOURCE / "src" / "ssl"
    return [f"src/ssl/{path.name}" for path in sorted(folder.glob("*.cc")) if not re.search(r"_(test|unittest)\.cc$", path.name)]


part = sys.argv[1]
for file in of_ssl() if part == "ssl" else of_list(part):
    print(f"source/{file}")

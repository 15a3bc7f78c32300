# SPDX-License-Identifier: Apache-2.0
"""The example configurations of config/."""

import json
import re

from .process import ROOT

EXAMPLES = sorted(path for path in (ROOT / "config").glob("*.json") if not path.name.endswith(".schema.json"))


def load(path):
    """The example as Python sees it: JSON, but for its comments."""
    return json.loads(without_comments(path.read_text()))


def without_comments(text):
    literal_or_comment = r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/'
    return re.sub(literal_or_comment, lambda match: match.group(1) or "", text, flags=re.DOTALL)

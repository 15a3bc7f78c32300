# SPDX-License-Identifier: Apache-2.0
"""The example configurations of config/."""

import json
import re

from .ports import free_port
from .process import ROOT

EXAMPLES = sorted(path for path in (ROOT / "config").glob("*.json") if not path.name.endswith(".schema.json"))


def load(path):
    """The example as Python sees it: JSON, but for its comments. Files that it names lie beside it."""
    return json.loads(without_comments(path.read_text()).replace("networks.map", str(path.parent / "networks.map")))


def without_comments(text):
    literal_or_comment = r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/'
    return re.sub(literal_or_comment, lambda match: match.group(1) or "", text, flags=re.DOTALL)


def moved(name, servers):
    """The example config/NAME with its TCP listeners on free ports of their hosts, the tests' logs, and `servers`:
    addresses by the name of the server, or by (backend, server)."""
    config = load(ROOT / "config" / name)
    for key in ("admin", "log", "max_connections"):
        config.get("global", {}).pop(key, None)
    for frontend in config["frontends"].values():
        frontend["log_format"] = "json"
        for bind in frontend["bind"]:
            bind["address"] = bind["address"].rpartition(":")[0] + f":{free_port()}"
    for backend_name, backend in config["backends"].items():
        for server in backend["servers"]:
            server["address"] = servers.get((backend_name, server["name"])) or servers[server["name"]]
    return config

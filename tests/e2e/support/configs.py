# SPDX-License-Identifier: Apache-2.0
"""Configurations for tests: a plain start that each test changes where it matters."""

from .ports import free_port


def tcp(*servers, frontend=None, backend=None, timeouts=None, lanes=1, **global_keys):
    """One frontend `f` on a free port before one backend `b` with these servers, addresses or dicts. They are named s1,
    s2, ...; log lines are JSON."""
    return {
        "global": {"reactors": lanes, **global_keys},
        "defaults": {"timeouts": {"connect": "5s", "client": "60s", "server": "60s", **(timeouts or {})}},
        "frontends": {
            "f": {
                "bind": [{"address": f"127.0.0.1:{free_port()}"}],
                "log_format": "json",
                "default_backend": "b",
                **(frontend or {}),
            }
        },
        "backends": {"b": {"servers": named(servers), **(backend or {})}},
    }


def http(*servers, defaults=None, **options):
    """As tcp(), in HTTP mode."""
    config = tcp(*servers, **options)
    config["defaults"].update({"mode": "http", **(defaults or {})})
    return config


def named(servers):
    rows = [{"address": server} if isinstance(server, str) else server for server in servers]
    return [{"name": f"s{number}", **row} for number, row in enumerate(rows, 1)]


def tcp_pairs(**servers):
    """Several frontends, each before a backend of its own name with one server."""
    config = tcp()
    config["frontends"] = {
        name: {"bind": [{"address": f"127.0.0.1:{free_port()}"}], "log_format": "json", "default_backend": name}
        for name in servers
    }
    config["backends"] = {name: {"servers": named([address])} for name, address in servers.items()}
    return config

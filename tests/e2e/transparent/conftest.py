# SPDX-License-Identifier: Apache-2.0
import pytest
from support import configs
from support.networks import networks

# What comes back from servers for an address of a client belongs to the proxy's socket that has it.
ANSWERS = """
table inet answers {
  chain prerouting {
    type filter hook prerouting priority mangle
    iifname "s0" meta l4proto tcp socket transparent 1 meta mark set 1 accept
  }
}
"""


class Route:
    """A client, a server, and the machine between them, through which alone they reach each other.

    client 10.77.1.2 -- c0 10.77.1.1 proxy 10.77.2.1 s0 -- 10.77.2.2 server; fd77:1:: and fd77:2:: alike."""

    ip = {
        4: {"client": "10.77.1.2", "near": "10.77.1.1", "far": "10.77.2.1", "server": "10.77.2.2", "any": "0.0.0.0"},
        6: {"client": "fd77:1::2", "near": "fd77:1::1", "far": "fd77:2::1", "server": "fd77:2::2", "any": "::"},
    }

    def __init__(self, made):
        self.client, self.proxy, self.server = (made.namespace(name) for name in ("client", "proxy", "server"))
        made.link(self.client, "p0", ["10.77.1.2/24", "fd77:1::2/64"], self.proxy, "c0", ["10.77.1.1/24", "fd77:1::1/64"])
        made.link(self.server, "p0", ["10.77.2.2/24", "fd77:2::2/64"], self.proxy, "s0", ["10.77.2.1/24", "fd77:2::1/64"])
        for end, four, six in ((self.client, "10.77.1.1", "fd77:1::1"), (self.server, "10.77.2.1", "fd77:2::1")):
            end.ip("route", "add", "default", "via", four)
            end.ip("-6", "route", "add", "default", "via", six)


@pytest.fixture
def nets():
    with networks() as made:
        yield made


@pytest.fixture
def route(nets):
    return Route(nets)


@pytest.fixture
def answered(route):
    route.proxy.deliver_marked()
    route.proxy.nft(ANSWERS)
    return route


@pytest.fixture
def inside(corelane, tmp_path):
    """inside(namespace, config) starts the program there; its admin address is a UNIX socket, which is everywhere."""

    def start(namespace, config, **options):
        config.setdefault("global", {})["admin"] = {"bind": [f"unix:{tmp_path}/{namespace.name}"]}
        return corelane(config, wrapper=namespace.wrapper, **options)

    return start


@pytest.fixture
def one_bind():
    """one_bind(bind, *servers, ...): a configuration with this bind alone."""
    return lambda bind, *servers, **options: configs.tcp(*servers, frontend={"bind": [bind]}, **options)

# SPDX-License-Identifier: Apache-2.0
"""Interfaces, marks and types of service, as the network sees them."""

import socket

import pytest
from support.networks import at
from support.peers import TcpServer, echo
from support.waiting import wait_until

PORT = 8080

COUNTERS = """
table inet t {
  counter marked { }
  counter dscp { }
  chain input {
    type filter hook input priority 0
    ip dscp ef tcp %(port)s 8080 counter name dscp
    ip6 dscp ef tcp %(port)s 8080 counter name dscp
  }
  chain output {
    type filter hook output priority 0
    meta mark 7 tcp %(port)s 8080 counter name marked
  }
}
"""


def exchange(namespace, ip, port=PORT, timeout_s=10, source=None):
    with namespace, socket.create_connection((ip, port), timeout_s, (source, 0) if source else None) as connection:
        connection.sendall(b"hello")
        return connection.recv(5)


class TwoProviders:
    """A proxy with a network of each of two providers, and clients behind either that the proxy knows no way to but
    its default routes. That of the first provider is the preferred one, and neither takes the other's packets."""

    def __init__(self, made):
        self.proxy, self.one, self.two = (made.namespace(name) for name in ("proxy", "one", "two"))
        for number, provider in ((1, self.one), (2, self.two)):
            made.link(self.proxy, f"w{number}", [f"10.78.{number}.6/24", f"fd77:{number}::2/64"],
                      provider, "p0", [f"10.78.{number}.7/24", f"fd77:{number}::1/64"])
            self.proxy.ip("route", "add", "default", "via", f"10.78.{number}.7", "metric", str(100 * number))
            provider.ip("address", "add", f"203.0.113.{number}/32", "dev", "lo")


@pytest.fixture
def providers(nets):
    return TwoProviders(nets)


def local_echo(namespace):
    with namespace:
        return TcpServer(echo)


def test_each_interface_answers_on_its_own(providers, inside, one_bind):
    """Who came in by the second provider is answered there, though the default route is the first one's."""
    with local_echo(providers.proxy) as server:
        config = one_bind({"address": f":{PORT}", "interface": "w1"}, server.address)
        config["frontends"]["f"]["bind"].append({"address": f":{PORT}", "interface": "w2"})
        config["frontends"]["any"] = {"bind": [{"address": ":8081"}], "default_backend": "b"}
        inside(providers.proxy, config)
        for provider, number in ((providers.one, 1), (providers.two, 2)):
            assert exchange(provider, f"10.78.{number}.6", source=f"203.0.113.{number}") == b"hello"
        with pytest.raises(TimeoutError):
            exchange(providers.two, "10.78.2.6", 8081, timeout_s=1, source="203.0.113.2")


def test_a_server_is_reached_through_the_interface(providers, inside, one_bind):
    """As are its checks: the other way refuses connections."""
    for provider, number in ((providers.one, 1), (providers.two, 2)):
        provider.ip("address", "add", "203.0.113.9/32", "dev", "lo")
        provider.ip("route", "add", "default", "via", f"10.78.{number}.6")
    with providers.two:
        server = TcpServer(echo, host="203.0.113.9", port=PORT)
    with server:
        config = one_bind({"address": f":{PORT}"}, {"address": f"203.0.113.9:{PORT}", "source": {"interface": "w2"}},
                          backend={"check": {"type": "tcp", "interval": "1s", "rise": 1, "fall": 1}})
        proxy = inside(providers.proxy, config)
        wait_until(lambda: proxy.server("s1")["check"]["status"] == "L4OK", "a check that came through")
        assert exchange(providers.proxy, "127.0.0.1") == b"hello"


@pytest.mark.parametrize("family", [4, 6])
def test_marks_and_types_of_service_are_on_the_wire(route, inside, one_bind, family):
    ip = route.ip[family]
    with route.server:
        server = TcpServer(echo, host=ip["server"], port=PORT)
    with server:
        for namespace, port in ((route.server, "dport"), (route.client, "sport")):
            namespace.nft(COUNTERS % {"port": port})
        route.proxy.nft(COUNTERS % {"port": "dport"})
        marks = {"mark": 7, "tos": "ef"}
        config = one_bind({"address": at(ip["near"], PORT)}, server.address, backend={"source": marks})
        inside(route.proxy, config)
        assert exchange(route.client, ip["near"]) == b"hello"
        assert route.proxy.counted("marked") >= 3  # handshake, bytes, end
        assert route.server.counted("dscp") >= 3
        assert route.client.counted("dscp") == 0, "those towards the client were not asked for"


@pytest.mark.parametrize("bind_ip", ["near", "any"])
@pytest.mark.parametrize("family", [4, 6])
def test_connections_of_a_bind_have_its_marks(route, inside, one_bind, family, bind_ip):
    """Those of IPv4 clients of an IPv6 bind too."""
    ip = route.ip[family]
    route.client.nft(COUNTERS % {"port": "sport"})
    route.proxy.nft(COUNTERS % {"port": "sport"})
    with local_echo(route.proxy) as server:
        address = f"[::]:{PORT}" if bind_ip == "any" else at(ip["near"], PORT)
        inside(route.proxy, one_bind({"address": address, "mark": 7, "tos": 184}, server.address))
        assert exchange(route.client, ip["near"]) == b"hello"
        assert route.proxy.counted("marked") >= 3
        assert route.client.counted("dscp") >= 3


def test_marks_choose_the_route(providers, inside, one_bind):
    """A mark, a rule for it, and a table of routes of its own."""
    with providers.two:
        second = TcpServer(echo, host="203.0.113.2", port=PORT)
    providers.two.ip("route", "add", "default", "via", "10.78.2.6")
    providers.proxy.ip("rule", "add", "fwmark", "9", "lookup", "200")
    providers.proxy.ip("route", "add", "default", "via", "10.78.2.7", "table", "200")
    with second:
        config = one_bind({"address": f":{PORT}"}, second.address, backend={"source": {"mark": 9}})
        inside(providers.proxy, config)
        assert exchange(providers.proxy, "127.0.0.1") == b"hello"


@pytest.mark.parametrize("family", [4, 6])
def test_an_address_that_is_not_here_yet(route, inside, one_bind, family):
    moving = {4: ("10.77.1.9", "10.77.1.9/24"), 6: ("fd77:1::9", "fd77:1::9/64")}[family]
    with local_echo(route.proxy) as server:
        inside(route.proxy, one_bind({"address": at(moving[0], PORT), "freebind": True}, server.address))
        route.proxy.ip("address", "add", moving[1], "dev", "c0", *(["nodad"] if family == 6 else []))
        assert exchange(route.client, moving[0]) == b"hello"

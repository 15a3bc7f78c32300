# SPDX-License-Identifier: Apache-2.0
"""Connections from the client's address, and to where the client wanted to go."""

import socket

import pytest
from support.networks import at
from support.peers import TcpServer, echo
from support.proxy_headers import v1
from support.waiting import wait_until

PORT = 3306
LISTEN = 13306

# The clients' connections to port 3306 of anybody are the proxy's, and what follows on them.
CLIENTS = """
table inet clients {
  chain prerouting {
    type filter hook prerouting priority mangle
    iifname "c0" meta l4proto tcp socket transparent 1 meta mark set 1 accept
    iifname "c0" fib daddr type local return
    iifname "c0" meta nfproto ipv4 tcp dport 3306 tproxy ip to :13306 meta mark set 1 accept
    iifname "c0" meta nfproto ipv6 tcp dport 3306 tproxy ip6 to :13306 meta mark set 1 accept
  }
}
"""


def tells_names(connection, _server):
    """Says whom it sees, and at which of its own addresses; then echoes."""
    own, peer = connection.getsockname(), connection.getpeername()
    connection.sendall(f"{own[0]} {own[1]} {peer[0]} {peer[1]}\n".encode())
    while data := connection.recv(65536):
        connection.sendall(data)


class Client:
    def __init__(self, namespace, ip, port, opening=b""):
        with namespace:
            self.socket = socket.create_connection((ip, port), timeout=10)
        self.socket.sendall(opening)
        self.ip, self.port = self.socket.getsockname()[:2]
        self.stream = self.socket.makefile("rb")

    def told(self):
        own_ip, own_port, peer_ip, peer_port = self.stream.readline().decode().split()
        return (own_ip, int(own_port)), (peer_ip, int(peer_port))

    def exchange(self, data=b"x" * 100_000):
        self.socket.sendall(data)
        assert self.stream.read(len(data)) == data

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()
        self.socket.close()


def serve(route, family, port=PORT):
    with route.server:
        return TcpServer(tells_names, host=route.ip[family]["server"], port=port)


@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize("mode", ["client", "clientip"])
def test_the_server_sees_the_client(answered, inside, one_bind, family, mode):
    ip = answered.ip[family]
    with serve(answered, family) as server:
        inside(answered.proxy, one_bind({"address": at(ip["near"], LISTEN)}, server.address,
                                        backend={"source": {"transparent": mode}}))
        with Client(answered.client, ip["near"], LISTEN) as client:
            _, (peer_ip, peer_port) = client.told()
            assert peer_ip == ip["client"]
            assert (peer_port == client.port) == (mode == "client")
            client.exchange()


def test_without_it_the_server_sees_the_proxy(answered, inside, one_bind):
    with serve(answered, 4) as server:
        inside(answered.proxy, one_bind({"address": at("10.77.1.1", LISTEN)}, server.address))
        with Client(answered.client, "10.77.1.1", LISTEN) as client:
            assert client.told()[1][0] == "10.77.2.1"


def test_the_address_of_the_header_is_the_clients(answered, inside, one_bind):
    with serve(answered, 4) as server:
        inside(answered.proxy, one_bind({"address": at("10.77.1.1", LISTEN), "accept_proxy": True}, server.address,
                                        backend={"source": {"transparent": "client"}}))
        header = v1("203.0.113.9", 4321, "10.77.1.1", LISTEN)
        with Client(answered.client, "10.77.1.1", LISTEN, header) as client:
            assert client.told()[1] == ("203.0.113.9", 4321)
            client.exchange()


@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize("source", [None, "client", "clientip"])
def test_nobody_notices_it(answered, inside, one_bind, family, source):
    """The client connects to the server, TPROXY brings it here, and the server sees the client."""
    answered.proxy.nft(CLIENTS)
    ip = answered.ip[family]
    backend = {"source": {"transparent": source}} if source else {}
    with serve(answered, family):
        inside(answered.proxy, one_bind({"address": at(ip["any"], LISTEN), "transparent": True}, "*:0", backend=backend))
        with Client(answered.client, ip["server"], PORT) as client:
            own, peer = client.told()
            assert own == (ip["server"], PORT)
            assert peer[0] == (ip["client"] if source else ip["far"])
            assert (peer[1] == client.port) == (source == "client")
            client.exchange()


@pytest.mark.parametrize("family", [4, 6])
def test_one_bind_takes_both_families(answered, inside, one_bind, family):
    answered.proxy.nft(CLIENTS)
    ip = answered.ip[family]
    with serve(answered, family):
        inside(answered.proxy, one_bind({"address": f"[::]:{LISTEN}", "transparent": True}, "*:0",
                                        backend={"source": {"transparent": "clientip"}}))
        with Client(answered.client, ip["server"], PORT) as client:
            own, peer = client.told()
            assert (own, peer[0]) == ((ip["server"], PORT), ip["client"])


def test_ipv4_clients_of_an_ipv6_bind_are_ipv4_clients(answered, inside, one_bind):
    with serve(answered, 4) as server:
        inside(answered.proxy, one_bind({"address": f"[::]:{LISTEN}"}, server.address,
                                        backend={"source": {"transparent": "client"}}))
        with Client(answered.client, "10.77.1.1", LISTEN) as client:
            assert client.told()[1] == ("10.77.1.2", client.port)


def test_the_port_can_be_another(answered, inside, one_bind):
    answered.proxy.nft(CLIENTS)
    with serve(answered, 4, port=4406):
        inside(answered.proxy, one_bind({"address": f":{LISTEN}", "transparent": True}, "0.0.0.0:4406"))
        with Client(answered.client, "10.77.2.2", PORT) as client:
            assert client.told()[0] == ("10.77.2.2", 4406)


REDIRECTED = """
table inet clients {
  chain prerouting {
    type nat hook prerouting priority dstnat
    iifname "c0" fib daddr type != local tcp dport 3306 redirect to :13306
  }
}
"""


@pytest.mark.parametrize("family", [4, 6])
def test_a_redirected_client_gets_where_it_was_going(route, inside, one_bind, family):
    route.proxy.nft(REDIRECTED)
    bind = {"address": f":{LISTEN}"} if family == 4 else {"address": f"[::]:{LISTEN}", "ipv6_only": True}
    with serve(route, family):
        inside(route.proxy, one_bind(bind, "*:0"))
        with Client(route.client, route.ip[family]["server"], PORT) as client:
            reached, (source, _) = client.told()
            assert (reached, source) == ((route.ip[family]["server"], PORT), route.ip[family]["far"])
            client.exchange()


def test_servers_are_told_where_a_redirected_client_was_going(route, inside, one_bind):
    route.proxy.nft(REDIRECTED)
    with route.server:
        server = TcpServer(echo, host="10.77.2.2", port=PORT + 1)
    with server:
        inside(route.proxy, one_bind({"address": f":{LISTEN}"}, {"address": server.address, "send_proxy": "v1"}))
        with Client(route.client, "10.77.2.2", PORT) as client:
            assert client.stream.readline().decode() == f"PROXY TCP4 {client.ip} 10.77.2.2 {client.port} {PORT}\r\n"


def test_the_destination_can_be_that_of_the_header(answered, inside, one_bind):
    with serve(answered, 4):
        inside(answered.proxy, one_bind({"address": at("10.77.1.1", LISTEN), "accept_proxy": True}, "*:0"))
        header = v1("203.0.113.9", 4321, "10.77.2.2", PORT)
        with Client(answered.client, "10.77.1.1", LISTEN, header) as client:
            assert client.told()[0] == ("10.77.2.2", PORT)
            client.exchange()


def refused(proxy, client):
    assert client.socket.recv(1) == b""
    return proxy.wait_log()[0]


def test_it_does_not_connect_to_itself(answered, inside, one_bind):
    proxy = inside(answered.proxy, one_bind({"address": f":{LISTEN}", "transparent": True}, "*:0"))
    with Client(answered.client, "10.77.1.1", LISTEN) as client:
        record = refused(proxy, client)
    assert (record["end_reason"], record["termination_state"]) == ("destination_is_self", "RC")
    assert proxy.stats()["frontends"]["f"]["connections_total"] == 1


def test_a_client_of_the_other_family_is_refused(answered, inside, one_bind):
    """As by HAProxy, with its letters; the log says why."""
    with serve(answered, 4) as server:
        proxy = inside(answered.proxy, one_bind({"address": f"[::]:{LISTEN}"}, server.address,
                                                backend={"source": {"transparent": "client"}}))
        with Client(answered.client, "fd77:1::1", LISTEN) as client:
            record = refused(proxy, client)
        assert (record["end_reason"], record["termination_state"], record["retries"]) == (
            "client_address_unusable", "SC", 0)
        assert server.accepted == 0


def test_a_lost_server_is_tried_again(answered, inside, one_bind):
    """Attempts from the client's own port follow each other."""
    config = one_bind({"address": at("10.77.1.1", LISTEN)}, "10.77.2.2:3306",
                      backend={"source": {"transparent": "client"}, "retries": 30})
    proxy = inside(answered.proxy, config)
    with Client(answered.client, "10.77.1.1", LISTEN) as client:
        wait_until(lambda: proxy.server("s1")["retries"] >= 1, "a first retry")
        with serve(answered, 4):
            assert client.told()[1] == ("10.77.1.2", client.port)

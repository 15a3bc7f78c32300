# SPDX-License-Identifier: Apache-2.0
"""Checks that go to another place than connections do, and where they come from."""

import json
import socket
import threading

import pytest
from support import configs
from support.peers import TcpServer, answer, says
from support.process import command
from support.waiting import wait_until

FAST = {"type": "tcp", "interval": "100ms", "fall": 2, "rise": 1}
# A check that says or hears nothing is reset before a server learns of it.
HEARS = FAST | {"steps": [{"expect": "health"}]}
SAYS = FAST | {"steps": [{"send": "hello"}]}


class Visitors:
    """A listener that notes whom it accepted, and what each said."""

    def __init__(self, host="127.0.0.1"):
        self.listener = socket.create_server((host, 0))
        self.port = self.listener.getsockname()[1]
        self.address = f"{host}:{self.port}"
        self.peers, self.first_bytes = [], []

    def __enter__(self):
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()
        return self

    def _accept(self):
        while True:
            try:
                connection, peer = self.listener.accept()
            except OSError:
                return
            with connection:
                try:
                    self.first_bytes.append(connection.recv(512))
                except OSError:
                    self.first_bytes.append(b"")
            self.peers.append(peer)

    def __exit__(self, *_):
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        self.thread.join(10)


@pytest.mark.sanitize
def test_another_port_decides(balancer):
    with TcpServer(says("1")) as server, TcpServer(says("health")) as health:
        proxy = balancer({"address": server.address, "check": {"port": health.port}}, backend={"check": HEARS})
        health.wait_accepted(2)
        assert server.accepted == 0
        health.stop()
        proxy.wait_status("s1", "DOWN")
        assert server.accepted == 0
        with TcpServer(says("health"), port=health.port):
            proxy.wait_status("s1", "UP")
        assert answer(proxy.address()) == b"1"
        proxy.stop()


def test_another_address_with_the_servers_port(balancer):
    with TcpServer(says("1")) as server:
        with TcpServer(says("health"), host="127.0.0.7", port=server.port) as health:
            proxy = balancer({"address": server.address, "check": {"address": "127.0.0.7"}}, backend={"check": HEARS})
            health.wait_accepted(2)
        proxy.wait_status("s1", "DOWN")
        assert server.accepted == 0


def test_a_unix_socket_tells(balancer, tmp_path):
    path = str(tmp_path / "health")
    with TcpServer(says("1")) as server, TcpServer(says("health"), path=path) as health:
        proxy = balancer({"address": server.address, "check": {"address": f"unix:{path}"}}, backend={"check": HEARS})
        health.wait_accepted(2)
        health.stop()
        proxy.wait_status("s1", "DOWN")


def test_a_unix_server_is_checked_over_tcp(balancer, tmp_path):
    path = str(tmp_path / "server")
    with TcpServer(says("1"), path=path) as server, TcpServer(says("health")) as health:
        place = {"address": "127.0.0.1", "port": health.port}
        proxy = balancer({"address": f"unix:{path}", "check": place}, backend={"check": HEARS})
        health.wait_accepted(2)
        assert server.accepted == 0
        assert answer(proxy.address()) == b"1"


def test_where_checks_come_from(balancer):
    """The server's source without its range of ports, or the check's own."""
    source = {"addresses": ["127.0.0.3:20000-20099"]}
    with Visitors() as by_source, Visitors() as by_own:
        proxy = balancer(
            {"address": by_source.address, "source": source},
            {"address": by_own.address, "source": source, "check": {"source": "127.0.0.4"}},
            backend={"check": SAYS},
        )
        wait_until(lambda: len(by_source.peers) > 2 and len(by_own.peers) > 2, "both servers were checked")
        assert {peer[0] for peer in by_source.peers} == {"127.0.0.3"}
        assert {peer[0] for peer in by_own.peers} == {"127.0.0.4"}
        assert not [peer for peer in by_source.peers if 20000 <= peer[1] <= 20099]
        pool = proxy.server("s1")["sources"][0]
        assert (pool["ports_in_use"], pool["ports_left"]) == (0, 100)


@pytest.mark.parametrize("send_proxy, header", [(None, False), (True, True)])
def test_the_proxy_header_goes_elsewhere_when_it_is_asked_for(balancer, send_proxy, header):
    with TcpServer(says("1")) as server, Visitors() as health:
        place = {"port": health.port} | ({"send_proxy": send_proxy} if send_proxy else {})
        balancer({"address": server.address, "send_proxy": "v1", "check": place}, backend={"check": SAYS})
        wait_until(lambda: len(health.first_bytes) > 2, "the other port was checked")
        assert all(said.startswith(b"PROXY ") == header for said in health.first_bytes)


@pytest.mark.parametrize(
    "server, fault",
    [
        ({"address": "127.0.0.1:1", "check": {"source": "127.0.0.1:1-9"}}, "takes no ports"),
        ({"address": "127.0.0.1:1", "check": {"addr": "127.0.0.2"}}, 'did you mean "address"?'),
        ({"address": "127.0.0.1:1", "check": {"address": "127.0.0.2:80"}}, "the port has a key of its own"),
        ({"address": "127.0.0.1:1", "check": {"address": "unix:/x", "port": 1}}, "port has no effect"),
        ({"address": "unix:/x", "check": {"address": "127.0.0.1"}}, "needs a port"),
        ({"address": "127.0.0.1:1", "check": {"source": "::1"}}, "which the source address ::1 cannot reach"),
        ({"address": "127.0.0.1:1", "check": {"send_proxy": True}}, "unless the server has send_proxy"),
        ({"address": "127.0.0.1:1", "check": {"enabled": False, "port": 1}}, "unless the server is checked"),
    ],
)
def test_what_is_refused(tmp_path, server, fault):
    assert fault in faults(tmp_path, configs.tcp(server, backend={"check": FAST}))


def faults(tmp_path, config):
    path = tmp_path / "faulty.json"
    path.write_text(json.dumps(config))
    done = command("check", path)
    assert done.returncode == 1
    return done.stderr + done.stdout


def test_a_source_that_is_not_of_this_machine(tmp_path):
    path = tmp_path / "away.json"
    server = {"address": "127.0.0.1:1", "check": {"source": "192.0.2.9"}}
    path.write_text(json.dumps(configs.tcp(server, backend={"check": FAST})))
    done = command("run", path)
    assert done.returncode == 3
    assert "backends.b.servers.s1.check.source: cannot connect from 192.0.2.9" in done.stderr


def test_servers_are_not_bothered_by_checks_that_only_connect(balancer):
    with TcpServer(says("1")) as server:
        proxy = balancer(server.address, backend={"check": FAST})
        wait_until(lambda: proxy.server("s1")["check"]["checks_total"] > 3, "several checks")
        assert proxy.server("s1")["check"]["status"] == "L4OK"
        assert answer(proxy.address()) == b"1"
        assert server.accepted == 1

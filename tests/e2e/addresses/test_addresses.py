# SPDX-License-Identifier: Apache-2.0
"""Where one may listen and connect: IPv4, IPv6, UNIX sockets, names, inherited sockets."""

import os
import socket
import stat

import pytest
from support import configs
from support.peers import TcpServer, answer, echo
from support.ports import free_port


def listening_on(address, server, **options):
    config = configs.tcp(server, **options)
    config["frontends"]["f"]["bind"] = [{"address": address} if isinstance(address, str) else address]
    return config


def assert_echoes(address):
    assert answer(address, b"hello") == b"hello"


@pytest.mark.sanitize
def test_ipv6_on_both_sides(corelane):
    with TcpServer(echo, host="::1") as server:
        proxy = corelane(listening_on(f"[::1]:{free_port()}", server.address))
        assert_echoes(proxy.address())
        assert proxy.wait_log()[0]["client"] == "::1"


@pytest.mark.sanitize
@pytest.mark.parametrize("lanes", [1, 2])
def test_unix_sockets_on_both_sides(corelane, tmp_path, lanes):
    with TcpServer(echo, path=str(tmp_path / "server")) as server:
        path = tmp_path / "listener"
        proxy = corelane(listening_on({"address": f"unix:{path}", "mode": "600"}, server.address, lanes=lanes))
        for _ in range(4):
            assert_echoes(f"unix:{path}")
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
        proxy.stop()
        assert not path.exists(), "the socket's file is left behind"


def test_a_unix_socket_left_behind_is_replaced(corelane, tmp_path):
    path = tmp_path / "listener"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    with TcpServer(echo) as server:
        corelane(listening_on(f"unix:{path}", server.address))
        assert_echoes(f"unix:{path}")


def test_the_abstract_namespace(corelane):
    with TcpServer(echo) as server:
        name = f"unix:@corelane-test-{os.getpid()}-{free_port()}"
        corelane(listening_on(name, server.address))
        assert_echoes(name)


def test_names_are_resolved_at_start(corelane):
    with TcpServer(echo) as server:
        port = free_port()
        corelane(listening_on(f"localhost:{port}", f"localhost:{server.port}"))
        assert_echoes(f"127.0.0.1:{port}")


def test_every_address_of_the_machine(corelane):
    with TcpServer(echo) as server:
        port = free_port()
        corelane(listening_on(f":{port}", server.address))
        assert_echoes(f"127.0.0.1:{port}")


def test_a_name_that_does_not_resolve(corelane):
    proxy = corelane(configs.tcp("no-such-host.invalid:3306"), wait_for=None)
    assert proxy.wait() == 1
    assert "no-such-host.invalid" in proxy.stderr
    assert "resolve" in proxy.stderr.lower(), proxy.stderr


@pytest.mark.sanitize
@pytest.mark.lanes
@pytest.mark.parametrize("lanes", [1, 2])
def test_an_inherited_listener(corelane, lanes):
    with TcpServer(echo) as server, socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        config = listening_on(f"fd@{listener.fileno()}", server.address, lanes=lanes)
        proxy = corelane(config, pass_fds=[listener.fileno()])
        for _ in range(10):
            assert_echoes(f"127.0.0.1:{port}")
        proxy.stop()


def test_a_descriptor_that_is_not_there(corelane):
    proxy = corelane(listening_on("fd@77", "127.0.0.1:9"), wait_for=None)
    assert proxy.wait() == 3
    assert "frontends.f.bind[0].address" in proxy.stderr and "descriptor 77" in proxy.stderr


@pytest.mark.parametrize("other", ["program", "corelane"])
def test_a_port_in_use(corelane, other):
    port = free_port()
    with TcpServer(echo) as server:
        if other == "program":
            with socket.create_server(("127.0.0.1", port)):
                second = corelane(listening_on(f"127.0.0.1:{port}", server.address), wait_for=None)
                assert second.wait() == 3
        else:
            corelane(listening_on(f"127.0.0.1:{port}", server.address))
            second = corelane(listening_on(f"127.0.0.1:{port}", server.address), wait_for=None)
            assert second.wait() == 3
        assert f"127.0.0.1:{port}" in second.stderr
        assert "in use" in second.stderr


def test_several_binds_and_their_settings(corelane):
    with TcpServer(echo) as server:
        config = configs.tcp(server.address)
        config["frontends"]["f"]["bind"] = [
            {"address": f"127.0.0.1:{free_port()}", "backlog": 100, "defer_accept": True, "max_segment": 1000},
            {"address": f"[::1]:{free_port()}", "ipv6_only": True, "interface": "lo"},
        ]
        proxy = corelane(config)
        assert_echoes(proxy.address(bind=0))
        assert_echoes(proxy.address(bind=1))

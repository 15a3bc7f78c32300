# SPDX-License-Identifier: Apache-2.0
"""Servers and proxies that people have understand the headers that Corelane sends, and it understands theirs."""

import os
import socket

import pytest
from support import configs
from support.examples import moved
from support.haproxy import HaProxy
from support.mariadb import DataFolders, MariaDb, connect as mysql_connect, query
from support.nginx import Nginx
from support.peers import TcpServer, answer, connect, echo, read_all, read_exactly
from support.postfix import Postfix
from support.proxy_headers import AUTHORITY, tlv, v1, v2
from support.waiting import wait_until

FAST = {"interval": "100ms", "rise": 1, "fall": 1}
GET = b"GET /%s HTTP/1.0\r\n\r\n"


def from_address(address, source):
    """A connection to the address whose own one is `source`."""
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), 30, source_address=(source, 0))


def proxy_before(corelane, address, send_proxy, check=None, **bind):
    config = configs.tcp({"address": address, "send_proxy": send_proxy}, backend={"check": check} if check else {})
    config["frontends"]["f"]["bind"][0].update(bind)
    return corelane(config)


# --- nginx


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_nginx_logs_the_client(corelane, tmp_path, version):
    with Nginx(tmp_path / "nginx", {"page": b"hello"}, proxy_protocol=True) as nginx:
        proxy = proxy_before(corelane, nginx.address, version)
        with from_address(proxy.address(), "127.0.0.9") as client:
            here = client.getsockname()
            client.sendall(GET % b"page")
            assert read_all(client).endswith(b"hello")
        wait_until(lambda: f"127.0.0.9 {here[1]} 127.0.0.1 /page" in nginx.clients(), "the client in nginx's log")


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("client", ["192.0.2.7", "2001:db8::7"])
def test_nginx_logs_the_client_of_a_proxy_before(corelane, tmp_path, version, client):
    destination = "2001:db8::1" if ":" in client else "198.51.100.1"
    with Nginx(tmp_path / "nginx", {"page": b"hello"}, proxy_protocol=True) as nginx:
        proxy = proxy_before(corelane, nginx.address, version, accept_proxy=True)
        for header in (v1, v2):
            assert answer(proxy.address(), header(client, 40001, destination, 80) + GET % b"page").endswith(b"hello")
        wait_until(lambda: nginx.clients().count(f"{client} 40001 {destination} /page") == 2, "both in nginx's log")


# --- MariaDB


@pytest.fixture(scope="module")
def mariadb():
    folders = DataFolders()
    server = MariaDb(folders.make("1"), 1, "--proxy-protocol-networks=127.0.0.0/8")
    yield server
    server.stop()
    folders.remove()


WHO = "SELECT host FROM information_schema.processlist WHERE id = connection_id()"


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_mariadb_sees_the_client_in_its_processlist(corelane, mariadb, version):
    proxy = proxy_before(corelane, mariadb.address, version)
    with mysql_connect(proxy.address(), bind_address="127.0.0.9") as session:
        port = session._sock.getsockname()[1]
        assert query(session, WHO) == ((f"127.0.0.9:{port}",),)


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_mariadb_sees_the_client_of_a_proxy_before(corelane, mariadb, version):
    proxy = proxy_before(corelane, mariadb.address, version, accept_proxy=["127.0.0.0/8"])
    session = mysql_connect(proxy.address(), defer_connect=True)
    wire = connect(proxy.address())
    wire.sendall(v2("192.0.2.7", 40001, "198.51.100.1", 3306))
    session.connect(wire)
    assert query(session, WHO) == (("192.0.2.7:40001",),)
    session.close()


@pytest.mark.parametrize("version", ["v1", "v2", {"version": "v2", "options": ["crc32c"]}], ids=["v1", "v2", "crc32c"])
@pytest.mark.parametrize("check", [{"type": "tcp"}, {"type": "mysql", "user": "corelane"}], ids=["tcp", "mysql"])
def test_mariadb_passes_checks_with_a_header(corelane, mariadb, version, check):
    proxy = proxy_before(corelane, mariadb.address, version, check={**check, **FAST})
    status = "L7OK" if check["type"] == "mysql" else "L4OK"
    wait_until(lambda: proxy.server("s1")["check"]["status"] == status, "the check passes")
    with mysql_connect(proxy.address()) as session:
        assert query(session, "SELECT 1") == ((1,),)


# --- Postfix


@pytest.fixture(scope="module")
def postfix():
    if os.getuid() != 0:
        pytest.skip("Postfix's master runs as root only")
    with Postfix() as server:
        yield server


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("service", ["smtpd", "postscreen"])
def test_postfix_logs_the_client(corelane, postfix, service, version):
    source = f"127.0.{1 if version == 'v1' else 2}.{1 if service == 'smtpd' else 2}"
    proxy = proxy_before(corelane, getattr(postfix, service), version)
    with from_address(proxy.address(), source) as client:
        here = client.getsockname()
        assert read_exactly(client, 4)[:3] == b"220"
    # postscreen trusts the loopback, and says so.
    postfix.wait_log(f"CONNECT from [{source}]:{here[1]} to [127.0.0.1]" if service == "postscreen" else f"connect from unknown[{source}]")


def test_the_example_for_mail_serves_postfix(corelane, postfix):
    """config/smtp.json, but for its addresses; both of its servers are this one."""
    proxy = corelane(moved("smtp.json", {
        (backend, server): address
        for backend, address in (("postscreen", postfix.postscreen), ("submission", postfix.smtpd))
        for server in ("mx1", "mx2")
    }))
    for frontend, source in (("smtp", "127.0.5.1"), ("submission", "127.0.5.2")):
        with from_address(proxy.address(frontend), source) as client, client.makefile("rwb") as replies:
            assert replies.readline().startswith(b"220")
            replies.write(b"EHLO client.example\r\n")
            replies.flush()
            while (line := replies.readline())[3:4] == b"-":
                assert line.startswith(b"250")
            replies.write(b"QUIT\r\n")
            replies.flush()
            assert line.startswith(b"250") and replies.readline().startswith(b"221")
        postfix.wait_log(source)
    assert {record["end_reason"] for record in proxy.wait_log(2)} == {"completed"}
    proxy.stop()


@pytest.mark.parametrize("service", ["smtpd", "postscreen"])
def test_postfix_logs_the_client_of_a_proxy_before(corelane, postfix, service):
    client = f"192.0.2.{7 if service == 'smtpd' else 8}"
    proxy = proxy_before(corelane, getattr(postfix, service), "v2", accept_proxy=True)
    with connect(proxy.address()) as wire:
        wire.sendall(v1(client, 40001, "198.51.100.1", 25))
        assert read_exactly(wire, 4)[:3] == b"220"
    postfix.wait_log(f"CONNECT from [{client}]:40001 to [198.51.100.1]:25" if service == "postscreen" else f"connect from unknown[{client}]")


# --- HAProxy

SENDER = """
frontend sender
  bind {{address}}
  default_backend corelane
backend corelane
  server corelane {corelane} {options}
"""

RECEIVER = """
frontend receiver
  mode http
  bind {address} accept-proxy
  http-request return status 200 content-type text/plain lf-string "%[src] %[src_port] %[dst] %[dst_port] %[fc_pp_authority]"
"""


@pytest.mark.parametrize(
    "options", ["send-proxy", "send-proxy-v2", "send-proxy-v2 proxy-v2-options crc32c,ssl", "send-proxy-v2 check inter 100ms"]
)
def test_haproxy_sends_to_us(corelane, tmp_path, options):
    with TcpServer(echo) as server:
        config = configs.tcp(server.address)
        config["frontends"]["f"]["bind"][0]["accept_proxy"] = True
        proxy = corelane(config)
        with HaProxy(tmp_path / "haproxy", SENDER.format(corelane=proxy.address(), options=options)) as haproxy:
            with from_address(haproxy.address, "127.0.0.9") as client:
                here = client.getsockname()
                client.sendall(b"hello")
                client.shutdown(socket.SHUT_WR)
                assert read_all(client) == b"hello"
            wait_until(lambda: here in [(r["client"], r["client_port"]) for r in proxy.records()], "our client in the log")
            assert proxy.frontend("f")["proxy_header_errors"] == 0


@pytest.mark.parametrize("send_proxy", ["v1", "v2", {"version": "v2", "options": ["crc32c", "authority", "ssl", "unique-id"]}],
                         ids=["v1", "v2", "options"])
def test_haproxy_receives_from_us(corelane, tmp_path, send_proxy):
    with HaProxy(tmp_path / "haproxy", RECEIVER) as haproxy:
        proxy = proxy_before(corelane, haproxy.address, send_proxy, accept_proxy=True, check={"type": "tcp", **FAST})
        authority = tlv(AUTHORITY, b"mail.example")
        for client, destination in [("192.0.2.7", "198.51.100.1"), ("2001:db8::7", "2001:db8::1")]:
            said = answer(proxy.address(), v2(client, 40001, destination, 80, authority) + GET % b"")
            expected = f"{client} 40001 {destination} 80 {'mail.example' if isinstance(send_proxy, dict) else ''}"
            assert said.endswith(expected.encode()), said

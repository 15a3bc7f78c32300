# SPDX-License-Identifier: Apache-2.0
"""What PROXY headers tell servers of the client's TLS is what HAProxy's tell, byte for byte."""

import ssl

import pytest
from support import configs
from support.certificates import Authority
from support.haproxy import HaProxy
from support.http_peers import HttpServer, Wire, request, response
from support.peers import TcpServer, connect, read_exactly
from support.ports import free_port
from support.proxy_headers import ALPN, AUTHORITY, CRC32C, NETNS, SSL, SSL_CN, UNIQUE_ID, V2, ssl_tlv, tlv, v2
from support.tls_peers import tls_connect
from support.waiting import wait_until

FIXED = slice(0, 16)
BEHIND_ADDRESSES = slice(16 + 12, None)
EVERYTHING = ["ssl", "cert-cn", "ssl-cipher", "cert-sig", "cert-key", "authority", "unique-id"]

HAPROXY = """
defaults unnamed
  mode tcp
  timeout connect 10s
  timeout client 60s
  timeout server 60s
  unique-id-format id-7
frontend f
  bind {{address}} ssl crt {site} ca-file {people} verify optional ca-ignore-err all crt-ignore-err all alpn http/1.1
  bind 127.0.0.1:{plain_port}
  default_backend b
backend b
  server s {server} send-proxy-v2 {options}
"""


class Sink(TcpServer):
    """Keeps the headers that connections begin with, then echoes."""

    def __init__(self):
        super().__init__(self._serve_one)
        self.headers = []

    def _serve_one(self, connection, _server):
        self.headers.append(V2(connection))
        while data := connection.recv(65536):
            connection.sendall(data)


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("people"), subject="/C=FR/O=Example/CN=People")


@pytest.fixture(scope="module")
def member(people):
    return people.sign("anna", "/C=FR/O=Example/CN=anna/OU=x/CN=second", days=5)


@pytest.fixture
def side_by_side(corelane, site, people, tmp_path):
    """side_by_side(server, options) gives the addresses of both, each with TLS and without."""
    started = []

    def start(server, options):
        plain_port = free_port()
        sections = HAPROXY.format(site=site, people=people.path, server=server.address, plain_port=plain_port,
                                  options="proxy-v2-options " + ",".join(options) if options else "")
        haproxy = HaProxy(tmp_path / "haproxy", sections)
        haproxy.__enter__()
        started.append(haproxy)
        config = configs.tcp({"address": server.address, "send_proxy": {"version": "v2", "options": options}})
        config["frontends"]["f"]["unique_id_format"] = "id-7"
        tls = {"certificates": [str(site)], "client_ca": str(people.path), "verify": "optional", "alpn": ["http/1.1"],
               "ca_ignore_errors": "all", "crt_ignore_errors": "all"}
        own_plain = f"127.0.0.1:{free_port()}"
        config["frontends"]["f"]["bind"][0]["tls"] = tls
        config["frontends"]["f"]["bind"].append({"address": own_plain})
        proxy = corelane(config)
        return (haproxy.address, f"127.0.0.1:{plain_port}"), (proxy.address(), own_plain)

    yield start
    for haproxy in started:
        haproxy.__exit__()


def told(server, visit):
    """The header of the connection that visit() makes."""
    before = len(server.headers)
    visit()
    return wait_until(lambda: server.headers[before:], "a header")[0]


def context_of(authority, certificate=None, version=ssl.TLSVersion.TLSv1_3, alpn=None):
    context = authority.client_context(certificate)
    context.minimum_version = context.maximum_version = version
    context.set_ciphers("ECDHE-ECDSA-AES256-GCM-SHA384")
    if alpn:
        context.set_alpn_protocols(alpn)
    return context


def visit_with(context, session=None):
    """The session that the visit leaves behind."""
    def visit(address):
        with context.wrap_socket(connect(address), server_hostname="a.test", session=session) as client:
            client.sendall(b"hello")
            assert read_exactly(client, 5) == b"hello"
            assert session is None or client.session_reused
            return client.session

    return visit


def assert_same(ours, theirs):
    assert ours.bytes[FIXED] == theirs.bytes[FIXED]
    assert ours.tlvs == theirs.tlvs
    assert ours.bytes[BEHIND_ADDRESSES] == theirs.bytes[BEHIND_ADDRESSES]


@pytest.mark.sanitize
@pytest.mark.parametrize(
    "options", [[], ["ssl"], ["cert-cn"], ["ssl-cipher"], ["cert-sig"], ["cert-key"], ["authority"], EVERYTHING],
    ids=lambda options: "-".join(options) or "none")
def test_each_option(side_by_side, authority, member, options):
    with Sink() as server:
        (theirs_tls, theirs_plain), (ours_tls, ours_plain) = side_by_side(server, options)
        for context in [
            context_of(authority, member, alpn=["http/1.1"]),
            context_of(authority, member, ssl.TLSVersion.TLSv1_2),
            context_of(authority),
        ]:
            visit = visit_with(context)
            assert_same(told(server, lambda: visit(ours_tls)), told(server, lambda: visit(theirs_tls)))

        def plain(address):
            with connect(address) as client:
                client.sendall(b"hello")
                assert read_exactly(client, 5) == b"hello"

        assert_same(told(server, lambda: plain(ours_plain)), told(server, lambda: plain(theirs_plain)))


def test_a_certificate_that_is_not_good(side_by_side, authority, tmp_path):
    """It is let in, and the server is told what is wrong with it."""
    stranger = Authority(tmp_path / "strangers", subject="/CN=Strangers").sign("eve", "/CN=eve", days=5)
    with Sink() as server:
        (theirs, _), (ours, _) = side_by_side(server, EVERYTHING)
        visit = visit_with(context_of(authority, stranger))
        mine = told(server, lambda: visit(ours))
        assert_same(mine, told(server, lambda: visit(theirs)))
        assert mine.tlvs[SSL][:5] == b"\x07\0\0\0\x15"  # X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE


def test_a_session_that_is_come_back_to(side_by_side, authority, member):
    """The certificate was shown on another connection."""
    with Sink() as server:
        (theirs, _), (ours, _) = side_by_side(server, EVERYTHING)
        context = context_of(authority, member, ssl.TLSVersion.TLSv1_2)
        seen = []
        for address in (ours, theirs):
            session = visit_with(context)(address)
            again = visit_with(context, session)
            wait_until(lambda: len(server.headers) == 2 * len(seen) + 1, "the first header")
            seen.append(told(server, lambda: again(address)))
        assert_same(*seen)
        assert seen[0].tlvs[SSL][0] == 1 | 4


def test_the_checksum_covers_it(side_by_side, authority, member):
    with Sink() as server:
        (theirs, _), (ours, _) = side_by_side(server, [*EVERYTHING, "crc32c"])
        visit = visit_with(context_of(authority, member))
        mine, others = told(server, lambda: visit(ours)), told(server, lambda: visit(theirs))
        assert mine.checksum_is_right() and others.checksum_is_right()
        checksums = [header.tlvs.pop(CRC32C) for header in (mine, others)]
        assert mine.tlvs == others.tlvs
        assert mine.bytes[BEHIND_ADDRESSES].replace(checksums[0], b"") == others.bytes[BEHIND_ADDRESSES].replace(
            checksums[1], b"")


class WebSink(HttpServer):
    def __init__(self):
        super().__init__(response(200, b"fine"))
        self.headers = []

    def _talk(self, connection, server):
        self.headers.append(V2(connection))
        super()._talk(connection, server)


@pytest.mark.sanitize
def test_each_connection_for_a_clients_requests(corelane, tls_config, authority, member, people):
    """Of a client with TLS; not only the first connection."""
    with WebSink() as server:
        config = tls_config(
            configs.http, {"address": server.address, "send_proxy": {"version": "v2", "options": EVERYTHING[:-1]}},
            tls={"client_ca": str(people.path), "verify": "required"})
        config["frontends"]["f"]["http_connection"] = "server-close"
        proxy = corelane(config)
        with tls_connect(proxy.address(), context_of(authority, member)) as client:
            for _ in range(3):
                client.sendall(request())
                assert Wire(client).message().body == b"fine"
            here = client.getsockname()
        assert [header.source for header in server.headers] == [here] * 3
        assert [header.tlvs[AUTHORITY] for header in server.headers] == [b"a.test"] * 3
        assert tlv(SSL_CN, b"anna") in server.headers[0].tlvs[SSL]
        assert server.headers[0].bytes == server.headers[1].bytes == server.headers[2].bytes


OF_THE_CLIENT = tlv(ALPN, b"h2") + tlv(AUTHORITY, b"b.test") + tlv(UNIQUE_ID, b"id 7") + ssl_tlv(3, 7) + tlv(
    NETNS, b"blue")


@pytest.mark.sanitize
@pytest.mark.parametrize("chosen", ["by default", "by rule"])
def test_what_a_header_said_goes_to_each_connection(corelane, chosen):
    with WebSink() as server:
        config = configs.http({"address": server.address, "send_proxy": {
            "version": "v2", "options": ["ssl", "authority", "unique-id"]}})
        frontend = config["frontends"]["f"]
        frontend["bind"][0]["accept_proxy"] = True
        frontend["http_connection"] = "server-close"
        if chosen == "by rule":
            frontend["use_backend"] = [{"backend": "b", "if": "{ method GET }"}]
            frontend["default_backend"] = "other"
            config["backends"]["other"] = {"servers": configs.named(["127.0.0.1:1"])}
        proxy = corelane(config)
        with connect(proxy.address()) as client:
            client.sendall(v2("192.0.2.7", 40001, "198.51.100.1", 80, OF_THE_CLIENT))
            for _ in range(3):
                client.sendall(request())
                assert Wire(client).message().body == b"fine"
        expected = {ALPN: b"h2", AUTHORITY: b"b.test", UNIQUE_ID: b"id 7", SSL: ssl_tlv(3, 7)[3:], NETNS: b"blue"}
        assert [header.tlvs for header in server.headers] == [expected] * 3


def test_tls_behind_a_header(corelane, tls_config, authority):
    """The client's own TLS counts, whatever the header said; the host name of the header stays, as in HAProxy."""
    with Sink() as server:
        config = tls_config(configs.tcp, {"address": server.address, "send_proxy": {
            "version": "v2", "options": ["ssl", "authority"]}}, tls={"alpn": ["http/1.1"]})
        config["frontends"]["f"]["bind"][0]["accept_proxy"] = True
        proxy = corelane(config)
        with connect(proxy.address()) as connection:
            connection.sendall(v2("192.0.2.7", 40001, "198.51.100.1", 443, OF_THE_CLIENT))
            context = context_of(authority, alpn=["http/1.1"])
            with context.wrap_socket(connection, server_hostname="a.test") as client:
                client.sendall(b"hello")
                assert read_exactly(client, 5) == b"hello"
        header = server.headers[0]
        assert header.source == ("192.0.2.7", 40001)
        assert header.tlvs[ALPN] == b"http/1.1"
        assert header.tlvs[AUTHORITY] == b"b.test"
        assert header.tlvs[SSL].startswith(b"\x01\0\0\0\0" + tlv(0x21, b"TLSv1.3"))


def test_an_address_that_a_rule_sets(corelane):
    """Counts for the server, although a header said another."""
    with Sink() as server:
        config = configs.tcp({"address": server.address, "send_proxy": "v2"})
        config["frontends"]["f"]["bind"][0]["accept_proxy"] = True
        config["frontends"]["f"]["tcp_request"] = {"session": [{"action": "set-src", "expression": "str(10.1.2.3)"}]}
        proxy = corelane(config)
        with connect(proxy.address()) as client:
            client.sendall(v2("192.0.2.7", 40001, "198.51.100.1", 443) + b"hello")
            assert read_exactly(client, 5) == b"hello"
        assert server.headers[0].source == ("10.1.2.3", 0)

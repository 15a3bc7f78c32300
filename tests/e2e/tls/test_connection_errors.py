# SPDX-License-Identifier: Apache-2.0
"""Why connections failed, in HAProxy's numbers and words: fc_err, bc_err."""

import socket
import ssl
import struct
import warnings

import pytest
from support import configs
from support.certificates import Authority
from support.haproxy import HTTP_DEFAULTS, HaProxy
from support.http_peers import HttpClient, HttpServer, request, response
from support.peers import TcpServer, connect
from support.ports import free_port
from support.tls import client_hello
from support.tls_peers import tls_connect
from support.tls_servers import TlsHttpServer, server_context
from support.waiting import wait_until

FORMAT = "%[fc_err] %[fc_err_str]|%[bc_err]/%[bc_err_str]"
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def say(*pieces, reset=False, stays=False):
    """A client that says this, and leaves unless it `stays`."""

    def act(address):
        with connect(address) as client:
            for piece in pieces:
                client.sendall(piece)
            if reset:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            # With something left behind that it has not read, its end would be a reset.
            try:
                if not stays:
                    client.shutdown(socket.SHUT_WR)
                while client.recv(4096):
                    pass
            except OSError:
                assert pieces

    return act


def v2(command, family, addresses, *tlvs):
    body = addresses + b"".join(tlvs)
    return SIGNATURE + bytes([command, family]) + len(body).to_bytes(2, "big") + body


HEADERS = {
    "nothing": say(),
    "nothing, reset": say(reset=True),
    "no header": say(b"GET / HTTP/1.0\r\n\r\n"),
    "nothing in time": say(stays=True),
    "bad line": say(b"PROXY TCP4 a b c d\r\n"),
    "bad version": say(v2(0x31, 0x11, bytes(12))),
    "bad command": say(v2(0x25, 0x11, bytes(12))),
    "bad length": say(v2(0x21, 0x11, bytes(2))),
    "bad tlv": say(v2(0x21, 0x11, bytes(12), b"\x03\x00\x04")),
    "bad checksum": say(v2(0x21, 0x11, bytes(12), b"\x03\x00\x04abcd")),
}


@pytest.fixture
def both(corelane, tmp_path):
    """both(options of the bind, its keys, act) are the lines of HAProxy's log and of ours about what `act` did."""

    def run(options, bind, act, timeout):
        outcomes = []
        sections = f"""
frontend f
  bind {{address}} {options}
  timeout client {timeout}
  log stdout format raw daemon
  error-log-format "line {FORMAT}"
  log-format "line {FORMAT}"
  default_backend b
backend b
  server s1 127.0.0.1:{free_port()}
"""
        with HaProxy(tmp_path / "haproxy", sections) as haproxy:
            act(haproxy.address)
            outcomes.append(wait_until(lambda: lines(haproxy.output()), "a line of HAProxy"))
        config = configs.tcp(
            "127.0.0.1:1", timeouts={"client_hs": timeout},
            frontend={"log_format": f"line {FORMAT}", "error_log_format": f"line {FORMAT}"})
        config["frontends"]["f"]["bind"][0].update(bind)
        proxy = corelane(config)
        act(proxy.address())
        outcomes.append(wait_until(lambda: lines("\n".join(proxy.log_lines())), "a line"))
        return outcomes

    return run


def lines(text):
    return [line for line in text.splitlines() if line.startswith("line ")]


@pytest.mark.parametrize("act", HEADERS)
def test_proxy_headers(both, act):
    theirs, ours = both("accept-proxy", {"accept_proxy": True}, HEADERS[act], "500ms" if "time" in act else "20s")
    assert ours == theirs
    assert len(ours) == 1 and not ours[0].startswith("line 0 ")


def test_a_truncated_header(both):
    # HAProxy says so only of some, as they are cut.
    _, [ours] = both("accept-proxy", {"accept_proxy": True}, say(b"PROXY TCP4 192.0.2.1"), "20s")
    assert ours == "line 14 Truncated PROXY protocol header received|-/-"


def handshake(context):
    def act(address):
        try:
            with tls_connect(address, context) as client:
                client.sendall(b"x")
                while client.recv(4096):
                    pass
        except (ssl.SSLError, ConnectionError):
            pass

    return act


@pytest.mark.parametrize("case", [
    "nothing", "part", "nothing in time", "hello and nothing in time", "http", "client distrusts", "stranger", "expired",
    "old version"])
def test_handshakes(both, authority, site, tmp_path, case):
    strangers = Authority(tmp_path / "strangers", subject="/CN=Strangers")
    old = authority.client_context()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    hello = client_hello("a.test")
    act = {
        "nothing": lambda: say(),
        "part": lambda: say(hello[:20]),
        "nothing in time": lambda: say(stays=True),
        "hello and nothing in time": lambda: say(hello, stays=True),
        "http": lambda: say(request("GET", "/")),
        "client distrusts": lambda: handshake(strangers.client_context()),
        "stranger": lambda: handshake(authority.client_context(strangers.sign("eve", "/CN=eve"))),
        "expired": lambda: handshake(authority.client_context(authority.sign("late", "/CN=late", days=-1))),
        "old version": lambda: handshake(old),
    }[case]()
    theirs, ours = both(
        f"ssl crt {site} ca-file {authority.path} verify optional",
        {"tls": {"certificates": [str(site)], "client_ca": str(authority.path), "verify": "optional"}},
        act, "500ms" if "time" in case else "20s")
    assert ours == theirs
    assert not ours[0].startswith("line 0 ")


def test_a_good_handshake(both, authority, site):
    theirs, ours = both(f"ssl crt {site}", {"tls": {"certificates": [str(site)]}},
                        handshake(authority.client_context()), "20s")
    assert ours == theirs == ["line 0 Success|-/-"]


def plain(connection, _):
    connection.recv(100)
    connection.sendall(b"this is no TLS at all")


SERVERS = {
    "refused": ("{closed}", "", {}),
    "no tls": ("{plain}", "ssl verify none", {"verify": "none"}),
    "other name": ("{tls}", "ssl verify required ca-file {ca} sni str(b.test)", {"ca": "{ca}", "sni": "str(b.test)"}),
    "other host": ("{tls}", "ssl verify required ca-file {ca} verifyhost b.test", {"ca": "{ca}", "verify_host": "b.test"}),
    "untrusted": ("{tls}", "ssl verify required ca-file {stranger}", {"ca": "{stranger}"}),
    "no response": ("{plain}", "", {}),
    "fine": ("{web}", "", {}),
}


@pytest.mark.parametrize("case", SERVERS)
def test_servers(corelane, tmp_path, authority, site, case):
    address, options, tls = SERVERS[case]
    with TcpServer(plain) as other, HttpServer(response(200, b"")) as web, \
            TlsHttpServer(server_context(site), response(200, b"")) as secured:
        known = {"closed": f"127.0.0.1:{free_port()}", "plain": other.address, "web": web.address,
                 "tls": secured.address, "ca": authority.path,
                 "stranger": Authority(tmp_path / "stranger", subject="/CN=Stranger").path}
        address, options = address.format(**known), options.format(**known)
        sections = HTTP_DEFAULTS + f"""
  retries 0
frontend f
  bind {{address}}
  log stdout format raw daemon
  log-format "line {FORMAT} %ST"
  default_backend b
backend b
  server s1 {address} {options}
"""
        with HaProxy(tmp_path / "haproxy", sections) as haproxy:
            ask(haproxy.address)
            theirs = wait_until(lambda: lines(haproxy.output()), "a line of HAProxy")
        server = {"address": address}
        if tls:
            server["tls"] = {key: value.format(**known) for key, value in tls.items()}
        proxy = corelane(configs.http(server, defaults={"retries": 0}, frontend={
            "log_format": f"line {FORMAT} %ST", "error_log_format": f"line {FORMAT} %ST"}))
        ask(proxy.address())
        assert wait_until(lambda: lines("\n".join(proxy.log_lines())), "a line") == theirs


def ask(address):
    with HttpClient(address) as client:
        client.ask(request("GET", "/"))


def test_connections_of_a_bind(corelane, tmp_path):
    ports = [free_port() for _ in range(4)]
    sections = f"""
frontend f
  mode http
  timeout client 60s
  bind 127.0.0.1:{ports[0]}
  bind 127.0.0.1:{ports[1]}
  http-request return status 200 content-type text/plain lf-string %[dst_conn]/%[fe_conn]
"""
    config = configs.http("127.0.0.1:1", lanes=2)
    config["frontends"]["f"].update({
        "bind": [{"address": f"127.0.0.1:{port}"} for port in ports[2:]],
        "http_request": [{"action": "return", "string": "%[dst_conn]/%[fe_conn]"}]})
    proxy = corelane(config)
    with HaProxy(tmp_path / "haproxy", sections + "listen other\n  bind {address}\n"):
        theirs = counts(ports[:2])
    assert counts(ports[2:]) == theirs == [b"1/1", b"2/2", b"1/3"]
    wait_until(lambda: proxy.frontend("f")["connections_current"] == 0, "all to have left")
    assert counts(ports[2:]) == theirs


def counts(ports):
    places = [ports[0], ports[0], ports[1]]
    clients = []
    try:
        said = []
        for port in places:
            clients.append(HttpClient(f"127.0.0.1:{port}").__enter__())
            said.append(clients[-1].ask(request("GET", "/")).body)
        return said
    finally:
        for client in clients:
            client.__exit__(None, None, None)

# SPDX-License-Identifier: Apache-2.0
"""Checks over TLS against nginx, and servers that behave badly."""

import json

import pytest
from support.certificates import Authority
from support.configs import tcp
from support.peers import TcpServer
from support.process import command
from support.waiting import wait_until


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def site(start_nginx, authority):
    """site(more directives) -> the address of an nginx that is a.example."""
    says = 'location / { return 200 "asked for $ssl_server_name by $ssl_client_s_dn"; }'

    def start(more="", **options):
        return start_nginx({}, certificate=authority.server("a.example"), directives=more + says, **options).address

    return start


def balancer_of(corelane, address, tls, check=None, server=None):
    config = tcp(address, timeouts={"check": "1s"})
    config["backends"]["b"]["check"] = {"type": "http", "interval": "100ms", "fall": 1, "rise": 1, **(check or {})}
    config["backends"]["b"]["servers"][0].update({"check": {"tls": tls}, **(server or {})})
    return corelane(config, wait_for="/live")


def check_of(proxy, status):
    name = proxy.stats()["backends"]["b"]["servers"]
    found = lambda: proxy.server(next(iter(name)), "b")["check"]  # noqa: E731
    wait_until(lambda: found()["status"] == status, status)
    return found()


@pytest.mark.sanitize
def test_good_servers(corelane, site, authority):
    address = site()
    trusted = {"ca": str(authority.path)}
    for tls, name in (({**trusted, "verify_host": "a.example"}, "a.example"),
                      ({**trusted, "sni": "a.example"}, "a.example"),
                      ({**trusted, "verify_host": "a.example", "sni": "other.example"}, "other.example"),
                      ({**trusted, "max_version": "TLSv1.2"}, ""),
                      ({"verify": "none"}, "")):
        proxy = balancer_of(corelane, address, tls, {"expect": f"string asked for {name} by "})
        check = check_of(proxy, "L7OK")
        assert check["code"] == 200, tls
        proxy.stop()
    # The handshake is all that a check without a protocol asks for.
    proxy = balancer_of(corelane, address, {**trusted, "verify_host": "a.example"}, {"type": "tcp"})
    assert check_of(proxy, "L6OK")["description"] == "Layer6 check passed"
    proxy.stop()


@pytest.mark.sanitize
def test_servers_that_cannot_be_trusted(corelane, site, authority, tmp_path):
    address = site()
    stranger = Authority(tmp_path / "stranger")
    for tls, why in (({"ca": str(authority.path), "verify_host": "b.example"}, "Hostname mismatch"),
                     ({"ca": str(authority.path), "sni": "b.example"}, "Hostname mismatch"),
                     ({"ca": str(stranger.path)}, "unable to get local issuer certificate"),
                     (True, "unable to get local issuer certificate")):
        proxy = balancer_of(corelane, address, tls)
        check = check_of(proxy, "L6RSP")
        assert check["info"] == f"TLS: {why}"
        proxy.stop()


def test_servers_that_know_their_clients(corelane, site, authority):
    address = site(f"ssl_client_certificate {authority.path}; ssl_verify_client on;")
    own = authority.sign("checker", "/CN=checker")
    proxy = balancer_of(corelane, address, {"ca": str(authority.path), "certificate": str(own)},
                        {"expect": "string by CN=checker"})
    check_of(proxy, "L7OK")
    proxy.stop()
    proxy = balancer_of(corelane, address, {"ca": str(authority.path)})
    assert check_of(proxy, "L7STS")["code"] == 400
    proxy.stop()


@pytest.mark.sanitize
def test_servers_that_speak_no_tls(corelane, authority):
    with TcpServer(lambda connection, server: connection.recv(1 << 20) and server.wait_stopped()) as silent:
        proxy = balancer_of(corelane, silent.address, {"verify": "none"})
        check_of(proxy, "L6TOUT")
        proxy.stop()
    with TcpServer(lambda peer, server: peer.sendall(b"220 mail.example\r\n")) as mail:
        proxy = balancer_of(corelane, mail.address, {"verify": "none"})
        assert check_of(proxy, "L6RSP")["info"].startswith("TLS: ")
        proxy.stop()
    with TcpServer(lambda peer, server: peer.close()) as closing:
        proxy = balancer_of(corelane, closing.address, {"verify": "none"})
        assert check_of(proxy, "L6RSP")["info"].startswith("TLS: ")
        proxy.stop()


def test_scripts_choose(corelane, site, authority):
    address = site()
    steps = [{"connect": {}}, {"send": "GET / HTTP/1.0\r\n\r\n"}, {"expect": "asked for"},
             {"connect": {"tls": False}}, {"send": "GET / HTTP/1.0\r\n\r\n"}, {"expect": "400 "},
             {"connect": {"port": int(address.rpartition(":")[2]), "tls": True}},
             {"send": "GET / HTTP/1.0\r\n\r\n"}, {"expect": "asked for"}]
    proxy = balancer_of(corelane, address, {"ca": str(authority.path)}, {"type": "tcp", "steps": steps})
    check_of(proxy, "L7OK")
    proxy.stop()


def test_the_proxy_header_comes_before(corelane, site, authority):
    address = site(proxy_protocol=True)
    proxy = balancer_of(corelane, address, {"ca": str(authority.path)}, server={"send_proxy": "v2"})
    check_of(proxy, "L7OK")
    proxy.stop()


def test_what_is_wrong_is_told(tmp_path, authority):
    config = tcp("127.0.0.1:1")
    config["backends"]["b"]["check"] = {"type": "tcp", "steps": [{"connect": {"tls": True}}]}
    server = config["backends"]["b"]["servers"][0]

    def faults():
        (tmp_path / "config.json").write_text(json.dumps(config))
        done = command("check", tmp_path / "config.json")
        return done.stdout + done.stderr

    assert "b.servers[0]: the backend's check connects over TLS: the server's check needs tls" in faults()
    (tmp_path / "ca.pem").write_bytes(authority.path.read_bytes())
    server["check"] = {"tls": {"ca": "cb.pem"}}
    assert "backends.b.servers[0].check.tls.ca: " in faults() and "ca.pem" in faults()
    server["check"] = {"tls": {"ca": "ca.pem", "ciphers": "ECDHE+AESGM"}}
    assert "backends.b.servers[0].check.tls.ciphers: " in faults()
    server["check"] = {"tls": {"ca": "ca.pem", "verify": "none"}}
    assert "check.tls.ca: has no effect unless verify is required" in faults()

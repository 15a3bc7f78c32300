# SPDX-License-Identifier: Apache-2.0
"""TLS to servers beside HAProxy's: whom it trusts, how often it tries, and what rules learn."""

import pytest
from support import configs
from support.certificates import Authority
from support.haproxy import HTTP_DEFAULTS, HaProxy
from support.http_peers import HttpClient, request, response
from support.tls_servers import TlsHttpServer, server_context

EXPRESSIONS = [
    "ssl_bc", "ssl_bc_protocol", "ssl_bc_cipher", "ssl_bc_alpn", "ssl_bc_is_resumed", "ssl_bc_alg_keysize",
    "ssl_bc_use_keysize", "ssl_s_s_dn", "ssl_s_s_dn(cn)", "ssl_s_i_dn", "ssl_s_i_dn(o)", "ssl_s_notbefore",
    "ssl_s_notafter", "ssl_s_serial,hex", "ssl_s_sha1,hex", "ssl_s_der,hex", "ssl_s_chain_der,hex", "ssl_s_version",
    "ssl_s_sig_alg", "ssl_s_key_alg",
]


def sections(server, backend=""):
    return HTTP_DEFAULTS + f"""
  retries 2
  timeout connect 200ms
frontend f
  bind {{address}}
  default_backend b
backend b
  {backend}
  server s1 {server}
"""


@pytest.fixture(scope="module")
def stranger(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("stranger"))


@pytest.mark.parametrize(("theirs", "tls"), [
    ("verify none", {"verify": "none"}),
    ("verify required ca-file {ca}", {"ca": "{ca}"}),
    ("verify required ca-file {ca} verifyhost a.test", {"ca": "{ca}", "verify_host": "a.test"}),
    ("verify required ca-file {ca} verifyhost b.test", {"ca": "{ca}", "verify_host": "b.test"}),
    ("verify required ca-file {ca} sni str(a.test)", {"ca": "{ca}", "sni": "str(a.test)"}),
    ("verify required ca-file {ca} sni str(b.test)", {"ca": "{ca}", "sni": "str(b.test)"}),
    ("verify required ca-file {ca} sni str(a.test) verifyhost b.test",
     {"ca": "{ca}", "sni": "str(a.test)", "verify_host": "b.test"}),
    ("verify required ca-file {ca} sni str(b.test) verifyhost a.test",
     {"ca": "{ca}", "sni": "str(b.test)", "verify_host": "a.test"}),
    ("verify required ca-file {ca} sni req.hdr(host)", {"ca": "{ca}", "sni": "req.hdr(host)"}),
    ("verify required ca-file {ca} sni req.hdr(x-none) verifyhost b.test",
     {"ca": "{ca}", "sni": "req.hdr(x-none)", "verify_host": "b.test"}),
    ("verify required ca-file {stranger}", {"ca": "{stranger}"}),
], ids=lambda value: value if isinstance(value, str) else "")
def test_whom_it_trusts(corelane, tmp_path, authority, stranger, site, theirs, tls):
    files = {"ca": authority.path, "stranger": stranger.path}
    outcomes = []
    for ours in (False, True):
        with TlsHttpServer(server_context(site), response(200, b"")) as server:
            if ours:
                wanted = {key: value.format(**files) for key, value in tls.items()}
                address = corelane(configs.http({"address": server.address, "tls": wanted},
                                                timeouts={"connect": "200ms"}, defaults={"retries": 2})).address()
                outcomes.append(outcome(address, server))
            else:
                options = theirs.format(**files)
                with HaProxy(tmp_path / "haproxy", sections(f"{server.address} ssl {options}")) as haproxy:
                    outcomes.append(outcome(haproxy.address, server))
    assert outcomes[1] == outcomes[0]


def outcome(address, server):
    with HttpClient(address) as client:
        status = client.ask(request(host="a.test")).status
    return status, server.accepted, [handshake.name for handshake in server.handshakes]


def test_samples(corelane, tmp_path, authority, site):
    told = [(f"X-{number}", f"%[{expression}]") for number, expression in enumerate(EXPRESSIONS)]
    rules = "\n  ".join(f"http-response set-header {name} {value}" for name, value in told)
    with TlsHttpServer(server_context(site), response(200, b"")) as server:
        with HaProxy(tmp_path / "haproxy",
                     sections(f"{server.address} ssl verify required ca-file {authority.path}", rules)) as haproxy:
            theirs = answers(haproxy.address)
        config = configs.http({"address": server.address, "tls": {"ca": str(authority.path)}})
        config["backends"]["b"]["http_response"] = [
            {"action": "set-header", "name": name, "value": value} for name, value in told]
        ours = answers(corelane(config).address())
    # The cipher is each library's choice.
    for number in (2, 5, 6):
        ours[number] = theirs[number]
    assert dict(zip(EXPRESSIONS, ours)) == dict(zip(EXPRESSIONS, theirs))


def answers(address):
    with HttpClient(address) as client:
        answer = client.ask(request())
        assert answer.status == 200
        return [answer.one(f"X-{number}") for number in range(len(EXPRESSIONS))]

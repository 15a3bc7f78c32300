# SPDX-License-Identifier: Apache-2.0
"""What rules learn of TLS is what HAProxy says of the same certificates."""

import ssl

import pytest
from support import configs
from support.certificates import Authority
from support.haproxy import HaProxy
from support.http_peers import Wire, request
from support.tls_peers import tls_connect

EXPRESSIONS = [
    "ssl_fc", "ssl_fc_sni", "ssl_fc_has_sni", "ssl_fc_protocol", "ssl_fc_alpn", "ssl_fc_is_resumed", "ssl_fc_has_crt",
    "ssl_fc_alg_keysize", "ssl_fc_use_keysize", "ssl_c_used", "ssl_c_verify", "ssl_c_err", "ssl_c_ca_err",
    "ssl_c_ca_err_depth", "ssl_c_s_dn", "ssl_c_s_dn(cn)", "ssl_c_s_dn(OU,1)", "ssl_c_s_dn(OU,2)", "ssl_c_s_dn(OU,-1)",
    "ssl_c_s_dn(OU,3)", "ssl_c_s_dn(,0,rfc2253)", "ssl_c_i_dn", "ssl_c_i_dn(o)", "ssl_c_notbefore", "ssl_c_notafter",
    "ssl_c_serial,hex", "ssl_c_sha1,hex", "ssl_c_der,hex", "ssl_c_chain_der,sha1,hex", "ssl_c_version", "ssl_c_sig_alg", "ssl_c_key_alg",
    "ssl_f_s_dn", "ssl_f_i_dn", "ssl_f_serial,hex", "ssl_f_sha1,hex", "ssl_f_sig_alg", "ssl_f_key_alg", "ssl_f_version",
    "ssl_f_notafter", "ssl_f_der,hex",
]


def ask(address, context):
    with tls_connect(address, context) as client:
        client.sendall(request("GET", "/"))
        return Wire(client).message().body.decode().splitlines()


@pytest.mark.parametrize("client", ["with", "with its authority", "without", "expired", "stranger"])
def test_samples(corelane, tls_config, authority, site, tmp_path, client):
    people = Authority(tmp_path / "people", subject="/C=FR/O=Example/CN=People")
    subject = "/C=FR/O=Example/OU=one/OU=two/CN=anna"
    member = people.sign("anna", subject, days=-1 if client == "expired" else 5)
    if client == "with its authority":
        with open(member, "a", encoding="ascii") as file:
            file.write(people.path.read_text())
    if client == "stranger":
        member = Authority(tmp_path / "strangers", subject="/CN=Strangers").sign("eve", subject, days=5)
    text = "\\n".join(f"{number} %[{expression}]" for number, expression in enumerate(EXPRESSIONS))
    sections = f"""
frontend f
  mode http
  timeout client 10s
  bind {{address}} ssl crt {site} ca-file {people.path} verify optional alpn http/1.1 ca-ignore-err all crt-ignore-err all
  http-request return status 200 content-type text/plain lf-string "{text}"
"""
    config = tls_config(
        configs.http, "127.0.0.1:1", tls={
            "client_ca": str(people.path), "verify": "optional", "alpn": ["http/1.1"], "ca_ignore_errors": "all",
            "crt_ignore_errors": "all"})
    config["frontends"]["f"]["http_request"] = [
        {"action": "return", "status": 200, "content_type": "text/plain", "string": text.replace("\\n", "\n")}]
    proxy = corelane(config)
    context = authority.client_context(member if client != "without" else None)
    context.set_alpn_protocols(["http/1.1"])
    with HaProxy(tmp_path / "haproxy", sections) as haproxy:
        theirs = ask(haproxy.address, context)
    ours = ask(proxy.address(), context)
    assert len(theirs) == len(EXPRESSIONS)
    assert dict(zip(EXPRESSIONS, ours)) == dict(zip(EXPRESSIONS, theirs))


def test_what_names_one_connection(corelane, tls_config, authority, site, tmp_path):
    """The client knows both as well: what RFC 5929 binds a channel by, and its session's id."""
    text = "%[ssl_fc_unique_id,hex]\\n%[ssl_fc_session_id,hex]"
    sections = f"""
frontend f
  mode http
  timeout client 10s
  bind {{address}} ssl crt {site}
  http-request return status 200 content-type text/plain lf-string "{text}"
"""
    config = tls_config(configs.http, "127.0.0.1:1", tls={})
    config["frontends"]["f"]["http_request"] = [
        {"action": "return", "status": 200, "content_type": "text/plain", "string": text.replace("\\n", "\n")}]
    proxy = corelane(config)
    context = authority.client_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_TICKET
    with HaProxy(tmp_path / "haproxy", sections) as haproxy:
        for address in (haproxy.address, proxy.address()):
            with tls_connect(address, context) as client:
                client.sendall(request("GET", "/"))
                said = Wire(client).message().body.decode().lower().splitlines()
                assert said == [client.get_channel_binding("tls-unique").hex(), client.session.id.hex()]

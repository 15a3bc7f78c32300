# SPDX-License-Identifier: Apache-2.0
"""Clients have to show a certificate: servers are told whose it is, and who has none is told why not."""

import ssl

import pytest
from support import configs
from support.certificates import Authority
from support.http_peers import HttpServer, Wire, request, response
from support.tls_peers import tls_connect

FIELDS = {
    "X-SSL": "%[ssl_fc]",
    "X-SSL-Client-Verify": "%[ssl_c_verify]",
    "X-SSL-Client-DN": "%{+Q}[ssl_c_s_dn]",
    "X-SSL-Client-CN": "%{+Q}[ssl_c_s_dn(cn)]",
    "X-SSL-Issuer": "%{+Q}[ssl_c_i_dn]",
    "X-SSL-Client-NotBefore": "%{+Q}[ssl_c_notbefore]",
    "X-SSL-Client-NotAfter": "%{+Q}[ssl_c_notafter]",
}
FORMAT = "%ci %ft %ts %sslv %sslc [%{+Q}[ssl_c_s_dn]] %{+Q}r"
ERROR_FORMAT = "%ci %ft %ts failed: %[ssl_fc_err_str]"


@pytest.fixture(scope="module")
def clients(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clients")
    authority = Authority(folder / "ours", subject="/C=FR/O=Example/CN=Clients CA")
    other = Authority(folder / "others", subject="/C=FR/O=Other/CN=Other CA")
    return {
        "authority": authority.path,
        "anna": authority.sign("anna", "/C=FR/O=Example/CN=anna"),
        "expired": authority.sign("old", "/C=FR/O=Example/CN=old", days=-1),
        "stranger": other.sign("stranger", "/CN=stranger"),
    }


def answer(message, _connection):
    names = [name.lower() for name in FIELDS]
    return response(200, "\n".join(f"{key}: {value}" for key, value in message.fields if key.lower() in names).encode())


@pytest.fixture
def guarded(corelane, tls_config, clients):
    def start(server, verify="required", **tls):
        config = tls_config(
            configs.http, server.address, tls={"client_ca": str(clients["authority"]), "verify": verify, **tls})
        config["frontends"]["f"].update({
            "log_format": FORMAT, "error_log_format": ERROR_FORMAT,
            "http_request": [{"action": "set-header", "name": name, "value": value} for name, value in FIELDS.items()],
        })
        return corelane(config)

    return start


def lines(proxy, count=1):
    from support.waiting import wait_until

    def found():
        hits = [line for line in proxy.log_lines() if " f~ " in line]
        return len(hits) >= count and hits

    return wait_until(found, f"{count} log lines")


def ask(proxy, context):
    """The body, or the alert's name."""
    try:
        with tls_connect(proxy.address(), context) as client:
            client.sendall(request("GET", "/who"))
            return Wire(client).message().body.decode()
    except ssl.SSLError as error:
        return error.reason


@pytest.mark.sanitize
def test_servers_are_told_who_it_is(guarded, authority, clients):
    with HttpServer(answer) as server:
        proxy = guarded(server)
        told = dict(line.split(": ", 1) for line in ask(proxy, authority.client_context(clients["anna"])).splitlines())
    assert told["X-SSL"] == "1" and told["X-SSL-Client-Verify"] == "0"
    assert told["X-SSL-Client-DN"] == '"/C=FR/O=Example/CN=anna"' and told["X-SSL-Client-CN"] == '"anna"'
    assert told["X-SSL-Issuer"] == '"/C=FR/O=Example/CN=Clients CA"'
    for name in ("NotBefore", "NotAfter"):
        stamp = told[f"X-SSL-Client-{name}"].strip('"')
        assert len(stamp) == 13 and stamp.endswith("Z") and stamp[:-1].isdigit()
    line = lines(proxy)[0]
    assert '["/C=FR/O=Example/CN=anna"]' in line and "127.0.0.1 f~ --" in line and "TLSv1.3 TLS_" in line


@pytest.mark.sanitize
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
@pytest.mark.parametrize(
    "client, alerts, words",
    [
        (None, {"TLSV13_ALERT_CERTIFICATE_REQUIRED", "SSLV3_ALERT_HANDSHAKE_FAILURE"}, "certificate"),
        ("expired", {"SSLV3_ALERT_CERTIFICATE_EXPIRED"}, "certificate has expired"),
        ("stranger", {"TLSV1_ALERT_UNKNOWN_CA"}, "issuer"),
    ],
    ids=["none", "expired", "stranger"],
)
def test_others_are_told_why_not(guarded, authority, clients, client, alerts, words, version):
    context = authority.client_context(clients[client] if client else None)
    context.minimum_version = context.maximum_version = version
    with HttpServer(answer) as server:
        proxy = guarded(server)
        assert ask(proxy, context) in alerts
        line = lines(proxy)[0]
        assert "127.0.0.1 f~ PR failed: " in line and words in line, line
        assert server.accepted == 0


@pytest.mark.sanitize
def test_a_fault_that_is_let_pass_is_told(guarded, authority, clients):
    with HttpServer(answer) as server:
        proxy = guarded(server, crt_ignore_errors=["X509_V_ERR_CERT_HAS_EXPIRED"])
        told = ask(proxy, authority.client_context(clients["expired"]))
        assert "X-SSL-Client-CN: \"old\"" in told, told


@pytest.mark.sanitize
def test_a_certificate_that_is_optional(guarded, authority, clients):
    with HttpServer(answer) as server:
        proxy = guarded(server, verify="optional")
        assert "X-SSL-Client-CN: \"\"" in ask(proxy, authority.client_context())
        assert "X-SSL-Client-CN: \"anna\"" in ask(proxy, authority.client_context(clients["anna"]))
        assert ask(proxy, authority.client_context(clients["stranger"])) == "TLSV1_ALERT_UNKNOWN_CA"

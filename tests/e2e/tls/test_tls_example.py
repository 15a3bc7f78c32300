# SPDX-License-Identifier: Apache-2.0
"""The examples with TLS, but for their addresses: client-certificates.json with curl before it and nginx behind, and
tls-to-servers.json."""

import subprocess

from support.certificates import Authority
from support.examples import moved
from support.http_peers import HttpClient, request, response
from support.nginx import Nginx
from support.tls_servers import TlsHttpServer, server_context
from support.waiting import wait_until


def curl(url, *arguments):
    return subprocess.run(["curl", "-sS", "-i", "--max-time", "30", *arguments, url], capture_output=True, text=True)


def test_it_serves_whoever_has_a_certificate(corelane, tmp_path):
    sites = Authority(tmp_path / "sites")
    people = Authority(tmp_path / "people", subject="/C=FR/O=Example/CN=People")
    strangers = Authority(tmp_path / "strangers")
    with Nginx(tmp_path / "nginx", {"page": b"for members"}) as server:
        config = moved("client-certificates.json", {"app1": server.address, "app2": server.address})
        secure = config["frontends"]["secure"]
        secure["bind"][0]["tls"].update(
            certificates=[str(sites.server("localhost"))], client_ca=str(people.path))
        # moved() has JSON lines written; these are the example's.
        secure["log_format"] = "%ft %ts %sslv %{+Q}[ssl_c_s_dn] %{+Q}r"
        proxy = corelane(config)
        url = "https://localhost:" + proxy.address("secure").rpartition(":")[2] + "/page"
        trust = ["--cacert", sites.path]
        member = people.sign("anna", "/O=Example/CN=anna")
        answered = curl(url, *trust, "--cert", member)
        assert answered.stdout.endswith("for members"), answered
        assert "Strict-Transport-Security: max-age=31536000" in answered.stdout
        assert 'secure~ -- TLSv1.3 "/O=Example/CN=anna" "GET /page HTTP/1.1"' in logged(proxy, "GET /page")

        assert curl(url, *trust).returncode != 0
        assert "handshake failed" in logged(proxy, "handshake failed")
        assert "alert unknown ca" in curl(url, *trust, "--cert", strangers.sign("eve", "/CN=eve")).stderr

        redirected = curl("http://" + proxy.address("plain") + "/page", "-H", "Host: a.test")
        assert "301" in redirected.stdout and "ocation: https://a.test/page" in redirected.stdout
        proxy.stop()


def logged(proxy, text):
    def found():
        hits = [line for line in proxy.log_lines() if text in line]
        return hits and hits[0]

    return wait_until(found, f"a log line with {text!r}")


def test_it_asks_servers_for_the_host_of_the_request(corelane, tmp_path):
    """config/tls-to-servers.json"""
    authority = Authority(tmp_path / "servers")
    certificate = authority.server("app.example.com", "shop.example.com")
    says_host = lambda _message, connection: response(200, str(connection.asked_for).encode())  # noqa: E731
    with TlsHttpServer(server_context(certificate), says_host) as app:
        config = moved("tls-to-servers.json", {"app1": app.address, "app2": app.address})
        config["backends"]["app"]["default_server"]["tls"]["ca"] = str(authority.path)
        del config["frontends"]["web"]["error_log_format"]
        proxy = corelane(config)
        for name in ("app.example.com", "shop.example.com"):
            with HttpClient(proxy.address("web")) as client:
                assert client.ask(request(host=name + ":8080")).body == name.encode()
                assert client.ask(request(host="evil.example.com")).status == 503
        assert {record["detail"] for record in proxy.records() if record["end_reason"] == "server_tls_failed"} == {
            "Hostname mismatch"}
        proxy.stop()

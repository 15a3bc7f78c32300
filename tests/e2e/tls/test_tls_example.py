# SPDX-License-Identifier: Apache-2.0
"""config/client-certificates.json, but for its addresses, with curl before it and nginx behind."""

import subprocess

from support.certificates import Authority
from support.examples import moved
from support.nginx import Nginx
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

# SPDX-License-Identifier: Apache-2.0
"""Certificates are replaced while the program runs: whole or not at all, and without a lost connection."""

import hashlib
import http.client
import json
import os
import shutil
import signal
import ssl
import subprocess
import threading
from functools import partial

import pytest
from support.certificates import RSA, Authority, put_file
from support.loads import Load
from support.peers import TcpServer, connect, echo, read_exactly
from support.tls_peers import tls_connect
from support.waiting import wait_until


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """An authority with certificates for a.test, of both kinds of keys, two of each, and an expired one."""
    authority = Authority(tmp_path_factory.mktemp("run_time"))
    for number in (1, 2):
        authority.sign(f"ecdsa{number}", "/CN=a.test", "DNS:a.test")
        authority.sign(f"rsa{number}", "/CN=a.test", "DNS:a.test", key_kind=RSA)
    authority.sign("expired", "/CN=a.test", "DNS:a.test", days=-1)
    authority.sign("anna", "/CN=anna")
    return authority


@pytest.fixture
def files(made, tmp_path):
    """Copies that a test may change: site.pem (ECDSA) and old.pem (RSA), both for a.test."""
    folder = tmp_path / "files"
    folder.mkdir()
    shutil.copy(made.folder / "ecdsa1.pem", folder / "site.pem")
    shutil.copy(made.folder / "rsa1.pem", folder / "old.pem")
    shutil.copy(made.path, folder / "clients.pem")
    return folder


def start(make, server, files, lanes=1, **tls):
    return make(server.address, lanes=lanes, tls={
        "certificates": [str(files / "site.pem"), str(files / "old.pem")], **tls})


def context_of(made, certificate=None):
    return made.client_context(certificate)


def shown(proxy, context):
    """What a new connection is shown, as its digest; it also works."""
    with tls_connect(proxy.address(), context) as client:
        client.sendall(b"hello")
        assert read_exactly(client, 5) == b"hello"
        certificate = client.getpeercert(binary_form=True)
        client.unwrap()
        return hashlib.sha256(certificate).hexdigest()


def digest(path):
    text = path.read_text()
    end = text.index("-----END CERTIFICATE-----") + len("-----END CERTIFICATE-----\n")
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(text[:end])).hexdigest()


def shown_now(proxy):
    return {one["file"].split("/")[-1]: one for one in proxy.request("GET", "/v1/certificates")[1]["certificates"]}


def test_they_are_listed(tls_tcp, made, files):
    with TcpServer(echo) as server:
        proxy = start(tls_tcp, server, files, verify="optional", client_ca=str(files / "clients.pem"))
        status, listed = proxy.request("GET", "/v1/certificates")
        assert status == 200
        site, old = listed["certificates"]
        assert site["file"] == str(files / "site.pem") and site["binds"] == ["frontends.f.bind[0].tls"]
        assert (site["subject"], site["names"], site["expired"]) == ("CN=a.test", ["a.test"], False)
        assert "O=Example" in site["issuer"]
        assert site["key"] == {"type": "ECDSA", "bits": 256} and old["key"] == {"type": "RSA", "bits": 2048}
        assert site["sha256"] == digest(files / "site.pem")
        dates = subprocess.run(["openssl", "x509", "-in", files / "site.pem", "-noout", "-enddate", "-dateopt", "iso_8601",
                                "-serial"], capture_output=True, text=True, check=True).stdout
        assert site["not_after"].replace("T", " ") in dates
        assert site["serial"].upper() in dates
        assert listed["files"] == [
            {"file": str(files / "clients.pem"), "kind": "client_ca", "binds": ["frontends.f.bind[0].tls"]}]
        assert "PRIVATE" not in json.dumps(listed)


@pytest.mark.sanitize
@pytest.mark.lanes
def test_one_is_replaced(tls_tcp, made, files):
    with TcpServer(echo) as server:
        proxy = start(tls_tcp, server, files, lanes=2)
        context = context_of(made)
        assert shown(proxy, context) == digest(made.folder / "ecdsa1.pem")
        with tls_connect(proxy.address(), context) as before:
            status, answer = put_file(proxy, "site.pem", (made.folder / "ecdsa2.pem").read_text())
            assert (status, answer) == (200, {"changed": ["frontends.f.bind[0].tls"], "warnings": []})
            # Whoever comes after the answer is shown the new one, on every lane.
            for _ in range(20):
                assert shown(proxy, context) == digest(made.folder / "ecdsa2.pem")
            before.sendall(b"still")
            assert read_exactly(before, 5) == b"still"
        assert shown_now(proxy)["site.pem"]["sha256"] == digest(made.folder / "ecdsa2.pem")
        # The file is as it was; read again, it is what counts.
        assert proxy.request("POST", "/v1/certificates/reload") == (
            200, {"changed": ["frontends.f.bind[0].tls"], "warnings": []})
        assert shown(proxy, context) == digest(made.folder / "ecdsa1.pem")
        assert proxy.request("POST", "/v1/certificates/reload") == (200, {"changed": [], "warnings": []})
        assert "was replaced by the administrator" in proxy.stderr
        proxy.stop()


def test_sessions_outlive_a_replacement(tls_tcp, made, files):
    with TcpServer(echo) as server:
        proxy = start(tls_tcp, server, files)
        context = context_of(made)
        with tls_connect(proxy.address(), context) as client:
            client.sendall(b"hello")
            assert read_exactly(client, 5) == b"hello"
            session = client.session
        assert put_file(proxy, "site.pem", (made.folder / "ecdsa2.pem").read_text())[0] == 200
        with context.wrap_socket(connect(proxy.address()), server_hostname="a.test", session=session) as client:
            assert client.session_reused


def test_a_key_that_stands_apart(tls_tcp, made, files):
    (files / "site.pem").write_text((made.folder / "ecdsa1.crt").read_text())
    (files / "site.key").write_text((made.folder / "ecdsa1.only-key").read_text())
    with TcpServer(echo) as server:
        proxy = start(tls_tcp, server, files)
        status, answer = put_file(proxy, "site.pem", (made.folder / "ecdsa2.crt").read_text())
        assert status == 400 and "private key" in answer["error"] and "site.key" in answer["error"]
        assert shown(proxy, context_of(made)) == digest(made.folder / "ecdsa1.pem")
        assert put_file(proxy, "site.pem", (made.folder / "ecdsa2.pem").read_text())[0] == 200
        assert shown(proxy, context_of(made)) == digest(made.folder / "ecdsa2.pem")


@pytest.mark.sanitize
@pytest.mark.parametrize(
    "name, body, status, said",
    [
        ("site.pem", "no certificate", 400, "has no certificate"),
        ("site.pem", "", 400, "has no certificate"),
        ("site.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", 400, "is damaged"),
        ("site.pem", "{ecdsa2.crt}", 400, "has no private key"),
        ("site.pem", "{ecdsa1.crt}{ecdsa2.only-key}", 400, "is not the one of the certificate"),
        ("clients.pem", "junk", 400, "has no certificate"),
        ("stie.pem", "{ecdsa2.pem}", 404, "no bind, server or check uses a file"),
    ],
)
def test_what_is_wrong_changes_nothing(tls_tcp, made, files, name, body, status, said):
    for part in ("ecdsa2.pem", "ecdsa2.crt", "ecdsa1.crt", "ecdsa2.only-key"):
        body = body.replace("{" + part + "}", (made.folder / part).read_text())
    with TcpServer(echo) as server:
        proxy = start(tls_tcp, server, files, verify="optional", client_ca=str(files / "clients.pem"))
        got, answer = put_file(proxy, name, body)
        assert got == status and said in answer["error"], answer
        if status == 400:
            assert answer["faults"][0]["path"] == "frontends.f.bind[0].tls"
        else:
            assert answer["did_you_mean"] == "site.pem" and str(files / "site.pem") in answer["allowed"]
        assert shown(proxy, context_of(made)) == digest(made.folder / "ecdsa1.pem")
        proxy.stop()


def test_files_that_are_missing_or_faulty_change_nothing(tls_tcp, made, files):
    with TcpServer(echo) as server:
        proxy = start(tls_tcp, server, files)
        shutil.copy(made.folder / "ecdsa2.pem", files / "site.pem")
        (files / "old.pem").unlink()
        status, answer = proxy.request("POST", "/v1/certificates/reload")
        assert status == 400 and "cannot read" in answer["error"] and "old.pem" in answer["error"]
        assert answer["faults"][0]["path"] == "frontends.f.bind[0].tls.certificates[1]"
        (files / "old.pem").write_text((made.folder / "rsa1.crt").read_text() + (made.folder / "rsa2.only-key").read_text())
        status, answer = proxy.request("POST", "/v1/certificates/reload")
        assert status == 400 and "private key" in answer["error"]
        assert shown(proxy, context_of(made)) == digest(made.folder / "ecdsa1.pem")
        assert "TLS goes on with the certificates that it has" in proxy.stderr


def test_an_expired_one_is_a_warning(tls_tcp, made, files):
    with TcpServer(echo) as server:
        proxy = start(tls_tcp, server, files)
        status, answer = put_file(proxy, "site.pem", (made.folder / "expired.pem").read_text())
        assert status == 200
        assert "has expired" in answer["warnings"][0]["message"]
        assert "has expired" in proxy.stderr
        assert any("has expired" in line for line in proxy.log_lines())
        assert shown_now(proxy)["site.pem"]["expired"]


@pytest.mark.sanitize
def test_who_may_come_is_replaced(tls_tcp, made, files, tmp_path):
    stranger = Authority(tmp_path / "stranger", subject="/CN=Other CA")
    with TcpServer(echo) as server:
        proxy = start(tls_tcp, server, files, verify="required", client_ca=str(files / "clients.pem"))
        anna = context_of(made, made.folder / "anna.pem")
        shown(proxy, anna)
        assert put_file(proxy, "clients.pem", stranger.path.read_text())[0] == 200
        with pytest.raises((ssl.SSLError, OSError)):
            shown(proxy, anna)
        assert put_file(proxy, files / "clients.pem", made.path.read_text())[0] == 200
        shown(proxy, anna)
        reasons = [(one["end_reason"], one["detail"]) for one in proxy.wait_log(3)]
        assert reasons[1][0] == "tls_handshake_failed"
        proxy.stop()


@pytest.mark.sanitize
def test_revoked_ones_are_replaced(tls_tcp, made, files):
    config = made.folder / "crl.cnf"
    config.write_text("[ca]\ndefault_ca=x\n[x]\ndatabase=" + str(files / "index") + "\ndefault_md=sha256\n")
    (files / "index").write_text("")
    key = made.folder / "ca.key"

    def list_to(path):
        subprocess.run(["openssl", "ca", "-config", config, "-gencrl", "-keyfile", key, "-cert", made.path, "-crldays", "9",
                        "-out", path], check=True, capture_output=True)

    list_to(files / "crl.pem")
    with TcpServer(echo) as server:
        proxy = start(tls_tcp, server, files, verify="required", client_ca=str(files / "clients.pem"),
                      crl=str(files / "crl.pem"))
        anna = context_of(made, made.folder / "anna.pem")
        shown(proxy, anna)
        subprocess.run(["openssl", "ca", "-config", config, "-revoke", made.folder / "anna.crt", "-keyfile", key, "-cert",
                        made.path], check=True, capture_output=True)
        list_to(files / "crl.pem")
        assert proxy.request("POST", "/v1/certificates/reload")[0] == 200
        with pytest.raises((ssl.SSLError, OSError)):
            shown(proxy, anna)
        assert proxy.wait_log(2)[1]["detail"] == "certificate revoked"
        proxy.stop()


def test_hup_reads_the_files(tls_tcp, made, files):
    with TcpServer(echo) as server:
        proxy = start(tls_tcp, server, files)
        shutil.copy(made.folder / "ecdsa2.pem", files / "site.pem")
        proxy.signal(signal.SIGHUP)
        wait_until(lambda: "were read again" in proxy.stderr, "it says that it has read them")
        assert shown(proxy, context_of(made)) == digest(made.folder / "ecdsa2.pem")


def test_without_tls_there_are_none(balancer):
    with TcpServer(echo) as server:
        proxy = balancer(server.address)
        assert proxy.request("GET", "/v1/certificates") == (200, {"certificates": [], "files": []})
        assert proxy.request("POST", "/v1/certificates/reload") == (200, {"changed": [], "warnings": []})
        assert put_file(proxy, "site.pem", "x")[0] == 404


def test_nobody_waits_for_a_change(tls_tcp, made, files):
    """What makes it take long is a file that gives nothing yet."""
    pem = (files / "site.pem").read_bytes()
    with TcpServer(echo) as server:
        proxy = start(tls_tcp, server, files)
        (files / "site.pem").unlink()
        os.mkfifo(files / "site.pem")
        answers = {}

        def ask(number):
            answers[number] = proxy.request("POST", "/v1/certificates/reload")

        asks = [threading.Thread(target=ask, args=(number,)) for number in range(2)]
        asks[0].start()
        with (files / "site.pem").open("wb") as file:  # whoever reads it has come
            assert proxy.request("GET", "/v1/certificates")[0] == 200
            assert shown(proxy, context_of(made)) == digest(made.folder / "ecdsa1.pem")
            (files / "site.pem").unlink()
            shutil.copy(made.folder / "ecdsa2.pem", files / "site.pem")
            asks[1].start()  # reads the files again when the first has
            assert not answers
            file.write(pem)
        for thread in asks:
            thread.join()
        assert [answers[number][0] for number in range(2)] == [200, 200]
        assert [answers[number][1]["changed"] for number in range(2)] == [[], ["frontends.f.bind[0].tls"]]
        assert shown(proxy, context_of(made)) == digest(made.folder / "ecdsa2.pem")
        proxy.stop()


class Meetings(Load):
    """Clients that make one new connection after the other, each with its own answer."""

    def __init__(self, proxy, made, kinds, each):
        self.seen = set()
        super().__init__([partial(self._meet, proxy, self._context(made, kind)) for kind in kinds for _ in range(each)])

    @staticmethod
    def _context(made, kind):
        context = made.client_context()
        if kind == "rsa":
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers("ECDHE+aRSA")
        return context

    def _meet(self, proxy, context):
        self.seen.add(shown(proxy, context))
        self.note()


@pytest.mark.sanitize
@pytest.mark.lanes
def test_nobody_notices_fifty_replacements(tls_tcp, made, files):
    with TcpServer(echo) as server:
        proxy = start(tls_tcp, server, files, lanes=2, verify="optional", client_ca=str(files / "clients.pem"))
        with Meetings(proxy, made, ["ecdsa", "rsa"], 2) as load:
            for turn in range(50):
                done = load.count
                number = 2 - turn % 2
                if turn % 5 == 4:
                    shutil.copy(made.folder / f"ecdsa{number}.pem", files / "site.pem")
                    assert proxy.request("POST", "/v1/certificates/reload")[0] == 200
                else:
                    assert put_file(proxy, "site.pem", (made.folder / f"ecdsa{number}.pem").read_text())[0] == 200
                    assert put_file(proxy, "old.pem", (made.folder / f"rsa{number}.pem").read_text())[0] == 200
                wait_until(lambda: load.failures or load.count >= done + 4, "connections between two replacements")
        assert load.failures == []
        names = [f"{kind}{number}.pem" for kind in ("ecdsa", "rsa") for number in (1, 2)]
        assert load.seen == {digest(made.folder / name) for name in names}
        ends = {record["end_reason"] for record in proxy.wait_log(load.count)}
        assert ends == {"completed"}
        proxy.stop()

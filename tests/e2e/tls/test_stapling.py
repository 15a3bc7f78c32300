# SPDX-License-Identifier: Apache-2.0
"""OCSP responses of files are passed on to clients that ask, while they are good."""

import json
import shutil
import subprocess
from urllib.parse import quote

import pytest
from support.certificates import Authority, openssl
from support.peers import TcpServer, echo
from support.process import command


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    authority = Authority(tmp_path_factory.mktemp("stapling"))
    authority.sign("first", "/CN=a.test", "DNS:a.test")
    authority.sign("second", "/CN=a.test", "DNS:a.test")
    return authority


def respond(made, name, path, *options, signer=None):
    """The authority says that a certificate is good, or somebody else, whose file has certificate and key."""
    folder = path.parent
    signed_by = ["-rsigner", signer, "-rkey", signer] if signer else ["-rsigner", made.path, "-rkey", made.folder / "ca.key"]
    certificate = made.folder / f"{name}.crt"
    serial = subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-serial"], capture_output=True, text=True,
                            check=True).stdout.strip().split("=")[1]
    (folder / "index").write_text(f"V\t491231235959Z\t\t{serial}\tunknown\t/CN=a.test\n")
    openssl("ocsp", "-issuer", made.path, "-cert", certificate, "-no_nonce", "-reqout", folder / "request.der")
    openssl("ocsp", "-index", folder / "index", "-CA", made.path, *signed_by,
            "-reqin", folder / "request.der", "-respout", path, *options)


@pytest.fixture
def site(made, tmp_path):
    shutil.copy(made.folder / "first.pem", tmp_path / "site.pem")
    return tmp_path / "site.pem"


def asked(proxy, made, version):
    done = subprocess.run(
        ["openssl", "s_client", "-connect", proxy.address(), "-servername", "a.test", "-CAfile", made.path, "-status",
         version], input="", capture_output=True, text=True, timeout=30, check=False)
    assert "Verify return code: 0 (ok)" in done.stdout, done.stdout + done.stderr
    return done.stdout


@pytest.mark.sanitize
@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_they_are_passed_on(tls_tcp, made, site, version):
    response = site.with_suffix(".pem.ocsp")
    respond(made, "first", response, "-ndays", "3")
    with TcpServer(echo) as server:
        proxy = tls_tcp(server.address, tls={"certificates": [str(site)]})
        said = asked(proxy, made, version)
        assert "OCSP Response Status: successful" in said and "Cert Status: good" in said
        [shown] = proxy.request("GET", "/v1/certificates")[1]["certificates"]
        assert (shown["ocsp"]["status"], shown["ocsp"]["expired"]) == ("good", False)
        assert shown["ocsp_file"] == str(response)
        proxy.stop()


def put(proxy, path, body):
    return proxy.request("PUT", f"/v1/certificates/{quote(str(path), safe='')}", body)


def test_they_are_replaced_with_their_certificate(tls_tcp, made, site):
    response = site.with_suffix(".pem.ocsp")
    response.write_bytes(b"")  # as with HAProxy: none yet
    with TcpServer(echo) as server:
        proxy = tls_tcp(server.address, tls={"certificates": [str(site)]})
        assert "no response sent" in asked(proxy, made, "-tls1_3")
        fresh = made.folder / "first.der"
        respond(made, "first", fresh)
        assert put(proxy, response, fresh.read_bytes())[0] == 200
        assert "Cert Status: good" in asked(proxy, made, "-tls1_3")
        # A response that is not the new certificate's goes with the old one.
        status, answer = put(proxy, site, (made.folder / "second.pem").read_text())
        assert status == 200 and "not for the new certificate" in answer["warnings"][0]["message"]
        assert "no response sent" in asked(proxy, made, "-tls1_3")
        status, answer = put(proxy, response, fresh.read_bytes())
        assert status == 400 and "is not for the certificate of CN=a.test" in answer["error"]
        respond(made, "second", fresh)
        assert put(proxy, response, fresh.read_bytes())[0] == 200
        assert "Cert Status: good" in asked(proxy, made, "-tls1_2")


@pytest.mark.parametrize("body, said", [(b"junk", "no OCSP response in DER"), (None, "is not for the certificate of")])
def test_bad_ones_are_told_before_the_start(made, site, body, said):
    response = site.with_suffix(".pem.ocsp")
    if body is None:
        respond(made, "second", response)
    else:
        response.write_bytes(body)
    config = {
        "frontends": {"f": {"bind": [{"address": "127.0.0.1:4433", "tls": {"certificates": [str(site)]}}],
                            "default_backend": "b"}},
        "backends": {"b": {"servers": [{"name": "s", "address": "127.0.0.1:1"}]}},
    }
    path = site.parent / "corelane.json"
    path.write_text(json.dumps(config))
    done = command("check", path)
    assert done.returncode == 1
    assert "frontends.f.bind[0].tls.certificates[0]: " in done.stderr and said in done.stderr, done.stderr


def responder(made, name, usage):
    """Somebody with a certificate of the authority, for that usage."""
    made.sign(name, f"/CN={name}")
    extensions = made.folder / f"{name}.ext"
    extensions.write_text(f"extendedKeyUsage={usage}\n")
    openssl("x509", "-req", "-in", made.folder / f"{name}.csr", "-CA", made.path, "-CAkey", made.folder / "ca.key",
            "-CAcreateserial", "-days", "20", "-extfile", extensions, "-out", made.folder / f"{name}.crt")
    both = made.folder / f"{name}.pem"
    both.write_text((made.folder / f"{name}.crt").read_text() + (made.folder / f"{name}.only-key").read_text())
    return both


def test_signatures_are_looked_at(tls_tcp, made, site):
    response = site.with_suffix(".pem.ocsp")
    shutil.copy(made.path, site.with_suffix(".pem.issuer"))
    respond(made, "first", response, "-ndays", "3", signer=responder(made, "named", "OCSPSigning"))
    with TcpServer(echo) as server:
        proxy = tls_tcp(server.address, tls={"certificates": [str(site)]})
        assert "is not checked" not in proxy.stderr
        assert "Cert Status: good" in asked(proxy, made, "-tls1_3")
        good = response.read_bytes()
        status, answer = put(proxy, response, good[:-1] + bytes([good[-1] ^ 1]))
        assert status == 400 and "which has issued the certificate" in answer["error"]
        other = made.folder / "other.der"
        respond(made, "first", other, "-ndays", "3", signer=responder(made, "unnamed", "serverAuth"))
        status, answer = put(proxy, response, other.read_bytes())
        assert status == 400 and "is signed by CN=unnamed, whom CN=Example CA" in answer["error"], answer
        respond(made, "first", other, "-ndays", "3")
        assert put(proxy, response, other.read_bytes())[0] == 200
        assert "Cert Status: good" in asked(proxy, made, "-tls1_2")
        # What a reload finds in the files is looked at, too.
        response.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
        status, answer = proxy.request("POST", "/v1/certificates/reload")
        assert status == 400 and "which has issued the certificate" in answer["error"]
        site.with_suffix(".pem.issuer").unlink()
        status, answer = proxy.request("POST", "/v1/certificates/reload")
        assert status == 200 and "is not checked: the certificate of the issuer" in answer["warnings"][0]["message"]
        proxy.stop()

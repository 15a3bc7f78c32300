# SPDX-License-Identifier: Apache-2.0
"""Certificates for tests, made by openssl: authorities, servers, clients, good ones and others."""

import ssl
import subprocess
from pathlib import Path
from urllib.parse import quote

KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
RSA = ["-newkey", "rsa:2048", "-nodes"]


def openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


class Authority:
    """Signs certificates into files of its folder: NAME.pem with certificate and key, NAME.crt and NAME.key apart."""

    def __init__(self, folder, name="ca", subject="/C=FR/O=Example/CN=Example CA"):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.path = self.folder / f"{name}.pem"
        self._key = self.folder / f"{name}.key"
        openssl("req", "-x509", *KEY, "-keyout", self._key, "-out", self.path, "-days", 30, "-subj", subject)

    def sign(self, name, subject, alternatives="", days=20, key_kind=KEY):
        """The path of the file with both. `days` -1 has expired."""
        request, certificate, key = (self.folder / f"{name}.{end}" for end in ("csr", "crt", "key"))
        openssl("req", *key_kind, "-keyout", key, "-out", request, "-subj", subject)
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName={alternatives}\n" if alternatives else "basicConstraints=CA:FALSE\n")
        openssl("x509", "-req", "-in", request, "-CA", self.path, "-CAkey", self._key, "-CAcreateserial",
                "-days", days, "-extfile", extensions, "-out", certificate)
        both = self.folder / f"{name}.pem"
        both.write_text(certificate.read_text() + key.read_text())
        key.rename(key.with_suffix(".only-key"))
        return both

    def server(self, *names):
        """A certificate for these host names."""
        return self.sign(names[0].replace("*", "any"), f"/CN={names[0]}", ",".join(f"DNS:{name}" for name in names))

    def client_context(self, certificate=None):
        """For Python's clients: trusts this authority."""
        context = ssl.create_default_context(cafile=self.path)
        if certificate:
            context.load_cert_chain(certificate)
        return context


def put_file(proxy, name, body):
    """What a file of TLS holds is replaced while the program runs: status and answer."""
    return proxy.request("PUT", f"/v1/certificates/{quote(str(name), safe='')}", body)

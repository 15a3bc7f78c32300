# SPDX-License-Identifier: Apache-2.0
"""Servers that speak TLS, and remember what they were asked."""

import socket
import ssl
from dataclasses import dataclass

from .http_peers import HttpServer
from .peers import TcpServer, quiet


@dataclass
class Handshake:
    """One that came to its end."""

    name: str | None  # SNI
    resumed: bool
    version: str
    alpn: str | None
    peer: dict | None  # the client's certificate


def server_context(certificate, client_ca=None, version=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    if version:
        context.minimum_version = context.maximum_version = version
    if client_ca:
        context.load_verify_locations(client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


class Tls:
    """Before a TcpServer: its connections have TLS. `handshakes` are those that came to their end, `failures` says why
    others did not. A handler that returns has the connection ended with close_notify."""

    def __init__(self, context, *arguments, **options):
        super().__init__(*arguments, **options)
        self.context = context
        self.handshakes = []
        self.failures = []
        self._open = []
        context.sni_callback = self._asked

    @staticmethod
    def _asked(connection, name, _context):
        connection.asked_for = name

    def _serve(self, connection):
        with connection:
            try:
                tls = self.context.wrap_socket(connection, server_side=True, suppress_ragged_eofs=False)
            except OSError as fault:
                self.failures.append(str(fault))
                return
        with tls:
            self._open.append(tls)
            self.handshakes.append(Handshake(getattr(tls, "asked_for", None), tls.session_reused, tls.version(),
                                             tls.selected_alpn_protocol(), tls.getpeercert()))
            quiet(self.handle, tls, self)
            if tls.version():  # a handler may have ended it already
                quiet(tls.unwrap)

    def stop(self):
        for tls in list(self._open):
            quiet(socket.socket.shutdown, tls, socket.SHUT_RDWR)
        super().stop()


class TlsServer(Tls, TcpServer):
    pass


class TlsHttpServer(Tls, HttpServer):
    pass


class ListeningServer(TlsHttpServer):
    """Notes how its clients end their connections: "close_notify" or "cut"."""

    def __init__(self, *arguments, **options):
        self.ends = []
        super().__init__(*arguments, **options)

    def _talk(self, connection, server):
        try:
            super()._talk(connection, server)
            self.ends.append("close_notify")
        except ssl.SSLEOFError:
            self.ends.append("cut")

# SPDX-License-Identifier: Apache-2.0
"""TLS clients that say exactly what a test wants."""

import ssl

from .peers import connect


def tls_connect(address, context, name="a.test", **options):
    """A connection on which the lack of close_notify is an error, ssl.SSLEOFError."""
    return context.wrap_socket(connect(address, **options), server_hostname=name, suppress_ragged_eofs=False)


class Handmade:
    """TLS over a socket that the test writes to itself."""

    def __init__(self, connection, context, name="a.test"):
        self.connection = connection
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname=name)

    def flush(self, piece=None):
        data = self.outgoing.read()
        step = piece or len(data) or 1
        for at in range(0, len(data), step):
            self.connection.sendall(data[at : at + step])

    def run(self, action, piece=None):
        """Does what needs bytes of the other side, in pieces of this size."""
        while True:
            try:
                result = action()
                self.flush(piece)
                return result
            except ssl.SSLWantReadError:
                self.flush(piece)
                data = self.connection.recv(piece or 65536)
                if data:
                    self.incoming.write(data)
                else:
                    self.incoming.write_eof()

    def handshake(self, piece=None):
        self.run(self.tls.do_handshake, piece)

    def send(self, data, piece=None):
        self.tls.write(data)
        self.flush(piece)

    def receive(self, count, piece=None):
        data = b""
        while len(data) < count:
            more = self.run(lambda: self.tls.read(count - len(data)), piece)
            if not more:
                break
            data += more
        return data

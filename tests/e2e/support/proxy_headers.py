# SPDX-License-Identifier: Apache-2.0
"""PROXY protocol headers, put together and taken apart byte by byte."""

import socket
import struct

from .peers import read_exactly

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
ALPN, AUTHORITY, CRC32C, NOOP, UNIQUE_ID, SSL, NETNS = 0x01, 0x02, 0x03, 0x04, 0x05, 0x20, 0x30
SSL_VERSION, SSL_CN = 0x21, 0x22


def v1(source, source_port, destination, destination_port):
    family = "TCP6" if ":" in source else "TCP4"
    return f"PROXY {family} {source} {destination} {source_port} {destination_port}\r\n".encode()


def tlv(kind, value):
    return struct.pack("!BH", kind, len(value)) + value


def ssl_tlv(client, verify, *sub_tlvs):
    return tlv(SSL, struct.pack("!BI", client, verify) + b"".join(sub_tlvs))


def v2(source, source_port, destination, destination_port, tlvs=b"", transport=1):
    family, code = (socket.AF_INET6, 2) if ":" in source else (socket.AF_INET, 1)
    addresses = socket.inet_pton(family, source) + socket.inet_pton(family, destination)
    return v2_block(0x21, code << 4 | transport, addresses + struct.pack("!HH", source_port, destination_port) + tlvs)


def v2_unix(source, destination):
    return v2_block(0x21, 0x31, source.encode().ljust(108, b"\0") + destination.encode().ljust(108, b"\0"))


def v2_local():
    return v2_block(0x20, 0, b"")


def v2_block(version_command, family, block):
    return SIGNATURE + struct.pack("!BBH", version_command, family, len(block)) + block


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def v2_with_checksum(source, source_port, destination, destination_port):
    without = v2(source, source_port, destination, destination_port, tlv(CRC32C, b"\0\0\0\0"))
    return without[:-4] + struct.pack("!I", crc32c(without))


def read_v1(connection):
    """The line, read byte by byte so that what follows stays."""
    line = b""
    while not line.endswith(b"\r\n"):
        line += read_exactly(connection, 1)
        assert len(line) <= 107, line
    return line.decode()


class V2:
    """A header that was received: `local`, `source` and `destination` as (ip, port), `tlvs` by type."""

    def __init__(self, connection):
        fixed = read_exactly(connection, 16)
        assert fixed.startswith(SIGNATURE), fixed
        version_command, family, length = struct.unpack("!BBH", fixed[12:])
        block = read_exactly(connection, length) if length else b""
        self.bytes = fixed + block
        assert version_command >> 4 == 2, self.bytes
        self.local = version_command & 15 == 0
        self.source = self.destination = None
        if not self.local:
            kind, size = {0x11: (socket.AF_INET, 4), 0x21: (socket.AF_INET6, 16)}[family]
            ports = struct.unpack("!HH", block[2 * size : 2 * size + 4])
            self.source = (socket.inet_ntop(kind, block[:size]), ports[0])
            self.destination = (socket.inet_ntop(kind, block[size : 2 * size]), ports[1])
            block = block[2 * size + 4 :]
        self.tlvs = {}
        while block:
            kind, size = struct.unpack("!BH", block[:3])
            assert kind not in self.tlvs and len(block) >= 3 + size, self.bytes
            self.tlvs[kind], block = block[3 : 3 + size], block[3 + size :]

    def checksum_is_right(self):
        sent = self.tlvs[CRC32C]
        return struct.pack("!I", crc32c(self.bytes.replace(sent, b"\0\0\0\0"))) == sent

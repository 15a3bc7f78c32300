# SPDX-License-Identifier: Apache-2.0
"""Clients come back to their sessions: on another lane, and with a file of keys after a restart."""

import base64
import os
import ssl

import pytest
from support.peers import TcpServer, connect, echo, read_exactly


@pytest.fixture
def ask():
    """ask(proxy, context, session) is the session to come back to, and whether this one was come back to."""

    def once(proxy, context, session=None):
        with context.wrap_socket(connect(proxy.address()), server_hostname="a.test", session=session) as client:
            client.sendall(b"hello")
            assert read_exactly(client, 5) == b"hello"  # with TLS 1.3 tickets come with the first bytes
            return client.session, client.session_reused

    return once


def context_of(authority, version):
    context = authority.client_context()
    context.minimum_version = context.maximum_version = version
    return context


versions = pytest.mark.parametrize(
    "version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])


@versions
@pytest.mark.sanitize
@pytest.mark.lanes
def test_any_lane_takes_a_ticket(tls_tcp, authority, ask, version):
    context = context_of(authority, version)
    with TcpServer(echo) as server:
        proxy = tls_tcp(server.address, lanes=2)
        session, reused = ask(proxy, context)
        assert not reused
        for _ in range(30):
            session, reused = ask(proxy, context, session)
            assert reused
        lanes = {record["lane"] for record in proxy.wait_log(31)}
        assert lanes == {0, 1}


@versions
@pytest.mark.sanitize
def test_a_file_of_keys_outlives_a_restart(tls_tcp, authority, ask, version, tmp_path):
    context = context_of(authority, version)
    keys = tmp_path / "ticket.keys"
    keys.write_text("".join(base64.b64encode(os.urandom(48)).decode() + "\n" for _ in range(3)))
    with TcpServer(echo) as server:
        first = tls_tcp(server.address, tls={"ticket_keys": str(keys)})
        session, _ = ask(first, context)
        first.stop()
        second = tls_tcp(server.address, tls={"ticket_keys": str(keys)})
        assert ask(second, context, session)[1]
        other = tls_tcp(server.address)
        assert not ask(other, context, session)[1]


@pytest.mark.sanitize
def test_without_tickets(tls_tcp, authority, ask):
    context = context_of(authority, ssl.TLSVersion.TLSv1_3)
    with TcpServer(echo) as server:
        proxy = tls_tcp(server.address, tls={"tickets": False})
        session, _ = ask(proxy, context)
        assert session is None or not ask(proxy, context, session)[1]

# SPDX-License-Identifier: Apache-2.0
"""Clients of TLS 1.2 that know no tickets come back to sessions that all lanes keep."""

import shutil
import ssl
import subprocess
from urllib.parse import quote

import pytest
from support import configs
from support.certificates import Authority
from support.haproxy import HaProxy
from support.peers import TcpServer, connect, echo, read_exactly
from support.ports import free_port
from support.waiting import wait_until


def context_of(authority, certificate=None):
    context = authority.client_context(certificate)
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_TICKET
    return context


def ask(address, context, session=None):
    """The session that an echo comes over, and whether it was come back to."""
    with context.wrap_socket(connect(address), server_hostname="a.test", session=session) as client:
        client.sendall(b"hello")
        assert read_exactly(client, 5) == b"hello"
        return client.session, client.session_reused


def counters(proxy):
    own = proxy.stats()["process"]["tls"]
    return own["session_lookups"], own["session_misses"], own["sessions_not_kept"]


@pytest.mark.sanitize
@pytest.mark.lanes
def test_openssl_reconnects(tls_tcp, authority):
    with TcpServer(echo) as server:
        proxy = tls_tcp(server.address, lanes=2)
        done = subprocess.run(
            ["openssl", "s_client", "-connect", proxy.address(), "-servername", "a.test", "-CAfile", authority.path,
             "-tls1_2", "-no_ticket", "-reconnect"], input="", capture_output=True, text=True, timeout=30, check=False)
        assert done.stdout.count("Reused, TLSv1.2") == 5, done.stdout + done.stderr
        wait_until(lambda: proxy.frontend("f")["tls"]["handshakes_resumed"] == 5, "five have come back")
        assert counters(proxy) == (5, 0, 0)


@pytest.mark.sanitize
@pytest.mark.lanes
def test_any_lane_knows_a_session(tls_tcp, authority):
    context = context_of(authority)
    with TcpServer(echo) as server:
        proxy = tls_tcp(server.address, lanes=2)
        session, reused = ask(proxy.address(), context)
        assert not reused

        def both_have_seen_it():
            assert ask(proxy.address(), context, session)[1]
            return {record["lane"] for record in proxy.records()} == {0, 1}

        wait_until(both_have_seen_it, "both lanes have had the client")


def test_replaced_certificates_leave_sessions(tls_tcp, authority, tmp_path):
    """As with HAProxy, where the next client is shown the new one, and who has a session comes back to it."""
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        folder.mkdir()
    site = old / "site.pem"
    shutil.copy(authority.server("a.test"), site)
    again = Authority(tmp_path / "again").server("a.test").read_text()
    context = context_of(authority)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE

    def comes_back(address, replace):
        session, _ = ask(address, context)
        with context.wrap_socket(connect(address)) as client:
            before = client.getpeercert(binary_form=True)
        replace()
        with context.wrap_socket(connect(address)) as client:
            assert client.getpeercert(binary_form=True) != before
        return ask(address, context, session)[1]

    with TcpServer(echo) as server:
        proxy = tls_tcp(server.address, lanes=2, tls={"certificates": [str(site)]})

        def replace_ours():
            status, told = proxy.request("PUT", f"/v1/certificates/{quote(str(site), safe='')}", again)
            assert status == 200, told

        ours = comes_back(proxy.address(), replace_ours)
        sections = f"""
listen f
  bind {{address}} ssl crt {site} ssl-max-ver TLSv1.2
  server s {server.address}
"""
        with HaProxy(tmp_path / "haproxy", sections) as haproxy:

            def replace_theirs():
                haproxy.command(f"set ssl cert {site} <<\n{again}\n")
                haproxy.command(f"commit ssl cert {site}")

            theirs = comes_back(haproxy.address, replace_theirs)
    assert (ours, theirs) == (True, True)


@pytest.mark.sanitize
def test_sessions_end(tls_tcp, authority):
    context = context_of(authority)
    with TcpServer(echo) as server:
        proxy = tls_tcp(server.address, tls={"session_lifetime": "2s", "tickets": False})
        session, _ = ask(proxy.address(), context)
        wait_until(lambda: not ask(proxy.address(), context, session)[1], "the session has ended")
        lookups, misses, _ = counters(proxy)
        assert lookups >= misses >= 1


def test_they_may_be_off(tls_tcp, authority):
    context = context_of(authority)
    with TcpServer(echo) as server:
        proxy = tls_tcp(server.address, tune={"tls_session_cache": 0})
        session, _ = ask(proxy.address(), context)
        for _ in range(3):
            assert not ask(proxy.address(), context, session)[1]
        assert counters(proxy) == (0, 0, 0)


@pytest.mark.sanitize
def test_the_oldest_make_room(tls_tcp, authority):
    context = context_of(authority)
    with TcpServer(echo) as server:
        proxy = tls_tcp(server.address, lanes=2, tune={"tls_session_cache": 2})
        sessions = [ask(proxy.address(), context)[0] for _ in range(3)]
        assert [ask(proxy.address(), context, session)[1] for session in sessions[1:]] == [True, True]
        assert not ask(proxy.address(), context, sessions[0])[1]
        wait_until(lambda: counters(proxy) == (3, 1, 0), "three have been looked for")


@pytest.mark.sanitize
def test_certificates_of_clients_are_remembered_where_they_were_judged(corelane, tls_config, authority, site):
    people = authority.sign("anna", "/CN=anna")
    context = context_of(authority, people)
    with TcpServer(echo) as server:
        config = tls_config(configs.tcp, server.address, lanes=2, tls={"verify": "required", "client_ca": str(authority.path)})
        config["frontends"]["f"]["log_format"] = "%[ssl_fc_is_resumed] %[ssl_c_s_dn(CN)] %[ssl_c_verify]"
        config["frontends"]["f"]["bind"].append(
            {"address": f"127.0.0.1:{free_port()}", "tls": {"certificates": [str(site)]}})
        proxy = corelane(config)
        other = config["frontends"]["f"]["bind"][1]["address"]
        session, _ = ask(proxy.address(), context)
        assert ask(proxy.address(), context, session)[1]
        assert not ask(other, context, session)[1]
        elsewhere, _ = ask(other, context)
        assert ask(other, context, elsewhere)[1]
        assert not ask(proxy.address(), context, elsewhere)[1]
        lines = wait_until(lambda: len(proxy.log_lines()) == 6 and proxy.log_lines(), "six lines")
        assert sorted(lines) == ["0 - 0", "0 - 0", "0 anna 0", "0 anna 0", "1 - 0", "1 anna 0"]

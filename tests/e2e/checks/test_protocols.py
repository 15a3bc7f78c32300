# SPDX-License-Identifier: Apache-2.0
"""Checks that speak PostgreSQL, SMTP, LDAP and TLS, against real servers where there are some."""

import os
import pwd
import subprocess
from pathlib import Path

import pytest
from support.peers import TcpServer, read_exactly
from support.ports import free_port
from support.process import WITH_PARENT
from support.waiting import wait_until

POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
FAST = {"interval": "100ms", "fall": 1, "rise": 1}


@pytest.fixture
def run(tmp_path):
    """run(*command) starts a server that ends with the test."""
    started = []

    def start(*command, **options):
        with open(tmp_path / f"server{len(started)}.log", "wb") as log:
            started.append(subprocess.Popen(
                [*WITH_PARENT, *command], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=tmp_path, **options
            ))
        return started[-1]

    yield start
    for server in started:
        server.kill()
        server.wait()


def start_checked(balancer, address, **check):
    unchecked = {"address": address, "check": False}
    return balancer(address, unchecked, backend={"check": {**FAST, **check}}, timeouts={"check": "1s"})


def wait_check(proxy, status):
    wait_until(
        lambda: proxy.server("s1")["check"]["status"] == status,
        f"the check says {status}",
    )
    return proxy.server("s1")["check"]


def test_postgresql(balancer, run, tmp_path):
    owner = pwd.getpwnam("postgres") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    as_owner = {"user": owner.pw_uid, "group": owner.pw_gid} if os.getuid() == 0 else {}
    data = tmp_path / "data"
    data.mkdir()
    os.chown(data, owner.pw_uid, owner.pw_gid)
    for folder in [tmp_path, *tmp_path.parents]:
        if str(folder).startswith("/tmp/"):
            folder.chmod(0o755)
    subprocess.run(
        [POSTGRES / "initdb", "-D", data, "-U", "checker", "-A", "trust", "-N"],
        check=True, capture_output=True, cwd="/", **as_owner,
    )
    access = data / "pg_hba.conf"
    access.write_text("host all nobody_here all reject\n" + access.read_text())
    port = free_port()
    settings = ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={data}", "-c", "fsync=off"]

    def start():
        return subprocess.Popen(
            [*WITH_PARENT, POSTGRES / "postgres", "-D", data, "-p", str(port), *settings],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=open(data / "log", "ab"), cwd="/", **as_owner,
        )

    server = start()
    try:
        address = f"127.0.0.1:{port}"
        proxy = start_checked(balancer, address, type="pgsql", user="checker", database="postgres")
        assert wait_check(proxy, "L7OK")["info"] == "PostgreSQL server is ok"
        proxy.wait_status("s1", "UP")
        checks = proxy.server("s1")["check"]["checks_total"]
        wait_until(lambda: proxy.server("s1")["check"]["checks_total"] > checks + 3, "some more checks")
        assert "unexpected EOF" not in (data / "log").read_text()
        refused = start_checked(balancer, address, type="pgsql", user="nobody_here")
        assert wait_check(refused, "L7STS")["info"].startswith("28000 pg_hba.conf rejects connection")
    finally:
        server.terminate()
        server.wait(30)
    proxy.wait_status("s1", "DOWN")


def smtp_server(greeting="220 mail.example ESMTP", answer="250-mail.example\r\n250 SIZE"):
    """Notes what it is told."""

    def handle(connection, server):
        connection.sendall(f"{greeting}\r\n".encode())
        lines = connection.makefile("rb")
        for line in lines:
            server.heard.append(line)
            connection.sendall(b"221 bye\r\n" if line == b"QUIT\r\n" else f"{answer}\r\n".encode())
            if line == b"QUIT\r\n":
                return

    server = TcpServer(handle)
    server.heard = []
    return server


@pytest.mark.sanitize
@pytest.mark.parametrize("kind, verb", [("smtp", b"HELO"), ("esmtp", b"EHLO")])
def test_smtp(balancer, kind, verb):
    with smtp_server() as mail:
        proxy = start_checked(balancer, mail.address, type=kind, domain="lb.example")
        check = wait_check(proxy, "L7OK")
        assert (check["code"], check["info"]) == (250, "SIZE")
        wait_until(lambda: len(mail.heard) >= 2, "the server was told goodbye")
        assert mail.heard[:2] == [verb + b" lb.example\r\n", b"QUIT\r\n"]
    with smtp_server(greeting="421 too busy") as mail:
        check = wait_check(start_checked(balancer, mail.address, type=kind), "L7STS")
        assert (check["code"], check["info"]) == (421, "too busy")


def test_ldap(balancer, run, tmp_path):
    (tmp_path / "db").mkdir()
    settings = "include /etc/ldap/schema/core.schema\nmodulepath /usr/lib/ldap\nmoduleload back_ldif\n"
    database = f'database ldif\nsuffix "dc=example"\ndirectory {tmp_path}/db\n'
    (tmp_path / "open.conf").write_text(settings + database)
    (tmp_path / "closed.conf").write_text(settings + "disallow bind_anon\n" + database)
    addresses = []
    for name in ("open", "closed"):
        addresses.append(f"127.0.0.1:{free_port()}")
        run("slapd", "-f", f"{name}.conf", "-h", f"ldap://{addresses[-1]}", "-d", "0")
    proxy = start_checked(balancer, addresses[0], type="ldap")
    assert wait_check(proxy, "L7OK")["info"] == "LDAP server is ok"
    check = wait_check(start_checked(balancer, addresses[1], type="ldap"), "L7STS")
    assert (check["code"], check["info"]) == (48, "anonymous bind disallowed")


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_tls_hello(balancer, run, tmp_path, version):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key", "-out", "certificate", "-subj",
         "/CN=test"],
        cwd=tmp_path, check=True, capture_output=True,
    )
    port = free_port()
    run("openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-key", "key", "-cert", "certificate", "-www",
        version)
    proxy = start_checked(balancer, f"127.0.0.1:{port}", type="tls-hello")
    assert "info" not in wait_check(proxy, "L6OK")


@pytest.mark.sanitize
def test_servers_without_tls(balancer):
    def handle(connection, _server):
        read_exactly(connection, 5)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with TcpServer(handle) as web:
        proxy = start_checked(balancer, web.address, type="tls-hello")
        assert wait_check(proxy, "L6RSP")["info"] == "not TLS"
        proxy.stop()

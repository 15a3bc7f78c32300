# SPDX-License-Identifier: Apache-2.0
"""The mysql check against real MariaDB servers, and against ones that only claim to be."""

import pymysql
import pytest
from support import mariadb as database
from support.peers import TcpServer, connect, hold, says
from support.waiting import wait_until

FAST = {"type": "mysql", "interval": "100ms", "fall": 1, "rise": 1}
WITH_USER = {**FAST, "user": database.USER}


def check_of(proxy, server="s1"):
    return proxy.server(server)["check"]


def wait_checks(proxy, count=10, server="s1"):
    """So many more checks have ended."""
    before = check_of(proxy, server)["checks_total"]
    wait_until(lambda: check_of(proxy, server)["checks_total"] >= before + count, f"{count} checks of {server}")


def wait_check(proxy, status, server="s1"):
    wait_until(lambda: check_of(proxy, server)["status"] == status, f"the check of {server} says {status}")
    return check_of(proxy, server)


@pytest.fixture
def root(mariadb):
    """root(number, statement): as the administrator, over the server's UNIX socket."""

    def run(number, statement):
        connection = pymysql.connect(unix_socket=str(mariadb(number).folder / "socket"), user="root")
        with connection:
            return database.query(connection, statement)

    return run


def test_greeting_and_login(balancer, mariadb):
    server = mariadb(1)
    proxy = balancer(server.address, backend={"check": WITH_USER})
    assert "MariaDB" in wait_check(proxy, "L7OK")["info"]
    server.kill()
    proxy.wait_status("s1", "DOWN")
    wait_check(proxy, "L4CON")  # a check that had begun may have ended otherwise
    server.start()
    proxy.wait_status("s1", "UP")
    proxy = balancer(server.address, backend={"check": FAST})
    assert "MariaDB" in wait_check(proxy, "L7OK")["info"]


def test_checks_leave_no_trace_in_the_servers_error_counts(balancer, mariadb, root):
    """What is counted as an interrupted connection would block the balancer after max_connect_errors of them."""
    counts = "SHOW GLOBAL STATUS WHERE Variable_name LIKE 'Aborted%' OR Variable_name LIKE 'Connection_errors%'"
    server = mariadb(1)
    before = root(1, counts)
    assert len(before) > 5
    proxy = balancer(server.address, backend={"check": WITH_USER})
    wait_checks(proxy, 20)
    proxy.stop()
    proxy = balancer(server.address, backend={"check": {**FAST, "type": "tcp"}})
    wait_checks(proxy, 20)
    proxy.stop()
    assert root(1, counts) == before
    # The counters do count: a bare connection is interrupted.
    connect(server.address).close()
    wait_until(lambda: root(1, counts) != before, "interrupted connections are counted")


def test_an_unknown_user_is_refused_with_the_servers_words(balancer, mariadb):
    unchecked = {"address": mariadb(1).address, "check": False}
    proxy = balancer(mariadb(1).address, unchecked, backend={"check": {**FAST, "user": "nobody_here"}})
    check = wait_check(proxy, "L7STS")
    assert check["code"] == 1045
    assert check["info"].startswith("Access denied for user 'nobody_here'")


def test_too_many_connections(balancer, mariadb, root):
    server = mariadb(2)
    proxy = balancer(server.address, backend={"check": WITH_USER})
    wait_check(proxy, "L7OK")
    root(2, "SET GLOBAL max_connections = 10")
    connections = []
    try:
        with pytest.raises(pymysql.MySQLError):
            while len(connections) < 50:
                connections.append(database.connect(server.address))
        check = wait_check(proxy, "L7STS")
        assert (check["code"], check["info"]) == (1040, "Too many connections")
    finally:
        for connection in connections:
            connection.close()
        wait_until(lambda: not refused(root), "the administrator gets in again")
    proxy.wait_status("s1", "UP")


def refused(root):
    try:
        root(2, "SET GLOBAL max_connections = 500")
        return False
    except pymysql.MySQLError:
        return True


def test_query_and_read_only(balancer, mariadb, root):
    unchecked = {"address": mariadb(1).address, "check": False}

    def start(**keys):
        return balancer(mariadb(1).address, unchecked, backend={"check": {**WITH_USER, **keys}})

    proxy = start(query="SELECT @@server_id, 'more' UNION SELECT 7, 'rows'", expect="1", read_only=False)
    wait_check(proxy, "L7OK")
    root(1, "SET GLOBAL read_only = 1")
    try:
        assert wait_check(proxy, "L7STS")["info"] == "the server is read-only"
        wait_check(start(read_only=True), "L7OK")
    finally:
        root(1, "SET GLOBAL read_only = 0")
    wait_check(proxy, "L7OK")
    check = wait_check(start(query="SELECT NULL", expect="1"), "L7STS")
    assert check["info"] == "the query returned NULL, expected '1'"
    check = wait_check(start(query="SELECT * FROM nowhere.nothing"), "L7STS")
    assert check["code"] in (1142, 1146, 1044)


def test_replication_lag(balancer, mariadb, root):
    """A server that replicates nothing fails, and so does one whose replication stands still."""
    unchecked = {"address": mariadb(1).address, "check": False}
    proxy = balancer(mariadb(1).address, unchecked, backend={"check": {**WITH_USER, "max_replication_lag": "10s"}})
    check = wait_check(proxy, "L7STS")
    assert check["code"] == 1227, check
    root(1, f"GRANT SLAVE MONITOR ON *.* TO '{database.USER}'@'%'")
    wait_until(lambda: check_of(proxy)["info"] == "the server is no replica", "the server is no replica")
    root(1, "CHANGE MASTER TO master_host='127.0.0.1', master_port=9, master_user='x', master_password='x'")
    try:
        wait_until(lambda: check_of(proxy)["info"] == "replication is not running", "replication is not running")
    finally:
        root(1, "RESET SLAVE ALL")


@pytest.mark.sanitize
def test_servers_that_are_none(balancer):
    with TcpServer(says("220 mail.example ESMTP\r\n")) as mail, TcpServer(hold) as silent:
        proxy = balancer(
            mail.address, silent.address, {"address": mail.address, "check": False},
            backend={"check": WITH_USER}, timeouts={"check": "300ms"},
        )
        assert wait_check(proxy, "L7RSP")["info"] == "not MySQL (expect the MySQL greeting)"
        assert wait_check(proxy, "L7TOUT", "s2")["info"] == "(expect the MySQL greeting)"
        proxy.stop()


def test_a_server_that_stops_answering(balancer, mariadb):
    server = mariadb(2)
    proxy = balancer(server.address, backend={"check": WITH_USER}, timeouts={"check": "500ms"})
    wait_check(proxy, "L7OK")
    server.process.send_signal(19)
    try:
        wait_check(proxy, "L7TOUT")
        proxy.wait_status("s1", "DOWN")
    finally:
        server.process.send_signal(18)
    proxy.wait_status("s1", "UP")

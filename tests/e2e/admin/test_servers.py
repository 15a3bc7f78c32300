# SPDX-License-Identifier: Apache-2.0
"""PATCH /v1/backends/B/servers/S: state, weight and address of a server, from the next connection on in every lane."""

import json
import threading
import time

import pytest
from support.peers import TcpServer, answer, connect, echo, read_exactly, says, says_and_echoes
from support.ports import free_port
from support.process import admin_connection
from support.waiting import wait_until

LANES = 3
FAST = {"type": "tcp", "interval": "100ms", "fall": 1, "rise": 1}


def shares(proxy, count=48):
    """Who answered how often; with so many connections every lane has a part of them."""
    answers = [answer(proxy.address()) for _ in range(count)]
    return {text.decode(): answers.count(text) for text in set(answers)}


@pytest.mark.sanitize
@pytest.mark.lanes
@pytest.mark.parametrize("algorithm", ["roundrobin", "leastconn", "source", "static-rr", "random", "first"])
def test_drain_maint_and_ready(balancer, algorithm):
    with TcpServer(says("1")) as one, TcpServer(says("2")) as two:
        proxy = balancer(one.address, two.address, backend={"balance": algorithm}, lanes=LANES)
        for state, status in (("drain", "DRAIN"), ("maint", "MAINT")):
            shown = proxy.patch("s1", state=state)
            assert (shown["backend"], shown["server"]) == ("b", "s1")
            assert (shown["state"], shown["status"], shown["weight_effective"]) == (state, status, 0)
            assert shares(proxy) == {"2": 48}
            server = proxy.server("s1")
            assert (server["state"], server["status"], server["weight"]) == (state, status, 1)
            assert proxy.backend()["servers_active"] == 1
            assert proxy.patch("s1", state="ready")["status"] == "no check"
            assert proxy.patch("s2", state="drain")["status"] == "DRAIN"
            assert shares(proxy) == {"1": 48}
            proxy.patch("s2", state="ready")
        proxy.stop()


@pytest.mark.sanitize
@pytest.mark.lanes
@pytest.mark.parametrize("key", ["state", "weight", "address"])
def test_no_connection_after_the_answer(balancer, key):
    """Under load, each time: whoever asks to be connected after the answer goes elsewhere, in whatever lane."""
    with TcpServer(says("1")) as one, TcpServer(says("2")) as two:
        away, back = {"state": ("drain", "ready"), "weight": (0, 1), "address": (two.address, one.address)}[key]
        proxy = balancer(one.address, two.address, lanes=LANES)
        stop = threading.Event()
        seen = []

        def load():
            while not stop.is_set():
                seen.append(answer(proxy.address()))

        threads = [threading.Thread(target=load) for _ in range(4)]
        for thread in threads:
            thread.start()
        connection = admin_connection(proxy.admin)
        took = []
        for _ in range(11):
            asked = time.monotonic()
            proxy.patch("s1", connection=connection, **{key: away})
            took.append(time.monotonic() - asked)
            assert {answer(proxy.address()) for _ in range(8)} == {b"2"}
            proxy.patch("s1", connection=connection, **{key: back})
        connection.close()
        stop.set()
        for thread in threads:
            thread.join()
        assert set(seen) == {b"1", b"2"}
        assert min(took) < 0.01, "every lane knows within 10 ms"
        proxy.stop()


@pytest.mark.sanitize
def test_connections_of_a_drained_server_go_on(balancer):
    with TcpServer(says_and_echoes("!")) as server:
        proxy = balancer(server.address)
        with connect(proxy.address()) as client:
            assert read_exactly(client, 1) == b"!"
            for state in ("drain", "maint", "ready"):
                proxy.patch("s1", state=state)
                client.sendall(b"still there")
                assert read_exactly(client, 11) == b"still there"


@pytest.mark.sanitize
def test_who_waits_for_a_drained_server_goes_elsewhere(balancer):
    """balance source binds a client to a server; while that one is full it waits there."""
    with TcpServer(says_and_echoes("1")) as one, TcpServer(says_and_echoes("2")) as two:
        servers = [{"address": server.address, "max_connections": 1} for server in (one, two)]
        proxy = balancer(*servers, backend={"balance": "source"}, timeouts={"queue": "10m"}, lanes=LANES)
        with connect(proxy.address()) as first:
            name = f"s{read_exactly(first, 1).decode()}"
            with connect(proxy.address()) as second:
                wait_until(lambda: proxy.server(name)["queue_current"] == 1, "the second client waits")
                proxy.patch(name, state="drain")
                assert f"s{read_exactly(second, 1).decode()}" != name
            first.sendall(b"x")
            assert read_exactly(first, 1) == b"x"


@pytest.mark.sanitize
@pytest.mark.lanes
def test_weights(balancer):
    with TcpServer(says("1")) as one, TcpServer(says("2")) as two:
        proxy = balancer(one.address, two.address, lanes=1)
        assert proxy.patch("s1", weight=3)["weight_effective"] == 3
        assert shares(proxy) == {"1": 36, "2": 12}
        assert proxy.patch("s1", weight=0)["status"] == "no check"
        assert shares(proxy) == {"2": 48}
        proxy.patch("s1", weight=256)
        proxy.patch("s2", weight=256)
        assert shares(proxy) == {"1": 24, "2": 24}


@pytest.mark.sanitize
def test_weights_that_a_static_map_cannot_have(balancer):
    """As in HAProxy: 0, or what the file says."""
    with TcpServer(says("1")) as one, TcpServer(says("2")) as two:
        proxy = balancer(
            {"address": one.address, "weight": 5}, {"address": two.address, "weight": 5}, backend={"balance": "static-rr"}
        )
        status, fault = proxy.request("PATCH", "/v1/backends/b/servers/s1", {"weight": 4, "state": "drain"})
        assert status == 400 and "static" in fault["error"] and "5" in fault["error"]
        assert proxy.server("s1")["state"] == "ready"
        proxy.patch("s1", weight=0)
        assert shares(proxy) == {"2": 48}
        proxy.patch("s1", weight=5)
        assert shares(proxy) == {"1": 24, "2": 24}


def test_weights_that_a_ring_has_no_room_for(balancer):
    servers = [{"address": "127.0.0.1:9", "weight": 128} for _ in range(511)]
    proxy = balancer(*servers, backend={"balance": "hash", "hash": "consistent"})
    assert proxy.patch("s1", weight=256)["weight"] == 256
    status, fault = proxy.request("PATCH", "/v1/backends/b/servers/s2", {"weight": 129})
    assert status == 400 and "65537" in fault["error"] and "65536" in fault["error"]


@pytest.mark.sanitize
@pytest.mark.lanes
def test_another_address(balancer, tmp_path):
    """Connections go there, and so do checks; those that stand stay where they are."""
    path = f"{tmp_path}/three"
    with TcpServer(says_and_echoes("1")) as one, TcpServer(says("2")) as two, TcpServer(says("3"), path=path):
        proxy = balancer(one.address, backend={"check": FAST}, lanes=LANES)
        with connect(proxy.address()) as client:
            assert read_exactly(client, 1) == b"1"
            assert proxy.patch("s1", address=two.address)["address"] == two.address
            assert shares(proxy) == {"2": 48}
            client.sendall(b"x")
            assert read_exactly(client, 1) == b"x"
        assert proxy.server("s1")["address"] == two.address
        proxy.patch("s1", address=f"unix:{path}")
        assert shares(proxy) == {"3": 48}
        one.stop()
        proxy.patch("s1", address=one.address)
        proxy.wait_status("s1", "DOWN")
        proxy.patch("s1", address=two.address)
        proxy.wait_status("s1", "UP")
        proxy.stop()


@pytest.mark.sanitize
@pytest.mark.lanes
def test_addresses_that_come_and_go_under_load(balancer):
    with TcpServer(says("1")) as one, TcpServer(says("2")) as two:
        proxy = balancer(one.address, lanes=LANES)
        stop = threading.Event()
        failures = []

        def load():
            while not stop.is_set():
                said = answer(proxy.address())
                if said not in (b"1", b"2"):
                    failures.append(said)

        threads = [threading.Thread(target=load) for _ in range(3)]
        for thread in threads:
            thread.start()
        connection = admin_connection(proxy.admin)
        for _ in range(300):
            proxy.patch("s1", connection=connection, address=two.address)
            proxy.patch("s1", connection=connection, address=one.address)
        connection.close()
        stop.set()
        for thread in threads:
            thread.join()
        assert not failures


def test_a_server_has_had_too_many_addresses(balancer):
    proxy = balancer("127.0.0.1:9")
    connection = admin_connection(proxy.admin)
    for port in range(1000, 1255):
        proxy.patch("s1", connection=connection, address=f"127.0.0.1:{port}")
    status, fault = proxy.request("PATCH", "/v1/backends/b/servers/s1", {"address": "127.0.0.1:2000"})
    assert status == 400 and "256 addresses" in fault["error"]
    assert proxy.patch("s1", connection=connection, address="127.0.0.1:1000")["address"] == "127.0.0.1:1000"
    connection.close()


@pytest.mark.sanitize
def test_maintenance_and_checks(balancer):
    """Nobody checks a server under maintenance. Afterwards it is up until a check says otherwise, and that is soon."""

    def checks_made(server):
        return proxy.server(server)["check"]["checks_total"]

    with TcpServer(says("1")) as one, TcpServer(says("2")) as two:
        proxy = balancer(one.address, two.address, backend={"check": FAST})
        assert proxy.patch("s2", state="maint")["status"] == "MAINT"
        two.stop()
        before, others = checks_made("s2"), checks_made("s1")
        wait_until(lambda: checks_made("s1") > others + 4, "the other one is checked")
        assert checks_made("s2") == before
        assert proxy.server("s2")["status"] == "MAINT"
        assert proxy.patch("s2", state="ready")["status"] == "UP"
        proxy.wait_status("s2", "DOWN")
        assert proxy.patch("s2", state="maint")["status"] == "MAINT"
        with TcpServer(says("2"), port=two.port):
            assert proxy.patch("s2", state="ready")["status"] == "UP"
            made = checks_made("s2")
            wait_until(lambda: checks_made("s2") > made, "it is checked again")
            assert proxy.server("s2")["status"] == "UP"
            proxy.stop()


@pytest.mark.sanitize
def test_the_first_check_after_maintenance_comes_at_once(balancer):
    """And decides alone, however rare checks are and however many must fail."""
    rare = {"type": "tcp", "interval": "1h", "fall": 3}
    with TcpServer(says("1")) as one:
        proxy = balancer(one.address, f"127.0.0.1:{free_port()}", backend={"check": rare})
        proxy.patch("s2", state="maint")
        assert proxy.patch("s2", state="ready")["status"] == "UP"
        proxy.wait_status("s2", "DOWN")


@pytest.mark.sanitize
def test_the_log_says_what_happened(balancer):
    with TcpServer(says("1")) as one:
        proxy = balancer(one.address)
        for change in ({"state": "drain"}, {"state": "maint"}, {"state": "ready"}, {"weight": 7}):
            proxy.patch("s1", **change)
        texts = wait_until(
            lambda: sum("b/s1" in line for line in proxy.log_lines()) == 4 and proxy.log_lines(),
            "four changes are logged",
        )
        for expected in (
            "Server b/s1 enters drain state. 0 active and 0 backup servers online. 0 sessions active.",
            "backend b has no server available!",
            "Server b/s1 is going DOWN for maintenance. 0 active and 0 backup servers left. 0 sessions active",
            "Server b/s1 is UP/READY (leaving forced maintenance).",
            "Server b/s1 changed its weight from 1 to 7 by the administrator.",
        ):
            assert any(expected in line for line in texts), (expected, texts)


@pytest.mark.sanitize
@pytest.mark.parametrize(
    "method, path, body, status, words",
    ids=lambda value: str(value)[:40],
    argvalues=[
        ("PATCH", "/v1/backends/b/servers/s9", {"state": "drain"}, 404, ["s9", "s1"]),
        ("PATCH", "/v1/backends/bb/servers/s1", {"state": "drain"}, 404, ["bb", '"did_you_mean": "b"']),
        ("PATCH", "/v1/backends/b/servers/s1", {"stat": "drain"}, 400, ["stat", '"did_you_mean": "state"']),
        ("PATCH", "/v1/backends/b/servers/s1", {"state": "drian"}, 400, ['"did_you_mean": "drain"', "maint"]),
        ("PATCH", "/v1/backends/b/servers/s1", {"weight": 257}, 400, ["257", "0 to 256"]),
        ("PATCH", "/v1/backends/b/servers/s1", {"address": "127.0.0.1"}, 400, ["address"]),
        ("PATCH", "/v1/backends/b/servers/s1", {"address": "db1:3306"}, 400, ["resolved at start"]),
        ("PATCH", "/v1/backends/b/servers/s1", {}, 400, ["nothing"]),
        ("PATCH", "/v1/backends/b/servers/s1", "{", 400, ["1:2"]),
        ("PATCH", "/v1/backends/b/servers/s1", " " * 16 * 1024 + "{}", 413, ["16 KiB"]),
        ("POST", "/v1/backends/b/servers/s1", None, 405, ["PATCH"]),
        ("PATCH", "/stats", {"state": "drain"}, 405, ["GET"]),
    ],
)
def test_what_is_refused(balancer, method, path, body, status, words):
    proxy = balancer("127.0.0.1:9")
    code, answered = proxy.request(method, path, body)
    assert code == status, answered
    for word in words:
        assert word in json.dumps(answered), answered
    server = proxy.server("s1")
    assert (server["state"], server["weight"], server["address"]) == ("ready", 1, "127.0.0.1:9")


def test_a_body_of_another_type(balancer):
    proxy = balancer("127.0.0.1:9")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    status, fault = proxy.request("PATCH", "/v1/backends/b/servers/s1", {"state": "drain"}, headers)
    assert status == 415 and "application/json" in fault["error"]


@pytest.mark.sanitize
def test_a_body_in_pieces(balancer):
    proxy = balancer("127.0.0.1:9")
    body = b'{"state": "maint"}'
    head = (
        f"PATCH /v1/backends/b/servers/s1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    with connect(proxy.admin) as client:
        for byte in head.encode() + body:
            client.sendall(bytes([byte]))
        assert client.recv(1000).startswith(b"HTTP/1.1 200")
    assert proxy.server("s1")["status"] == "MAINT"


@pytest.mark.sanitize
@pytest.mark.parametrize("on_marked_down, survives", [("shutdown-sessions", False), ("none", True)])
def test_maintenance_and_on_marked_down(balancer, on_marked_down, survives):
    with TcpServer(echo) as server:
        proxy = balancer(
            {"address": server.address, "on_marked_down": on_marked_down}, backend={"check": FAST}, lanes=LANES
        )
        with connect(proxy.address()) as client:
            client.sendall(b"x")
            assert read_exactly(client, 1) == b"x"
            proxy.patch("s1", state="maint")
            if survives:
                client.sendall(b"y")
                assert read_exactly(client, 1) == b"y"
            else:
                assert proxy.wait_log()[0]["end_reason"] == "server_marked_down"

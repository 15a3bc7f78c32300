# SPDX-License-Identifier: Apache-2.0
"""GET and DELETE /v1/sessions: sessions listed and ended, by id or by where they are."""

import contextlib
import threading

import pytest
from support import configs
from support.peers import TcpServer, answer, connect, echo, ends, hold, read_exactly
from support.waiting import wait_until

LANES = 3


@contextlib.contextmanager
def clients(proxy, count, frontend=None):
    """So many clients that have each been answered once."""
    with contextlib.ExitStack() as stack:
        opened = [stack.enter_context(connect(proxy.address(frontend))) for _ in range(count)]
        for client in opened:
            client.sendall(b"x")
            assert read_exactly(client, 1) == b"x"
        yield opened


def name_of(client):
    host, port = client.getsockname()
    return f"{host}:{port}"


def listed(proxy, query=""):
    """All that match, page by page."""
    found, after = [], ""
    while True:
        status, page = proxy.request("GET", f"/v1/sessions?limit=7{after}{query}")
        assert status == 200, page
        assert len(page["sessions"]) <= 7
        found += page["sessions"]
        if page["next"] is None:
            return found
        after = f"&after={page['next']}"


def two_backends(server):
    return configs.tcp_pairs(one=server.address, two=server.address)


@pytest.mark.sanitize
@pytest.mark.lanes
def test_every_session_is_listed_once(balancer):
    with TcpServer(echo) as server:
        proxy = balancer(server.address, lanes=LANES)
        with clients(proxy, 40) as opened:
            sessions = listed(proxy)
            assert sorted(session["client"] for session in sessions) == sorted(map(name_of, opened))
            assert len({session["id"] for session in sessions}) == 40
            for session in sessions:
                assert (session["frontend"], session["backend"], session["server"]) == ("f", "b", "s1")
                assert (session["bytes_in"], session["bytes_out"], session["state"]) == (1, 1, "forwarding")
                assert 0 <= session["lane"] < LANES and session["age_s"] >= 0
        wait_until(lambda: listed(proxy) == [], "all have ended")
        proxy.stop()


@pytest.mark.sanitize
def test_age_and_bytes_go_on(balancer):
    with TcpServer(echo) as server:
        proxy = balancer(server.address)
        with clients(proxy, 1) as (first,):
            (young,) = listed(proxy)
            wait_until(lambda: listed(proxy)[0]["age_s"] > young["age_s"] + 0.3, "it grows older")
            with clients(proxy, 1) as (second,):
                first.sendall(b"y" * 2000)
                assert read_exactly(first, 2000) == b"y" * 2000
                sessions = {session["client"]: session for session in listed(proxy)}
                one, other = sessions[name_of(first)], sessions[name_of(second)]
                assert one["id"] == young["id"] and one["age_s"] > other["age_s"]
                assert (one["bytes_in"], one["bytes_out"]) == (2001, 2001)
                assert (other["bytes_in"], other["bytes_out"]) == (1, 1)


@pytest.mark.sanitize
def test_filters(corelane):
    with TcpServer(echo) as server:
        proxy = corelane(two_backends(server))
        with clients(proxy, 5, "one"), clients(proxy, 3, "two"):
            assert len(listed(proxy)) == 8
            assert len(listed(proxy, "&backend=one")) == 5
            assert len(listed(proxy, "&frontend=two")) == 3
            assert len(listed(proxy, "&backend=two&server=s1")) == 3
            assert listed(proxy, "&backend=two&frontend=one") == []


@pytest.mark.sanitize
def test_states(balancer):
    with TcpServer(hold) as server:
        proxy = balancer({"address": server.address, "max_connections": 1})
        with connect(proxy.address()):
            wait_until(lambda: [s["state"] for s in listed(proxy)] == ["forwarding"], "the first one is served")
            with connect(proxy.address()):
                wait_until(lambda: len(listed(proxy)) == 2, "the second one is there")
                waits = [session for session in listed(proxy) if session["server"] is None]
                assert [session["state"] for session in waits] == ["queue"]


@pytest.mark.sanitize
@pytest.mark.lanes
def test_one_is_ended_and_the_others_go_on(balancer):
    with TcpServer(echo) as server:
        proxy = balancer(server.address, lanes=LANES)
        with clients(proxy, 10) as opened:
            victim = opened[3]
            (session,) = [session for session in listed(proxy) if session["client"] == name_of(victim)]
            assert proxy.request("DELETE", f"/v1/sessions/{session['id']}") == (200, {"ended": 1})
            ends(victim)
            status, fault = proxy.request("DELETE", f"/v1/sessions/{session['id']}")
            assert status == 404 and session["id"] in fault["error"]
            for client in opened:
                if client is not victim:
                    client.sendall(b"y")
                    assert read_exactly(client, 1) == b"y"
            record = proxy.wait_log()[0]
            assert record["end_reason"] == "killed_by_admin" and record["termination_state"] == "KD"
        wait_until(lambda: len(proxy.records()) == 10, "the others have ended by themselves")
        assert [record["end_reason"] for record in proxy.records()].count("completed") == 9


@pytest.mark.sanitize
@pytest.mark.lanes
def test_an_id_is_of_one_session_only(balancer):
    """The next session takes the same place in its lane, and is another one."""
    with TcpServer(echo) as server:
        proxy = balancer(server.address)
        with clients(proxy, 1):
            (first,) = listed(proxy)
        wait_until(lambda: listed(proxy) == [], "it has ended")
        with clients(proxy, 1) as (client,):
            assert proxy.request("DELETE", f"/v1/sessions/{first['id']}")[0] == 404
            client.sendall(b"y")
            assert read_exactly(client, 1) == b"y"


@pytest.mark.sanitize
@pytest.mark.lanes
def test_all_of_a_server_are_ended(balancer):
    with TcpServer(echo) as one, TcpServer(echo) as two:
        proxy = balancer(one.address, two.address, lanes=LANES)
        with clients(proxy, 100):
            on_one = len(listed(proxy, "&backend=b&server=s1"))
            assert 0 < on_one < 100
            proxy.patch("s1", state="drain")
            assert proxy.request("DELETE", "/v1/sessions?backend=b&server=s1") == (200, {"ended": on_one})
            wait_until(lambda: len(listed(proxy)) == 100 - on_one, "they are gone")
            assert listed(proxy, "&backend=b&server=s1") == []
            assert proxy.server("s1")["connections_current"] == 0
        assert sum(record["end_reason"] == "killed_by_admin" for record in proxy.wait_log(100)) == on_one
        proxy.stop()


@pytest.mark.sanitize
@pytest.mark.lanes
def test_under_load(balancer):
    """Sessions that come and go, those that are listed, and those that are ended: nobody waits for anybody."""
    with TcpServer(echo) as server:
        proxy = balancer(server.address, lanes=LANES)
        stop = threading.Event()
        failures = []

        def load():
            while not stop.is_set():
                said = answer(proxy.address("f"), b"hello")
                if said != b"hello":
                    failures.append(said)

        threads = [threading.Thread(target=load) for _ in range(3)]
        with clients(proxy, 200) as opened:
            for thread in threads:
                thread.start()
            names = set(map(name_of, opened))
            for _ in range(20):
                sessions = listed(proxy)
                assert len({session["id"] for session in sessions}) == len(sessions)
                assert names <= {session["client"] for session in sessions}
            victims = [session["id"] for session in listed(proxy) if session["client"] in names]
            for victim in victims[:50]:
                assert proxy.request("DELETE", f"/v1/sessions/{victim}") == (200, {"ended": 1})
            stop.set()
            for thread in threads:
                thread.join()
            assert not failures
            wait_until(lambda: len(listed(proxy)) == 150, "those that were not ended are left")
            assert proxy.request("DELETE", "/v1/sessions?frontend=f") == (200, {"ended": 150})
        proxy.stop()


@pytest.mark.sanitize
def test_requests_at_the_same_time(balancer):
    with TcpServer(echo) as server:
        proxy = balancer(server.address, lanes=LANES)
        with clients(proxy, 30):
            counts = []
            threads = [threading.Thread(target=lambda: counts.append(len(listed(proxy)))) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert counts == [30] * 8


@pytest.mark.sanitize
@pytest.mark.lanes
def test_while_lanes_drain(balancer):
    """A lane without connections has finished; the others still answer."""
    with TcpServer(echo) as server:
        proxy = balancer(server.address, lanes=LANES)
        with clients(proxy, 2) as opened:
            proxy.process.terminate()
            wait_until(lambda: proxy.get("/ready")[0] == 503, "it drains")
            names = {session["client"]: session["id"] for session in listed(proxy)}
            assert sorted(names) == sorted(map(name_of, opened))
            first, last = opened
            assert proxy.request("DELETE", f"/v1/sessions/{names[name_of(first)]}") == (200, {"ended": 1})
            wait_until(lambda: [session["client"] for session in listed(proxy)] == [name_of(last)], "one is left")
        assert proxy.wait() == 0


@pytest.mark.parametrize(
    "method, target, status, words",
    [
        ("GET", "/v1/sessions?limit=0", 400, "1 to 1000"),
        ("GET", "/v1/sessions?limt=5", 400, "limit"),
        ("GET", "/v1/sessions?after=here", 400, "here"),
        ("GET", "/v1/sessions?backend=c", 404, "b"),
        ("GET", "/v1/sessions?server=s1", 400, "backend"),
        ("DELETE", "/v1/sessions", 400, "filter"),
        ("DELETE", "/v1/sessions?limit=5", 400, "limit"),
        ("DELETE", "/v1/sessions/nonsense", 404, "nonsense"),
        ("DELETE", "/v1/sessions/99-0-1", 404, "99-0-1"),
        ("DELETE", "/v1/sessions/0-4000000000-1", 404, "0-4000000000-1"),
        ("PUT", "/v1/sessions", 405, "DELETE"),
    ],
)
def test_what_is_refused(balancer, method, target, status, words):
    proxy = balancer("127.0.0.1:9")
    code, fault = proxy.request(method, target)
    assert code == status and words in str(fault), fault

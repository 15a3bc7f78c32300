# SPDX-License-Identifier: Apache-2.0
"""Stick tables keep clients at servers: what is chosen is compared with HAProxy, which runs beside with the same rules."""

import contextlib
import socket

import pytest
from support import configs
from support.haproxy import HaProxy
from support.http_peers import HttpClient, HttpServer, request, response, says
from support.peers import TcpServer, connect, read_exactly, says_and_echoes
from support.ports import free_port

NAMES = ("one", "two", "three")


def answers(name):
    """Its name, with a session of its own for whoever logs in."""
    def answer(message, _connection):
        target = message.start.split(" ")[1]
        fields = [f"Set-Cookie: SID={name}-{target[7:]}"] if target.startswith("/login/") else []
        return response(404 if target == "/missing" else 200, name.encode(), *fields)
    return answer


@pytest.fixture
def servers():
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(HttpServer(answers(name))) for name in NAMES]


THEIRS = """
frontend f
  mode http
  bind {{address}}
  default_backend b
backend b
  mode http
  balance roundrobin
  retries 1
  option redispatch
  {lines}
{servers}
"""


class Pair:
    """The same backend `b` behind both."""

    def __init__(self, ours, theirs):
        self.proxies = (ours, theirs)
        self.addresses = (ours.address("f"), theirs.address)

    def __call__(self, *requests):
        """What serves these requests, each on a connection of its own: the same in both."""
        landed = [[ask(address, one) for one in requests] for address in self.addresses]
        assert landed[0] == landed[1]
        return landed[0]

    def set_state(self, server, state):
        self.proxies[0].patch(server, state=state)
        assert self.proxies[1].command(f"set server b/{server} state {state}") == ""


def ask(address, data):
    with HttpClient(address) as client:
        answer = client.ask(data)
        return answer.body.decode() if answer.status in (200, 404) else answer.status


def get(key=None, target="/", cookie=None):
    fields = [f"X-Key: {key}"] if key else []
    return request("GET", target, *fields, *([f"Cookie: SID={cookie}"] if cookie else []))


@pytest.fixture
def pair(corelane, servers, tmp_path):
    with contextlib.ExitStack() as stack:
        def start(table, stick, lines, server_keys=({}, {}, {}), theirs_keys=("", "", ""), addresses=None):
            addresses = addresses or [server.address for server in servers]
            config = configs.http(*({"address": address, **keys} for address, keys in zip(addresses, server_keys)),
                                  backend={"stick_table": table, "stick": stick, "retries": 1, "redispatch": True})
            config["defaults"]["balance"] = "roundrobin"
            rows = "\n".join(f"  server s{i} {address} {keys}"
                             for i, (address, keys) in enumerate(zip(addresses, theirs_keys), 1))
            text = THEIRS.format(lines="\n  ".join(lines), servers=rows)
            return Pair(corelane(config), stack.enter_context(HaProxy(tmp_path / "haproxy", text)))
        yield start


TABLE = {"type": "string", "length": 20, "size": 100, "expire": "10m"}
THEIR_TABLE = "stick-table type string len 20 size 100 expire 10m"
ON_KEY = [{"on": "hdr(x-key)"}]


def test_a_key_stays_with_its_server(pair):
    both = pair(TABLE, ON_KEY, [THEIR_TABLE, "stick on hdr(x-key)"])
    first = both(get("a"), get("b"), get("c"), get("d"))
    assert first == ["one", "two", "three", "one"]
    assert both(get("b"), get("a"), get("b"), get(), get("c"), get("d"), get("a")) == [
        "two", "one", "two", "two", "three", "one", "one"]


def test_a_key_moves_when_its_server_is_down_and_stays_where_it_is(pair):
    both = pair(TABLE, ON_KEY, [THEIR_TABLE, "stick on hdr(x-key)"])
    assert both(get("a"), get("b")) == ["one", "two"]
    both.set_state("s1", "maint")
    moved = both(get("a"))[0]
    assert moved != "one"
    both.set_state("s1", "ready")
    assert both(get("a"), get("a"), get("b")) == [moved, moved, "two"]


def test_a_key_moves_when_its_server_cannot_be_reached(pair, servers):
    both = pair(TABLE, ON_KEY, [THEIR_TABLE, "stick on hdr(x-key)"])
    assert both(get("a")) == ["one"]
    servers[0].stop()
    moved = both(get("a"))[0]
    assert moved != "one"
    assert both(get("a"), get("a")) == [moved, moved]


def test_sessions_that_servers_open(pair):
    both = pair(TABLE, [{"match": "req.cook(SID)"}, {"store_response": "res.cook(SID)"}],
                [THEIR_TABLE, "stick match req.cook(SID)", "stick store-response res.cook(SID)"])
    assert both(get(target="/login/x"), get(target="/login/y"), get()) == ["one", "two", "three"]
    assert both(get(cookie="two-y"), get(cookie="one-x"), get(cookie="two-y")) == ["two", "one", "two"]
    assert len(set(both(*[get(cookie="nobody")] * 3))) == 3


def test_the_first_key_that_is_there_is_stored(pair):
    stick = [{"match": "hdr(x-key)"}, {"match": "req.cook(SID)"},
             {"store_request": "hdr(x-key)", "unless": "{ path /loose }"}, {"store_request": "req.cook(SID)"}]
    lines = [THEIR_TABLE, "stick match hdr(x-key)", "stick match req.cook(SID)",
             "stick store-request hdr(x-key) unless {{ path /loose }}", "stick store-request req.cook(SID)"]
    both = pair(TABLE, stick, lines)
    both(get("a", cookie="k"), get("b", "/loose", cookie="l"))
    both(get(), get(cookie="k"), get(cookie="l"), get("a"), get("b"), get("a", cookie="l"), get("l"), get("k"))


def test_conditions_about_the_response(pair):
    both = pair(TABLE, [{"match": "hdr(x-key)"}, {"store_response": "res.cook(SID)", "if": "{ status 200 }"},
                        {"store_request": "hdr(x-key)"}],
                [THEIR_TABLE, "stick match hdr(x-key)", "stick store-response res.cook(SID) if {{ status 200 }}",
                 "stick store-request hdr(x-key)"])
    both(get("a", "/missing"), get("b"), get("a"), get("a"), get("b"))


def test_servers_that_keep_nobody_and_ids(pair):
    both = pair(TABLE, ON_KEY, [THEIR_TABLE, "stick on hdr(x-key)"],
                ({"id": 7}, {"non_stick": True}, {}), ("id 7", "non-stick", ""))
    both(get("a"), get("b"), get("c"), get("b"), get("b"), get("a"), get("c"), get("b"))
    entries = both.proxies[0].request("GET", "/v1/tables/b")[1]["entries"]
    ours = {entry["key"]: entry["data"]["server_id"] for entry in entries}
    theirs = dict(line.split()[1:5:3] for line in both.proxies[1].command("show table b").splitlines()[1:])
    assert {f"key={key}": f"server_id={number}" for key, number in ours.items()} == theirs


def test_what_comes_before_a_table_wins(corelane, servers):
    proxy = corelane(configs.http(
        *({"address": server.address, "cookie": name} for server, name in zip(servers, NAMES)),
        backend={"stick_table": TABLE, "stick": ON_KEY, "cookie": {"name": "S", "mode": "insert"},
                 "use_server": [{"server": "s3", "if": "{ path /third }"}],
                 "force_persist": "{ hdr(x-admin) -m found }"}))
    address = proxy.address("f")

    def land(key, *fields, target="/"):
        with HttpClient(address) as client:
            return client.ask(request("GET", target, f"X-Key: {key}", *fields)).body.decode()

    first = land("a")
    assert {land("a") for _ in range(4)} == {first}
    assert land("a", "Cookie: S=two") == "two"
    assert land("a") == "two", "the answer of another server makes it the key's"
    assert land("a", "Cookie: S=two", target="/third") == "three"
    assert land("a") == "three"
    proxy.patch("s3", state="maint")
    assert land("a", "X-Admin: 1") == "three"
    assert land("a") != "three"


@pytest.mark.sanitize
@pytest.mark.parametrize("mode", ["tcp", "http"])
def test_lanes_agree(corelane, mode):
    backend = {"stick_table": {"type": "ip", "size": 100, "expire": "1m", "store": ["conn_cnt"]},
               "stick": [{"on": "src"}]}
    server = (lambda name: HttpServer(says(name))) if mode == "http" else (
        lambda name: TcpServer(says_and_echoes(name)))
    with server("one") as one, server("two") as two:
        make = configs.http if mode == "http" else configs.tcp
        proxy = corelane(make(one.address, two.address, lanes=2, backend=backend))

        def land(client_ip):
            host, _, port = proxy.address("f").rpartition(":")
            with socket.create_connection((host, int(port)), 30, (client_ip, 0)) as client:
                if mode == "tcp":
                    return read_exactly(client, 3)
                client.sendall(request())
                return client.recv(4096)[-3:]

        homes = {number: land(f"127.0.3.{number}") for number in range(1, 9)}
        assert set(homes.values()) == {b"one", b"two"}
        for _ in range(6):
            assert {number: land(f"127.0.3.{number}") for number in homes} == homes
        lanes = [lane["connections_total"] for lane in proxy.stats()["lanes"]]
        assert min(lanes) > 0, lanes
        entries = proxy.request("GET", "/v1/tables/b")[1]["entries"]
        assert {entry["key"]: entry["data"] for entry in entries} == {
            f"127.0.3.{number}": {"conn_cnt": 0, "server_id": 1 if home == b"one" else 2}
            for number, home in homes.items()}
        proxy.stop()


def test_a_tcp_client_whose_server_is_gone(corelane):
    with TcpServer(says_and_echoes("two")) as two:
        gone = f"127.0.0.1:{free_port()}"
        config = configs.tcp(gone, two.address, backend={
            "stick_table": {"type": "ip", "size": 10}, "stick": [{"on": "src"}], "retries": 1, "redispatch": True})
        proxy = corelane(config)
        proxy.request("PATCH", "/v1/tables/b?key=127.0.0.1", {"server_id": 1})
        with connect(proxy.address("f")) as client:
            assert read_exactly(client, 3) == b"two"
        assert proxy.request("GET", "/v1/tables/b")[1]["entries"][0]["data"] == {"server_id": 2}


def test_rules_see_the_server_of_a_key(corelane, servers):
    rule = {"action": "return", "string": "%[hdr(x-key),table_server_id(b)]", "if": "{ path /id }"}
    proxy = corelane(configs.http(*(server.address for server in servers), frontend={"http_request": [rule]},
                                  backend={"stick_table": TABLE, "stick": ON_KEY}))
    address = proxy.address("f")
    served_by = ask(address, get("a"))
    assert ask(address, get("a", "/id")) == str(NAMES.index(served_by) + 1)
    assert ask(address, get("b", "/id")) == "0"

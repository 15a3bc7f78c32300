# SPDX-License-Identifier: Apache-2.0
"""Rules that change maps and lists of patterns: set-map, del-map, add-acl, del-acl."""

import threading

import pytest
from support import configs
from support.haproxy import HaProxy
from support.http_peers import HttpClient, HttpServer, request, response
from support.peers import TcpServer, connect, echo
from support.waiting import wait_until


@pytest.fixture
def lists(tmp_path):
    """A map and a list, empty but for what is not asked for."""
    (tmp_path / "kept.map").write_text("first one\nfixed stays\n")
    (tmp_path / "kept.lst").write_text("first\n")
    return tmp_path / "kept.map", tmp_path / "kept.lst"


def ask(address, target, *fields):
    with HttpClient(address) as client:
        return client.ask(request("GET", target, *fields)).body.decode()


def rules_of(map_file, list_file):
    key = "%[url_param(key)]"
    return [
        {"action": "set-map", "map": str(map_file), "key": key, "value": "%[url_param(value)]", "if": "{ path /set }"},
        {"action": "del-map", "map": str(map_file), "key": key, "if": "{ path /unset }"},
        {"action": "add-acl", "acl": str(list_file), "key": key, "if": "{ path /add }"},
        {"action": "del-acl", "acl": str(list_file), "key": key, "if": "{ path /remove }"},
        {"action": "return", "string": "listed", "if": f"{{ path /listed }} {{ url_param(key) -f {list_file} }}"},
        {"action": "return", "string": f"%[url_param(key),map({map_file},none)]"},
    ]


THEIRS = """
frontend f
  mode http
  bind {{address}}
  http-request set-map({map}) %[url_param(key)] %[url_param(value)] if {{{{ path /set }}}}
  http-request del-map({map}) %[url_param(key)] if {{{{ path /unset }}}}
  http-request add-acl({lst}) %[url_param(key)] if {{{{ path /add }}}}
  http-request del-acl({lst}) %[url_param(key)] if {{{{ path /remove }}}}
  http-request return status 200 content-type text/plain string listed if {{{{ path /listed }}}} {{{{ url_param(key) -f {lst} }}}}
  http-request return status 200 content-type text/plain lf-string %[url_param(key),map({map},none)]
"""


@pytest.fixture(params=["corelane", "haproxy"])
def proxy_address(request, corelane, lists, tmp_path):
    if request.param == "corelane":
        proxy = corelane(configs.http("127.0.0.1:1", lanes=2, frontend={"http_request": rules_of(*lists)}))
        yield proxy.address("f")
        proxy.stop()
    else:
        with HaProxy(tmp_path / "haproxy", THEIRS.format(map=lists[0], lst=lists[1])) as proxy:
            yield proxy.address


def comes_to(address, target, body):
    wait_until(lambda: ask(address, target) == body, f"{target} says {body}")


@pytest.mark.sanitize
def test_entries_come_change_and_go(proxy_address):
    address = proxy_address
    assert [ask(address, f"/?key={key}") for key in ("first", "fixed", "new")] == ["one", "stays", "none"]
    ask(address, "/set?key=new&value=1")
    comes_to(address, "/?key=new", "1")
    ask(address, "/set?key=new&value=2")
    comes_to(address, "/?key=new", "2")
    ask(address, "/set?key=first&value=other")
    comes_to(address, "/?key=first", "other")
    ask(address, "/unset?key=new")
    ask(address, "/unset?key=never")
    comes_to(address, "/?key=new", "none")
    assert ask(address, "/?key=fixed") == "stays"

    assert ask(address, "/listed?key=first") == "listed"
    for _ in range(2):
        ask(address, "/add?key=second")
    comes_to(address, "/listed?key=second", "listed")
    ask(address, "/remove?key=second")
    comes_to(address, "/listed?key=second", "none")
    ask(address, "/remove?key=first")
    comes_to(address, "/listed?key=first", "other")


def test_many_clients_change_a_map_at_once(corelane, lists):
    proxy = corelane(configs.http("127.0.0.1:1", lanes=2, frontend={"http_request": rules_of(*lists)}))
    address = proxy.address("f")

    def change(worker):
        with HttpClient(address) as client:
            for number in range(100):
                client.ask(request(target=f"/set?key={worker}-{number}&value={number}"))

    workers = [threading.Thread(target=change, args=[worker]) for worker in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    wait_until(lambda: proxy.request("GET", "/v1/maps")[1]["maps"][0]["entries"] == 402, "all are there")
    assert ask(address, "/?key=3-99") == "99"
    assert sum(lane["pattern_changes_dropped"] for lane in proxy.stats()["lanes"]) == 0
    proxy.stop()


def test_one_that_does_not_fit_keeps_nobody_out(corelane, tmp_path):
    numbers = tmp_path / "numbers.map"
    numbers.write_text("10.0.0.0/8 1\n")
    rules = [{"action": "set-map", "map": str(numbers), "key": "%[hdr(x-net)]", "value": "%[hdr(x-number)]"},
             {"action": "return", "string": f"%[src,map_ip_int({numbers},0)]"}]
    proxy = corelane(configs.http("127.0.0.1:1", frontend={"http_request": rules}))
    address = proxy.address("f")
    for net, number in (("no network", "1"), ("127.0.0.0/8", "seven"), ("127.0.0.0/8", "7"), ("::1", "x")):
        ask(address, "/", f"X-Net: {net}", f"X-Number: {number}")
    comes_to(address, "/", "7")
    wait_until(lambda: "that it cannot have" in proxy.stderr, "the notice")
    assert proxy.request("GET", "/v1/maps")[1]["maps"][0]["entries"] == 2


def test_connections_and_responses_change_lists(corelane, tmp_path):
    seen, slow = tmp_path / "seen.lst", tmp_path / "slow.lst"
    seen.write_text("")
    slow.write_text("")
    with TcpServer(echo) as plain, HttpServer(response(503, b"busy")) as busy:
        config = configs.tcp(plain.address, frontend={"tcp_request": {"session": [
            {"action": "reject", "if": f"{{ src -f {seen} }}"}, {"action": "add-acl", "acl": str(seen), "key": "%[src]"}]}})
        web = configs.http(busy.address, frontend={
            "http_request": [{"action": "set-var", "name": "txn.path", "expression": "path"},
                             {"action": "return", "string": "later", "if": f"{{ path -f {slow} }}"}],
            "http_response": [{"action": "add-acl", "acl": str(slow), "key": "%[var(txn.path)]", "if": "{ status 503 }"}]})
        config["frontends"]["web"] = {**web["frontends"]["f"], "mode": "http", "default_backend": "web"}
        config["backends"]["web"] = {**web["backends"]["b"], "mode": "http"}
        proxy = corelane(config)

        def refused():
            with connect(proxy.address("f")) as client:
                try:
                    client.sendall(b"x")
                    return client.recv(1) == b""
                except ConnectionError:
                    return True

        assert not refused()
        wait_until(refused, "a client that has been here is refused")
        assert ask(proxy.address("web"), "/a") == "busy"
        comes_to(proxy.address("web"), "/a", "later")
        assert ask(proxy.address("web"), "/b") == "busy"

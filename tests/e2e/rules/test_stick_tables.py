# SPDX-License-Identifier: Apache-2.0
"""Stick tables: what rules count of clients, and what they make of it."""


import pytest
from support import configs
from support.http_peers import HttpClient, HttpServer, request, response
from support.waiting import wait_until

TABLE = {"type": "ip", "size": 100, "expire": "1m"}


@pytest.fixture
def server():
    with HttpServer(response(200, b"served")) as one:
        yield one


def start(corelane, server, store, *rules, frontend=None, backend=None):
    table = {**TABLE, "store": store}
    answer = {"action": "return", "string": "%[sc0_http_req_cnt] %[sc0_get_gpc0]", "if": "{ path /count }"}
    config = configs.http(server.address,
                          frontend={"stick_table": table, "http_request": [*rules, answer], **(frontend or {})},
                          backend=backend)
    return corelane(config)


def ask(proxy, *paths, client=None):
    with HttpClient(proxy.address("f")) as own:
        return [(client or own).ask(request(target=path)) for path in paths]


def admin(proxy, path, method="GET", body=None):
    return proxy.request(method, path, body)


@pytest.mark.sanitize
def test_requests_are_counted_and_refused(corelane, server):
    proxy = start(corelane, server, ["http_req_cnt", "gpc0", "http_err_cnt"],
                  {"action": "track-sc0", "key": "src"},
                  {"action": "sc-inc-gpc0", "if": "{ path /mark }"},
                  {"action": "deny", "status": 429, "if": "{ sc0_http_req_cnt gt 4 }"})
    answers = ask(proxy, "/count", "/mark", "/mark", "/count", "/count")
    assert [(answer.status, answer.body) for answer in answers[:4]] == [
        (200, b"1 0"), (200, b"served"), (200, b"served"), (200, b"4 2")]
    assert answers[4].status == 429
    status, table = admin(proxy, "/v1/tables/f")
    assert status == 200
    assert [(entry["key"], entry["data"]) for entry in table["entries"]] == [
        ("127.0.0.1", {"http_req_cnt": 5, "gpc0": 2, "http_err_cnt": 1})]
    proxy.stop()


def test_administrators_look_and_change(corelane, server):
    proxy = start(corelane, server, ["http_req_cnt", "gpc0"], {"action": "track-sc0", "key": "src"})
    assert ask(proxy, "/count")[0].body == b"1 0"
    assert admin(proxy, "/v1/tables/f?key=127.0.0.1", "PATCH", {"gpc0": 9})[0] == 200
    assert ask(proxy, "/count")[0].body == b"2 9"
    assert admin(proxy, "/v1/tables/f?key=192.0.2.7", "PATCH", {"gpc0": 1})[1]["data"] == {"http_req_cnt": 0, "gpc0": 1}
    marked = admin(proxy, "/v1/tables/f?data.gpc0.gt=1")[1]["entries"]
    assert [entry["key"] for entry in marked] == ["127.0.0.1"]
    assert admin(proxy, "/v1/tables")[1]["tables"]["f"]["used"] == 2
    assert proxy.stats()["tables"]["f"]["size"] == 100
    assert admin(proxy, "/v1/tables/f?key=127.0.0.1", "DELETE") == (200, {"removed": 1, "in_use": 0})
    assert admin(proxy, "/v1/tables/f?key=127.0.0.1")[0] == 404
    assert admin(proxy, "/v1/tables/f?key=nobody")[0] == 400
    assert admin(proxy, "/v1/tables/f?data.gpc1.gt=0")[0] == 400
    assert admin(proxy, "/v1/tables/g")[0] == 404
    assert admin(proxy, "/v1/tables/f?key=::2", "PATCH", {"gpc0": 1})[0] == 400
    assert admin(proxy, "/v1/tables/f?key=1.2.3.4", "PATCH", {"gpc9": 1})[0] == 400
    assert admin(proxy, "/v1/tables/f", "DELETE")[1]["removed"] == 1
    assert ask(proxy, "/count")[0].body == b"1 0"
    proxy.stop()


def test_a_key_is_forgotten_when_nothing_touches_it(corelane, server):
    proxy = start(corelane, server, ["http_req_cnt", "gpc0"], {"action": "track-sc0", "key": "src"},
                  frontend={"stick_table": {"type": "ip", "size": 10, "expire": "400ms",
                                            "store": ["http_req_cnt", "gpc0"]}})
    assert [answer.body for answer in ask(proxy, "/count", "/count")] == [b"1 0", b"2 0"]
    wait_until(lambda: proxy.stats()["tables"]["f"]["used"] == 0, "the key to be too old")
    assert ask(proxy, "/count")[0].body == b"1 0"
    proxy.stop()


def test_texts_are_keys_and_backends_have_tables(corelane, server):
    proxy = start(corelane, server, ["gpc0", "http_req_cnt"],
                  {"action": "track-sc0", "key": "hdr(x-key)", "table": "b"},
                  {"action": "return", "string": "%[hdr(x-key),table_http_req_cnt(b)]%[sc1_http_req_cnt]",
                   "if": "{ path /look }"},
                  backend={"stick_table": {"type": "string", "length": 8, "size": 10,
                                           "store": ["http_req_cnt", "gpc0", "gpt0"]}})
    with HttpClient(proxy.address("f")) as client:
        bodies = [client.ask(request("GET", "/look", f"X-Key: {key}")).body for key in
                  ("one", "two", "one", "longer-than-8", "longer-t", "one")]
    assert bodies == [b"1", b"1", b"2", b"1", b"2", b"3"]
    entries = admin(proxy, "/v1/tables/b")[1]["entries"]
    assert sorted(entry["key"] for entry in entries) == ["longer-t", "one", "two"]
    proxy.stop()

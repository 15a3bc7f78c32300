# SPDX-License-Identifier: Apache-2.0
"""/v1/maps and /v1/acls: lists of patterns are seen and changed while requests look into them."""

import json
import threading
from urllib.parse import quote

import pytest
from support import configs
from support.http_peers import HttpClient, request
from support.process import admin_connection, command

LANES = 3
PLAIN = {"Content-Type": "text/plain"}


def start(corelane, *rules, lanes=1, **global_keys):
    # What no rule answers finds no server.
    config = configs.http("127.0.0.1:1", frontend={"http_request": list(rules)}, lanes=lanes, **global_keys)
    config["defaults"]["retries"] = 0
    return corelane(config)


def says(text, condition=None):
    return {"action": "return", "string": text, **({"if": condition} if condition else {})}


def body(proxy, target="/"):
    with HttpClient(proxy.address("f")) as client:
        return client.ask(request(target=target)).body.decode()


@pytest.fixture
def countries(tmp_path):
    path = tmp_path / "countries.map"
    path.write_text("# where\n10.0.0.0/8 inside\n127.0.0.0/8 here\n\n127.0.0.1/32 this one\n")
    return path


@pytest.mark.sanitize
def test_a_map_is_shown_and_changed(corelane, countries):
    proxy = start(corelane, says(f"%[src,map_ip({countries},nowhere)]"))
    assert body(proxy) == "this one"
    listed = {"id": 0, "file": str(countries), "entries": 3}
    assert proxy.request("GET", "/v1/maps") == (200, {"maps": [listed]})
    assert proxy.request("GET", "/v1/acls") == (200, {"acls": []})
    entries = [{"key": "10.0.0.0/8", "value": "inside", "line": 2}, {"key": "127.0.0.0/8", "value": "here", "line": 3},
               {"key": "127.0.0.1/32", "value": "this one", "line": 5}]
    by_file = f"/v1/maps/{quote(str(countries), safe='')}"
    assert proxy.request("GET", by_file) == (200, {**listed, "content": entries, "next": None})
    assert proxy.request("GET", "/v1/maps/0?limit=1&after=1") == (200, {**listed, "content": entries[1:2], "next": 2})
    assert proxy.request("GET", "/v1/maps/0?key=127.0.0.0/8") == (200, {**listed, "content": entries[1:2]})
    found = {"method": "ip", "ignore_case": False, "found": entries[1]}
    assert proxy.request("GET", "/v1/maps/0?match=127.9.9.9") == (200, {"match": "127.9.9.9", "uses": [found]})

    changes = {"delete": ["127.0.0.1/32"], "set": {"127.0.0.0/8": "loop", "::1": "loop6"}}
    assert proxy.request("PATCH", "/v1/maps/0", changes) == (200, listed)
    assert body(proxy) == "loop"
    assert proxy.request("DELETE", "/v1/maps/0?key=127.0.0.0/8") == (200, {**listed, "entries": 2})
    assert body(proxy) == "nowhere"
    assert proxy.request("PUT", "/v1/maps/0", "127.0.0.1 again\n", PLAIN) == (200, {**listed, "entries": 1})
    assert body(proxy) == "again"
    assert proxy.request("DELETE", "/v1/maps/0") == (200, {**listed, "entries": 0})
    assert body(proxy) == "nowhere"
    assert "The map 0" in proxy.stderr
    proxy.stop()


def test_a_list_of_patterns_is_changed(corelane, tmp_path):
    (tmp_path / "paths").write_text("/admin\n")
    proxy = start(corelane, says("refused", f"{{ path_beg -f {tmp_path / 'paths'} }}"),
                  says("by id", "{ path -u 7 /seven }"), says("else"))
    assert [body(proxy, path) for path in ("/admin/x", "/seven", "/other")] == ["refused", "by id", "else"]
    listed = [{"id": 0, "file": str(tmp_path / "paths"), "entries": 1}, {"id": 7, "file": None, "entries": 1}]
    assert proxy.request("GET", "/v1/acls") == (200, {"acls": listed})
    assert proxy.request("PATCH", "/v1/acls/7", {"add": ["/other"], "delete": ["/seven"]})[0] == 200
    assert proxy.request("PUT", "/v1/acls/0", "/private\n/secret\n", PLAIN)[0] == 200
    assert [body(proxy, path) for path in ("/admin/x", "/seven", "/other", "/secret/x")] == [
        "else", "else", "by id", "refused"]
    proxy.stop()


def test_what_cannot_be_is_refused_and_changes_nothing(corelane, countries):
    proxy = start(corelane, says(f"%[src,map_ip({countries},nowhere)]"))
    for method, path, content, status, error in [
        ("GET", "/v1/maps/9", None, 404, 'there is no map "9": it is named by its id or its file'),
        ("GET", "/v1/acls/0", None, 404, 'there is no list of patterns "0": it is named by its id or its file'),
        ("GET", "/v1/maps/0?key=x", None, 404, 'there is no entry "x"'),
        ("GET", "/v1/maps/0?limit=0", None, 400, 'limit: "0" is not a whole number from 1 to 1000'),
        ("GET", "/v1/maps/0?kei=0", None, 400, 'unknown key "kei"'),
        ("DELETE", "/v1/maps/0?key=x", None, 404, 'there is no entry "x"'),
        ("PATCH", "/v1/maps/0", {"delete": ["x"]}, 404, 'there is no entry "x"'),
        ("PATCH", "/v1/maps/0", {"set": {"10.0.0.999": "x"}}, 400,
         '"10.0.0.999": bad network "10.0.0.999": this is no IP address'),
        ("PATCH", "/v1/maps/0", {"set": {"10.0.0.9": "x\ny"}}, 400,
         ":1:22: error: set[\"10.0.0.9\"]: expected a key that is not empty and a string, each in one line"),
        ("PATCH", "/v1/maps/0", {"add": ["x"]}, 400,
         ":1:2: error: add: unknown key; allowed: set, delete"),
        ("PUT", "/v1/maps/0", "::1 a\nnet b\n", 400, 'line 2: bad network "net": this is no IP address'),
    ]:
        answer = proxy.request(method, path, content)
        assert (answer[0], answer[1]["error"]) == (status, error), (method, path)
    assert body(proxy) == "this one"
    proxy.stop()


def test_a_broken_line_is_named_at_the_start(tmp_path):
    (tmp_path / "bad.map").write_text("a 1\nb two\n")
    config = configs.http("127.0.0.1:1", frontend={"http_request": [says(f"%[path,map_str_int({tmp_path / 'bad.map'})]")]})
    (tmp_path / "c.json").write_text(json.dumps(config))
    done = command("check", tmp_path / "c.json")
    assert done.returncode == 1
    assert f"frontends.f.http_request[0].string: {tmp_path / 'bad.map'}:2: the value \"two\" is not an integer" in done.stderr


@pytest.mark.sanitize
@pytest.mark.lanes
def test_changes_under_load_are_whole_and_seen_at_once(corelane, tmp_path):
    """Every value is one letter many times, among entries that come and go with it. Who asks after the administrator
    has been answered gets the new one, in whatever lane."""
    letters = "abcdefgh"
    others = [f"/other{number} x" for number in range(200)]

    def content(letter):
        entries = [*others, f"/key {letter * 300}"]
        return "\n".join(entries if letter in "aceg" else reversed(entries)) + "\n"

    path = tmp_path / "letters.map"
    path.write_text(content("a"))
    proxy = start(corelane, says(f"%[path,map({path})] %[path,map_beg({path})] %[path,map_sub({path})]"), lanes=LANES, log=[])
    stop = threading.Event()
    seen = []

    def load():
        with HttpClient(proxy.address("f")) as client:
            while not stop.is_set():
                seen.append(client.ask(request(target="/key")).body.decode())

    threads = [threading.Thread(target=load) for _ in range(3)]
    for thread in threads:
        thread.start()
    connection = admin_connection(proxy.admin)
    for letter in letters:
        assert proxy.request("PUT", "/v1/maps/0", content(letter), PLAIN, connection)[0] == 200
        assert body(proxy, "/key") == " ".join([letter * 300] * 3)
    connection.close()
    stop.set()
    for thread in threads:
        thread.join()
    whole = {letter * 300 for letter in letters}
    assert len(seen) > len(letters)
    for text in seen:
        assert set(text.split(" ")) <= whole, text[:80]
    proxy.stop()

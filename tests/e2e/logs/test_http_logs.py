# SPDX-License-Identifier: Apache-2.0
"""Log lines of HTTP requests: HAProxy's httplog, beside HAProxy's own; JSON; and which lines are written at all."""

import re
import socket
import time

import pytest
from support.haproxy import HaProxy
from support.http_peers import HttpClient, HttpServer, request, response
from support.peers import connect
from support.waiting import wait_until

HTTPLOG = re.compile(
    r"(?P<client>[^:]+):\d+ \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d\.\d{3}\] (?P<names>\S+ \S+) "
    r"(?P<timers>(-?\d+/){4}\+?\d+) (?P<status>-?\d+) (?P<bytes>\+?\d+) (?P<cookies>\S+ \S+) (?P<state>\S{4}) "
    r"\d+/\d+/\d+/\d+/(?P<retries>\+?\d+) (?P<rest>\d+/\d+ .*)$"
)
TIMEOUTS = {"connect": "5s", "client": "20s", "server": "400ms", "http_request": "400ms"}
HAPROXY = """
  log {log} len 8192 local0
  mode http
  retries 0
  timeout server 400ms
  timeout http-request 400ms
frontend f
  bind {{address}}
  option httplog
  {options}
  default_backend b
backend b
  server s1 {server}
"""


def collector():
    daemon = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    daemon.bind(("127.0.0.1", 0))
    daemon.settimeout(30)
    return daemon, "127.0.0.1:%d" % daemon.getsockname()[1]


def comparable(line):
    """The line without what differs from one run to the next: of timers only which were reached. HAProxy counts bytes of
    its own form of a message, which are some more or less than what it sends."""
    fields = HTTPLOG.match(line)
    assert fields, line
    timers = re.sub(r"(?<![-\d])\d+", "N", fields["timers"])
    return [timers, *fields.group("client", "names", "status", "cookies", "state", "retries", "rest")]


class Pair:
    """Corelane and HAProxy before the same server, each with a log of its own."""

    def __init__(self, web, folder, server, frontend, options):
        self.logs = {}
        daemon, log = collector()
        proxy = web(
            server.address, frontend={"log_format": "http", **frontend}, timeouts=TIMEOUTS,
            backend={"retries": 0}, log=[{"to": f"udp://{log}"}],
        )
        self.logs[proxy.address()] = daemon
        daemon, log = collector()
        sections = HAPROXY.format(log=log, server=server.address, options="\n  ".join(options))
        self.haproxy = HaProxy(folder / "haproxy", sections)
        self.logs[self.haproxy.address] = daemon

    def __enter__(self):
        self.haproxy.__enter__()
        return self

    def __exit__(self, *_):
        self.haproxy.__exit__()
        for daemon in self.logs.values():
            daemon.close()

    def same(self, talk, lines=1):
        """`talk` has the same conversation with both; their lines are the same."""
        told = []
        for address, daemon in self.logs.items():
            talk(address)
            messages = [daemon.recv(65536).decode("latin-1").rstrip("\n") for _ in range(lines)]
            told.append([comparable(message.partition("]: ")[2]) for message in messages])
            told[-1].insert(0, [message.partition(">")[0] for message in messages])
        assert told[0] == told[1]
        return told[0]


def ask(*messages):
    def talk(address):
        with HttpClient(address) as client:
            for message in messages:
                assert client.ask(message).start

    return talk


def say(data, then_close=True):
    """Sends what is no whole request."""

    def talk(address):
        with connect(address) as connection:
            connection.sendall(data)
            if then_close:
                connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass

    return talk


def by_path(message, connection):
    what = message.start.split()[1].rsplit("/", 1)[-1]
    if what == "silence":
        return None
    if what == "sleep":
        time.sleep(1)
        return None
    if what == "broken":
        return b"HTTP/1.1 200 OK\r\nBad Field: x\r\n\r\n"
    if what == "short":
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello")
        return None
    status = int(what) if what.isdigit() else 200
    return response(status, b"hello", "Server: a|b{c}\"#\xe9", "Set-Cookie: SESS=abcdefghijkl; path=/", "X-Long: 0123456789")


def test_lines_are_those_of_haproxy(web, tmp_path):
    capture = {
        "request_headers": [{"name": "Host", "length": 64}, {"name": "user-agent", "length": 11}, {"name": "X-No", "length": 8}],
        "response_headers": [{"name": "Server", "length": 32}, {"name": "X-Long", "length": 4}],
        "cookie": {"name": "SESS", "length": 12},
    }
    options = [
        "capture request header Host len 64", "capture request header user-agent len 11",
        "capture request header X-No len 8", "capture response header Server len 32",
        "capture response header X-Long len 4", "capture cookie SESS= len 12",
    ]
    with HttpServer(by_path) as server, Pair(web, tmp_path, server, {"capture": capture}, options) as pair:
        pair.same(ask(request()))
        told = pair.same(
            ask(request("GET", "/a?b=%20'\\", "User-Agent: Mozilla/5.0 and more", "Cookie: a=1; SESS=1234567890123"))
        )
        assert "{a.test|Mozilla/5.0|}" in told[1][-1] and told[1][4] == "SESS=1234567 SESS=abcdefg"
        pair.same(ask(request("GET", "/", "User-Agent: one", "User-Agent: |{}#\"\xe9", "X-No:")))
        pair.same(ask(request("GET", "/first"), request("POST", "/second", body=b"12345")), lines=2)
        pair.same(ask(request("GET", "/old", version="HTTP/1.0")))
        pair.same(ask(request("GET", "http://a.test/absolute")))
        pair.same(ask(request("GET", "/" + "u" * 2000)))
        pair.same(ask(request("GET", "/404")))
        pair.same(ask(request("GET", "/500")))
        pair.same(say(b"GET / HTTP/1.1\r\nBad Field: x\r\n\r\n", then_close=False))
        pair.same(say(b"GET / HT"))
        pair.same(say(b""))
        pair.same(say(b"GET / HTTP/1.1\r\n", then_close=False))
        pair.same(ask(request("GET", "/silence")))
        pair.same(ask(request("GET", "/broken")))
        pair.same(ask(request("GET", "/sleep")))


def test_a_server_that_is_not_there(web, tmp_path):
    with HttpServer(by_path) as server:
        pair = Pair(web, tmp_path, server, {}, [])
    with pair:
        told = pair.same(ask(request()))
        assert told[1][5] == "SC--"


def test_failures_are_of_a_higher_level(web, tmp_path):
    with HttpServer(by_path) as server:
        with Pair(web, tmp_path, server, {"log_separate_errors": True}, ["option log-separate-errors"]) as pair:
            assert pair.same(ask(request()))[0] == ["<134"]
            assert pair.same(ask(request("GET", "/500")))[0] == ["<131"]
            assert pair.same(say(b"bad\r\n\r\n", then_close=False))[0] == ["<131"]


def test_a_line_before_the_end(web):
    """It comes while the body is still on its way, and none follows."""
    held = []

    def begin_only(_message, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
        wait_until(lambda: held, "the line was written")
        return b"0123456789"

    with HttpServer(begin_only) as server:
        proxy = web(server.address, frontend={"log_format": "http", "log_as_soon_as_possible": True})
        with HttpClient(proxy.address()) as client:
            client.send(request())
            held += wait_until(proxy.log_lines, "a line before the end")
            assert client.answer().body == b"0123456789"
        fields = HTTPLOG.search(held[0])
        assert fields["bytes"].startswith("+") and "/+" in fields["timers"] and fields["state"] == "----"
        proxy.stop()
        assert len(proxy.log_lines()) == 1


def test_lines_that_are_not_wanted(web):
    with HttpServer(by_path) as server:
        proxy = web(
            server.address,
            frontend={"dont_log_null": True, "dont_log_normal": True, "monitor_uri": "/alive"},
            timeouts={"http_request": "300ms"},
        )
        connect(proxy.address()).close()
        say(b"", then_close=False)(proxy.address())
        ask(request(), request("GET", "/alive"), request("GET", "/404"))(proxy.address())
        ask(request("GET", "/500"))(proxy.address())
        proxy.stop()
        assert [record["http"]["target"] for record in proxy.records()] == ["/500"]


def test_json(web):
    capture = {"request_headers": [{"name": "Host", "length": 64}], "cookie": {"name": "SESS", "length": 32}}
    with HttpServer(by_path) as server:
        proxy = web(server.address, frontend={"capture": capture})
        ask(request(), request("GET", "/b?c", "Cookie: SESS=1"))(proxy.address())
        say(b"GET / HTTP/1.1\r\nHost: a\r\nBad Field: x\r\n\r\n", then_close=False)(proxy.address())
        first, second, refused = wait_until(
            lambda: len(proxy.records()) == 3 and proxy.records(), "three lines"
        )
        assert first["http"]["request_number"] == 1 and second["http"]["request_number"] == 2
        http = second["http"]
        assert (http["method"], http["target"], http["version"], http["status"]) == ("GET", "/b?c", "1.1", 200)
        assert http["request_headers"] == {"Host": "a.test"}
        assert (http["request_cookie"], http["response_cookie"]) == ("SESS=1", "SESS=abcdefghijkl")
        assert (second["end_reason"], second["termination_state"]) == ("completed", "----")
        assert (refused["end_reason"], refused["termination_state"]) == ("request_invalid", "PR--")
        assert refused["detail"] and refused["http"]["refusal_position"] == 28
        assert refused["http"]["status"] == 400 and refused["http"]["target"] is None


@pytest.mark.sanitize
def test_what_is_counted(web):
    with HttpServer(by_path) as server:
        proxy = web(server.address, backend={"http_reuse": "always", "retries": 0})
        ask(request(), request("GET", "/404"))(proxy.address())
        ask(request("GET", "/silence"))(proxy.address())
        say(b"bad\r\n\r\n", then_close=False)(proxy.address())
        say(b"GET")(proxy.address())
        with HttpClient(proxy.address()) as client:
            assert client.ask().status == 200
            wait_until(lambda: proxy.frontend("f")["connections_idle"] == 1, "the client is idle")
            wait_until(lambda: proxy.stats()["backends"]["b"]["servers"]["s1"]["connections_idle"] == 1, "the server is idle")
        wait_until(lambda: proxy.frontend("f")["connections_idle"] == 0, "the client has gone")
        frontend, backend = proxy.frontend("f"), proxy.stats()["backends"]["b"]
        counted = backend["servers"]["s1"]
        assert frontend["requests_total"] == backend["requests_total"] == counted["requests_total"] == 4
        assert (frontend["requests_invalid"], frontend["requests_incomplete"]) == (1, 1)
        assert (counted["responses_2xx"], counted["responses_4xx"], counted["responses_5xx"]) == (2, 1, 0)
        assert (backend["responses_5xx"], backend["server_aborts"], counted["server_aborts"]) == (1, 1, 1)
        assert frontend["responses_4xx"] == 2
        assert counted["requests_reusing"] >= 1

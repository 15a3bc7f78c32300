# SPDX-License-Identifier: Apache-2.0
"""Each word of retry_on, against each way in which a server fails: tried again when HAProxy tries again, and else told
to the client as HAProxy tells it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from support import configs
from support.haproxy import HaProxy
from support.http_peers import HttpClient, HttpServer, request, response
from support.peers import reset
from support.ports import free_port

STATUSES = [401, 403, 404, 408, 425, 500, 501, 502, 503, 504]
WORDS = ["none", "conn-failure", "empty-response", "junk-response", "response-timeout", *map(str, STATUSES),
         "all-retryable-errors"]
FAILURES = ["closed", "reset", "junk", "half", *map(str, STATUSES)]
# HAProxy's manual says of junk-response: "This includes partial response headers". Its program counts them as
# empty-response; here the manual holds.
BY_THE_MANUAL = {("empty-response", "half"), ("junk-response", "half")}
PATIENT, IMPATIENT = "30s", "2s"  # time-outs of servers


class FailsFirst(HttpServer):
    """/FAILURE/ANY fails the first time that it is asked for, and only then."""

    def __init__(self):
        super().__init__(self._answer_one)
        self.seen = {}
        self.done = threading.Event()

    def _answer_one(self, message, connection):
        target = message.start.split()[1]
        with self._lock:
            self.seen[target] = times = self.seen.get(target, 0) + 1
        if times > 1:
            return response(200, b"fine")
        failure = target.split("/")[1]
        if failure == "closed":
            return None
        if failure == "reset":
            reset(connection)
            return None
        if failure == "junk":
            return b"nonsense\r\n\r\n"
        if failure == "half":
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-")
            return None
        if failure == "late":
            self.done.wait(60)
            return None
        return response(int(failure), b"no")


@pytest.fixture
def both(tmp_path, corelane):
    """both(server, time-out) is, for each word, the addresses of Corelane and HAProxy."""
    with ExitStack() as stack:

        def start(server, timeout):
            config = configs.http(timeouts={"server": timeout})
            config["frontends"], config["backends"] = {}, {}
            sections, addresses = "", {}
            for word in WORDS:
                ours, theirs = (f"127.0.0.1:{free_port()}" for _ in range(2))
                addresses[word] = (ours, theirs)
                config["frontends"][word] = {"bind": [{"address": ours}], "log_format": "json", "default_backend": word}
                config["backends"][word] = {"servers": configs.named([server.address]), "retries": 1, "retry_on": word}
                sections += f"""
listen {word}
  mode http
  bind {theirs}
  timeout server {timeout}
  retries 1
  retry-on {word}
  server s {server.address}
"""
            corelane(config)
            stack.enter_context(HaProxy(tmp_path / "haproxy", sections))
            return addresses

        yield start


def outcome(server, address, method, target):
    with HttpClient(address) as client:
        answer = client.ask(request(method, target, body=b"12345" if method == "POST" else b""))
    return answer and answer.status, server.seen[target]


def pair(server, addresses, method, word, failure):
    """What became of the same request here and there."""
    ours, theirs = addresses[word]
    return (outcome(server, ours, method, f"/{failure}/{word}/{method}/ours"),
            outcome(server, theirs, method, f"/{failure}/{word}/{method}/theirs"))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_word_and_every_failure(both, method):
    with FailsFirst() as server:
        addresses = both(server, PATIENT)
        differ = []
        for word in WORDS:
            for failure in FAILURES:
                mine, other = pair(server, addresses, method, word, failure)
                if (mine == other) == ((word, failure) in BY_THE_MANUAL):
                    differ.append(f"{word}, {failure}: here {mine}, HAProxy {other}")
        assert not differ, "\n".join(differ)


def test_a_server_that_is_late(both):
    with FailsFirst() as server:
        addresses = both(server, IMPATIENT)
        with ThreadPoolExecutor(len(WORDS)) as pool:
            pairs = list(pool.map(lambda word: pair(server, addresses, "GET", word, "late"), WORDS))
        server.done.set()
        assert {word: mine for word, (mine, _) in zip(WORDS, pairs)} == {
            word: other for word, (_, other) in zip(WORDS, pairs)}
        assert pairs[WORDS.index("response-timeout")][0] == (200, 2)
        assert pairs[WORDS.index("none")][0] == (504, 1)

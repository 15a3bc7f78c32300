# SPDX-License-Identifier: Apache-2.0
"""curl gets through Corelane what it gets from the servers themselves: nginx, Python's http.server, node."""

import hashlib
import json
import subprocess
import sys
from dataclasses import dataclass

import pytest
from support.nginx import Nginx
from support.peers import connect, quiet
from support.ports import free_port
from support.process import WITH_PARENT
from support.waiting import wait_until

pytestmark = [pytest.mark.sanitize]

FILES = {"small": b"hello\n", "empty": b"", "page.txt": b"line of a page\n" * 2000, "large": bytes(range(256)) * 8192}
# Of one connection alone, or of the moment.
PASSING = {"date", "connection", "keep-alive"}
UPLOAD = bytes(range(251)) * 4001


@dataclass
class Got:
    """What curl saw: the heads (interim ones too), the body, its trailer, and the values of --write-out."""

    heads: list
    body: bytes
    trailer: dict
    sums: dict

    @property
    def status(self):
        return self.heads[-1][0]

    @property
    def fields(self):
        return self.heads[-1][1]


def run(*arguments, body=None):
    done = subprocess.run(["curl", "-sS", "--max-time", "60", *arguments], input=body, capture_output=True, timeout=90)
    assert done.returncode == 0, done.stderr
    return done


def curl(address, target, *arguments, body=None):
    done = run("-D", "/dev/stderr", "-w", "%{stderr}\r\n\r\n%{json}", *arguments, f"http://{address}{target}", body=body)
    *heads, sums = [text.strip() for text in done.stderr.decode("latin-1").split("\r\n\r\n") if text.strip()]
    trailer = read_fields(heads.pop()) if not heads[-1].startswith("HTTP/") else {}
    return Got([read_head(text) for text in heads], done.stdout, trailer, json.loads(sums))


def read_head(text):
    start, _, fields = text.partition("\r\n")
    return int(start.split()[1]), read_fields(fields)


def read_fields(text):
    """{name: value} without what may differ."""
    pairs = [[part.strip() for part in line.split(":", 1)] for line in text.split("\r\n") if line]
    return {name.lower(): value for name, value in pairs if name.lower() not in PASSING}


@pytest.fixture
def nginx(tmp_path):
    compresses = "gzip on; gzip_types text/plain; gzip_min_length 1;"
    with Nginx(tmp_path / "nginx", FILES, directives=compresses) as server:
        yield server.address


@pytest.fixture
def http_server(tmp_path):
    """Python's, which speaks HTTP/1.0."""
    (tmp_path / "python").mkdir()
    for name, content in FILES.items():
        (tmp_path / "python" / name).write_bytes(content)
    port = free_port()
    process = subprocess.Popen(
        [*WITH_PARENT, sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1",
         "--directory", tmp_path / "python"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    address = f"127.0.0.1:{port}"
    wait_until(lambda: quiet(connect, address), "http.server listens").close()
    yield address
    process.kill()
    process.wait()


@pytest.fixture
def web_server(node):
    return node("web_server.js").address


@pytest.fixture
def server(request):
    """The address of the server whose fixture is the parameter."""
    return request.getfixturevalue(request.param)


both_file_servers = pytest.mark.parametrize("server", ["nginx", "http_server"], indirect=True)

ASKED = [
    *(("/" + name, []) for name in FILES),
    ("/missing", []),
    ("/page.txt", ["-I", "-o", "/dev/null"]),
    ("/page.txt", ["-r", "100-199"]),
    ("/page.txt", ["-r", "-5"]),
    ("/page.txt", ["-r", "99999999-"]),
    ("/page.txt", ["-H", "Accept-Encoding: gzip"]),
    ("/page.txt", ["-0"]),
    ("/page.txt", ["-0", "-H", "Connection: keep-alive"]),
    ("/small", ["-X", "POST", "-d", "a=b"]),
    ("/small", ["-H", "If-Modified-Since: Fri, 31 Dec 2100 23:59:59 GMT"]),
    ("/a/../small?%41=b", ["--path-as-is"]),
]


@both_file_servers
def test_what_curl_gets_is_what_the_server_sends(web, server):
    proxy = web(server)
    for target, arguments in ASKED:
        direct, through = curl(server, target, *arguments), curl(proxy.address(), target, *arguments)
        assert (through.heads, through.body) == (direct.heads, direct.body), (target, arguments)


def test_one_connection_serves_every_url(web, nginx):
    address = web(nginx).address()
    urls = [f"http://{address}/{name}" for name in ("small", "page.txt", "large", "empty")]
    done = run(*(word for url in urls for word in ("-o", "/dev/null", url)), "-w", "%{http_code} %{num_connects}\n")
    assert done.stdout.decode().split("\n")[:4] == ["200 1", "200 0", "200 0", "200 0"]


def test_several_ranges(web, nginx):
    got = curl(web(nginx).address(), "/page.txt", "-r", "0-9,20-29")
    assert got.status == 206 and got.fields["content-type"].startswith("multipart/byteranges")
    assert got.body.count(b"Content-Range: bytes") == 2


def test_compressed_responses(web, nginx, web_server):
    for server, target, content in ((nginx, "/page.txt", FILES["page.txt"]), (web_server, "/gzip", b"compressed " * 10000)):
        address = web(server).address()
        packed = curl(address, target, "-H", "Accept-Encoding: gzip")
        assert packed.fields["content-encoding"] == "gzip" and len(packed.body) < len(content) / 10
        assert curl(address, target, "--compressed").body == content


def test_a_trailer(web, web_server):
    got = curl(web(web_server).address(), "/trailers")
    assert (got.status, got.body) == (200, b"a body and its sum")
    assert got.trailer == {"x-sum": "42"}


@pytest.mark.parametrize("framing", ["content-length", "transfer-encoding"])
@pytest.mark.parametrize("expect", [False, True], ids=["at once", "expects 100"])
def test_uploads(web, web_server, tmp_path, framing, expect):
    (tmp_path / "body").write_bytes(UPLOAD)
    fields = ["-H", "Expect: 100-continue" if expect else "Expect:"]
    fields += ["-H", "Transfer-Encoding: chunked"] if framing == "transfer-encoding" else []
    proxy = web(web_server)
    got = curl(proxy.address(), "/told", "-T", tmp_path / "body", *fields)
    told = json.loads(got.body)
    assert (told["length"], told["hash"]) == (len(UPLOAD), hashlib.sha256(UPLOAD).hexdigest())
    assert {"content-length", "transfer-encoding"} & set(told["fields"]) == {framing}
    assert [status for status, _ in got.heads] == ([100, 200] if expect else [200])
    assert curl(proxy.address(), "/echo", "-T", tmp_path / "body", *fields).body == UPLOAD


def test_an_upload_that_the_server_refuses_is_not_sent(web, web_server):
    got = curl(web(web_server).address(), "/refused", "-T", "-", "-H", "Expect: 100-continue", "--expect100-timeout", "60",
               body=UPLOAD)
    assert (got.status, got.sums["size_upload"]) == (417, 0)


def test_an_http_1_0_client(web, web_server):
    got = curl(web(web_server).address(), "/told", "-0", "-d", "a=b")
    told = json.loads(got.body)
    assert (told["length"], got.fields.get("transfer-encoding")) == (3, None)


def test_targets_arrive_as_they_are(web, web_server):
    address = web(web_server).address()
    for target in ("/a/../b//c/./%2e%2E?x=../y&z=%00", "/;a=b?c?d", "//two/slashes", "/~a'(b)*!$,+:@"):
        assert json.loads(curl(address, target, "--path-as-is").body)["target"] == target


def test_a_connect_tunnel(web, web_server):
    proxy = web(web_server)
    got = curl("inside.test", "/told?through=tunnel", "--proxytunnel", "--proxy", f"http://{proxy.address()}")
    assert [status for status, _ in got.heads] == [200, 200]
    told = json.loads(got.body)
    assert (told["target"], told["fields"]["host"]) == ("/told?through=tunnel", "inside.test")
    assert proxy.wait_log(1)[0]["http"]["status"] == 200


def test_a_proxy_request(web, web_server):
    """An absolute target, as clients send it to a proxy."""
    proxy = web(web_server)
    told = json.loads(curl("inside.test", "/told?a", "--proxy", f"http://{proxy.address()}").body)
    assert (told["target"], told["fields"]["host"]) == ("/told?a", "inside.test")
    assert "proxy-connection" not in told["fields"]

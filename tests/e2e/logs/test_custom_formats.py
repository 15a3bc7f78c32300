# SPDX-License-Identifier: Apache-2.0
"""Forms of log lines in HAProxy's language, beside HAProxy's own lines; and what syslog daemons are sent."""

import os
import re
import socket

import pytest
from support.haproxy import HaProxy
from support.http_peers import HttpClient, HttpServer, request, response
from support.peers import TcpServer, answer, connect, echo
from support.ports import free_port

# bc and sc are left out: HAProxy takes a connection off these counts before it writes its line. What differs from one run to the next: digits stand for themselves where nothing is here.
HTTP_NAMES = {
    "B": r"\+?\d+", "Ta": r"\d+", "Tc": r"-?\d+", "Td": r"-?\d+", "Th": r"\d+", "Ti": r"-?\d+", "Tq": r"-?\d+",
    "TR": r"-?\d+", "Tr": r"-?\d+", "Tt": r"\d+", "Tu": r"\d+", "Tw": r"-?\d+", "U": r"\d+", "cp": r"\d+|[0-9A-F]{4}",
    "fp": r"\d+|[0-9A-F]{4}", "bp": r'\d+|"\d+"|[0-9A-F]{4}|-|""', "pid": r"\d+|[0-9A-F]{4,8}",
    "T": r"\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+0000", "Tl": r"\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}",
    "t": r"\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d\.\d{3}", "tr": r"\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d\.\d{3}",
    "trg": r"\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+0000", "trl": r"\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}",
    "Ts": r"\d{10}|[0-9A-F]{8}", "ms": r"\d{3}|[0-9A-F]{2,3}",
    "rt": r"\d+|[0-9A-F]{4}",
}
SAME = ["CC", "CS", "H", "ID", "HM", "HP", "HPO", "HQ", "HU", "HV", "ST", "ac", "b", "bi", "bq", "ci", "f", "fc", "fi",
        "ft", "hr", "hrl", "hs", "hsl", "lc", "r", "rc", "s", "si", "sp", "sq", "ts", "tsc", "[src]",
        "[str(a b),upper]", "[src,ipmask(8)]", "[int(5),add(2)]", "[fe_name]", "[nbsrv(b)]"]
OF_HTTP = {"CC", "CS", "HM", "HP", "HPO", "HQ", "HU", "HV", "Ta", "Ti", "Tq", "TR", "Tr", "r", "tr", "trg", "trl", "tsc",
           "hr", "hrl", "hs", "hsl"}
SECTIONS = """
  log {log} len 8192 local0
  mode {mode}
  retries 0
frontend f
  bind {{address}}
  {captures}
  log-format '{log_format}'
  default_backend b
backend b
  server s1 {server}
"""
CAPTURES = {"request_headers": [{"name": "Host", "length": 20}, {"name": "X-Odd", "length": 40}],
            "response_headers": [{"name": "Server", "length": 10}], "cookie": {"name": "S", "length": 30}}
HAPROXY_CAPTURES = """capture request header Host len 20
  capture request header X-Odd len 40
  capture response header Server len 10
  capture cookie S len 30"""


def collector():
    daemon = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    daemon.bind(("127.0.0.1", 0))
    daemon.settimeout(30)
    return daemon, "127.0.0.1:%d" % daemon.getsockname()[1]


def names_of(mode):
    return [name for name in [*HTTP_NAMES, *SAME] if mode == "http" or name not in OF_HTTP]


def parts_of(message, names):
    """By their names; what differs from run to run is checked for its form alone."""
    parts = message.partition("]: ")[2].rstrip("\n").split("~")
    assert len(parts) == len(names), message
    told = dict(zip(names, parts))
    for name, form in HTTP_NAMES.items():
        if name in told:
            assert re.fullmatch(form, told[name]), (name, told[name])
            told[name] = re.sub(r"\d|[A-F]", "", told[name])
    return told


CONVERSATIONS = {
    "plain": request("GET", "/a/b?c=d&e", 'X-Odd: a"b]c\\d|{}#'),
    "cookies": request("GET", "/setcookie", "Cookie: S=one; T=two", "X-Odd:"),
    "absolute": request("GET", "http://h.example:80/p?q"),
    "posted": request("POST", "/x", body=b"0123456789"),
    "broken": b"GET /a\x01b HTTP/1.1\r\nHost: x\r\n\r\n",
}


def respond(message, connection):
    return response(200, b"hello", "Server: a|very long one", "Set-Cookie: S=abc; path=/")


@pytest.mark.parametrize("flags", ["", "%{+Q}o", "%{+X}o", "%{+Q,+E}o"])
def test_http_lines_like_haproxys(web, tmp_path, flags):
    names = names_of("http")
    log_format = flags + "~".join("%" + name for name in names)
    with HttpServer(respond) as server:
        daemon, log = collector()
        proxy = web(server.address, frontend={"log_format": log_format, "capture": CAPTURES},
                    backend={"retries": 0}, log=[{"to": f"udp://{log}"}])
        theirs, log = collector()
        sections = SECTIONS.format(log=log, mode="http", captures=HAPROXY_CAPTURES, log_format=log_format.replace("{", "{{").replace("}", "}}"),
                                   server=server.address)
        with daemon, theirs, HaProxy(tmp_path / "haproxy", sections) as haproxy:
            for what, message in CONVERSATIONS.items():
                told = []
                for address, log in ((proxy.address(), daemon), (haproxy.address, theirs)):
                    with HttpClient(address) as client:
                        client.ask(message)
                    told.append(parts_of(log.recv(65536).decode("latin-1"), names))
                for part in told:
                    # Ports of the server are its own; broken heads leave no captures with us.
                    del part["sp"]
                assert told[0] == told[1], what


@pytest.mark.parametrize("flags", ["", "%{+Q}o"])
def test_tcp_lines_like_haproxys(balancer, tmp_path, flags):
    names = names_of("tcp")
    log_format = flags + "~".join("%" + name for name in names)
    with TcpServer(echo) as server:
        daemon, log = collector()
        proxy = balancer(server.address, frontend={"log_format": log_format}, log=[{"to": f"udp://{log}"}])
        theirs, log = collector()
        sections = SECTIONS.format(log=log, mode="tcp", captures="", log_format=log_format.replace("{", "{{").replace("}", "}}"), server=server.address)
        with daemon, theirs, HaProxy(tmp_path / "haproxy", sections) as haproxy:
            told = []
            for address, log in ((proxy.address(), daemon), (haproxy.address, theirs)):
                answer(address, b"hello")
                told.append(parts_of(log.recv(65536).decode("latin-1"), names))
            assert told[0] == told[1]


FORMS = {
    "local": r"<150>\w{3} [ \d]\d \d\d:\d\d:\d\d me\[\d+\]: LINE",
    "rfc3164": r"<150>\w{3} [ \d]\d \d\d:\d\d:\d\d HOST me\[\d+\]: LINE",
    "rfc5424": r"<150>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d HOST me \d+ - - LINE",
    "priority": r"<150>LINE",
    "short": r"<6>LINE",
    "timed": r"<6>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d LINE",
    "iso": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d LINE",
    "raw": r"LINE",
}


def test_what_daemons_are_sent(balancer):
    daemons = {form: collector() for form in FORMS}
    targets = [{"to": f"udp://{log}", "format": form} | ({"facility": "local2"} if form[0] in "lpr" and form != "raw" else {})
               for form, (_, log) in daemons.items()]
    with TcpServer(echo) as server:
        balancer_of = balancer(
            server.address, frontend={"log_format": "%ft-%ts"}, log=targets,
            log_tag="me", log_send_hostname="auto")
        answer(balancer_of.address(), b"hello")
        for form, (daemon, _) in daemons.items():
            with daemon:
                expected = FORMS[form].replace("HOST", re.escape(os.uname().nodename)).replace("LINE", "f---")
                message = daemon.recv(65536).decode()
                assert re.fullmatch(expected, message), message


def test_targets_that_want_less(balancer):
    short, alarms, other = collector(), collector(), collector()
    targets = [{"to": f"udp://{short[1]}", "format": "raw", "length": 80},
               {"to": f"udp://{alarms[1]}", "format": "raw", "level": "alert"},
               {"to": f"udp://{other[1]}", "format": "raw", "sample": "2:2"}]
    with TcpServer(echo) as server:
        proxy = balancer(server.address, frontend={"log_format": "%lc " + "x" * 100}, log=targets)
        for _ in range(4):
            answer(proxy.address(), b"hello")
        for number in range(4):
            assert short[0].recv(65536) == b"%d " % number + b"x" * 78
        for number in (1, 3):
            assert other[0].recv(65536).startswith(b"%d " % number)
    alarms[0].setblocking(False)
    with pytest.raises(BlockingIOError):
        alarms[0].recv(65536)
    for daemon, _ in (short, alarms, other):
        daemon.close()


def test_connections_that_fail_before_a_request(web):
    daemon, log = collector()
    with daemon, HttpServer(respond) as server:
        bind = [{"address": f"127.0.0.1:{free_port()}", "accept_proxy": True}]
        proxy = web(server.address,
                    frontend={"bind": bind, "log_format": "fine %ST", "error_log_format": "error %ci %ts"},
                    log=[{"to": f"udp://{log}", "format": "raw"}])
        with connect(proxy.address()) as client:
            client.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert client.recv(100) == b""
        assert daemon.recv(1000) == b"error 127.0.0.1 PR"

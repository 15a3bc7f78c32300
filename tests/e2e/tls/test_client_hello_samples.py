# SPDX-License-Identifier: Apache-2.0
"""What clients' hellos offer, beside HAProxy: clients are told apart by it."""

import ssl

import pytest
from support import configs
from support.haproxy import HaProxy
from support.http_peers import Wire, request
from support.peers import connect
from support.tls import client_hello
from support.tls_peers import tls_connect
from support.waiting import wait_until

EXPRESSIONS = [
    "ssl_fc_cipherlist_bin,hex", "ssl_fc_cipherlist_bin(1),hex", "ssl_fc_cipherlist_hex", "ssl_fc_cipherlist_hex(1)",
    "ssl_fc_cipherlist_str", "ssl_fc_cipherlist_str(1)", "ssl_fc_cipherlist_xxh", "ssl_fc_extlist_bin,hex",
    "ssl_fc_extlist_bin(1),hex", "ssl_fc_eclist_bin,hex", "ssl_fc_eclist_bin(0),hex", "ssl_fc_eclist_bin(1),hex",
    "ssl_fc_ecformats_bin,hex", "ssl_fc_protocol_hello_id",
    "ssl_fc_cipherlist_bin(1),be2dec(-,2)", "ssl_fc_extlist_bin(1),be2dec(-,2)", "ssl_fc_ecformats_bin,be2dec(-,1)",
]
TEXT = "\\n".join(f"{number} %[{expression}]" for number, expression in enumerate(EXPRESSIONS))


def ask(address, context):
    with tls_connect(address, context) as client:
        client.sendall(request("GET", "/"))
        return Wire(client).message().body.decode().splitlines()


@pytest.fixture
def proxy(corelane, tls_config):
    config = tls_config(configs.http, "127.0.0.1:1", tls={"min_version": "TLSv1.2"})
    config["frontends"]["f"]["http_request"] = [
        {"action": "return", "content_type": "text/plain", "string": TEXT.replace("\\n", "\n")}]
    return corelane(config)


@pytest.mark.parametrize("client", ["modern", "old", "all ciphers"])
def test_samples(proxy, authority, site, tmp_path, client):
    sections = f"""
global
  tune.ssl.capture-buffer-size 4096
frontend f
  mode http
  timeout client 10s
  bind {{address}} ssl crt {site}
  http-request return status 200 content-type text/plain lf-string "{TEXT}"
"""
    context = authority.client_context()
    if client != "modern":
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    if client == "all ciphers":
        context.set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    with HaProxy(tmp_path / "haproxy", sections) as haproxy:
        theirs = ask(haproxy.address, context)
    ours = ask(proxy.address(), context)
    assert len(theirs) == len(EXPRESSIONS)
    assert dict(zip(EXPRESSIONS, ours)) == dict(zip(EXPRESSIONS, theirs))
    assert int(ours[EXPRESSIONS.index("ssl_fc_protocol_hello_id")].split()[1]) == 771


def with_grease(hello):
    """The record of a hello with a cipher, a group and an extension that are there to be ignored (RFC 8701)."""
    body = bytearray(hello[9:])
    at = 2 + 32
    at += 1 + body[at]
    ciphers = int.from_bytes(body[at:at + 2], "big")
    body[at:at + 2 + ciphers] = (ciphers + 2).to_bytes(2, "big") + b"\x1a\x1a" + body[at + 2:at + 2 + ciphers]
    at += 2 + ciphers + 2
    at += 1 + body[at]
    extensions = bytes(body[at + 2:])
    made = b"\x2a\x2a\x00\x00"
    while extensions:
        kind, size = extensions[:2], int.from_bytes(extensions[2:4], "big")
        content, extensions = extensions[4:4 + size], extensions[4 + size:]
        if kind == b"\x00\x0a":
            content = (len(content)).to_bytes(2, "big") + b"\x3a\x3a" + content[2:]
        made += kind + len(content).to_bytes(2, "big") + content
    body[at:] = len(made).to_bytes(2, "big") + made
    message = b"\x01" + len(body).to_bytes(3, "big") + bytes(body)
    return hello[:3] + len(message).to_bytes(2, "big") + message


def test_grease(corelane, tls_config, site, tmp_path):
    chosen = [one for one in EXPRESSIONS if "list" in one]
    text = " ".join(f"%[{expression}]" for expression in chosen)
    sections = f"""
global
  tune.ssl.capture-buffer-size 4096
frontend f
  timeout client 10s
  bind {{address}} ssl crt {site}
  log stdout len 16384 format raw daemon
  error-log-format "line {text}"
"""
    config = tls_config(configs.tcp, "127.0.0.1:1",
                        frontend={"log_format": f"line {text}", "error_log_format": f"line {text}"})
    proxy = corelane(config)
    hello = with_grease(client_hello("a.test"))
    with HaProxy(tmp_path / "haproxy", sections) as haproxy:
        leave(haproxy.address, hello)
        [theirs] = wait_until(lambda: lines(haproxy.output()), "a line of HAProxy")
    leave(proxy.address(), hello)
    [ours] = wait_until(lambda: lines("\n".join(proxy.log_lines())), "a line")
    ours, theirs = (dict(zip(chosen, line.split()[1:], strict=True)) for line in (ours, theirs))
    assert ours == theirs
    assert ours["ssl_fc_cipherlist_hex"].startswith("1A1A")
    assert not ours["ssl_fc_cipherlist_hex(1)"].startswith("1A1A")
    assert "UNKNOWN(1a1a)" in ours["ssl_fc_cipherlist_str"]
    assert "2A2A" in ours["ssl_fc_extlist_bin,hex"] and "2A2A" not in ours["ssl_fc_extlist_bin(1),hex"]
    assert "3A3A" in ours["ssl_fc_eclist_bin,hex"] and "3A3A" not in ours["ssl_fc_eclist_bin(1),hex"]


def leave(address, hello):
    with connect(address) as client:
        client.sendall(hello)
        client.settimeout(20)
        assert client.recv(1) == b"\x16"


def lines(text):
    return [line for line in text.splitlines() if line.startswith("line ")]

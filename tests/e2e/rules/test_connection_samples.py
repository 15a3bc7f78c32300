# SPDX-License-Identifier: Apache-2.0
"""What rules can say of connections, frontends, backends and servers, beside HAProxy."""

import pytest
from support import configs
from support.haproxy import HaProxy
from support.http_peers import HttpClient, HttpServer, request, response
from support.ports import free_port
from support.proxy_headers import AUTHORITY, UNIQUE_ID, tlv, v2

# HAProxy numbers frontends and backends otherwise, and knows no backend by name before one is chosen.
# A rate may be read when its second has just ended, so of rates only that there is one.
ALIKE = [
    "src", "src_is_local", "dst", "dst_is_local", "fc_http_major", "fc_rcvd_proxy", "fc_pp_authority", "fc_pp_unique_id",
    "fc_rtt(us),bool", "fc_rttvar(us),bool", "fc_unacked", "fc_sacked", "fc_lost", "fc_retrans", "fc_reordering",
    "so_id", "so_name", "fe_name", "fe_defbe", "fe_client_timeout", "fe_conn", "fe_sess_rate,bool", "fe_req_rate,bool",
    "be_conn(b)", "be_conn_free(b)", "be_sess_rate(b),bool", "nbsrv(b)", "connslots(b)", "queue(b)", "avg_queue(b)",
    "srv_is_up(b/s1)", "srv_conn(b/s1)", "srv_conn_free(b/s1)", "srv_conn_free(b/s2)", "srv_queue(b/s1)", "srv_sess_rate(b/s1),bool",
    "srv_weight(b/s1)", "srv_uweight(b/s1)", "srv_iweight(b/s2)",
]  # fmt: skip


@pytest.fixture
def server():
    with HttpServer(response(200, b"served")) as one:
        yield one


@pytest.fixture
def pair(corelane, server, tmp_path):
    """Both, with one line for each sample."""
    text = "|".join(f"%[{expression}]" for expression in ALIKE)
    rows = [{"address": server.address, "weight": 16, "max_connections": 10}, {"address": server.address, "weight": 32}]
    port = free_port()
    config = configs.http(
        *rows,
        frontend={"bind": [{"address": f"127.0.0.1:{port}", "name": "public", "accept_proxy": True}],
                  "http_request": [{"action": "return", "string": text, "if": "{ path /ask }"}]},
    )
    ours = corelane(config)
    theirs = free_port()
    sections = f"""
frontend f
  mode http
  timeout client 60s
  bind 127.0.0.1:{theirs} name public accept-proxy
  http-request return content-type text/plain lf-string "{text}" if {{{{ path /ask }}}}
  default_backend b
backend b
  mode http
  timeout server 60s
  server s1 {server.address} weight 16 maxconn 10
  server s2 {server.address} weight 32
"""
    with HaProxy(tmp_path / "haproxy", sections):
        yield ours.address("f"), f"127.0.0.1:{theirs}"


def samples(address, tlvs):
    with HttpClient(address) as client:
        client.send(v2("127.0.0.1", 4321, "127.0.0.1", 443, tlvs))
        assert client.ask(request(target="/")).body == b"served"
        text = client.ask(request(target="/ask")).body.decode()
    return dict(zip(ALIKE, text.split("|"), strict=True))


@pytest.mark.parametrize("tlvs", [b"", tlv(AUTHORITY, b"a.example") + tlv(UNIQUE_ID, b"id-1")])
def test_samples_are_those_of_haproxy(pair, tlvs):
    ours, theirs = (samples(address, tlvs) for address in pair)
    assert ours == theirs
    assert ours["fc_rtt(us),bool"] == "1"
    assert ours["fc_pp_authority"] == ("a.example" if tlvs else "")


def test_responses_say_who_served_them(corelane, server):
    rule = {"action": "set-header", "name": "X-By", "value": "%[be_name]/%[srv_name] %[srv_id] %[be_server_timeout]"}
    proxy = corelane(configs.http(server.address, frontend={"http_response": [rule]}))
    with HttpClient(proxy.address("f")) as client:
        assert client.ask(request(target="/")).one("x-by") == "b/s1 1 60000"

# SPDX-License-Identifier: Apache-2.0
"""config/flood.json before real nginx servers, beside HAProxy with the same rules."""

import time

import pytest
from support.examples import moved
from support.haproxy import HaProxy
from support.http_peers import HttpClient, request
from support.nginx import Nginx
from support.peers import connect

THEIRS = """
frontend ft_web
  mode http
  bind {{address}}
  stick-table type ip size 1m expire {expire} store gpc0
  acl static path_beg /static/ /images/
  acl static path_end .jpg .gif .png .css .js
  tcp-request connection track-sc0 src
  tcp-request connection reject if {{{{ sc0_get_gpc0 gt 0 }}}}
  http-request deny deny_status 403 if {{{{ sc0_get_gpc0 gt 0 }}}}
  use_backend bk_static if static
  default_backend bk_dynamic
backend bk_dynamic
  mode http
  stick-table type ip size 1m expire {expire} store http_req_rate(10s)
  acl too_fast sc1_http_req_rate gt 10
  acl mark sc0_inc_gpc0 gt 0
  http-request track-sc1 src
  http-request deny deny_status 403 if too_fast mark
  server d1 {dynamic}
backend bk_static
  mode http
  server s1 {static}
"""
# The example's ten seconds are long for a test.
EXPIRE_S = 1


@pytest.fixture
def sites(tmp_path):
    with Nginx(tmp_path / "dynamic", {"page": b"dynamic"}) as dynamic, \
            Nginx(tmp_path / "static", {"logo.png": b"static"}) as static:
        yield dynamic, static


@pytest.fixture(params=["corelane", "haproxy"])
def proxy_address(request, corelane, sites, tmp_path):
    dynamic, static = (site.address for site in sites)
    expire = f"{int(EXPIRE_S * 1000)}ms"
    if request.param == "corelane":
        config = moved("flood.json", {"d1": dynamic, "s1": static})
        for owner in (config["frontends"]["ft_web"], config["backends"]["bk_dynamic"]):
            owner["stick_table"]["expire"] = expire
            owner["stick_table"]["size"] = "1k"
        for frontend in config["frontends"].values():
            frontend["bind"] = [{"address": "127.0.0.1:" + frontend["bind"][0]["address"].rpartition(":")[2]}]
        proxy = corelane(config)
        yield proxy.address("ft_web")
        proxy.stop()
    else:
        with HaProxy(tmp_path / "haproxy", THEIRS.format(expire=expire, dynamic=dynamic, static=static)) as proxy:
            yield proxy.address


def asked(client, path, count):
    return [client.ask(request(target=path)).status for _ in range(count)]


def statuses(address, path, count):
    with HttpClient(address) as client:
        return asked(client, path, count)


def is_refused(address):
    """A new connection of whoever is marked: it ends before anything is said."""
    try:
        with connect(address) as client:
            return client.recv(1) == b""
    except ConnectionResetError:
        return True


def test_a_flood_is_refused_until_it_is_over(proxy_address):
    assert statuses(proxy_address, "/logo.png", 30) == [200] * 30
    with HttpClient(proxy_address) as before:
        assert statuses(proxy_address, "/page", 10) == [200] * 10
        # The eleventh marks its sender, whom nothing is given then, on no connection.
        assert statuses(proxy_address, "/page", 1) == [403]
        assert asked(before, "/logo.png", 1) == [403]
    # Whoever goes on trying stays marked.
    deadline = time.monotonic() + 2 * EXPIRE_S
    while time.monotonic() < deadline:
        assert is_refused(proxy_address)
        time.sleep(EXPIRE_S / 8)
    time.sleep(EXPIRE_S * 1.4)
    assert statuses(proxy_address, "/logo.png", 1) == [200]
    assert statuses(proxy_address, "/page", 10) == [200] * 10
    assert statuses(proxy_address, "/page", 1) == [403]

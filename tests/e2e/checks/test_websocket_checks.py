# SPDX-License-Identifier: Apache-2.0
"""Websocket checks against node's ws."""

import pytest
from support.certificates import Authority
from support.waiting import wait_until

PASSED_ON = """
    location / {{
      proxy_pass http://{server};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection upgrade;
    }}
"""


def checked(balancer, address, **check):
    check = {"type": "websocket", "interval": "100ms", "fall": 1, "rise": 1, **check}
    return balancer(address, {"address": address, "check": False}, backend={"check": check})


def wait_check(proxy, status):
    wait_until(lambda: proxy.server("s1")["check"]["status"] == status, f"the check says {status}")
    return proxy.server("s1")["check"]


@pytest.mark.sanitize
def test_a_websocket_server(balancer, node):
    server = node("websocket_server.js", "/chat")
    address = server.address
    proxy = checked(balancer, address, uri="/chat", headers={"Origin": "https://chat.example"})
    assert wait_check(proxy, "L7OK")["code"] == 101
    proxy.wait_status("s1", "UP")
    wait_until(lambda: len(server.lines()) >= 4, "some more checks")
    assert set(server.lines()[1:]) == {"ended /chat https://chat.example 1000"}
    elsewhere = checked(balancer, address, uri="/elsewhere")
    assert wait_check(elsewhere, "L7STS")["code"] == 400
    elsewhere.stop()
    proxy.stop()


def test_a_server_without_websockets(balancer, node):
    proxy = checked(balancer, node("plain_server.js").address)
    check = wait_check(proxy, "L7STS")
    assert (check["code"], check["info"]) == (200, "OK")
    proxy.wait_status("s1", "DOWN")


def test_over_tls_behind_a_proxy_header(balancer, node, start_nginx, tmp_path):
    authority = Authority(tmp_path / "authority")
    server = node("websocket_server.js", "/chat")
    nginx = start_nginx({}, proxy_protocol=True, certificate=authority.server("a.example"),
                        directives=PASSED_ON.format(server=server.address))
    proxy = balancer(
        {"address": nginx.address, "send_proxy": "v2",
         "check": {"tls": {"ca": str(authority.path), "verify_host": "a.example"}}},
        backend={"check": {"type": "websocket", "interval": "100ms", "fall": 1, "rise": 1, "uri": "/chat"}})
    assert wait_check(proxy, "L7OK")["code"] == 101
    proxy.stop()

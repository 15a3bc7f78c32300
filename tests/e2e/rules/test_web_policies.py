# SPDX-License-Identifier: Apache-2.0
"""config/web-policies.json, but for its addresses, before nginx."""

import base64
import time

import pytest
from support.examples import moved
from support.http_peers import HttpClient, request
from support.nginx import Nginx
from support.waiting import wait_until

HOST = "www.example.com"
DIRECTIVES = """
    location /go { return 302 http://www.example.com:80/there; }
    location /admin { return 200 "admin $http_x_user $http_authorization"; }
"""


@pytest.fixture
def site(tmp_path):
    with Nginx(tmp_path / "site", {"page": b"content"}, directives=DIRECTIVES) as one:
        yield one


@pytest.fixture
def proxy(corelane, site):
    config = moved("web-policies.json", {"site1": site.address})
    config["defaults"]["timeouts"]["tarpit"] = "1s"
    return corelane(config)


def ask(proxy, target, *fields, host=HOST, frontend="web"):
    with HttpClient(proxy.address(frontend)) as client:
        return client.ask(request("GET", target, *fields, host=host))


def basic(user, password):
    return "Authorization: Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.mark.sanitize
def test_redirects(proxy):
    to_https = ask(proxy, "/page?a=1", host="shop.test", frontend="plain")
    assert (to_https.status, to_https.one("location")) == (301, "https://shop.test/page?a=1")
    to_name = ask(proxy, "/page?a=1", host="example.com")
    assert (to_name.status, to_name.one("location")) == (301, "https://www.example.com/page?a=1")
    assert to_name.one("x-frame-options") == "SAMEORIGIN"
    page = ask(proxy, "/page", host="WWW.example.com")
    assert (page.body, page.one("server")) == (b"content", None)
    assert page.one("strict-transport-security") == "max-age=31536000"
    assert ask(proxy, "/go").one("location") == "https://www.example.com/there"
    proxy.stop()


@pytest.mark.sanitize
def test_passwords(proxy):
    asked = ask(proxy, "/admin")
    assert (asked.status, asked.one("www-authenticate")) == (401, 'Basic realm="Staff"')
    for wrong in (basic("ann", "wrong"), basic("eve", "open sesame"), basic("bob", "swordfis"), "Authorization: Basic !",
                  "Authorization: Bearer x", basic("ann", "")):
        assert ask(proxy, "/admin", wrong).status == 401
    for _ in range(3):
        assert ask(proxy, "/admin", basic("ann", "open sesame")).body == b"admin ann "
    assert ask(proxy, "/admin", basic("bob", "swordfish")).body == b"admin bob "
    assert ask(proxy, "/admin/keys", basic("bob", "swordfish")).status == 403
    assert ask(proxy, "/admin/keys", basic("ann", "open sesame")).status == 200
    proxy.stop()


@pytest.mark.sanitize
def test_those_who_look_for_holes_wait(proxy):
    began = time.monotonic()
    held = ask(proxy, "/wp-login")
    assert (held.status, held.one("x-frame-options")) == (429, "SAMEORIGIN")
    assert time.monotonic() - began >= 0.9
    with HttpClient(proxy.address("web")) as client:
        client.send(request("GET", "/x.php", host=HOST))
        wait_until(lambda: proxy.stats()["frontends"]["web"]["connections_current"] == 1, "the client is held")
    wait_until(lambda: proxy.stats()["frontends"]["web"]["connections_current"] == 0, "who has left is let go")
    proxy.stop()


def test_the_page_while_no_server_is_there(proxy, site):
    assert ask(proxy, "/page").body == b"content"
    site.process.terminate()
    site.process.wait(30)
    proxy.wait_status("site1", "DOWN", "site")
    page = ask(proxy, "/page")
    assert (page.status, page.body) == (503, b"<h1>www.example.com is being worked on</h1>\n")
    assert (page.one("retry-after"), page.one("content-type")) == ("600", "text/html")
    proxy.stop()

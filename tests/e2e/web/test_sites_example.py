# SPDX-License-Identifier: Apache-2.0
"""config/web-sites.json, but for its addresses, before nginx servers."""

from contextlib import ExitStack

import pytest
from support.examples import moved
from support.http_peers import HttpClient, request
from support.nginx import Nginx

NAMES = ("shop1", "shop2", "blog1", "blog2", "landing")


@pytest.fixture
def proxy(corelane, tmp_path):
    with ExitStack() as stack:
        servers = {name: stack.enter_context(Nginx(tmp_path / name, {"index.html": name.encode()})) for name in NAMES}
        config = moved("web-sites.json", {name: server.address for name, server in servers.items()})
        config["frontends"]["web"]["log_format"] = "http"
        proxy = corelane(config)
        proxy.servers = servers
        yield proxy


class Visitor:
    """Keeps its cookies, as a browser does, and comes on a new connection each time."""

    def __init__(self, proxy, host):
        self._address, self._host, self.cookies = proxy.address("web"), host, {}

    def visit(self):
        sent = [f"Cookie: {name}={value}" for name, value in self.cookies.items()]
        with HttpClient(self._address) as client:
            answer = client.ask(request("GET", "/", *sent, host=self._host))
        assert answer.status == 200
        for line in answer.all("set-cookie"):
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer.body.decode()


@pytest.mark.sanitize
def test_sites_by_host_and_their_cookies(proxy):
    for host, site, cookie, letter in (("www.shop.example.com", "shop", "SHOPSERVER", "s"),
                                       ("BLOG.example.net:8080", "blog", "BLOGSERVER", "b")):
        visitors = [Visitor(proxy, host) for _ in range(4)]
        homes = [visitor.visit() for visitor in visitors]
        assert set(homes) == {f"{site}1", f"{site}2"}
        assert [visitor.cookies for visitor in visitors] == [{cookie: letter + home[-1]} for home in homes]
        for _ in range(3):
            assert [visitor.visit() for visitor in visitors] == homes
    other = Visitor(proxy, "www.example.org")
    assert (other.visit(), other.cookies) == ("landing", {})
    proxy.stop()
    lines = "\n".join(proxy.log_lines())
    for expected in (" shop/shop1 ", " blog/blog2 ", "{www.shop.example.com}", "{BLOG.example.net:8080}",
                     " others/landing ", "{www.example.org}"):
        assert expected in lines, lines


def test_a_visitor_whose_server_goes_gets_another_one_and_its_cookie(proxy):
    visitor = Visitor(proxy, "shop.example.com")
    home = visitor.visit()
    proxy.servers[home].process.terminate()
    proxy.servers[home].process.wait(30)
    other = {"shop1": "shop2", "shop2": "shop1"}[home]
    proxy.wait_status(home, "DOWN", "shop")
    assert visitor.visit() == other
    assert visitor.cookies == {"SHOPSERVER": "s" + other[-1]}

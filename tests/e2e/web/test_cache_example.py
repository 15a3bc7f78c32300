# SPDX-License-Identifier: Apache-2.0
"""config/web-cache.json, but for its addresses: nginx serves, and Varnish or nginx caches."""

import socket
from contextlib import ExitStack

import pytest
from support.examples import moved
from support.http_peers import Wire
from support.http_peers import request as get
from support.nginx import Nginx
from support.varnish import Varnish

CACHE_ZONE = "proxy_cache_path {folder}/cache keys_zone=content:1m;"
CACHE = """
    location = /alive {{ proxy_pass http://{origin}; }}
    location / {{
      proxy_pass http://{origin};
      proxy_cache content;
      proxy_cache_valid 200 10m;
      add_header X-Cache "{name} $upstream_cache_status";
    }}
"""
SERVER = 'location / {{ return 200 "{name} $remote_addr $request_uri"; }}'
CLIENT = "127.0.5.9"


def nginx_cache(folder, name, origin):
    return Nginx(folder, {}, directives=CACHE.format(origin=origin, name=name), http=CACHE_ZONE.format(folder=folder))


class Tiers:
    """Everything that runs, and what a client gets there."""

    def __init__(self, stack, corelane, folder, cache):
        names = ("static1", "static2", "app1", "app2")
        self.servers = {name: stack.enter_context(Nginx(folder / name, {}, directives=SERVER.format(name=name)))
                        for name in names}
        addresses = {name: server.address for name, server in self.servers.items()}
        config = moved("web-cache.json", {**addresses, "cache1": None, "cache2": None})
        origin = config["frontends"]["origin"]["bind"][0]["address"]
        for name in ("cache1", "cache2"):
            self.servers[name] = stack.enter_context(cache(folder / name, name, origin))
        for backend in ("cache_by_uri", "cache_by_id"):
            for server in config["backends"][backend]["servers"]:
                server["address"] = self.servers[server["name"]].address
        for key in config["backends"]["cache_by_uri"]["check"], config["defaults"]["check"]:
            key["interval"] = "100ms"
        self.proxy = corelane(config)
        self.wait("cache_by_uri", "cache1", "cache2", status="UP")

    def wait(self, backend, *servers, status):
        for server in servers:
            self.proxy.wait_status(server, status, backend)

    def end(self, *names):
        for name in names:
            self.servers[name].process.terminate()
            self.servers[name].process.wait(30)

    def get(self, target, client=CLIENT):
        """(what the server said: its name, whose address it saw, and for what; which cache it came through, and how)."""
        host, _, port = self.proxy.address("web").rpartition(":")
        with socket.create_connection((host, int(port)), 30, (client, 0)) as connection:
            connection.sendall(get(target=target))
            answer = Wire(connection).message()
        assert answer.status == 200, answer
        cache, _, found = (answer.one("x-cache") or "").partition(" ")
        return answer.body.decode().split(), cache, found


@pytest.fixture(params=[Varnish, nginx_cache], ids=["varnish", "nginx"])
def tiers(corelane, tmp_path, request):
    with ExitStack() as stack:
        yield Tiers(stack, corelane, tmp_path, request.param)


def test_static_content_comes_through_caches_and_the_rest_does_not(tiers):
    for target in ("/logo.png", "/index.html?v=1", "/news.php"):
        (server, seen, asked), cache, found = tiers.get(target)
        assert (server[:-1], seen, asked, found) == ("static", CLIENT, target, "MISS")
        assert tiers.get(target, "127.0.5.10") == ([server, CLIENT, target], cache, "HIT"), "one cache has it"
    assert {tiers.get(f"/{number}.css")[1] for number in range(20)} == {"cache1", "cache2"}
    for target in ("/", "/account/show.php", "/search?q=.png"):
        (server, seen, asked), cache, _ = tiers.get(target)
        assert (server[:-1], seen, asked, cache) == ("app", CLIENT, target, "")


def test_one_image_in_all_sizes_lies_in_one_cache(tiers):
    homes = {}
    for number in range(12):
        caches = {tiers.get(f"/image.php?size={size}&id={number}")[1] for size in (10, 20, 30)}
        assert len(caches) == 1, number
        homes[number] = caches.pop()
    assert set(homes.values()) == {"cache1", "cache2"}
    tiers.end("cache1")
    tiers.wait("cache_by_id", "cache1", status="DOWN")
    assert {tiers.get(f"/image.php?size=10&id={number}")[1] for number in homes} == {"cache2"}


def test_everything_goes_to_the_application_when_caches_have_nobody_to_ask(tiers):
    assert tiers.get("/logo.png")[0][0].startswith("static")
    tiers.end("static1", "static2")
    # The second frontend says that it has no servers, and the caches' checks hear of it.
    tiers.wait("cache_by_uri", "cache1", "cache2", status="DOWN")
    for target in ("/logo.png", "/image.php?id=3"):
        (server, seen, _), cache, _ = tiers.get(target)
        assert (server[:-1], seen, cache) == ("app", CLIENT, "")


def test_everything_goes_to_the_application_when_no_cache_is_left(tiers):
    tiers.end("cache1", "cache2")
    tiers.wait("cache_by_uri", "cache1", "cache2", status="DOWN")
    assert tiers.get("/logo.png")[0][0].startswith("app")

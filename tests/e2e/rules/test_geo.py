# SPDX-License-Identifier: Apache-2.0
"""config/geo.json: clients by the network that they come from."""

import re
import socket

from support.examples import moved
from support.http_peers import HttpServer, Wire, request, response

# The smallest network that holds an address counts.
NETWORKS = """# network country
127.0.0.0/8 US
127.0.0.16/28 CH
127.0.0.20 XX
::/0 DE
"""


def ask_from(source, address):
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=30, source_address=(source, 0)) as client:
        client.sendall(request())
        return Wire(client).message()


def test_clients_are_told_apart_by_their_networks(corelane, tmp_path):
    (tmp_path / "networks.map").write_text(NETWORKS)
    with HttpServer(response(200, b"hello")) as server:
        config = moved("geo.json", {"a1": server.address})
        frontend = config["frontends"]["ft_web"]
        frontend["http_request"][0]["expression"] = f"src,map_ip({tmp_path}/networks.map,ZZ)"
        frontend["bind"] = [{"address": "127.0.0.1:" + frontend["bind"][0]["address"].rpartition(":")[2]}]
        proxy = corelane(config)
        address = proxy.address("ft_web")
        statuses = {source: ask_from(source, address).status for source in ("127.0.0.1", "127.0.0.17", "127.0.0.20")}
        assert statuses == {"127.0.0.1": 403, "127.0.0.17": 200, "127.0.0.20": 403}
        assert [re.findall(rb"X-Country: (..)", message.raw) for message in server.requests] == [[b"CH"]]
        proxy.stop()

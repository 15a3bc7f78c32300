# SPDX-License-Identifier: Apache-2.0
"""config/mysql.json, but for its addresses, before three real MariaDB servers of which one is killed and returns."""

import re
from collections import Counter

import pytest
from support.examples import load
from support.mariadb_load import Load
from support.ports import free_port
from support.process import ROOT
from support.waiting import wait_until

pytestmark = pytest.mark.xdist_group("mariadb")

READERS, WRITERS = 12, 4
NUMBERS = {"db1": 1, "db2": 2, "db3": 3}
# A connection's line, in the format that the file asks for: .. frontend backend/server timers bytes state counts queues
LINE = re.compile(r" (?P<frontend>mysql_\w+) (?P<backend>\w+)/(?P<server>\S+) \S+ \d+ (?P<state>\S\S) \d+/\S+ \d+/\d+$")


@pytest.fixture
def proxy(corelane, mariadb):
    config = load(ROOT / "config/mysql.json")
    config["global"]["admin"]["bind"] = [f"127.0.0.1:{free_port()}"]
    for frontend in config["frontends"].values():
        frontend["bind"] = [{"address": f"127.0.0.1:{free_port()}"}]
    for backend in config["backends"].values():
        for server in backend["servers"]:
            server["address"] = mariadb(NUMBERS[server["name"]]).address
    return corelane(config)


def connections(proxy, backend):
    """Open connections by server."""
    servers = proxy.backend(backend)["servers"]
    return {name: server["connections_current"] for name, server in servers.items()}


def lines(proxy):
    return [match for line in proxy.stdout.splitlines() if (match := LINE.search(line))]


def killed_and_back(proxy, server, name, meanwhile):
    """Kills it, waits until /stats has it DOWN in both backends, and the same for its return."""
    server.kill()
    for backend in ("primary", "replicas"):
        proxy.wait_status(name, "DOWN", backend)
    meanwhile()
    server.start()
    for backend in ("primary", "replicas"):
        proxy.wait_status(name, "UP", backend)


@pytest.mark.parametrize("name, used_by, elsewhere", [("db2", "replicas", 3), ("db1", "primary", 2)])
def test_a_server_is_killed_under_load_and_returns(proxy, mariadb, name, used_by, elsewhere):
    reads = Load(proxy.address("mysql_read"), READERS)
    writes = Load(proxy.address("mysql_write"), WRITERS)
    wait_until(lambda: sum(connections(proxy, "replicas").values()) == READERS, "every reader is connected")
    wait_until(lambda: connections(proxy, "primary") == {"db1": WRITERS, "db2": 0}, "every writer is at db1")
    hit, untouched = (reads, writes) if used_by == "replicas" else (writes, reads)
    for number, load_there in ((1, writes), (2, reads), (3, reads)):
        load_there.more_answers_of(number, 20)
    its_own = connections(proxy, used_by)[name]
    number = NUMBERS[name]

    def others_go_on():
        hit.more_answers_of(elsewhere, 100)
        untouched.more_answers_of(1 if untouched is writes else 3, 100)
        assert connections(proxy, used_by)[name] == 0

    killed_and_back(proxy, mariadb(number), name, others_go_on)
    fresh = Load(hit.address, READERS)
    fresh.more_answers_of(number, 20)
    for one in (fresh, reads, writes):
        one.stop()

    assert hit.lost == Counter({number: its_own}), "exactly its own connections are lost"
    assert not untouched.lost and not fresh.lost
    # A new connection that reached it in the moment of its death has seen a part of a handshake at most.
    assert hit.refused <= its_own and untouched.refused == fresh.refused == 0
    stats = proxy.backend(used_by)["servers"]
    proxy.stop()
    logged = lines(proxy)
    at = Counter(line["server"] for line in logged if line["backend"] == used_by)
    assert {server: row["connections_total"] for server, row in stats.items()} == {server: at[server] for server in stats}
    broken = {(line["backend"], line["server"]) for line in logged if line["state"] != "--"}
    assert broken <= {(used_by, name)}, "the log tells of other connections that broke"
    for backend in ("primary", "replicas"):
        for status in ("DOWN", "UP"):
            assert f"Server {backend}/{name} is {status}, reason: " in proxy.stdout

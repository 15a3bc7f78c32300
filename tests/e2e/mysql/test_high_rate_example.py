# SPDX-License-Identifier: Apache-2.0
"""config/mysql-high-rate.json, but for its addresses, before two real MariaDB servers."""

from collections import Counter

import pytest
from support.examples import moved
from support.mariadb import connect, query, server_id

pytestmark = pytest.mark.xdist_group("mariadb")

SOURCES = {f"127.0.0.{number}" for number in (2, 3, 4, 5)}


def test_short_connections_come_from_its_source_addresses(corelane, mariadb):
    proxy = corelane(moved("mysql-high-rate.json", {"db1": mariadb(1).address, "db2": mariadb(2).address}))
    servers = Counter()
    sources = Counter()
    for _ in range(40):
        with connect(proxy.address()) as client:
            servers[server_id(client)] += 1
            mine = query(client, "SELECT host FROM information_schema.processlist WHERE id = CONNECTION_ID()")[0][0]
        ip, _, port = mine.rpartition(":")
        sources[ip] += 1
        assert 10240 <= int(port) <= 26623
    assert set(servers) == {1, 2}
    assert set(sources) == SOURCES
    records = proxy.wait_log(40)
    assert {record["end_reason"] for record in records if record["bytes_to_server"]} == {"completed"}
    proxy.stop()
